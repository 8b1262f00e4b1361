"""From when until when a leave is: days, or a part of one (明天下午), as asked and as told."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from handlers.questions import Answered, Json, Missed, Option, Partly, Prompt, Question, Reading
from handlers.talk import Said, Talk
from storage.absences import Absence
from storage.dates import day_in, days_in
from storage.leave_words import is_half, lasts, part_in, part_of

LONGEST = timedelta(days=366)
"""A leave that is longer is a post that ended; a typing error more likely."""
HALVES = ("morning", "afternoon")


class Moment(NamedTuple):
    """A day and which part of it; the whole of it for none."""

    day: date
    part: str = ""

    def stored(self) -> str:
        """As an answer keeps it."""
        return f"{self.day.isoformat()} {self.part}".strip()


def stored_moment(text: str) -> Moment:
    """What `Moment.stored` wrote."""
    day, _, part = text.partition(" ")
    return Moment(date.fromisoformat(day), part)


class Day(Question[Moment]):
    """A day from `earliest` on, or a part of it, picked or written in any way; `counts`: 三天 means
    that many days, `earliest` being the first. halves: what half a day is can be picked; half: it
    was said to be one, and only that is asked."""

    counts = True

    def __init__(
        self,
        name: str,
        /,
        earliest: date,
        *,
        labels: tuple[str, ...],
        counts: bool = False,
        half: bool = False,
        **facts: Json,
    ) -> None:
        super().__init__(name, **facts)
        self._earliest = earliest
        self._labels = labels
        self._counts = counts
        self._half = half

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        halves = [
            Option(Moment(self._earliest, half).stored(), talk.word(f"leave.{half}"))
            for half in HALVES
        ]
        if self._half or draft:
            return Prompt("half", self._facts(), halves)
        options = [
            Option((self._earliest + timedelta(days=days)).isoformat(), talk.word(label))
            for days, label in enumerate(self._labels)
        ]
        return Prompt(facts=self._facts(), options=[*options, *(halves if self._counts else ())])

    def _facts(self) -> dict[str, Any]:
        return {**self.facts, "earliest": self._earliest}

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        day = day_in(said.text, talk.now.astimezone(talk.zone).date())
        part = part_in(said.text)
        if day is None and self._counts:
            if is_half(said.text):
                return Partly(True, self.prompt(talk, True))
            days = days_in(said.text)
            day = self._earliest + timedelta(days=days - 1) if days else None
        if day is None and part:
            day = self._earliest
        if day is None or not self._earliest <= day <= self._earliest + LONGEST:
            return Missed()
        return Answered(Moment(day, part).stored())

    def value(self, stored: Json, talk: Talk) -> Moment:
        return stored_moment(stored)

    def holds(self, stored: Json, talk: Talk) -> bool:
        return stored_moment(stored).day >= self._earliest


def begins_at(talk: Talk, first: Moment) -> datetime:
    """When a leave begins: not before now."""
    return max(talk.now, _midnight(talk, first.day) + lasts(first.part)[0])


def ends_at(talk: Talk, last: Moment) -> datetime:
    """When a leave is over."""
    return _midnight(talk, last.day) + lasts(last.part)[1]


def _midnight(talk: Talk, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=talk.zone)


def is_part_of_a_day(first: Moment, last: Moment) -> bool:
    """Whether it is only a part of one day: what is open stays where it is then."""
    return first.day == last.day and bool(first.part) and first.part == last.part


def told(talk: Talk, since: datetime, until: datetime) -> dict[str, Any]:
    """From when until when an absence is, as templates tell it (leave/_span.j2)."""
    begins = since.astimezone(talk.zone)
    last = (until - timedelta(microseconds=1)).astimezone(talk.zone).date()
    first = begins.date()
    ends = until.astimezone(talk.zone) - _midnight(talk, last)
    from_midnight = begins - _midnight(talk, first)
    if first == last:
        part = part_of(from_midnight, ends)
        return {"first": first, "last": last, "part": _word(talk, part), "last_part": ""}
    first_part = next(
        (key for key in HALVES if from_midnight and from_midnight == lasts(key)[0]), ""
    )
    last_part = next((key for key in HALVES if ends == lasts(key)[1]), "")
    parts = {"part": _word(talk, first_part), "last_part": _word(talk, last_part)}
    return {"first": first, "last": last, **parts}


def told_of(talk: Talk, absence: Absence) -> dict[str, Any]:
    """The same of an absence that is written down."""
    return told(talk, absence.since, absence.until)


def _word(talk: Talk, part: str) -> str:
    return talk.word(f"day_part.{part}") if part else ""
