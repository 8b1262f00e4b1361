"""The outbox's sender: takes what is queued, one message a chat at a time, and notes what became
of it.

queued → sending (noted before anything leaves) → sent | failed | blocked. A message that was cut
between the platform's acceptance and our note of it is sent again and marked uncertain: it is the
only thing that can appear twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.calls import Calls
from bot.channels.base import Channel
from bot.handover import Handover
from bot.leases import Leases
from bot.loading import Loading
from bot.messages import Address, File
from bot.noting import Notes, is_plain
from bot.pacing import Limits, Slot
from bot.parcels import Outcome, Parcel, Room, note, note_only_the_state, take
from bot.rests import Rests
from bot.rooms import Rooms
from bot.sending import Sending
from bot.shut_out import ShutOut
from bot.steady import Steady
from storage import outbox, senders
from storage.database import is_outage
from storage.media import MediaFolder
from storage.notices import ledger
from storage.outbox import OutState
from storage.worker import StorageWorker, WorkerClosed

log = structlog.get_logger(__name__)

A_WINDOW = 1.0
"""Seconds after which a platform has forgotten what the process before this one sent."""
IDLE = 5.0
"""Seconds between looks at the outbox when nobody said that something is there."""
SOON = 0.05
"""The same when something was said, and taken, that needs no look."""
FIRST_WAIT = 1.0
"""Seconds until a database that was away is asked again."""
LONGEST_GOODBYE = 10.0
"""Seconds that `stop` waits for what is under way."""


@dataclass(slots=True)
class Delivery:
    """Sends what is queued until `stop`.

    channels: those that this process may send through. limits: what the platform behind each
    allows; a channel that is not named has none. others: channels that files are only fetched from.
    noted: called with each outcome.
    """

    worker: StorageWorker
    channels: Mapping[str, Channel]
    folder: MediaFolder
    clock: Callable[[], datetime]
    limits: Mapping[str, Limits] = field(default_factory=dict)
    others: Mapping[str, Channel] = field(default_factory=dict)
    noted: Callable[[str, OutState], None] = lambda channel, state: None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _calls: Calls = field(default_factory=Calls)
    _shut_out: ShutOut = field(default_factory=ShutOut)
    _rests: Rests = field(init=False)
    _rooms: Rooms = field(init=False)
    _runners: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _notes: Notes = field(init=False)
    _loading: Loading = field(init=False)
    _sending: Sending = field(init=False)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    handover: Handover = field(init=False)
    _soon: asyncio.TimerHandle | None = None
    _more: bool = False
    """Whether the last look at the outbox left something there for want of room."""
    _in_doubt: bool = False
    _running: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stopping: bool = False

    def __post_init__(self) -> None:
        self.clock = Steady(self.clock, _monotonic)
        self._notes = Notes(self.worker)
        self._rests = Rests(_monotonic)
        self._rooms = Rooms(self.channels, self.limits, self._rests, self._calls)
        self._loading = Loading(self.channels, self.others, self.folder, self._rests.pause)
        self._sending = Sending(
            self.channels, self._rests, self._loading, self._asked_to_wait, self._hangs
        )

        self.handover = Handover(
            self.worker, self._may_hand, self._ours, self._begin, self._doubt, self._wake_soon,
            self._tasks,
        )  # fmt: skip

    @property
    def leases(self) -> Leases | None:
        """Where several processes run, which of them sends."""
        return self._rooms.leases

    @leases.setter
    def leases(self, leases: Leases) -> None:
        self._rooms.leases = leases

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    def _wake_soon(self) -> None:
        """Something may be there that nobody spoke of; it is looked for with what comes besides."""
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SOON, self._wake_now)

    def _wake_now(self) -> None:
        self._soon = None
        self.wake()

    async def recover(self, channels: Sequence[str] | None = None) -> int:
        """Take up what an earlier process was sending when it ended; how many may go twice.

        channels: those that are ours from now on; None where no other process sends.
        """
        if channels is None:
            channels = [] if self.leases else list(self.channels)
        mine, now = list(channels), self.clock()

        def job(session: Session) -> tuple[int, dict[str, float]]:
            refs = outbox.recover(session, mine, but=self._calls.refs())
            ledger.doubt(session, refs, now)
            return len(refs), senders.rests(session, mine, now)

        found, rests = await self.worker.run(job, key="outbox", together=True) if mine else (0, {})
        for channel, seconds in rests.items():
            self._rests.pause(channel, seconds)
        if found:
            log.warning("messages may appear twice", count=found)
        return found

    async def run(self) -> None:
        """Send until `stop`; a database that is gone is waited for."""
        async with self._running:
            while not self._stopping:
                self._wake.clear()
                try:
                    wait = await self._round()
                except Exception as error:
                    if not is_outage(error):  # of that the log hears from the worker
                        log.error("outbox not readable", error=type(error).__name__)
                    self._in_doubt = True
                    wait = FIRST_WAIT
                if wait > 0 and not self._stopping:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), timeout=wait)

    async def stop(self) -> None:
        """Finish what is under way and send nothing more; the rest stays queued."""
        self._stopping = True
        self.wake()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_GOODBYE):
                async with self._running:  # a round that is taking messages gives them away first
                    pass
                while self._tasks:
                    await asyncio.wait(self._tasks)
        if self._soon is not None:
            self._soon.cancel()
        left = list(self._tasks)
        for task in left:  # their messages stay `sending`, and so become uncertain
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _round(self) -> float:
        """Hand out what may go now; seconds until it is worth looking again."""
        now = self.clock()
        self._shut_out.say(_monotonic())
        if self._in_doubt:
            await self._release()
        if self.leases is not None:
            await self._beat(self.leases)
        room = self._rooms.now()
        self._more = True
        taken = await self._claim(room, now) if room else []
        for parcel in await self._let_rest(taken, now):
            self._begin(parcel)
        waits = [IDLE, *self._rooms.waits()]
        if taken and any(one.below is None for one in self._rooms.now()):
            return 0.0
        self._more = not room or bool(taken)
        if not taken:
            ready = [name for one in room for name in one.channels]
            due = await self.worker.read(lambda session: outbox.next_due(session, ready, now))
            if due is not None:
                waits.append((due - now).total_seconds())
        return max(0.001, min(waits))

    async def _claim(self, room: Sequence[Room], now: datetime) -> list[Parcel]:
        began = _monotonic()
        taken = await self.worker.run(
            lambda session: self._take(session, now, room), key="outbox", together=True
        )
        for name in {parcel.address.channel for parcel in taken}:
            self._rooms.lane(name).took(_monotonic() - began)
        return taken

    async def _beat(self, leases: Leases) -> None:
        """Renew the leases; what is newly ours is taken up where the process before left it."""
        await leases.beat()
        fresh = leases.fresh()
        if fresh and self.handover.promised:  # from before the lease ran out: see `_release`
            self._wake_soon()
            return
        for channel in fresh:
            self._rooms.pace(channel).hold_back(_monotonic() + A_WINDOW)
        if fresh:
            await self.recover(fresh)
            leases.take_up(fresh)

    def _take(self, session: Session, now: datetime, rooms: Sequence[Room]) -> list[Parcel]:
        """Take from the outbox what there is room for."""
        ours = [replace(room, channels=self._ours(session, room.channels)) for room in rooms]
        return take(session, now, ours)

    def _ours(self, session: Session, channels: Sequence[str]) -> tuple[str, ...]:
        """Those that no other process takes over before this transaction ends."""
        return tuple(channels if self.leases is None else self.leases.fenced(session, channels))

    def _begin(self, parcel: Parcel) -> None:
        """Let a parcel leave in the next slot of its channel that nothing more urgent takes."""
        channel = parcel.address.channel
        lane = self._rooms.lane(channel)
        self._calls.add(parcel)
        lane.put(parcel)
        runner = self._runners.get(channel)
        if runner is None or runner.done():
            drain = lane.drain(self._rooms.is_shut, self._leave)
            runner = self._runners[channel] = asyncio.create_task(drain, name="lane")
            self._tasks.add(runner)
            runner.add_done_callback(self._tasks.discard)

    def _may_hand(self, address: Address, promised: int) -> bool:
        """Whether an answer to a chat could go just now, besides so many."""
        if self._stopping or self._in_doubt:
            return False
        return self._rooms.for_an_answer(address, promised)

    def _doubt(self) -> None:
        """Something may stand as being sent that nobody sends."""
        self._in_doubt = True
        self.wake()

    def _hangs(self, ref: int) -> None:
        self._calls.hangs(ref)
        self.wake()

    def _leave(self, parcel: Parcel, slot: Slot | None) -> None:
        task = asyncio.create_task(self._deliver(parcel, slot), name=parcel.address.channel)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _release(self) -> None:
        """Put back what a round had marked whose end was not seen: none of it was sent."""
        if self.handover.promised:
            return  # what they take is not known yet
        but = self._calls.refs()

        def job(session: Session) -> None:
            mine = self._ours(session, self._rooms.held())
            outbox.recover(session, mine, but=but, certain=True)

        await self.worker.run(job, key="outbox", together=True)
        self._in_doubt = False

    async def _asked_to_wait(self, channel: str, seconds: float) -> None:
        """Whoever sends after this process waits as well; where it cannot be noted, it is asked."""
        self._rests.pause(channel, seconds)
        self._rooms.pace(channel).refused(_monotonic(), seconds)
        now = self.clock()
        with contextlib.suppress(SQLAlchemyError, WorkerClosed):
            await self.worker.run(
                lambda session: senders.rest(session, channel, seconds, now),
                key="outbox",
                together=True,
            )

    async def _let_rest(self, parcels: list[Parcel], now: datetime) -> list[Parcel]:
        """Put back what would be too much for its chat, until it may have it; the others."""
        rests = {parcel.ref: self._rooms.rest_of(parcel) for parcel in parcels}
        resting = {ref: seconds for ref, seconds in rests.items() if seconds > 0}

        def job(session: Session) -> None:
            for ref, seconds in resting.items():
                outbox.put_back(session, ref, now + timedelta(seconds=seconds))

        if resting:
            await self.worker.run(job, key="outbox", together=True)
        return [parcel for parcel in parcels if parcel.ref not in resting]

    async def _deliver(self, parcel: Parcel, slot: Slot | None) -> None:
        channel = parcel.address.channel
        try:
            if not self._rooms.holds(channel):
                return  # whoever holds the channel now finds it and takes it up
            began = self.clock()
            outcome = await self._sending.attempt(parcel)
            if slot is not None:
                # How long one that hung took says nothing of the path.
                accepted = outcome.state is OutState.SENT and not self._calls.hung(parcel.ref)
                self._rooms.pace(channel).ended(slot, _monotonic(), accepted=accepted)
            await self._write_down(parcel, outcome, began)
        finally:
            self._calls.gone(parcel.ref)
            if parcel.broadcast or self._more:
                if not parcel.broadcast or self._rooms.lane(channel).room(_monotonic())[0] > 0:
                    self.wake()
            else:
                self._wake_soon()

    async def _write_down(self, parcel: Parcel, outcome: Outcome, began: datetime) -> None:
        """Note the outcome, however long the database is away; only `stop` ends the waiting."""
        if outcome.state is not OutState.QUEUED:
            self._sending.ended(parcel.ref)
        whole = True
        while True:
            now = self.clock()
            try:
                if whole and is_plain(parcel, outcome):
                    await self._notes.write(parcel, outcome, now)
                elif whole:
                    await self.handover.run(
                        lambda s: note(s, parcel, outcome, began, now),  # noqa: B023
                        parcel.address,
                        now,
                        key="outbox",
                    )
                else:
                    await self.worker.run(
                        lambda s: note_only_the_state(s, parcel, outcome, began, now),  # noqa: B023
                        key="outbox",
                        together=True,
                    )
                self.noted(parcel.address.channel, outcome.state)
                if outcome.state is OutState.BLOCKED:
                    self._shut_out.add(parcel.address.channel, _monotonic())
                return
            except Exception as error:
                if not is_outage(error):
                    log.error("delivery not noted", ref=parcel.ref, error=type(error).__name__)
                    whole = False
            if self._stopping:
                return
            await asyncio.sleep(FIRST_WAIT)

    async def load(self, file: File) -> bytes:
        """See `Loading.load`."""
        return await self._loading.load(file)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
