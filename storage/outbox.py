"""What is to go out: every reply is queued in the transaction of the message that caused it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, SealedJson


class OutState(StrEnum):
    """queued → sending → sent | failed | blocked. What was `sending` when the process died goes
    back to queued with `uncertain` set: it may appear twice, and is counted."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"


class OutboundMessage(Base):
    """One message to one chat, or a change (`edits`) of one that was sent.

    payload: {"text", "choices": [{"label", "do", "args"}], "exits": [same], "files": [media ids],
    "location": [lat, lon] | absent, "asks_contact", "asks_location"}; a button carries only
    "<this row's id>:<index>", where the index counts choices first, then exits, from 1.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_not_before", "state", "not_before"),
        Index("ix_outbox_channel_chat", "channel", "chat"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    card_for: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Whose task card this is, when it is one: it is edited as its ticket moves on."""
    edits: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    priority: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(8))
    uncertain: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    message_id: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(160), default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


def queue(
    session: Session,
    *,
    channel: str,
    chat: str,
    payload: dict[str, Any],
    now: datetime,
    ticket_id: int | None = None,
    card_for: int | None = None,
    edits: int | None = None,
    priority: int = 0,
) -> int:
    """Queue one message; its id, which its buttons carry."""
    row = OutboundMessage(
        channel=channel,
        chat=chat,
        payload=payload,
        ticket_id=ticket_id,
        card_for=card_for,
        edits=edits,
        priority=priority,
        state=OutState.QUEUED,
        not_before=now,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def shown(session: Session, ref: int, channel: str, chat: str) -> OutboundMessage | None:
    """The message with this id, if it was for this chat: a button of another chat opens nothing."""
    row = session.get(OutboundMessage, ref)
    return row if row and row.channel == channel and row.chat == chat else None


def newest_form(session: Session, ref: int) -> int:
    """The id whose choices a message has now: its latest edit's, or its own."""
    row = session.get(OutboundMessage, ref)
    original = (row.edits or row.id) if row else ref
    latest = session.scalar(
        select(func.max(OutboundMessage.id)).where(OutboundMessage.edits == original)
    )
    return latest or original


def cards(session: Session, ticket_id: int) -> list[OutboundMessage]:
    """The newest task card of each person for this ticket, as it was first sent."""
    rows = session.scalars(
        select(OutboundMessage)
        .where(
            OutboundMessage.ticket_id == ticket_id,
            OutboundMessage.card_for.is_not(None),
            OutboundMessage.edits.is_(None),
        )
        .order_by(OutboundMessage.id)
    )
    return list({(row.card_for, row.channel): row for row in rows}.values())


def recover(session: Session) -> int:
    """After a start: what was being sent when the process ended goes out again, marked uncertain.

    Gives how many those were.
    """
    result = session.execute(
        update(OutboundMessage)
        .where(OutboundMessage.state == OutState.SENDING)
        .values(state=OutState.QUEUED, uncertain=True)
        .returning(OutboundMessage.id)
    )
    return len(result.all())


def claim(
    session: Session,
    now: datetime,
    *,
    busy: set[tuple[str, str]],
    channels: Sequence[str],
    most: int,
) -> list[OutboundMessage]:
    """Take up to `most` messages to send, at most one a chat: the oldest that waits there.

    A chat whose oldest message must wait (`not_before`) sends nothing, so that order is kept;
    chats in `busy` are being served already. Only `channels` are looked at. What is taken is
    marked `sending`.
    """
    heads = (
        select(func.min(OutboundMessage.id))
        .where(OutboundMessage.state == OutState.QUEUED, OutboundMessage.channel.in_(channels))
        .group_by(OutboundMessage.channel, OutboundMessage.chat)
    )
    waiting = session.execute(
        select(OutboundMessage.id, OutboundMessage.channel, OutboundMessage.chat)
        .where(OutboundMessage.id.in_(heads), OutboundMessage.not_before <= now)
        .order_by(OutboundMessage.priority, OutboundMessage.id)
        .limit(most + len(busy))
    )
    ids = [row.id for row in waiting if (row.channel, row.chat) not in busy][:most]
    if not ids:
        return []
    session.execute(
        update(OutboundMessage)
        .where(OutboundMessage.id.in_(ids))
        .values(state=OutState.SENDING, attempts=OutboundMessage.attempts + 1)
    )
    return list(
        session.scalars(
            select(OutboundMessage)
            .where(OutboundMessage.id.in_(ids))
            .order_by(OutboundMessage.id)
            .execution_options(populate_existing=True)
        )
    )


def next_due(session: Session) -> datetime | None:
    """When the earliest queued message may go out; None when nothing is queued."""
    due: datetime | None = session.scalar(
        select(func.min(OutboundMessage.not_before)).where(OutboundMessage.state == OutState.QUEUED)
    )
    return due


def settle(
    session: Session,
    ref: int,
    *,
    state: OutState,
    now: datetime,
    message_id: str | None = None,
    not_before: datetime | None = None,
    uncertain: bool = False,
    reason: str = "",
) -> None:
    """Note what became of a sending."""
    values: dict[str, Any] = {"state": state, "reason": reason[:160]}
    if state is OutState.SENT:
        values |= {"sent_at": now, "message_id": message_id}
    if not_before is not None:
        values["not_before"] = not_before
    if uncertain:
        values["uncertain"] = True
    session.execute(update(OutboundMessage).where(OutboundMessage.id == ref).values(**values))


def platform_id(session: Session, ref: int) -> str | None:
    """The platform's id of a message that was sent."""
    return session.scalar(select(OutboundMessage.message_id).where(OutboundMessage.id == ref))


def counts(session: Session) -> dict[str, int]:
    """How many messages are in each state; under ``uncertain``, how many may have gone twice."""
    rows = session.execute(
        select(OutboundMessage.state, func.count()).group_by(OutboundMessage.state)
    )
    found: dict[str, int] = dict(rows.tuples().all())
    found["uncertain"] = (
        session.scalar(select(func.count()).where(OutboundMessage.uncertain.is_(True))) or 0
    )
    return found
