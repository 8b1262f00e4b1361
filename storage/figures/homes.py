"""How many homes can be reached, and how quickly matters were answered, by the areas of a place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.areas import Area, Level
from storage.figures.scope import Scope, matters
from storage.people import Account, Person
from storage.ticket_tables import Ticket


@dataclass(slots=True)
class Homes:
    """registered: homes of which somebody has a chat that takes messages. declared: how many there
    should be, by the list of areas (户数); known: doors that a list or somebody named."""

    registered: int = 0
    declared: int = 0
    known: int = 0

    @property
    def of(self) -> int:
        """What the share is of: the declared number, where one is and it is not too small."""
        return self.declared if self.declared >= max(self.registered, 1) else self.known

    @property
    def share(self) -> float | None:
        """None where nobody said how many there are."""
        return self.registered / self.of if self.of else None


@dataclass(slots=True)
class Speed:
    """hours: of each matter that was answered, from its filing to the first answer, in plain hours
    (nights and holidays too). silent: how many nobody has answered yet."""

    hours: list[float] = field(default_factory=list)
    silent: int = 0

    @property
    def median(self) -> float | None:
        """Half of them were answered within so many hours."""
        return median(self.hours) if self.hours else None


def homes(session: Session, area: Area) -> dict[int, Homes]:
    """By the areas right under one; under its own id what lies in none of them."""
    has_a_chat = (
        select(Person.home_id)
        .join(Account, Account.person_id == Person.id)
        .where(Person.home_id.is_not(None), Account.blocked_at.is_(None))
    )
    found: dict[int, Homes] = {}
    within = Area.path.startswith(area.path, autoescape=True)
    doors = select(Area.path, Area.id.in_(has_a_chat)).where(Area.level == Level.HOUSEHOLD, within)
    for path, registered in session.execute(doors):
        one = found.setdefault(_child(area, path), Homes())
        one.known += 1
        one.registered += bool(registered)
    buildings = select(Area.path, Area.declared_households).where(
        Area.level == Level.BUILDING, within, Area.declared_households > 0
    )
    for path, number in session.execute(buildings):
        found.setdefault(_child(area, path), Homes()).declared += number
    return found


def speed(session: Session, scope: Scope, area: Area) -> dict[int, Speed]:
    """How quickly the matters of a scope were first answered, by the areas right under one."""
    chosen = select(matters(session, scope).c.id)
    rows = session.execute(
        select(Area.path, Ticket.opened_at, Ticket.responded_at)
        .join(Area, Area.id == Ticket.area_id)
        .where(Ticket.id.in_(chosen))
    )
    found: dict[int, Speed] = {}
    for path, opened, responded in rows:
        one = found.setdefault(_child(area, path), Speed())
        if responded is None:
            one.silent += 1
        else:
            one.hours.append(_hours(opened, responded))
    return found


def _hours(begin: datetime, end: datetime) -> float:
    return max(0.0, (end - begin).total_seconds() / 3600)


def _child(area: Area, path: str) -> int:
    beneath = path.removeprefix(area.path).split("/")[0]
    return int(beneath) if beneath else area.id


def last_registered(session: Session, area: Area, since: datetime) -> int:
    """How many homes of an area have a chat that was first used since then, and none before."""
    first = (
        select(Person.home_id, func.min(Account.created_at).label("first"))
        .join(Account, Account.person_id == Person.id)
        .join(Area, Area.id == Person.home_id)
        .where(Area.path.startswith(area.path, autoescape=True), Account.blocked_at.is_(None))
        .group_by(Person.home_id)
        .subquery()
    )
    counted = select(func.count()).select_from(first).where(first.c.first >= since)
    return session.scalar(counted) or 0
