"""A clock that goes on when the machine's is set back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Steady:
    """The machine's time, but never earlier than what was told before: while the machine's clock is
    behind that, seconds are counted on one that cannot be set.

    Otherwise everything that was queued "not before now" would wait an hour when the clock is set
    back by one. Set forward, it is believed at once.
    """

    clock: Callable[[], datetime]
    seconds: Callable[[], float]
    _told: datetime | None = field(default=None)
    _at: float = 0.0

    def __call__(self) -> datetime:
        """Now."""
        now, at = self.clock(), self.seconds()
        if self._told is not None and now < self._told:
            now = self._told + timedelta(seconds=max(0.0, at - self._at))
        self._told, self._at = now, at
        return now
