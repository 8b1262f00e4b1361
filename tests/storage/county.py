"""A corner of a county that the storage tests stand on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from storage import areas
from storage.areas import Area, Level
from storage.base import vault_in
from storage.people import Person, set_phone

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@dataclass
class Corner:
    """One community with two compounds, three buildings and a household."""

    county: Area
    community: Area
    garden: Area
    court: Area
    buildings: list[Area]
    home: Area


def corner(session: Session) -> Corner:
    """Build the corner."""
    county = areas.add(session, None, Level.COUNTY, "青禾县")
    community = areas.add(session, county, Level.COMMUNITY, "莲花池社区")
    garden = areas.add(session, community, Level.COMPOUND, "莲花池花园")
    court = areas.add(session, community, Level.COMPOUND, "荷香苑")
    buildings = [areas.add(session, garden, Level.BUILDING, f"{n}栋") for n in (10, 2, 3)]
    home = areas.household(session, vault_in(session), buildings[2], "1单元302")
    return Corner(county, community, garden, court, buildings, home)


def someone(session: Session, name: str, phone: str | None = None, proven: bool = True) -> Person:
    """A person, with a number or without."""
    person = Person(name=name, created_at=NOON)
    session.add(person)
    session.flush()
    if phone:
        set_phone(session, person, phone, proven)
    return person
