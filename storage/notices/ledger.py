"""The ledger of a notice: freezing who is to have it, handing it on, noting what became of it.

A receipt and its outbox row are written in one transaction, so the ledger says of each of the
frozen audience what the outbox says, or why nothing was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.orm import Session, aliased

from storage.notices import carrying, corrections
from storage.notices.audience import Audience, best_chats, recipients
from storage.notices.corrections import HAS_THE_WORDS, KEPT_THE_OLD
from storage.notices.handing import BROADCAST, EMERGENCY, Handing
from storage.notices.recalling import STOPPED, recall_if_stopped, release
from storage.notices.tables import (
    FILE_LOST,
    UNREACHED,
    Notice,
    NoticeState,
    Receipt,
    ReceiptState,
)
from storage.outbox import OutboundMessage, OutState
from storage.people import Account, Person


def freeze(session: Session, notice: Notice, now: datetime) -> None:
    """Write down who is to have it, as it is at this moment; one statement, whatever the number."""
    audience = Audience.from_json(notice.audience)
    chosen = recipients(session, audience, now, emergency=notice.emergency).subquery()
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


def next_to_hand(
    session: Session, notice: Notice, channels: Sequence[str], most: int
) -> list[Handing]:
    """The next of a notice that are queued for these channels, in the order of the ledger; nobody
    while it is stopped."""
    if notice.state != NoticeState.SENDING:
        return []
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


def under_way(session: Session, channels: Sequence[str]) -> tuple[int, int]:
    """How many broadcast rows stand in the outbox for these channels and have not gone: those that
    will soon, and those that wait because they, or something before them in their chat, failed."""
    row = OutboundMessage
    # Written out, so that the index of what is under way is found.
    waiting = row.state.in_(text("'queued', 'sending'"))
    # Gathered first: looked for row by row it took seconds.
    failed = select(row.channel, row.chat).where(
        waiting, row.state == OutState.QUEUED, row.channel.in_(channels), row.attempts > 0
    )
    again = case((tuple_(row.channel, row.chat).in_(failed), 1), else_=0)
    found = session.execute(
        select(func.count(), func.sum(again)).where(
            waiting, row.channel.in_(channels), row.priority.in_((BROADCAST, EMERGENCY))
        )
    )
    number, behind = found.one()
    return int(number) - int(behind or 0), int(behind or 0)


def sending(session: Session) -> list[Notice]:
    """The notices that are going out, or whose correction is, though they are stopped: emergencies
    first, then as they were written."""
    return list(
        session.scalars(
            select(Notice)
            .where(
                or_(
                    Notice.state == NoticeState.SENDING,
                    and_(Notice.state.in_(STOPPED), Notice.changing),
                )
            )
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
    carries the words; the ledger follows it, and what becomes of those before it."""
    if not handings:
        return
    priority = EMERGENCY if notice.emergency else BROADCAST
    receivers = [(handing.receipt_id, handing.channel, handing.chat) for handing in handings]
    ids = carrying.write(session, receivers, messages, now, priority=priority, once=notice.once)
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

    A receipt is what all its rows are: the words come last and settle it, and where a file did not
    arrive it is failed although they did. Where the words did not arrive in one chat the household
    is queued for its next one. Still `queued` (it will be tried again) changes only whether it is
    uncertain, and nothing of a stopped notice is tried again.
    """
    receipt = _receipt_of(session, ref)
    if receipt is None:
        return
    if receipt.edit_id == ref:
        corrections.settle(session, receipt, state)
        return
    receipt.uncertain = receipt.uncertain or uncertain
    if state in (OutState.QUEUED, OutState.SENDING):
        recall_if_stopped(session, receipt)
    elif receipt.outbox_id != ref:
        if state is OutState.FAILED:
            receipt.reason = FILE_LOST + reason[: 160 - len(FILE_LOST)]
    else:
        _settle_words(session, receipt, state, now, reason)
    session.flush()


def _receipt_of(session: Session, ref: int) -> Receipt | None:
    words = or_(Receipt.outbox_id == ref, Receipt.edit_id == ref)
    found = session.scalars(select(Receipt).where(words)).first()
    if found is None:
        before = select(OutboundMessage.receipt_id).where(OutboundMessage.id == ref)
        found = session.scalars(select(Receipt).where(Receipt.id.in_(before))).first()
    return found


def _settle_words(
    session: Session, receipt: Receipt, state: OutState, now: datetime, reason: str
) -> None:
    lost_a_file = bool(receipt.reason)
    receipt.settled_at = now
    if state is OutState.SENT:
        receipt.state = ReceiptState.FAILED if lost_a_file else ReceiptState.SENT
        return
    receipt.state, receipt.reason = ReceiptState(state.value), reason[:160]
    once = session.get_one(Notice, receipt.notice_id).once
    if not (once and receipt.uncertain):
        _try_next(session, receipt)


def declined(session: Session, person: Person) -> None:
    """Somebody wants no ordinary notices from now on: what has not been handed on yet goes to
    another of their household who does, or to nobody."""
    wanted = (
        select(Receipt)
        .join(Notice, Notice.id == Receipt.notice_id)
        .where(
            Receipt.state == ReceiptState.QUEUED.value,
            Receipt.person_id == person.id,
            Receipt.household_id.is_not(None),
            ~Notice.emergency,
        )
    )
    for receipt in session.scalars(wanted).all():
        receipt.state = ReceiptState.DECLINED
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


def _try_next(session: Session, receipt: Receipt) -> None:
    """Queue a receipt for the next chat of the household that takes messages, if there is one."""
    receipt.tried = [*receipt.tried, f"{receipt.channel}:{receipt.chat}"]
    whose = (
        Person.home_id == receipt.household_id
        if receipt.household_id is not None
        else Person.id == receipt.person_id
    )
    if receipt.household_id is not None:
        emergency = session.get_one(Notice, receipt.notice_id).emergency
        whose = and_(whose, or_(Person.notices_stopped_at.is_(None), literal(emergency)))
    others = session.execute(
        select(Account.channel, Account.chat, Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(whose, Account.blocked_at.is_(None))
        .order_by(Account.last_used_at.desc(), Account.id)
    ).all()
    for channel, chat, person_id in others:
        tried = f"{channel}:{chat}" in receipt.tried
        if not tried and not _has_it_already(session, receipt, channel, chat):
            receipt.channel, receipt.chat, receipt.person_id = channel, chat, person_id
            receipt.state, receipt.reason = ReceiptState.QUEUED, ""
            receipt.settled_at = receipt.outbox_id = None
            session.flush()
            release(session, [receipt.id])
            return


_ON_ITS_WAY = (ReceiptState.QUEUED.value, ReceiptState.HANDED.value, ReceiptState.SENT.value)


def _has_it_already(session: Session, receipt: Receipt, channel: str, chat: str) -> bool:
    """Whether this chat is that of another household of the audience: somebody has moved."""
    others = (Receipt.notice_id == receipt.notice_id, Receipt.id != receipt.id)
    handed = (
        select(Receipt.id)
        .join(OutboundMessage, OutboundMessage.id == Receipt.outbox_id)
        .where(*others, Receipt.state.in_(_ON_ITS_WAY))
        .where(OutboundMessage.channel == channel, OutboundMessage.chat == chat)
    )
    waits = select(Receipt.id).where(
        *others,
        Receipt.state == ReceiptState.QUEUED.value,
        Receipt.channel == channel,
        Receipt.chat == chat,
    )
    return any(session.scalar(one.limit(1)) is not None for one in (handed, waits))


def requeue(session: Session, notice: Notice) -> int:
    """Queue those whom nothing reached and who have a chat that takes messages by now, and those
    where a correction was not taken: they get the new words as a message; how many.

    What may have arrived and must go only once is left as it is, and so is who has the words but
    not a file, or has had it in another home.
    """
    queued = 0
    unreached = and_(Receipt.state.in_([state.value for state in UNREACHED]), ~HAS_THE_WORDS)
    other = aliased(Receipt)
    there = select(other.channel, other.chat).where(
        other.notice_id == notice.id, other.state.in_(_ON_ITS_WAY)
    )
    for by_home in (True, False):
        chat = best_chats(by_home=by_home, emergency=notice.emergency)
        subject = Receipt.household_id if by_home else Receipt.person_id
        wanted = (
            select(Receipt.id, chat.c.channel, chat.c.chat, chat.c.person_id)
            .join(chat, and_(chat.c.subject == subject, chat.c.rank == 1))
            .where(
                Receipt.notice_id == notice.id,
                Receipt.household_id.is_not(None) if by_home else Receipt.household_id.is_(None),
                chat.c.blocked_at.is_(None),
                ~chat.c.stopped,
                or_(
                    KEPT_THE_OLD,
                    and_(unreached, tuple_(chat.c.channel, chat.c.chat).not_in(there)),
                ),
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
            release(session, [row[0] for row in found])
        queued += len(found)
    session.expire_all()
    return queued


def acknowledge(session: Session, receipt: Receipt, now: datetime) -> bool:
    """Somebody of that door pressed 已阅; False when it was noted before."""
    if receipt.acknowledged_at is not None:
        return False
    receipt.acknowledged_at = now
    session.flush()
    return True


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
