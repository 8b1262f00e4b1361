"""Who is away, and when (请假, 临时离岗)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ForeignKey,
    String,
    bindparam,
    exists,
    select,
)
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
    says_deputy: Mapped[bool] = mapped_column(default=False)
    """Whether it was said who stands in; otherwise it is the deputy of each post."""
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """Who stands in; None, where it was said, for nobody: the next rung."""

    def name_deputy(self, deputy_id: int | None) -> None:
        """Say who stands in while it lasts (None: nobody)."""
        self.says_deputy, self.deputy_id = True, deputy_id


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


def running(session: Session, person_id: int, at: datetime) -> Absence | None:
    """The absence of a person at that moment; of several, what says who stands in, then the
    newest."""
    return session.scalars(_RUNNING, {"person": person_id, "at": at}).first()


_RUNNING = (
    select(Absence)
    .where(
        Absence.person_id == bindparam("person"),
        Absence.since <= bindparam("at"),
        Absence.until > bindparam("at"),
    )
    .order_by(Absence.says_deputy.desc(), Absence.id.desc())
    .limit(1)
)


def overlapping(
    session: Session, person_id: int, since: datetime, until: datetime
) -> list[Absence]:
    """A person's absences that hold at some moment of this time."""
    return list(
        session.scalars(
            select(Absence).where(
                Absence.person_id == person_id, Absence.since < until, Absence.until > since
            )
        )
    )


def last_deputy(session: Session, person_id: int) -> int | None:
    """Who stood in for a person last."""
    wanted = select(Absence.deputy_id).where(
        Absence.person_id == person_id, Absence.deputy_id.is_not(None)
    )
    return session.scalars(wanted.order_by(Absence.id.desc()).limit(1)).first()


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


def touching(
    session: Session, person_id: int, since: datetime, until: datetime, deputy_id: int | None
) -> list[Absence]:
    """The leaves (not 临时离岗) of a person that a new one becomes one with: those it overlaps, and
    those it goes on from with the same deputy."""
    found = session.scalars(
        select(Absence)
        .where(Absence.person_id == person_id, Absence.long)
        .where(Absence.since <= until, Absence.until >= since)
        .order_by(Absence.since)
    )
    return [
        one
        for one in found
        if (one.since < until and one.until > since)
        or (one.says_deputy and one.deputy_id == deputy_id)
    ]


def add_leave(
    session: Session,
    person_id: int,
    since: datetime,
    until: datetime,
    deputy_id: int | None,
    *,
    short: bool = False,
) -> Absence:
    """Write a leave down with who stands in, as one with those of `touching`: two of the same days
    would each have to be taken back."""
    known = touching(session, person_id, since, until, deputy_id)
    if not known:
        leave = set_absence(session, person_id, since, until, short=short)
        leave.name_deputy(deputy_id)
        session.flush()
        return leave
    first, *rest = known
    first.name_deputy(deputy_id)
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
