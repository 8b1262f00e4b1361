"""Notes what became of what was sent: many in one job while another job is being written."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from bot.parcels import Outcome, Parcel, listen
from storage.notices import noting
from storage.outbox import OutState
from storage.worker import StorageWorker

MOST_AT_ONCE = 200
"""Outcomes in one job: more would hold up those who wait for the storage."""
GATHERING = 0.004
"""Seconds from one job to the next: what arrives meanwhile goes together into that one. With 0.01
seven messages more were repeated after a kill at 300/s."""


@dataclass(frozen=True, slots=True)
class _Arrived:
    parcel: Parcel
    outcome: Outcome
    at: datetime
    done: asyncio.Future[None]


@dataclass(slots=True)
class Notes:
    """Broadcast messages that arrived are noted together."""

    worker: StorageWorker
    _waiting: list[_Arrived] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None

    async def write(self, parcel: Parcel, outcome: Outcome, now: datetime) -> None:
        """Note an outcome that `is_plain`; returns after the commit. Raises what the job raised."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Arrived(parcel, outcome, now, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="noting")
        await done

    async def _write(self) -> None:
        """Write until none waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            began = loop.time()
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            failure: Exception | None = None
            try:
                await self.worker.run(lambda s: _note_all(s, batch), key="outbox", together=True)  # noqa: B023
            except Exception as error:
                failure = error
            for one in batch:
                if one.done.done():  # whoever waited was cancelled
                    continue
                if failure is None:
                    one.done.set_result(None)
                else:
                    one.done.set_exception(failure)
            await asyncio.sleep(began + GATHERING - loop.time())


def is_plain(parcel: Parcel, outcome: Outcome) -> bool:
    """Whether it is a notice that arrived, and nothing besides."""
    return (
        parcel.broadcast
        and parcel.edits is None
        and parcel.outgoing.ticket is None
        and outcome.state is OutState.SENT
        and not outcome.uncertain
    )


def _note_all(session: Session, batch: list[_Arrived]) -> None:
    rows = [(one.outcome.ref, next(iter(one.outcome.message_ids), None)) for one in batch]
    noting.arrived(session, rows, batch[-1].at)
    for one in batch:
        listen(session, one.parcel, one.at)
