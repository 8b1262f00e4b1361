"""The ways to write to people, with or without a message that is being handled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import speaking
from bot.wording import Wording
from handlers.permits import may_be_told
from handlers.talk import Desk, Do
from storage import outbox, people
from storage.people import Account


class Office(Desk):
    """The `Desk` that handlers see: templates to words, words to the outbox.

    silent: nothing is written (a run that only looks which questions there are).
    """

    def __init__(self, session: Session, now: datetime, wording: Wording) -> None:
        self.session = session
        self.now = now
        self.wording = wording
        self.zone = wording.zone
        self.silent = False

    def tell(
        self,
        person_id: int,
        name: str,
        /,
        *,
        staff: bool = False,
        ticket: int | None = None,
        card: bool = False,
        options: Sequence[Do] = (),
        media: Sequence[int] = (),
        location: tuple[float, float] | None = None,
        **facts: Any,
    ) -> bool:
        account = people.reach(self.session, person_id, prefer_staff=staff)
        if account is None:
            return False
        if ticket is not None and not may_be_told(self, ticket, person_id, card=card):
            return False
        self._send(
            account, name, options, facts, pushed=True, ticket=ticket, files=media,
            location=location, card_for=person_id if card else None,
        )  # fmt: skip
        return True

    def answer(
        self,
        account: Account,
        name: str,
        /,
        *,
        options: Sequence[Do] = (),
        media: Sequence[int] = (),
        **facts: Any,
    ) -> None:
        """Say it in a chat that asked for it a while ago."""
        self._send(account, name, options, facts, pushed=True, files=media)

    def _send(
        self,
        account: Account,
        name: str,
        options: Sequence[Do],
        facts: dict[str, Any],
        *,
        pushed: bool,
        **columns: Any,
    ) -> None:
        if self.silent:
            return
        text = self.wording.render(name, facts)
        choices = self._choices(options)
        ref = speaking.queue(self.session, account, self.now, text=text, choices=choices, **columns)
        if choices:
            speaking.listen_for(self.session, account, ref, self.now, pushed=pushed)

    def _choices(self, options: Sequence[Do]) -> list[dict[str, Any]]:
        return [speaking.choice(d, d.label or self.word(f"do.{d.action}")) for d in options]

    def redraw(self, ref: int, name: str, /, *, options: Sequence[Do] = (), **facts: Any) -> bool:
        row = self.session.get(outbox.OutboundMessage, ref)
        now = outbox.as_it_stands(self.session, ref)
        if row is None or now is None:
            return False
        payload = {"text": self.wording.render(name, facts), "choices": self._choices(options)}
        if all(now.payload.get(key) == payload[key] for key in payload):
            return False
        outbox.queue(
            self.session,
            channel=row.channel,
            chat=row.chat,
            payload=payload,
            now=self.now,
            ticket_id=row.ticket_id,
            card_for=row.card_for,
            edits=row.id,
        )
        return True

    def word(self, key: str) -> str:
        return self.wording.word(key)
