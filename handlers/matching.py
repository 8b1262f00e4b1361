"""Which of the choices did they mean: by number, by label, or by something near a label."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from storage.names import bare, pinyin

_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER = re.compile(
    r"^(?:第|选|选择|按|no\.?|#)?\s*([0-9]{1,3}|[一二两三四五六七八九十]{1,3})\s*"
    r"(?:个|号|项|条|种|号键)?[\s.。、,，)）!！]*$"
)

_TICKET = re.compile(r"#?\s*(?:[0-9]{1,3}|[一二两三四五六七八九十]{1,3})\s*号")
_ADDRESSED = re.compile(r"\s*(?:#\s*(\d{1,9})(?!\d)号?[\s,:、]*|(\d{1,9})\s*号[\s,:、]+)\S\S")

_BEFORE_A_PLACE = re.compile(r"^(我们?家?|咱们?家?|俺们?家?)?(就)?(住在|住的是|住|在|是)")
_BUILDINGS = ("栋", "幢", "号楼")
_NOT = "不别莫没勿未非"
"""Words that turn a label into its opposite: 不同意 is not near 同意."""
NEAR = 82
"""How alike (0-100, rapidfuzz ratio) a text and a label must be; below it we ask again."""
A_FEW = 4
"""Characters that may stand around a label; more of them say something of their own."""
CLEARLY = 8
"""How far ahead of the second the best label must be to be taken without asking."""


def number_of_a_ticket(text: str) -> int | None:
    """The number of 2号 or 十二号: a ticket is called by it, no choice is."""
    plain = unicodedata.normalize("NFKC", text).strip().strip("。.!！,，?？ ")
    return number_in(plain) if _TICKET.fullmatch(plain) else None


def number_in(text: str) -> int | None:
    """The number that `text` is (１, 1, 1., 一, 第一个, ①, 十二), or None."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    match = _NUMBER.match(plain)
    if not match:
        return None
    digits = match.group(1)
    return int(digits) if digits.isdigit() else _chinese_number(digits)


def _chinese_number(text: str) -> int | None:
    if "十" not in text:
        return _DIGITS[text] if len(text) == 1 else None
    tens, _, ones = text.partition("十")
    if (tens and tens not in _DIGITS) or (ones and ones not in _DIGITS):
        return None
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


@dataclass(frozen=True, slots=True)
class Addressed:
    """A ticket's number in front of what is said. plainly: #12, which can be nothing else."""

    number: int
    plainly: bool


def addressed(text: str) -> Addressed | None:
    """Which ticket's number the text begins with, before words of its own: "#12 ...", "12号 ...".

    Without a mark after it 12号 begins a place or a date (12号楼, 12号早上) and names no ticket.
    """
    match = _ADDRESSED.match(unicodedata.normalize("NFKC", text))
    if match is None:
        return None
    return Addressed(int(match[1] or match[2]), plainly=match[1] is not None)


def choose(text: str, labels: Sequence[str]) -> int | None:
    """The index of the label that `text` names, or None when none does or two do.

    A number counts from 1; 2号 picks only what is called so. Then the label itself, then a label
    near it (a typing error, pinyin, traditional characters), then a label that holds the text and
    is the only one to do so.
    """
    number = number_in(text)
    if number is not None:
        called = number_of_a_ticket(text) is not None
        return _by_number(number, labels, by_place=not called)
    said = bare(text)
    if not said:
        return None
    named = [bare(label) for label in labels]
    if said in named:
        return named.index(said)
    if len(said) < 2:
        return None
    index = _near(said, named)
    return None if index is None or negated(said, named[index]) else index


def negated(said: str, label: str) -> bool:
    """Whether `said` says no to what `label` says."""
    return any(said.count(word) > label.count(word) for word in _NOT)


def place_in(text: str) -> str:
    """`text` without what people say before the name of a place (我住 ..., 我家在 ...)."""
    return _BEFORE_A_PLACE.sub("", text.strip())


def names_a_building(text: str) -> bool:
    """Whether `text` ends as the name of a building does, and so names no door."""
    return text.strip().endswith(_BUILDINGS)


def _by_number(number: int, labels: Sequence[str], *, by_place: bool) -> int | None:
    """Labels that begin with numbers of their own (3栋, 5栋) are called by those; others by the
    place where they stand, unless 2号 was said, which is the name of something."""
    own = [re.match(r"\d+", label) for label in labels]
    called = [i for i, match in enumerate(own) if match and int(match.group()) == number]
    if called:
        return called[0] if len(called) == 1 else None
    index = number - 1
    if not by_place:
        return None
    return index if 0 <= index < len(labels) and not own[index] else None


def _near(said: str, labels: list[str]) -> int | None:
    holding = [i for i, label in enumerate(labels) if said in label or (label and label in said)]
    if len(holding) == 1 and len(said) <= len(labels[holding[0]]) + A_FEW:
        return holding[0]
    by_sound = said.isascii()
    pool = [pinyin(label)[0] for label in labels] if by_sound else labels
    best = process.extract(said, pool, scorer=fuzz.ratio, limit=2)
    if not best or best[0][1] < NEAR:
        return _one_slip(said, labels)
    if len(best) > 1 and best[0][1] - best[1][1] < CLEARLY:
        return None
    return int(best[0][2])


def _one_slip(said: str, labels: list[str]) -> int | None:
    """Short Chinese labels lose a third of their likeness to one wrong character; allow one."""
    near = [
        i
        for i, label in enumerate(labels)
        if len(label) >= 3
        and DamerauLevenshtein.distance(said, label, score_cutoff=1) <= 1
        and not _names_something_else(said, label)
    ]
    return near[0] if len(near) == 1 else None


def _names_something_else(said: str, label: str) -> bool:
    """Whether one character stands for another in three, and sounds otherwise: 灯的事 is no slip
    of 别的事."""
    if len(said) != len(label) or len(label) > 3:
        return False
    pairs = [(one, other) for one, other in zip(said, label, strict=True) if one != other]
    return len(pairs) == 1 and pinyin(pairs[0][0])[0] != pinyin(pairs[0][1])[0]
