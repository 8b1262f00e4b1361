"""Which messages said an event of a ticket, and what became of its words when they were edited.

An event is never changed: an edit adds an event ``edited`` whose detail has ``of`` (the event's
id), ``kind`` (its kind) and ``from`` (the words of each message, as they are now).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.texts import with_part
from storage.ticket_tables import TicketEvent, TicketSource

EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where words came from: a chat, and {the platform's id of a message: what it said}.

    place: the message that named the place of a matter, where it was one of its own.
    """

    channel: str
    chat: str
    messages: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)

    def detail(self) -> dict[str, Any]:
        """What an event keeps of it."""
        place = {"place_from": dict(self.place)} if self.place else {}
        return {**({"from": dict(self.messages)} if self.messages else {}), **place}


def remember(session: Session, event: TicketEvent, origin: Origin) -> None:
    """Note which messages said `event`; again does nothing."""
    known = set(
        session.scalars(select(TicketSource.message_id).where(TicketSource.event_id == event.id))
    )
    for message_id in {**origin.messages, **origin.place}:
        if message_id and message_id not in known:
            session.add(
                TicketSource(
                    channel=origin.channel,
                    chat=origin.chat,
                    message_id=message_id,
                    event_id=event.id,
                )
            )
    session.flush()


def forget(session: Session, event_id: int) -> None:
    """The event was taken back: no edit of its messages belongs to it any more."""
    session.execute(delete(TicketSource).where(TicketSource.event_id == event_id))


def said_in(session: Session, channel: str, chat: str, message_id: str) -> list[TicketEvent]:
    """The events that a message said, or a part of them, oldest first."""
    return list(
        session.scalars(
            select(TicketEvent)
            .join(TicketSource, TicketSource.event_id == TicketEvent.id)
            .where(
                TicketSource.channel == channel,
                TicketSource.chat == chat,
                TicketSource.message_id == message_id,
            )
            .order_by(TicketEvent.id)
        )
    )


def newest(session: Session, event: TicketEvent) -> TicketEvent:
    """The newest version of an event's words: itself, or the last edit of it."""
    rows = session.scalars(
        select(TicketEvent)
        .where(
            TicketEvent.ticket_id == event.ticket_id,
            TicketEvent.kind == EDITED,
            TicketEvent.id > event.id,
        )
        .order_by(TicketEvent.id.desc())
    )
    for row in rows:
        if row.detail.get("of") == event.id and "place_from" not in row.detail:
            return row
    return event


def edited_words(
    session: Session, event: TicketEvent, message_id: str, words: str
) -> tuple[str, dict[str, str]] | None:
    """The event's words with one message's replaced, and the words of each message; None when
    nothing changes by it."""
    now = newest(session, event)
    parts = dict(now.detail.get("from") or event.detail.get("from") or {})
    if message_id not in parts or parts[message_id] == words:
        return None
    return with_part(now.text, parts, message_id, words), {**parts, message_id: words}
