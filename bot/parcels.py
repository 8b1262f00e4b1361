"""What delivery carries: a row of the outbox made ready to go, and the note of what became of it.

Both are plain functions of a session, run by the storage worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import speaking
from bot.messages import Address, CallCard, Choice, Location, Outgoing
from storage import media, outbox, outbox_next, people, shown
from storage.notices import carrying, handing, ledger
from storage.outbox import OutboundMessage, OutState

log = structlog.get_logger(__name__)

SOON = 1.0
"""Seconds until a chat that let us in again is written to."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One row of the outbox, ready to go."""

    ref: int
    address: Address
    outgoing: Outgoing
    edits: str | None
    """The platform's id of the message to change, or None for a new one."""
    attempts: int
    pushed: bool = False
    """It has choices and waited for its turn: only now a number may pick one of them."""
    broadcast: bool = False
    """A ledger follows it."""
    once: bool = False
    """It must not go again once it may have arrived."""
    orphan: bool = False
    """It changes a message that never arrived."""
    priority: int = 0
    """Lower goes first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a parcel, to be noted in the database."""

    ref: int
    state: OutState
    message_ids: tuple[str, ...] = ()
    wait: float = 0.0
    reason: str = ""
    uncertain: bool = False
    counts: bool = True
    """Whether it was an attempt: being asked to wait is none."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many messages of these channels may be taken. below: only those of a lower priority
    number; None for all. spread: from anywhere among what waits."""

    channels: tuple[str, ...]
    most: int
    below: int | None = None
    spread: bool = False


def take(session: Session, now: datetime, rooms: Sequence[Room]) -> list[Parcel]:
    """Take from the outbox what there is room for, ready to go."""
    refs: list[int] = []
    for room in rooms:
        if not room.channels:
            continue
        refs += outbox.claim(
            session, now, channels=room.channels, most=room.most, below=room.below,
            spread=room.spread,
        )  # fmt: skip
    return pack(session, refs, now)


def take_next(session: Session, address: Address, now: datetime) -> Parcel | None:
    """Take the first answer that waits for a chat, if nothing there is on its way, ready to go."""
    row = outbox_next.claim_next(session, address.channel, address.chat, now)
    return None if row is None else _pack(session, row)


def pack(session: Session, refs: Sequence[int], now: datetime) -> list[Parcel]:
    """These rows, ready to go; one that cannot be read is set aside, and the others do not wait."""
    if not refs:
        return []
    try:
        plain = carrying.read(session, refs)
        others = [ref for ref in refs if ref not in plain]
        packed = {row.id: _pack(session, row) for row in outbox.load(session, others)}
        packed |= {ref: _pack_plain(session, *row) for ref, row in plain.items()}
        return [packed[ref] for ref in refs if ref in packed]
    except SQLAlchemyError:
        raise
    except Exception:
        return [parcel for ref in refs for parcel in _pack_alone(session, ref, now)]


def _pack_alone(session: Session, ref: int, now: datetime) -> list[Parcel]:
    """The parcel of one message; none, and the message set aside, when it cannot be read."""
    try:
        return [_pack(session, row) for row in outbox.load(session, [ref])]
    except SQLAlchemyError:
        raise
    except Exception as error:
        reason = f"not readable: {type(error).__name__}"
        log.error("message not readable", ref=ref, error=type(error).__name__)
        outbox.settle(session, ref, state=OutState.FAILED, now=now, reason=reason)
        ledger.settle(session, ref, OutState.FAILED, now, uncertain=False, reason=reason)
        return []


def _pack(session: Session, row: OutboundMessage) -> Parcel:
    choices = row.payload.get("choices")
    edits = outbox.platform_id(session, row.edits) if row.edits else None
    return Parcel(
        ref=row.id,
        address=Address(row.channel, row.chat),
        outgoing=_outgoing(session, row),
        edits=edits,
        attempts=row.attempts,
        pushed=row.priority >= outbox.NIGHT and row.edits is None and bool(choices),
        broadcast=row.priority in (handing.BROADCAST, handing.EMERGENCY),
        once=row.once,
        orphan=row.edits is not None and edits is None,
        priority=row.priority,
    )


def _pack_plain(session: Session, row: dict[str, Any], payload: dict[str, Any]) -> Parcel:
    """The parcel of a message that went to many."""
    return Parcel(
        ref=row["id"],
        address=Address(row["channel"], row["chat"]),
        outgoing=_filled(session, row["id"], None, payload),
        edits=None,
        attempts=row["attempts"],
        pushed=bool(payload.get("choices")),
        broadcast=row["priority"] in (handing.BROADCAST, handing.EMERGENCY),
        once=row["once"],
        priority=row["priority"],
    )


def _outgoing(session: Session, row: OutboundMessage) -> Outgoing:
    return _filled(session, row.id, row.ticket_id, row.payload)


def _filled(session: Session, ref: int, ticket: int | None, payload: dict[str, Any]) -> Outgoing:
    labels = [c["label"] for c in payload.get("choices", [])]
    exits = [c["label"] for c in payload.get("exits", [])]
    number = len(labels)
    point = payload.get("location")
    return Outgoing(
        ref=ref,
        text=payload["text"],
        choices=tuple(Choice(label, i, f"{ref}:{i}") for i, label in enumerate(labels, start=1)),
        exits=tuple(
            Choice(label, None, f"{ref}:{number + i}") for i, label in enumerate(exits, start=1)
        ),
        files=media.files(session, payload.get("files", [])),
        location=Location(point[0], point[1]) if point else None,
        call=CallCard(*payload["call"]) if payload.get("call") else None,
        asks_contact=bool(payload.get("asks_contact")),
        asks_location=bool(payload.get("asks_location")),
        ticket=ticket,
        reply_to=outbox.platform_id(session, payload["answers"])
        if payload.get("answers")
        else None,
        labels=payload.get("labels") or {},
    )


def note(
    session: Session, parcel: Parcel, outcome: Outcome, began: datetime, now: datetime
) -> None:
    """Write down what became of a parcel, and what follows from it. began: when it was sent."""
    address, ticket = parcel.address, parcel.outgoing.ticket
    stopped: list[int] = []
    if outcome.state is OutState.BLOCKED:
        if people.spoke_since(session, address.channel, address.chat, began):
            # They let us in again while we were being turned away.
            outcome = Outcome(outcome.ref, OutState.QUEUED, wait=SOON, reason=outcome.reason)
        else:
            stopped = outbox.block(session, address.channel, address.chat, outcome.reason)
            people.block(session, address.channel, address.chat, now)
    note_only_the_state(session, parcel, outcome, began, now)
    for ref in stopped:
        ledger.settle(session, ref, outcome.state, now, uncertain=False, reason=outcome.reason)
    if outcome.state is OutState.SENT:
        listen(session, parcel, now)
    if outcome.state is OutState.SENT and ticket is not None:
        for message_id in outcome.message_ids:
            shown.tie(session, address.channel, address.chat, message_id, ticket)


def listen(session: Session, parcel: Parcel, now: datetime) -> None:
    """Let a number pick one of the choices of what was pushed and has arrived."""
    if not parcel.pushed:
        return
    account = people.account_in(session, parcel.address.channel, parcel.address.chat)
    if account is not None:
        speaking.listen_for(session, account, parcel.ref, now, pushed=True)


def note_only_the_state(
    session: Session, parcel: Parcel, outcome: Outcome, began: datetime, now: datetime
) -> None:
    """Write down the state alone: what is left when a fault of our own lies in the rest."""
    outbox.settle(
        session,
        outcome.ref,
        state=outcome.state,
        now=now,
        message_id=outcome.message_ids[0] if outcome.message_ids else None,
        not_before=now + timedelta(seconds=outcome.wait) if outcome.wait else None,
        uncertain=outcome.uncertain,
        counts=outcome.counts,
        reason=outcome.reason,
    )
    if parcel.broadcast:
        ledger.settle(
            session, outcome.ref, outcome.state, now,
            uncertain=outcome.uncertain, reason=outcome.reason,
        )  # fmt: skip
