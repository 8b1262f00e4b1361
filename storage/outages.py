"""Whether the database is there, as the jobs find it: said when it goes, and when it is back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import structlog

from storage.database import is_outage

log = structlog.get_logger(__name__)

SAID_AGAIN = 60.0
"""Seconds after which an outage is said once more."""
APART = 10.0
"""Seconds at least between the beginnings that are said: on a full disk some jobs go through."""
LONG_AGO = float("-inf")


@dataclass(slots=True)
class Outages:
    """One line for all that meets an outage, so that who met it need not say so. clock: seconds
    that only go on. Reading and writing may be away by themselves. May be told by any thread."""

    clock: Callable[[], float] = monotonic
    _away: set[str] = field(default_factory=set)
    _since: float = LONG_AGO
    _said: float = LONG_AGO
    _is_said: bool = False
    _met: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def went_well(self, what: str) -> None:
        """A job ended. what: whether it reads or writes."""
        if what not in self._away:  # nearly always
            return
        with self._lock:
            self._away.discard(what)
            if self._away:
                return
            if self._is_said:
                after = round(self.clock() - self._since, 1)
                log.warning("database is back", after=after, failed=self._met)
            self._is_said, self._met = False, 0

    def failed(self, what: str, error: BaseException) -> None:
        """A job ended in this; only an outage counts."""
        if not is_outage(error):
            return
        with self._lock:
            now = self.clock()
            if not self._away:
                self._since = now
            self._away.add(what)
            self._met += 1
            if now >= self._said + (SAID_AGAIN if self._is_said else APART):
                self._said, self._is_said = now, True
                log.error("database is away", error=type(error).__name__, failed=self._met)
