"""What was taken for a channel and waits for its slot: who goes is chosen when the slot begins."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.pacing import Pace, Slot
from bot.parcels import Parcel

TAKEN_AHEAD = 0.04
"""Seconds by which messages are taken before their slots begin, and by as much again as taking
them lasted of late. What is taken when the process dies stands as perhaps sent, so it is little."""
LONGEST_AHEAD = 1.0
WIDEST_GAP = 0.2
"""Seconds by which one answer is taken before the next slot. Otherwise one that comes while no slot
is near would be looked for in the outbox again when others have already taken that slot."""
SOON = 0.002
"""Seconds between two looks at the outbox while slots pass."""
LONGEST_SLEEP = 0.5
"""Seconds: a pause of the channel, or a place that is free sooner, is seen then."""
FADES = 0.8
"""How much of a slow taking is still reckoned with after the next one, which was quicker."""


@dataclass(slots=True)
class Lane:
    """The messages of one channel that were taken from the outbox and have not left.

    An answer that is put in goes before every broadcast message that waits here. Of one chat there
    is never more than one (see `storage.outbox.claim`), so its order cannot change.
    """

    pace: Pace
    _waiting: list[tuple[int, int, Parcel]] = field(default_factory=list)
    _urgent: int = 0
    _taking: float = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def urgent(self) -> int:
        """How many of them are no broadcast."""
        return self._urgent

    @property
    def stock(self) -> float:
        """Seconds ahead for which messages are taken."""
        rate = self.pace.rate
        ahead = TAKEN_AHEAD + 1.5 * self._taking
        return min(LONGEST_AHEAD, max(ahead, 1 / rate if rate else 0.0))

    def took(self, seconds: float) -> None:
        """Note how long it took to take some from the outbox."""
        self._taking = max(seconds, self._taking * FADES)

    def room(self, now: float) -> tuple[int, int]:
        """How many may be taken now: of all, and of those that are no broadcast.

        Of all none until half of what was taken has left: taking one by one would cost more than
        sending.
        """
        slots = self.pace.free(now, self.stock)
        room = slots - len(self._waiting)
        soon = slots or min(1, self.pace.free(now, WIDEST_GAP))
        return (room if room * 2 >= slots else 0), soon - self._urgent

    def wait(self, now: float) -> float:
        """Seconds until there is room again, if nothing else happens."""
        wait = self.pace.wait(now, len(self._waiting)) - self.stock / 2
        return max(SOON if self._waiting else 0.0, wait)

    def put(self, parcel: Parcel) -> None:
        """Let it wait for a slot."""
        self._urgent += not parcel.broadcast
        heapq.heappush(self._waiting, (parcel.priority, parcel.ref, parcel))

    async def drain(
        self, shut: Callable[[Parcel], bool], leave: Callable[[Parcel, Slot | None], None]
    ) -> None:
        """Give each to `leave` when its slot begins, the most urgent first, until none is here.

        shut: whether a message cannot be sent just now; then it is given away at once and without
        a slot, to be put back.
        """
        loop = asyncio.get_running_loop()
        while self._waiting:
            wait = self.pace.wait(loop.time())
            if wait > 0 and not shut(self._waiting[0][-1]):
                await asyncio.sleep(min(wait, LONGEST_SLEEP))
                continue
            _, _, parcel = heapq.heappop(self._waiting)
            self._urgent -= not parcel.broadcast
            slot = None
            if not shut(parcel):
                slot = self.pace.take(loop.time())
                self.pace.sent(parcel.address.chat, slot.begins)
            leave(parcel, slot)
