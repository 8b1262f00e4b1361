"""Which channels this process may send through just now: see `storage.senders`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from storage import senders
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Leases:
    """Held and renewed by `beat`, counted on this process's own clock that never goes back.

    holder: what this process calls itself, different for each. elected: the channels that one
    process at a time may send through; the others are everybody's.
    """

    worker: StorageWorker
    clock: Callable[[], datetime]
    holder: str
    elected: Collection[str]
    _until: dict[str, float] = field(default_factory=dict)
    _next_beat: float = 0.0

    def holds(self, channel: str) -> bool:
        """Whether this process may send through it at this very moment."""
        return channel not in self.elected or self._until.get(channel, 0.0) > _monotonic()

    def wait(self) -> float:
        """Seconds until the next beat is due."""
        return max(0.0, self._next_beat - _monotonic())

    async def beat(self) -> list[str]:
        """Take or renew every channel, if it is time; those that are newly ours."""
        began = _monotonic()
        if began < self._next_beat:
            return []
        self._next_beat = began + senders.BEAT.total_seconds()
        before = {channel for channel in self.elected if self.holds(channel)}
        now = self.clock()

        def job(session: Session) -> list[str]:
            wanted = sorted(self.elected)  # in one order, or two processes wait for each other
            return [one for one in wanted if senders.hold(session, one, self.holder, now)]

        held = await self.worker.run(job, key="senders")
        # From before the question: the lease cannot have begun later than that.
        self._until = dict.fromkeys(held, began + senders.LEASE.total_seconds())
        gained = sorted(set(held) - before)
        for channel in gained:
            log.info("sends through", channel=channel)
        return gained

    async def let_go(self) -> None:
        """Give everything up: another process need not wait for the lease's end."""
        held = [channel for channel in self.elected if self.holds(channel)]
        self._until.clear()
        now = self.clock()

        def job(session: Session) -> None:
            for channel in held:
                senders.let_go(session, channel, self.holder, now)

        if held:
            await self.worker.run(job, key="senders")


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
