"""What falls due without anybody speaking: time limits, reminders, checks; one transaction each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.office import Office
from bot.wording import Wording
from handlers.talk import Duty
from storage.database import is_outage
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)

PAUSE = timedelta(seconds=2)
"""How often it is looked what is due."""
AGAIN = timedelta(minutes=5)
"""How long a duty that failed is left alone, so that it does not hold up the others."""


@dataclass(slots=True)
class Duties:
    """Looks after what handlers registered with `handlers.talk.duty`."""

    worker: StorageWorker
    duties: Mapping[str, Duty]
    wording: Wording
    clock: Callable[[], datetime]
    committed: Callable[[], None]
    pause: timedelta = PAUSE
    _next: datetime | None = None
    _failed: dict[tuple[str, int], datetime] = field(default_factory=dict)

    async def look(self) -> None:
        """Do what is due, at most every `pause`."""
        now = self.clock()
        if self._next is not None and now < self._next:
            return
        self._next = now + self.pause
        await self.do_all(now)

    async def do_all(self, now: datetime) -> None:
        """Do everything that is due at `now`, each in a transaction of its own."""
        for name, duty in self.duties.items():
            due = duty.due
            for one in await self.worker.read(lambda session: due(session, now)):  # noqa: B023
                await self._do(name, duty, one, now)

    async def _do(self, name: str, duty: Duty, one: int, now: datetime) -> None:
        if self._failed.get((name, one), now) > now:
            return

        def job(session: Session) -> None:
            duty.do(Office(session, now, self.wording), one)

        try:
            await self.worker.run(job, key=f"duty:{name}:{one}")
        except Exception as error:
            if is_outage(error):
                raise
            log.error("duty failed", duty=name, subject=one, exc_info=error)
            self._failed[name, one] = now + AGAIN
        else:
            self._failed.pop((name, one), None)
            self.committed()
