"""Which time a report is about: weeks, months and years as people here count them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.questions import Answered, Json, Missed, Option, Pick, Prompt, Question, Reading
from handlers.talk import Said, Talk
from storage.periods import names_a_door, period_in
from storage.pieces import rest

NAMED = ("this_week", "this_month", "last_month", "this_year")
OTHER = "other"
BETWEEN = "/"
"""Between the first and the last day of a stored answer that is none of `NAMED`."""
_DATE = re.compile(r"(?<!\d)(?:(20\d\d)\D{1,3})?(\d{1,2})\D{1,3}(\d{1,2})(?!\d)")
_MONTH = re.compile(r"(?<!\d)(20\d\d)\D{1,3}(\d{1,2})\D{0,3}")


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins here."""
    return datetime.combine(day, time(), zone)


def named(name: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until (not including) when; a span that is not over yet is given whole.

    name: one of `NAMED`; a week begins on Monday.
    """
    today = now.astimezone(zone).date()
    first = today.replace(day=1)
    if name == "this_week":
        first = today - timedelta(days=today.weekday())
        last = first + timedelta(days=7)
    elif name == "this_month":
        last = next_month(first)
    elif name == "last_month":
        first, last = (first - timedelta(days=1)).replace(day=1), first
    else:
        first = today.replace(month=1, day=1)
        last = first.replace(year=first.year + 1)
    return midnight(first, zone), midnight(last, zone)


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def typed(text: str, today: date) -> tuple[date, date] | None:
    """The first and the last day that a text names; None when it names none, or says more.

    Two dates (2026-1-1 到 2026年3月31日; without a year: this one), one date, one month, or a
    period as people name it (上上个月, 第三季度). The numbers of a door (3栋1单元) are none.
    """
    if names_a_door(text):
        return None
    try:
        days = [
            date(int(year or today.year), int(month), int(day))
            for year, month, day in _DATE.findall(text)
        ]
        if 1 <= len(days) <= 2 and days[0] <= days[-1]:
            return days[0], days[-1]
        month = _MONTH.fullmatch(text.strip())
        if month and not days:
            first = date(int(month[1]), int(month[2]), 1)
            return first, next_month(first) - timedelta(days=1)
    except ValueError:  # the 31st of June
        return None
    period = period_in(text, today)
    return (period.first, period.last) if period and not period.rest else None


def days_of(answer: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until (not including) when: of one of `NAMED`, or of `stored`."""
    if BETWEEN not in answer:
        return named(answer, now, zone)
    first, last = map(date.fromisoformat, answer.split(BETWEEN))
    return midnight(first, zone), midnight(last + timedelta(days=1), zone)


def stored(first: date, last: date) -> str:
    """The answer that means these days."""
    return f"{first.isoformat()}{BETWEEN}{last.isoformat()}"


class When(Pick):
    """One of the times that are offered, or one that is typed."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        reading = super().read(said, picked, talk, draft)
        if not isinstance(reading, Missed):
            return reading
        found = typed(said.text, today(talk)) or typed(
            rest(said.text, talk.words("asked_figures.around")), today(talk)
        )
        return Answered(stored(*found)) if found else reading

    def holds(self, stored: Json, talk: Talk) -> bool:
        return super().holds(stored, talk) or (isinstance(stored, str) and BETWEEN in stored)


def today(talk: Talk) -> date:
    """The day it is where people live."""
    return talk.now.astimezone(talk.zone).date()


class Days(Question[list[str]]):
    """From which day to which, typed: two dates as ISO texts."""

    counts = True

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt(facts=self.facts)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        found = typed(said.text, today(talk))
        return Answered([day.isoformat() for day in found]) if found else Missed()

    def words(self, stored: Json, talk: Talk) -> str:
        return " – ".join(stored)
