"""Taking back from the outbox what was handed on and has not gone: a notice is paused or cancelled.

All rows of a household are taken back together, so nobody gets files without words, and nothing is
sent a second time that went before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.notices.tables import Notice, NoticeState, Receipt, ReceiptState
from storage.outbox import OutboundMessage, OutState

STOPPED = (NoticeState.PAUSED, NoticeState.CANCELLED)
_GONE = (OutState.SENDING, OutState.SENT)
_CHUNK = 500


def recall(session: Session, notice: Notice, receipt_id: int | None = None) -> int:
    """Take back what has not gone, of everybody or of one: it is queued again; how many.

    Whose files are there already gets the words behind them, unless the words wait for another try:
    then they are taken back too, and the receipt is uncertain. What was cut on its way stays
    uncertain.
    """
    wanted = (
        select(Receipt.id, OutboundMessage.id, OutboundMessage.attempts)
        .join(OutboundMessage, OutboundMessage.id == Receipt.outbox_id)
        .where(
            Receipt.notice_id == notice.id,
            Receipt.state == ReceiptState.HANDED.value,
            OutboundMessage.state == OutState.QUEUED,
        )
        # Whoever claims one of them just now is waited for, and it is not taken back.
        .with_for_update(of=OutboundMessage)
    )
    if receipt_id is not None:
        wanted = wanted.where(Receipt.id == receipt_id)
    found = session.execute(wanted).all()
    for start in range(0, len(found), _CHUNK):
        _take_back(session, notice, found[start : start + _CHUNK])
    session.expire_all()
    return len(found)


def recall_if_stopped(session: Session, receipt: Receipt) -> None:
    """What was on its way when its notice was stopped, and did not get through, is taken back."""
    notice = session.get(
        Notice, receipt.notice_id, with_for_update={"read": True}, populate_existing=True
    )
    if notice is not None and notice.state in STOPPED:
        session.flush()
        recall(session, notice, receipt.id)


def release(session: Session, receipt_ids: Sequence[int]) -> None:
    """What stands in the outbox of an earlier try has nothing to do with these receipts now."""
    session.execute(
        update(OutboundMessage)
        .where(OutboundMessage.receipt_id.in_(receipt_ids))
        .values(receipt_id=None)
        .execution_options(synchronize_session=False)
    )


def _take_back(session: Session, notice: Notice, rows: Sequence[Any]) -> None:
    files: dict[int, list[Any]] = defaultdict(list)
    before = session.execute(
        select(
            OutboundMessage.receipt_id,
            OutboundMessage.id,
            OutboundMessage.state,
            OutboundMessage.attempts,
        )
        .where(OutboundMessage.receipt_id.in_([receipt_id for receipt_id, _, _ in rows]))
        .with_for_update()
    )
    for row in before:
        files[row.receipt_id].append(row)
    whole: list[int] = []
    part: list[int] = []
    gone: list[int] = []
    for receipt_id, ref, attempts in rows:
        waiting = [one for one in files[receipt_id] if one.state == OutState.QUEUED]
        begun = any(one.state in _GONE for one in files[receipt_id])
        if begun and not attempts and not any(one.attempts for one in waiting):
            continue  # it arrives in the next moments
        gone += [ref, *(one.id for one in waiting)]
        (part if begun else whole).append(receipt_id)
    again = {"state": ReceiptState.QUEUED.value, "outbox_id": None, "reason": ""}
    _set(session, whole, again)
    if notice.once:  # part of it is there, and it must never come twice
        again |= {"state": ReceiptState.FAILED.value, "reason": "stopped half-way"}
    _set(session, part, again | {"uncertain": True})
    session.execute(
        delete(OutboundMessage)
        .where(OutboundMessage.id.in_(gone))
        .execution_options(synchronize_session=False)
    )
    release(session, [*whole, *part])


def _set(session: Session, receipt_ids: Sequence[int], values: dict[str, Any]) -> None:
    session.execute(
        update(Receipt)
        .where(Receipt.id.in_(receipt_ids))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
