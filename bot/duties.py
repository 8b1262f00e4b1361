"""What falls due without anybody speaking: time limits, reminders, checks; one transaction each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.office import Office
from bot.wording import Wording
from handlers.registry import Daily, Duty
from storage import duty_runs
from storage.database import is_outage
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)

PAUSE = timedelta(seconds=2)
"""How often it is looked what is due."""
AGAIN = timedelta(minutes=5)
"""How long a duty that failed is left alone, so that it does not hold up the others."""
LATELY = timedelta(minutes=15)
"""A start this soon after a duty's last run does not repeat it."""


@dataclass(slots=True)
class Duties:
    """Looks after what handlers registered with `duty` and `daily` (`handlers/registry.py`)."""

    worker: StorageWorker
    duties: Mapping[str, Duty]
    wording: Wording
    clock: Callable[[], datetime]
    committed: Callable[[], None]
    pause: timedelta = PAUSE
    dailies: Mapping[str, Daily] = field(default_factory=dict)
    _next: datetime | None = None
    _next_daily: dict[str, datetime] = field(default_factory=dict)
    _failed: dict[tuple[str, int], datetime] = field(default_factory=dict)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self) -> None:
        """Do what is due, at most every `pause`."""
        now = self.clock()
        if self._next is not None and now < self._next:
            return
        self._next = now + self.pause
        await self.do_all(now)

    async def do_all(self, now: datetime) -> None:
        """Do everything that is due at `now`, each in a transaction of its own.

        Called again meanwhile, the second call waits for the first.
        """
        async with self._one_at_a_time:
            for name, daily in self.dailies.items():
                await self._do_daily(name, daily, now)
            for name, duty in self.duties.items():
                due = duty.due
                for one in await self.worker.read(lambda session: due(session, now)):  # noqa: B023
                    await self._do(name, duty, one, now)

    async def _do(self, name: str, duty: Duty, one: int, now: datetime) -> None:
        if self._failed.get((name, one), now) > now:
            return

        def job(session: Session) -> None:
            duty.do(Office(session, now, self.wording), one)

        # A process that lost its lease a moment ago may be doing the same: what it has done is then
        # seen by the duty, which looks again whether there is something to do.
        turn = f"duty:{name}:{one}"
        try:
            await self.worker.run(job, key=turn, turn=turn)
        except Exception as error:
            if is_outage(error):
                raise
            log.error("duty failed", duty=name, subject=one, exc_info=error)
            self._failed[name, one] = now + AGAIN
        else:
            self._failed.pop((name, one), None)
            self.committed()

    async def _do_daily(self, name: str, daily: Daily, now: datetime) -> None:
        """Do what is done once a day, if its time has come and nobody did it."""
        starting = name not in self._next_daily
        if not starting and now < self._next_daily[name]:
            return
        slot = self._last_time(daily, now)
        last = await self.worker.read(lambda session: duty_runs.last(session, name))
        of_the_day = last is None or last.slot < slot
        lately = last is not None and now - last.at < LATELY
        if of_the_day or (starting and daily.at_start and not lately):

            def job(session: Session) -> None:
                if duty_runs.take(session, name, slot if of_the_day else now, now):
                    daily.do(Office(session, now, self.wording), of_the_day)

            await self.worker.run(job, key=f"daily:{name}")
            self.committed()
        self._next_daily[name] = slot + timedelta(days=1)

    def _last_time(self, daily: Daily, now: datetime) -> datetime:
        """The last moment, up to now, at which it was the duty's time of day."""
        local = now.astimezone(self.wording.zone)
        today = local.replace(hour=daily.at.hour, minute=daily.at.minute, second=0, microsecond=0)
        return today if today <= local else today - timedelta(days=1)
