"""One message handed to its channel, and what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog

from bot.channels.base import Blocked, Channel, Refused, TryLater, Unreachable
from bot.loading import Loading
from bot.messages import File
from bot.parcels import Outcome, Parcel
from bot.rests import Rests
from storage.outbox import OutState

log = structlog.get_logger(__name__)

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds before a fault is tried again; doubled each time up to the longest."""
MOST_CUT = 300
"""How often a message may be cut on its way, each time perhaps after it arrived: about a day. One
that never left (no connection) is tried for ever: an outage of the line loses nothing."""
MOST_FAULTS = 5
"""How often a fault of our own is tried again before the message is set aside."""
HANGS, LONGEST_CALL = 5.0, 20.0
"""Seconds after which a call that says nothing takes no place any more, and after which it counts
as cut and goes again. A platform answers words in well under one: who waits longer spares hardly a
double, and keeps a chat waiting for its answer."""
FILES_HANG, LONGEST_UPLOAD = 40.0, 180.0
"""The same for what has files; channels have shorter ones."""


@dataclass(slots=True)
class Sending:
    """Hands messages over, each once when it is told to.

    asked: called when a platform asks to wait, and how many seconds. hanging: called with the id of
    a message of which nothing is heard.
    """

    channels: Mapping[str, Channel]
    rests: Rests
    loading: Loading
    asked: Callable[[str, float], Awaitable[None]]
    hanging: Callable[[int], None]
    _trials: Counter[tuple[int, bool]] = field(default_factory=Counter)

    async def attempt(self, parcel: Parcel) -> Outcome:
        """Send it, unless its channel rests."""
        name = parcel.address.channel
        if parcel.orphan:
            log.warning("nothing there to change", ref=parcel.ref)
            return Outcome(parcel.ref, OutState.FAILED, reason="nothing there to change")
        if pause := self.rests.left(name, answer=not parcel.broadcast):
            return Outcome(parcel.ref, OutState.QUEUED, wait=pause, counts=False)
        loop = asyncio.get_running_loop()
        began = loop.time()
        hangs = FILES_HANG if parcel.outgoing.files else HANGS
        watch = loop.call_later(hangs, self._hang, parcel, began)
        try:
            return await self._attempt(parcel, began)
        finally:
            watch.cancel()

    async def _attempt(self, parcel: Parcel, began: float) -> Outcome:
        name = parcel.address.channel
        try:
            async with asyncio.timeout(LONGEST_UPLOAD if parcel.outgoing.files else LONGEST_CALL):
                ids = await self._hand_over(parcel)
        except TryLater as error:
            await self.asked(name, error.seconds)
            return Outcome(
                parcel.ref, OutState.QUEUED, reason=str(error), wait=error.seconds, counts=False
            )
        except Blocked as error:
            return Outcome(parcel.ref, OutState.BLOCKED, reason=str(error))
        except Unreachable as error:
            self._trouble(parcel, began)
            return self._again(parcel, str(error), MOST_CUT if error.maybe_sent else None)
        except Refused as error:
            log.warning("message refused", ref=parcel.ref, ticket=parcel.outgoing.ticket)
            return Outcome(parcel.ref, OutState.FAILED, reason=str(error))
        except TimeoutError:
            self._trouble(parcel, began)
            return self._again(parcel, "no answer", MOST_CUT)
        except Exception as error:
            log.error("sending failed", ref=parcel.ref, exc_info=error)
            return self._again(parcel, type(error).__name__, MOST_FAULTS)
        self.rests.went_through(name, began)
        return Outcome(parcel.ref, OutState.SENT, message_ids=ids)

    def _hang(self, parcel: Parcel, began: float) -> None:
        self._trouble(parcel, began)
        self.hanging(parcel.ref)

    def _trouble(self, parcel: Parcel, began: float) -> None:
        address, answer = parcel.address, not parcel.broadcast
        first = parcel.attempts <= 1
        self.rests.trouble(address.channel, address.chat, began, answer=answer, first=first)

    async def _hand_over(self, parcel: Parcel) -> tuple[str, ...]:
        """Give a parcel to its channel; the ids of what now stands there. Raises a SendFailed."""
        channel = self.channels[parcel.address.channel]
        if parcel.edits is not None:
            await channel.edit(parcel.address, parcel.edits, parcel.outgoing)
            return (parcel.edits,)

        async def load(file: File) -> bytes:
            content = await self.loading.load_to_send(file)
            # It took a while: the channel may wait by now.
            self.rests.respect(channel.name, answer=not parcel.broadcast)
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

    def ended(self, ref: int) -> None:
        """It is not tried again."""
        for own_fault in (True, False):
            self._trials.pop((ref, own_fault), None)
