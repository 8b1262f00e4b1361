"""Whose posts a person answers for while their holders are away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from storage.absences import away
from storage.deputies import stand_in
from storage.post_tables import AT, Post, in_force
from storage.prepared import Prepared

_IS_A_DEPUTY = Prepared(select(Post.id).where(Post.deputy_id == bindparam("person")).limit(1))
_AWAY_FOR = (
    select(Post)
    .where(
        Post.deputy_id.in_(bindparam("deputies", expanding=True)),
        in_force(AT),
        away(AT, Post.person_id.expression),
    )
    .order_by(Post.id)
)


def stands_in_by(session: Session, person_id: int, at: datetime) -> list[Post]:
    """The posts of others that a person stands in for just now, their holders being away.

    Takes one query where nobody who is away has them as deputy, directly or by way of deputies.
    """
    session.flush()  # the next statement does not see what is not
    if _IS_A_DEPUTY.first(session, person=person_id) is None:  # no resident is
        return []
    found: dict[int, Post] = {}
    line = {person_id}
    asked: set[int] = set()
    while line:
        asked |= line
        rows = session.scalars(_AWAY_FOR, {"deputies": sorted(line), "at": at}).all()
        found |= {post.id: post for post in rows}
        line = {post.person_id for post in rows} - asked
    # A deputy who is away passes on every post they stand in for, whoever's it is.
    return [
        post
        for post in found.values()
        if post.person_id != person_id
        and stand_in(session, post.deputy_id, post.person_id, post.role, at) == person_id
    ]
