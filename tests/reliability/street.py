"""The street of the kill tests: doors with a resident behind each, buildings with a worker each."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storage import areas, links, preferences
from storage.areas import Level
from storage.base import vault_in
from storage.people import Account, Person
from storage.posts import Post, Role
from tests.fake_bot_users import FakeMessage, FakeUser

BUILDINGS, PER_BUILDING = 3, 8
"""How many there are at least, and how many live in one at most where that makes more."""
PATIENCE = 60.0
"""Seconds a person waits for an answer: much longer than a start takes."""


@dataclass(slots=True)
class Street:
    """The chats of those who live and serve there, and the residents' links to the page."""

    residents: list[int] = field(default_factory=list)
    workers: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def share_of(self, worker: int, ledger: Ledger) -> int:
        """How many requests were filed from this worker's building."""
        mine = {c for i, c in enumerate(self.residents) if i % len(self.workers) == worker}
        return sum(int(words.split("，")[1].split("家")[0]) in mine for words in ledger.filed)


def settle(engine: Engine, residents: int, *, web: bool = False, telegram: bool = True) -> Street:
    """Put the street into a migrated database; everybody there has agreed.

    telegram: everybody has a chat there. web: the residents have a link to the page.
    """
    street, now = Street(), datetime.now(UTC)
    many = max(BUILDINGS, -(-residents // PER_BUILDING))
    with Session(engine) as session, session.begin():
        county = areas.add(session, None, Level.COUNTY, "青禾县")
        community = areas.add(session, county, Level.COMMUNITY, "莲花池社区")
        compound = areas.add(session, community, Level.COMPOUND, "莲花池花园")
        buildings = [
            areas.add(session, compound, Level.BUILDING, f"{n}栋") for n in range(1, many + 1)
        ]

        def someone(name: str, chat: int) -> Person:
            person = Person(name=name, created_at=now, consented_at=now)
            session.add(person)
            session.flush()
            if telegram:
                moments = {"last_used_at": now, "created_at": now}
                account = Account(person_id=person.id, channel="telegram", **moments)
                account.chat = str(chat)
                session.add(account)
            return person

        for number, building in enumerate(buildings):
            street.workers.append(9001 + number)
            worker = someone(f"网格员{number}", 9001 + number)
            role = Role.GRID_WORKER.value
            session.add(Post(person_id=worker.id, role=role, area_id=building.id))
            # The programs run on the real clock: at night their cards would wait for the morning.
            preferences.put(session, worker.id, "quiet", "off", now)
        for number in range(residents):
            street.residents.append(101 + number)
            person = someone(f"居民{number}", 101 + number)
            building = buildings[number % many]
            home = areas.household(session, vault_in(session), building, f"1单元{101 + number}")
            person.home_id = home.id
            if web:
                token = links.personal_link(session, vault_in(session), person.id, now)
                street.tokens.append(token)
    return street


@dataclass(slots=True)
class Ledger:
    """What the people did and were told, to be held against the database."""

    filed: dict[str, int] = field(default_factory=dict)
    """The words of each request, and the number its resident was given."""
    replied: list[str] = field(default_factory=list)


class Resident:
    """Files one request after another, as fast as the answers come."""

    def __init__(self, user: FakeUser, ledger: Ledger, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._user = user
        self._ledger = ledger
        self._count = itertools.count(1)

    async def files(self) -> None:
        """One conversation of five messages, from 报修 to the number."""
        words = f"楼道灯不亮，{self._user.id}家的第{next(self._count)}件事"
        kind = await self._tells(words)
        await self._presses(kind, str(kind.buttons[0].data))
        where = await self._user.hears("出在哪儿", self.patience)
        await self._presses(where, str(where.buttons[0].data))
        opened = await self._submits(words)
        number = re.search(r"编号是 (\d+)号", opened.text)
        assert number, opened.text
        assert words not in self._ledger.filed
        self._ledger.filed[words] = int(number[1])

    async def _tells(self, words: str) -> FakeMessage:
        await self._user.sends("报修")
        await self._user.hears("您有什么事", self.patience)
        await self._user.sends(words)
        return await self._user.hears("这一类", self.patience)

    async def _presses(self, message: FakeMessage, button: str) -> None:
        await self._user.presses(message, button)

    async def _submits(self, words: str) -> FakeMessage:
        """Presses 提交, and denies that a neighbour's matter is the same, as often
        as either is put: neighbours file at the same moment."""
        put = ("您看对不对", "同一件", "提交好了")
        while True:
            heard = await self._user.hears(
                lambda message: any(one in message.text for one in put), self.patience
            )
            if "提交好了" in heard.text:
                return heard
            same = "同一件" in heard.text
            assert same or words in heard.text
            (button, *_) = [one for one in heard.buttons if not same or "不是同一件" in one.label]
            await self._presses(heard, str(button.data))


class Hasty(Resident):
    """Says two things at once, and presses everything twice."""

    async def _tells(self, words: str) -> FakeMessage:
        await self._user.sends("报修")
        await self._user.sends(words)
        return await self._user.hears("这一类", self.patience)

    async def _presses(self, message: FakeMessage, button: str) -> None:
        await self._user.presses(message, button)
        await self._user.presses(message, button)


class Worker:
    """Takes every card that comes and answers each once."""

    def __init__(self, user: FakeUser, ledger: Ledger, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._user = user
        self._ledger = ledger
        self._done: set[int] = set()

    async def serves(self, finished: Callable[[], int | None]) -> None:
        """Go on until everything is served; `finished` says how many there are, once it is known.

        A doubled card is no second ticket: it bears the same number.
        """
        while True:
            changed = self._user.server.changed
            card = next(filter(self._is_new, self._user.received), None)
            if card is None:
                if finished() == len(self._done):
                    return
                await changed.wait()
                continue
            await self._serve(card)

    def _is_new(self, message: FakeMessage) -> bool:
        number = re.match(r"【(\d+)号】", message.text)
        return number is not None and int(number[1]) not in self._done

    async def _serve(self, card: FakeMessage) -> None:
        user, found = self._user, re.match(r"【(\d+)号】", card.text)
        assert found
        number = int(found[1])
        self._done.add(number)
        claim, answer = card.buttons[0], card.buttons[1]
        await user.presses(card, str(claim.data))
        await user.hears(f"{number}号归您了", self.patience)
        await user.presses(card, str(answer.data))
        await user.hears("回什么话", self.patience)
        words = f"{number}号的灯今天就去修"
        await user.sends(words)
        await user.hears(f"{number}号的回话已经发给", self.patience)
        self._ledger.replied.append(words)


def serving_all(
    street: Street,
    users: Mapping[int, FakeUser],
    ledger: Ledger,
    lives: Sequence[asyncio.Task[None]],
    patience: float = PATIENCE,
) -> list[Coroutine[Any, Any, None]]:
    """Every worker of the street, each at work until those who live there are through and all that
    was filed from the own building is done."""

    def count_for(worker: int) -> int | None:
        over = all(life.done() for life in lives)
        return street.share_of(worker, ledger) if over else None

    return [
        Worker(users[chat], ledger, patience).serves(partial(count_for, number))
        for number, chat in enumerate(street.workers)
    ]
