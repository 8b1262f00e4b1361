"""Many matters at once over the real channels: nothing is lost, nothing is misfiled.

Two residents with several open tickets each and two workers write, reply, press (old buttons too),
send albums and edit, in any order and without waiting for each other; Telegram delivers in any
order that it may, and some things twice. One town per channel lives through all examples; whatever
is said bears a mark of its own, so that it can be found again.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import shown
from storage.conversations import Conversation
from storage.inbox import InboundMessage
from storage.outbox import OutboundMessage, OutState
from storage.people import Account
from storage.tickets import OPEN, Ticket, TicketEvent, TicketRating, parties
from tests.conversations import county
from tests.conversations.people import Person
from tests.conversations.seats import CannotDo, Item
from tests.conversations.test_many_matters import matters
from tests.conversations.town import CHANNELS, Town

Turn = tuple[str, int, int, int]
SAYINGS = ("楼道灯又不亮了", "下水道还在冒水", "我家那件事怎么样了", "马上过来看看", "已经弄好了")
TURN = st.one_of(
    st.tuples(st.just("say"), st.integers(0, 3), st.integers(0, 4), st.just(0)),
    st.tuples(st.just("reply"), st.integers(0, 3), st.integers(0, 4), st.integers(0, 5)),
    st.tuples(st.just("press"), st.integers(0, 3), st.integers(0, 5), st.integers(0, 7)),
    st.tuples(st.just("press"), st.integers(0, 3), st.just(0), st.just(0)),
    st.tuples(st.just("album"), st.integers(0, 3), st.integers(0, 4), st.just(0)),
    st.tuples(st.just("edit"), st.integers(0, 3), st.integers(0, 4), st.integers(0, 2)),
)
_marks = itertools.count(1)


@dataclass
class Utterance:
    """What somebody said. newest: the words since the last edit, `words` where there was none.
    shows: the platform's id of the message it replies to."""

    who: int
    words: str
    newest: str
    shows: str | None = None
    album: bool = False


@dataclass
class Square:
    """A town where everybody talks at once."""

    runner: asyncio.Runner
    town: Town
    people: list[Person] = field(default_factory=list)
    said: list[Utterance] = field(default_factory=list)

    async def settle_in(self) -> None:
        town = self.town
        self.people = [
            await town.resident(),
            await town.resident(county.NEIGHBOUR),
            await town.grid_worker(),
            await town.liaison(),
        ]
        for filer in self.people[:2]:
            for worker in self.people[2:]:
                texts = ["三楼的灯坏了", "楼梯扶手松了"]
                for number in await matters(town, filer, worker, texts):
                    await filer.says(f"#{number} 麻烦看一看")
                    await worker.hears("麻烦看一看")
        await town.settle()

    async def play(self, turns: list[Turn]) -> None:
        self.said = []
        self.town.later(minutes=1)  # a page takes no more than so many messages a minute
        if self.town.server:
            self.town.server.duplicate(2)
        for turn in turns:
            await self.take(*turn)
        await self.town.settle()
        await self.town.settle()  # an album that was read has answers of its own
        await self.town.read(self.hold)

    async def take(self, what: str, who: int, first: int, second: int) -> None:
        person = self.people[who]
        words = f"{SAYINGS[first % len(SAYINGS)]}〔{next(_marks)}〕"
        person.seat.look()
        if what == "press":
            shown = [seen for seen in person.seat.log[-12:] if seen.buttons]
            if shown:
                seen = shown[-1 - first % len(shown)]
                await person.seat.press(seen, seen.buttons[second % len(seen.buttons)])
        elif what == "edit":
            mine = [one for one in self.said if one.who == who]
            try:
                if mine:
                    one = mine[-1 - second % len(mine)]
                    await person.seat.edit(one.newest, words)
                    one.newest = words
            except CannotDo:
                assert self.town.channel == "web"
        elif what == "reply":
            shown = [*person.seat.standing.values()][-6:]
            if shown:
                key = shown[-1 - second % len(shown)].key
                self.said.append(Utterance(who, words, words, key))
                await person.seat.write(words, key)
        elif what == "album":
            self.said.append(Utterance(who, words, words, album=True))
            photos = [Item("photo", f"{words}{n}".encode()) for n in range(2)]
            await person.seat.send(photos, words)
        else:
            self.said.append(Utterance(who, words, words))
            await person.seat.write(words)

    # What must hold.

    def hold(self, session: Session) -> None:
        events = list(session.scalars(select(TicketEvent)))
        for one in self.said:
            account = self._account(session, one.who)
            assert _kept(session, one.newest) or _admitted(session, account, one), (
                f"lost: {one}\n{self.town.story()}"
            )
            for words in {one.words, one.newest}:
                for event in (event for event in events if words in event.text):
                    self._rightly_there(session, one, account, event)

    def _rightly_there(
        self, session: Session, one: Utterance, account: Account, event: TicketEvent
    ) -> None:
        ticket = session.get_one(Ticket, event.ticket_id)
        # Who serves a joined ticket is who serves the one that carries it.
        carriers = [ticket.id, *([ticket.master_id] if ticket.master_id else [])]
        mine = {party.person_id for number in carriers for party in parties(session, number)}
        owners = {session.get_one(Ticket, number).owner_id for number in carriers}
        assert event.actor_id == account.person_id
        assert account.person_id in mine | owners | {ticket.filer_id}
        if one.shows is None:
            return
        own = shown.tied(session, account.channel, account.chat, one.shows.removeprefix("o"))
        if own is not None and session.get_one(Ticket, own).status in OPEN:
            assert ticket.id == own, f"a reply to {own} stands in {ticket.id}: {one}"

    def _account(self, session: Session, who: int) -> Account:
        person_id = self.people[who].id
        return session.scalars(select(Account).where(Account.person_id == person_id)).one()


def _kept(session: Session, words: str) -> bool:
    """In a ticket, an answer, a remark, or on a button."""
    payloads = session.scalars(select(OutboundMessage.payload))
    buttons = (str([choice["args"] for choice in p.get("choices", [])]) for p in payloads)
    answers = (str(row.state) for row in session.scalars(select(Conversation)))
    events = (event.text for event in session.scalars(select(TicketEvent)))
    remarks = (rating.remark for rating in session.scalars(select(TicketRating)))
    return any(words in text for text in itertools.chain(events, answers, remarks, buttons))


def _admitted(session: Session, account: Account, one: Utterance) -> bool:
    """Whether the bot answered these words by saying, or by asking again, that it did not
    understand. What a message causes has its moment; an album's is that of its reading."""
    rows = session.scalars(select(InboundMessage).where(InboundMessage.chat == account.chat))
    at = [row.received_at for row in rows if one.words in row.payload.get("text", "")]
    shown = session.scalars(select(OutboundMessage).where(OutboundMessage.chat == account.chat))
    answers = [
        row.payload
        for row in shown
        if row.created_at in at or (one.album and at and row.created_at > max(at))
    ]
    return any(payload.get("exits") or "没听明白" in payload["text"] for payload in answers)


@pytest.fixture(params=CHANNELS)
def square(
    request: pytest.FixtureRequest, tmp_path: Path, key_file: Path, settled_sqlite: Path
) -> Iterator[Square]:
    path = tmp_path / "town.db"
    shutil.copyfile(settled_sqlite, path)
    with asyncio.Runner() as runner:
        town = Town(tmp_path, f"sqlite:///{path}", key_file, request.param)
        runner.run(town.__aenter__())
        if town.server:
            town.server.shuffle = random.Random(7)
        square = Square(runner, town)
        try:
            runner.run(square.settle_in())
            yield square
        finally:
            runner.run(town.__aexit__())


def test_no_message_is_lost_and_none_misfiled(square: Square) -> None:
    @settings(max_examples=12, database=None, phases=[Phase.generate])
    @given(turns=st.lists(TURN, min_size=4, max_size=14))
    def over(turns: list[Turn]) -> None:
        square.runner.run(square.play(turns))

    over()
    square.runner.run(square.town.read(all_was_sent))
    assert square.town.server is None or square.town.server.violations == []


def all_was_sent(session: Session) -> None:
    rows = session.scalars(select(OutboundMessage).where(OutboundMessage.state != OutState.SENT))
    assert [(row.state, row.reason) for row in rows] == []
