"""The whole program as it really runs, with people in front of it: what every talk stands on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from bot.app import App, build
from bot.clock import system_clock
from bot.settings import Settings
from storage import invitations, links, people
from storage.inbox import InboundMessage, InboundState
from storage.outbox import NIGHT, OutboundMessage, OutState
from storage.people import Account
from storage.tickets import Ticket
from storage.tickets import events as events_of
from tests.clocks import A_MORNING
from tests.conversations import county
from tests.conversations.people import Line, Person
from tests.conversations.seats import ScriptedSeat, Seat, Stage, TelegramSeat
from tests.conversations.web_seat import WebSeat
from tests.fake_bot_api import FakeBotApi

T = TypeVar("T")

CHANNELS = ("scripted", "web", "aiogram", "ptb")
LIBRARIES = ("aiogram", "ptb")
TOKENS = {"telegram": "1001:resident", "telegram_staff": "1002:staff"}
ALBUM_PAUSE = timedelta(milliseconds=120)
TICK = 0.4
"""Seconds, as in the program: of albums `settle` asks itself, and hundreds of towns look less."""

_numbers = itertools.count(7001)


class Town:
    """The program over one database, and everybody who talks with it.

    channel: where people sit if nothing else is said (see `CHANNELS`); with a Telegram library
    residents sit at the residents' bot and workers at the staff bot. libraries: which library runs
    each of the two bots. rebuilding: the program is stopped and built anew before every turn.
    webhook: the secret with which Telegram delivers, instead of being asked. refusals: why a
    platform may refuse a message here, and nothing is wrong.
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        key_file: Path,
        channel: str = "scripted",
        *,
        libraries: tuple[str, str] | None = None,
        rebuilding: bool = False,
        webhook: str = "",
    ) -> None:
        self.folder = folder
        self.database_url = database_url
        self.key_file = key_file
        self.channel = channel
        self.libraries = libraries or ((channel, channel) if channel in LIBRARIES else None)
        self.rebuilding = rebuilding
        self.webhook = webhook
        self.lines: list[Line] = []
        self.on_line: Callable[[Line], None] = lambda line: None
        self.people: list[Person] = []
        self.app: App
        self.server: FakeBotApi | None = None
        self.stage = Stage()
        self.refusals: tuple[str, ...] = ()
        self.ahead = A_MORNING - system_clock()
        self._running = False

    # The life of the program.

    async def __aenter__(self) -> Self:
        if self.libraries:
            self.server = await FakeBotApi().__aenter__()
            for name, token in TOKENS.items():
                self.server.bot(token, f"{name}_bot")
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        if self.server:
            await self.server.__aexit__()

    def now(self) -> datetime:
        """The time as the program sees it."""
        return system_clock() + self.ahead

    def later(self, **time: float) -> None:
        """Time passes."""
        self.ahead += timedelta(**time)

    def at(self, *moment: int) -> None:
        """It becomes this moment (year, month, day, hour, minute) where people live."""
        there = datetime(*moment, tzinfo=ZoneInfo("Asia/Shanghai"))  # type: ignore[arg-type,misc]
        self.ahead = there - system_clock()

    async def look_after(self, **time: float) -> None:
        """Time passes, and what falls due by itself is done."""
        self.later(**time)
        await self.settle()
        await self.app.duties.do_all(self.now())
        await self.settle()

    def _settings(self) -> Settings:
        # Every setting that could lead elsewhere is given: the environment has no say here.
        given: dict[str, Any] = {
            "database_url": self.database_url,
            "key_file": self.key_file,
            "media_dir": self.folder / "media",
            "time_zone": "Asia/Shanghai",
            "web_host": "127.0.0.1",
            "web_port": 0,
            "web_demo": False,
            "public_url": "",
            "telegram_token": SecretStr(""),
            "telegram_staff_token": SecretStr(""),
            "telegram_api_base": "",
            "telegram_proxy": "",
            "telegram_rate": 0.0,
            "webhook_url": "https://wo.example.cn" if self.webhook else "",
            "webhook_secret": SecretStr(self.webhook),
        }
        if self.libraries and self.server:
            given |= {
                "telegram_token": SecretStr(TOKENS["telegram"]),
                "telegram_library": self.libraries[0],
                "telegram_staff_token": SecretStr(TOKENS["telegram_staff"]),
                "telegram_staff_library": self.libraries[1],
                "telegram_api_base": self.server.url,
            }
        return Settings(_env_file=None, **given)

    async def start(self) -> None:
        """Build the program from its settings and start it."""
        self.app = build(
            self._settings(),
            clock=self.now,
            more_channels=[self.stage],
            album_pause=ALBUM_PAUSE,
        )
        for ticker in self.app.tickers:
            ticker.pause = TICK
        await self.app.start()
        self._running = True
        if self.webhook and self.server:
            for name, token in TOKENS.items():
                bot = self.server.bot(token)
                self.server.deliver_webhook_to(self.hook(name), self.webhook, bot=bot)
        for person in self.people:
            await person.seat.connect()

    def hook(self, channel: str) -> str:
        """Where Telegram delivers what is for this bot."""
        return f"{self.app.web.address.rstrip('/')}/telegram/{channel}"

    async def stop(self) -> None:
        """Stop the program; what is not sent yet stays in the database."""
        if self._running:
            self._running = False
            for person in self.people:
                await person.seat.disconnect()
            await self.app.stop()

    async def rebuild(self, libraries: tuple[str, str] | None = None) -> None:
        """Stop, and start anew from nothing but the database."""
        await self.stop()
        self.libraries = libraries or self.libraries
        await self.start()

    async def _between(self) -> None:
        if self.rebuilding:
            await self.rebuild()
        self.look()

    def look(self) -> None:
        """Write down what has come to anybody."""
        for person in self.people:
            person.look()

    def _write_down(self, line: Line) -> None:
        self.lines.append(line)
        self.on_line(line)

    def story(self) -> str:
        """The whole talk so far, for a test that failed."""
        self.look()
        return "\n".join(f"    {line}" for line in self.lines)

    # Who lives here.

    async def resident(self, name: str = county.RESIDENT, *, on: str = "") -> Person:
        """A resident of the list, at home, with a chat."""
        return await self._known(name, "居民", on, staff=False)

    async def newcomer(self, name: str = "王阿姨", *, on: str = "") -> Person:
        """Somebody the county has never heard of."""
        seat = await self._sit(None, name, on, staff=False)
        return await self._join(name, "居民", None, seat)

    async def grid_worker(self, name: str = county.GRID_WORKER, *, on: str = "") -> Person:
        """The grid worker of 莲花池花园, with a chat."""
        return await self._known(name, "网格员", on, staff=True)

    async def liaison(self, *, on: str = "") -> Person:
        """The liaison of the doors in 3栋."""
        return await self._known(county.LIAISON, "联户党员", on, staff=True)

    async def admin(self, *, on: str = "") -> Person:
        """Whoever gets the alarms."""
        return await self._known(county.ADMIN, "管理员", on, staff=True)

    async def social_worker(self, *, on: str = "") -> Person:
        """The social worker of the community."""
        return await self._known(county.SOCIAL_WORKER, "社会工作者", on, staff=True)

    async def worker(self, name: str, role: str, *, on: str = "") -> Person:
        """Anybody else of the list who holds a post."""
        return await self._known(name, role, on, staff=True)

    async def _known(self, name: str, role: str, on: str, *, staff: bool) -> Person:
        person_id = await self.write(lambda session: self.id_of(session, name))
        seat = await self._sit(person_id, name, on, staff=staff)
        return await self._join(name, role, person_id, seat)

    async def unseated(self, name: str, role: str, *, on: str = "") -> Person:
        """A fresh chat at the workers' entrance: nobody knows yet whose it is."""
        seat = await self._sit(None, name, on, staff=True)
        return await self._join(name, role, None, seat)

    async def _join(self, name: str, role: str, person_id: int | None, seat: Seat) -> Person:
        person = Person(
            name, role, person_id, seat, self._write_down, self._between, self.settle, self.story
        )
        self.people.append(person)
        await seat.connect()
        return person

    async def _sit(self, person_id: int | None, name: str, on: str, *, staff: bool) -> Seat:
        on = on or self.channel
        if on == "web":
            return await self._page(person_id)
        chat = str(next(_numbers))
        if on == "scripted":
            await self._bind(person_id, "scripted", chat)
            return ScriptedSeat(self.stage, chat, name)
        channel = on if on in TOKENS else "telegram_staff" if staff else "telegram"
        assert self.server is not None, "a town with a Telegram library, please"
        await self._bind(person_id, channel, chat)
        bot = self.server.bot(TOKENS[channel])
        return TelegramSeat(self.server.user(int(chat), first_name=name, bot=bot))

    async def _page(self, person_id: int | None) -> Seat:
        def link(session: Session) -> str:
            known = person_id
            if known is None:
                stranger = people.Person(created_at=self.now())
                session.add(stranger)
                session.flush()
                known = stranger.id
            return links.personal_link(session, self.app.vault, known, self.now())

        return WebSeat(await self.write(link), lambda: self.app.web.address)

    async def _bind(self, person_id: int | None, channel: str, chat: str) -> None:
        if person_id is None:
            return
        now = self.now()
        account = {"channel": channel, "chat": chat, "last_used_at": now, "created_at": now}
        await self.write(lambda s: s.add(Account(person_id=person_id, **account)))

    async def invitation(self, name: str, days: int = 7) -> str:
        """A code for somebody in the list."""
        return await self.write(
            lambda s: invitations.make(s, self.id_of(s, name), self.now(), days)
        )

    # What tests look up.

    async def write(self, job: Callable[[Session], T]) -> T:
        """Run `job` in a transaction of its own."""
        return await self.app.worker.run(job)

    async def read(self, job: Callable[[Session], T]) -> T:
        """Run `job` on a read-only session."""
        return await self.app.worker.read(job)

    @staticmethod
    def id_of(session: Session, name: str) -> int:
        """The person of this name."""
        return session.scalars(select(people.Person.id).where(people.Person.name == name)).one()

    async def ticket(self, number: int | None = None) -> Ticket:
        """A ticket, by default the newest."""

        def job(session: Session) -> Ticket:
            wanted = number or session.scalar(select(func.max(Ticket.id)))
            found = session.get_one(Ticket, wanted)
            session.expunge(found)
            return found

        return await self.read(job)

    async def ticket_count(self) -> int:
        """How many tickets there are."""
        return await self.read(lambda s: s.scalar(select(func.count()).select_from(Ticket)) or 0)

    async def events(self, number: int) -> list[tuple[str, str]]:
        """(kind, text) of everything that happened to a ticket."""
        return await self.read(lambda s: [(e.kind, e.text) for e in events_of(s, number)])

    async def settle(self) -> None:
        """Wait until everything said is understood and everything queued is sent."""
        async with asyncio.timeout(15):
            while not await self._quiet():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def _quiet(self) -> bool:
        if self.server and any(bot.queue for bot in self.server.bots.values()):
            return False
        if self.app.intake._lanes:  # a message is being stored: its answer is not queued yet
            return False
        now = {"now": self.now()}
        waiting, held = await self.read(lambda session: session.execute(_BUSY, now).one())
        if held:
            await self.app.intake.release_albums()
        return not (waiting or held)

    async def check(self) -> None:
        """Hold what must be true after every talk, whatever was said."""
        for _ in range(3):  # a duty may have queued something between the two looks
            await self.settle()
            badly = await self.read(_badly_sent)
            bad = [one for one in badly if one[1] not in self.refusals]
            if not any(state == OutState.QUEUED for state, _ in bad):
                break
        assert not bad, f"not delivered as it should be: {bad}"
        if self.server:
            assert self.server.violations == []
            unanswered = [
                q for b in self.server.bots.values() for q, ok in b.queries.items() if not ok
            ]
            assert not unanswered, "a pressed button still shows its little clock"
        for person in self.people:
            if isinstance(person.seat, WebSeat):
                await _same_after_reload(person.seat)


_BUSY = select(
    exists().where(
        OutboundMessage.state.in_((OutState.QUEUED, OutState.SENDING)),
        OutboundMessage.not_before <= bindparam("now"),
    ),
    exists().where(InboundMessage.state == InboundState.HELD),
)


def _badly_sent(session: Session) -> Sequence[tuple[str, str]]:
    rows = session.execute(
        select(OutboundMessage.state, OutboundMessage.reason).where(
            (OutboundMessage.state != OutState.SENT) | OutboundMessage.uncertain,
            # What was told in quiet hours may wait for a morning that the talk did not reach.
            ~((OutboundMessage.state == OutState.QUEUED) & (OutboundMessage.priority == NIGHT)),
        )
    )
    return [(row.state, row.reason) for row in rows]


async def _same_after_reload(seat: WebSeat) -> None:
    """What the page shows after a reload is what the stream told, in the same order."""
    before = {key: (seen.text, seen.buttons) for key, seen in seat.standing.items()}
    history = await seat.history()
    shown = [body["id"] for body in history if body["from"] == "bot"]
    assert set(shown) == set(before), "the stream and the history differ"
