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


@dataclass(slots=True)
class Notes:
    """Broadcast messages that arrived are noted together."""

    worker: StorageWorker
    _waiting: list[tuple[Parcel, Outcome, asyncio.Future[None]]] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None

    async def write(self, parcel: Parcel, outcome: Outcome, now: datetime) -> None:
        """Note an outcome that `is_plain`; returns after the commit. Raises what the job raised."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((parcel, outcome, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(now), name="noting")
        await done

    async def _write(self, now: datetime) -> None:
        """Write until none waits. now: about when they arrived."""
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            arrived = [(parcel, outcome) for parcel, outcome, _ in batch]
            failure: Exception | None = None
            try:
                await self.worker.run(
                    lambda s: _note_all(s, arrived, now),  # noqa: B023
                    key="outbox",
                    together=True,
                )
            except Exception as error:
                failure = error
            for _, _, done in batch:
                if done.done():  # whoever waited was cancelled
                    continue
                if failure is None:
                    done.set_result(None)
                else:
                    done.set_exception(failure)


def is_plain(parcel: Parcel, outcome: Outcome) -> bool:
    """Whether it is a notice that arrived, and nothing besides."""
    return (
        parcel.broadcast
        and parcel.edits is None
        and parcel.outgoing.ticket is None
        and outcome.state is OutState.SENT
        and not outcome.uncertain
    )


def _note_all(session: Session, arrived: list[tuple[Parcel, Outcome]], now: datetime) -> None:
    rows = [(o.ref, o.message_ids[0] if o.message_ids else None) for _, o in arrived]
    noting.arrived(session, rows, now)
    for parcel, _ in arrived:
        listen(session, parcel, now)
