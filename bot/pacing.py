"""How fast a channel may be written to: evenly paced overall, at rest between messages of a chat.

A platform counts what *arrives* in any second. Over a path whose delay varies by J seconds, what is
sent evenly over 1 + J seconds may arrive within one, so the pace that never meets a refusal is
1 / (1 + J) of the limit. J is measured from the calls themselves. Each refusal makes the pace a
little slower, a while without one a little faster again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

FASTEST, SLOWEST = 0.995, 0.5
"""Shares of the limit between which the pace moves, before the path's jitter is taken off."""
AFTER_REFUSAL, AFTER_QUIET = 0.97, 1.002
"""What a refusal, and `QUIET` calls without one, multiply the share by."""
QUIET = 200
JITTER_OF = 300
"""From how many of the last calls the jitter is measured."""
PART_LEFT_OUT = 50
"""One call in so many is left out at each end of those: a single slow one is no jitter."""


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
    _next: float = 0.0
    _since_refusal: int = 0
    _calls: deque[float] = field(default_factory=lambda: deque(maxlen=JITTER_OF))
    _jitter: float = 0.0
    _sent: dict[str, deque[float]] = field(default_factory=dict)

    @property
    def rate(self) -> float | None:
        """Messages a second just now; None without a limit."""
        if self.limits.overall is None:
            return None
        return self.limits.overall * self.share / (1 + self._jitter)

    @property
    def jitter(self) -> float:
        """By how many seconds the path's delay varies."""
        return self._jitter

    def free(self, now: float, within: float) -> int:
        """How many slots begin up to `within` seconds from now; a large number without a limit."""
        rate = self.rate
        if rate is None:
            return 1_000_000
        return max(0, int((now + within - max(self._next, now)) * rate) + 1)

    def wait(self, now: float) -> float:
        """Seconds until the next slot begins."""
        return max(0.0, self._next - now)

    def take(self, now: float) -> float:
        """Take the next slot; when it begins. Slots that nobody took are gone: no catching up."""
        rate = self.rate
        if rate is None:
            return now
        begins = max(self._next, now)
        self._next = begins + 1 / rate
        return begins

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

    def took(self, seconds: float) -> None:
        """Note how long a call took that the platform accepted."""
        self._calls.append(seconds)
        if len(self._calls) % 20 == 0:
            ordered = sorted(self._calls)
            cut = len(ordered) // PART_LEFT_OUT
            self._jitter = ordered[-1 - cut] - ordered[cut]
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
