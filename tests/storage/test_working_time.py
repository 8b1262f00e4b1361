"""Working time, told by dates: what a county's people would count on a wall calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from storage.calendars import read_windows
from storage.working_time import (
    EVERY_MINUTE,
    SHANGHAI,
    Calendar,
    Meter,
    NoWorkingTime,
    Override,
    Window,
)

MORNING, AFTERNOON = Window(8 * 60 + 30, 12 * 60), Window(14 * 60 + 30, 17 * 60 + 30)
OFFICE = Calendar((MORNING, AFTERNOON))
HOUR = timedelta(hours=1)
WORKING_DAY = timedelta(hours=6, minutes=30)


def at(text: str) -> datetime:
    """2026-11-20 17:00 by the county's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("story", "start", "worked", "end"),
    [
        ("within the morning", "2026-11-20 09:00", HOUR, "2026-11-20 10:00"),
        ("over the noon break", "2026-11-20 11:30", HOUR, "2026-11-20 15:00"),
        ("filed at noon", "2026-11-20 13:00", HOUR, "2026-11-20 15:30"),
        ("filed at night", "2026-11-19 23:59", HOUR, "2026-11-20 09:30"),
        ("Friday evening runs into Monday", "2026-11-20 17:00", 2 * HOUR, "2026-11-23 10:00"),
        ("filed on a Sunday", "2026-11-22 10:00", HOUR, "2026-11-23 09:30"),
        ("used up just when the window ends", "2026-11-20 17:00", HOUR / 2, "2026-11-20 17:30"),
        ("to the second", "2026-11-20 17:29:53", HOUR, "2026-11-23 09:29:53"),
        ("nothing is at once, even on a Sunday", "2026-11-22 10:00", 0 * HOUR, "2026-11-22 10:00"),
        ("a Saturday worked in exchange", "2026-10-09 17:00", 2 * HOUR, "2026-10-10 10:00"),
        ("National Day week is off", "2026-09-30 17:00", 2 * HOUR, "2026-10-08 10:00"),
        ("New Year, then a worked Sunday", "2025-12-31 17:00", 2 * HOUR, "2026-01-04 10:00"),
        ("before the Spring Festival", "2026-02-13 17:00", 2 * HOUR, "2026-02-14 10:00"),
        ("the Spring Festival", "2026-02-14 17:00", 2 * HOUR, "2026-02-24 10:00"),
        ("its make-up Saturday after", "2026-02-27 17:00", 2 * HOUR, "2026-02-28 10:00"),
        ("three working days", "2026-09-29 16:30", 3 * WORKING_DAY, "2026-10-09 16:30"),
        ("fifteen working days", "2026-01-28 10:00", 15 * WORKING_DAY, "2026-02-25 10:00"),
        ("New Year of a year not arranged yet", "2047-12-31 17:00", HOUR, "2048-01-02 09:00"),
    ],
)
def test_when_a_limit_ends(story: str, start: str, worked: timedelta, end: str) -> None:
    assert OFFICE.add(at(start), worked) == at(end), story
    assert OFFICE.between(at(start), at(end)) == worked, story


def test_what_is_given_back_is_utc() -> None:
    sunday = at("2026-11-22 09:00")
    for found in (
        OFFICE.add(sunday, HOUR),
        OFFICE.next_open(sunday),
        EVERY_MINUTE.add(sunday, HOUR),
    ):
        assert found.utcoffset() == timedelta(0)
    assert OFFICE.add(at("2026-11-20 09:00"), HOUR) == datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_open", "next_open"),
    [
        ("2026-11-20 08:29:59", False, "2026-11-20 08:30"),
        ("2026-11-20 08:30", True, "2026-11-20 08:30"),
        ("2026-11-20 11:59:59", True, "2026-11-20 11:59:59"),
        ("2026-11-20 12:00", False, "2026-11-20 14:30"),
        ("2026-11-20 17:30", False, "2026-11-23 08:30"),
        ("2026-12-31 17:30", False, "2027-01-04 08:30"),
        ("2026-10-10 09:00", True, "2026-10-10 09:00"),
    ],
)
def test_open_and_closed(moment: str, is_open: bool, next_open: str) -> None:
    assert OFFICE.is_open(at(moment)) is is_open
    assert OFFICE.next_open(at(moment)) == at(next_open)


def test_no_time_passes_backwards() -> None:
    assert OFFICE.between(at("2026-11-20 16:00"), at("2026-11-20 15:00")) == timedelta(0)
    assert EVERY_MINUTE.between(at("2026-11-20 16:00"), at("2026-11-20 15:00")) == timedelta(0)


def test_the_urgent_wait_for_no_office() -> None:
    night_of_the_festival = at("2026-02-16 23:50")
    assert EVERY_MINUTE.is_open(night_of_the_festival)
    assert EVERY_MINUTE.next_open(night_of_the_festival) == night_of_the_festival
    assert EVERY_MINUTE.add(night_of_the_festival, HOUR / 3) == at("2026-02-17 00:10")
    assert EVERY_MINUTE.between(night_of_the_festival, at("2026-02-17 00:10")) == HOUR / 3


def test_dates_that_differ() -> None:
    calendar = Calendar(
        (MORNING, AFTERNOON),
        (
            (date(2026, 11, 23), Override(False)),  # a county festival, on a Monday
            (date(2026, 11, 21), Override(True)),  # the Saturday before is worked for it
            (date(2026, 11, 24), Override(True, (Window(600, 660),))),
            (date(2026, 10, 1), Override(True, (Window(600, 660),))),  # on duty on National Day
        ),
    )
    assert calendar.add(at("2026-11-20 17:00"), 2 * HOUR) == at("2026-11-21 10:00")
    assert calendar.add(at("2026-11-21 17:00"), HOUR) == at("2026-11-24 10:30")
    assert calendar.add(at("2026-11-21 17:00"), 2 * HOUR) == at("2026-11-25 09:00")
    assert calendar.next_open(at("2026-09-30 18:00")) == at("2026-10-01 10:00")
    assert calendar.windows_on(date(2026, 11, 21)) == (MORNING, AFTERNOON)
    assert calendar.windows_on(date(2026, 11, 23)) == ()


def test_a_night_shift_is_two_windows() -> None:
    nights = Calendar((Window(22 * 60, 24 * 60), Window(0, 6 * 60)))
    assert nights.is_open(at("2026-11-20 00:00"))
    assert nights.add(at("2026-11-18 23:00"), 2 * HOUR) == at("2026-11-19 01:00")
    assert nights.add(at("2026-11-20 23:00"), 2 * HOUR) == at("2026-11-23 01:00")


def test_another_clock() -> None:
    urumqi = Calendar((Window(10 * 60, 14 * 60),), zone=ZoneInfo("Asia/Urumqi"))
    assert urumqi.next_open(at("2026-11-20 09:00")) == at("2026-11-20 12:00")


def test_a_clock_that_is_put_forward_and_back() -> None:
    zone, forward, back = ZoneInfo("America/New_York"), date(2026, 3, 8), date(2026, 11, 1)

    def worked(day: date, *windows: Window) -> timedelta:
        calendar = Calendar((MORNING,), ((day, Override(True, windows)),), zone)
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        return calendar.between(midnight, midnight + timedelta(1))

    assert worked(forward, Window(0, 1440)) == 23 * HOUR
    assert worked(back, Window(0, 1440)) == 25 * HOUR
    # At two it is three: half an hour of the first window never comes.
    assert worked(forward, Window(60, 150), Window(180, 240)) == 2 * HOUR
    sunday = Calendar((MORNING,), ((forward, Override(True)),), zone)
    opens = datetime(2026, 3, 8, 8, 30, tzinfo=zone)
    assert sunday.next_open(opens - HOUR) == opens


def test_calendars_are_values() -> None:
    days = ((date(2026, 5, 9), Override(False)), (date(2026, 5, 8), Override(True)))
    one = Calendar((AFTERNOON, MORNING), days)
    other = Calendar((MORNING, AFTERNOON), days[::-1])
    one.add(at("2026-05-08 09:00"), HOUR)
    assert one == other
    assert hash(one) == hash(other)
    assert one != OFFICE


# What cannot be


def closed(first: date, last: date) -> Calendar:
    dates = [first + timedelta(n) for n in range((last - first).days + 1)]
    return Calendar((MORNING,), tuple((day, Override(False)) for day in dates))


def test_a_calendar_that_is_shut_for_good() -> None:
    shut = closed(date(2026, 3, 1), date(2030, 12, 31))
    assert shut.add(at("2026-02-26 09:00"), HOUR) == at("2026-02-26 10:00")
    for moment in ("2026-02-28 12:00", "2027-01-01 09:00"):
        with pytest.raises(NoWorkingTime):
            shut.add(at(moment), HOUR)
        with pytest.raises(NoWorkingTime):
            shut.next_open(at(moment))
    assert shut.between(at("2027-01-01 09:00"), at("2029-01-01 09:00")) == timedelta(0)
    reopens = closed(date(2026, 3, 1), date(2028, 12, 31))
    assert reopens.next_open(at("2026-03-01 09:00")) == at("2029-01-02 08:30")


def test_a_limit_nobody_lives_to_see() -> None:
    with pytest.raises(NoWorkingTime):
        OFFICE.add(at("2026-11-20 09:00"), timedelta(days=20_000))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Calendar(()),
        lambda: Calendar((MORNING, Window(11 * 60, 13 * 60))),
        lambda: Calendar((MORNING,), ((date(2026, 5, 8), Override(False)),) * 2),
        lambda: Override(True, ()),
        lambda: Override(True, (MORNING, MORNING)),
        lambda: Override(False, (MORNING,)),
        lambda: Window(600, 600),
        lambda: Window(600, 540),
        lambda: Window(-1, 540),
        lambda: Window(600, 1441),
        lambda: OFFICE.add(at("2026-11-20 09:00"), -HOUR),
        lambda: OFFICE.add(datetime(2026, 11, 20), HOUR),
        lambda: OFFICE.between(datetime(2026, 11, 20), at("2026-11-20 09:00")),
        lambda: OFFICE.is_open(datetime(2026, 11, 20)),
        lambda: EVERY_MINUTE.next_open(datetime(2026, 11, 20)),
    ],
)
def test_what_makes_no_sense_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValueError):  # noqa: PT011  (each is the only thing that can raise it)
        make()


# How hours are written


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("8:30-12:00 14:30-17:30", (MORNING, AFTERNOON)),
        ("14:30-17:30,08:30-12:00", (MORNING, AFTERNOON)),
        ("８：３０—１２：００、１４：３０～１７：３０", (MORNING, AFTERNOON)),
        ("8:30至12:00；14:30 到 17:30", (MORNING, AFTERNOON)),
        ("8:30 - 12:00\n14:30 - 17:30", (MORNING, AFTERNOON)),
        ("全天", (Window(0, 1440),)),
        ("22:00-24:00 0:00-6:00", (Window(0, 360), Window(1320, 1440))),
        ("上午8:30-12:00 下午2:30-5:30", None),
        ("8:30", None),
        ("8:30-12:00 14:30", None),
        ("8:75-12:00", None),
        ("25:00-26:00", None),
        ("8.30-12.00", None),
        ("", None),
    ],
)
def test_reading_hours(text: str, windows: tuple[Window, ...] | None) -> None:
    assert read_windows(text) == windows


@pytest.mark.parametrize("text", ["12:00-8:30", "8:00-12:00 11:00-13:00", "22:00-24:30"])
def test_hours_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"window"):
        read_windows(text)


# Meters


def test_a_meter_over_a_question_to_the_resident() -> None:
    meter = Meter(WORKING_DAY).resume(at("2026-11-19 15:30"))
    assert meter.due(OFFICE) == at("2026-11-20 15:30")
    assert meter.at_share(OFFICE, 0.5) == at("2026-11-20 09:45")
    asked = meter.pause(OFFICE, at("2026-11-20 09:30"))
    assert (asked.paused, asked.used) == (True, 3 * HOUR)
    assert (asked.due(OFFICE), asked.at_share(OFFICE, 0.5)) == (None, None)
    assert asked.spent(OFFICE, at("2026-11-24 17:00")) == 3 * HOUR
    answered = asked.resume(at("2026-11-24 16:30"))
    assert answered.due(OFFICE) == at("2026-11-25 11:00")
    assert answered.spent(OFFICE, at("2026-11-25 12:00")) == 7.5 * HOUR


def test_a_pause_while_everyone_sleeps_changes_nothing() -> None:
    meter = Meter(WORKING_DAY).resume(at("2026-11-20 15:30"))
    paused = meter.pause(OFFICE, at("2026-11-20 18:00")).resume(at("2026-11-23 08:00"))
    assert paused.due(OFFICE) == meter.due(OFFICE) == at("2026-11-23 15:30")


def test_pausing_twice_is_pausing_once() -> None:
    meter = Meter(WORKING_DAY).resume(at("2026-11-20 09:00"))
    assert meter.resume(at("2026-11-20 10:00")) == meter
    paused = meter.pause(OFFICE, at("2026-11-20 10:00"))
    assert paused.pause(OFFICE, at("2026-11-20 11:00")) == paused


def test_a_share_used_up_before_a_pause_is_due_when_it_ends() -> None:
    late = Meter(2 * HOUR, used=3 * HOUR, since=at("2026-11-20 10:00"))
    assert late.due(OFFICE) == at("2026-11-20 10:00")
    assert late.spent(OFFICE, at("2026-11-20 10:00")) == 3 * HOUR


def test_an_urgent_meter_counts_the_night() -> None:
    meter = Meter(HOUR / 3).resume(at("2026-02-16 23:50"))
    assert meter.due(EVERY_MINUTE) == at("2026-02-17 00:10")
    assert meter.at_share(EVERY_MINUTE, 0.8) == at("2026-02-17 00:06")
