"""Who the other side of a mediation may be, from what it was called: a door, a name, 物业."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import addresses, areas, permissions, posts, visits
from storage.areas import Area, Household, Level
from storage.base import vault_in
from storage.names import DATA, bare, digits, simplify
from storage.people import Person
from storage.posts import Role
from storage.ticket_tables import Ticket

MOST = 5
"""How many people one name or door is looked up to."""


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody it may be. person_id: None for who stands only in the county's list of homes, with
    the number given there. place: where they live or serve, door and all: for the mediator."""

    person_id: int | None
    name: str
    phone: str
    place: str


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((DATA / "mediation.toml").read_text("utf-8"))


def speaks_of_violence(text: str) -> bool:
    """Whether a text tells of violence in the family, whenever it was."""
    read = bare(text)
    return any(word in read for word in _words()["violence"])


def answer_in(text: str, subject: str) -> str:
    """What a side answers with these words (我来, 那天没空) to what it was asked about; empty where
    they are no answer."""
    said = bare(simplify(text))
    for answer, pattern in _words()["answers"][subject].items():
        if re.fullmatch(pattern, said):
            return str(answer)
    return ""


def asks_about_it(text: str) -> bool:
    """Whether a side asks when, where or what about a meeting is (几点来着, 在哪里)."""
    return re.fullmatch(_words()["answers"]["asks"], bare(simplify(text))) is not None


def points_in(text: str) -> list[str]:
    """The lines of a text, each without the number that stands before it (1. / 一、)."""
    lines = [re.sub(_words()["numbered"], "", line).strip() for line in text.splitlines()]
    return [line for line in lines if line]


def who_may_be_meant(session: Session, text: str, ticket: Ticket, at: datetime) -> list[Found]:
    """The people that `text` may mean, as the filer of `ticket` would say it, at most `MOST`.

    A door without a building is one of the filer's building, a building without a compound one of
    the filer's compound; nobody outside the filer's community is found. The filer is left out.
    Nothing is made: a door that nobody has named yet is not found.
    """
    start = areas.get(session, permissions.start_of(session, ticket))
    if bare(text) in {bare(word) for word in _words()["property"]}:
        found = _managers(session, start, at)
    else:
        found = _behind(session, text, start) or _called(session, text, start)
    return [one for one in found if one.person_id != ticket.filer_id][:MOST]


def _managers(session: Session, start: Area, at: datetime) -> list[Found]:
    serving = posts.serving_all(session, [Role.PROPERTY_MANAGER], start.id, at)
    return [
        Found(
            one.person_id,
            session.get_one(Person, one.person_id).name,
            "",
            posts.unit_of(session, one.person_id, one.role)
            or areas.title(session, areas.get(session, one.area_id)),
        )
        for one in serving
    ]


def _behind(session: Session, text: str, start: Area) -> list[Found]:
    """Who lives behind the door that `text` tells."""
    match = re.fullmatch(_words()["door"], digits(text).replace(" ", ""))
    if match is None:
        building, door = _around(session, start, Level.BUILDING), text
    else:
        building, door = _building(session, match["building"], start), match["door"]
    if building is None:
        return []
    key = areas.household_key(vault_in(session), building.id, door)
    home = areas.named(session, building.id, key)
    homes = [home] if home is not None else _by_number(session, door, building)
    return [one for home in homes for one in _who_lives(session, building, home)]


def _by_number(session: Session, door: str, building: Area) -> list[Area]:
    """The homes that a door told without its unit may be (501, 我楼上501)."""
    found = re.search(_words()["number_of_a_door"], digits(door))
    return visits.household_in(session, found[0], [building])[:MOST] if found else []


def _who_lives(session: Session, building: Area, home: Area) -> list[Found]:
    place = f"{areas.title(session, building)}{areas.door_of(session, home)}"
    people = session.scalars(select(Person).where(Person.home_id == home.id).order_by(Person.id))
    found = [Found(one.id, one.name, "", place) for one in people]
    listed = session.get(Household, home.id)
    if listed is not None and listed.householder and not found:
        found.append(Found(None, listed.householder, listed.phone or "", place))
    return found


def _around(session: Session, start: Area, level: Level) -> Area | None:
    """The area of this level that `start` lies in, or is."""
    lineage = [areas.get(session, one) for one in start.lineage]
    return next((one for one in lineage if one.level == level), None)


def _building(session: Session, words: str, start: Area) -> Area | None:
    compound = _around(session, start, Level.COMPOUND)
    if compound is not None:
        key = areas.area_key(Level.BUILDING, words)
        found = areas.named(session, compound.id, key)
        if found is not None:
            return found
    around = _around(session, start, Level.COMMUNITY) or start
    best = addresses.find(session, words, under=around, level=Level.BUILDING, limit=2)
    return best[0] if len(best) == 1 else None


def _called(session: Session, text: str, start: Area) -> list[Found]:
    """Who goes by this name in the community."""
    around = _around(session, start, Level.COMMUNITY) or start
    people = session.scalars(
        select(Person)
        .join(Area, Area.id == Person.home_id)
        .where(Person.name == text.strip(), Area.path.like(f"{around.path}%"))
        .order_by(Person.id)
        .limit(MOST + 1)
    )
    found = []
    for one in people:
        assert one.home_id is not None  # joined
        home = areas.get(session, one.home_id)
        place = f"{areas.title(session, home)}{areas.door_of(session, home)}"
        found.append(Found(one.id, one.name, "", place))
    return found
