"""Whose matter it is when somebody else files it: found among those we know, or made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import people
from storage.areas import Area, Household
from storage.names import bare
from storage.people import Person


def person_for(session: Session, home: Area | None, name: str, phone: str, now: datetime) -> Person:
    """The person of this name behind this door; made, with the number as it was said, when we know
    of none. home: None where their door is in no list.

    Known is who has proven this number and fits the door or the name, who lives at this door by
    this name, and whom the county lists there. What we know of them is not changed by what another
    says. The caller tells nobody whether they were known.
    """
    known = _by_phone(session, home, name, phone) or (_at(session, home, name) if home else None)
    if known is not None:
        return known
    person = Person(name=name[:64], home_id=home.id if home else None, created_at=now)
    session.add(person)
    session.flush()
    listed = session.get(Household, home.id) if home else None
    if listed is not None and listed.phone and bare(listed.householder) == bare(name):
        people.set_phone(session, person, listed.phone, proven=True)
    elif phone:
        people.set_phone(session, person, phone, proven=False)
    return person


def _by_phone(session: Session, home: Area | None, name: str, phone: str) -> Person | None:
    found = people.find_by_phone(session, phone) if phone else None
    if found is None:
        return None
    at_home = home is not None and found.home_id == home.id
    return found if at_home or bare(found.name) == bare(name) else None


def _at(session: Session, home: Area, name: str) -> Person | None:
    rows = session.scalars(select(Person).where(Person.home_id == home.id).order_by(Person.id))
    found = next((one for one in rows if bare(one.name) == bare(name)), None)
    if found is not None:
        return found
    listed = session.get(Household, home.id)
    if listed is None or not listed.phone or bare(listed.householder) != bare(name):
        return None
    return people.find_by_phone(session, listed.phone)
