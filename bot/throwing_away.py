"""Throws away the files of photographed papers whose time is over (`storage/papers.py`).

The file goes first, its row after it: a program that stops between the two begins again with a file
that is gone already, and never forgets one that is still there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import papers
from storage.media import MediaFolder
from storage.worker import StorageWorker

PAUSE = timedelta(minutes=1)
"""How often it is looked; nobody gets a forgotten photo meanwhile."""


@dataclass(slots=True)
class Waste:
    """`look` throws away what is forgotten, at most every `PAUSE`; `do_all` at once."""

    worker: StorageWorker
    folder: MediaFolder
    clock: Callable[[], datetime]
    _next: datetime | None = None

    async def look(self) -> None:
        """Throw away what is forgotten, if it is time to look."""
        now = self.clock()
        if self._next is None or now >= self._next:
            self._next = now + PAUSE
            await self.do_all()

    async def do_all(self) -> None:
        """Throw away everything that is forgotten."""
        while files := await self.worker.read(papers.to_throw_away):
            for file in files:
                if file.origin == "web":
                    await asyncio.to_thread(self.folder.remove, file.ref)
                media_id = file.id
                await self.worker.run(
                    lambda session: papers.thrown_away(session, media_id),  # noqa: B023
                    key="papers",
                )
