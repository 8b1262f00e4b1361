"""Tickets (工单), their events and their ratings: what was asked, who has it, what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Sealed


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
    detail: what the kind needs and is not personal (from whom, to whom).
    """

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Sealed, default="")
    media: Mapped[list[int]] = mapped_column(JSON, default=list)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class TicketRating(Base):
    """What the resident said at the end of a round; rating again adds a row and keeps the old one."""

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
