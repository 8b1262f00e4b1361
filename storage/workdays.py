"""Which days are worked in China: legal holidays off, 调休 Saturdays and Sundays on.

Two packages know: chinesecalendar has every year up to the last official announcement it was
released after; `holidays` reaches further, but makes up no days before they are announced.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import chinese_calendar
import holidays
from chinese_calendar import constants

FIRST_YEAR = min(constants.holidays).year
_KNOWN_UNTIL: int = max(constants.holidays).year


def is_workday(day: date) -> bool:
    """Whether `day` is worked. A year with no official data goes by weekends and plain holidays."""
    if FIRST_YEAR <= day.year <= _KNOWN_UNTIL:
        return bool(chinese_calendar.is_workday(day))
    return _further(day.year).is_working_day(day)


def has_data(year: int) -> bool:
    """Whether the official arrangement (放假调休) of `year` is known."""
    if FIRST_YEAR <= year <= _KNOWN_UNTIL:
        return True
    # Every announcement since 2007 made up days; none here means that none was published yet.
    days = _further(year).weekend_workdays if year > _KNOWN_UNTIL else ()
    return any(day.year == year for day in days)


def data_until() -> int:
    """The last year, with none missing before it, whose official arrangement is known."""
    year = _KNOWN_UNTIL
    while has_data(year + 1):
        year += 1
    return year


@cache
def _further(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year, expand=False)
