"""An event loop that skips what would only be waited for: 27 minutes of sending in one or two.

While anything is computed, its clock runs as fast as the real one; when nothing is left to do but
to wait for a timer, it is set forward to that timer. So our own slowness costs what it costs, and
only idleness is free. Everything must happen in this process: a socket has a clock of its own.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from storage.worker import Job, StorageWorker

T = TypeVar("T")


class SkippingLoop(asyncio.SelectorEventLoop):
    """`busy` counts what other threads do for this loop; meanwhile nothing is skipped."""

    def __init__(self) -> None:
        self.busy = 0
        self.skipped = 0.0
        super().__init__(_Skipping(self))

    def time(self) -> float:
        """Seconds, those included that were skipped."""
        return time.monotonic() + self.skipped


class _Skipping(selectors.DefaultSelector):
    def __init__(self, loop: SkippingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """See `selectors.BaseSelector.select`."""
        if timeout is None or timeout <= 0 or self._loop.busy:
            return super().select(timeout)
        found = super().select(0)
        if not found:
            self._loop.skipped += timeout
        return found


class CountedWorker(StorageWorker):
    """A storage worker whose jobs a `SkippingLoop` waits for."""

    async def run(self, job: Job[T], *, key: str = "", turn: str = "", together: bool = False) -> T:
        """See `StorageWorker.run`."""
        with _Busy():
            return await super().run(job, key=key, turn=turn, together=together)

    async def read(self, job: Job[T]) -> T:
        """See `StorageWorker.read`."""
        with _Busy():
            return await super().read(job)

    async def read_apart(self, job: Job[T]) -> T:
        """See `StorageWorker.read_apart`."""
        with _Busy():
            return await super().read_apart(job)


class _Busy:
    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(loop, SkippingLoop):
            loop.busy += 1

    def __exit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(loop, SkippingLoop):
            loop.busy -= 1


def run(main: Coroutine[Any, Any, T]) -> T:
    """Like `asyncio.run`, skipping."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(main)
