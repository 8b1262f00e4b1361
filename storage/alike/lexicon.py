"""The word lists under `storage/data/alike/`, read once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[1] / "data" / "alike"
UNHEARD = 12
"""The level of a pair of characters that everyday Chinese hardly has (see common_pairs.txt)."""


@dataclass(frozen=True)
class Kind:
    """What a matter can be about. `weight`: 0 to 1; `inside`: it ends at the building's walls;
    `wide`: the same matter all over the town."""

    name: str
    weight: float
    inside: bool
    wide: bool


@dataclass(frozen=True)
class Lexicon:
    """All lists together. `pairs` tells a pair's level: 2**-level of letters have it."""

    kinds: dict[str, Kind]
    kind_words: dict[str, Kind]
    longest_word: int
    pairs: dict[str, int]
    endings: tuple[frozenset[str], frozenset[str]]
    firm: frozenset[str]
    before: frozenset[str]
    common: frozenset[str]
    little: frozenset[str]
    courtesies: re.Pattern[str]
    code: re.Pattern[str]


@cache
def lexicon() -> Lexicon:
    """Raises OSError or TOMLDecodeError when a list is missing or broken."""
    names = tomllib.loads((DATA / "names.toml").read_text("utf-8"))
    rows = tomllib.loads((DATA / "kinds.toml").read_text("utf-8"))
    kinds = {
        name: Kind(name, row.get("weight", 1.0), row.get("inside", False), row.get("wide", False))
        for name, row in rows.items()
    }
    words = {word: kinds[name] for name, row in rows.items() for word in row["words"]}
    return Lexicon(
        kinds=kinds,
        kind_words=words,
        longest_word=max(map(len, words)),
        pairs=_pairs(),
        endings=(frozenset(names["long"]), frozenset(names["short"])),
        firm=frozenset(names["firm"]),
        before=frozenset(names["before"]),
        common=frozenset(names["common"]),
        little=frozenset(names["little"]),
        courtesies=_any_of(names["courtesies"]),
        code=re.compile(rf"([a-z])(\d{{0,2}})[{names['units']}]"),
    )


def _any_of(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))


def _pairs() -> dict[str, int]:
    levels: dict[str, int] = {}
    for line in (DATA / "common_pairs.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            level, _, run = line.partition(" ")
            levels |= {run[i : i + 2]: int(level) for i in range(0, len(run), 2)}
    return levels
