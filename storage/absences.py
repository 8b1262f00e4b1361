"""Who is away, and when (请假, 临时离岗)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, ForeignKey, String, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base

LEAVE = timedelta(hours=4)
"""From how long an absence on what the person has open goes to somebody else: half a working day.
A shorter one (临时离岗) only keeps new matters away."""
MOST = 500
"""Absences of one list."""


class Absence(Base):
    """A person is away from `since` (inclusive) until `until` (exclusive)."""

    __tablename__ = "absences"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(128), default="")
    long: Mapped[bool] = mapped_column(default=False)
    """Whether it is longer than `LEAVE`; kept, because intervals of time differ among databases."""


def away(at: datetime | BindParameter[datetime], person: ColumnElement[int]) -> ColumnElement[bool]:
    """A person (a column of their ids) is absent at that moment."""
    return exists().where(Absence.person_id == person, Absence.since <= at, Absence.until > at)


def is_away(session: Session, person_id: int, at: datetime) -> bool:
    """Whether a person is absent at that moment."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Absence.person_id == person_id, Absence.since <= at, Absence.until > at
                )
            )
        )
    )


def set_absence(
    session: Session,
    person_id: int,
    since: datetime,
    until: datetime,
    note: str = "",
    *,
    short: bool = False,
) -> Absence:
    """Write down that a person is away from `since` until (not including) `until`; once only.

    short: it is half a day, however many hours of the clock that is; what is open stays. Raises
    ValueError when it ends before it begins.
    """
    if until <= since:
        raise ValueError("an absence ends after it begins")
    absence = session.scalars(
        select(Absence).where(
            Absence.person_id == person_id, Absence.since == since, Absence.until == until
        )
    ).first()
    if absence is None:
        long = until - since > LEAVE and not short
        absence = Absence(person_id=person_id, since=since, until=until, long=long)
        session.add(absence)
    absence.note = note[:128]
    session.flush()
    return absence


def touching(session: Session, person_id: int, since: datetime, until: datetime) -> list[Absence]:
    """The leaves (not 临时离岗) of a person that a new one overlaps, or goes on from."""
    return list(
        session.scalars(
            select(Absence)
            .where(Absence.person_id == person_id, Absence.long)
            .where(Absence.since <= until, Absence.until >= since)
            .order_by(Absence.since)
        )
    )


def add_leave(
    session: Session, person_id: int, since: datetime, until: datetime, *, short: bool = False
) -> Absence:
    """Write a leave down, as one with those it overlaps or goes on from: two of the same days would
    each have to be taken back."""
    known = touching(session, person_id, since, until)
    if not known:
        return set_absence(session, person_id, since, until, short=short)
    first, *rest = known
    first.since = min(first.since, since)
    first.until = max(first.until, until, *(one.until for one in rest))
    for one in rest:
        session.delete(one)
    session.flush()
    return first


def end_absence(session: Session, person_id: int, at: datetime) -> bool:
    """The person is back at `at`: whatever absence holds then ends, and what was still to come is
    taken back. Whether there was any."""
    rows = session.scalars(
        select(Absence).where(Absence.person_id == person_id, Absence.until > at)
    ).all()
    for absence in rows:
        end_one(session, absence, at)
    return bool(rows)


def end_one(session: Session, absence: Absence, at: datetime) -> None:
    """This absence ends at `at`; one that has not begun by then is taken back."""
    if absence.since >= at:
        session.delete(absence)
    else:
        absence.until = at
    session.flush()


def coming(session: Session, person_id: int, at: datetime) -> list[Absence]:
    """A person's absences that hold or are still to come, the first first."""
    return list(
        session.scalars(
            select(Absence)
            .where(Absence.person_id == person_id, Absence.until > at)
            .order_by(Absence.since)
        )
    )


def of_everybody(session: Session, at: datetime, days: int) -> list[Absence]:
    """The absences that hold, or begin within so many days, the first first."""
    return list(
        session.scalars(
            select(Absence)
            .where(Absence.until > at, Absence.since <= at + timedelta(days=days))
            .order_by(Absence.since, Absence.id)
            .limit(MOST)
        )
    )


def on_leave(at: datetime, person: ColumnElement[int]) -> ColumnElement[bool]:
    """A person (a column of their ids) is absent at that moment, for longer than `LEAVE`."""
    return exists().where(
        Absence.person_id == person, Absence.since <= at, Absence.until > at, Absence.long
    )
