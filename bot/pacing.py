"""How fast a channel may be written to: evenly paced overall, at rest between messages of a chat.

A platform counts what *arrives* in any second. When a message arrived is not known, but when its
answer came is: over a path that takes at least q seconds there and back, it arrived at the latest
q seconds before the next one could that leaves as the answer comes. So each of the limit's n places
is free again a second after that moment: whatever the path does, no more than n arrive within any
second, since two of them would have had the same place. How much longer than q the calls take on
average says how many slots a second there are. Each refusal makes the pace a little slower, a while
without one a little faster again.

Slots are evenly spaced. One that passed because we were late ourselves (a busy machine) is made up
for, as far as there are places.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from itertools import count

FASTEST, SLOWEST = 0.999, 0.5
"""Shares of the limit between which the pace moves, before the path's unevenness is taken off."""
AFTER_REFUSAL, AFTER_QUIET = 0.97, 1.002
"""What a refusal, and `QUIET` calls without one, multiply the share by."""
QUIET = 200
MEASURED, MEASURED_SECONDS = 300, 10
"""From how many of the last calls the path's quickest and mean are taken: from so many, or from
what is sent in so many seconds if that is more."""
CATCH_UP = 0.03
"""Seconds by which the slots may be behind and are made up for; what is older is gone. What is made
up for leaves a gap as long one second later, and again, and an answer may have to wait for it: so
it is no more than one slot at Telegram's rate (with two, one answer in a hundred waited 0.03 s
longer, and a broadcast was no faster)."""
SLACK = 1.002
"""A place is taken for a second and this much longer: clocks differ."""
DOUBT = 1.0
"""Seconds by which a call may be longer than the quickest before its place is given away although
no answer came. Where an answer takes about as long anyway, twice the longest excess of late."""
FIRST = 20
"""Calls before which nothing is known of the path: the first ones open connections."""


GONE = float("-inf")
"""When the place of a slot is free again that has been given back."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform allows.

    overall: messages a second, None without a limit. chat_rest: seconds between two of one chat; up
    to `burst` of them may come together when they answer somebody. group_most: messages to one
    group within `group_span` seconds; a group's id begins with `group_mark`. Source: Telegram's bot
    FAQ, "My bot is hitting limits": 30 a second, one a second in a chat (short bursts are let
    through), 20 a minute in a group.
    """

    overall: float | None = 30.0
    chat_rest: float = 1.0
    burst: int = 6
    group_most: int = 20
    group_span: float = 60.0
    group_mark: str = "-"


FREE = Limits(overall=None, chat_rest=0.0, burst=1_000_000, group_most=1_000_000)
"""For the page, which is our own."""


@dataclass(slots=True, eq=False)
class Slot:
    """One that was taken. begins: when its message leaves. back: when its place is free again."""

    begins: float
    back: float


@dataclass(slots=True)
class Pace:
    """The send slots of one channel, in seconds of any clock that never goes back."""

    limits: Limits
    share: float = FASTEST
    _next: float = GONE
    _since_refusal: int = 0
    _calls: deque[float] = field(init=False)
    _quickest: float = 0.0
    _excess: float = 0.0
    _doubt: float = DOUBT
    _places: list[tuple[float, int, Slot]] = field(default_factory=list)
    _taken: int = 0
    _numbers: count[int] = field(default_factory=count)
    _sent: dict[str, deque[float]] = field(default_factory=dict)
    _shut_until: float = GONE

    def __post_init__(self) -> None:
        measured = max(MEASURED, int(MEASURED_SECONDS * (self.limits.overall or 0)))
        self._calls = deque(maxlen=measured)

    @property
    def rate(self) -> float | None:
        """Messages a second just now; None without a limit."""
        if self.limits.overall is None:
            return None
        return self.limits.overall * self.share / (1 + self._excess)

    @property
    def excess(self) -> float:
        """By how many seconds the calls are longer than the quickest, on average."""
        return self._excess

    def free(self, now: float, within: float) -> int:
        """How many slots begin up to `within` seconds from now; a large number without a limit."""
        rate = self.rate
        if rate is None:
            return 1_000_000
        until = now + within
        if self._next_place(now) > until:
            return 0
        return max(0, int((until - max(self._next, now - CATCH_UP)) * rate) + 1)

    def wait(self, now: float, slots: float = 0.0) -> float:
        """Seconds until the next slot begins, or one so many later."""
        rate = self.rate
        if rate is None:
            return 0.0
        return max(0.0, max(self._next, self._next_place(now)) - now + slots / rate)

    def take(self, now: float) -> Slot:
        """Take the next slot, which begins now or later. Tell `ended` what became of it."""
        rate = self.rate
        if rate is None:
            return Slot(now, now)
        begins = max(now, self._next, self._next_place(now))
        self._next_place(begins)
        self._next = max(self._next, begins - CATCH_UP) + 1 / rate
        slot = Slot(begins, 0.0)
        self._taken += 1
        self._keep(slot, begins + self._doubt)
        return slot

    def ended(self, slot: Slot, now: float, *, accepted: bool) -> None:
        """The platform answered what left in this slot. accepted: it was no refusal of any kind."""
        if self.limits.overall is None:
            return
        if accepted:
            self._measure(now - slot.begins)
        if slot.back != GONE:
            self._keep(slot, max(slot.begins, now - self._quickest))

    def _keep(self, slot: Slot, arrived: float) -> None:
        """Its message arrived at that moment or before, as if the quickest path took no time."""
        slot.back = arrived + self._a_second
        heapq.heappush(self._places, (slot.back, next(self._numbers), slot))

    def _next_place(self, now: float) -> float:
        """When a place is free; long ago if one is now. Takes back those that are."""
        while self._places:
            back, _, slot = self._places[0]
            if slot.back == back:
                if back > now:
                    break
                slot.back = GONE
                self._taken -= 1
            heapq.heappop(self._places)
        if self._taken < self._most or not self._places:
            return GONE
        return self._places[0][0]

    def _measure(self, took: float) -> None:
        self._calls.append(took)
        self._quickest = min(self._quickest, took)
        if len(self._calls) >= FIRST and self._since_refusal % max(FIRST, self._most // 5) == 0:
            self._quickest = min(self._calls)
            self._excess = sum(self._calls) / len(self._calls) - self._quickest
            longest = max(self._calls) - self._quickest
            self._doubt = DOUBT if self._quickest < 0.9 * DOUBT else min(DOUBT, 0.1 + 2 * longest)
        self._since_refusal += 1
        if self._since_refusal >= QUIET:
            self._since_refusal = 0
            self.share = min(FASTEST, self.share * AFTER_QUIET)

    @property
    def _most(self) -> int:
        """How many places there are."""
        return max(1, int(self.limits.overall or 1))

    @property
    def _a_second(self) -> float:
        return self._most / (self.limits.overall or 1) * SLACK * FASTEST / self.share

    def hold_back(self, until: float) -> None:
        """Begin no slot before this moment."""
        self._next = max(self._next, until)

    def rests(self, chat: str, now: float, *, answer: bool) -> float:
        """Seconds until this chat may have its next message.

        answer: it answers somebody, so a few may come together.
        """
        limits = self.limits
        sent = self._sent.get(chat)
        if sent is None:
            return 0.0
        most, span = (limits.burst if answer else 1), limits.chat_rest
        waits = [_until(sent, most, span * most, now)]
        if chat.startswith(limits.group_mark):
            waits.append(_until(sent, limits.group_most, limits.group_span, now))
        return max(waits)

    def sent(self, chat: str, now: float) -> None:
        """Note that a message to this chat leaves now."""
        if self.limits.overall is None:
            return
        times = self._sent.setdefault(chat, deque(maxlen=self.limits.group_most))
        times.append(now)
        if len(self._sent) > 4 * self.limits.overall * self.limits.group_span:
            self._forget(now)

    def refused(self, now: float, seconds: float) -> None:
        """The platform asked to wait (429): no slot begins before that, and then slower.

        What was under way at that moment is refused as well: that is one refusal and not many.
        """
        if now >= self._shut_until:
            self._since_refusal = 0
            self.share = max(SLOWEST, self.share * AFTER_REFUSAL)
        self._shut_until = max(self._shut_until, now + seconds)
        self.hold_back(now + seconds)

    def _forget(self, now: float) -> None:
        since = now - self.limits.group_span
        self._sent = {chat: times for chat, times in self._sent.items() if times[-1] > since}


def _until(sent: deque[float], most: int, span: float, now: float) -> float:
    """Seconds until fewer than `most` of these moments lie within the last `span`."""
    if len(sent) < most:
        return 0.0
    return max(0.0, sent[-most] + span - now)
