"""Which doors a worker means who says where they have been (3栋302, 302、501, 王桂英家), and what
else was said."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import visits
from storage.areas import Area, Household, Level
from storage.names import bare, simplify
from storage.people import Person

WORDS = Path(__file__).parent / "data" / "visit_words.toml"
A_REMARK = 3
"""Characters from which on what is left says something."""
_WIDE = re.compile(r"[^\S\n]+")
MOST_BEGINNINGS = 8
A_NAME = 2
"""Characters from which on a name is one."""
MOST_HOUSEHOLDERS = 400
"""Names of householders are sealed: so many are opened to look for one."""


@dataclass(frozen=True, slots=True)
class Doors:
    """homes: the doors that are meant, each plainly; or, of one that is not plain, which it may be
    (`several`). rest: what else was said."""

    homes: list[Area]
    several: bool = False
    rest: str = ""


@cache
def _read() -> dict[str, str]:
    return tomllib.loads(WORDS.read_text("utf-8"))


@cache
def _words() -> dict[str, re.Pattern[str]]:
    return {key: re.compile(pattern) for key, pattern in _read().items() if key != "around"}


@dataclass(frozen=True, slots=True)
class Said:
    """A message without the words that make it one of a visit. plainly: those can mean nothing
    else."""

    where: str
    plainly: bool


def said_of_a_visit(text: str) -> Said | None:
    """Where somebody says to have been (走访 3栋302, 王桂英家走访了, 看了302); None where the text
    says nothing of the kind."""
    plain = _WIDE.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    words, around = _words(), _read()["around"]
    for key in ("begins", "perhaps"):
        found = words[key].match(plain)
        if found:
            return Said(plain[found.end() :].strip(around), key == "begins")
    found = words["ends"].search(plain)
    if found and found.end() == len(plain.rstrip(around)):
        return Said(plain[: found.start()].strip(around), True)
    return None


def tells(text: str) -> bool:
    """Whether such a message may tell of a visit today, and asks nothing."""
    return _words()["not"].search(text) is None


def doors_in(session: Session, text: str, places: Sequence[Area]) -> Doors:
    """The households under these areas that `text` names, by doors or by who lives there."""
    words = _words()
    named = [visits.household_in(session, one, places) for one in words["and"].split(text) if one]
    if len(named) > 1 and all(len(homes) == 1 for homes in named):
        return Doors(list({home.id: home for homes in named for home in homes}.values()))
    for head, rest in _beginnings(text):
        homes = visits.household_in(session, head, places)
        if homes:
            return Doors(homes, len(homes) > 1, _without_names(session, rest, homes))
    return _of_people(session, text, places)


def _without_names(session: Session, rest: str, homes: list[Area]) -> str:
    """What was said besides the door and who lives behind it."""
    if rest:
        for _, name in _who_lives(session, homes):
            rest = rest.replace(name, "").strip() if name else rest
    return _remark(rest)


def _beginnings(text: str) -> Iterator[tuple[str, str]]:
    """The text, and ever shorter beginnings of it, each with what is left: up to a mark, or to the
    end of a number."""
    words = _words()
    ends = {match.start() for match in words["marks"].finditer(text)}
    ends |= {match.end() for match in words["number_ends"].finditer(text)}
    yield text, ""
    for end in sorted(ends - {0, len(text)}, reverse=True)[:MOST_BEGINNINGS]:
        head = text[:end].strip()
        if words["door"].match(head):
            yield head, words["marks"].sub(" ", text[end:]).strip()


def _of_people(session: Session, text: str, places: Sequence[Area]) -> Doors:
    """The homes of whose name is said (王桂英家): residents who have a chat, and householders."""
    plain = bare(simplify(text))
    found: dict[int, tuple[Area, str]] = {}
    for home, name in _who_lives(session, places):
        known = bare(simplify(name))
        if len(known) >= A_NAME and known in plain:
            found.setdefault(home.id, (home, known))
    if not found:
        return Doors([])
    longest = max(len(name) for _, name in found.values())
    meant = [(home, name) for home, name in found.values() if len(name) == longest]
    rest = plain.partition(meant[0][1])[2]
    return Doors([home for home, _ in meant], len(meant) > 1, _remark(rest))


def _remark(rest: str) -> str:
    return rest if len(bare(rest)) >= A_REMARK else ""


def _who_lives(session: Session, places: Sequence[Area]) -> Iterator[tuple[Area, str]]:
    under = visits.under(places)
    residents = session.execute(
        select(Area, Person.name)
        .join(Person, Person.home_id == Area.id)
        .where(Area.level == Level.HOUSEHOLD, under, Person.name != "")
    )
    householders = session.execute(
        select(Area, Household.householder)
        .join(Household, Household.area_id == Area.id)
        .where(under)
        .limit(MOST_HOUSEHOLDERS)
    )
    yield from ((home, name) for rows in (residents, householders) for home, name in rows)
