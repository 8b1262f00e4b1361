"""How content people are with what became of a ticket."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.ticket_tables import Ticket, TicketRating


def rate(
    session: Session, ticket: Ticket, person_id: int, score: str, now: datetime
) -> TicketRating:
    """Keep a rating of the ticket's present round; an earlier one stays beside it."""
    rating = TicketRating(
        ticket_id=ticket.id,
        person_id=person_id,
        round=ticket.round,
        score=score,
        remark="",
        at=now,
    )
    session.add(rating)
    session.flush()
    return rating


def of(session: Session, ticket_id: int) -> list[TicketRating]:
    """Every rating of the ticket, oldest first; of one round the newest counts."""
    return list(
        session.scalars(
            select(TicketRating)
            .where(TicketRating.ticket_id == ticket_id)
            .order_by(TicketRating.id)
            .execution_options(populate_existing=True)
        )
    )


def add_remark(session: Session, rating_id: int, person_id: int, remark: str) -> None:
    """Put a sentence beside a rating that this person gave."""
    rating = session.get(TicketRating, rating_id)
    if rating is not None and rating.person_id == person_id:
        rating.remark = remark
