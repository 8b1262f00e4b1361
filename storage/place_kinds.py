"""The kinds of places there are, and which of them somebody's words are about."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from storage.names import DATA, bare
from storage.pieces import as_compared, holds, is_latin, rest


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """One kind. words: what somebody says who looks for one; other: words that mean something else.

    also: names that a list may use. menu: each day has a menu there.
    """

    key: str
    label: str
    hint: str
    words: tuple[str, ...]
    also: tuple[str, ...]
    other: tuple[str, ...]
    menu: bool


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((DATA / "places" / "kinds.toml").read_text("utf-8"))


@cache
def kinds() -> dict[str, PlaceKind]:
    """Every kind by its key, in the order in which they are offered."""
    return {
        key: PlaceKind(
            key,
            row["label"],
            row["hint"],
            tuple(row["words"]),
            tuple(row.get("also", ())),
            tuple(row.get("not", ())),
            row.get("menu", False),
        )
        for key, row in _file()["kinds"].items()
    }


def words_of(part: str, key: str) -> list[str]:
    """A list of words of the file, such as those around a question (``asking``, ``around``)."""
    return list(_file()[part][key])


def kind_named(text: str) -> PlaceKind | None:
    """The kind that a list calls `text`; None when none is called so."""
    said = bare(text)
    for kind in kinds().values():
        if said in {bare(name) for name in (kind.key, kind.label, *kind.also)}:
            return kind
    return None


def meant(text: str) -> list[PlaceKind]:
    """The kinds that `text` speaks of, the one of the longest word first; empty for none."""
    found: list[tuple[int, PlaceKind]] = []
    for kind in kinds().values():
        if any(holds(text, word) for word in kind.other):
            continue
        spoken = [len(word) for word in kind.words if holds(text, word)]
        if spoken:
            found.append((-max(spoken), kind))
    found.sort(key=lambda one: one[0])
    return [kind for _, kind in found]


def looked_for(text: str, places: Iterable[str] = ()) -> PlaceKind | None:
    """The kind that somebody looks for who says just this; None where they say anything more.

    places: names of areas that may stand in it too.
    """
    found = meant(text)
    if not found:
        return None
    known = [*found[0].words, *words_of("asking", "around"), *places]
    left = rest(text, known)
    allowed = "most_left_latin" if is_latin(as_compared(text)) else "most_left"
    return found[0] if len(left) <= int(_file()["asking"][allowed]) else None


def asks_for_a_menu(text: str) -> bool:
    """Whether somebody asks what a canteen serves (明天食堂吃啥)."""
    served = [kind for kind in meant(text) if kind.menu]
    return bool(served) and any(holds(text, word) for word in words_of("menu", "asks"))
