"""Tickets (工单), their events and their ratings: what was asked, who has it, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, or_, select, union_all, update
from sqlalchemy.orm import Session, object_session

from storage import appointments, rules, versions
from storage.prepared import Prepared
from storage.remembered import once
from storage.rules import Service
from storage.ticket_tables import (
    OPEN,
    UNDER_WAY,
    Status,
    Ticket,
    TicketEvent,
    TicketExclusion,
    TicketMessage,
    TicketParty,
    TicketRating,
    TicketSource,
    TicketStage,
)
from storage.versions import Origin

__all__ = [
    "OPEN",
    "UNDER_WAY",
    "Status",
    "Ticket",
    "TicketEvent",
    "TicketExclusion",
    "TicketMessage",
    "TicketParty",
    "TicketRating",
    "TicketSource",
    "TicketStage",
]


class TicketChanged(Exception):
    """Somebody else changed the ticket first; the caller's view of it was old."""


class KeptFrom(Exception):
    """Somebody was to get part in a ticket that must never reach them; a fault of the caller."""


def open_ticket(
    session: Session,
    *,
    service: Service,
    kind: str | None,
    text: str,
    media: list[int],
    place: str,
    location: tuple[float, float] | None,
    filer_id: int,
    area_id: int,
    urgent: bool,
    now: datetime,
    reporter_id: int | None = None,
    about_id: int | None = None,
    detail: dict[str, Any] | None = None,
    origin: Origin | None = None,
) -> Ticket:
    """A new ticket with its first event; it has no owner until it is offered to somebody.

    detail: what else was asked, kept with the first event. origin: which messages said it.
    """
    ticket = Ticket(
        service=service.key,
        service_version=service.version,
        privacy=service.privacy,
        reporter_id=reporter_id,
        about_id=about_id,
        kind=kind,
        status=Status.WAITING,
        version=1,
        round=1,
        urgent=urgent,
        text=text,
        place=place,
        filer_id=filer_id,
        area_id=area_id,
        opened_at=now,
    )
    session.add(ticket)
    session.flush()
    facts = {**({"location": list(location)} if location else {}), **(detail or {})}
    record(
        session, ticket, "opened", reporter_id or filer_id, now,
        text=text, media=media, detail=facts, origin=origin,
    )  # fmt: skip
    return ticket


def record(
    session: Session,
    ticket: Ticket,
    kind: str,
    actor_id: int | None,
    now: datetime,
    *,
    text: str = "",
    media: list[int] | None = None,
    detail: dict[str, Any] | None = None,
    origin: Origin | None = None,
) -> TicketEvent:
    """Write one event of a ticket. origin: which messages said it, so that an edit finds it."""
    event = TicketEvent(
        ticket_id=ticket.id,
        kind=kind,
        actor_id=actor_id,
        at=now,
        text=text,
        media=media or [],
        detail={**(detail or {}), **(origin.detail() if origin else {})},
    )
    session.add(event)
    session.flush()
    if origin:
        versions.remember(session, event, origin)
    return event


def advance(session: Session, ticket: Ticket, version: int, **changes: Any) -> None:
    """Change a ticket's state if it still has `version`: of two who try at once, one wins.

    Raises TicketChanged for the other; `ticket` then shows what the winner made of it.
    """
    won = session.execute(
        update(Ticket)
        .where(Ticket.id == ticket.id, Ticket.version == version)
        .values(version=version + 1, **changes)
        .returning(Ticket.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    session.refresh(ticket)
    if won is None:
        raise TicketChanged


def begin_stage(
    session: Session, ticket: Ticket, level: str, cause: str, now: datetime
) -> TicketStage:
    """From now on the ticket's owner has it, on this level; what was before ends."""
    end_stage(session, ticket.id, now)
    stage = TicketStage(
        ticket_id=ticket.id, level=level, owner_id=ticket.owner_id, cause=cause, since=now
    )
    session.add(stage)
    if stage.owner_id is not None:
        appointments.enrol(session, stage.owner_id, appointments.BRIEFING, now)
    session.flush()
    return stage


def end_stage(session: Session, ticket_id: int, now: datetime) -> None:
    """Nobody works on the ticket any more, for now."""
    session.execute(
        update(TicketStage)
        .where(TicketStage.ticket_id == ticket_id, TicketStage.until.is_(None))
        .values(until=now)
        .execution_options(synchronize_session=False)
    )


def stages(session: Session, ticket_id: int) -> list[TicketStage]:
    """Who had the ticket, first to last."""
    return list(
        session.scalars(
            select(TicketStage)
            .where(TicketStage.ticket_id == ticket_id)
            .order_by(TicketStage.id)
            .execution_options(populate_existing=True)
        )
    )


def falling_due(session: Session, now: datetime, limit: int = 50) -> list[int]:
    """The open tickets for which something falls due by itself, the longest due first."""
    return list(
        session.scalars(
            select(Ticket.id)
            .where(Ticket.next_at <= now, Ticket.status.in_(OPEN))
            .order_by(Ticket.next_at, Ticket.id)
            .limit(limit)
        )
    )


def joined(session: Session, master_id: int) -> list[Ticket]:
    """The tickets that were joined to this one (我也遇到), oldest first."""
    return list(
        session.scalars(select(Ticket).where(Ticket.master_id == master_id).order_by(Ticket.id))
    )


def add_party(session: Session, ticket: Ticket, person_id: int, role: str, now: datetime) -> None:
    """Let a person see the ticket and get its cards; again does nothing.

    Raises KeptFrom for who must never have part in it (`permissions.is_kept_from`): no way of
    handing a ticket on may forget to ask.
    """
    from storage import permissions  # imports this file, so not at the top

    if permissions.is_kept_from(session, person_id, ticket, now):
        raise KeptFrom
    party = session.get(TicketParty, (ticket.id, person_id))
    if party is None:
        session.add(
            TicketParty(ticket_id=ticket.id, person_id=person_id, role=role, since=now, until=None)
        )
    elif party.until is not None:
        party.until, party.role, party.since = None, role, now
    appointments.enrol(session, person_id, appointments.BRIEFING, now)
    session.flush()


def end_party(session: Session, ticket_id: int, person_id: int, now: datetime) -> None:
    """A person has no part in the ticket any more: sees nothing of it and gets no cards."""
    party = session.get(TicketParty, (ticket_id, person_id))
    if party is not None and party.until is None:
        party.until = now
        session.flush()


def parties(session: Session, ticket_id: int) -> list[TicketParty]:
    """Who may see the ticket besides its filer."""
    return list(
        session.scalars(
            select(TicketParty)
            .where(TicketParty.ticket_id == ticket_id, TicketParty.until.is_(None))
            .order_by(TicketParty.since, TicketParty.person_id)
        )
    )


def get(session: Session, ticket_id: int) -> Ticket | None:
    """The ticket with this number."""
    return session.get(Ticket, ticket_id)


def service_label(ticket: Ticket) -> str:
    """What its service was called when it was filed."""
    session = object_session(ticket)
    assert session is not None  # a ticket is only ever shown within its transaction
    return rules.of_version(session, ticket.service, ticket.service_version).label


def of_filer(session: Session, person_id: int, *, open_only: bool, limit: int = 20) -> list[Ticket]:
    """What a person filed, for themselves or for somebody else, newest first."""
    query = _OPEN_OF_FILER if open_only else _OF_FILER
    return list(session.scalars(query.limit(limit), {"who": person_id}))


# Each part by its own index, as in `threads`.
_FILED = union_all(
    *(select(Ticket.id).where(c == bindparam("who")) for c in (Ticket.filer_id, Ticket.reporter_id))
)
_OF_FILER = select(Ticket).where(Ticket.id.in_(_FILED)).order_by(Ticket.id.desc())
_OPEN_OF_FILER = _OF_FILER.where(Ticket.status.in_(OPEN))


def threads(session: Session, person_id: int, limit: int = 200) -> list[Ticket]:
    """The open tickets that a plain message of a person could belong to: those they filed, and
    those they answer for. Where something happened last is first."""
    session.flush()  # the next statement does not see what is not
    ids = [row[0] for row in _threads().rows(session, person=person_id, most=limit)]
    if not ids:  # nearly every resident
        return []
    return these(session, ids)


def these(session: Session, ids: Sequence[int]) -> list[Ticket]:
    """The tickets with these ids, in this order. Raises KeyError where one is not there."""
    found = {one.id: one for one in session.scalars(_THESE, {"ids": ids})}
    return [found[one] for one in ids]


_THESE = select(Ticket).where(Ticket.id.in_(bindparam("ids", expanding=True)))


@cache
def _threads() -> Prepared:
    """The ids that `threads` asks for."""
    last = (
        select(func.max(TicketEvent.id))
        .where(TicketEvent.ticket_id == Ticket.id)
        .correlate(Ticket)
        .scalar_subquery()
    )
    person: BindParameter[int] = bindparam("person")
    is_open = or_(*(Ticket.status == one.value for one in OPEN))
    # Each part by its own index: with OR every open ticket of the county is looked at.
    mine = union_all(
        select(Ticket.id).where(Ticket.filer_id == person, is_open),
        select(Ticket.id).where(Ticket.owner_id == person, is_open),
        # Hardly any ticket has a reporter, so SQLite takes an index of states for the better one.
        select(Ticket.id).where(Ticket.reporter_id == person),
    )
    query = select(Ticket.id).where(Ticket.id.in_(mine), is_open)
    return Prepared(query.order_by(last.desc()).limit(bindparam("most")))


def events(session: Session, ticket_id: int) -> list[TicketEvent]:
    """What happened to a ticket, oldest first."""

    def read() -> list[TicketEvent]:
        return list(session.scalars(_EVENTS, {"ticket": ticket_id}))

    return list(once(session, (TicketEvent.__tablename__,), ticket_id, read, objects=True))


_EVENTS = (
    select(TicketEvent).where(TicketEvent.ticket_id == bindparam("ticket")).order_by(TicketEvent.id)
)


def last_event(session: Session, ticket_id: int, kinds: Sequence[str]) -> TicketEvent | None:
    """The newest event of these kinds."""
    return session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket_id, TicketEvent.kind.in_(kinds))
        .order_by(TicketEvent.id.desc())
        .limit(1)
    ).first()


def worked_on(session: Session, ticket_id: int) -> set[int]:
    """Who ever took the ticket on, took it over or said that it was done."""
    rows = session.scalars(
        select(TicketEvent.actor_id).where(
            TicketEvent.ticket_id == ticket_id,
            TicketEvent.kind.in_(("claimed", "stepped_in", "resolved")),
            TicketEvent.actor_id.is_not(None),
        )
    )
    return {row for row in rows if row is not None}


def is_party(session: Session, ticket_id: int, person_id: int) -> bool:
    """Whether the ticket was offered to this person, or they have had it."""
    party = session.get(TicketParty, (ticket_id, person_id))
    return party is not None and party.until is None


def offered_to(session: Session, ticket_id: int, person_id: int) -> bool:
    """Whether it was given to this person since its present stage began, not only before it."""
    party = session.get(TicketParty, (ticket_id, person_id))
    if party is None or party.until is not None:
        return False
    began = session.scalar(
        select(TicketStage.since)
        .where(TicketStage.ticket_id == ticket_id, TicketStage.until.is_(None))
        .order_by(TicketStage.id.desc())
        .limit(1)
    )
    return began is None or party.since >= began


def last_of_party(session: Session, person_id: int) -> Ticket | None:
    """The matter under way that was given to this person last, whoever has it now."""
    return session.scalars(
        select(Ticket)
        .join(TicketParty, TicketParty.ticket_id == Ticket.id)
        .where(TicketParty.person_id == person_id, Ticket.status.in_(UNDER_WAY))
        .order_by(TicketParty.since.desc())
        .limit(1)
    ).first()
