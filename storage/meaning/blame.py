"""Whether words may be a complaint about somebody who serves here (`blame.toml`).

They must not go to the one they are about, so it is asked; a plain function of words and names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from storage.meaning.files import table
from storage.meaning.targets import staff
from storage.names import bare, pinyin, simplified

READ = 300
"""Characters that are read; a letter says early whom it is about."""
CLAUSES = re.compile(r"[，。！？；、,.!?;\s]+")
TOLD = 4
"""Characters that must be left, besides a name and words of complaint, for something to be told."""


@cache
def _pattern(*names: str) -> re.Pattern[str]:
    rows = table("meaning/blame")
    return re.compile("|".join(f"(?:{one})" for name in names for one in rows[name]))


def blames(text: str) -> bool:
    """Whether `text` has any word that a complaint has; without one nobody's name is looked up."""
    said = _without(text)
    found = _pattern("plainly", "does", "unnamed").search(said)
    return bool(found) or (said.isascii() and bool(_spelled(said)))


def blamed(text: str, called: Iterable[str], *, to_them: bool, at_work: bool) -> bool:
    """Whether `text` may complain about a worker.

    called: what the workers are called who may be meant. to_them: whether it is said to one who
    spoke last, so that 你 is that one. at_work: whether somebody works on the speaker's matter.
    """
    said = _without(text)
    if _pattern("false_ones").search(said):
        return False
    if said.isascii():
        letters = bare(said)
        named = (pinyin(one)[0] for one in (*called, *staff()) if len(one) > 1)
        return _spelled(said) and any(name in letters for name in named)
    whom = [re.escape(simplified(one)) for one in (*called, *staff()) if one]
    whom += [_pattern("somebody").pattern, *([_pattern("you").pattern] if to_them else [])]
    subject = re.compile("|".join(whom))
    return _in_a_clause(said, subject) or (at_work and _of_nobody(said))


def _in_a_clause(said: str, subject: re.Pattern[str]) -> bool:
    """Whether a clause blames whom it names, or whom the one before it named."""
    about_them = False
    for clause in filter(None, CLAUSES.split(said)):
        found, other = subject.search(clause), _pattern("others").search(clause)
        named = found is not None and not _pattern("asked_to").search(clause[: found.start()])
        if other and not (found and named and found.start() < other.start()):
            about_them = False
            continue
        about_them = named or (about_them and found is None)
        behind = clause[found.end() :] if found else clause
        if about_them and (_pattern("plainly").search(clause) or _pattern("does").search(behind)):
            return True
    return False


def _of_nobody(said: str) -> bool:
    """Whether something is blamed that only who works on a matter can do, and nobody is named."""
    return bool(_pattern("unnamed").search(said)) and not _pattern("others").search(said)


def only_names(text: str, called: Iterable[str]) -> bool:
    """Whether hardly anything is told yet but about whom: 我要投诉李建国, 李建国骂我."""
    return len(besides_names(text, called)) < TOLD


def besides_names(text: str, called: Iterable[str]) -> str:
    """What is told besides about whom: 骂我 of 李建国骂我."""
    left = bare(text)
    for word in sorted((*called, *staff()), key=len, reverse=True):
        left = left.replace(bare(word), "")
    return _pattern("empty").sub("", left)


def by_surname(name: str) -> list[str]:
    """What a worker is called by the surname: 李师傅, 小李."""
    rows = table("meaning/blame")
    first = name[:1]
    return [first + word for word in rows["after_surname"]] + [
        word + first for word in rows["before_surname"]
    ]


def _without(text: str) -> str:
    """The words that are read, without those that say the opposite."""
    return _pattern("unless").sub("", simplified(text[:READ]))


def _spelled(said: str) -> bool:
    """Whether letters spell a word of complaint."""
    letters = bare(said)
    return any(word in letters for word in table("meaning/blame")["letters"])
