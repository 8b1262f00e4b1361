"""Tickets left out of the figures: one asks, a second agrees, everybody sees it.

asked (not in force) → agreed by another person (in force) → taken back; or refused while asked.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.ticket_tables import Ticket, TicketExclusion


class NotTheSecond(Exception):
    """Who asked for it, or owns the ticket, cannot be the one who agrees."""


def ask(
    session: Session, ticket: Ticket, person_id: int, reason: str, now: datetime
) -> TicketExclusion:
    """Ask to leave a ticket out; nothing changes until somebody else agrees."""
    row = TicketExclusion(ticket_id=ticket.id, reason=reason, asked_by=person_id, asked_at=now)
    session.add(row)
    session.flush()
    return row


def may_agree(row: TicketExclusion, ticket: Ticket, person_id: int) -> bool:
    """Whether a person may be the second: neither who asked nor who answers for the ticket."""
    return person_id not in (row.asked_by, ticket.owner_id)


def agree(
    session: Session, row: TicketExclusion, ticket: Ticket, person_id: int, now: datetime
) -> None:
    """From now on the ticket is left out. Raises NotTheSecond."""
    if not may_agree(row, ticket, person_id):
        raise NotTheSecond
    row.confirmed_by, row.confirmed_at = person_id, now
    session.flush()


def end(session: Session, row: TicketExclusion, now: datetime) -> None:
    """Refused, or taken back: the ticket counts."""
    row.ended_at = now
    session.flush()


def get(session: Session, exclusion_id: int) -> TicketExclusion | None:
    """The exclusion of this id, as it stands; held until the transaction ends."""
    return session.get(TicketExclusion, exclusion_id, with_for_update=True, populate_existing=True)


def standing(session: Session, ticket_id: int) -> TicketExclusion | None:
    """The exclusion of a ticket that was asked for or agreed to, and not ended."""
    return session.scalars(
        select(TicketExclusion)
        .where(TicketExclusion.ticket_id == ticket_id, TicketExclusion.ended_at.is_(None))
        .order_by(TicketExclusion.id.desc())
        .limit(1)
    ).first()


def in_force(session: Session, ticket_ids: list[int]) -> list[TicketExclusion]:
    """The exclusions in force among these tickets, by ticket."""
    found: list[TicketExclusion] = []
    for start in range(0, len(ticket_ids), 500):
        found += session.scalars(
            select(TicketExclusion)
            .where(
                TicketExclusion.ticket_id.in_(ticket_ids[start : start + 500]),
                TicketExclusion.confirmed_at.is_not(None),
                TicketExclusion.ended_at.is_(None),
            )
            .order_by(TicketExclusion.ticket_id)
        )
    return found
