"""The working time of each area: what the program ships, overlaid by what the county set.

Ordinary windows and single dates are each taken from the nearest area up the tree that says
something about them. A date beats the ordinary windows, whoever said either.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from storage import areas
from storage.base import Base
from storage.entries import Outcome
from storage.names import DATA, simplify
from storage.working_time import MINUTES_A_DAY, Calendar, Override, Window, Windows, in_order

LONGEST_NOTE = 64

_PAIR = r"([01]?\d|2[0-4]):([0-5]\d)[^\w:]+([01]?\d|2[0-4]):([0-5]\d)"


class CalendarRule(Base):
    """The ordinary windows of an area and all beneath it: [[510, 720], ...], minutes of the day.

    set_by is None for what came with a list.
    """

    __tablename__ = "calendars"

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), unique=True)
    windows: Mapped[list[list[int]]] = mapped_column(JSON)
    set_at: Mapped[datetime]
    set_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class CalendarDay(Base):
    """One date that differs for an area and all beneath it; windows None: the ordinary ones."""

    __tablename__ = "calendar_days"
    __table_args__ = (UniqueConstraint("area_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    day: Mapped[date]
    worked: Mapped[bool]
    windows: Mapped[list[list[int]] | None] = mapped_column(JSON(none_as_null=True))
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE), default="")

    @property
    def override(self) -> Override:
        """What it means for a calendar."""
        return Override(self.worked, None if self.windows is None else _read(self.windows))


@dataclass(frozen=True, slots=True)
class _Known:
    """All that was set, by area, and the calendars that were made of it in this transaction."""

    windows: dict[int, Windows]
    days: dict[int, dict[date, Override]]
    made: dict[tuple[ZoneInfo, tuple[int, ...]], Calendar]


_known: WeakKeyDictionary[SessionTransaction, _Known] = WeakKeyDictionary()


def calendar_for(session: Session, area_id: int, zone: ZoneInfo) -> Calendar:
    """The working time of an area. Raises areas.UnknownArea.

    Takes two queries once in a transaction, and one for an area that is not loaded yet.
    """
    lineage = areas.get(session, area_id).lineage
    known = _everything(session)
    # Most areas have nothing of their own and share the calendar of what is above them.
    said = tuple(id for id in lineage if id in known.windows or id in known.days)
    if (zone, said) not in known.made:
        windows, days = default_windows(), dict[date, Override]()
        for id in said:  # from the county down, so that the nearest stands
            windows = known.windows.get(id, windows)
            days |= known.days.get(id, {})
        overrides = tuple(sorted(days.items(), key=lambda item: item[0]))
        known.made[zone, said] = _calendar(windows, overrides, zone)
    return known.made[zone, said]


def set_windows(
    session: Session, area_id: int, windows: Windows, now: datetime, by: int | None
) -> Outcome:
    """Set the ordinary windows of an area and all beneath it. Raises ValueError, see `in_order`.

    by: the person who set them; None for a list. What is so already stays as it was.
    """
    written = _written(in_order(windows))
    rule = session.scalars(select(CalendarRule).where(CalendarRule.area_id == area_id)).first()
    if rule is not None and rule.windows == written:
        return "unchanged"
    outcome: Outcome = "added" if rule is None else "changed"
    if rule is None:
        rule = CalendarRule(area_id=area_id)
        session.add(rule)
    rule.windows, rule.set_at, rule.set_by = written, now, by
    _forget(session)
    return outcome


def set_day(session: Session, area_id: int, day: date, override: Override, note: str) -> Outcome:
    """Say how a date differs for an area and all beneath it; what was said before is replaced."""
    windows = None if override.windows is None else _written(override.windows)
    row = day_of(session, area_id, day)
    if row is None:
        row = CalendarDay(area_id=area_id, day=day)
        session.add(row)
        outcome: Outcome = "added"
    elif (row.override, row.note) == (override, note[:LONGEST_NOTE]):
        return "unchanged"
    else:
        outcome = "changed"
    row.worked, row.windows, row.note = override.worked, windows, note[:LONGEST_NOTE]
    _forget(session)
    return outcome


def day_of(session: Session, area_id: int, day: date) -> CalendarDay | None:
    """What was said of a date for this very area."""
    return session.scalars(
        select(CalendarDay).where(CalendarDay.area_id == area_id, CalendarDay.day == day)
    ).first()


def drop_day(session: Session, area_id: int, day: date) -> bool:
    """Let a date go by what stands above the area again. Whether something was set."""
    row = day_of(session, area_id, day)
    if row is None:
        return False
    session.delete(row)
    _forget(session)
    return True


def days_known(session: Session, area_id: int, first: date, last: date) -> list[CalendarDay]:
    """The dates from `first` to `last` (both inclusive) that differ for an area, the nearest of
    several sayings each, in order. Raises areas.UnknownArea."""
    lineage = areas.get(session, area_id).lineage
    rows = session.scalars(
        select(CalendarDay).where(
            CalendarDay.area_id.in_(lineage), CalendarDay.day.between(first, last)
        )
    )
    nearest = {row.day: row for row in sorted(rows, key=lambda row: lineage.index(row.area_id))}
    return [nearest[day] for day in sorted(nearest)]


@cache
def default_windows() -> Windows:
    """The windows of a working day where nobody set any (storage/data/calendar.toml)."""
    windows = read_windows(_data()["windows"])
    assert windows is not None
    return windows


def read_windows(text: str) -> Windows | None:
    """Windows as people write them: 8:30-12:00 14:30-17:30, ８：３０至１２：００、..., 全天.

    None for what cannot be read; a day's second half must be written 14:30, never 下午2:30.
    Raises ValueError for windows that overlap, end before they begin or leave the day.
    """
    words = simplify(text)
    if words in _data()["words"]["whole_day"]:
        return (Window(0, MINUTES_A_DAY),)
    for word in _data()["words"]["until"]:
        words = words.replace(word, "-")
    if not re.fullmatch(rf"{_PAIR}([^\w:]+{_PAIR})*", words):
        return None
    numbers = [[int(part) for part in pair] for pair in re.findall(_PAIR, words)]
    return in_order(Window(h * 60 + m, to_h * 60 + to_m) for h, m, to_h, to_m in numbers)


def means_ordinary(text: str) -> bool:
    """Whether a list's word for a date means every ordinary working day (平时)."""
    return simplify(text) in _data()["words"]["ordinary"]


def means_worked(text: str) -> bool | None:
    """Whether a list's word means worked (上班, 补班) or off (放假, 休); None for neither."""
    words = simplify(text)
    if words in _data()["words"]["worked"]:
        return True
    return False if words in _data()["words"]["off"] else None


def _everything(session: Session) -> _Known:
    transaction = _transaction(session)
    if transaction in _known:
        return _known[transaction]
    rules = session.execute(select(CalendarRule.area_id, CalendarRule.windows))
    known = _Known({area_id: _read(windows) for area_id, windows in rules}, {}, {})
    for row in session.scalars(select(CalendarDay)):
        known.days.setdefault(row.area_id, {})[row.day] = row.override
    _known[transaction] = known
    return known


def _forget(session: Session) -> None:
    """What was loaded is no longer so, in this transaction and in those around it."""
    session.flush()
    transaction: SessionTransaction | None = _transaction(session)
    while transaction is not None:
        _known.pop(transaction, None)
        transaction = transaction.parent


def _transaction(session: Session) -> SessionTransaction:
    """The savepoint or transaction that this session is in just now; one is begun if it is not."""
    found = session.get_nested_transaction() or session.get_transaction()
    return found if found is not None else session.begin()


@lru_cache(maxsize=128)
def _calendar(
    windows: Windows, overrides: tuple[tuple[date, Override], ...], zone: ZoneInfo
) -> Calendar:
    """One object for equal calendars, so that its table of a year is made once."""
    return Calendar(windows, overrides, zone)


def _written(windows: Windows) -> list[list[int]]:
    return [[window.opens, window.closes] for window in windows]


def _read(windows: list[list[int]]) -> Windows:
    return tuple(Window(opens, closes) for opens, closes in windows)


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((DATA / "calendar.toml").read_text("utf-8"))
