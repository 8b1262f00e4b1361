"""Where something is, as people say it when asked: 厨房那根, 菜市场门口 (`spots.toml`)."""

from __future__ import annotations

import re
from functools import cache

from storage.meaning.files import table
from storage.names import bare

HOME, ELSEWHERE, BUILDING, COMPOUND = "home", "elsewhere", "building", "compound"
_ORDER = (HOME, ELSEWHERE, COMPOUND, BUILDING)


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile("|".join(table("meaning/spots")[key]))


def spot_in(text: str) -> str:
    """Which of the places around a home the words name, one of the names above; empty for none."""
    said = bare(text)
    if not said or len(said) > table("meaning/spots")["most"] or _pattern("never").search(text):
        return ""
    return next((key for key in _ORDER if _pattern(key).search(said)), "")


def building_in(text: str) -> str:
    """The number of the building that the words name (3 of 3栋楼下面); empty for none."""
    found = _pattern("number").search(bare(text))
    return found[1] if found else ""
