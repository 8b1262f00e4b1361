"""A ticket as templates show it: plain values, with nothing the reader may not see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from handlers.talk import Talk
from storage import areas, joining, masking, posts, ratings, roles, rules, services, tickets
from storage.people import Person
from storage.phones import masked
from storage.tickets import Ticket


@dataclass(frozen=True, slots=True)
class TicketView:
    """What a card or a list says about a ticket. asked: what its service asked besides, and what
    was answered."""

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
    asked: list[list[str]]


@dataclass(frozen=True, slots=True)
class Left:
    """How long until something is due, or since it was, for words a person says.

    late: it is past. days, hours, minutes: whole ones, rounded down, of the whole distance.
    day: "today", "tomorrow" or "later", by the local calendar.
    """

    at: datetime
    late: bool
    days: int
    hours: int
    minutes: int
    day: str
    clock: str


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket in a list. closed: nothing of what was said may stand there, only on the card."""

    t: TicketView
    left: Left | None
    paused: bool
    closed: bool


def left(due: datetime, now: datetime, zone: ZoneInfo) -> Left:
    """The distance between now and `due`, in the time zone that people live by."""
    minutes = int(abs(due - now) / timedelta(minutes=1))
    local = due.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    return Left(
        at=due,
        late=due <= now,
        days=minutes // 1440,
        hours=minutes // 60,
        minutes=minutes,
        day={0: "today", 1: "tomorrow"}.get(days, "later"),
        clock=f"{local.hour}:{local.minute:02d}",
    )


def line_of(talk: Talk, ticket: Ticket, due: datetime | None) -> Line:
    """One line of a list of tickets."""
    return Line(
        t=view(talk.session, ticket, door=False),
        left=left(due, talk.now, talk.zone) if due else None,
        paused=ticket.status == tickets.Status.CLAIMED and ticket.clock_since is None,
        closed=ticket.privacy != rules.OPEN,
    )


def name_of(session: Session, person_id: int | None) -> str:
    """What a person is called; empty for nobody."""
    person = session.get(Person, person_id) if person_id is not None else None
    return person.name if person else ""


def called(session: Session, ticket: Ticket) -> str:
    """Whose matter it is, by the name that who filed it for them gave; nothing else of them."""
    opened = tickets.events(session, ticket.id)[0]
    return opened.detail.get("for") or name_of(session, ticket.filer_id)


def remarks(session: Session, ticket_id: int) -> dict[int, str]:
    """The sentences beside the ratings of a ticket, by rating."""
    return {one.id: one.remark for one in ratings.of(session, ticket_id)}


def role_in(session: Session, ticket: Ticket, person_id: int | None) -> str:
    """In which role (its label, or the unit they answer for) a person has to do with the ticket;
    empty when in none."""
    found = [p for p in tickets.parties(session, ticket.id) if p.person_id == person_id]
    if not found or person_id is None:
        return ""
    unit = posts.unit_of(session, person_id, found[0].role)
    return unit or roles.label(found[0].role)


def kind_label(ticket: Ticket) -> str:
    """What a ticket is about: its kind, or its service where that asks for no kind."""
    kind = services.kinds().get(ticket.kind or "")
    return kind.label if kind else tickets.service_label(ticket)


def one_of_many(talk: Talk, ticket: TicketView) -> str:
    """The label of a ticket's button in a list."""
    kind = ticket.kind or talk.word("desk.a_talk")
    return talk.word("do.one").format(number=ticket.number, kind=kind)


def place_of(session: Session, ticket: Ticket) -> str:
    """Where it is, without the door."""
    title = areas.title(session, areas.get(session, ticket.area_id))
    return f"{title} {ticket.place}".strip()


@dataclass(frozen=True, slots=True)
class MaskedView:
    """What a neighbour reads of a ticket: no number, name, door or phone."""

    text: str
    place: str
    status: str
    households: int
    opened_at: datetime


def who_and_where(session: Session, ticket: Ticket) -> list[str]:
    """What names whose matter it is: names and doors, to be masked in words of the matter."""
    names = [name_of(session, one) for one in (ticket.filer_id, ticket.reporter_id)]
    filer = session.get_one(Person, ticket.filer_id)
    for area_id in (ticket.area_id, filer.home_id):
        if area_id is not None:
            names.append(areas.door_of(session, areas.get(session, area_id)))
    return names


def masked_view(session: Session, ticket: Ticket) -> MaskedView:
    """The ticket for somebody who may have met the same thing."""
    names = who_and_where(session, ticket)
    title = areas.title(session, areas.get(session, ticket.area_id))
    place = masking.without_who(ticket.place, names)
    return MaskedView(
        text=masking.without_who(ticket.text, names),
        place=f"{title} {place}".strip(),
        status=ticket.status,
        households=ticket.households,
        opened_at=ticket.opened_at,
    )


def view(session: Session, ticket: Ticket, *, door: bool, closed: bool = False) -> TicketView:
    """The ticket for a reader; `door` only for one who serves it (write the look down).

    closed: for who may know that there is such a ticket, and no more: without words, place, names.
    """
    filer = session.get_one(Person, ticket.filer_id)
    opened = tickets.events(session, ticket.id)[0]
    carrier = joining.carrier(session, ticket)
    area = areas.get(session, ticket.area_id)
    whole = TicketView(
        number=ticket.id,
        kind=kind_label(ticket),
        text=ticket.text,
        status=ticket.status,
        urgent=ticket.urgent,
        place=place_of(session, ticket),
        door=areas.door_of(session, area) if door else "",
        filer=filer.name,
        phone=masked(filer.phone) if filer.phone else "",
        owner=name_of(session, carrier.owner_id),
        owner_role=role_in(session, carrier, carrier.owner_id),
        photos=len(opened.media),
        households=ticket.households,
        opened_at=ticket.opened_at,
        asked=opened.detail.get("asked", []),
    )
    if not closed:
        return whole
    return replace(
        whole, text="", place="", door="", filer="", phone="", owner="", owner_role="",
        photos=0, asked=[],
    )  # fmt: skip
