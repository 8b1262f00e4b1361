"""The one message that goes next in a chat, for who already knows the chat."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from storage.outbox_tables import OutboundMessage, OutState, in_turn, under_way
from storage.prepared import Prepared

_TABLE = cast("Table", OutboundMessage.__table__)
_NAMES = (
    "id", "payload", "ticket_id", "edits", "priority", "once", "attempts", "state", "not_before",
)  # fmt: skip
_NEXT = Prepared(
    select(*(_TABLE.c[name] for name in _NAMES))
    .where(
        _TABLE.c.channel == bindparam("in_channel"),
        _TABLE.c.chat == bindparam("in_chat"),
        under_way(_TABLE.c),
    )
    .order_by(*in_turn(_TABLE.c))
    .limit(1)
)
_TAKE = Prepared(
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("ref"), _TABLE.c.state == OutState.QUEUED.value)
    .values(state=OutState.SENDING.value, attempts=_TABLE.c.attempts + 1)
    .returning(_TABLE.c.id)
)


def claim_next(session: Session, channel: str, chat: str, now: datetime) -> OutboundMessage | None:
    """Take the first message that waits for a chat, as `outbox.claim` would: it is marked
    `sending`, and given as a row of no session. None where something is on its way there, or the
    first must still wait, or is no answer (`priority` above 0)."""
    found = _NEXT.first(session, in_channel=channel, in_chat=chat)
    if found is None:
        return None
    row = OutboundMessage(**dict(zip(_NAMES, found, strict=True)), channel=channel, chat=chat)
    if row.state != OutState.QUEUED or row.priority > 0 or row.not_before > now:
        return None
    if not _TAKE.rows(session, ref=row.id):  # somebody else has just taken it
        return None
    row.attempts += 1
    return row
