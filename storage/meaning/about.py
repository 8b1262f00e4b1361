"""What people ask of the service itself: who is this, why my address, delete me (`about.toml`)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from storage.meaning.files import table
from storage.names import bare


@cache
def _rows() -> dict[str, Any]:
    return table("meaning/about")


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in _rows()[key]))


_NUMBER = re.compile("1[3-9][0-9]{9}")
"""The new number, said along: it says nothing of what is asked."""


def asks_about(text: str) -> str:
    """The key of what is asked; empty where nothing of the kind is."""
    said = _NUMBER.sub("", bare(text))
    if not said or len(said) > _rows()["most"]:
        return ""
    return next((key for key in _rows() if key != "most" and _pattern(key).search(said)), "")
