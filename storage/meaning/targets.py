"""The data of what a first message may ask for: `targets.toml` and `targets.tsv`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from storage.meaning.files import examples, first_messages, table
from storage.meaning.pairs import Counts, Scores, pairs_of, say
from storage.meaning.reading import read
from storage.names import bare, pinyin, simplified

REQUEST = "request"
"""The target of whoever tells what is wrong and names nothing else."""


@dataclass(frozen=True, slots=True)
class Target:
    """What leads to one target: words that name it, and hints that only speak for it."""

    key: str
    words: tuple[str, ...]
    hints: tuple[str, ...]


@cache
def _table() -> dict[str, Any]:
    return table("meaning/targets")


@cache
def targets() -> dict[str, Target]:
    """All targets by key, in the order of the file."""
    rows = {key: row for key, row in _table().items() if "hints" in row}
    return {
        key: Target(key, tuple(map(bare, row["words"])), tuple(map(bare, row["hints"])))
        for key, row in rows.items()
    }


@cache
def names() -> dict[str, frozenset[str]]:
    """Every word that names a target, and which."""
    found: dict[str, set[str]] = {}
    for target in targets().values():
        for word in target.words:
            found.setdefault(word, set()).add(target.key)
    return {word: frozenset(keys) for word, keys in found.items()}


@cache
def breaks() -> re.Pattern[str]:
    """Where one wish ends and the next begins."""
    return re.compile("|".join(_table()["breaks"]))


def either_of(text: str) -> tuple[str, ...]:
    """The targets of which `text` may mean either, where no words can tell which."""
    either = _table()["either"]
    said = simplified(text)
    if any(word in said for word in either["words"]) and not any(
        word in said for word in either["unless"]
    ):
        return tuple(either["of"])
    return ()


def seeks(text: str) -> bool:
    """Whether somebody or something is looked for, or asked about."""
    said = simplified(text)
    return any(word in said for word in _table()["seeking"])


@cache
def staff() -> tuple[str, ...]:
    """What those are called whom a matter would reach."""
    return tuple(_table()["staff"])


@cache
def courtesies() -> frozenset[str]:
    """What people put around what they want."""
    return frozenset(map(bare, _table()["courtesies"]))


@cache
def spelled() -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """`names` and `courtesies` in pinyin."""
    letters: dict[str, frozenset[str]] = {}
    for word, keys in names().items():
        sound = pinyin(word)[0]
        letters[sound] = letters.get(sound, frozenset()) | keys
    around = {pinyin(word)[0] for word in courtesies()}
    return letters, frozenset(around | set(_table()["letters"]))


@cache
def _learnt() -> Counts:
    counts = Counts({}, {})
    matters = set(_table()["matters"])
    told = [(REQUEST, one.text) for one in examples() if one.category in matters]
    for target, text in (*first_messages(), *told):
        for clause, _ in read(text).clauses:
            for part in _parts(clause):
                counts.note(part, target)
    return counts


def _parts(clause: str) -> Iterator[str]:
    """What of a clause is counted: who asks for something uses few words, so each character too."""
    yield from pairs_of(clause)
    yield from (character for character in clause if not character.isascii())


@cache
def _says(part: str) -> Scores:
    return say(_learnt(), part)


def votes(text: str) -> Scores:
    """What the characters of a text and their pairs speak for, by target. Each once."""
    return votes_of({part for clause, _ in read(text).clauses for part in _parts(clause)})


def votes_of(seen: set[str]) -> Scores:
    """What these characters, pairs and triples speak for, by target."""
    cast: Scores = {}
    for part in sorted(seen):
        for target, points in _says(part).items():
            cast[target] = cast.get(target, 0.0) + points
    return cast
