"""The time, read in one place so that it can be set; and what falls due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from storage.database import is_outage

log = structlog.get_logger(__name__)


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Ticker:
    """Does `duties` every `pause` seconds until `stop`; a duty that fails is tried next time.

    may: whether it is for this process to do them just now.
    """

    duties: list[Callable[[], Awaitable[None]]]
    pause: float = 0.4
    may: Callable[[], bool] = lambda: True
    _stopping: bool = False

    async def run(self) -> None:
        """Go on until `stop`."""
        while not self._stopping:
            for duty in self.duties if self.may() else ():
                try:
                    await duty()
                except Exception as error:
                    if not is_outage(error):  # of that the log hears from the worker
                        name = getattr(duty, "__name__", "?")
                        log.error("duty failed", duty=name, exc_info=error)
            await asyncio.sleep(self.pause)

    def stop(self) -> None:
        """Finish the present round and no more."""
        self._stopping = True
