"""Other words for what stands in the chats: each is an outbox row that changes an earlier one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from storage.notices.handing import BROADCAST, EMERGENCY, Handing
from storage.notices.tables import FILE_LOST, Notice, Receipt, ReceiptState
from storage.outbox import OutboundMessage, OutState

HAS_THE_WORDS = or_(
    Receipt.state == ReceiptState.SENT.value,
    and_(Receipt.state == ReceiptState.FAILED.value, Receipt.reason.startswith(FILE_LOST)),
)
"""Whose words arrived, whatever became of the files."""
KEPT_THE_OLD = and_(
    Receipt.state == ReceiptState.SENT.value,
    Receipt.edit_id.is_(None),
    Receipt.text_version < Receipt.edit_version,
)
"""Where older words stand, because the platform did not take the newer ones."""


def to_correct(
    session: Session, notice: Notice, channels: Collection[str], most: int
) -> list[tuple[Handing, int]]:
    """Those who have older words and no change under way: each with the outbox id to change.

    What the platform refused to change is not tried again, until there are newer words.
    """
    if not notice.changing:
        return []
    rows = session.execute(
        select(Receipt.id, Receipt.channel, Receipt.chat, Receipt.outbox_id)
        .where(
            Receipt.notice_id == notice.id,
            HAS_THE_WORDS,
            Receipt.text_version < notice.text_version,
            Receipt.edit_version < notice.text_version,
            Receipt.edit_id.is_(None),
            Receipt.channel.in_(channels),
        )
        .order_by(Receipt.id)
        .limit(most)
    )
    return [
        (Handing(ref, str(channel), str(chat)), original)
        for ref, channel, chat, original in rows
        if original is not None
    ]


def hand(
    session: Session,
    notice: Notice,
    corrections: Sequence[tuple[Handing, int]],
    payload: dict[str, Any],
    now: datetime,
) -> None:
    """Write the outbox rows that change what stands in these chats."""
    priority = EMERGENCY if notice.emergency else BROADCAST
    for handing, original in corrections:
        row = OutboundMessage(
            channel=handing.channel,
            chat=handing.chat,
            payload=payload,
            edits=original,
            priority=priority,
            state=OutState.QUEUED,
            not_before=now,
            created_at=now,
        )
        session.add(row)
        session.flush()
        receipt = session.get_one(Receipt, handing.receipt_id)
        receipt.edit_id, receipt.edit_version = row.id, notice.text_version
    session.flush()


def settle(session: Session, receipt: Receipt, state: OutState) -> None:
    """Note what became of a change: the words that stand there are those that it carried, or still
    the older ones. It is not tried again."""
    if state in (OutState.QUEUED, OutState.SENDING):
        return
    if state is OutState.SENT:
        receipt.text_version = receipt.edit_version
    receipt.edit_id = None
    session.flush()


def all_there(session: Session, notice: Notice) -> bool:
    """Whether nothing is on its way that carries older words than the notice has, or a change."""
    on_its_way = or_(Receipt.state == ReceiptState.HANDED.value, Receipt.edit_id.is_not(None))
    left = select(Receipt.id).where(Receipt.notice_id == notice.id, on_its_way)
    return session.scalar(left.limit(1)) is None
