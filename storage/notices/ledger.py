"""The ledger of a notice: freezing who is to have it, handing it on, noting what became of it.

A receipt and its outbox row are written in one transaction, so the ledger says of each of the
frozen audience what the outbox says, or why nothing was sent.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from storage.notices import carrying
from storage.notices.audience import Audience, best_chats, recipients
from storage.notices.tables import UNREACHED, Notice, NoticeState, Receipt, ReceiptState
from storage.outbox import OutboundMessage, OutState
from storage.people import Account, Person

BROADCAST, EMERGENCY = 4, 2
"""Priorities in the outbox: behind every answer (0), the morning's (1) and reminders (3); what
cannot wait goes before reminders."""


def freeze(session: Session, notice: Notice, now: datetime) -> None:
    """Write down who is to have it, as it is at this moment; one statement, whatever the number."""
    chosen = recipients(session, Audience.from_json(notice.audience), now).subquery()
    columns = ("household_id", "person_id", "building_id", "channel", "chat", "state")
    session.execute(
        insert(Receipt).from_select(
            ["notice_id", *columns],
            select(literal(notice.id), *(chosen.c[name] for name in columns)),
            include_defaults=True,
        )
    )
    notice.frozen_at = now
    session.flush()


@dataclass(frozen=True, slots=True)
class Handing:
    """One receipt that is about to get its outbox row."""

    receipt_id: int
    channel: str
    chat: str


def next_to_hand(
    session: Session, notice: Notice, channels: Sequence[str], most: int
) -> list[Handing]:
    """The next of a notice that are queued for these channels, in the order of the ledger."""
    rows = session.execute(
        select(Receipt.id, Receipt.channel, Receipt.chat)
        .where(
            Receipt.notice_id == notice.id,
            Receipt.state == ReceiptState.QUEUED.value,
            Receipt.channel.in_(channels),
        )
        .order_by(Receipt.id)
        .limit(most)
    )
    return [Handing(ref, str(channel), str(chat)) for ref, channel, chat in rows]


def under_way(session: Session, channels: Sequence[str]) -> int:
    """How many broadcast rows stand in the outbox for these channels and have not gone."""
    return (
        session.scalar(
            select(func.count())
            .select_from(OutboundMessage)
            .where(
                OutboundMessage.state.in_((OutState.QUEUED, OutState.SENDING)),
                OutboundMessage.priority.in_((BROADCAST, EMERGENCY)),
                OutboundMessage.channel.in_(channels),
            )
        )
        or 0
    )


def sending(session: Session) -> list[Notice]:
    """The notices that are going out, emergencies first, then as they were written."""
    return list(
        session.scalars(
            select(Notice)
            .where(Notice.state == NoticeState.SENDING)
            .order_by(Notice.emergency.desc(), Notice.id)
        )
    )


def hand(
    session: Session,
    notice: Notice,
    handings: Sequence[Handing],
    messages: Sequence[dict[str, Any]],
    now: datetime,
) -> None:
    """Write the outbox rows of these receipts. messages: what each gets, in order; the last one
    carries the words, and it is the one that the ledger follows."""
    if not handings:
        return
    priority = EMERGENCY if notice.emergency else BROADCAST
    addresses = [(handing.channel, handing.chat) for handing in handings]
    ids = carrying.write(session, addresses, messages, now, priority=priority, once=notice.once)
    values = [
        {"receipt": handing.receipt_id, "ref": refs[-1]}
        for handing, refs in zip(handings, ids, strict=True)
    ]
    receipts: Any = Receipt.__table__
    session.connection().execute(
        update(receipts)
        .where(receipts.c.id == bindparam("receipt"))
        .values(
            state=ReceiptState.HANDED.value,
            outbox_id=bindparam("ref"),
            text_version=notice.text_version,
        ),
        values,
    )


def settle(
    session: Session, ref: int, state: OutState, now: datetime, *, uncertain: bool, reason: str
) -> None:
    """Note in the ledger what became of an outbox row; rows of no notice change nothing.

    Shut out of one chat, the household is queued for its next one. Still `queued` (it will be tried
    again) changes only whether it is uncertain.
    """
    receipt = session.scalars(
        select(Receipt).where(or_(Receipt.outbox_id == ref, Receipt.edit_id == ref))
    ).first()
    if receipt is None:
        return
    if receipt.edit_id == ref:
        _settle_edit(session, receipt, state)
        return
    receipt.uncertain = receipt.uncertain or uncertain
    if state in (OutState.QUEUED, OutState.SENDING):
        return
    receipt.state, receipt.reason = ReceiptState(state.value), reason[:160]
    receipt.settled_at = now
    if state is OutState.BLOCKED:
        _try_next(session, receipt)
    session.flush()


def doubt(session: Session, refs: Sequence[int], now: datetime) -> None:
    """Note of each of these outbox rows that it was cut on its way: it may have arrived."""
    for ref in refs:
        state = session.scalar(select(OutboundMessage.state).where(OutboundMessage.id == ref))
        settle(
            session, ref, OutState(state or OutState.FAILED), now,
            uncertain=True, reason="cut on its way",
        )  # fmt: skip


def _settle_edit(session: Session, receipt: Receipt, state: OutState) -> None:
    if state in (OutState.QUEUED, OutState.SENDING):
        return
    if state is not OutState.SENT:  # it is not tried again: what stands there is the older text
        receipt.reason = "correction not delivered"
    notice = session.get_one(Notice, receipt.notice_id)
    receipt.text_version, receipt.edit_id = notice.text_version, None
    session.flush()


def _try_next(session: Session, receipt: Receipt) -> None:
    """Queue a receipt for the next chat that has not shut us out, if there is one."""
    receipt.tried = [*receipt.tried, f"{receipt.channel}:{receipt.chat}"]
    whose = (
        Person.home_id == receipt.household_id
        if receipt.household_id is not None
        else Person.id == receipt.person_id
    )
    others = session.execute(
        select(Account.channel, Account.chat, Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(whose, Account.blocked_at.is_(None))
        .order_by(Account.last_used_at.desc(), Account.id)
    )
    for channel, chat, person_id in others:
        if f"{channel}:{chat}" not in receipt.tried:
            receipt.channel, receipt.chat, receipt.person_id = channel, chat, person_id
            receipt.state, receipt.reason = ReceiptState.QUEUED, ""
            receipt.settled_at = receipt.outbox_id = None
            return


def recall(session: Session, notice: Notice) -> int:
    """Take back what was handed on and has not begun to go: it is queued again; how many."""
    waiting = select(OutboundMessage.id).where(
        OutboundMessage.id == Receipt.outbox_id,
        OutboundMessage.state == OutState.QUEUED,
        OutboundMessage.attempts == 0,
    )
    taken = session.execute(
        select(Receipt.id, Receipt.outbox_id).where(
            Receipt.notice_id == notice.id,
            Receipt.state == ReceiptState.HANDED.value,
            exists(waiting),
        )
    ).all()
    for start in range(0, len(taken), 500):
        chunk = taken[start : start + 500]
        session.execute(
            update(Receipt)
            .where(Receipt.id.in_([row[0] for row in chunk]))
            .values(state=ReceiptState.QUEUED.value, outbox_id=None)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            delete(OutboundMessage)
            .where(OutboundMessage.id.in_([row[1] for row in chunk]))
            .execution_options(synchronize_session=False)
        )
    session.expire_all()
    return len(taken)


def requeue(session: Session, notice: Notice) -> int:
    """Queue those whom nothing reached and who have a chat that takes messages by now; how many.

    What may have arrived and must go only once is left as it is.
    """
    queued = 0
    for by_home in (True, False):
        chat = best_chats(by_home=by_home)
        subject = Receipt.household_id if by_home else Receipt.person_id
        wanted = (
            select(Receipt.id, chat.c.channel, chat.c.chat, chat.c.person_id)
            .join(chat, and_(chat.c.subject == subject, chat.c.rank == 1))
            .where(
                Receipt.notice_id == notice.id,
                Receipt.household_id.is_not(None) if by_home else Receipt.household_id.is_(None),
                Receipt.state.in_([state.value for state in UNREACHED]),
                chat.c.blocked_at.is_(None),
            )
        )
        if notice.once:
            wanted = wanted.where(~Receipt.uncertain)
        found = session.execute(wanted).all()
        receipts: Any = Receipt.__table__
        if found:
            session.connection().execute(
                update(receipts)
                .where(receipts.c.id == bindparam("receipt"))
                .values(
                    state=ReceiptState.QUEUED.value, reason="", settled_at=None, outbox_id=None,
                    tried=[], channel=bindparam("to"), chat=bindparam("there"),
                    person_id=bindparam("whose"),
                ),
                [dict(zip(("receipt", "to", "there", "whose"), row, strict=True)) for row in found],
            )  # fmt: skip
        queued += len(found)
    session.expire_all()
    return queued


def to_correct(
    session: Session, notice: Notice, channels: Collection[str], most: int
) -> list[tuple[Handing, int]]:
    """Those who have older words and no change under way: each with the outbox id to change."""
    if notice.text_version == 1:
        return []
    rows = session.execute(
        select(Receipt.id, Receipt.channel, Receipt.chat, Receipt.outbox_id)
        .where(
            Receipt.notice_id == notice.id,
            Receipt.state == ReceiptState.SENT.value,
            Receipt.text_version < notice.text_version,
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


def acknowledge(session: Session, receipt: Receipt, now: datetime) -> bool:
    """Somebody of that door pressed 已阅; False when it was noted before."""
    if receipt.acknowledged_at is not None:
        return False
    receipt.acknowledged_at = now
    session.flush()
    return True


def hand_corrections(
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
        session.get_one(Receipt, handing.receipt_id).edit_id = row.id
    session.flush()


def receipt_of(session: Session, notice_id: int, person: Person) -> Receipt | None:
    """The receipt that a person may acknowledge: their own, or their household's."""
    theirs = Receipt.person_id == person.id
    if person.home_id is not None:
        theirs = or_(theirs, Receipt.household_id == person.home_id)
    return session.scalars(
        select(Receipt).where(Receipt.notice_id == notice_id, theirs).order_by(Receipt.id)
    ).first()


def is_over(session: Session, notice: Notice) -> bool:
    """Whether nothing of it is still to go."""
    to_go = Receipt.state.in_((ReceiptState.QUEUED.value, ReceiptState.HANDED.value))
    left = select(Receipt.id).where(
        Receipt.notice_id == notice.id, or_(to_go, Receipt.edit_id.is_not(None))
    )
    return session.scalar(left.limit(1)) is None
