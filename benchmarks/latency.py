"""How long an answer takes at a steady rate, in a county and in a hundredth of one.

Known residents all over the county tell one matter after another, each from the first words to the
ticket and on to the next one; where each of them stands in that is brought about before. Updates
arrive at random moments (Poisson), each in the chat that has been quiet the longest. Measured is
the time from the update's arrival to the first reply's leaving, the commit between them included.
The transport is stubbed.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy
from statistics import median
from unittest.mock import patch

from benchmarks import county
from benchmarks.chats import Chat
from benchmarks.conversation import quiet
from benchmarks.program import HOOK, running, settings
from benchmarks.stub import StubSession
from benchmarks.table import Row

RATES = (200, 50)
"""Updates a second: what is asked for, and what a machine can do that cannot do as many."""
ROUNDS, SECONDS = 5, 8.0
A_TALK = 6.0
"""Seconds for a whole talk of each resident: so many talk that all its steps are measured."""
STEPS = 5
"""Updates from the first words to the ticket."""
P50, P99, GROWTH = 5.0, 25.0, 1.5
"""Milliseconds; and how much slower the county may be than a hundredth of it."""
NEXT = ("提交", "不是同一件", "是一件新的事", "路灯照明", "楼里公共地方")
"""The buttons that a resident takes, the first that is there."""
WORDS = "楼道灯坏了三天，老人下楼看不见"


class Resident(Chat):
    """Somebody at home who goes on with what the last message asks, or tells a new matter."""

    async def goes_on(self) -> None:
        """One update."""
        newest = self.heard[-1:]
        self.heard.clear()
        self.heard.extend(newest)
        for label in NEXT:
            try:
                data = self._button(label)
            except LookupError:
                continue
            self.heard.clear()
            await self._feed(callback_query=self._press(data))
            return
        await self._feed(message=self._message(WORDS))

    async def is_answered(self, times: int = 1) -> None:
        """So many updates, each when the one before it was answered."""
        for _ in range(times):
            seen = len(self.waits)
            await self.goes_on()
            while len(self.waits) == seen:
                self.news.clear()
                await self.news.wait()


@dataclass(slots=True)
class Measured:
    """Milliseconds of each answer; how many updates found everybody waiting and did not come."""

    waits: list[float] = field(default_factory=list)
    dropped: int = 0

    def share(self, part: float) -> float:
        """The percentile of this part (0 to 1)."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


async def measure(folder: Path, path: Path, rate: int, seed: int) -> Measured:
    """One round over the database of this path."""
    residents: dict[int, Resident] = {}

    def shows(chat: int, message: dict[str, object]) -> None:
        if chat in residents:
            residents[chat].shows(message)

    with (
        patch("bot.channels.telegram_aiogram.Session", StubSession),
        patch.object(StubSession, "shows", staticmethod(shows)),
    ):
        async with running(settings(folder, f"sqlite:///{path}", **HOOK)) as app:
            take = app.channels["telegram"]._take  # type: ignore[attr-defined]
            dice = random.Random(seed)
            talk = min(county.TALKERS, round(rate * A_TALK / STEPS))
            numbers = dice.sample(range(1, county.TALKERS + 1), talk)
            residents |= {number: Resident(number, take) for number in numbers}
            first, *others = residents.values()
            await first.is_answered(STEPS)
            await asyncio.gather(*(one.is_answered(dice.randrange(STEPS)) for one in others))
            await asyncio.sleep(0.5)
            for one in residents.values():
                one.waits.clear()
            found = await _arrivals([*others, first], rate, dice)
            found.waits = [1000 * w for one in residents.values() for w in one.waits]
            return found


async def _arrivals(people: list[Resident], rate: int, dice: random.Random) -> Measured:
    found, idle, busy = Measured(), deque(people), set[asyncio.Task[None]]()

    async def turn(one: Resident) -> None:
        await one.is_answered()
        idle.append(one)

    began = next_at = time.perf_counter()
    while next_at < began + SECONDS:
        next_at += dice.expovariate(rate)
        await asyncio.sleep(max(0.0, next_at - time.perf_counter()))
        if not idle:
            found.dropped += 1
            continue
        task = asyncio.create_task(turn(idle.popleft()))
        busy.add(task)
        task.add_done_callback(busy.discard)
    if busy:
        await asyncio.wait(busy, timeout=30)
    return found


def rows() -> list[Row]:
    """A row for each rate."""
    quiet()
    found = []
    folder, small, whole = county.counties()
    for rate in RATES:
        little, much = [], []
        for seed in range(ROUNDS):
            for of, path in ((little, small), (much, whole)):
                # What one round left behind, the next one would have to answer first.
                fresh = Path(copy(path, path.with_suffix(".talks")))
                of.append(asyncio.run(measure(folder, fresh, rate, seed)))
        found.append(_row(rate, little, much))
    return found


def _row(rate: int, little: list[Measured], much: list[Measured]) -> Row:
    small = [median(one.share(part) for one in little) for part in (0.5, 0.99)]
    whole = [median(one.share(part) for one in much) for part in (0.5, 0.99)]
    dropped = sum(one.dropped for one in much)
    growth = whole[1] / small[1]
    met = whole[0] <= P50 and whole[1] <= P99 and growth <= GROWTH and not dropped
    beyond = f"; {dropped} updates found all waiting" if dropped else ""
    return Row(
        f"an update's arrival to its reply's leaving, {rate}/s Poisson, a whole county",
        f"p50 {whole[0]:.1f} ms, p99 {whole[1]:.1f} ms{beyond}",
        f"p50 {small[0]:.1f} ms, p99 {small[1]:.1f} ms (1/100 of the data)",
        f"{growth:.2f} (p99)",
        f"p50 ≤ {P50:g} ms, p99 ≤ {P99:g} ms, ≤ {GROWTH:g} ×",
        met,
    )
