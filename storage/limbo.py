"""Which open tickets nobody answers for, or will never be looked at again: the queries.

Every query starts from the open tickets (`ix_tickets_open`), so that a hundred thousand
closed ones cost nothing. What is to be done about what they find stands in handlers/limbo.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, and_, exists, func, literal, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from storage.absences import Absence, on_leave
from storage.base import Base
from storage.people import Account
from storage.post_tables import Post, in_force
from storage.ticket_tables import OPEN_WORDS, UNDER_WAY, Status, Ticket, TicketStage

LAST_SHARE = 200
"""At this share of its limit (percent) a ticket on the top rung has no clock that falls due."""
IS_OPEN = Ticket.status.in_(text(OPEN_WORDS))
"""In every query, so that the index of the open ones is used."""
BY_NUMBER = Ticket.id + 0
"""Sorts by number without the database going through the whole table in that order."""


class LimboCheck(Base):
    """One look at all open tickets, in steps. last_id: how far it has come; found: what it did, as
    lists of ticket numbers by what was wrong with them; nightly: it was not a start of the program.
    """

    __tablename__ = "limbo_checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    nightly: Mapped[bool]
    last_id: Mapped[int] = mapped_column(default=0)
    found: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def begin(session: Session, now: datetime, *, nightly: bool) -> LimboCheck:
    """Write down that all open tickets are to be looked at."""
    check = LimboCheck(begun_at=now, ended_at=None, nightly=nightly, last_id=0, found={})
    session.add(check)
    session.flush()
    return check


def under_way(session: Session, now: datetime) -> list[int]:
    """The checks that have not come to their end; ids, oldest first."""
    del now  # a duty's `due` is given it
    unfinished = select(LimboCheck.id).where(LimboCheck.ended_at.is_(None))
    return list(session.scalars(unfinished.order_by(LimboCheck.id)))


def take(session: Session, check_id: int) -> LimboCheck | None:
    """The check, for this transaction alone; None when it has ended or another process has it."""
    return session.scalars(
        select(LimboCheck)
        .where(LimboCheck.id == check_id, LimboCheck.ended_at.is_(None))
        .with_for_update(skip_locked=True)
    ).first()


def _no_post(at: datetime, person: ColumnElement[Any]) -> ColumnElement[bool]:
    """Neither holds a post just now nor stands in, without ever having held one, for who does."""
    own, other, any_own = aliased(Post), aliased(Post), aliased(Post)
    holds = exists().where(own.person_id == person, in_force(at, own))
    deputy = exists().where(other.deputy_id == person, in_force(at, other)) | exists().where(
        Absence.deputy_id == person, Absence.since <= at, Absence.until > at
    )
    held = exists().where(any_own.person_id == person)
    return ~holds & (held | ~deputy)


def _shut_off(person: ColumnElement[Any]) -> ColumnElement[bool]:
    """Every chat they have has blocked us; who never had one is not meant."""
    open_one, blocked = aliased(Account), aliased(Account)
    return and_(
        exists().where(blocked.person_id == person, blocked.blocked_at.is_not(None)),
        ~exists().where(open_one.person_id == person, open_one.blocked_at.is_(None)),
    )


def absent_owners(session: Session, now: datetime, limit: int = 20) -> list[int]:
    """Owners of unfinished tickets who have left, are on leave, or blocked us: people's ids."""
    owners = (
        select(Ticket.owner_id.label("id"))
        .where(IS_OPEN, Ticket.status.in_(UNDER_WAY), Ticket.owner_id.is_not(None))
        .distinct()
        .subquery()
    )
    unfit = or_(_no_post(now, owners.c.id), on_leave(now, owners.c.id), _shut_off(owners.c.id))
    return list(
        session.scalars(select(owners.c.id).where(unfit).order_by(owners.c.id).limit(limit))
    )


def why_unfit(session: Session, person_id: int, now: datetime) -> str:
    """Why a person cannot answer for a ticket (left, on_leave, blocked); empty when they can."""
    person = literal(person_id)
    for reason, unfit in (
        ("left", _no_post(now, person)),
        ("on_leave", on_leave(now, person)),
        ("blocked", _shut_off(person)),
    ):
        if session.scalar(select(unfit)):
            return reason
    return ""


def unfinished_of(session: Session, person_id: int, limit: int) -> list[Ticket]:
    """The unfinished tickets that a person answers for, the oldest first."""
    return list(
        session.scalars(
            select(Ticket)
            .where(Ticket.owner_id == person_id, IS_OPEN, Ticket.status.in_(UNDER_WAY))
            .order_by(BY_NUMBER)
            .limit(limit)
        )
    )


def count_unfinished(session: Session, person_id: int) -> int:
    """How many unfinished tickets a person answers for."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Ticket)
            .where(Ticket.owner_id == person_id, IS_OPEN, Ticket.status.in_(UNDER_WAY))
        )
        or 0
    )


def alarmed(session: Session, limit: int = 200) -> list[Ticket]:
    """The queue of tickets that nobody serves, the oldest first."""
    return list(
        session.scalars(
            select(Ticket)
            .where(IS_OPEN, Ticket.status.in_(UNDER_WAY), Ticket.owner_id.is_(None))
            .where(Ticket.alarmed_at.is_not(None))
            .order_by(BY_NUMBER)
            .limit(limit)
        )
    )


def knock(session: Session, now: datetime) -> None:
    """Somebody may serve now who did not before: offer the alarmed queue again at once."""
    session.execute(
        update(Ticket)
        .where(IS_OPEN, Ticket.status.in_(UNDER_WAY), Ticket.owner_id.is_(None))
        .where(Ticket.alarmed_at.is_not(None))
        .values(next_at=now)
        .execution_options(synchronize_session=False)
    )


def stuck(session: Session, limit: int = 200) -> list[int]:
    """Unfinished tickets at the top that have used twice their limit: no clock moves them now."""
    return list(
        session.scalars(
            select(Ticket.id)
            .where(IS_OPEN, Ticket.status.in_(UNDER_WAY), Ticket.owner_id.is_not(None))
            .where(Ticket.warned >= LAST_SHARE)
            .order_by(BY_NUMBER)
            .limit(limit)
        )
    )


def broken(session: Session, now: datetime, after: int, limit: int) -> Sequence[int]:
    """Open tickets with a number above `after` that may break a rule, by their numbers.

    The rules are those of `handlers.limbo.fault`, which says for each one what is wrong.
    """
    t, master = Ticket, aliased(Ticket)
    owner: ColumnElement[Any] = t.owner_id.expression
    going = t.status.in_(UNDER_WAY)
    running = (
        select(func.count())
        .select_from(TicketStage)
        .where(TicketStage.ticket_id == t.id, TicketStage.until.is_(None))
        .scalar_subquery()
    )
    wrong = or_(
        going & t.owner_id.is_(None) & or_(t.alarmed_at.is_(None), t.next_at.is_(None)),
        going & t.owner_id.is_not(None) & t.alarmed_at.is_not(None),
        going & t.owner_id.is_not(None) & or_(
            t.clock_limit == 0, t.next_at.is_(None) & (t.warned < LAST_SHARE)
        ),
        going & t.owner_id.is_not(None) & or_(
            _no_post(now, owner),
            on_leave(now, owner),
            _shut_off(owner),
        ),
        (t.status == Status.RESOLVED) & or_(t.asked_at.is_(None), t.next_at.is_(None)),
        (t.status == Status.JOINED) & ~exists().where(
            master.id == t.master_id, master.status.in_((*UNDER_WAY, Status.RESOLVED))
        ),
        going & (running != 1),
        (t.status == Status.RESOLVED) & (running != 0),
    )  # fmt: skip
    return session.scalars(
        select(t.id).where(IS_OPEN, after < BY_NUMBER, wrong).order_by(BY_NUMBER).limit(limit)
    ).all()


def open_stages(session: Session, ticket_id: int) -> list[TicketStage]:
    """The stages of a ticket that have no end, oldest first; one while it is unfinished."""
    return list(
        session.scalars(
            select(TicketStage)
            .where(TicketStage.ticket_id == ticket_id, TicketStage.until.is_(None))
            .order_by(TicketStage.id)
        )
    )
