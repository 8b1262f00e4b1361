"""Tickets (工单), their events and their ratings: what was asked, who has it, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Sealed, SealedJson


class Status(StrEnum):
    """Where a ticket stands. The first three are open."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    """The worker says it is done; the resident has not said yet."""
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


OPEN = (Status.WAITING, Status.CLAIMED, Status.RESOLVED)


class Ticket(Base):
    """One matter. Its id is the number people call it by.

    version: grows with every change of state; a button remembers the version it was shown with,
    so that of two who press at once one wins.
    owner_id: who answers for it; None only while `alarmed_at` says that nobody serves there.
    place: words about the place beyond the area, sealed like all free text from people.
    round: the rating round, which grows when a ticket is reopened.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_owner_id_status", "owner_id", "status"),
        Index("ix_tickets_filer_id_status", "filer_id", "status"),
        Index("ix_tickets_area_id", "area_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str | None] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=1)
    round: Mapped[int] = mapped_column(default=1)
    urgent: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(Sealed)
    place: Mapped[str] = mapped_column(Sealed, default="")
    filer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    alarmed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class TicketParty(Base):
    """Someone the ticket was offered to or who has had it: who may see it and gets its cards."""

    __tablename__ = "ticket_parties"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(32))
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class TicketEvent(Base):
    """One thing that happened to a ticket, never changed afterwards.

    kind: opened, claimed, replied, supplemented, nudged, transferred, resolved, solved, reopened,
    rated, withdrawn ... actor_id is None for what the program did. media: ids of files.
    detail: what the kind needs besides (to whom, which score, a place that was sent), sealed.
    """

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Sealed, default="")
    media: Mapped[list[int]] = mapped_column(JSON, default=list)
    detail: Mapped[dict[str, Any]] = mapped_column(SealedJson, default=dict)


class TicketRating(Base):
    """What the resident said at the end of a round; rating again adds a row beside the old one."""

    __tablename__ = "ticket_ratings"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    round: Mapped[int]
    score: Mapped[str] = mapped_column(String(16))
    remark: Mapped[str] = mapped_column(Sealed, default="")
    at: Mapped[datetime]


class TicketMessage(Base):
    """A message standing in some chat that shows a ticket: a reply to it belongs to that ticket."""

    __tablename__ = "ticket_messages"
    __table_args__ = (UniqueConstraint("channel", "chat", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(64))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)


class TicketChanged(Exception):
    """Somebody else changed the ticket first; the caller's view of it was old."""


def open_ticket(
    session: Session,
    *,
    service: str,
    kind: str | None,
    text: str,
    media: list[int],
    place: str,
    location: tuple[float, float] | None,
    filer_id: int,
    area_id: int,
    urgent: bool,
    now: datetime,
) -> Ticket:
    """A new ticket with its first event; it has no owner until `offer` or `alarm` says."""
    ticket = Ticket(
        service=service,
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
    detail = {"location": list(location)} if location else {}
    record(session, ticket, "opened", filer_id, now, text=text, media=media, detail=detail)
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
) -> TicketEvent:
    """Write one event of a ticket."""
    event = TicketEvent(
        ticket_id=ticket.id,
        kind=kind,
        actor_id=actor_id,
        at=now,
        text=text,
        media=media or [],
        detail=detail or {},
    )
    session.add(event)
    session.flush()
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


def add_party(session: Session, ticket: Ticket, person_id: int, role: str, now: datetime) -> None:
    """Let a person see the ticket and get its cards; again does nothing."""
    party = session.get(TicketParty, (ticket.id, person_id))
    if party is None:
        session.add(
            TicketParty(ticket_id=ticket.id, person_id=person_id, role=role, since=now, until=None)
        )
    else:
        party.until = None
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


def of_filer(session: Session, person_id: int, *, open_only: bool, limit: int = 20) -> list[Ticket]:
    """A resident's tickets, newest first."""
    query = select(Ticket).where(Ticket.filer_id == person_id)
    if open_only:
        query = query.where(Ticket.status.in_(OPEN))
    return list(session.scalars(query.order_by(Ticket.id.desc()).limit(limit)))


def of_worker(session: Session, person_id: int, limit: int = 20) -> list[Ticket]:
    """The open tickets a worker owns or was offered and nobody claimed, urgent and oldest first."""
    offered = select(TicketParty.ticket_id).where(
        TicketParty.person_id == person_id, TicketParty.until.is_(None)
    )
    query = (
        select(Ticket)
        .where(
            Ticket.status.in_(OPEN),
            or_(
                Ticket.owner_id == person_id,
                (Ticket.status == Status.WAITING) & Ticket.id.in_(offered),
            ),
        )
        .order_by(Ticket.urgent.desc(), Ticket.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def events(session: Session, ticket_id: int) -> list[TicketEvent]:
    """What happened to a ticket, oldest first."""
    return list(
        session.scalars(
            select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
        )
    )


def last_event(session: Session, ticket_id: int, kinds: Sequence[str]) -> TicketEvent | None:
    """The newest event of these kinds."""
    return session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket_id, TicketEvent.kind.in_(kinds))
        .order_by(TicketEvent.id.desc())
        .limit(1)
    ).first()


def may_see(session: Session, ticket: Ticket, person_id: int) -> bool:
    """Whether a person is the filer, the owner or a party of the ticket."""
    if person_id in (ticket.filer_id, ticket.owner_id):
        return True
    party = session.get(TicketParty, (ticket.id, person_id))
    return party is not None and party.until is None


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


def add_remark(session: Session, rating_id: int, person_id: int, remark: str) -> None:
    """Put a sentence beside a rating that this person gave."""
    rating = session.get(TicketRating, rating_id)
    if rating is not None and rating.person_id == person_id:
        rating.remark = remark


def tie(session: Session, channel: str, chat: str, message_id: str, ticket_id: int) -> None:
    """Remember that a message in a chat shows a ticket; again does nothing."""
    known = session.scalar(
        select(TicketMessage.id).where(
            TicketMessage.channel == channel,
            TicketMessage.chat == chat,
            TicketMessage.message_id == message_id,
        )
    )
    if known is None:
        session.add(
            TicketMessage(channel=channel, chat=chat, message_id=message_id, ticket_id=ticket_id)
        )


def tied(session: Session, channel: str, chat: str, message_id: str) -> int | None:
    """The ticket that a message in a chat shows."""
    return session.scalar(
        select(TicketMessage.ticket_id).where(
            TicketMessage.channel == channel,
            TicketMessage.chat == chat,
            TicketMessage.message_id == message_id,
        )
    )
