"""Working days: the official arrangement where it is known, the plain calendar where it is not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from storage import workdays


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 11, 23), True),  # a Monday
        (date(2026, 11, 22), False),  # a Sunday
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 7), False),  # a Wednesday, off in exchange
        (date(2026, 10, 10), True),  # a Saturday, worked in exchange
        (date(2026, 2, 14), True),  # a Saturday before the Spring Festival
        (date(2025, 1, 26), True),  # a Sunday, worked
        (date(2004, 1, 1), False),
        # No official arrangement yet: weekends and the holidays the law names.
        (date(2027, 1, 1), False),
        (date(2027, 2, 8), False),
        (date(2027, 11, 23), True),
        (date(2027, 11, 21), False),
        (date(2003, 10, 1), False),
    ],
)
def test_known_days(day: date, worked: bool) -> None:
    assert workdays.is_workday(day) is worked


def test_what_is_known() -> None:
    assert workdays.has_data(2004)
    assert workdays.has_data(2026)
    assert not workdays.has_data(2003)
    assert not workdays.has_data(workdays.data_until() + 1)
    assert workdays.data_until() >= 2026


def test_every_day_has_an_answer() -> None:
    start = date(2003, 1, 1)
    for number in range(0, 366 * 40):
        assert workdays.is_workday(start + timedelta(days=number)) in (True, False)


def test_a_year_has_about_250_working_days() -> None:
    for year in range(2010, 2041):
        first = date(year, 1, 1)
        days = [first + timedelta(days=n) for n in range(365)]
        assert 243 <= sum(map(workdays.is_workday, days)) <= 256, year
