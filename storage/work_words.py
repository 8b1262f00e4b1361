"""What a worker's own words mean for a matter of theirs: 2号办好了, 延期, 转给周敏; 按错了.

The words are data (`storage/data/work_words.toml`); here is only how they are looked for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
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


def said_of_mediation(text: str) -> Said | None:
    """What a mediator says of a matter between two sides (约双方, 1号没谈成): an action, and the
    number where it names one."""
    number, rest = _number(simplify(text))
    word = bare(rest)
    for kind in _words()["mediation"]:
        if _one_of("mediation", kind).fullmatch(word):
            return Said(kind, number)
    return None


def whom_to_hurry(text: str) -> Said | None:
    """Whom, or which ticket's worker, somebody wants reminded (催一下李建国, 催一下1号)."""
    found = re.fullmatch(_words()["hurry"]["whole"], bare(simplify(text)))
    if found is None:
        return None
    number = found["number"] or found["behind"]
    return Said("hurry", int(number) if number else None, found["who"] or "")


@dataclass(frozen=True, slots=True)
class Note:
    """Words for colleagues, and the ticket's number where they name one."""

    text: str
    number: int | None = None


def said_of_somebody(text: str, name: str) -> Said | None:
    """What is said of the matter of whoever bears this name (王桂英家修好了, 王桂英的电话多少)."""
    before, named, behind = simplify(text).partition(simplify(name))
    if not named:
        return None
    return said_of_work(before + re.sub(_words()["after_a_name"], "", behind))


def note_in(text: str) -> Note | None:
    """What a worker wants written down for colleagues (备注：钥匙在门卫; 1号备注 先打电话)."""
    number, rest = _number(text)
    found = re.search(_words()["note"]["begins"], rest.strip())
    return Note(found["text"].strip(), number) if found else None


def _number(plain: str) -> tuple[int | None, str]:
    """The ticket's number in front of or behind the words, and the words without it."""
    written = re.sub(_words()["spelled"], lambda match: digits(match[0]), plain)
    for key in ("number", "number_after"):
        found = re.search(_words()[key], written)
        if found:
            rest = written[: found.start()] + written[found.end() :]
            return int(found["hash"] or found["mark"]), rest
    return None, plain


def without_number(text: str) -> str:
    """The words without the ticket's number in front of or behind them: 1号 is no day there."""
    return _number(simplify(text))[1]


@dataclass(frozen=True, slots=True)
class Piece:
    """What is said of one ticket in a message that speaks of several."""

    number: int
    words: str


def pieces_of(text: str, known: Collection[int]) -> list[Piece]:
    """What is said of each where a text names two or more of these tickets (1号好了，2号明天去;
    1、2号修好了; 办结1号和2号); nothing for fewer."""
    words = _words()
    plain, more = text, 1
    while more:  # 1、2、3号: from the left, one after the other
        plain, more = re.subn(words["listed"], lambda one: f"#{one['first']} ", plain, count=1)
    between, number = words["between"], words["number"].removeprefix("^")
    found = [one for one in re.finditer(number, plain) if int(one["hash"] or one["mark"]) in known]
    if len({int(one["hash"] or one["mark"]) for one in found}) < 2:
        return []
    ends = [*(one.start() for one in found[1:]), len(plain)]
    said = [
        re.sub(rf"^{between}|{between}$", "", plain[one.end() : end])
        for one, end in zip(found, ends, strict=True)
    ]
    before = re.sub(rf"^{between}|{between}$", "", plain[: found[0].start()])
    pieces = {}
    following = before if not said[-1] else said[-1]
    for one, own in reversed(list(zip(found, said, strict=True))):
        following = own or following
        pieces[int(one["hash"] or one["mark"])] = following
    return [Piece(number, words) for number, words in reversed(pieces.items()) if words]


def for_the_resident(text: str) -> bool:
    """Whether the words can be for nobody but the resident of a matter just taken on (我晚点来看,
    您在家吗)."""
    known = _words()["to_resident"]
    word = bare(simplify(text))
    return 0 < len(word) <= known["longest"] and any(
        re.fullmatch(one, word) for one in known["whole"]
    )


def among_colleagues(text: str) -> bool:
    """Whether words said in a team's group may be for the others there (谁去看一下, 在哪家)."""
    plain = simplify(text)
    known = _words()["colleagues"]
    return known["unless"] not in plain and _one_of("colleagues", "among").search(plain) is not None


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
