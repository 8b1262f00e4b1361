"""What people ask about a notice that they got: is it real, who sent it, until when, is my building
meant (`notice_questions.toml`).

Plain functions of the words; which notices somebody got is the caller's to know.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Any

from storage.meaning.files import table
from storage.names import bare

DOUBT, ITSELF, ABOUT, ALONE = "doubt", "itself", "about", "alone"
"""Whether it is real; who says so, or what it says; something it tells of; and until when, with
nothing that says what of."""


@cache
def _rows() -> dict[str, Any]:
    return table("meaning/notice_questions")


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in _rows()[key]))


def asks_of(text: str) -> tuple[str, bool]:
    """(what is asked of a notice, or empty; whether the words name the notice itself). What is
    asked with no word for it may be meant for anything, but for a notice just now."""
    said = bare(text)
    if not said or said.isascii() or len(said) > _rows()["most"]:
        return "", False
    for key in (DOUBT, ITSELF):
        if _pattern(key).search(said):
            return key, True
        if _pattern(f"{key}_weak").search(said):
            return key, False
    if _pattern("unless").search(said):
        return "", False
    if _pattern(ALONE).fullmatch(said) and not topics_of(said):
        return ALONE, False
    if _pattern("asks").search(said) or text.rstrip().endswith(
        ("?", "\N{FULLWIDTH QUESTION MARK}")
    ):
        return ABOUT, False
    return "", False


def topics_of(text: str) -> set[int]:
    """What the words are about, of what notices are mostly about."""
    said = bare(text)
    return {at for at, one in enumerate(_topics()) if one.search(said)}


@cache
def _topics() -> list[re.Pattern[str]]:
    return [re.compile(one) for one in _rows()["topics"]]


def is_about(text: str, notice: str) -> bool:
    """Whether a question is about what a notice tells: of the same topic, or, where the words are
    of none, in some of its words."""
    asked = topics_of(text)
    if asked:
        return bool(asked & topics_of(notice))
    return bool((_pairs(text) & _pairs(notice)) - set(_rows()["common"]))


def _pairs(text: str) -> set[str]:
    said = _pattern("asks").sub(" ", bare(text))
    return {pair for a, b in pairwise(said) if (pair := a + b).isalpha()}
