"""Who was called in (催物业, 吹哨): they see to a part of what somebody else answers for."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from storage import tickets
from storage.post_tables import Role
from storage.prepared import Prepared
from storage.ticket_tables import UNDER_WAY, Ticket, TicketParty

CALLS = ("called_property", "whistled")
CALLED = (Role.PROPERTY_MANAGER, Role.MEMBER_UNIT)
"""As what somebody is called in."""


def is_called_in(session: Session, ticket: Ticket, person_id: int) -> bool:
    """Whether the person is here only because somebody called them in."""
    mine = (ticket.owner_id, ticket.filer_id, ticket.reporter_id)
    return person_id not in mine and any(
        event.kind in CALLS and event.detail.get("to") == person_id
        for event in tickets.events(session, ticket.id)
    )


def open_ones(session: Session, person_id: int) -> list[Ticket]:
    """The matters under way that a person was called in for and does not answer for, the latest
    first."""
    session.flush()  # the next statement does not see what is not
    ids = [row[0] for row in _OPEN_ONES.rows(session, person=person_id)]
    if not ids:  # nearly everybody, and every plain message asks
        return []
    return [one for one in tickets.these(session, ids) if is_called_in(session, one, person_id)]


_OPEN_ONES = Prepared(
    select(Ticket.id)
    .join(TicketParty, TicketParty.ticket_id == Ticket.id)
    .where(
        TicketParty.person_id == bindparam("person"),
        or_(*(TicketParty.role == one.value for one in CALLED)),
        TicketParty.until.is_(None),
        or_(*(Ticket.status == one.value for one in UNDER_WAY)),
    )
    .order_by(TicketParty.since.desc())
    .limit(bindparam("most", 50))
)
