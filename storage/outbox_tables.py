"""The table of what is to go out; `storage.outbox` is what is done with it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, case, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, SealedJson

NIGHT = 1
"""The priority of what was told during somebody's quiet hours: it waits for the morning, and what
answers a person who is awake (0) neither waits behind it nor is mixed into its order. Priorities
above it are for what goes to many."""


class OutState(StrEnum):
    """queued → sending → sent | failed | blocked. What was `sending` when the process died goes
    back to queued with `uncertain` set: it may appear twice, and is counted."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"


def under_way(row: Any) -> ColumnElement[bool]:
    """Whether a row waits or is being sent, as the index of what is under way has it."""
    found: ColumnElement[bool] = row.state.in_(text("'queued', 'sending'"))
    return found


def in_turn(row: Any) -> tuple[ColumnElement[Any], ...]:
    """The order in which a chat gets its messages: what is being sent, then the lowest priority
    number, then the oldest."""
    return case((row.state == OutState.SENDING.value, 0), else_=1), row.priority, row.id


class OutboundMessage(Base):
    """One message to one chat, or a change (`edits`) of one that was sent.

    payload: {"text", "choices": [{"label", "do", "args"}], "exits": [same], "files": [media ids],
    "location": [lat, lon] | absent, "asks_contact", "asks_location"}; a button carries only
    "<this row's id>:<index>", where the index counts choices first, then exits, from 1.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        # What waits, in the order it goes: looked at for every message that goes out.
        Index("ix_outbox_state", "state", "priority", "id"),
        Index("ix_outbox_channel_chat", "channel", "chat"),
        # What is under way in a chat, without its history.
        Index(
            "ix_outbox_under_way",
            "channel",
            "chat",
            "priority",
            "id",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        Index(
            "ix_outbox_receipt_id",
            "receipt_id",
            sqlite_where=text("receipt_id IS NOT NULL"),
            postgresql_where=text("receipt_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    card_for: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Whose task card this is, when it is one: it is edited as its ticket moves on."""
    edits: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"), index=True)
    priority: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(8))
    uncertain: Mapped[bool] = mapped_column(default=False)
    once: Mapped[bool] = mapped_column(default=False)
    """Whether it must not be sent again once it may have arrived."""
    receipt_id: Mapped[int | None] = mapped_column()
    """Whose files (or first words) of a notice these are, while they are under way: the row that
    its receipt names comes behind them. A number only: the two tables name each other."""
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    waits_since: Mapped[datetime | None]
    """When it could have gone, of what was put off since: a 429, a fault, a rest."""
    message_id: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(160), default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
