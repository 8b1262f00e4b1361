"""The ways to write to people, with or without a message that is being handled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import speaking
from bot.messages import Address
from bot.wording import Wording
from handlers.permits import discreet, may_be_told
from handlers.talk import Desk, Do
from storage import mornings, outbox, people, quiet_hours, tickets
from storage.people import Account
from storage.teams import TeamChat

DISCREET = "careful/news"
"""What somebody reads of a confidential matter whose phone others look at."""


class Office(Desk):
    """The `Desk` that handlers see: templates to words, words to the outbox.

    silent: nothing is written (a run that only looks which questions there are).
    speaker: the person whose message this is; None where something fell due by itself.
    """

    speaker: int | None = None

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
        calls: Sequence[tuple[str, str]] = (),
        at_once: bool = False,
        **facts: Any,
    ) -> bool:
        account = people.reach(self.session, person_id, prefer_staff=staff)
        if account is None:
            return False
        if ticket is not None and not may_be_told(self, ticket, person_id, card=card):
            return False
        when = {} if at_once else self._when(account, person_id, ticket, staff=staff)
        if ticket is not None and person_id != self.speaker and discreet(self, ticket, person_id):
            self._send(account, DISCREET, (), {}, pushed=True, **when)
            return True
        self._send(
            account, name, options, facts, pushed=not self._asked_in(account), ticket=ticket,
            files=media, location=location, calls=calls, card_for=person_id if card else None,
            **when,
        )  # fmt: skip
        return True

    def _asked_in(self, account: Account) -> bool:
        """Whether what is told there answers who just spoke in that very chat."""
        return False

    def put_up(
        self,
        person_id: int,
        name: str,
        /,
        *,
        options: Sequence[Do] = (),
        media: Sequence[int] = (),
        **facts: Any,
    ) -> int | None:
        account = self._chat_of(person_id)
        if account is None or self.silent:
            return None
        return self._send(account, name, options, facts, pushed=True, files=media)

    def _chat_of(self, person_id: int) -> Account | None:
        return people.reach(self.session, person_id, prefer_staff=True)

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

    def _when(
        self, account: Account, person_id: int, ticket: int | None, *, staff: bool
    ) -> dict[str, Any]:
        """In which turn a push goes out, as `outbox.queue` takes it.

        At once: what somebody just did themselves, what is urgent, and what a resident is told
        because somebody spoke. The rest waits for the end of the person's quiet hours, and what is
        told after that stays behind what still waits.
        """
        found = tickets.get(self.session, ticket) if ticket is not None else None
        if person_id == self.speaker or (found is not None and found.urgent):
            return {}
        if not staff and self.speaker is not None:
            return {}
        ends = quiet_hours.until(self.session, person_id, self.now, self.zone)
        if ends is not None:
            return {"priority": outbox.NIGHT, "not_before": ends}
        if mornings.waits(self.session, account.channel, account.chat):
            return {"priority": outbox.NIGHT}
        return {}

    def tell_team(
        self,
        team: TeamChat,
        name: str,
        /,
        *,
        ticket: int | None = None,
        urgent: bool = True,
        answers: int | None = None,
        options: Sequence[Do] = (),
        media: Sequence[int] = (),
        **facts: Any,
    ) -> int:
        return speaking.queue(
            self.session,
            Address(team.channel, team.chat),
            self.now,
            text=self.wording.render(name, facts),
            choices=self._choices(options),
            files=media,
            ticket=ticket,
            answers=answers,
            **({} if urgent else self._when_in_group(team)),
        )

    def _when_in_group(self, team: TeamChat) -> dict[str, Any]:
        """A group has everybody's ordinary quiet hours."""
        ends = quiet_hours.ends(quiet_hours.DEFAULT, self.now, self.zone)
        if ends is not None:
            return {"priority": outbox.NIGHT, "not_before": ends}
        waits = mornings.waits(self.session, team.channel, team.chat)
        return {"priority": outbox.NIGHT} if waits else {}

    def bring_forward(self, ticket: int) -> bool:
        if self.speaker is None:
            return False
        account = people.reach(self.session, self.speaker, prefer_staff=True)
        if account is None:
            return False
        card = mornings.bring_forward(self.session, account.channel, account.chat, ticket, self.now)
        if card is not None:
            speaking.listen_for(self.session, account, card, self.now, pushed=False)
        return card is not None

    def _send(
        self,
        account: Account,
        name: str,
        options: Sequence[Do],
        facts: dict[str, Any],
        *,
        pushed: bool,
        **columns: Any,
    ) -> int | None:
        if self.silent:
            return None
        text = self.wording.render(name, facts)
        choices = self._choices(options)
        ref = speaking.queue(self.session, account, self.now, text=text, choices=choices, **columns)
        # What waits for the morning is no choice before it is seen: see `bot.delivery`.
        if choices and not columns.get("priority"):
            speaking.listen_for(self.session, account, ref, self.now, pushed=pushed)
        return ref

    def _choices(self, options: Sequence[Do]) -> list[dict[str, Any]]:
        return [speaking.choice(d, d.label or self.word(f"do.{d.action}")) for d in options]

    def redraw(self, ref: int, name: str, /, *, options: Sequence[Do] = (), **facts: Any) -> bool:
        row = self.session.get(outbox.OutboundMessage, ref)
        now = outbox.as_it_stands(self.session, ref)
        if row is None or now is None:
            return False
        payload = {"text": self.wording.render(name, facts), "choices": self._choices(options)}
        if all(now.get(key) == payload[key] for key in payload):
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

    def words(self, key: str) -> Sequence[str]:
        return self.wording.words(key)
