"""Working time: several windows a day, legal holidays, 调休 make-up days, overrides by date.

Nothing here knows the database; `storage.calendars` builds a `Calendar` for an area. Moments are
aware and come back in UTC; windows are read off the clock of the calendar's time zone. Arithmetic
is exact to the microsecond: a limit that starts at 17:00:07 ends at some :07.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from storage.workdays import is_workday

MINUTES_A_DAY = 24 * 60
CLOSED_YEARS = 3
"""After so many whole years without working time nobody looks further."""
MOST_YEARS = 50
"""A limit that takes more years than this is a slip of the key."""

SHANGHAI = ZoneInfo("Asia/Shanghai")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_MINUTE = 60_000_000
_DAY = MINUTES_A_DAY * _MINUTE


class NoWorkingTime(Exception):
    """So much working time never comes: `CLOSED_YEARS` in a row have none, or `MOST_YEARS` too
    little."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A stretch of a day, in minutes since midnight: opens (inclusive) until closes (exclusive).

    closes is at most 1440, which is 24:00. Raises ValueError for a window that is empty, ends
    before it begins or leaves the day; a night is two windows, 22:00-24:00 and 00:00-06:00.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= MINUTES_A_DAY:
            raise ValueError("a window opens before it closes, within one day")

    def __str__(self) -> str:
        opens, closes = divmod(self.opens, 60), divmod(self.closes, 60)
        return f"{opens[0]:02}:{opens[1]:02}-{closes[0]:02}:{closes[1]:02}"


Windows = tuple[Window, ...]


def in_order(windows: Iterable[Window]) -> Windows:
    """Windows of one day, sorted. Raises ValueError when there are none or two overlap."""
    ordered = tuple(sorted(windows))
    if not ordered:
        raise ValueError("a worked day needs a window")
    if any(later.opens < earlier.closes for earlier, later in pairwise(ordered)):
        raise ValueError("the windows of a day do not overlap")
    return ordered


@dataclass(frozen=True, slots=True)
class Override:
    """How one date differs: worked or off; windows: when, or None for the ordinary windows.

    Raises ValueError for windows on a day off, and see `in_order`.
    """

    worked: bool
    windows: Windows | None = None

    def __post_init__(self) -> None:
        if self.windows is None:
            return
        if not self.worked:
            raise ValueError("a day off has no windows")
        object.__setattr__(self, "windows", in_order(self.windows))


@dataclass(frozen=True, slots=True)
class _Year:
    """The open stretches of a local year, in ticks, and how much was worked before each.

    before: has one entry more than there are stretches, the total of the year.
    """

    opens: list[int]
    closes: list[int]
    before: list[int]

    @property
    def total(self) -> int:
        return self.before[-1]

    def worked_until(self, at: int) -> int:
        """The year's working time before `at`."""
        i = bisect_right(self.opens, at) - 1
        return 0 if i < 0 else self.before[i] + min(at, self.closes[i]) - self.opens[i]

    def reached(self, worked: int) -> int:
        """The earliest moment before which the year has `worked`: over 0, at most the total."""
        i = bisect_right(self.before, worked - 1) - 1
        return self.opens[i] + worked - self.before[i]


@dataclass(frozen=True)
class Calendar:
    """When people work: a value that never changes, cheap to keep and to compare.

    windows: those of every worked day, at least one. overrides: (date, how it differs); any other
    date goes by `workdays.is_workday`, which knows weekends and plain holidays where no official
    arrangement is published yet. zone: whose clock the windows are read off. every_minute: all
    time counts and nothing else is looked at, see `EVERY_MINUTE`.

    Raises ValueError for no windows, overlapping windows, or a date with two overrides.
    """

    windows: Windows
    overrides: tuple[tuple[date, Override], ...] = ()
    zone: ZoneInfo = SHANGHAI
    every_minute: bool = False
    _by_date: dict[date, Override] = field(init=False, repr=False, compare=False)
    _years: dict[int, _Year] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_date = dict(self.overrides)
        if len(by_date) < len(self.overrides):
            raise ValueError("a date has one override")
        object.__setattr__(self, "windows", in_order(self.windows))
        object.__setattr__(self, "overrides", tuple(sorted(by_date.items(), key=lambda o: o[0])))
        object.__setattr__(self, "_by_date", by_date)
        object.__setattr__(self, "_years", {})

    def windows_on(self, day: date) -> Windows:
        """The windows of a date, in order; empty when it is off."""
        return self._windows(day, is_workday(day))

    def is_open(self, at: datetime) -> bool:
        """Whether `at` is working time. The first instant of a window is, its last is not."""
        moment = _ticks(at)
        if self.every_minute:
            return True
        year = self._year(self._year_of(at))
        i = bisect_right(year.opens, moment) - 1
        return i >= 0 and moment < year.closes[i]

    def next_open(self, at: datetime) -> datetime:
        """The first moment of working time that is not before `at`. Raises NoWorkingTime."""
        moment = _ticks(at)
        if self.is_open(at):
            return _moment(moment)
        for year in self._years_from(self._year_of(at)):
            i = bisect_right(year.opens, moment)
            if i < len(year.opens):
                return _moment(year.opens[i])
        raise NoWorkingTime

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` (inclusive) until `end` (exclusive).

        Zero when `end` is not after `start`: a clock set back takes nothing away.
        """
        since, until = _ticks(start), _ticks(end)
        if until <= since:
            return timedelta(0)
        if self.every_minute:
            return (until - since) * _TICK
        first, last = self._year_of(start), self._year_of(end)
        worked = self._year(last).worked_until(until) - self._year(first).worked_until(since)
        worked += sum(self._year(year).total for year in range(first, last))
        return worked * _TICK

    def add(self, start: datetime, worked: timedelta) -> datetime:
        """The earliest moment, not before `start`, by which `worked` has passed since `start`.

        So nothing added gives `start`, open or not; and what is used up just when a window ends
        is due at its end (17:30), not at the next opening. Raises ValueError for a negative
        `worked`, NoWorkingTime when it is never reached.
        """
        moment, left = _ticks(start), worked // _TICK
        if left < 0:
            raise ValueError("working time cannot be taken back")
        if left == 0 or self.every_minute:
            return _moment(moment + left)
        first = self._year_of(start)
        left += self._year(first).worked_until(moment)
        for year in self._years_from(first):
            if left <= year.total:
                return _moment(year.reached(left))
            left -= year.total
        raise NoWorkingTime

    def _years_from(self, first: int) -> Iterator[_Year]:
        closed = -1  # the first year does not count: only its rest matters
        for number in range(first, first + MOST_YEARS):
            year = self._year(number)
            yield year
            closed = 0 if year.total else closed + 1
            if closed == CLOSED_YEARS:
                return

    def _year_of(self, at: datetime) -> int:
        return at.astimezone(self.zone).year

    def _year(self, number: int) -> _Year:
        found = self._years.get(number)
        if found is None:
            found = self._years[number] = self._build(number)
        return found

    def _build(self, number: int) -> _Year:
        opens: list[int] = []
        closes: list[int] = []
        for day in _days(self.zone, number):
            for window in self._windows(day.date, day.worked):
                start, end = day.at(self.zone, window.opens), day.at(self.zone, window.closes)
                if closes:  # where a clock is put forward, windows may run into each other
                    start = max(start, closes[-1])
                if start < end:
                    opens.append(start)
                    closes.append(end)
        lengths = (end - start for start, end in zip(opens, closes, strict=True))
        return _Year(opens, closes, list(accumulate(lengths, initial=0)))

    def _windows(self, day: date, worked: bool) -> Windows:
        override = self._by_date.get(day)
        if override is None:
            return self.windows if worked else ()
        if not override.worked:
            return ()
        return self.windows if override.windows is None else override.windows


EVERY_MINUTE = Calendar((Window(0, MINUTES_A_DAY),), every_minute=True)
"""Nights, weekends and holidays count: for what is urgent."""


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a time limit is used. It runs from `since`, and is paused when that is None.

    limit: the working time there is. used: the working time used before `since`. A meter is a
    value; `pause` and `resume` give another one. Pausing neither loses nor adds working time, and
    pausing and resuming at one moment changes no figure, but for the moment of a share that was
    used up already: how that came is no longer known, see `at_share`.
    """

    limit: timedelta
    used: timedelta = timedelta(0)
    since: datetime | None = None

    @property
    def paused(self) -> bool:
        """Whether it stands still, as while the resident is waited for."""
        return self.since is None

    def spent(self, calendar: Calendar, now: datetime) -> timedelta:
        """The working time used until `now`; more than `limit` when overdue."""
        if self.since is None:
            return self.used
        return self.used + calendar.between(self.since, now)

    def due(self, calendar: Calendar) -> datetime | None:
        """The moment at which the limit is used up; None while paused. Raises NoWorkingTime."""
        return self.at_share(calendar, 1.0)

    def at_share(self, calendar: Calendar, share: float) -> datetime | None:
        """The moment at which `share` (0.5 is half) of the limit is used; None while paused.

        `since` when so much was used before. Raises NoWorkingTime.
        """
        if self.since is None:
            return None
        return calendar.add(self.since, max(timedelta(0), self.limit * share - self.used))

    def pause(self, calendar: Calendar, now: datetime) -> Meter:
        """This meter standing still from `now` on; itself when it does already."""
        if self.since is None:
            return self
        return replace(self, used=self.spent(calendar, now), since=None)

    def resume(self, now: datetime) -> Meter:
        """This meter running on from `now`; itself when it runs already."""
        return replace(self, since=now) if self.since is None else self


@dataclass(frozen=True, slots=True)
class _Day:
    """A date, whether it is worked by law, when it begins (ticks), and whether its clock is steady:
    24 hours long."""

    date: date
    worked: bool
    begins: int
    steady: bool

    def at(self, zone: ZoneInfo, minute: int) -> int:
        """The moment the clock shows `minute` of this day; 1440 is the next day's midnight."""
        if self.steady:
            return self.begins + minute * _MINUTE
        days, rest = divmod(minute, MINUTES_A_DAY)
        return _local(zone, self.date + timedelta(days), rest)


@lru_cache(maxsize=64)
def _days(zone: ZoneInfo, year: int) -> tuple[_Day, ...]:
    """The days of a year; what all calendars of a zone have in common."""
    first = date(year, 1, 1)
    dates = [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days + 1)]
    begins = [_local(zone, day, 0) for day in dates]
    return tuple(
        _Day(dates[i], is_workday(dates[i]), begins[i], begins[i + 1] - begins[i] == _DAY)
        for i in range(len(dates) - 1)
    )


def _local(zone: ZoneInfo, day: date, minute: int) -> int:
    hour, minute = divmod(minute, 60)
    return _ticks(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone))


def _ticks(at: datetime) -> int:
    """A moment as microseconds since 1970. Raises ValueError for one without a zone."""
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (at - _EPOCH) // _TICK


def _moment(ticks: int) -> datetime:
    return _EPOCH + timedelta(microseconds=ticks)
