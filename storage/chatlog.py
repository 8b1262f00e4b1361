"""What a chat shows, read back from what came in and what went out: the page's own memory.

No table of its own. The inbox and the outbox already hold every message; here they are merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.inbox import InboundMessage
from storage.media import File, Location, files
from storage.outbox import OutboundMessage, OutState

# `sending` counts too: the page may already have it, and a reload must not take it away.
SHOWN = (OutState.SENT.value, OutState.SENDING.value)


@dataclass(frozen=True, slots=True)
class Button:
    """One choice as it stands in the chat; `number` is None for the ways out."""

    label: str
    number: int | None
    press: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a chat. `mine`: the person said it; then `event_id` is what it came with.

    id: the row in the inbox (mine) or in the outbox. pressed: the button that a press of one's
    own carried. The remaining fields are those of `bot.messages.Outgoing`.
    """

    id: int
    mine: bool
    at: datetime
    text: str = ""
    event_id: str = ""
    pressed: str | None = None
    choices: tuple[Button, ...] = ()
    exits: tuple[Button, ...] = ()
    files: tuple[File, ...] = ()
    location: Location | None = None
    reply_to: str | None = None
    ticket: int | None = None
    asks_contact: bool = False
    asks_location: bool = False
    labels: dict[str, str] = field(default_factory=dict)


def recent(
    session: Session, channel: str, chat: str, limit: int = 100, before: datetime | None = None
) -> tuple[list[Line], bool]:
    """The latest `limit` messages of a chat, oldest first, each as its last edit left it; and
    whether there are older ones.

    before: the moment of the oldest one that is known; what bears that moment too comes again.
    """
    said = select(InboundMessage).where(
        InboundMessage.channel == channel, InboundMessage.chat == chat
    )
    shown = select(OutboundMessage).where(
        OutboundMessage.channel == channel,
        OutboundMessage.chat == chat,
        OutboundMessage.edits.is_(None),
        OutboundMessage.state.in_(SHOWN),
    )
    if before is not None:
        said = said.where(InboundMessage.received_at <= before)
        sent_at = func.coalesce(OutboundMessage.sent_at, OutboundMessage.created_at)
        shown = shown.where(sent_at <= before)
    inbound = session.scalars(said.order_by(InboundMessage.id.desc()).limit(limit)).all()
    outbound = session.scalars(shown.order_by(OutboundMessage.id.desc()).limit(limit)).all()
    edits = {
        edit.edits: edit
        for edit in session.scalars(
            select(OutboundMessage)
            .where(
                OutboundMessage.edits.in_([row.id for row in outbound]),
                OutboundMessage.state.in_(SHOWN),
            )
            .order_by(OutboundMessage.id)
        )
    }
    payloads = [row.payload for row in inbound] + [row.payload for row in outbound]
    attached = _attached(session, payloads)
    lines = [_said(row, attached) for row in inbound]
    lines += [_shown(row, edits.get(row.id), attached) for row in outbound]
    lines = [line for line in lines if not line.mine or line.text or line.files or line.location]
    # A reply bears the moment of the message that caused it when the clock is coarse.
    lines.sort(key=lambda line: (line.at, not line.mine, line.id))
    more = len(lines) > limit or limit in (len(inbound), len(outbound))
    return lines[-limit:], more


def stored(session: Session, channel: str, event_id: str) -> bool:
    """Whether this event is in the inbox already."""
    query = select(InboundMessage.id).where(
        InboundMessage.channel == channel, InboundMessage.event_id == event_id
    )
    return session.scalar(query) is not None


Attached = Callable[[dict[str, Any]], tuple[File, ...]]


def _attached(session: Session, payloads: Iterable[dict[str, Any]]) -> Attached:
    ids = {media_id for payload in payloads for media_id in payload.get("files") or ()}
    known = {file.id: file for file in files(session, sorted(ids))}

    def of(payload: dict[str, Any]) -> tuple[File, ...]:
        return tuple(known[i] for i in payload.get("files") or () if i in known)

    return of


def _said(row: InboundMessage, attached: Attached) -> Line:
    payload = row.payload
    return Line(
        id=row.id,
        mine=True,
        at=row.received_at,
        text=payload.get("label") or payload.get("text") or "",
        event_id=row.event_id,
        pressed=payload.get("pressed"),
        files=attached(payload),
        location=_location(payload),
        reply_to=payload.get("reply_to"),
    )


def _shown(row: OutboundMessage, edit: OutboundMessage | None, attached: Attached) -> Line:
    last = edit or row
    choices = last.payload.get("choices") or []
    exits = last.payload.get("exits") or []
    return Line(
        id=row.id,
        mine=False,
        at=row.sent_at or row.created_at,
        text=last.payload.get("text") or "",
        choices=tuple(
            Button(choice["label"], index, f"{last.id}:{index}")
            for index, choice in enumerate(choices, 1)
        ),
        exits=tuple(
            Button(choice["label"], None, f"{last.id}:{index}")
            for index, choice in enumerate(exits, len(choices) + 1)
        ),
        files=attached(row.payload),
        location=_location(row.payload),
        reply_to=row.payload.get("reply_to"),
        ticket=row.ticket_id,
        asks_contact=bool(last.payload.get("asks_contact")),
        asks_location=bool(last.payload.get("asks_location")),
        labels=last.payload.get("labels") or {},
    )


def _location(payload: dict[str, Any]) -> Location | None:
    point = payload.get("location")
    return Location(point[0], point[1]) if point else None
