"""Which channels are left alone just now: asked to wait (429), or nothing gets through to anybody.

A circuit breaker for each channel. When messages that were never tried before failed in
`MOST_TROUBLES` chats and nothing arrived meanwhile, it rests, each time twice as long; then it is
on trial: a few messages at once, until one arrives. While only notices had trouble, answers try it
one by one even as it rests.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import structlog

from bot.channels.base import TryLater

log = structlog.get_logger(__name__)

MOST_TROUBLES = 3
"""Chats in a row to which nothing got through before a channel is left alone for a while. One chat
that cannot be written to says nothing about the others."""
ON_TRIAL = 3
"""Messages at once, of answers and of the others, through a channel that had its rest."""
FIRST_REST, LONGEST_REST = 1.0, 16.0
"""Seconds that a channel is left alone then; doubled each time up to the longest."""
SAID_AGAIN = 60.0
"""Seconds after which the log hears once more that a channel rests."""
LONG_AGO = float("-inf")


@dataclass(slots=True)
class _Trouble:
    """Of one channel, since something last arrived. chats: to which nothing got through since its
    last rest. answers: whether an answer was among that. answers_rest: answers rest as well."""

    since: float
    chats: set[str] = field(default_factory=set)
    answers: bool = False
    rests: int = 0
    began: float = LONG_AGO
    until: float = LONG_AGO
    answers_rest: bool = False
    said: float = LONG_AGO


@dataclass(slots=True)
class Rests:
    """The channels that rest, by name. clock: seconds that only go on."""

    clock: Callable[[], float]
    _until: dict[str, float] = field(default_factory=dict)
    _troubles: dict[str, _Trouble] = field(default_factory=dict)
    _through: dict[str, float] = field(default_factory=dict)
    _asked: dict[str, float] = field(default_factory=dict)
    """Since when those that asked to wait have let nothing through."""

    def pause(self, channel: str, seconds: float) -> None:
        """Send nothing through a channel for so long; a shorter pause cuts no longer one."""
        now = self.clock()
        if now >= self._until.get(channel, LONG_AGO):  # what was under way is refused as well
            log.warning("channel asks to wait", channel=channel, seconds=seconds)
        self._asked.setdefault(channel, now)
        self._until[channel] = max(now + seconds, self._until.get(channel, now))

    def now(self) -> Collection[str]:
        """The channels that rest, for answers too."""
        return [name for name in {*self._until, *self._troubles} if self.left(name, answer=True)]

    def left(self, channel: str, *, answer: bool = False) -> float:
        """Seconds that a channel still rests, for answers or for the rest; 0 when it does not."""
        until = self._until.get(channel, LONG_AGO)
        trouble = self._troubles.get(channel)
        if trouble is not None and (trouble.answers_rest or not answer):
            until = max(until, trouble.until)
        return max(0.0, until - self.clock())

    def on_trial(self, channel: str) -> bool:
        """Whether only few may go through a channel at once, see `places`."""
        trouble = self._troubles.get(channel)
        return trouble is not None and trouble.rests > 0

    def places(self, channel: str, *, answer: bool) -> int:
        """How many messages at once may try a channel that is on trial."""
        if self.left(channel, answer=answer):
            return 0
        return 1 if self.left(channel) else ON_TRIAL

    def waits(self) -> list[float]:
        """Seconds until the end of each rest."""
        return [self.left(channel) for channel in {*self._until, *self._troubles}]

    def respect(self, channel: str, *, answer: bool = False) -> None:
        """Raise TryLater while a channel rests."""
        if left := self.left(channel, answer=answer):
            raise TryLater(left)

    def trouble(self, channel: str, chat: str, began: float, *, answer: bool, first: bool) -> None:
        """Nothing got through to a chat. began: when it was tried. first: it had not failed before;
        what fails again and again says nothing new of the others."""
        now = self.clock()
        trouble = self._troubles.setdefault(channel, _Trouble(now))
        if began < max(trouble.began, self._through.get(channel, LONG_AGO)):
            return  # it left before what is known by now
        if now < trouble.until:
            trouble.answers_rest = trouble.answers_rest or answer
            return
        if first:
            trouble.chats.add(chat)
            trouble.answers = trouble.answers or answer
        if len(trouble.chats) >= MOST_TROUBLES:
            self._rest(channel, trouble, now)

    def _rest(self, channel: str, trouble: _Trouble, now: float) -> None:
        seconds = min(LONGEST_REST, FIRST_REST * 2**trouble.rests)
        trouble.rests += 1
        trouble.began, trouble.until = now, now + seconds
        trouble.answers_rest, trouble.answers = trouble.answers, False
        trouble.chats.clear()
        if now >= trouble.said + SAID_AGAIN:
            trouble.said = now
            log.warning("channel rests", channel=channel, seconds=seconds, times=trouble.rests)

    def went_through(self, channel: str, began: float) -> None:
        """Something arrived. began: when it was tried."""
        now = self._through[channel] = self.clock()
        trouble = self._troubles.pop(channel, None)
        since = trouble.since if trouble is not None and trouble.rests else None
        if channel in self._asked and began >= self._until[channel]:
            since = min(self._asked.pop(channel), now if since is None else since)
        if since is not None:
            log.info("channel is well again", channel=channel, after=round(now - since, 1))
