"""The lexicon of needs: what a neighbourhood asks for, in its own words. All of it is data.

`storage/data/directory/needs.toml` has, for every need, words that say it outright (开锁), things
(马桶) that say it together with a fault or a verb (堵, 修), what directories call it, and which
other needs serve when nobody offers this one. `talk.toml` has what is said around it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from storage.directory.reading import DATA
from storage.directory.terms import Terms

Part = Literal[
    "word",
    "name",
    "broad",
    "weak",
    "thing",
    "part",
    "fault",
    "padding",
    "asking",
    "place",
    "matter",
    "generic",
]


@dataclass(frozen=True, slots=True)
class Role:
    """What a word does: for a need (and which of its pairs), or in the talk around it.

    A `part` is a thing that says nothing of the need without a fault or a verb.
    """

    part: Part
    need: str = ""
    pair: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """title: what people call it. related: the needs that also serve, each with how well, 0..1.

    choosy: whether who names other things than those asked for is less right (空调 for 冰箱).
    """

    key: str
    title: str
    related: dict[str, float]
    choosy: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All needs, and all words known of them."""

    needs: dict[str, Need]
    terms: Terms

    def need_called(self, name: str) -> str | None:
        """The key of the need that is called so by key or title."""
        for need in self.needs.values():
            if name in (need.key, need.title):
                return need.key
        return None


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


def _spread(words: list[str], groups: dict[str, list[str]]) -> list[str]:
    """The words, with those of a named group (``@broken``) in its place."""
    spread: list[str] = []
    for word in words:
        spread += _spread(groups[word[1:]], groups) if word.startswith("@") else [word]
    return spread


def _add_need(terms: Terms, key: str, row: dict[str, Any], groups: dict[str, list[str]]) -> None:
    columns: tuple[tuple[Part, str], ...] = (
        ("word", "words"),
        ("name", "names"),
        ("broad", "broad"),
        ("weak", "weak"),
    )
    for part, column in columns:
        for word in _spread(row.get(column, []), groups):
            terms.add(word, Role(part, key))
    terms.add(row["title"], Role("word", key))
    for number, (things, faults, *both) in enumerate(row.get("pairs", [])):
        for word in _spread(things, groups):
            terms.add(word, Role("part" if both else "thing", key, number))
        for word in _spread(faults, groups):
            terms.add(word, Role("fault", key, number))


@cache
def lexicon() -> Lexicon:
    """The lexicon of the data files, read once."""
    table, talk, terms = _table("needs"), _table("talk"), Terms()
    groups: dict[str, list[str]] = table.pop("groups", {})
    needs: dict[str, Need] = {}
    for key, row in table.items():
        needs[key] = Need(key, row["title"], row.get("related", {}), bool(row.get("choosy", False)))
        _add_need(terms, key, row, groups)
    parts: tuple[Part, ...] = ("padding", "asking", "place", "matter", "generic")
    for part in parts:
        for word in talk[part]:
            terms.add(word, Role(part))
    unknown = {other for need in needs.values() for other in need.related} - needs.keys()
    if unknown:
        raise ValueError(f"needs.toml relates to needs it does not have: {sorted(unknown)}")
    return Lexicon(needs, terms)


def need_titles() -> dict[str, str]:
    """What each need is called, by its key, in the order of the lexicon."""
    return {need.key: need.title for need in lexicon().needs.values()}
