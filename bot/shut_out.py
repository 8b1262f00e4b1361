"""How many chats have shut us out, told the log now and then and never one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

GATHERED = 60.0
"""Seconds for which they are gathered into one line."""


@dataclass(slots=True)
class ShutOut:
    """Counts by channel."""

    _count: Counter[str] = field(default_factory=Counter)
    _since: float = 0.0

    def add(self, channel: str, now: float) -> None:
        """One more."""
        if not self._count:
            self._since = now
        self._count[channel] += 1

    def say(self, now: float) -> None:
        """A line for each channel, if it is time and there is anything to say."""
        if not self._count or now < self._since + GATHERED:
            return
        for channel, number in self._count.items():
            log.info("blocked by chats", channel=channel, count=number)
        self._count.clear()
