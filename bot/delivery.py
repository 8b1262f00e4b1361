"""The outbox's sender: takes what is queued, one message a chat at a time, and notes what became
of it.

queued → sending (noted before anything leaves) → sent | failed | blocked. A message that was cut
between the platform's acceptance and our note of it is sent again and marked uncertain: it is the
only thing that can appear twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.channels.base import Blocked, Channel, Refused, TryLater, Unreachable
from bot.lanes import Lane
from bot.leases import Leases
from bot.loading import Loading
from bot.messages import File
from bot.noting import Notes
from bot.pacing import FREE, Limits, Pace, Slot
from bot.parcels import Outcome, Parcel, Room, note_only_the_state, take
from bot.rests import Rests
from bot.steady import Steady
from storage import outbox, senders
from storage.database import is_outage
from storage.media import MediaFolder
from storage.notices import ledger
from storage.outbox import OutState
from storage.worker import StorageWorker, WorkerClosed

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 32
"""Messages of one channel under way at once, and more where its limit is higher: what a second's
messages need when each takes a second."""
A_WINDOW = 1.0
"""Seconds after which a platform has forgotten what the process before this one sent."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds before a fault is tried again; doubled each time up to the longest."""
MOST_CUT = 300
"""How often a message may be cut on its way, each time perhaps after it arrived: about a day. One
that never left (no connection) is tried for ever: an outage of the line loses nothing."""
MOST_FAULTS = 5
"""How often a fault of our own is tried again before the message is set aside."""
IDLE = 5.0
"""Seconds between looks at the outbox when nobody said that something is there."""
LONGEST_SEND = 180.0
"""Seconds after which a call that says nothing counts as cut; channels have shorter ones."""
LONGEST_GOODBYE = 10.0
"""Seconds that `stop` waits for what is under way."""


@dataclass(slots=True)
class Delivery:
    """Sends what is queued until `stop`.

    channels: those that this process may send through. limits: what the platform behind each
    allows; a channel that is not named has none. leases: where several processes run, which of them
    sends. others: channels that files are only fetched from. noted: called with each outcome.
    """

    worker: StorageWorker
    channels: Mapping[str, Channel]
    folder: MediaFolder
    clock: Callable[[], datetime]
    limits: Mapping[str, Limits] = field(default_factory=dict)
    leases: Leases | None = None
    others: Mapping[str, Channel] = field(default_factory=dict)
    noted: Callable[[str, OutState], None] = lambda channel, state: None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _under_way: set[int] = field(default_factory=set)
    _rests: Rests = field(init=False)
    _lanes: dict[str, Lane] = field(default_factory=dict)
    _runners: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _notes: Notes = field(init=False)
    _loading: Loading = field(init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _trials: Counter[tuple[int, bool]] = field(default_factory=Counter)
    _in_doubt: bool = False
    _running: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stopping: bool = False

    def __post_init__(self) -> None:
        self.clock = Steady(self.clock, _monotonic)
        self._notes = Notes(self.worker)
        self._rests = Rests(_monotonic)
        self._loading = Loading(self.channels, self.others, self.folder, self._rests.pause)

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    async def recover(self, channels: Sequence[str] | None = None) -> int:
        """Take up what an earlier process was sending when it ended; how many may go twice.

        channels: those that are ours from now on; None where no other process sends.
        """
        if channels is None:
            channels = [] if self.leases else list(self.channels)
        mine, now = list(channels), self.clock()

        def job(session: Session) -> tuple[int, dict[str, float]]:
            refs = outbox.recover(session, mine, but=frozenset(self._under_way))
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
        left = list(self._tasks)
        for task in left:  # their messages stay `sending`, and so become uncertain
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _round(self) -> float:
        """Hand out what may go now; seconds until it is worth looking again."""
        now = self.clock()
        if self._in_doubt:
            await self._release()
        if self.leases is not None:
            await self._beat(self.leases)
        room = self._room()
        taken = await self._claim(room, now) if room else []
        for parcel in await self._let_rest(taken, now):
            self._begin(parcel)
        waits = [IDLE, *self._waits()]
        if taken and any(one.below is None for one in self._room()):
            return 0.0
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
            self._lane(name).took(_monotonic() - began)
        return taken

    async def _beat(self, leases: Leases) -> None:
        """Renew the leases; what is newly ours is taken up where the process before left it."""
        await leases.beat()
        fresh = leases.fresh()
        for channel in fresh:
            self._pace(channel).hold_back(_monotonic() + A_WINDOW)
        if fresh:
            await self.recover(fresh)
            leases.take_up(fresh)

    def _room(self) -> list[Room]:
        """What could be taken now; channels without a limit together, so that they cost one look
        at the outbox. What can take none is left out."""
        resting = self._rests.now()
        ours = [name for name in self.channels if name not in resting and self._holds(name)]
        free = tuple(name for name in ours if self._pace(name).rate is None)
        groups = [free, *((name,) for name in ours if name not in free)]
        found = [self._room_of(group) for group in groups if group]
        return [room for room in found if room.most > 0]

    def _room_of(self, group: tuple[str, ...]) -> Room:
        busy = sum(task.get_name() in group for task in self._tasks)
        lane = self._lane(group[0])
        most = max(MOST_AT_ONCE, int(lane.pace.rate or 0)) - busy
        anything, urgent = lane.room(_monotonic())
        if anything > 0:
            return Room(group, min(most, anything))
        return Room(group, min(most, urgent), below=ledger.EMERGENCY)

    def _waits(self) -> list[float]:
        """Seconds until something changes by itself: a slot, a pause's end, a lease."""
        now, waits = _monotonic(), self._rests.waits()
        waits += [wait for lane in self._lanes.values() if (wait := lane.wait(now)) > 0]
        if self.leases is not None:
            waits.append(self.leases.wait())
        return waits

    def _lane(self, channel: str) -> Lane:
        if channel not in self._lanes:
            self._lanes[channel] = Lane(Pace(self.limits.get(channel, FREE)))
        return self._lanes[channel]

    def _pace(self, channel: str) -> Pace:
        return self._lane(channel).pace

    def _take(self, session: Session, now: datetime, rooms: Sequence[Room]) -> list[Parcel]:
        """Take from the outbox what there is room for."""
        ours = [replace(room, channels=self._ours(session, room.channels)) for room in rooms]
        return take(session, now, ours)

    def _holds(self, channel: str) -> bool:
        return self.leases is None or self.leases.holds(channel)

    def _ours(self, session: Session, channels: Sequence[str]) -> tuple[str, ...]:
        """Those that no other process takes over before this transaction ends."""
        return tuple(channels if self.leases is None else self.leases.fenced(session, channels))

    def _begin(self, parcel: Parcel) -> None:
        """Let a parcel leave in the next slot of its channel that nothing more urgent takes."""
        channel = parcel.address.channel
        lane = self._lane(channel)
        self._under_way.add(parcel.ref)
        lane.put(parcel)
        runner = self._runners.get(channel)
        if runner is None or runner.done():
            drain = lane.drain(lambda: self._rests.left(channel) > 0, self._leave)
            runner = self._runners[channel] = asyncio.create_task(drain, name="lane")
            self._tasks.add(runner)
            runner.add_done_callback(self._tasks.discard)

    def _leave(self, parcel: Parcel, slot: Slot | None) -> None:
        task = asyncio.create_task(self._deliver(parcel, slot), name=parcel.address.channel)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _release(self) -> None:
        """Put back what a round had marked whose end was not seen: none of it was sent."""
        but = frozenset(self._under_way)

        def job(session: Session) -> None:
            mine = self._ours(session, [name for name in self.channels if self._holds(name)])
            outbox.recover(session, mine, but=but, certain=True)

        await self.worker.run(job, key="outbox", together=True)
        self._in_doubt = False

    async def _remember(self, channel: str, seconds: float) -> None:
        """Whoever sends after this process waits as well; where it cannot be noted, it is asked."""
        now = self.clock()
        with contextlib.suppress(SQLAlchemyError, WorkerClosed):
            await self.worker.run(
                lambda session: senders.rest(session, channel, seconds, now),
                key="outbox",
                together=True,
            )

    async def _let_rest(self, parcels: list[Parcel], now: datetime) -> list[Parcel]:
        """Put back what would be too much for its chat, until it may have it; the others."""
        rests = {parcel.ref: self._rest_of(parcel) for parcel in parcels}
        resting = {ref: seconds for ref, seconds in rests.items() if seconds > 0}

        def job(session: Session) -> None:
            for ref, seconds in resting.items():
                outbox.put_back(session, ref, now + timedelta(seconds=seconds))

        if resting:
            await self.worker.run(job, key="outbox", together=True)
        return [parcel for parcel in parcels if parcel.ref not in resting]

    def _rest_of(self, parcel: Parcel) -> float:
        pace, answer = self._pace(parcel.address.channel), not parcel.broadcast
        return pace.rests(parcel.address.chat, _monotonic(), answer=answer)

    async def _deliver(self, parcel: Parcel, slot: Slot | None) -> None:
        channel = parcel.address.channel
        try:
            if not self._holds(channel):
                return  # whoever holds the channel now finds it and takes it up
            began = self.clock()
            outcome = await self._attempt(parcel)
            if slot is not None:
                accepted = outcome.state is OutState.SENT
                self._pace(channel).ended(slot, _monotonic(), accepted=accepted)
            await self._write_down(parcel, outcome, began)
        finally:
            self._under_way.discard(parcel.ref)
            if not parcel.broadcast or self._lane(channel).room(_monotonic())[0] > 0:
                self.wake()

    async def _attempt(self, parcel: Parcel) -> Outcome:
        name = parcel.address.channel
        if parcel.orphan:
            log.warning("nothing there to change", ref=parcel.ref)
            return Outcome(parcel.ref, OutState.FAILED, reason="nothing there to change")
        if pause := self._rests.left(name):
            return Outcome(parcel.ref, OutState.QUEUED, wait=pause, counts=False)
        try:
            async with asyncio.timeout(LONGEST_SEND):
                ids = await self._hand_over(parcel)
        except TryLater as error:
            self._rests.pause(name, error.seconds)
            self._pace(name).refused(_monotonic(), error.seconds)
            await self._remember(name, error.seconds)
            return Outcome(
                parcel.ref, OutState.QUEUED, reason=str(error), wait=error.seconds, counts=False
            )
        except Blocked as error:
            return Outcome(parcel.ref, OutState.BLOCKED, reason=str(error))
        except Unreachable as error:
            self._rests.trouble(name, parcel.address.chat)
            return self._again(parcel, str(error), MOST_CUT if error.maybe_sent else None)
        except Refused as error:
            log.warning("message refused", ref=parcel.ref, ticket=parcel.outgoing.ticket)
            return Outcome(parcel.ref, OutState.FAILED, reason=str(error))
        except TimeoutError:
            self._rests.trouble(name, parcel.address.chat)
            return self._again(parcel, "no answer", MOST_CUT)
        except Exception as error:
            log.error("sending failed", ref=parcel.ref, exc_info=error)
            return self._again(parcel, type(error).__name__, MOST_FAULTS)
        self._rests.went_through(name)
        return Outcome(parcel.ref, OutState.SENT, message_ids=ids)

    async def _hand_over(self, parcel: Parcel) -> tuple[str, ...]:
        """Give a parcel to its channel; the ids of what now stands there. Raises a SendFailed."""
        channel = self.channels[parcel.address.channel]
        if parcel.edits is not None:
            await channel.edit(parcel.address, parcel.edits, parcel.outgoing)
            return (parcel.edits,)

        async def load(file: File) -> bytes:
            content = await self._loading.load_to_send(file)
            self._rests.respect(channel.name)  # it took a while: the channel may wait by now
            return content

        return await channel.send(parcel.address, parcel.outgoing, load)

    def _again(self, parcel: Parcel, reason: str, most: int | None) -> Outcome:
        """Try once more, after a while; `most` times in all when it may have arrived (else None).

        A change that is made twice looks as if made once, so only a message is ever uncertain.
        """
        uncertain = most is not None and parcel.edits is None
        trial = (parcel.ref, most == MOST_FAULTS)
        self._trials[trial] += most is not None
        if uncertain and parcel.once:
            return Outcome(parcel.ref, OutState.FAILED, reason=reason, uncertain=True)
        if most is not None and self._trials[trial] >= most:
            log.error("message given up", ref=parcel.ref, ticket=parcel.outgoing.ticket)
            return Outcome(parcel.ref, OutState.FAILED, reason=reason, uncertain=uncertain)
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(parcel.attempts - 1, 16))
        return Outcome(parcel.ref, OutState.QUEUED, wait=wait, reason=reason, uncertain=uncertain)

    async def _write_down(self, parcel: Parcel, outcome: Outcome, began: datetime) -> None:
        """Note the outcome, however long the database is away; only `stop` ends the waiting."""
        if outcome.state is not OutState.QUEUED:
            for own_fault in (True, False):
                self._trials.pop((parcel.ref, own_fault), None)
        whole = True
        while True:
            now = self.clock()
            try:
                if whole:
                    await self._notes.write(parcel, outcome, began, now)
                else:
                    await self.worker.run(
                        lambda s: note_only_the_state(s, parcel, outcome, began, now),  # noqa: B023
                        key="outbox",
                        together=True,
                    )
                self.noted(parcel.address.channel, outcome.state)
                return
            except Exception as error:
                log.error("delivery not noted", ref=parcel.ref, error=type(error).__name__)
                whole = whole and is_outage(error)
            if self._stopping:
                return
            await asyncio.sleep(FIRST_WAIT)

    async def load(self, file: File) -> bytes:
        """See `Loading.load`."""
        return await self._loading.load(file)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
