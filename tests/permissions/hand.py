"""A finger on any button of any chat, and what came of the press."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bot.conversation import Engine
from bot.wording import Wording
from handlers.registry import HANDLERS
from handlers.talk import Said
from storage import outbox, tickets
from storage.conversations import Conversation
from storage.mediation_tables import Mediation, MediationAnswer
from storage.outbox import OutboundMessage
from storage.people import Account
from storage.tickets import Ticket, TicketEvent, TicketParty, TicketRating
from tests.permissions.county import SECRETS, County
from tests.permissions.golden import NOW

STORY = {"text": "说给这件事", "media": [], "voice": False, "location": None}


@dataclass
class Came:
    """What a message caused. own: the rows sent to who spoke; others: to anybody else."""

    own: list[dict[str, Any]] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)
    changed: bool = False
    talking: str = ""

    @property
    def read(self) -> str:
        """Every word that who spoke gets to read, labels too."""
        return "\n".join(f"{p.get('text')} {p.get('choices')} {p.get('call')}" for p in self.own)

    @property
    def files(self) -> list[int]:
        """The files they get."""
        return [one for payload in self.own for one in payload.get("files", ())]

    def disclosed(self) -> list[str]:
        """What of the ticket they got to know."""
        return [secret for secret in SECRETS if secret in self.read] + [
            f"file {one}" for one in self.files
        ]


@dataclass
class Hand:
    """Speaks and presses as anybody of the county."""

    session: Session
    county: County
    engine: Engine
    wording: Wording

    def account(self, name: str) -> Account:
        person_id = self.county.people[name]
        query = select(Account).where(Account.person_id == person_id)
        return self.session.scalars(query).one()

    def ticket(self, variant: str) -> Ticket:
        return self.session.get_one(Ticket, self.county.tickets[variant])

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever happens within is undone."""
        savepoint = self.session.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()
            self.session.expire_all()

    def press(self, name: str, action: str, args: dict[str, Any]) -> Came:
        """Press a button that an older message of this very chat carries."""
        account = self.account(name)
        choice = {"label": "老按钮", "do": action, "args": args}
        ref = outbox.queue(
            self.session, channel=account.channel, chat=account.chat, now=NOW,
            payload={"text": "", "choices": [choice]},
        )  # fmt: skip
        return self.hear(name, Said(), pressed=f"{ref}:1")

    def hear(self, name: str, said: Said, pressed: str | None = None) -> Came:
        """One message of theirs, and what came of it."""
        account = self.account(name)
        before, newest = self._state(), self._newest()
        self.engine.hear(self.session, account, said, pressed, NOW)
        self.session.flush()
        came = Came(changed=self._state() != before)
        rows = select(OutboundMessage).where(OutboundMessage.id > newest)
        for row in self.session.scalars(rows):
            (came.own if row.chat == account.chat else came.others).append(row.payload)
        came.talking = self.session.scalars(
            select(Conversation.name).where(Conversation.account_id == account.id)
        ).one()
        return came

    def _newest(self) -> int:
        return self.session.scalar(select(func.max(OutboundMessage.id))) or 0

    def _state(self) -> list[Any]:
        """Everything about tickets, as it stands in the database, sealed."""
        connection = self.session.connection()
        tables = (Ticket, TicketParty, TicketEvent, TicketRating, Mediation, MediationAnswer)
        names = [table.__tablename__ for table in tables]
        return [
            connection.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2")).all() for name in names
        ]

    def looks(self, number: int) -> list[tuple[int | None, str]]:
        """(who, how) of the looks at a ticket that wait to be written down."""
        waiting = self.session.info.get("audit", [])
        lines = [one.line for one in waiting if one.line.subject == f"ticket:{number}"]
        return [(line.actor_id, line.action) for line in lines]


def arguments(session: Session, action: str, ticket: Ticket) -> dict[str, Any] | None:
    """What a button of this action carries for a ticket; None for an action of no ticket.

    Raises KeyError for an argument that is not known here: give it a value.
    """
    taken = list(inspect.signature(HANDLERS.actions[action]).parameters.values())[1:]
    names = [one.name for one in taken if one.default is inspect.Parameter.empty]
    if "ticket" not in names:
        return None
    first = tickets.events(session, ticket.id)[0]
    known = {
        "ticket": ticket.id,
        "version": ticket.version,
        "event": first.id,
        "story": STORY,
        "score": "satisfied",
        "about": 1,
        "answer": "comes",
        "subject": "meeting",
        "side": 1,
        "step": "材料收齐",
    }
    return {name: known[name] for name in names}
