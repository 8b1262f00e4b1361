"""What a worker's own words mean for a matter of theirs: 2号办好了, 延期, 转给周敏; 按错了.

The words are data (`storage/data/work_words.toml`); here is only how they are looked for.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from storage.names import bare, digits, simplify

WORDS = Path(__file__).parent / "data" / "work_words.toml"
DONE, RESOLVE, TRANSFER = "done", "resolve", "transfer"
RECEIVED = "received"
_CLAUSES = re.compile("[,，。.!！;；~\\n]+")


@dataclass(frozen=True, slots=True)
class Said:
    """What the words mean for a ticket: `kind` (a table of the data, or DONE), its number where
    they name one, and to whom it is to go."""

    kind: str
    number: int | None = None
    who: str = ""


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text("utf-8"))


@cache
def _one_of(table: str, key: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in _words()[table][key]))


@lru_cache(maxsize=64)
def said_of_work(text: str) -> Said | None:
    """What a worker says of a matter of theirs; None where it says nothing of the kind."""
    plain = simplify(text)
    if not plain or len(plain) > _words()["longest"]:
        return None
    number, rest = _number(plain)
    word = bare(rest)
    for kind in _words()["whole"]:
        found = _one_of("whole", kind).fullmatch(word)
        if found:
            who = next((one for one in found.groups() if one), "") if kind == TRANSFER else ""
            return Said(kind, number, who)
    return Said(DONE, number) if says_done(rest) else None


def _number(plain: str) -> tuple[int | None, str]:
    """The ticket's number in front of or behind the words, and the words without it."""
    written = re.sub(_words()["spelled"], lambda match: digits(match[0]), plain)
    for key in ("number", "number_after"):
        found = re.search(_words()[key], written)
        if found:
            rest = written[: found.start()] + written[found.end() :]
            return int(found["hash"] or found["mark"]), rest
    return None, plain


def says_done(text: str) -> bool:
    """Whether the words say that something is done, and nothing that speaks against it."""
    plain = simplify(text)
    if re.search(_words()["done"]["unless"], plain) or "?" in plain:
        return False
    clause = _one_of("done", "clause")
    return any(clause.fullmatch(bare(part)) for part in _CLAUSES.split(plain) if bare(part))


def says_unfinished(text: str) -> bool:
    """Whether the words, given for a result, say that there is none: 按错了, 等一下 还没修."""
    whole = _one_of("unfinished", "whole")
    parts = [bare(part) for part in re.split(rf"{_CLAUSES.pattern}|\s+", simplify(text))]
    parts = [part for part in parts if part]
    short = sum(map(len, parts)) <= _words()["longest"]
    return bool(parts) and short and all(whole.fullmatch(part) for part in parts)


def perhaps_unfinished(text: str) -> bool:
    """Whether words given for a result may say that it is not done yet."""
    return re.search(_words()["unfinished"]["perhaps"], simplify(text)) is not None


def looks_for(text: str) -> bool:
    """Whether the words can be nothing but a search for a ticket: 查 王桂英, 查3栋, 找 12."""
    return re.fullmatch(_words()["search"]["plain"], simplify(text)) is not None


def perhaps_looks_for(text: str) -> bool:
    """Whether they may be a search: 查赵大山; or 查监控."""
    return re.fullmatch(_words()["search"]["perhaps"], simplify(text)) is not None


def in_common(text: str, other: str) -> int:
    """How much two texts have in common that speaks for one matter: pairs of characters, and
    characters that are not in every sentence."""
    one, two = bare(text), bare(other)
    often = set(_words()["often"])
    return 2 * len(_pairs(one) & _pairs(two)) + len(set(one) & set(two) - often)


def _pairs(plain: str) -> set[str]:
    return {plain[i : i + 2] for i in range(len(plain) - 1)}
