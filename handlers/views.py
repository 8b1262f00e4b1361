"""A ticket as templates show it: plain values, with nothing the reader may not see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from handlers.talk import Talk
from storage import areas, posts, roles, services, tickets
from storage.people import Person
from storage.phones import masked
from storage.tickets import Ticket


@dataclass(frozen=True, slots=True)
class TicketView:
    """What a card or a list says about a ticket."""

    number: int
    kind: str
    text: str
    status: str
    urgent: bool
    place: str
    door: str
    filer: str
    phone: str
    owner: str
    owner_role: str
    photos: int
    households: int
    opened_at: datetime


def name_of(session: Session, person_id: int | None) -> str:
    """What a person is called; empty for nobody."""
    person = session.get(Person, person_id) if person_id is not None else None
    return person.name if person else ""


def role_in(session: Session, ticket: Ticket, person_id: int | None) -> str:
    """In which role (its label, or the unit they answer for) a person has to do with the ticket;
    empty when in none."""
    found = [p for p in tickets.parties(session, ticket.id) if p.person_id == person_id]
    if not found or person_id is None:
        return ""
    unit = posts.unit_of(session, person_id, found[0].role)
    return unit or roles.label(found[0].role)


def kind_label(ticket: Ticket) -> str:
    """What a ticket is about, in the words it was offered with; empty when it has no kind."""
    kind = services.kinds().get(ticket.kind or "")
    return kind.label if kind else ""


def one_of_many(talk: Talk, ticket: TicketView) -> str:
    """The label of a ticket's button in a list."""
    kind = ticket.kind or talk.word("desk.a_talk")
    return talk.word("do.one").format(number=ticket.number, kind=kind)


def place_of(session: Session, ticket: Ticket) -> str:
    """Where it is, without the door."""
    title = areas.title(session, areas.get(session, ticket.area_id))
    return f"{title} {ticket.place}".strip()


def view(session: Session, ticket: Ticket, *, door: bool) -> TicketView:
    """The ticket for a reader; `door` only for one who serves it (write the look down)."""
    filer = session.get_one(Person, ticket.filer_id)
    opened = tickets.events(session, ticket.id)[0]
    area = areas.get(session, ticket.area_id)
    return TicketView(
        number=ticket.id,
        kind=kind_label(ticket),
        text=ticket.text,
        status=ticket.status,
        urgent=ticket.urgent,
        place=place_of(session, ticket),
        door=areas.door_of(session, area) if door else "",
        filer=filer.name,
        phone=masked(filer.phone) if filer.phone else "",
        owner=name_of(session, ticket.owner_id),
        owner_role=role_in(session, ticket, ticket.owner_id),
        photos=len(opened.media),
        households=ticket.households,
        opened_at=ticket.opened_at,
    )
