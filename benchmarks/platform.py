"""What a messaging platform allows, kept to the message: the other side of the broadcast figures.

It counts what arrives in any second and refuses more with 429 and `retry_after`; as long as that
lasts, it refuses everything. It also keeps the rest between two messages of one chat.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

TOLD = 0.25
"""Seconds within which a refusal is known to whoever was refused, on a busy machine too."""
CLOSED = 1.0
"""Seconds that are asked for after a refusal; Telegram asks for whole ones."""


@dataclass(slots=True)
class Platform:
    """Counts in seconds of the clock whose moments it is given.

    most: how many in any second. rest: seconds between two of one chat, up to `burst` of which may
    come together.
    """

    most: float = 30
    rest: float = 1.0
    burst: int = 6
    closed: float = CLOSED
    accepted: int = 0
    refused: int = 0
    too_early: int = 0
    """How many arrived while it was closed though they had left after that was known."""
    first: float | None = None
    last: float = 0.0
    received: Counter[str] = field(default_factory=Counter)
    """How many messages stand in each chat."""
    _window: deque[float] = field(default_factory=deque)
    _closed_until: float = 0.0
    _known_at: float = 0.0
    _chats: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, chat: str, at: float, left: float) -> float:
        """0.0 when it is accepted, else the seconds to wait. left: when the call began."""
        if at < self._closed_until:
            self.too_early += left > self._known_at
            self.refused += 1
            return self._closed_until - at
        while self._window and self._window[0] <= at - 1:
            self._window.popleft()
        earlier = self._chats.setdefault(chat, deque(maxlen=self.burst))
        full = len(earlier) == self.burst and earlier[0] > at - self.burst * self.rest
        if len(self._window) >= self.most or full:
            self.refused += 1
            self._closed_until, self._known_at = at + self.closed, at + TOLD
            return self.closed
        self._window.append(at)
        earlier.append(at)
        self.received[chat] += 1
        self.accepted += 1
        self.first = at if self.first is None else self.first
        self.last = at
        return 0.0

    @property
    def rate(self) -> float:
        """Messages a second, from the first to the last that was accepted."""
        if self.first is None or self.last <= self.first:
            return 0.0
        return (self.accepted - 1) / (self.last - self.first)

    @property
    def part_refused(self) -> float:
        """Refusals as a part of all calls."""
        return self.refused / max(1, self.accepted + self.refused)
