"""Which channels are left alone just now: asked to wait (429), or nothing gets through to anybody.

A circuit breaker for each channel: after `MOST_TROUBLES` chats in a row to which nothing got
through it rests, each time twice as long, and is tried again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from bot.channels.base import TryLater

MOST_TROUBLES = 3
"""Chats in a row to which nothing got through before a channel is left alone for a while. One chat
that cannot be written to says nothing about the others."""
FIRST_REST, LONGEST_REST = 1.0, 16.0
"""Seconds that a channel is left alone then; doubled each time up to the longest."""


@dataclass(slots=True)
class Rests:
    """The channels that rest, by name. clock: seconds that only go on."""

    clock: Callable[[], float]
    _until: dict[str, float] = field(default_factory=dict)
    _troubled: dict[str, set[str]] = field(default_factory=dict)
    _in_a_row: Counter[str] = field(default_factory=Counter)

    def pause(self, channel: str, seconds: float) -> None:
        """Send nothing through a channel for so long; a shorter pause cuts no longer one."""
        until = self.clock() + seconds
        self._until[channel] = max(until, self._until.get(channel, until))

    def now(self) -> Collection[str]:
        """The channels that rest."""
        now = self.clock()
        self._until = {name: until for name, until in self._until.items() if until > now}
        return self._until.keys()

    def left(self, channel: str) -> float:
        """Seconds that a channel still rests; 0 when it does not."""
        return max(0.0, self._until.get(channel, 0.0) - self.clock())

    def waits(self) -> list[float]:
        """Seconds until the end of each pause that was set last."""
        return [self.left(channel) for channel in self._until]

    def respect(self, channel: str) -> None:
        """Raise TryLater while a channel rests."""
        if left := self.left(channel):
            raise TryLater(left)

    def trouble(self, channel: str, chat: str) -> None:
        """Nothing got through to a chat."""
        troubled = self._troubled.setdefault(channel, set())
        troubled.add(chat)
        if len(troubled) >= MOST_TROUBLES:
            troubled.clear()
            self.pause(channel, min(LONGEST_REST, FIRST_REST * 2 ** self._in_a_row[channel]))
            self._in_a_row[channel] += 1

    def went_through(self, channel: str) -> None:
        """Something arrived."""
        self._troubled.pop(channel, None)
        self._in_a_row.pop(channel, None)
