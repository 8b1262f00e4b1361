"""How much may be taken from the outbox just now, for each channel this process sends through."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.calls import Calls
from bot.lanes import Lane
from bot.leases import Leases
from bot.messages import Address
from bot.pacing import FREE, Limits, Pace
from bot.parcels import Parcel, Room
from bot.rests import Rests
from storage.notices import handing

MOST_AT_ONCE = 32
"""Messages of one channel under way at once, and more where its limit is higher: what a second's
messages need when each takes a second."""


@dataclass(slots=True)
class Rooms:
    """What the limits, the leases, the rests and what is under way leave.

    channels: their names. limits: as in `bot.delivery.Delivery`. leases: where several processes
    run, which of them sends.
    """

    channels: Collection[str]
    limits: Mapping[str, Limits]
    rests: Rests
    calls: Calls
    leases: Leases | None = None
    _lanes: dict[str, Lane] = field(default_factory=dict)

    def lane(self, channel: str) -> Lane:
        """Where what was taken for a channel waits for its slot."""
        if channel not in self._lanes:
            self._lanes[channel] = Lane(Pace(self.limits.get(channel, FREE)))
        return self._lanes[channel]

    def pace(self, channel: str) -> Pace:
        """The slots of a channel."""
        return self.lane(channel).pace

    def holds(self, channel: str) -> bool:
        """Whether this process is the one that sends through a channel."""
        return self.leases is None or self.leases.holds(channel)

    def held(self) -> list[str]:
        """The channels of which that is so."""
        return [name for name in self.channels if self.holds(name)]

    def now(self) -> list[Room]:
        """What could be taken now; channels without a limit together, so that they cost one look
        at the outbox. What can take none is left out."""
        resting = self.rests.now()
        ours = [name for name in self.held() if name not in resting]
        trying = [name for name in ours if self.rests.on_trial(name)]
        well = [name for name in ours if name not in trying]
        free = tuple(name for name in well if self.pace(name).rate is None)
        groups = [free, *((name,) for name in well if name not in free)]
        found = [self._of(group) for group in groups if group]
        found += [room for name in trying for room in self._to_try(name)]
        return [room for room in found if room.most > 0]

    def _of(self, group: tuple[str, ...]) -> Room:
        lane = self.lane(group[0])
        places, for_answers = self.calls.places(group, _most_at_once(lane))
        anything, urgent = lane.room(_monotonic())
        if min(places, anything) > 0:
            return Room(group, min(places, anything))
        return Room(group, min(for_answers, urgent), below=handing.EMERGENCY)

    def _to_try(self, name: str) -> list[Room]:
        """Of a channel through which nothing got: an answer or two, and a few of the others from
        anywhere among those that wait, since the first may be the very ones that never arrive."""
        anything, urgent = self.lane(name).room(_monotonic())
        answers, others = (
            self.rests.places(name, answer=answer) - self.calls.busy([name], answers=answer)
            for answer in (True, False)
        )
        return [
            Room((name,), min(answers, urgent), below=handing.EMERGENCY),
            Room((name,), min(others, anything), spread=True),
        ]

    def for_an_answer(self, address: Address, promised: int) -> bool:
        """Whether an answer to a chat could go just now, besides so many."""
        name = address.channel
        if (
            name not in self.channels
            or not self.holds(name)
            or self.rests.left(name, answer=True)
            or self.rests.on_trial(name)
        ):
            return False
        now, lane = _monotonic(), self.lane(name)
        room = min(self.calls.places([name], _most_at_once(lane))[1], lane.room(now)[1])
        return room > promised and not lane.pace.rests(address.chat, now, answer=True)

    def is_shut(self, parcel: Parcel) -> bool:
        """Whether its channel takes nothing of its kind."""
        return self.rests.left(parcel.address.channel, answer=not parcel.broadcast) > 0

    def rest_of(self, parcel: Parcel) -> float:
        """Seconds until its chat may have another message."""
        pace, answer = self.pace(parcel.address.channel), not parcel.broadcast
        return pace.rests(parcel.address.chat, _monotonic(), answer=answer)

    def waits(self) -> list[float]:
        """Seconds until something changes by itself: a slot, a pause's end, a lease."""
        now, waits = _monotonic(), self.rests.waits()
        waits += [wait for lane in self._lanes.values() if (wait := lane.wait(now)) > 0]
        if self.leases is not None:
            waits.append(self.leases.wait())
        return waits


def _most_at_once(lane: Lane) -> int:
    return max(MOST_AT_ONCE, int(lane.pace.rate or 0))


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
