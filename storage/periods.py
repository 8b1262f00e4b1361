"""Periods as people name them when they ask for figures: 昨天, 上上个月, 二月, 去年第三季度."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from storage.names import digits

WORDS = Path(__file__).parent / "data" / "periods.toml"
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""How many months each takes."""


@dataclass(frozen=True, slots=True)
class Period:
    """From which day to which (both in it), and what else was said."""

    first: date
    last: date
    rest: str


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text("utf-8"))


def period_in(text: str, today: date) -> Period | None:
    """The period that `text` names, as seen from `today`; None when it names none. One under way is
    given whole. A month or a quarter without a year is the last that has begun."""
    said = "".join(digits(text).split())
    return _by_pattern(said, today) or _by_word(said, today)


def names_a_door(text: str) -> bool:
    """Whether the numbers in a text are those of a house (3栋1单元302), and so no date."""
    return re.search(_words()["door"], digits(text)) is not None


def _by_word(said: str, today: date) -> Period | None:
    known = [(word, unit, n) for unit in ("day", "week", *MONTHS) for word, n in _of(unit).items()]
    for word, unit, number in sorted(known, key=lambda one: -len(one[0])):
        if word in said:
            first, last = _counted(unit, number, today)
            return Period(first, last, said.replace(word, "", 1))
    return None


def _of(unit: str) -> dict[str, int]:
    return dict(_words()[unit])


def _counted(unit: str, number: int, today: date) -> tuple[date, date]:
    """The day, week, month ... that many after the present one."""
    if unit == "day":
        day = today + timedelta(days=number)
        return day, day
    if unit == "week":
        monday = today + timedelta(days=7 * number - today.weekday())
        return monday, monday + timedelta(days=6)
    size = MONTHS[unit]
    return _months((today.year * 12 + today.month - 1) // size + number, size)


def _months(number: int, size: int) -> tuple[date, date]:
    """The first and last day of a piece of `size` months, counted from the year 0."""
    begin, end = number * size, (number + 1) * size
    last = date(end // 12, end % 12 + 1, 1) - timedelta(days=1)
    return date(begin // 12, begin % 12 + 1, 1), last


def _by_pattern(said: str, today: date) -> Period | None:
    patterns = _words()["patterns"]
    readers: tuple[tuple[str, Callable[[re.Match[str], date], tuple[date, date] | None]], ...] = (
        (patterns["recent"], _recent_days),
        (patterns["recent_months"], _recent_months),
        (patterns["year_before"] + patterns["quarter"], _piece),
        (patterns["year_before"] + patterns["half"], _piece),
        (patterns["year_before"] + patterns["month"], _piece),
        (patterns["year"], _whole_year),
    )
    for pattern, reader in readers:
        match = re.search(pattern, said)
        found = reader(match, today) if match else None
        if match and found:
            return Period(*found, said[: match.start()] + said[match.end() :])
    return None


def _recent_days(match: re.Match[str], today: date) -> tuple[date, date] | None:
    count = int(match["count"])
    return (today - timedelta(days=count - 1), today) if count else None


def _recent_months(match: re.Match[str], today: date) -> tuple[date, date] | None:
    """The present month and those before it."""
    count = int(match["count"])
    number = today.year * 12 + today.month - 1
    return (_months(number - count + 1, 1)[0], _months(number, 1)[1]) if count else None


def _whole_year(match: re.Match[str], today: date) -> tuple[date, date]:
    return _months(int(match["year"]), 12)


def _piece(match: re.Match[str], today: date) -> tuple[date, date] | None:
    """A month, a quarter or a half of the year that is named, or of the last that had begun it."""
    told = match.groupdict()
    if told.get("month"):
        size, nth = 1, int(told["month"])
    elif told.get("quarter"):
        size, nth = 3, int(told["quarter"])
    else:
        size, nth = 6, 1 if told["half"] == _words()["patterns"]["first_half"] else 2
    if not 1 <= nth * size <= 12:
        return None
    year = _year(told["year"], today)
    if year is None:
        begun = (nth - 1) * size + 1 <= today.month
        year = today.year if begun else today.year - 1
    return _months(year * (12 // size) + nth - 1, size)


def _year(said: str | None, today: date) -> int | None:
    if said is None:
        return None
    named = _of("year")
    return today.year + named[said] if said in named else int(said[:4])
