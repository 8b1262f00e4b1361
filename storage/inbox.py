"""What came in: every event once, by the platform's own id, with what was said, sealed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Index, Select, String, UniqueConstraint, Update, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, SealedJson

LONGEST_EVENT_ID = 96

Q = TypeVar("Q", Select[int], Update)


class InboundState(StrEnum):
    """held: part of an album that is still being gathered. failed: kept, but not understood."""

    DONE = "done"
    HELD = "held"
    FAILED = "failed"


class InboundMessage(Base):
    """One event of one channel. The unique key is what makes a redelivery change nothing."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "event_id"),
        Index("ix_inbox_channel_chat_state", "channel", "chat", "state"),
        Index("ix_inbox_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    event_id: Mapped[str] = mapped_column(String(LONGEST_EVENT_ID))
    chat: Mapped[str] = mapped_column(String(64))
    group: Mapped[str | None] = mapped_column("group_id", String(64))
    state: Mapped[str] = mapped_column(String(8))
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    received_at: Mapped[datetime]


def first_time(
    session: Session,
    *,
    channel: str,
    event_id: str,
    chat: str,
    group: str | None,
    payload: dict[str, Any],
    now: datetime,
    state: InboundState = InboundState.DONE,
) -> bool:
    """Note the event; False when it was here before, and then nothing is changed."""
    values = {
        "channel": channel,
        "event_id": event_id,
        "chat": chat,
        "group_id": group,
        "state": state,
        "payload": payload,
        "received_at": now,
    }
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    table = InboundMessage.__table__
    statement = insert(InboundMessage).values({table.c[k]: v for k, v in values.items()})
    result = session.execute(
        statement.on_conflict_do_nothing(index_elements=["channel", "event_id"]).returning(
            table.c.id
        )
    )
    return result.scalar_one_or_none() is not None


def holds(session: Session, channel: str, chat: str, *, but: str | None) -> bool:
    """Whether parts of an album other than `but` wait in this chat."""
    query = _waiting(select(InboundMessage.id), channel, chat, but).limit(1)
    return session.scalar(query) is not None


def set_aside(session: Session, channel: str, chat: str, but: str | None) -> None:
    """Mark the parts of albums that wait in this chat as failed, without looking into them."""
    session.execute(
        _waiting(update(InboundMessage), channel, chat, but)
        .values(state=InboundState.FAILED)
        .execution_options(synchronize_session=False)
    )


def _waiting(query: Q, channel: str, chat: str, but: str | None) -> Q:
    query = query.where(
        InboundMessage.channel == channel,
        InboundMessage.chat == chat,
        InboundMessage.state == InboundState.HELD,
    )
    return query if but is None else query.where(InboundMessage.group != but)


def held(session: Session, channel: str, chat: str) -> list[InboundMessage]:
    """The parts of albums that wait in this chat, oldest first."""
    return list(
        session.scalars(
            select(InboundMessage)
            .where(
                InboundMessage.channel == channel,
                InboundMessage.chat == chat,
                InboundMessage.state == InboundState.HELD,
            )
            .order_by(InboundMessage.id)
        )
    )


def chats_holding(session: Session, before: datetime) -> list[tuple[str, str]]:
    """The (channel, chat) pairs whose newest waiting album part came before `before`."""
    rows = session.execute(
        select(InboundMessage.channel, InboundMessage.chat)
        .where(InboundMessage.state == InboundState.HELD)
        .group_by(InboundMessage.channel, InboundMessage.chat)
        .having(func.max(InboundMessage.received_at) <= before)
    )
    return [(channel, chat) for channel, chat in rows]
