"""Making a chat speak for somebody the county knows: by an invitation, or by a proven number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from storage import areas, audit, people
from storage.areas import Household
from storage.people import Account, Person
from storage.posts import Post


def listed(session: Session, phone: str, now: datetime) -> Person | None:
    """Who in the county's lists has this number: a worker, or the head of a household.

    A householder who never spoke to us becomes a person here, with the home they are listed at.
    """
    person = people.find_by_phone(session, phone)
    homes = areas.homes_by_phone(session, phone)
    if person is not None or not homes:
        return person
    household = session.get_one(Household, homes[0].id)
    person = Person(name=household.householder[:64], home_id=homes[0].id, created_at=now)
    session.add(person)
    people.set_phone(session, person, phone, proven=True)
    return person


def bind(session: Session, account: Account, person: Person) -> None:
    """Let `account` speak for `person`.

    Whoever spoke through it so far becomes `person`, with all they filed; unless they hold a post
    themselves: then only the account moves, since two workers are never made one.
    """
    before = account.person
    if before.id == person.id:
        return
    if session.scalar(select(exists().where(Post.person_id == before.id))):
        account.person = person
        session.flush()
    else:
        audit.note(session, account.last_used_at, person.id, "merged", f"person:{before.id}")
        people.merge(session, before, person)
