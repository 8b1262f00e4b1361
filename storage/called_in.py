"""Who was called in (催物业, 吹哨): they see to a part of what somebody else answers for."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from storage import tickets
from storage.post_tables import Role
from storage.ticket_tables import UNDER_WAY, Ticket, TicketParty

CALLS = ("called_property", "whistled")
CALLED = (Role.PROPERTY_MANAGER, Role.MEMBER_UNIT)
"""As what somebody is called in."""


def is_called_in(session: Session, ticket: Ticket, person_id: int) -> bool:
    """Whether the person is here only because somebody called them in."""
    return ticket.owner_id != person_id and any(
        event.kind in CALLS and event.detail.get("to") == person_id
        for event in tickets.events(session, ticket.id)
    )


def open_ones(session: Session, person_id: int) -> list[Ticket]:
    """The matters under way that a person was called in for and does not answer for, the latest
    first."""
    found = session.scalars(_open_ones(), {"person": person_id})
    return [one for one in found if is_called_in(session, one, person_id)]


@cache
def _open_ones() -> Select[Ticket]:
    """Put together once: every plain message asks it."""
    return (
        select(Ticket)
        .join(TicketParty, TicketParty.ticket_id == Ticket.id)
        .where(
            TicketParty.person_id == bindparam("person"),
            TicketParty.role.in_(CALLED),
            TicketParty.until.is_(None),
            Ticket.status.in_(UNDER_WAY),
        )
        .order_by(TicketParty.since.desc())
        .limit(50)
    )
