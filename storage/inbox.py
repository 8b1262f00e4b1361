"""What came in: every event once, by the platform's own id, with what was said, sealed."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from sqlalchemy import (
    Index,
    Select,
    String,
    Table,
    UniqueConstraint,
    Update,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, SealedJson
from storage.prepared import Prepared, parameters

LONGEST_EVENT_ID = 96
LONGEST_MESSAGE_ID = 64
"""One that is longer cannot be edited; no platform has such."""

Q = TypeVar("Q", Select[int], Update)


class InboundState(StrEnum):
    """held: part of an album that is still being gathered. failed: kept, but not understood."""

    DONE = "done"
    HELD = "held"
    FAILED = "failed"


class InboundMessage(Base):
    """One event of one channel. The unique key is what makes a redelivery change nothing.

    message_id: the platform's id of the message, empty for a press; all versions of a message
    share it. edited_at: when, by the platform's clock, this version was written; None for the
    first one.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "event_id"),
        Index("ix_inbox_channel_chat_state", "channel", "chat", "state"),
        Index("ix_inbox_state", "state"),
        Index("ix_inbox_channel_chat_message_id", "channel", "chat", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    event_id: Mapped[str] = mapped_column(String(LONGEST_EVENT_ID))
    chat: Mapped[str] = mapped_column(String(64))
    group: Mapped[str | None] = mapped_column("group_id", String(64))
    state: Mapped[str] = mapped_column(String(8))
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    received_at: Mapped[datetime]
    message_id: Mapped[str] = mapped_column(String(LONGEST_MESSAGE_ID), default="")
    edited_at: Mapped[datetime | None]


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
    message_id: str = "",
    edited_at: datetime | None = None,
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
        "message_id": message_id,
        "edited_at": edited_at,
    }
    statement = _FIRST_TIME[session.get_bind().dialect.name]
    return statement.first(session, **values) is not None


_TABLE = cast("Table", InboundMessage.__table__)
_UNIQUE = ["channel", "event_id"]
_VALUES = parameters(_TABLE, but=("id",))
_FIRST_TIME = {
    "sqlite": Prepared(
        sqlite.insert(_TABLE).values(_VALUES).on_conflict_do_nothing(_UNIQUE).returning(_TABLE.c.id)
    ),
    "postgresql": Prepared(
        postgresql.insert(_TABLE)
        .values(_VALUES)
        .on_conflict_do_nothing(index_elements=_UNIQUE)
        .returning(_TABLE.c.id)
    ),
}


def is_here(session: Session, channel: str, event_id: str) -> bool:
    """Whether this event was noted before."""
    found = _IS_HERE.first(session, in_channel=channel, event=event_id)
    return found is not None


_IS_HERE = Prepared(
    select(_TABLE.c.id).where(
        _TABLE.c.channel == bindparam("in_channel"), _TABLE.c.event_id == bindparam("event")
    )
)


def concerns(session: Session, channel: str, chat: str, message_id: str) -> bool:
    """Whether anything here has to do with a message that has just come: parts of an album or
    edits that wait in its chat, or any edit of the message itself. Nearly always nothing has."""
    found = _CONCERNS.first(session, in_channel=channel, in_chat=chat, named=message_id)
    return found is not None


_IN_CHAT = and_(_TABLE.c.channel == bindparam("in_channel"), _TABLE.c.chat == bindparam("in_chat"))
_CONCERNS = Prepared(
    select(literal(1)).where(
        or_(
            exists().where(_IN_CHAT, _TABLE.c.state == InboundState.HELD),
            exists().where(
                _IN_CHAT,
                _TABLE.c.message_id == bindparam("named"),
                _TABLE.c.message_id != "",
                _TABLE.c.edited_at.is_not(None),
            ),
        )
    )
)


def versions(
    session: Session, channel: str, chat: str, message_id: str, *, edits: bool = False
) -> list[InboundMessage]:
    """What a message of this chat said, from its first words to its newest, in the order in which
    they were written, whatever order they came in. edits: only the later ones."""
    if not message_id:
        return []
    query = select(InboundMessage).where(
        InboundMessage.channel == channel,
        InboundMessage.chat == chat,
        InboundMessage.message_id == message_id,
    )
    if edits:
        query = query.where(InboundMessage.edited_at.is_not(None))
    long_ago = datetime.min.replace(tzinfo=UTC)
    return sorted(session.scalars(query), key=lambda row: (row.edited_at or long_ago, row.id))


def newest_words(session: Session, channel: str, chat: str, message_id: str) -> str | None:
    """What a message says since it was last edited; None when it was not."""
    found = versions(session, channel, chat, message_id, edits=True)
    return str(found[-1].payload["text"]) if found else None


def came_after_all(session: Session, channel: str, chat: str, message_id: str) -> None:
    """The message has come: edits that were faster than it wait no longer."""
    for row in versions(session, channel, chat, message_id, edits=True):
        if row.state == InboundState.HELD:
            row.state = InboundState.DONE


def holds(session: Session, channel: str, chat: str, *, but: str | None) -> bool:
    """Whether parts of an album other than `but` wait in this chat."""
    query = _waiting(select(InboundMessage.id), channel, chat, but).limit(1)
    query = query.where(InboundMessage.group.is_not(None))
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


def latest(
    session: Session, channel: str, chat: str, since: datetime, most: int
) -> list[InboundMessage]:
    """The newest messages of a chat since a moment, newest first."""
    query = select(InboundMessage).where(
        InboundMessage.channel == channel,
        InboundMessage.chat == chat,
        InboundMessage.received_at >= since,
    )
    return list(session.scalars(query.order_by(InboundMessage.id.desc()).limit(most)))
