"""Who stands in for whom (替岗人): followed from deputy to deputy, never in a circle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.absences import Absence, overlapping, running
from storage.post_tables import Post, in_force


class DeputyCycle(ValueError):
    """This deputy would, by way of deputies, end up standing in for themselves."""


def has_left(session: Session, person_id: int, at: datetime) -> bool:
    """Whether a person held posts, and holds none at that moment."""
    held = session.scalars(
        select(in_force(at)).select_from(Post).where(Post.person_id == person_id)
    ).all()
    return bool(held) and not any(held)


def stand_in(
    session: Session, deputy_id: int | None, holder_id: int, role: str, at: datetime
) -> int | None:
    """The first person along the deputies who is there; None when the line ends.

    Who held posts and holds none any more has left, and stands in for nobody.
    Who stands in for an absent holder, or for an absent deputy, is whom their absence names;
    where it names none the deputy of the post, and of an absent deputy those of the posts they
    hold: of the same role first, then by post id. Depth first; everyone is asked once, so that a
    cycle ends.
    """
    asked = {holder_id}
    absence = running(session, holder_id, at)
    if absence is not None and absence.says_deputy:
        deputy_id = absence.deputy_id
    line = [deputy_id] if deputy_id is not None else []
    while line:
        person_id = line.pop(0)
        if person_id in asked:
            continue
        asked.add(person_id)
        absence = running(session, person_id, at)
        if absence is None and not has_left(session, person_id, at):
            return person_id
        if absence is not None and absence.says_deputy:
            line[:0] = [absence.deputy_id] if absence.deputy_id is not None else []
            continue
        rows = session.execute(
            select(Post.deputy_id, Post.role, Post.id)
            .where(Post.person_id == person_id, Post.deputy_id.is_not(None), in_force(at))
            .order_by(Post.id)
        ).all()
        line[:0] = [row.deputy_id for row in sorted(rows, key=lambda row: row.role != role)]
    return None


def of_absence(session: Session, absence: Absence) -> set[int]:
    """Who stands in while an absence lasts: whom it names, otherwise the deputies of the posts."""
    if absence.says_deputy:
        return set() if absence.deputy_id is None else {absence.deputy_id}
    held = select(Post.deputy_id).where(
        Post.person_id == absence.person_id, in_force(absence.since)
    )
    return {one for one in session.scalars(held) if one is not None}


def refuse_circle(
    session: Session, person_id: int, deputy_id: int, since: datetime, until: datetime
) -> None:
    """Raise DeputyCycle when the deputy is away at some time between these two, and who stands in
    for them leads back to the person."""

    def next_ones(frontier: set[int]) -> set[int]:
        away = [one for who in frontier for one in overlapping(session, who, since, until)]
        return {who for one in away for who in of_absence(session, one)}

    _refuse(person_id, deputy_id, next_ones)


def refuse_cycle(session: Session, person_id: int, deputy_id: int) -> None:
    """Raise DeputyCycle when the deputies that follow from `deputy_id` lead back to the person."""

    def next_ones(frontier: set[int]) -> set[int]:
        rows = session.scalars(
            select(Post.deputy_id).where(Post.person_id.in_(frontier), Post.deputy_id.is_not(None))
        )
        return {row for row in rows if row is not None}

    _refuse(person_id, deputy_id, next_ones)


def _refuse(person_id: int, deputy_id: int, next_ones: Callable[[set[int]], set[int]]) -> None:
    reached: set[int] = set()
    frontier = {deputy_id}
    while frontier:
        if person_id in frontier:
            raise DeputyCycle
        reached |= frontier
        frontier = next_ones(frontier) - reached
