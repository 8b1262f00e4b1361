"""What must be true in the end: the database, the outbox and the chats held against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import outbox
from storage.inbox import InboundMessage, InboundState
from storage.outbox import OutboundMessage, OutState
from storage.tickets import Ticket, TicketEvent
from tests.fake_bot_users import FakeMessage, FakeUser
from tests.reliability.street import Ledger

Form = tuple[str, tuple[str, ...]]
"""A message as it was first sent: its text, and what its buttons carry."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run came to."""

    database: str
    kills: int
    updates: int
    redeliveries: int
    tickets: int
    replies: int
    in_flight: int
    uncertain: int
    doubled: int

    def __str__(self) -> str:
        return (
            f"{self.database}: {self.kills} kills, {self.updates} updates"
            f" (+{self.redeliveries} redelivered), {self.tickets} tickets,"
            f" {self.replies} messages sent, {self.in_flight} in flight at the kills,"
            f" {self.uncertain} uncertain, {self.doubled} doubled"
        )


def check_tickets(session: Session, ledger: Ledger) -> int:
    """Every request is one ticket with the number its resident was told; every reply one event."""
    found = [(row.text, row.id) for row in session.execute(select(Ticket.text, Ticket.id))]
    assert sorted(found) == sorted(ledger.filed.items())
    replies = session.scalars(select(TicketEvent.text).where(TicketEvent.kind == "replied")).all()
    assert sorted(replies) == sorted(ledger.replied)
    return len(found)


def check_inbox(session: Session, events: int) -> None:
    """Every event of the platform is there once, and each was understood."""
    rows = session.execute(
        select(InboundMessage.state, func.count()).group_by(InboundMessage.state)
    )
    states = {row[0]: row[1] for row in rows}
    assert states == {InboundState.DONE: events}


def check_nothing_waits(session: Session) -> int:
    """Everything queued was sent; how many messages that were."""
    counts = outbox.counts(session)
    counts.pop("uncertain")
    assert set(counts) == {OutState.SENT}, counts
    return counts[OutState.SENT]


def check_chats(session: Session, users: Iterable[FakeUser]) -> int:
    """What the outbox calls sent stands in the chat, in order, once; more only if uncertain.

    Gives how many messages stand there more than once.
    """
    return sum(_check_chat(session, user) for user in users)


def _check_chat(session: Session, user: FakeUser) -> int:
    rows = session.scalars(
        select(OutboundMessage)
        .where(OutboundMessage.channel == "telegram", OutboundMessage.chat == str(user.id))
        .order_by(OutboundMessage.id)
    ).all()
    sent = [row for row in rows if row.edits is None]
    wanted = Counter(map(_form_of_row, sent))
    may_repeat = {_form_of_row(row) for row in sent if row.uncertain}
    stand = [_first_form(message) for message in user.received]
    seen = Counter(stand)
    assert set(seen) == set(wanted)
    extra = {form: seen[form] - wanted[form] for form in wanted if seen[form] != wanted[form]}
    assert all(times > 0 for times in extra.values()), extra
    assert set(extra) <= may_repeat, extra

    first_seen = {form: stand.index(form) for form in wanted if wanted[form] == 1}
    for cause in {row.created_at for row in sent}:
        # What one message caused; what two caused at once may come in either order.
        forms = [_form_of_row(row) for row in sent if row.created_at == cause]
        places = [first_seen[form] for form in forms if form in first_seen]
        assert places == sorted(places), "out of order"

    standing = {message.message_id: message.text for message in user.received}
    newest = {row.edits: row for row in rows if row.edits is not None}
    for original in sent:
        if original.id in newest:
            text = newest[original.id].payload["text"]
            assert standing[int(original.message_id or 0)] == text, "an older change won"
    return sum(extra.values())


def _form_of_row(row: OutboundMessage) -> Form:
    buttons = [*row.payload.get("choices", []), *row.payload.get("exits", [])]
    return row.payload["text"], tuple(f"{row.id}:{i}" for i in range(1, len(buttons) + 1))


def _first_form(message: FakeMessage) -> Form:
    text, keyboard = message.edits[0] if message.edits else (message.text, message.keyboard)
    return text, tuple(str(button.data) for row in keyboard for button in row)
