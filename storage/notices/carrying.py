"""The outbox rows of a notice, written and read many at a time.

What everybody gets is sealed once and opened once: 48,000 rows hold the same sealed words.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, insert, select, type_coerce
from sqlalchemy.orm import Session

from storage.base import vault_in
from storage.outbox import OutboundMessage, OutState

_messages: Any = OutboundMessage.__table__
_PLAIN = ("id", "channel", "chat", "priority", "attempts", "once")
_INSERT = (
    insert(_messages)
    .values(payload=bindparam("sealed", type_=Text()))
    .returning(_messages.c.id, _messages.c.channel, _messages.c.chat)
)


def write(
    session: Session,
    receivers: Sequence[tuple[int, str, str]],
    payloads: Sequence[dict[str, Any]],
    now: datetime,
    *,
    priority: int,
    once: bool,
) -> list[list[int]]:
    """Queue all of `payloads`, in order, for each of these (receipt, channel, chat); the ids for
    each. All but the last name their receipt; the last one is named by it."""
    vault = vault_in(session)
    ids: list[list[int]] = [[] for _ in receivers]
    for n, payload in enumerate(payloads, start=1):
        sealed = vault.seal(json.dumps(payload, ensure_ascii=False, separators=(",", ":")))
        rows = [
            {
                "channel": channel, "chat": chat, "sealed": sealed, "priority": priority,
                "state": OutState.QUEUED.value, "not_before": now, "created_at": now, "once": once,
                "uncertain": False, "attempts": 0, "reason": "",
                "receipt_id": None if n == len(payloads) else receipt_id,
            }
            for receipt_id, channel, chat in receivers
        ]  # fmt: skip
        for mine, ref in zip(ids, _write_alike(session, rows), strict=True):
            mine.append(ref)
    return ids


def _write_alike(session: Session, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Write rows with the same words; the id of each.

    In which order a database gives the ids of one statement is not known, and asking for it in that
    of the rows writes each alone: so they are told apart by their chats, in one of which it does
    not matter which is whose.
    """
    ids: defaultdict[tuple[str, str], deque[int]] = defaultdict(deque)
    if rows:
        for ref, channel, chat in session.connection().execute(_INSERT, rows):
            ids[channel, chat].append(ref)
    return [ids[row["channel"], row["chat"]].popleft() for row in rows]


def read(session: Session, refs: Sequence[int]) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    """Of these rows those that change nothing, answer nothing and belong to no ticket, by id: what
    is plain in the row, and its payload. Raises KeyFileError if one cannot be opened."""
    vault = vault_in(session)
    columns = (_messages.c[name] for name in _PLAIN)
    found = session.connection().execute(
        select(*columns, type_coerce(_messages.c.payload, Text).label("sealed")).where(
            _messages.c.id.in_(refs),
            _messages.c.edits.is_(None),
            _messages.c.ticket_id.is_(None),
            _messages.c.priority > 1,
        )
    )
    opened: dict[str, dict[str, Any]] = {}
    rows = {}
    for row in found.mappings():
        sealed = row["sealed"]
        if sealed not in opened:
            opened[sealed] = json.loads(vault.open(sealed))
        rows[row["id"]] = (dict(row), opened[sealed])
    return rows
