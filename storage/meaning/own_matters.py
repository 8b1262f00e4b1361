"""What who has a matter under way says of it, in words of their own (`own_matters.toml`).

Plain functions of the words; whether there is such a matter, and which, is the caller's to know.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from storage.meaning.files import table
from storage.names import bare

HOW, WHEN, WITHDRAW, NO_NEED, UNDONE = "how", "when", "withdraw", "no_need", "undone"
"""What became of it? When, at last? Not wanted any more, plainly, or in a word that may answer
something else. And: it was said to be done, and is not."""
A_LETTER = 60
"""From how many characters on it is told in full, and goes where it belongs as it is."""


@cache
def _rows() -> dict[str, Any]:
    return table("meaning/own_matters")


@cache
def _pattern(key: str, part: str) -> re.Pattern[str]:
    row = _rows()[key][part] if part else _rows()[key]
    return re.compile("|".join(f"(?:{one})" for one in row))


def undone(text: str) -> bool:
    """Whether it says that something is not done, or is as bad as before."""
    said = bare(text)
    if said.isascii():
        return any(word in said for word in _rows()[UNDONE]["letters"])
    return len(said) <= A_LETTER and bool(_pattern(UNDONE, "anywhere").search(said))


def undone_after_all(text: str) -> bool:
    """The same of what is over by now: 还有个事 means something new, and 还没吃饭 no matter."""
    said = bare(text)
    of_one = said.isascii() or _pattern(UNDONE, "of_matters").search(said) is not None
    return undone(text) and of_one and not _pattern(UNDONE, "unless").search(said)


def done(text: str) -> bool:
    """Whether it says that all is well, or that nothing is wanted any more."""
    return not undone(text) and says(text) in (WITHDRAW, NO_NEED)


def mended(text: str) -> bool:
    """Whether it says that what was told is all right now, and not that they did it themselves."""
    said = _pattern("number", "").sub("", bare(text))
    if not said or len(said) > A_LETTER // 2 or undone(text) or says(text) == WITHDRAW:
        return False
    return _mended().fullmatch(said) is not None


@cache
def _mended() -> re.Pattern[str]:
    row = _rows()["mended"]
    return re.compile(f"{row['around']}(?:{'|'.join(row['whole'])}){row['around']}")


def numbers(text: str) -> set[int]:
    """The numbers of matters that are named."""
    return {int(one[1]) for one in _pattern("number", "").finditer(bare(text))}


def says(text: str) -> str:
    """What it says of a matter under way: one of the names above but `UNDONE`; empty for none."""
    said = bare(text)
    if not said or said.isascii():
        return ""
    short = len(said) <= int(_rows()["most"])
    without = _pattern("number", "").sub("", said)
    refused = _pattern("withdraw", "unless").search(text.strip())
    if short and not refused and _pattern(WITHDRAW, "anywhere").search(said):
        return WITHDRAW
    if _pattern(NO_NEED, "whole").fullmatch(without):
        return NO_NEED
    for key in (HOW, WHEN) if short else ():
        if _pattern(key, "anywhere").search(said):
            return key
    return ""
