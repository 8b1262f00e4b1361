"""The part of erasing a person that concerns messages: their chats, and where others' show them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, tuple_, update
from sqlalchemy.orm import Session

from storage.conversations import Conversation
from storage.inbox import InboundMessage
from storage.invitations import Invitation
from storage.notices import ledger
from storage.notices.tables import Notice, Receipt, ReceiptState
from storage.outbox_tables import OutboundMessage, OutState
from storage.people import Account, Person
from storage.report_jobs import ReportJob
from storage.ticket_tables import TicketEvent, TicketMessage, TicketSource

Chats = Sequence[tuple[str, str]]
"""Channel and chat of each."""
SWEPT = 2000
"""How many of the newest messages of a worker's chat are looked through for a name or a number."""


def _in(row: Any, chats: Chats) -> ColumnElement[bool]:
    found: ColumnElement[bool] = tuple_(row.channel, row.chat).in_(list(chats))
    return found


def busy(session: Session, chats: Chats) -> bool:
    """Whether a message to one of these chats is on its way just now."""
    on_its_way = select(OutboundMessage.id).where(
        _in(OutboundMessage, chats), OutboundMessage.state == OutState.SENDING
    )
    return bool(chats) and session.scalar(on_its_way.limit(1)) is not None


def files_from(session: Session, chats: Chats) -> list[int]:
    """The files that came from these chats."""
    if not chats:
        return []
    rows = session.scalars(select(InboundMessage.payload).where(_in(InboundMessage, chats)))
    return [media for payload in rows for media in payload.get("files") or ()]


def forget_receipts(session: Session, person: Person, chats: Chats) -> None:
    """A notice's ledger keeps what became of the household, not who was written to."""
    ledger.declined(session, person)
    mine = or_(Receipt.person_id == person.id, _in(Receipt, chats))
    if person.home_id is not None:
        mine = or_(mine, Receipt.household_id == person.home_id)
    names = {f"{channel}:{chat}" for channel, chat in chats}
    for receipt in session.scalars(select(Receipt).where(mine)).all():
        receipt.tried = [one for one in receipt.tried if one not in names]
        if receipt.person_id != person.id and (receipt.channel, receipt.chat) not in chats:
            continue
        if receipt.state in (ReceiptState.QUEUED, ReceiptState.HANDED):
            receipt.state = ReceiptState.DECLINED
        receipt.channel = receipt.chat = receipt.outbox_id = receipt.edit_id = None
        if receipt.household_id is not None:
            receipt.person_id = None
    session.flush()


def forget_matters(session: Session, numbers: Sequence[int], chats: Chats, gone: str) -> None:
    """What other chats show of these matters, and what was written there about them, reads `gone`
    from now on; what has not gone out yet never does."""
    said = select(TicketEvent.id).where(TicketEvent.ticket_id.in_(numbers))
    sources = session.execute(
        select(TicketSource.channel, TicketSource.chat, TicketSource.message_id).where(
            TicketSource.event_id.in_(said)
        )
    ).all()
    for channel, chat, message_id in sources:
        rows = select(InboundMessage).where(
            InboundMessage.channel == channel,
            InboundMessage.chat == chat,
            InboundMessage.message_id == message_id,
        )
        for row in session.scalars(rows):
            row.payload = _without_words(row.payload, gone)
    session.execute(delete(TicketSource).where(TicketSource.event_id.in_(said)))
    shown = select(OutboundMessage).where(OutboundMessage.ticket_id.in_(numbers))
    for message in session.scalars(shown):
        if message.state == OutState.QUEUED:
            message.state, message.reason = OutState.FAILED, "erased"
        message.payload = {"text": gone, "choices": [], "exits": []}
    session.flush()


def forget_chats(session: Session, person_id: int, chats: Chats) -> None:
    """Everything said in these chats, and the chats themselves."""
    if chats:
        sent = select(OutboundMessage.id).where(_in(OutboundMessage, chats))
        session.execute(update(Notice).where(Notice.board_ref.in_(sent)).values(board_ref=None))
        for table in (TicketMessage, TicketSource, InboundMessage, OutboundMessage):
            session.execute(delete(table).where(_in(table, chats)))
    accounts = select(Account.id).where(Account.person_id == person_id)
    for owned in (Conversation, ReportJob, Invitation):
        session.execute(delete(owned).where(owned.account_id.in_(accounts)))
    session.expire_all()
    session.execute(delete(Account).where(Account.person_id == person_id))


def sweep(session: Session, chats: Chats, words: Sequence[str], gone: str) -> None:
    """Look through the newest messages of these chats for a name or a number of theirs."""
    for channel, chat in chats:
        _sweep(session, InboundMessage, channel, chat, words, gone)
        _sweep(session, OutboundMessage, channel, chat, words, gone)
        session.flush()


def _sweep(
    session: Session, table: Any, channel: str, chat: str, words: Sequence[str], gone: str
) -> None:
    rows = select(table).where(table.channel == channel, table.chat == chat)
    for row in session.scalars(rows.order_by(table.id.desc()).limit(SWEPT)):
        told = json.dumps(row.payload, ensure_ascii=False)
        if any(word in told for word in words):
            row.payload = _without_words(row.payload, gone)


def _without_words(payload: dict[str, Any], gone: str) -> dict[str, Any]:
    """A message of somebody else, without its words: what was pressed and when stays."""
    kept = {**payload, "text": gone}
    for name in ("location", "phone", "label", "parts", "call"):
        kept.pop(name, None)
    if "choices" in kept:
        kept |= {"choices": [], "exits": []}
    if "files" in kept:
        kept["files"] = []
    if "location" in payload:
        kept["location"] = None
    return kept
