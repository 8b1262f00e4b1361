"""The ways to send one message to many that are measured against each other, in one process.

Each sends through a `Line`: a path whose delay varies, with a `Platform` at its end.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Engine, select

from benchmarks.households import A_MORNING
from benchmarks.platform import Platform
from benchmarks.skipping import CountedWorker
from bot.broadcast import Broadcast, rows_ahead
from bot.channels.base import Channel, Load, TryLater
from bot.clock import Ticker
from bot.delivery import Delivery
from bot.messages import Address, File, Outgoing
from bot.pacing import Limits
from bot.wording import Wording
from storage.base import vault_of
from storage.media import MediaFolder
from storage.notices.tables import Notice, NoticeState

EVEN, UNEVEN = (0.05, 0.05), (0.02, 0.08)
"""Seconds that a message takes to the platform: always the same, or anything between."""


@dataclass(slots=True)
class Line:
    """A channel whose messages take a while to the platform. Its answer comes back at once."""

    platform: Platform
    delay: tuple[float, float]
    name: str = "telegram"
    order: dict[str, list[str]] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    """When each text that is no notice arrived."""
    _chance: Random = field(default_factory=lambda: Random(7))

    async def call(self, chat: str, text: str) -> None:
        """Send. Raises TryLater as the platform says."""
        loop = asyncio.get_running_loop()
        left = loop.time()
        takes = self._chance.uniform(*self.delay)
        await asyncio.sleep(takes)
        # The moment of its arrival, not the one at which this process finds the time to look.
        wait = self.platform.take(chat, left + takes, left)
        if wait:
            raise TryLater(wait)
        if text.startswith("answer"):
            self.order.setdefault(chat, []).append(text)
            self.answered[text] = loop.time()

    async def send(self, to: Address, message: Outgoing, load: Load) -> tuple[str, ...]:
        """See `Channel.send`."""
        await self.call(to.chat, message.text)
        return (f"{self.platform.accepted}",)

    async def edit(self, to: Address, message_id: str, message: Outgoing) -> None:
        """Nothing is changed here."""

    async def fetch(self, file: File) -> bytes:
        """There are no files here."""
        raise NotImplementedError

    async def open(self, receive: object) -> None:
        """Nothing comes in."""

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class Ours:
    """The project's own delivery and broadcast over a database, as `bot.app` puts them together."""

    worker: CountedWorker
    delivery: Delivery
    broadcast: Broadcast

    async def finished(self, notice_id: int) -> bool:
        """Whether the ledger says so."""
        state = await self.worker.read_apart(
            lambda session: session.scalar(select(Notice.state).where(Notice.id == notice_id))
        )
        return state == NoticeState.DONE


@asynccontextmanager
async def ours(engine: Engine, channel: Channel, rate: float, folder: Path) -> AsyncIterator[Ours]:
    """Running; stopped at the end."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    def clock() -> datetime:
        return A_MORNING + timedelta(seconds=loop.time() - began)

    worker = CountedWorker(engine)
    media = MediaFolder(folder, vault_of(engine.dialect))
    limits = {channel.name: Limits(overall=rate)}
    delivery = Delivery(worker, {channel.name: channel}, media, clock, limits)
    wording = Wording("Asia/Shanghai")
    broadcast = Broadcast(worker, wording, [channel.name], clock, delivery.wake, rows_ahead(rate))
    ticker = Ticker([broadcast.look])
    tasks = [asyncio.create_task(delivery.run()), asyncio.create_task(ticker.run())]
    try:
        yield Ours(worker, delivery, broadcast)
    finally:
        ticker.stop()
        await delivery.stop()
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        worker.close()


async def sleep_between(line: Line, chats: Iterable[str], rate: float) -> None:
    """What everybody writes first: send, sleep 1/30; a refusal is waited for and repeated."""
    for chat in chats:
        while True:
            try:
                await line.call(chat, "notice")
                break
            except TryLater as refusal:
                await asyncio.sleep(refusal.seconds)
        await asyncio.sleep(1 / rate)


async def leaky_bucket(line: Line, chats: Iterable[str], rate: float) -> None:
    """A leaky bucket of `rate` messages a second, as aiolimiter has it, and many tasks: a refusal
    makes its own task wait and try again.

    aiolimiter's AsyncLimiter(30, 1): a level that sinks by `rate` a second; who would make it
    overflow waits.
    """
    loop = asyncio.get_running_loop()
    level, at = 0.0, loop.time()
    lock, room = asyncio.Lock(), asyncio.Semaphore(max(100, int(rate)))
    until = 0.0

    async def acquire() -> None:
        nonlocal level, at
        async with lock:
            while True:
                now = loop.time()
                level, at = max(0.0, level - (now - at) * rate), now
                if now < until:
                    await asyncio.sleep(until - now)
                elif level + 1 <= rate:
                    level += 1
                    return
                else:
                    await asyncio.sleep((level + 1 - rate) / rate)

    async def one(chat: str) -> None:
        nonlocal until
        try:
            while True:
                await acquire()
                try:
                    await line.call(chat, "notice")
                    return
                except TryLater as refusal:
                    until = max(until, loop.time() + refusal.seconds)
        finally:
            room.release()

    async with asyncio.TaskGroup() as group:
        for chat in chats:
            await room.acquire()
            group.create_task(one(chat))
