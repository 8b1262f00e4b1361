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
A_REMARK = 2
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


def _plain(text: str) -> str:
    """One width of letters, digits and spaces; marks as they were typed."""
    letters = (
        one if unicodedata.category(one).startswith("P") else unicodedata.normalize("NFKC", one)
        for one in text
    )  # fmt: skip
    return _WIDE.sub(" ", "".join(letters)).strip()


def said_of_a_visit(text: str) -> Said | None:
    """Where somebody says to have been (走访 3栋302, 王桂英家走访了, 看了302); None where the text
    says nothing of the kind."""
    plain = _plain(text)
    words, around = _words(), _read()["around"]
    for key in ("begins", "perhaps"):
        found = words[key].match(plain)
        if found:
            return Said(plain[found.end() :].strip(around), key == "begins")
    found = words["ends"].search(plain)
    if found and found.end() == len(plain.rstrip(around)):
        return Said(plain[: found.start()].strip(around), True)
    return None


def asked_about(text: str) -> str | None:
    """Which door somebody asks about who wants to know how visits there were (走访情况 302, 302上次
    走访怎么样); empty for no door, None where the text asks nothing of the kind."""
    plain = _plain(text)
    around = _read()["around"]
    for key in ("asks", "asks_after"):
        found = _words()[key].fullmatch(plain.strip(around))
        if found:
            return found["where"].strip(around)
    return None


def days_ago(text: str) -> tuple[int, str]:
    """How many days ago somebody says to have been there (昨天走访了302), and what else is said."""
    plain = _plain(text)
    for days, key in ((1, "yesterday"), (2, "day_before")):
        found = _words()[key].match(plain)
        if found:
            return days, plain[found.end() :]
    return 0, text


def spoken_to(text: str) -> bool:
    """Whether the words speak to somebody (走访了302，您家没人)."""
    return _words()["to_somebody"].search(text) is not None


def tells(text: str, rest: str) -> bool:
    """Whether such a message may tell of a visit today, and asks nothing. rest: what it says behind
    the door, where 没人在家 and 明天再去 are no visit that was not made."""
    words = _words()
    head = text[: -len(rest)] if rest and text.endswith(rest) else text
    return words["not"].search(head) is None and words["question"].search(text) is None


def doors_in(session: Session, text: str, places: Sequence[Area]) -> Doors:
    """The households under these areas that `text` names, by doors or by who lives there."""
    listed = _listed(session, text, places)
    if listed is not None:
        return listed
    for head, rest in _beginnings(text):
        homes = visits.household_in(session, head, places)
        if homes:
            return Doors(homes, len(homes) > 1, _without_names(session, rest, homes))
    return _of_people(session, text, places)


def _listed(session: Session, text: str, places: Sequence[Area]) -> Doors | None:
    """Several doors, one behind the other, and what is said behind the last (302、501 都好)."""
    homes: dict[int, Area] = {}
    count, end = 0, 0
    for start, stop in _parts(text):
        part = text[start:stop]
        found = visits.household_in(session, part, places) if _words()["door"].match(part) else []
        if len(found) != 1:
            break
        homes[found[0].id] = found[0]
        count, end = count + 1, stop
    if count < 2:
        return None
    there = list(homes.values())
    return Doors(there, rest=_without_names(session, text[end:], there))


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """From where to where each part of a list is."""
    start = 0
    for between in _words()["and"].finditer(text):
        if between.start() > start:
            yield start, between.start()
        start = between.end()
    if start < len(text):
        yield start, len(text)


def _without_names(session: Session, rest: str, homes: list[Area]) -> str:
    """What was said besides the door and who lives behind it."""
    if rest:
        for _, name in _who_lives(session, homes):
            rest = rest.replace(name, "") if name else rest
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
            yield head, text[end:]


def _of_people(session: Session, text: str, places: Sequence[Area]) -> Doors:
    """The homes of whose name is said (王桂英家): residents who have a chat, and householders."""
    plain = bare(simplify(text))
    found: dict[int, tuple[Area, str]] = {}
    for home, name in _who_lives(session, places):
        known = bare(simplify(name))
        if len(known) >= A_NAME and known in plain:
            found.setdefault(home.id, (home, known))
    if not found:
        return _called(session, text, places)
    longest = max(len(name) for _, name in found.values())
    meant = [(home, name) for home, name in found.values() if len(name) == longest]
    rest = simplify(text).partition(meant[0][1])[2]
    return Doors([home for home, _ in meant], len(meant) > 1, _remark(rest))


def _called(session: Session, text: str, places: Sequence[Area]) -> Doors:
    """The homes of whoever may be called so (王婆婆): asked, since others may bear that name."""
    found = _words()["called"].match(simplify(text).strip())
    if not found:
        return Doors([])
    homes = {
        home.id: home
        for home, name in _who_lives(session, places)
        if simplify(name).startswith(found["surname"])
    }
    return Doors(list(homes.values()), bool(homes), _remark(text.strip()[found.end() :]))


def _remark(rest: str) -> str:
    """What is left, where it says something; as it was typed, without the marks around it."""
    words = _words()
    plain = words["leads"].sub("", rest.strip(_read()["around"])).strip(_read()["around"])
    return plain if len(bare(plain)) >= A_REMARK else ""


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
