"""Importing the rota (排班表): 姓名, 手机号, 类型, 区域, 日子, 时间, 地点, 每次几分钟, 身份.

Who is not known by their number yet becomes a person, with no post: a delegate holds none. Rows
that a list does not mention stay.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import calendars, people
from storage.importing.calendar_rows import day_written
from storage.importing.places import Places
from storage.importing.reading import Row, default_county, same
from storage.importing.report import Bad, BadRow, Item, Outcome, hidden
from storage.names import DATA, bare, simplify
from storage.people import Person
from storage.phones import masked, normal_phone
from storage.rota import RotaRow

LAST_DAY = 31


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((DATA / "legal" / "rota.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class When:
    """One kind of day, as `RotaRow` has it."""

    weekday: int = -1
    nth: int = 0
    month_day: int = 0
    day: str = ""


@dataclass(frozen=True, slots=True)
class RotaListRow:
    """What a row of the list says; it may come to several rows of the rota (周一到周五)."""

    name: str
    phone: str
    duty: str
    area_id: int
    whens: tuple[When, ...]
    begins: int
    facts: dict[str, str | int]


class RotaRows:
    """Checks and applies the rows of a rota list."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._places = Places(session)
        self._seen: dict[tuple[str, str, int, When, int], int] = {}
        self._named: dict[str, tuple[str, int]] = {}

    def check(self, row: Row) -> RotaListRow:
        """The row, ready. Raises Bad."""
        name = row.needed("name", 64)
        written = row.needed("phone")
        phone = normal_phone(written)
        if phone is None:
            raise Bad("phone_bad", column=row.headings["phone"], phone=hidden(written))
        self._check_name(name, phone, row.number)
        begins, ends = _time(row)
        ready = RotaListRow(
            name=name,
            phone=phone,
            duty=_duty(row),
            area_id=self._area(row.needed("area", 200)),
            whens=_whens(row.date_or_text("day", 64)),
            begins=begins,
            facts={
                "ends": ends,
                **{key: row.text(key, most) for key, most in TEXTS.items() if row.has(key)},
                **({"slot": _slot(row, ends - begins)} if row.has("slot") else {}),
            },
        )
        for when in ready.whens:
            key = (phone, ready.duty, ready.area_id, when, begins)
            if key in self._seen:
                raise Bad("row_twice", first=self._seen[key])
            self._seen[key] = row.number
        self._named.setdefault(phone, (name, row.number))
        return ready

    def _area(self, written: str) -> int:
        county = self._places.county
        if county is not None and bare(written) == bare(default_county()):
            return county.id
        return self._places.path(written)

    def _check_name(self, name: str, phone: str, number: int) -> None:
        listed = self._named.get(phone)
        if listed is not None and not same(listed[0], name):
            raise Bad("name_differs", phone=masked(phone), first=listed[1])
        known = people.find_by_phone(self._session, phone)
        if known is not None and known.name and not same(known.name, name):
            raise Bad("phone_of_another", phone=masked(phone), known=known.name)

    def check_together(self, items: list[Item[RotaListRow]]) -> list[BadRow]:
        """Nothing here depends on another row."""
        return []

    def apply(self, items: list[Item[RotaListRow]]) -> Iterator[Outcome]:
        """Write the rows down; what became of each."""
        for item in items:
            yield self._one(item.content)

    def _one(self, row: RotaListRow) -> Outcome:
        person = people.find_by_phone(self._session, row.phone)
        if person is None:
            person = Person(name=row.name, created_at=self._now)
            self._session.add(person)
            people.set_phone(self._session, person, row.phone, True)
            self._session.flush()
        outcomes = {self._when(row, person.id, when) for when in row.whens}
        self._session.flush()
        if "added" in outcomes:
            return "added"
        return "changed" if "changed" in outcomes else "unchanged"

    def _when(self, row: RotaListRow, person_id: int, when: When) -> Outcome:
        known = self._session.scalars(
            select(RotaRow).where(
                RotaRow.person_id == person_id,
                RotaRow.duty == row.duty,
                RotaRow.area_id == row.area_id,
                RotaRow.weekday == when.weekday,
                RotaRow.nth == when.nth,
                RotaRow.month_day == when.month_day,
                RotaRow.day == when.day,
                RotaRow.begins == row.begins,
            )
        ).first()
        if known is None:
            self._session.add(
                RotaRow(
                    person_id=person_id, duty=row.duty, area_id=row.area_id, weekday=when.weekday,
                    nth=when.nth, month_day=when.month_day, day=when.day, begins=row.begins,
                    **row.facts,
                )
            )  # fmt: skip
            return "added"
        changes = {key: value for key, value in row.facts.items() if getattr(known, key) != value}
        for key, value in changes.items():
            setattr(known, key, value)
        return "changed" if changes else "unchanged"


TEXTS = {"place": 128, "title": 64}


def _duty(row: Row) -> str:
    written = row.needed("duty", 32)
    for duty, words in _words()["duty"].items():
        if bare(written) in map(bare, words):
            return str(duty)
    known = "、".join(words[0] for words in _words()["duty"].values())
    raise Bad("word_bad", column=row.headings["duty"], value=written, allowed=known)


def _time(row: Row) -> tuple[int, int]:
    written = row.needed("time", 32)
    try:
        windows = calendars.read_windows(written)
    except ValueError:
        windows = None
    if windows is None or len(windows) != 1:
        raise Bad("one_window", value=written)
    return windows[0].opens, windows[0].closes


def _slot(row: Row, whole: int) -> int:
    written = row.text("slot", 8) or "0"
    most = min(whole, int(_words()["most_slot"]))
    if not written.isdecimal() or int(written) > most:
        raise Bad("number_bad", column=row.headings["slot"], most=most, value=written)
    return int(written)


def _whens(written: str) -> tuple[When, ...]:
    """The days that a cell names. Raises Bad."""
    words, plain = _words()["day"], simplify(written).replace(" ", "")
    if re.fullmatch(words["every_day"], plain):
        return tuple(When(weekday=n) for n in range(7))
    if match := re.fullmatch(words["span"], plain):
        first, last = (_weekday(one) for one in match.groups())
        if first < last:
            return tuple(When(weekday=n) for n in range(first, last + 1))
    if match := re.fullmatch(words["nth"], plain):
        nth, day = match.groups()
        return (
            When(weekday=_weekday(day), nth=int(nth) if nth.isdecimal() else _weekday(nth) + 1),
        )
    if match := re.fullmatch(words["weekly"], plain):
        named = re.findall(words["one"], match.group(1))
        return tuple(When(weekday=day) for day in dict.fromkeys(map(_weekday, named)))
    if (match := re.fullmatch(words["month_day"], plain)) and 1 <= int(match[1]) <= LAST_DAY:
        return (When(month_day=int(match[1])),)
    return (When(day=_date(written).isoformat()),)


def _date(written: str) -> date:
    try:
        return day_written(written)
    except Bad:
        raise Bad("rota_day", value=written) from None


def _weekday(word: str) -> int:
    digits: str = _words()["digits"]
    return digits.index(word) if word in digits else len(digits) - 1
