"""The outbox's sender: takes what is queued, one message a chat at a time, and notes what became
of it.

queued → sending (noted before anything leaves) → sent | failed | blocked. A message that was cut
between the platform's acceptance and our note of it is sent again and marked uncertain: it is the
only thing that can appear twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.channels.base import (
    Blocked,
    Channel,
    Refused,
    TryLater,
    Unreachable,
)
from bot.messages import Address, Choice, File, Location, Outgoing
from storage import media, outbox, people, tickets
from storage.media import MediaFolder
from storage.outbox import OutboundMessage, OutState
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 32
"""Chats served side by side; Telegram's own limit is about 30 messages a second."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds before a fault is tried again; doubled each time up to the longest."""
MOST_ATTEMPTS = 40
"""With the waits above about two and a half hours of an unreachable platform."""
IDLE = 5.0
"""Seconds between looks at the outbox when nobody said that something is there."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One row of the outbox, ready to go."""

    ref: int
    address: Address
    outgoing: Outgoing
    edits: str | None
    """The platform's id of the message to change, or None for a new one."""
    attempts: int
    orphan: bool = False
    """It changes a message that never arrived."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a parcel, to be noted in the database."""

    ref: int
    state: OutState
    message_ids: tuple[str, ...] = ()
    wait: float = 0.0
    reason: str = ""
    uncertain: bool = False


@dataclass(slots=True)
class Delivery:
    """Sends what is queued until `stop`. One a process and channel."""

    worker: StorageWorker
    channels: Mapping[str, Channel]
    folder: MediaFolder
    clock: Callable[[], datetime]
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _busy: set[tuple[str, str]] = field(default_factory=set)
    _paused: dict[str, float] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _stopping: bool = False

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    async def recover(self) -> int:
        """Take up what an earlier process was sending when it ended; how many those were."""
        return await self.worker.run(outbox.recover)

    async def run(self) -> None:
        """Send until `stop`; a database that is gone is waited for."""
        while not self._stopping:
            self._wake.clear()
            try:
                wait = await self._round()
            except SQLAlchemyError as error:
                log.error("outbox not readable", error=type(error).__name__)
                wait = FIRST_WAIT
            if wait > 0 and not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), timeout=wait)

    async def stop(self) -> None:
        """Finish what is under way and send nothing more."""
        self._stopping = True
        self.wake()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)

    async def _round(self) -> float:
        """Hand out what may go now; seconds until it is worth looking again."""
        free = MOST_AT_ONCE - len(self._tasks)
        if free <= 0:
            return IDLE
        now = self.clock()
        paused = self._channels_that_wait()
        parcels = await self.worker.run(
            lambda session: self._take(session, now, free, paused), key="outbox"
        )
        for parcel in parcels:
            self._busy.add((parcel.address.channel, parcel.address.chat))
            task = asyncio.create_task(self._deliver(parcel))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if parcels:
            return 0.0
        due = await self.worker.read(outbox.next_due)
        waits = [IDLE, *(self._paused[name] - _monotonic() for name in paused)]
        if due is not None and due > now:
            waits.append((due - now).total_seconds())
        return max(0.01, min(waits))

    def _channels_that_wait(self) -> set[str]:
        self._paused = {n: until for n, until in self._paused.items() if until > _monotonic()}
        return set(self._paused)

    def _take(self, session: Session, now: datetime, most: int, paused: set[str]) -> list[Parcel]:
        rows = outbox.claim(
            session,
            now,
            busy=self._busy,
            channels=[name for name in self.channels if name not in paused],
            most=most,
        )
        return [self._pack(session, row) for row in rows]

    def _pack(self, session: Session, row: OutboundMessage) -> Parcel:
        edits = outbox.platform_id(session, row.edits) if row.edits else None
        return Parcel(
            ref=row.id,
            address=Address(row.channel, row.chat),
            outgoing=self._outgoing(session, row),
            edits=edits,
            attempts=row.attempts,
            orphan=row.edits is not None and edits is None,
        )

    def _outgoing(self, session: Session, row: OutboundMessage) -> Outgoing:
        payload = row.payload
        labels = [c["label"] for c in payload.get("choices", [])]
        exits = [c["label"] for c in payload.get("exits", [])]
        count = len(labels)
        point = payload.get("location")
        return Outgoing(
            ref=row.id,
            text=payload["text"],
            choices=tuple(
                Choice(label, i, f"{row.id}:{i}") for i, label in enumerate(labels, start=1)
            ),
            exits=tuple(
                Choice(label, None, f"{row.id}:{count + i}")
                for i, label in enumerate(exits, start=1)
            ),
            files=media.files(session, payload.get("files", [])),
            location=Location(point[0], point[1]) if point else None,
            asks_contact=bool(payload.get("asks_contact")),
            asks_location=bool(payload.get("asks_location")),
            ticket=row.ticket_id,
            labels=payload.get("labels") or {},
        )

    async def _deliver(self, parcel: Parcel) -> None:
        outcome = await self._attempt(parcel)
        while not await self._noted(parcel, outcome):  # noqa: ASYNC110  waits for the database
            await asyncio.sleep(FIRST_WAIT)
        self._busy.discard((parcel.address.channel, parcel.address.chat))
        self.wake()

    async def _attempt(self, parcel: Parcel) -> Outcome:
        channel = self.channels[parcel.address.channel]
        if parcel.orphan:
            return Outcome(parcel.ref, OutState.FAILED, reason="nothing there to change")
        try:
            if parcel.edits is None:
                ids = await channel.send(parcel.address, parcel.outgoing, self.load)
            else:
                await channel.edit(parcel.address, parcel.edits, parcel.outgoing)
                ids = (parcel.edits,)
        except TryLater as error:
            self._paused[channel.name] = _monotonic() + error.seconds
            return Outcome(parcel.ref, OutState.QUEUED, reason=str(error), wait=error.seconds)
        except Blocked as error:
            return Outcome(parcel.ref, OutState.BLOCKED, reason=str(error))
        except Unreachable as error:
            return self._again(parcel, str(error), uncertain=error.maybe_sent)
        except Refused as error:
            log.warning("message refused", ref=parcel.ref, ticket=parcel.outgoing.ticket)
            return Outcome(parcel.ref, OutState.FAILED, reason=str(error))
        except Exception as error:
            log.error("sending failed", ref=parcel.ref, exc_info=error)
            return self._again(parcel, type(error).__name__, uncertain=True)
        return Outcome(parcel.ref, OutState.SENT, message_ids=ids)

    def _again(self, parcel: Parcel, reason: str, *, uncertain: bool) -> Outcome:
        if parcel.attempts >= MOST_ATTEMPTS:
            return Outcome(parcel.ref, OutState.FAILED, reason=reason, uncertain=uncertain)
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (parcel.attempts - 1))
        return Outcome(parcel.ref, OutState.QUEUED, wait=wait, reason=reason, uncertain=uncertain)

    async def _noted(self, parcel: Parcel, outcome: Outcome) -> bool:
        """Write the outcome down; False when the database was not there to take it."""
        now = self.clock()
        try:
            await self.worker.run(
                lambda session: _note(session, parcel, outcome, now), key="outbox"
            )
        except SQLAlchemyError as error:
            log.error("delivery not noted", ref=parcel.ref, error=type(error).__name__)
            return self._stopping
        return True

    async def load(self, file: File) -> bytes:
        """The bytes of a file, from our own folder or from the channel it came through.

        Raises SendFailed when they cannot be had.
        """
        if file.origin == "web":
            try:
                return await asyncio.to_thread(self.folder.read, file.ref)
            except FileNotFoundError:
                raise Refused(f"file {file.id} is gone") from None
        channel = self.channels.get(file.origin)
        if channel is None:
            raise Refused(f"file {file.id} came through a channel that is not open")
        return await channel.fetch(file)


def _note(session: Session, parcel: Parcel, outcome: Outcome, now: datetime) -> None:
    outbox.settle(
        session,
        outcome.ref,
        state=outcome.state,
        now=now,
        message_id=outcome.message_ids[0] if outcome.message_ids else None,
        not_before=now + timedelta(seconds=outcome.wait) if outcome.wait else None,
        uncertain=outcome.uncertain,
        reason=outcome.reason,
    )
    address, ticket = parcel.address, parcel.outgoing.ticket
    if outcome.state is OutState.SENT and ticket is not None:
        for message_id in outcome.message_ids:
            tickets.tie(session, address.channel, address.chat, message_id, ticket)
    if outcome.state is OutState.BLOCKED:
        people.block(session, address.channel, address.chat, now)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
