"""Making a chat speak for somebody the county knows: by an invitation, or by a proven number."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from storage import people
from storage.people import Account, Person
from storage.posts import Post


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
        people.merge(session, before, person)
