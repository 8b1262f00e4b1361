"""The tables of tickets (工单): what was asked, who has it and had it, what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Sealed, SealedJson


class Status(StrEnum):
    """Where a ticket stands. The first four are open."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    """The worker says it is done; the resident has not said yet."""
    JOINED = "joined"
    """Carried by the ticket it was joined to (我也遇到), which has the owner."""
    CLOSED = "closed"
    LAPSED = "lapsed"
    """The resident never said whether it is solved (未回访)."""
    WITHDRAWN = "withdrawn"


OPEN = (Status.WAITING, Status.CLAIMED, Status.RESOLVED, Status.JOINED)
OPEN_WORDS = ", ".join(f"'{status}'" for status in OPEN)
"""The same as a list of SQL: a query must say it in the index's own words for it to be used."""
UNDER_WAY = (Status.WAITING, Status.CLAIMED)
"""Somebody still has to do something."""


class Ticket(Base):
    """One matter. Its id is the number people call it by.

    version: grows with every change of state; a button remembers the version it was shown with,
    so that of two who press at once one wins.
    owner_id: who answers for it; None only while `alarmed_at` says that nobody serves there, or
    while another ticket carries it (`joined`).
    place: words about the place beyond the area, sealed like all free text from people.
    round: the rating round, which grows when a ticket is reopened.
    service_version: the version of the service's rule that it was filed under.
    filer_id: whose matter it is. reporter_id: who filed it for them (代报), else None.
    about_id: the worker whom it complains about. privacy: as in storage/rules.py.
    response_due_at: until when a person was to answer; responded_at: when one first did (claimed or
    replied). overdue: a limit was passed at some time.
    rung: on which rung of its service's ladder it stands.
    clock_limit, clock_used: working minutes of the present limit, and how many were used before
    `clock_since`; None there: the clock stands (waiting for the resident).
    warned: the highest share (percent) of the present limit that was warned of.
    next_at: when something falls due by itself. due_at: until when the present step is to be done,
    as it was last planned; None while the clock stands. asked_at: when the resident was asked
    whether it is solved; reminded_at: and asked once more.
    master_id: the ticket that it was joined to. households: how many distinct ones it concerns.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_owner_id_status", "owner_id", "status"),
        # The open ones, without all that were ever closed.
        Index(
            "ix_tickets_open",
            "owner_id",
            "status",
            sqlite_where=text(f"status IN ({OPEN_WORDS})"),
            postgresql_where=text(f"status IN ({OPEN_WORDS})"),
        ),
        Index("ix_tickets_filer_id_status", "filer_id", "status"),
        Index("ix_tickets_area_id", "area_id"),
        Index("ix_tickets_next_at", "next_at"),
        Index("ix_tickets_master_id", "master_id"),
        Index("ix_tickets_reporter_id", "reporter_id"),
        Index("ix_tickets_opened_at", "opened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(32))
    service_version: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str | None] = mapped_column(String(32))
    privacy: Mapped[str] = mapped_column(String(16), default="open")
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=1)
    round: Mapped[int] = mapped_column(default=1)
    urgent: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(Sealed)
    place: Mapped[str] = mapped_column(Sealed, default="")
    filer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    about_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    alarmed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    response_due_at: Mapped[datetime | None]
    responded_at: Mapped[datetime | None]
    overdue: Mapped[bool] = mapped_column(default=False)
    claimed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    rung: Mapped[int] = mapped_column(default=0)
    clock_limit: Mapped[int] = mapped_column(default=0)
    clock_used: Mapped[float] = mapped_column(default=0.0)
    clock_since: Mapped[datetime | None]
    warned: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    master_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    households: Mapped[int] = mapped_column(default=1)


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
    __table_args__ = (Index("ix_ticket_events_ticket_id_kind", "ticket_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(24))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Sealed, default="")
    media: Mapped[list[int]] = mapped_column(JSON, default=list)
    detail: Mapped[dict[str, Any]] = mapped_column(SealedJson, default=dict)


class TicketStage(Base):
    """Who had a ticket from when until when, and on which rung: what figures are counted from.

    level: the rung's level (building, grid ...), empty where nobody serves. cause: the event that
    began it (offered, claimed, transferred, escalated ...). until: None for the present one.
    """

    __tablename__ = "ticket_stages"
    __table_args__ = (Index("ix_ticket_stages_owner_id_since", "owner_id", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    level: Mapped[str] = mapped_column(String(16))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    cause: Mapped[str] = mapped_column(String(24))
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class TicketSource(Base):
    """Which message of which chat said (a part of) an event, so that an edit finds it again."""

    __tablename__ = "ticket_sources"
    __table_args__ = (UniqueConstraint("channel", "chat", "message_id", "event_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(64))
    event_id: Mapped[int] = mapped_column(ForeignKey("ticket_events.id"), index=True)


class TicketExclusion(Base):
    """A ticket left out of the figures: asked for by one, in force when another agreed.

    confirmed_at, confirmed_by: None until a second person agreed. ended_at: taken back.
    """

    __tablename__ = "ticket_exclusions"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    reason: Mapped[str] = mapped_column(Sealed)
    asked_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class TicketRating(Base):
    """What the resident said at the end of a round; rating again adds a row beside the old one."""

    __tablename__ = "ticket_ratings"
    __table_args__ = (Index("ix_ticket_ratings_ticket_id_round", "ticket_id", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
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
