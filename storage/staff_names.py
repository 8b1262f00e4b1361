"""Whom of the county's side people mean by a name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import posts
from storage.names import bare
from storage.people import Person
from storage.posts import Post

SHORTEST = 2
"""A name of one character says nothing: many a sentence has it."""


def meant(session: Session, text: str, at: datetime) -> list[Person]:
    """Who holds a post and is called so, somewhere in `text`; every one of that name."""
    said = bare(text)
    rows = session.scalars(
        select(Person).where(Person.id.in_(select(Post.person_id))).order_by(Person.id)
    )
    named = [one for one in rows if len(bare(one.name)) >= SHORTEST and bare(one.name) in said]
    return [one for one in named if posts.posts_of(session, one.id, at)]
