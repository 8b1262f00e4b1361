"""What this process may do just now that only one process may do: see `storage.senders`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from storage import senders
from storage.database import is_outage
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Leases:
    """Held and renewed by `run`, counted on this process's own clock that never goes back.

    holder: what this process calls itself, different for each. elected: what one process at a time
    may do, by name; anything else is everybody's. prepares: what is newly ours is not `held` before
    `take_up`. gained: called when something is newly ours.
    """

    worker: StorageWorker
    clock: Callable[[], datetime]
    holder: str
    elected: Collection[str]
    prepares: bool = False
    gained: Callable[[], None] = lambda: None
    _until: dict[str, float] = field(default_factory=dict)
    _fresh: set[str] = field(default_factory=set)
    _next_beat: float = 0.0
    _over: bool = False
    _beating: asyncio.Lock = field(default_factory=asyncio.Lock)

    def holds(self, name: str) -> bool:
        """Whether this process may do it at this very moment."""
        return name not in self.elected or (name not in self._fresh and self._has(name))

    def _has(self, name: str) -> bool:
        return self._until.get(name, 0.0) > _monotonic()

    def wait(self) -> float:
        """Seconds until the next beat is due."""
        return max(0.0, self._next_beat - _monotonic())

    async def run(self) -> None:
        """Beat until `let_go`; a database that is gone is waited for."""
        while not self._over:
            try:
                await self.beat()
            except Exception as error:
                if not is_outage(error):  # of that the log hears from the worker
                    log.error("leases not renewed", error=type(error).__name__)
            await asyncio.sleep(max(0.01, self.wait()))

    async def beat(self) -> None:
        """Take or renew everything, if it is time."""
        async with self._beating:
            await self._beat()

    async def _beat(self) -> None:
        began = _monotonic()
        if began < self._next_beat or self._over:
            return
        self._next_beat = began + senders.BEAT.total_seconds()
        now = self.clock()

        def job(session: Session) -> list[str]:
            wanted = sorted(self.elected)  # in one order, or two processes wait for each other
            return [one for one in wanted if senders.hold(session, one, self.holder, now)]

        held = await self.worker.run_apart(job)
        new = {name for name in held if not self._has(name)}
        # From before the question: the lease cannot have begun later than that.
        self._until = dict.fromkeys(held, began + senders.LEASE.total_seconds())
        if self.prepares:
            self._fresh = (self._fresh | new) & set(held)
        if new:
            log.info("process takes over", what=sorted(new))
            self.gained()

    def fresh(self) -> list[str]:
        """What is ours and was not taken up yet."""
        return sorted(name for name in self._fresh if self._has(name))

    def take_up(self, names: Collection[str]) -> None:
        """All is ready for doing these."""
        self._fresh.difference_update(names)

    def fenced(self, session: Session, names: Collection[str]) -> list[str]:
        """For a job: those of `names` that are ours until its transaction ends."""
        mine = [name for name in names if name in self.elected]
        kept = senders.still(session, mine, self.holder) if mine else []
        return [name for name in names if name in kept or name not in self.elected]

    async def let_go(self) -> None:
        """Give everything up, for good: another process need not wait for the lease's end."""
        self._over = True
        async with self._beating:  # one that is under way would take everything once more
            held = [name for name in self.elected if self._has(name)]
            self._until.clear()
        now = self.clock()

        def job(session: Session) -> None:
            for name in sorted(held):
                senders.let_go(session, name, self.holder, now)

        if held:
            await self.worker.run_apart(job)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
