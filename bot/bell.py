"""A word to the other processes that something is queued, or stands on a page of theirs.

It makes them quick and nothing else: who hears nothing looks at the outbox every second anyway.
Only where there are several processes, on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine

from bot.channels.base import Unreachable
from storage import signals

log = structlog.get_logger(__name__)

QUEUED, SHOWN = "queued", "shown"
MOST_AT_ONCE = 500
"""Messages named in one word: PostgreSQL takes 8,000 bytes."""
AGAIN = 1.0
"""Seconds until a broken line is tried again."""


@dataclass(slots=True)
class Bell:
    """Says what happened here (`ring`, `tell`), and hears what happened elsewhere.

    holder: what this process calls itself. needed: whether somebody else may have to send what is
    queued here. queued: called when something was queued elsewhere. shown: called with what another
    process has put on a page. missed: called when words may have been lost.
    """

    engine: Engine
    holder: str
    needed: Callable[[], bool]
    queued: Callable[[], None]
    shown: Callable[[list[int]], Awaitable[None]]
    missed: Callable[[], None]
    _rung: asyncio.Event = field(default_factory=asyncio.Event)
    _anything: bool = False
    _broken: set[str] = field(default_factory=set)
    _shown: list[tuple[int, asyncio.Future[None]]] = field(default_factory=list)

    def ring(self) -> None:
        """Something was queued."""
        if self.needed():
            self._anything = True
            self._rung.set()

    async def tell(self, ref: int) -> None:
        """A message was put on a page: returns when the others were told, or raises Unreachable."""
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._shown.append((ref, told))
        self._rung.set()
        await told

    async def speak(self) -> None:
        """Say what there is to say until cancelled."""
        line: signals.Line | None = None
        try:
            while True:
                await self._rung.wait()
                self._rung.clear()
                try:
                    line = line or await signals.open_line(self.engine)
                    await self._say(line)
                except signals.Broken as error:
                    self._say_broken("told", error)
                    await _close(line)
                    line = None
                    self._give_up()
                    await asyncio.sleep(AGAIN)
        finally:
            self._give_up()
            await _close(line)

    async def _say(self, line: signals.Line) -> None:
        while self._anything or self._shown:
            told = self._shown[:MOST_AT_ONCE]
            refs = ",".join(str(ref) for ref, _ in told)
            words = [f"{SHOWN} {self.holder} {refs}"] if told else []
            if self._anything:
                words.append(QUEUED)
            self._anything = False
            await signals.say(line, words)
            del self._shown[: len(told)]
            self._broken.discard("told")
            for _, future in told:
                if not future.done():
                    future.set_result(None)

    def _say_broken(self, what: str, error: Exception) -> None:
        """Once, until it is mended: it is tried every second."""
        if what not in self._broken:
            self._broken.add(what)
            log.warning(f"other processes not {what}", error=type(error).__name__)

    def _give_up(self) -> None:
        """Who waits is told; a message that is only queued is found by whoever looks."""
        waiting, self._shown = self._shown, []
        for _, future in waiting:
            if not future.done():
                future.set_exception(Unreachable("other processes not told", maybe_sent=False))

    async def listen(self) -> None:
        """Hear the others until cancelled."""
        while True:
            line: signals.Line | None = None
            try:
                line = await signals.open_line(self.engine)
                await signals.listen(line)
                self._broken.discard("heard")
                self.missed()
                async for word in signals.heard(line):
                    await self._hear(word)
            except signals.Broken as error:
                self._say_broken("heard", error)
            finally:
                await _close(line)
            await asyncio.sleep(AGAIN)

    async def _hear(self, word: str) -> None:
        if word == QUEUED:
            self.queued()
            return
        what, _, rest = word.partition(" ")
        holder, _, refs = rest.partition(" ")
        if what == SHOWN and holder != self.holder:
            await self.shown([int(ref) for ref in refs.split(",") if ref.isdecimal()])


async def _close(line: signals.Line | None) -> None:
    if line is not None:
        with contextlib.suppress(*signals.Broken):
            await line.close()
