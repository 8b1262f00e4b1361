"""What asks for nothing: answers where nothing is open, small talk, who somebody is.

The words are data (`storage/data/meaning/everyday.toml`). Without them the commonest words would be
weighed by the few sentences they happen to stand in, and lead anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from storage.meaning.files import table
from storage.meaning.reading import without_tones
from storage.meaning.targets import courtesies, targets
from storage.names import bare, pinyin, simplified

ANSWER, TALK = "answer", "menu"
"""Targets: an answer to nothing, and what only wants a word back."""
LONGEST = 14
"""Characters of a message that may consist of everyday words; who writes more says something."""
TELLING = 3
"""From how many characters on a hint (targets.toml) counts more than the everyday words it is made
of."""
SOUGHT = frozenset({"directory", "places"})
"""What is looked for; who only names a shop or a place tells something about it."""
ONLY_ANSWER = frozenset({ANSWER, TALK, "thanks"})
"""Targets whose own words are everyday words themselves."""


@lru_cache(maxsize=64)
def asks_nothing(text: str) -> str:
    """`ANSWER` or `TALK` where the message asks for nothing; empty where it may."""
    said = bare(without_tones(text))
    if not said or len(said) > LONGEST * (2 if said.isascii() else 1):
        return ""
    if said.isascii():
        plain = said.isalpha() and not _no_letters().search(said)
        return ANSWER if plain and _letters().fullmatch(said) else ""
    if _leads(said):
        return ""
    if _made_of("answers").fullmatch(said):
        return ANSWER
    if _made_of("answers", "talk").fullmatch(said) or _tells().fullmatch(said):
        return TALK
    return ""


def _leads(said: str) -> bool:
    """Whether a word or a long hint of some target stands in it."""
    passed = ONLY_ANSWER | SOUGHT if declares(said) else ONLY_ANSWER
    return any(
        any(len(word) > 1 and word in said for word in target.words)
        or any(len(hint) >= TELLING and hint in said for hint in target.hints)
        for key, target in targets().items()
        if key not in passed
    )


def _any(words: Iterable[str]) -> str:
    longest = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(map(re.escape, longest))


@cache
def _made_of(*lists: str) -> re.Pattern[str]:
    """Messages of these words, at least one, and of what may stand around them."""
    rows = table("meaning/everyday")
    words = [bare(word) for name in lists for word in rows[name]]
    around = {*map(bare, rows["around"]), *courtesies()} - set(words)
    return re.compile(f"(?:{_any(around)})*(?:{_any(words)})(?:{_any([*around, *words])})*")


def telling(text: str) -> str:
    """`text` without everyday words of two characters and more: what is left may tell something."""
    return _said_daily().sub(" ", simplified(text))


@cache
def _said_daily() -> re.Pattern[str]:
    rows = table("meaning/everyday")
    words = {*map(bare, (*rows["answers"], *rows["talk"])), *courtesies()}
    return re.compile(_any(word for word in words if len(word) > 1))


@cache
def says_little(part: str) -> bool:
    """Whether a pair of characters has only such as stand in anything."""
    around = {*map(bare, table("meaning/everyday")["around"]), *courtesies()}
    return all(character in around for character in part)


@cache
def _no_letters() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in table("meaning/everyday")["no_letters"]))


@cache
def _letters() -> re.Pattern[str]:
    rows = table("meaning/everyday")
    words = [*rows["letters"], *(pinyin(word)[0] for word in (*rows["answers"], *rows["talk"]))]
    return re.compile(f"(?:{_any(words)})+")


@cache
def _tells() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in table("meaning/everyday")["tells"]))


@cache
def _declares() -> re.Pattern[str]:
    return re.compile(table("meaning/everyday")["declares"])


@cache
def _who() -> re.Pattern[str]:
    return re.compile(table("meaning/everyday")["who_first"])


def behind_who(text: str) -> str:
    """What is said behind who somebody is: 水管漏了 of 我是租客 水管漏了. Empty for nothing."""
    match = _who().match(simplified(text).strip())
    return text.strip()[match.end() :].strip() if match else ""


def declares(said: str) -> bool:
    """Whether somebody says what they are, of bare words: who lives in a rented flat looks for
    none."""
    return _declares().fullmatch(said) is not None
