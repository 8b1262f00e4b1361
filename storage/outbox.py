"""What is to go out: every reply is queued in the transaction of the message that caused it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, case, func, insert, or_, select, update
from sqlalchemy.orm import Session

from storage import remembered
from storage.outbox_free import free
from storage.outbox_tables import NIGHT, OutboundMessage, OutState
from storage.prepared import Prepared, parameters

__all__ = ["NIGHT", "OutState", "OutboundMessage"]

SPREAD = 90
"""Among how many messages a few are chosen `spread`."""
PATIENT = timedelta(minutes=5)
"""How long what failed, and may be tried again, lets what was never tried go before it."""

_CHATS = "outbox.chats"
_TABLE = cast("Table", OutboundMessage.__table__)
_FIXED: dict[str, Any] = {
    "state": OutState.QUEUED, "uncertain": False, "once": False, "attempts": 0, "reason": "",
}  # fmt: skip
_LATER = ("id", "sent_at", "message_id", "receipt_id", "waits_since")
_QUEUE = Prepared(
    insert(_TABLE)
    .values(parameters(_TABLE, but=(*_LATER, *_FIXED)) | _FIXED)
    .returning(_TABLE.c.id)
)


def chats_queued_to(session: Session) -> set[tuple[str, str]]:
    """The channels and chats that something was queued to in this session since it was last asked
    for here."""
    found: set[tuple[str, str]] = session.info.pop(_CHATS, set())
    return found


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
    not_before: datetime | None = None,
) -> int:
    """Queue one message; its id, which its buttons carry.

    priority: lower goes first. A change takes its original's, and so never overtakes it.
    not_before: when it may go out, if not at once.
    """
    if edits is not None:
        original = session.get(OutboundMessage, edits)
        if original is not None:
            priority = _priority_of_change(session, original)
            if original.state == OutState.QUEUED:
                not_before = original.not_before
    session.info.setdefault(_CHATS, set()).add((channel, chat))
    # Past the session; what the row names is there: it has an id.
    [(ref,)] = _QUEUE.rows(
        session,
        channel=channel,
        chat=chat,
        payload=payload,
        ticket_id=ticket_id,
        card_for=card_for,
        edits=edits,
        priority=priority,
        not_before=max(not_before or now, now),
        created_at=now,
    )
    return int(ref)


def _priority_of_change(session: Session, original: OutboundMessage) -> int:
    if original.priority != NIGHT or original.state != OutState.SENT:
        return original.priority
    # It stands since some morning: its change need not wait behind what this night has brought,
    # but behind an earlier change of it.
    earlier = session.scalar(
        select(OutboundMessage.id).where(
            OutboundMessage.edits == original.id,
            OutboundMessage.state.in_((OutState.QUEUED, OutState.SENDING)),
        )
    )
    return 0 if earlier is None else NIGHT


def choice_of(
    session: Session, pressed: str, channel: str, chat: str
) -> tuple[int, dict[str, Any]] | None:
    """The message and the choice that a button carries ("<outbox id>:<index>").

    None for what no button of this chat carries: a button of another chat opens nothing.
    """
    ref, _, index = pressed.partition(":")
    if not (ref.isdecimal() and index.isdecimal() and len(ref) < 12 and len(index) < 4):
        return None
    asked = {"ref": int(ref), "in_channel": channel, "in_chat": chat}
    # What a message says never changes, and both the record and the handling of a press ask.
    found = remembered.once(
        session,
        (OutboundMessage.__tablename__,),
        tuple(asked.values()),
        lambda: _PAYLOAD.first(session, **asked),
    )
    if found is None:
        return None
    [payload] = found
    choices = [*payload.get("choices", []), *payload.get("exits", [])]
    number = int(index)
    return (int(ref), choices[number - 1]) if 1 <= number <= len(choices) else None


_PAYLOAD = Prepared(
    select(_TABLE.c.payload).where(
        _TABLE.c.id == bindparam("ref"),
        _TABLE.c.channel == bindparam("in_channel"),
        _TABLE.c.chat == bindparam("in_chat"),
    )
)


def newest_choices(
    session: Session, channel: str, chat: str, most: int
) -> list[list[dict[str, Any]]]:
    """The choices of each of the newest `most` messages of a chat that have some, newest first."""
    payloads = session.scalars(
        select(OutboundMessage.payload)
        .where(OutboundMessage.channel == channel, OutboundMessage.chat == chat)
        .order_by(OutboundMessage.id.desc())
        .limit(most)
    )
    return [payload["choices"] for payload in payloads if payload.get("choices")]


def as_it_stands(session: Session, ref: int) -> dict[str, Any] | None:
    """The words and choices that a message has now: its newest edit's, or its own."""
    found = _AS_IT_STANDS.first(session, ref=ref)
    return None if found is None else found[0]


_AS_IT_STANDS = Prepared(
    select(_TABLE.c.payload)
    .where(or_(_TABLE.c.id == bindparam("ref"), _TABLE.c.edits == bindparam("ref")))
    .order_by(_TABLE.c.id.desc())
    .limit(1)
)


def cards(session: Session, ticket_id: int) -> list[OutboundMessage]:
    """The newest task card of each person for this ticket, as it was first sent."""
    rows = every_card(session, ticket_id)
    return list({(row.card_for, row.channel): row for row in rows}.values())


def every_card(session: Session, ticket_id: int) -> list[OutboundMessage]:
    """Every task card that was ever sent for this ticket, as it was first sent, older ones too."""
    return list(
        session.scalars(
            select(OutboundMessage)
            .where(
                OutboundMessage.ticket_id == ticket_id,
                OutboundMessage.card_for.is_not(None),
                OutboundMessage.edits.is_(None),
            )
            .order_by(OutboundMessage.id)
        )
    )


def recover(
    session: Session, channels: Sequence[str], *, but: Collection[int] = (), certain: bool = False
) -> list[int]:
    """Put what stands as `sending` back to queued, marked uncertain; the ids of those.

    channels: only theirs; another process may be sending through others. but: what this process is
    sending just now. certain: it is known that none of them left, so none is marked. A change that
    is made twice looks as if made once, so it is never uncertain. What must go only `once` is not
    queued again but failed.
    """
    found = session.execute(
        select(OutboundMessage.id, OutboundMessage.edits, OutboundMessage.once).where(
            OutboundMessage.state == OutState.SENDING,
            OutboundMessage.channel.in_(channels),
        )
    )
    doubtful: list[int] = []
    lost: list[int] = []
    sure: list[int] = []
    for ref, edits, once in found:
        if ref not in but:
            kept = certain or edits is not None
            (sure if kept else lost if once else doubtful).append(ref)
    _put_back(session, doubtful, uncertain=True)
    _put_back(session, lost, uncertain=True, state=OutState.FAILED, reason="cut on its way")
    _put_back(session, sure)
    return doubtful + lost


def _put_back(
    session: Session, refs: Sequence[int], *, state: OutState = OutState.QUEUED, **values: Any
) -> None:
    for start in range(0, len(refs), 500):
        session.execute(
            update(OutboundMessage)
            .where(OutboundMessage.id.in_(refs[start : start + 500]))
            .values(state=state, **values)
            .execution_options(synchronize_session=False)
        )


def claim(
    session: Session,
    now: datetime,
    *,
    channels: Sequence[str],
    most: int,
    below: int | None = None,
    spread: bool = False,
) -> list[int]:
    """Take up to `most` messages to send, at most one a chat; their ids, marked `sending`.

    A chat's first is the one of lowest priority number, then the oldest. While it must wait
    (`not_before`) or one is being sent, nothing else of that chat goes, so that order is kept.
    Of what goes to many, what failed before goes behind what was never tried, unless that takes
    `PATIENT`. Only `channels` are looked at. below: only what has a lower priority number, if
    given. spread: at even distances among the first `SPREAD`.
    """
    asked = {
        "now": now, "channels": list(channels), "most": SPREAD if spread else most, "below": below,
        "long_due": now - PATIENT,
    }  # fmt: skip
    found = session.scalars(free(urgent=below is not None), asked).all()
    if len(found) > most:
        step = len(found) // most
        found = found[step - 1 :: step][:most]
    if not found:
        return []
    # Where rows cannot be locked the state is asked for again.
    row = OutboundMessage
    taken = session.scalars(
        update(row)
        .where(row.id.in_(found), row.state == OutState.QUEUED)
        .values(state=OutState.SENDING, attempts=row.attempts + 1)
        .returning(row.id)
        .execution_options(synchronize_session=False)
    )
    mine = set(taken)
    return [ref for ref in found if ref in mine]


def put_back(session: Session, ref: int, not_before: datetime) -> None:
    """Queue again what was claimed and did not leave, for later; it was no attempt."""
    session.execute(
        update(OutboundMessage)
        .where(OutboundMessage.id == ref)
        .values(
            state=OutState.QUEUED,
            attempts=OutboundMessage.attempts - 1,
            **_put_off(not_before),
        )
        .execution_options(synchronize_session=False)
    )


def _put_off(not_before: datetime) -> dict[str, Any]:
    """For later; since when it has waited is not forgotten."""
    row = OutboundMessage
    return {
        "not_before": not_before,
        "waits_since": func.coalesce(row.waits_since, row.not_before),
    }


def load(session: Session, refs: Sequence[int]) -> list[OutboundMessage]:
    """The messages with these ids, in this order. Raises KeyFileError if one cannot be opened."""
    rows = session.scalars(
        select(OutboundMessage)
        .where(OutboundMessage.id.in_(refs))
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in rows}
    return [found[ref] for ref in refs if ref in found]


def next_due(session: Session, channels: Sequence[str], now: datetime) -> datetime | None:
    """When the next message that must still wait may go out; None when none waits.

    What could go out now is not meant: if it does not, something else says when it may.
    """
    due: datetime | None = session.scalar(
        select(func.min(OutboundMessage.not_before)).where(
            OutboundMessage.state == OutState.QUEUED,
            OutboundMessage.not_before > now,
            OutboundMessage.channel.in_(channels),
        )
    )
    return due


def block(session: Session, channel: str, chat: str, reason: str) -> list[int]:
    """Stop everything that waits for a chat that takes no messages any more; the ids of that."""
    stopped = session.scalars(
        update(OutboundMessage)
        .where(
            OutboundMessage.channel == channel,
            OutboundMessage.chat == chat,
            OutboundMessage.state == OutState.QUEUED,
        )
        .values(state=OutState.BLOCKED, reason=reason[:160])
        .returning(OutboundMessage.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(stopped)


def unblock(session: Session, channel: str, chat: str, now: datetime) -> None:
    """Somebody speaks there again: what was meant for them goes out after all, in its order.

    Not what went to many (`priority` above NIGHT): that was for its day. What waits for the
    morning goes on waiting.
    """
    row = OutboundMessage
    session.execute(
        update(OutboundMessage)
        .where(
            OutboundMessage.channel == channel,
            OutboundMessage.chat == chat,
            OutboundMessage.state == OutState.BLOCKED,
            OutboundMessage.priority <= NIGHT,
        )
        .values(
            state=OutState.QUEUED,
            not_before=case(
                (and_(row.priority == NIGHT, row.not_before > now), row.not_before), else_=now
            ),
            waits_since=None,
            reason="",
        )
        .execution_options(synchronize_session=False)
    )


def settle(
    session: Session,
    ref: int,
    *,
    state: OutState,
    now: datetime,
    message_id: str | None = None,
    not_before: datetime | None = None,
    uncertain: bool = False,
    counts: bool = True,
    reason: str = "",
) -> None:
    """Note what became of a sending. counts: whether it was an attempt (a 429 is none)."""
    values: dict[str, Any] = {"state": state, "reason": reason[:160]}
    if not counts:
        values["attempts"] = OutboundMessage.attempts - 1
    if state is OutState.SENT:
        values |= {"sent_at": now, "message_id": message_id}
    if not_before is not None:
        values |= _put_off(not_before)
    if uncertain:
        values["uncertain"] = True
    if values == {"state": OutState.SENT, "reason": "", "sent_at": now, "message_id": message_id}:
        _SENT.rows(session, ref=ref, now=now, given=message_id)  # nearly all of them
        return
    session.execute(update(OutboundMessage).where(OutboundMessage.id == ref).values(**values))


_SENT = Prepared(
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("ref"))
    .values(state=OutState.SENT, reason="", sent_at=bindparam("now"), message_id=bindparam("given"))
)


def platform_id(session: Session, ref: int) -> str | None:
    """The platform's id of a message that was sent."""
    return session.scalar(select(OutboundMessage.message_id).where(OutboundMessage.id == ref))


def counts(session: Session) -> dict[str, int]:
    """How many messages are in each state; under ``uncertain``, how many may have gone twice."""
    rows = session.execute(
        select(OutboundMessage.state, func.count()).group_by(OutboundMessage.state)
    )
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    found["uncertain"] = (
        session.scalar(select(func.count()).where(OutboundMessage.uncertain.is_(True))) or 0
    )
    return found
