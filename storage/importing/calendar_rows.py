"""Importing working time: 日期, 上班/放假, 时段, 区域, 说明.

A row is about one date, or, with 平时 for its date, about every ordinary working day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from storage import calendars
from storage.importing.places import Places
from storage.importing.reading import Row, default_county
from storage.importing.report import Bad, BadRow, Item, Outcome
from storage.names import bare, simplify
from storage.working_time import Override, Windows

YEARS = range(2000, 2101)
"""Any other year is a slip of the key."""

_DATE = re.compile(r"(\d{4})[^\w]?(\d{2})[^\w]?(\d{2})|(\d{4})\D(\d{1,2})\D(\d{1,2})\D?")


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """What a row says of an area. day: None for the ordinary days, which have windows.

    says_windows, says_note: the list has that column; otherwise what is known stays.
    """

    area_id: int
    day: date | None
    worked: bool
    windows: Windows | None
    says_windows: bool
    note: str
    says_note: bool


class CalendarRows:
    """Checks and applies the rows of a calendar list."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._places = Places(session)
        self._seen: dict[tuple[int, date | None], int] = {}

    def check(self, row: Row) -> CalendarRow:
        """The row, ready. Raises Bad."""
        written = row.date_or_text("day", 32)
        ordinary = calendars.means_ordinary(written)
        day = None if ordinary else day_written(written)
        worked = _worked(row)
        windows = _windows(row)
        if ordinary and not worked:
            raise Bad("ordinary_off", day=written)
        if windows is not None and not worked:
            raise Bad("windows_off")
        if ordinary and windows is None:
            raise Bad("windows_missing", day=written)
        area_id = self._area(row.text("area", 200))
        if (area_id, day) in self._seen:
            raise Bad("row_twice", first=self._seen[area_id, day])
        self._seen[area_id, day] = row.number
        note = row.text("note", calendars.LONGEST_NOTE)
        says_windows = row.has("windows") or not worked
        return CalendarRow(area_id, day, worked, windows, says_windows, note, row.has("note"))

    def _area(self, written: str) -> int:
        """The area a cell names: the whole county when it is empty or says so. Raises Bad."""
        county = self._places.county
        if county is not None and bare(written) in ("", bare(default_county())):
            return county.id
        return self._places.path(written or default_county())

    def check_together(self, items: list[Item[CalendarRow]]) -> list[BadRow]:
        """Nothing here depends on another row."""
        return []

    def apply(self, items: list[Item[CalendarRow]]) -> Iterator[Outcome]:
        """Write the rows down; what became of each."""
        for item in items:
            yield self._one(item.content)

    def _one(self, row: CalendarRow) -> Outcome:
        if row.day is None:
            assert row.windows is not None  # checked
            return calendars.set_windows(
                self._session, row.area_id, row.windows, self._now, by=None
            )
        windows, note = row.windows, row.note
        known = calendars.day_of(self._session, row.area_id, row.day)
        if known is not None:
            windows = row.windows if row.says_windows else known.override.windows
            note = row.note if row.says_note else known.note
        override = Override(row.worked, windows)
        return calendars.set_day(self._session, row.area_id, row.day, override, note)


def day_written(written: str) -> date:
    """The date that a cell names. Raises Bad."""
    match = _DATE.fullmatch(simplify(written))
    numbers = [int(part) for part in match.groups() if part] if match else []
    try:
        found = date(*numbers)
    except (TypeError, ValueError):
        raise Bad("day_bad", value=written) from None
    if found.year not in YEARS:
        raise Bad("day_bad", value=written)
    return found


def _worked(row: Row) -> bool:
    written = row.needed("worked", 32)
    worked = calendars.means_worked(written)
    if worked is None:
        raise Bad("worked_bad", column=row.headings["worked"], value=written)
    return worked


def _windows(row: Row) -> Windows | None:
    written = row.text("windows", 100)
    if not written:
        return None
    try:
        windows = calendars.read_windows(written)
    except ValueError:
        raise Bad("windows_wrong", value=written) from None
    if windows is None:
        raise Bad("windows_bad", value=written)
    return windows
