"""Working time against a clerk who looks at the wall clock every minute and makes a tick.

The clerk shares no code with storage/working_time.py: windows are pairs of minutes, the days of
2026 are copied from the State Council's notice, and every minute is asked about on its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.working_time import EVERY_MINUTE, Calendar, Meter, Override, Window

MINUTE = timedelta(minutes=1)
ZONES = ("Asia/Shanghai", "Asia/Kolkata", "America/New_York")
CLOCK_CHANGES = (date(2026, 3, 6), date(2026, 10, 30))  # the Fridays before, in New York


def days(*spans: tuple[int, int, int]) -> set[date]:
    """Dates of 2026: (month, first day, last day)."""
    return {date(2026, month, day) for month, a, b in spans for day in range(a, b + 1)}


# The notice on the holidays of 2026: days off, and weekend days worked in exchange.
OFF = days((1, 1, 3), (2, 15, 23), (4, 4, 6), (5, 1, 5), (6, 19, 21), (9, 25, 27), (10, 1, 7))
MADE_UP = days((1, 4, 4), (2, 14, 14), (2, 28, 28), (5, 9, 9), (9, 20, 20), (10, 10, 10))


@cache
def worked_by_law(day: date) -> bool:
    if day.year == 2026:
        return day in MADE_UP or (day.weekday() < 5 and day not in OFF)
    # December 2025 has nothing; for 2027 whoever knows best, plainly asked.
    return bool(holidays.country_holidays("CN", years=day.year).is_working_day(day))


@dataclass
class Clerk:
    """Counts working time by looking at the clock on the wall once a minute."""

    zone: ZoneInfo
    windows: list[tuple[int, int]]
    overrides: dict[date, tuple[bool, list[tuple[int, int]] | None]]
    _today: dict[date, list[tuple[int, int]]] = field(default_factory=dict)

    def working(self, moment: datetime) -> bool:
        clock = moment.astimezone(self.zone)
        minute = clock.hour * 60 + clock.minute
        return any(a <= minute < b for a, b in self.hours(clock.date()))

    def hours(self, day: date) -> list[tuple[int, int]]:
        if day not in self._today:
            worked, own = self.overrides.get(day, (worked_by_law(day), None))
            self._today[day] = (self.windows if own is None else own) if worked else []
        return self._today[day]

    def between(self, start: datetime, end: datetime) -> timedelta:
        total, moment = timedelta(0), start
        while moment < end:
            following = min(end, moment.replace(second=0, microsecond=0) + MINUTE)
            if self.working(moment):
                total += following - moment
            moment = following
        return total

    def add(self, start: datetime, worked: timedelta) -> datetime:
        """Only for what is known to be reached."""
        moment, left = start, worked
        while left:
            following = moment.replace(second=0, microsecond=0) + MINUTE
            if self.working(moment):
                if left <= following - moment:
                    return moment + left
                left -= following - moment
            moment = following
        return moment

    def next_open(self, start: datetime, most: datetime) -> datetime | None:
        moment = start
        while moment < most:
            if self.working(moment):
                return moment
            moment = moment.replace(second=0, microsecond=0) + MINUTE
        return None

    def calendar(self) -> Calendar:
        """The same, in the words of the program."""
        return Calendar(
            tuple(Window(a, b) for a, b in self.windows),
            tuple(
                (day, Override(worked, None if own is None else tuple(Window(*w) for w in own)))
                for day, (worked, own) in self.overrides.items()
            ),
            self.zone,
        )


@st.composite
def window_lists(draw: st.DrawFn, earliest: int) -> list[tuple[int, int]]:
    """One to three windows of a day that do not overlap; they may touch, and may reach 24:00."""
    number = draw(st.integers(1, 3))
    points = draw(
        st.lists(st.integers(earliest, 1440), min_size=2 * number, max_size=2 * number, unique=True)
    )
    points.sort()
    windows = list(zip(points[::2], points[1::2], strict=True))
    if draw(st.booleans()) and number > 1:
        windows[0] = (windows[0][0], windows[1][0])
    return windows


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Clerk, datetime]:
    """A clerk, and a moment near which some dates differ."""
    zone = draw(st.sampled_from(ZONES))
    # Where the clock is put forward or back it is between one and three at night.
    earliest = 240 if zone == "America/New_York" else 0
    local = draw(st.datetimes(datetime(2025, 12, 25), datetime(2027, 2, 20)))
    if draw(st.booleans()):  # where the calendar is at its most crooked
        edges = sorted(OFF | MADE_UP | {date(2027, 2, 5)})
        edge = draw(st.sampled_from(CLOCK_CHANGES if earliest else edges))
        local = local.replace(year=edge.year, month=edge.month, day=edge.day)
    start = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    own = st.none() | window_lists(earliest)
    overrides = draw(
        st.dictionaries(
            st.integers(-1, 15).map(lambda n: local.date() + timedelta(n)),
            st.one_of(
                st.just((False, None)),
                own.map(lambda windows: (True, windows)),
            ),
            max_size=5,
        )
    )
    windows = draw(window_lists(earliest))
    return Clerk(ZoneInfo(zone), windows, overrides), start


spans = st.timedeltas(timedelta(0), timedelta(days=14))


@given(scenes(), spans, st.data())
@settings(max_examples=80)
def test_adding_and_counting(
    scene: tuple[Clerk, datetime], span: timedelta, data: st.DataObject
) -> None:
    clerk, start = scene
    calendar, end = clerk.calendar(), start + span
    counted = clerk.between(start, end)
    assert calendar.between(start, end) == counted
    worked = data.draw(st.timedeltas(timedelta(0), counted))
    assert calendar.add(start, worked) == clerk.add(start, worked)
    assert calendar.add(start, counted) == clerk.add(start, counted)


@given(scenes(), st.timedeltas(timedelta(0), timedelta(days=2)), st.data())
def test_open_and_next_open(
    scene: tuple[Clerk, datetime], later: timedelta, data: st.DataObject
) -> None:
    clerk, start = scene
    calendar, moment = clerk.calendar(), start + later
    hours = clerk.hours(moment.astimezone(clerk.zone).date())
    if hours and data.draw(st.booleans(), "just when a window opens or closes"):
        minute = data.draw(st.sampled_from([edge for window in hours for edge in window])) % 1440
        clock = moment.astimezone(clerk.zone).replace(minute=minute % 60, second=0, microsecond=0)
        moment = clock.replace(hour=minute // 60).astimezone(UTC)
    assert calendar.is_open(moment) is clerk.working(moment)
    expected = clerk.next_open(moment, moment + timedelta(days=20))
    if expected is None:
        assert calendar.next_open(moment) >= moment + timedelta(days=20)
    else:
        assert calendar.next_open(moment) == expected


@given(
    scenes(),
    st.lists(st.timedeltas(timedelta(0), timedelta(days=2)), min_size=1, max_size=6),
    st.timedeltas(timedelta(minutes=1), timedelta(hours=20)),
    st.sampled_from([0.5, 0.8, 1.0]),
)
def test_pausing_and_resuming(
    scene: tuple[Clerk, datetime], gaps: list[timedelta], limit: timedelta, share: float
) -> None:
    """Runs and pauses by turns; the clerk ticks only while it runs."""
    clerk, now = scene
    calendar = clerk.calendar()
    meter, counted = Meter(limit).resume(now), timedelta(0)
    for gap in gaps:
        before, now = now, now + gap
        if meter.paused:
            meter = meter.resume(now)
        else:
            counted += clerk.between(before, now)
            at_once = meter.pause(calendar, now).resume(now)
            assert at_once.spent(calendar, now) == meter.spent(calendar, now)
            due = meter.at_share(calendar, share)
            assert due is not None
            if now <= due:
                assert at_once.at_share(calendar, share) == due
            meter = meter.pause(calendar, now)
        assert meter.spent(calendar, now) == counted
    later = now + timedelta(hours=5)
    if meter.paused:
        assert meter.spent(calendar, later) == counted
        assert meter.at_share(calendar, share) is None
        return
    assert meter.spent(calendar, later) == counted + clerk.between(now, later)
    left = limit * share - counted
    soon = clerk.between(now, now + timedelta(days=6))
    found = meter.at_share(calendar, share)
    assert found is not None
    if left <= timedelta(0):
        assert found == now
    elif left <= soon:
        assert found == clerk.add(now, left)
    else:
        assert found > now + timedelta(days=6)


@given(scenes(), spans, spans)
def test_the_urgent_count_every_minute(
    scene: tuple[Clerk, datetime], worked: timedelta, later: timedelta
) -> None:
    _, start = scene
    assert EVERY_MINUTE.add(start, worked) == start + worked
    assert EVERY_MINUTE.between(start, start + later) == later
    paused = Meter(worked).resume(start).pause(EVERY_MINUTE, start + later)
    assert paused.used == later


@given(
    st.lists(
        st.datetimes(datetime(2003, 1, 1), datetime(2041, 1, 1), timezones=st.just(UTC)),
        min_size=3,
        max_size=3,
    ),
    st.timedeltas(timedelta(0), timedelta(hours=9)),
    st.timedeltas(timedelta(microseconds=1), timedelta(hours=9)),
    window_lists(0),
)
@settings(max_examples=25)
def test_what_holds_in_any_year(
    moments: list[datetime], one: timedelta, other: timedelta, windows: list[tuple[int, int]]
) -> None:
    a, b, c = sorted(moments)
    calendar = Clerk(ZoneInfo("Asia/Shanghai"), windows, {}).calendar()
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    end = calendar.add(a, one)
    assert end >= a
    assert calendar.between(a, end) == one
    assert calendar.add(end, other) == calendar.add(a, one + other)
    assert calendar.is_open(calendar.next_open(b))
