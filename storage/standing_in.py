"""Whose posts a person answers for while their holders are away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, exists, literal_column, or_, select
from sqlalchemy.orm import Session

from storage.absences import Absence, away
from storage.deputies import stand_in
from storage.post_tables import AT, Post, in_force
from storage.prepared import Prepared

_IS_A_DEPUTY = Prepared(
    select(literal_column("1")).where(
        or_(
            exists().where(Post.deputy_id == bindparam("person")),
            exists().where(Absence.deputy_id == bindparam("person"), Absence.until > AT),
        )
    )
)
_ABSENT_FOR = select(Absence.person_id).where(
    Absence.deputy_id.in_(bindparam("deputies", expanding=True)),
    Absence.since <= AT,
    Absence.until > AT,
)
_AWAY_FOR = (
    select(Post)
    .where(
        or_(
            Post.deputy_id.in_(bindparam("deputies", expanding=True)),
            Post.person_id.in_(bindparam("absent", expanding=True)),
        ),
        in_force(AT),
        away(AT, Post.person_id.expression),
    )
    .order_by(Post.id)
)


def stands_in_by(session: Session, person_id: int, at: datetime) -> list[Post]:
    """The posts of others that a person stands in for just now, their holders being away.

    Takes one query where nobody has them as deputy, on a post or while they are away.
    """
    session.flush()  # the next statement does not see what is not
    if _IS_A_DEPUTY.first(session, person=person_id, at=at) is None:  # no resident is
        return []
    found: dict[int, Post] = {}
    line = {person_id}
    asked: set[int] = set()
    while line:
        asked |= line
        asked_for = {"deputies": sorted(line), "at": at}
        absent = sorted(set(session.scalars(_ABSENT_FOR, asked_for)))
        rows = session.scalars(_AWAY_FOR, {**asked_for, "absent": absent}).all()
        found |= {post.id: post for post in rows}
        line = {post.person_id for post in rows} - asked
    # A deputy who is away passes on every post they stand in for, whoever's it is.
    return [
        post
        for post in found.values()
        if post.person_id != person_id
        and stand_in(session, post.deputy_id, post.person_id, post.role, at) == person_id
    ]
