"""How fast a channel may be written to: evenly paced overall, at rest between messages of a chat.

A platform counts what *arrives* in any second. Over a path whose delay varies by J seconds, what is
sent evenly over 1 + J seconds may arrive within one, so the pace that never meets a refusal is
1 / (1 + J) of the limit. J is measured from the calls themselves. Each refusal makes the pace a
little slower, a while without one a little faster again.

Slots are evenly spaced. One that passed because we were late ourselves (a busy machine) is made up
for, as long as no more than the limit leaves within any 1 + J seconds: that is counted from the
moments at which messages really left.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from math import sqrt

FASTEST, SLOWEST = 0.995, 0.5
"""Shares of the limit between which the pace moves, before the path's jitter is taken off."""
AFTER_REFUSAL, AFTER_QUIET = 0.97, 1.002
"""What a refusal, and `QUIET` calls without one, multiply the share by."""
QUIET = 200
JITTER_OF = 300
"""From how many of the last calls the jitter is measured."""
PART_LEFT_OUT = 50
"""One call in so many is left out at each end of those: a single slow one is no jitter."""
CATCH_UP = 0.2
"""Seconds by which the slots may be behind and are made up for; what is older is gone. An answer
may find that much of a second used up, so it is not more."""
SLACK = 1.004
"""The span in which the limit is counted is longer than what is known by this factor: clocks, and
the moments between the taking of a slot and the first byte."""
SIGMAS = 4.5
"""How far from its mean the number of arrivals in a second may lie: once in 300,000."""


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


@dataclass(slots=True)
class Pace:
    """The send slots of one channel, in seconds of any clock that never goes back."""

    limits: Limits
    share: float = FASTEST
    _next: float = float("-inf")
    _since_refusal: int = 0
    _calls: deque[float] = field(default_factory=lambda: deque(maxlen=JITTER_OF))
    _lateness: deque[float] = field(default_factory=lambda: deque(maxlen=JITTER_OF))
    _jitter: float = 0.0
    _left: deque[float] = field(default_factory=deque)
    _sent: dict[str, deque[float]] = field(default_factory=dict)

    @property
    def rate(self) -> float | None:
        """Messages a second just now; None without a limit."""
        if self.limits.overall is None:
            return None
        return self.limits.overall * self.share / (1 + self.jitter)

    @property
    def jitter(self) -> float:
        """By how many seconds the path's delay varies, as far as it matters.

        The more messages a second, the less their number in a second differs from its mean: of n
        evenly sent ones whose delays vary by J seconds, n * J / 3 is the variance of that number.
        """
        overall = self.limits.overall or 1.0
        return min(self._jitter, SIGMAS * sqrt(self._jitter / (3 * overall)))

    def free(self, now: float, within: float) -> int:
        """How many slots begin up to `within` seconds from now; a large number without a limit."""
        rate = self.rate
        if rate is None:
            return 1_000_000
        until = now + within
        number = max(0, int((until - max(self._next, now - CATCH_UP)) * rate) + 1)
        spare = self._most - len(self._left)
        for at in islice(self._left, max(0, number - spare)):
            if at + self._span > until:
                break
            spare += 1
        return min(number, spare)

    def wait(self, now: float, slots: float = 0.0) -> float:
        """Seconds until the next slot begins, or one so many later."""
        rate = self.rate
        if rate is None:
            return 0.0
        return max(0.0, self._next_slot() - now + slots / rate)

    def take(self, now: float) -> float:
        """Take the next slot; when it begins, which is not before now."""
        rate = self.rate
        if rate is None:
            return now
        begins = max(self._next_slot(), now)
        self._next = max(self._next, begins - CATCH_UP) + 1 / rate
        self._left.append(begins)
        while len(self._left) > self._most:
            self._left.popleft()
        return begins

    def _next_slot(self) -> float:
        full = len(self._left) >= self._most
        return max(self._next, self._left[0] + self._span) if full else self._next

    @property
    def _most(self) -> int:
        """How many may leave within `_span` seconds."""
        return max(1, int(self.limits.overall or 1))

    @property
    def _span(self) -> float:
        a_second = self._most / (self.limits.overall or 1)
        return (a_second + self.jitter) * SLACK * FASTEST / self.share

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

    def overslept(self, seconds: float) -> None:
        """Note by how much we came late to a slot: so much of a call's time is ours, not the
        path's."""
        self._lateness.append(seconds)

    def took(self, seconds: float) -> None:
        """Note how long a call took that the platform accepted."""
        self._calls.append(seconds)
        if self._since_refusal % 20 == 0:
            shortest, longest = _ends(self._calls)
            ours = _ends(self._lateness)[1] if len(self._lateness) >= PART_LEFT_OUT else 0.0
            self._jitter = max(0.0, longest - shortest - ours)
        self._since_refusal += 1
        if self._since_refusal >= QUIET:
            self._since_refusal = 0
            self.share = min(FASTEST, self.share * AFTER_QUIET)

    def refused(self, now: float, seconds: float) -> None:
        """The platform asked to wait (429): no slot begins before that, and then slower."""
        self.hold_back(now + seconds)
        self._since_refusal = 0
        self.share = max(SLOWEST, self.share * AFTER_REFUSAL)

    def _forget(self, now: float) -> None:
        since = now - self.limits.group_span
        self._sent = {chat: times for chat, times in self._sent.items() if times[-1] > since}


def _until(sent: deque[float], most: int, span: float, now: float) -> float:
    """Seconds until fewer than `most` of these moments lie within the last `span`."""
    if len(sent) < most:
        return 0.0
    return max(0.0, sent[-most] + span - now)


def _ends(values: deque[float]) -> tuple[float, float]:
    """The shortest and the longest of these, but for the few at each end that are left out."""
    ordered = sorted(values)
    cut = len(ordered) // PART_LEFT_OUT
    return ordered[cut], ordered[-1 - cut]
