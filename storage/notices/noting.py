"""Noting many broadcast messages that arrived, in two statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, update
from sqlalchemy.orm import Session

from storage.notices.tables import Receipt, ReceiptState
from storage.outbox import OutboundMessage, OutState

_MESSAGES: Any = OutboundMessage.__table__
_RECEIPTS: Any = Receipt.__table__
# Put together once: building them takes as long as they do.
_IN_THE_OUTBOX = (
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("ref"))
    .values(state=OutState.SENT, reason="", sent_at=bindparam("now"), message_id=bindparam("given"))
)
_IN_THE_LEDGER = (
    update(_RECEIPTS)
    .where(_RECEIPTS.c.outbox_id.in_(bindparam("refs", expanding=True)))
    .values(
        # A reason by now says that a file of it did not arrive.
        state=case(
            (_RECEIPTS.c.reason == "", ReceiptState.SENT.value), else_=ReceiptState.FAILED.value
        ),
        settled_at=bindparam("now"),
    )
)


def arrived(session: Session, rows: Sequence[tuple[int, str | None]], now: datetime) -> None:
    """These outbox rows arrived, each under this id of the platform: in the outbox and the ledger.

    The same as `outbox.settle` and `ledger.settle` for each of them, at a fraction of the cost.
    """
    connection = session.connection()
    connection.execute(
        _IN_THE_OUTBOX, [{"ref": ref, "given": given, "now": now} for ref, given in rows]
    )
    connection.execute(_IN_THE_LEDGER, {"refs": [ref for ref, _ in rows], "now": now})
