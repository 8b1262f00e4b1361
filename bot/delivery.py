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
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import speaking
from bot.channels.base import Blocked, Channel, Refused, SendFailed, TryLater, Unreachable
from bot.messages import Address, CallCard, Choice, File, Location, Outgoing
from storage import media, outbox, people, tickets
from storage.database import is_outage
from storage.media import MediaFolder
from storage.notices import ledger
from storage.outbox import OutboundMessage, OutState
from storage.vault import KeyFileError
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 32
"""Chats served side by side; Telegram's own limit is about 30 messages a second."""
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


@dataclass(frozen=True, slots=True)
class Parcel:
    """One row of the outbox, ready to go."""

    ref: int
    address: Address
    outgoing: Outgoing
    edits: str | None
    """The platform's id of the message to change, or None for a new one."""
    attempts: int
    pushed: bool = False
    """It has choices and waited for its turn: only now a number may pick one of them."""
    broadcast: bool = False
    """A ledger follows it."""
    once: bool = False
    """It must not go again once it may have arrived."""
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
    counts: bool = True
    """Whether it was an attempt: being asked to wait is none."""


@dataclass(slots=True)
class Delivery:
    """Sends what is queued until `stop`. One a process and channel."""

    worker: StorageWorker
    channels: Mapping[str, Channel]
    folder: MediaFolder
    clock: Callable[[], datetime]
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _under_way: set[int] = field(default_factory=set)
    _paused: dict[str, float] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _trials: Counter[tuple[int, bool]] = field(default_factory=Counter)
    _in_doubt: bool = False
    _running: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stopping: bool = False

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    async def recover(self) -> int:
        """Take up what an earlier process was sending when it ended; how many may go twice."""
        mine, now = list(self.channels), self.clock()

        def job(session: Session) -> int:
            refs = outbox.recover(session, mine)
            ledger.doubt(session, refs, now)
            return len(refs)

        return await self.worker.run(job, key="outbox")

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
                if self._tasks:
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
        free = MOST_AT_ONCE - len(self._tasks)
        if free <= 0:
            return IDLE
        paused = self._channels_that_wait()
        ready = [name for name in self.channels if name not in paused]
        parcels = await self.worker.run(
            lambda session: self._take(session, now, free, ready), key="outbox"
        )
        for parcel in parcels:
            self._under_way.add(parcel.ref)
            task = asyncio.create_task(self._deliver(parcel))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if parcels:
            return 0.0
        due = await self.worker.read(lambda session: outbox.next_due(session, ready, now))
        waits = [IDLE, *(self._paused[name] - _monotonic() for name in paused)]
        if due is not None:
            waits.append((due - now).total_seconds())
        return max(0.01, min(waits))

    async def _release(self) -> None:
        """Put back what a round had marked whose end was not seen: none of it was sent."""
        mine, but = list(self.channels), frozenset(self._under_way)
        await self.worker.run(
            lambda session: outbox.recover(session, mine, but=but, certain=True), key="outbox"
        )
        self._in_doubt = False

    def _channels_that_wait(self) -> set[str]:
        self._paused = {n: until for n, until in self._paused.items() if until > _monotonic()}
        return set(self._paused)

    def _pause(self, channel: str, seconds: float) -> None:
        """Send nothing through a channel for so long; a shorter pause cuts no longer one."""
        until = _monotonic() + seconds
        self._paused[channel] = max(until, self._paused.get(channel, until))

    def _respect_pause(self, channel: str) -> None:
        """Raise TryLater while a channel waits."""
        left = self._paused.get(channel, 0.0) - _monotonic()
        if left > 0:
            raise TryLater(left)

    def _take(self, session: Session, now: datetime, most: int, ready: list[str]) -> list[Parcel]:
        refs = outbox.claim(session, now, channels=ready, most=most)
        try:
            return [self._pack(session, row) for row in outbox.load(session, refs)]
        except SQLAlchemyError:
            raise
        except Exception:  # one of them cannot be read: the others must not wait for it
            return [parcel for ref in refs for parcel in self._pack_alone(session, ref, now)]

    def _pack_alone(self, session: Session, ref: int, now: datetime) -> list[Parcel]:
        """The parcel of one message; none, and the message set aside, when it cannot be read."""
        try:
            return [self._pack(session, row) for row in outbox.load(session, [ref])]
        except SQLAlchemyError:
            raise
        except Exception as error:
            reason = f"not readable: {type(error).__name__}"
            log.error("message not readable", ref=ref, error=type(error).__name__)
            outbox.settle(session, ref, state=OutState.FAILED, now=now, reason=reason)
            return []

    def _pack(self, session: Session, row: OutboundMessage) -> Parcel:
        choices = row.payload.get("choices")
        edits = outbox.platform_id(session, row.edits) if row.edits else None
        return Parcel(
            ref=row.id,
            address=Address(row.channel, row.chat),
            outgoing=self._outgoing(session, row),
            edits=edits,
            attempts=row.attempts,
            pushed=row.priority >= outbox.NIGHT and row.edits is None and bool(choices),
            broadcast=row.priority in (ledger.BROADCAST, ledger.EMERGENCY),
            once=row.once,
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
            call=CallCard(*payload["call"]) if payload.get("call") else None,
            asks_contact=bool(payload.get("asks_contact")),
            asks_location=bool(payload.get("asks_location")),
            ticket=row.ticket_id,
            reply_to=outbox.platform_id(session, payload["answers"])
            if payload.get("answers")
            else None,
            labels=payload.get("labels") or {},
        )

    async def _deliver(self, parcel: Parcel) -> None:
        began = self.clock()
        try:
            outcome = await self._attempt(parcel)
            await self._write_down(parcel, outcome, began)
        finally:
            self._under_way.discard(parcel.ref)
            self.wake()

    async def _attempt(self, parcel: Parcel) -> Outcome:
        name = parcel.address.channel
        if parcel.orphan:
            log.warning("nothing there to change", ref=parcel.ref)
            return Outcome(parcel.ref, OutState.FAILED, reason="nothing there to change")
        try:
            self._respect_pause(name)
            async with asyncio.timeout(LONGEST_SEND):
                ids = await self._hand_over(parcel)
        except TryLater as error:
            self._pause(name, error.seconds)
            return Outcome(
                parcel.ref, OutState.QUEUED, reason=str(error), wait=error.seconds, counts=False
            )
        except Blocked as error:
            return Outcome(parcel.ref, OutState.BLOCKED, reason=str(error))
        except Unreachable as error:
            return self._again(parcel, str(error), MOST_CUT if error.maybe_sent else None)
        except Refused as error:
            log.warning("message refused", ref=parcel.ref, ticket=parcel.outgoing.ticket)
            return Outcome(parcel.ref, OutState.FAILED, reason=str(error))
        except TimeoutError:
            return self._again(parcel, "no answer", MOST_CUT)
        except Exception as error:
            log.error("sending failed", ref=parcel.ref, exc_info=error)
            return self._again(parcel, type(error).__name__, MOST_FAULTS)
        return Outcome(parcel.ref, OutState.SENT, message_ids=ids)

    async def _hand_over(self, parcel: Parcel) -> tuple[str, ...]:
        """Give a parcel to its channel; the ids of what now stands there. Raises a SendFailed."""
        channel = self.channels[parcel.address.channel]
        if parcel.edits is not None:
            await channel.edit(parcel.address, parcel.edits, parcel.outgoing)
            return (parcel.edits,)

        async def load(file: File) -> bytes:
            content = await self._load_to_send(file)
            self._respect_pause(channel.name)  # it took a while: the channel may wait by now
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
        note = _note
        while True:
            now = self.clock()
            try:
                await self.worker.run(
                    lambda session: note(session, parcel, outcome, began, now),  # noqa: B023
                    key="outbox",
                )
                return
            except Exception as error:
                log.error("delivery not noted", ref=parcel.ref, error=type(error).__name__)
                if not is_outage(error):
                    note = _note_only_the_state
            if self._stopping:
                return
            await asyncio.sleep(FIRST_WAIT)

    async def _load_to_send(self, file: File) -> bytes:
        """`load`, where what goes wrong is the file's channel's matter and not the receiver's."""
        try:
            return await self.load(file)
        except Refused:
            raise
        except Blocked:
            raise Refused(f"file {file.id} may not be fetched") from None
        except SendFailed as error:
            if isinstance(error, TryLater):
                self._pause(file.origin, error.seconds)
            raise Unreachable(f"file {file.id}: {error}", maybe_sent=False) from None

    async def load(self, file: File) -> bytes:
        """The bytes of a file, from our own folder or from the channel it came through.

        Raises SendFailed when they cannot be had.
        """
        if file.origin == "web":
            try:
                return await asyncio.to_thread(self.folder.read, file.ref)
            except FileNotFoundError:
                raise Refused(f"file {file.id} is gone") from None
            except KeyFileError:
                raise Refused(f"file {file.id} cannot be opened") from None
            except OSError as error:
                raise Unreachable(type(error).__name__, maybe_sent=False) from None
        channel = self.channels.get(file.origin)
        if channel is None:
            raise Refused(f"file {file.id} came through a channel that is not open")
        return await channel.fetch(file)


def _note(
    session: Session, parcel: Parcel, outcome: Outcome, began: datetime, now: datetime
) -> None:
    address, ticket = parcel.address, parcel.outgoing.ticket
    if outcome.state is OutState.BLOCKED:
        if people.spoke_since(session, address.channel, address.chat, began):
            # They let us in again while we were being turned away.
            outcome = Outcome(outcome.ref, OutState.QUEUED, wait=FIRST_WAIT, reason=outcome.reason)
        else:
            outbox.block(session, address.channel, address.chat, outcome.reason)
            people.block(session, address.channel, address.chat, now)
    _note_only_the_state(session, parcel, outcome, began, now)
    if outcome.state is OutState.SENT and parcel.pushed:
        account = people.account_in(session, address.channel, address.chat)
        if account is not None:
            speaking.listen_for(session, account, parcel.ref, now, pushed=True)
    if outcome.state is OutState.SENT and ticket is not None:
        for message_id in outcome.message_ids:
            tickets.tie(session, address.channel, address.chat, message_id, ticket)


def _note_only_the_state(
    session: Session, parcel: Parcel, outcome: Outcome, began: datetime, now: datetime
) -> None:
    outbox.settle(
        session,
        outcome.ref,
        state=outcome.state,
        now=now,
        message_id=outcome.message_ids[0] if outcome.message_ids else None,
        not_before=now + timedelta(seconds=outcome.wait) if outcome.wait else None,
        uncertain=outcome.uncertain,
        counts=outcome.counts,
        reason=outcome.reason,
    )
    if parcel.broadcast:
        ledger.settle(
            session, outcome.ref, outcome.state, now,
            uncertain=outcome.uncertain, reason=outcome.reason,
        )  # fmt: skip


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
