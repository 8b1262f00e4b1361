"""Who looks after a doorstep: every role there, who holds it, who stands in, whom to ask instead.

What is said of each role is data (`storage/data/doorstep.toml`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import areas
from storage.absences import Absence
from storage.areas import LEVELS, Area, Level
from storage.deputies import stand_in
from storage.names import DATA
from storage.people import Person
from storage.pieces import as_compared, holds, is_latin, rest
from storage.post_tables import Post, Role, in_force

SHOWN, DIRECT = "shown", "direct"


@dataclass(frozen=True, slots=True)
class Seat:
    """A role as a resident meets it; the fields are explained in the data file."""

    role: Role
    level: Level
    first: bool
    duty: str
    hours: str
    phone: str
    message: str
    instead: tuple[Role, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who answers in a role just now. phone: empty where it is not for everyone.

    stands_in_for, until: the name of the holder who is away, and until when, where this is the
    deputy.
    """

    person_id: int
    name: str
    unit: str
    area_id: int
    phone: str
    stands_in_for: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Away:
    """A holder who is away and for whom nobody stands in."""

    name: str
    until: datetime


@dataclass(slots=True)
class Served:
    """One role at one doorstep. needs: the level that must be known before anybody can be named.

    instead: whom to ask where there is no holder, and in which role.
    """

    seat: Seat
    holders: list[Holder] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)
    needs: Level | None = None
    instead: tuple[Role, Holder] | None = None


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((DATA / "doorstep.toml").read_text("utf-8"))


@cache
def seats() -> dict[Role, Seat]:
    """Every role that is shown, in order."""
    found = {}
    for row in _file()["seats"]:
        role = Role(row["role"])
        found[role] = Seat(
            role,
            Level(row["level"]),
            row.get("first", False),
            row["duty"],
            row["hours"],
            row["phone"],
            row["message"],
            tuple(Role(one) for one in row["instead"]),
            tuple(row["words"]),
        )
    return found


def most(what: str) -> int:
    """How many are shown at once: ``first`` roles, ``names`` of one role."""
    return int(_file()[f"most_{what}"])


def looks_after(session: Session, area_id: int, at: datetime) -> dict[Role, Served]:
    """Who looks after an area at that moment, role by role.

    Of each role those at the nearest area up the tree where anybody answers. Takes two queries, one
    for each number that is shown, and two for each holder who is away.
    """
    area = areas.get(session, area_id)
    rows = session.execute(
        select(Post, Person.name)
        .join(Person, Person.id == Post.person_id)
        .where(Post.area_id.in_(area.lineage), in_force(at))
        .where(Post.role.in_([role.value for role in seats()]))
        .order_by(Post.id)
    ).all()
    absent = _absences(session, {post.person_id for post, _ in rows}, at)
    found = {}
    for role, seat in seats().items():
        here = [(post, name) for post, name in rows if post.role == role]
        found[role] = _one(session, seat, area, here, absent, at)
    for served in found.values():
        others = (found[role] for role in served.seat.instead if role in found)
        served.instead = next(
            ((one.seat.role, one.holders[0]) for one in others if one.holders), None
        )
    return found


def _absences(session: Session, people: Collection[int], at: datetime) -> dict[int, datetime]:
    """Who of these people is away, and until when."""
    rows = session.execute(
        select(Absence.person_id, Absence.until).where(
            Absence.person_id.in_(people), Absence.since <= at, Absence.until > at
        )
    )
    found: dict[int, datetime] = {}
    for person_id, until in rows:
        found[person_id] = max(until, found.get(person_id, until))
    return found


def _one(
    session: Session,
    seat: Seat,
    area: Area,
    rows: list[tuple[Post, str]],
    absent: dict[int, datetime],
    at: datetime,
) -> Served:
    served = Served(seat)
    for step in reversed(area.lineage):
        for post, name in (row for row in rows if row[0].area_id == step):
            holder = _answers(session, seat, post, name, absent, at)
            if holder is None:
                served.away.append(Away(name, absent[post.person_id]))
            elif all(holder.person_id != known.person_id for known in served.holders):
                served.holders.append(holder)
        if served.holders:
            return served
    if not served.away and LEVELS.index(seat.level) > LEVELS.index(Level(area.level)):
        served.needs = seat.level
    return served


def _answers(
    session: Session,
    seat: Seat,
    post: Post,
    name: str,
    absent: dict[int, datetime],
    at: datetime,
) -> Holder | None:
    """The holder of a post, or who stands in for them; None when they are away and nobody does."""
    if post.person_id not in absent:
        phone = ""
        if seat.phone == SHOWN or post.phone_public:
            phone = session.get_one(Person, post.person_id).phone or ""
        return Holder(post.person_id, name, post.unit, post.area_id, phone)
    deputy_id = stand_in(session, post.deputy_id, post.person_id, post.role, at)
    if deputy_id is None:
        return None
    deputy = session.get_one(Person, deputy_id)
    phone = public_phone(session, deputy, at)
    until = absent[post.person_id]
    return Holder(deputy.id, deputy.name, post.unit, post.area_id, phone, name, until)


def public_phone(session: Session, person: Person, at: datetime) -> str:
    """The number of a worker, if one of their posts makes it everybody's; else empty."""
    rows = session.execute(
        select(Post.role, Post.phone_public).where(Post.person_id == person.id, in_force(at))
    )
    public = any(
        row.phone_public or (Role(row.role) in seats() and seats()[Role(row.role)].phone == SHOWN)
        for row in rows
    )
    return (person.phone or "") if public else ""


def member_units(session: Session, area_id: int, at: datetime) -> list[str]:
    """The member units of the 社区大党委 around an area, in the order of their posts."""
    rows = session.scalars(
        select(Post.unit)
        .where(Post.area_id.in_(areas.get(session, area_id).lineage), in_force(at))
        .where(Post.role == Role.MEMBER_UNIT.value, Post.unit != "")
        .order_by(Post.id)
    )
    return list(dict.fromkeys(rows))


# What somebody's words ask for


def role_meant(text: str) -> Role | None:
    """The role that `text` names, the longest word first; None when it names none."""
    spoken = [
        (-len(word), number, role)
        for number, (role, seat) in enumerate(seats().items())
        for word in seat.words
        if holds(text, word)
    ]
    return min(spoken)[2] if spoken else None


def may_ask_who(text: str) -> bool:
    """Whether `asks_who` could be true of these words, whatever places stand in them."""
    return role_meant(text) is not None or any(
        holds(text, word) for word in _file()["asking"]["whole"]
    )


def may_name_one(text: str) -> bool:
    """Whether `asks_for` could be true of these words, whatever names stand in them."""
    return any(word in text for word in _file()["asking"]["by_name"])


def asks_for(text: str, name: str) -> bool:
    """Whether somebody wants just this one of those who look after them: 李建国电话好多."""
    asking = _file()["asking"]
    around = [name, *asking["around"], *asking["around_a_name"]]
    return name in text and len(rest(text, around)) <= int(asking["most_left"])


def asks_who(text: str, places: Iterable[str] = ()) -> bool:
    """Whether somebody asks just this: who looks after them, or who one of the roles is.

    places: names of areas that may stand in it too.
    """
    asking = _file()["asking"]
    said = as_compared(text)
    allowed = int(asking["most_left_latin" if is_latin(said) else "most_left"])
    around = [*asking["around"], *places]
    if any(holds(text, word) for word in asking["whole"]):
        return len(rest(text, [*asking["whole"], *around])) <= allowed
    role = role_meant(text)
    if role is None:
        return False
    left = rest(text, [*seats()[role].words, *around])
    return len(left) <= allowed and left not in set(asking["told"])
