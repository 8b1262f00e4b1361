"""Moments, times of day and spans as people say them: 明晚7点半, 21:30, 两个小时, 半天.

The words are data (`data/times.toml`). A moment that is over, or that no calendar has (2月30日,
凌晨9点), is never taken for another one: `hear_moment` says what is wrong with it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from storage.dates import days_named
from storage.names import digits, simplify

WORDS = Path(__file__).parent / "data" / "times.toml"
DAY = 24 * 60


class Fault(StrEnum):
    """Why words name no moment. no_clock: a day, and not at what time. unclear: several times, or
    none in particular (周末, 过两天). nothing: no words about time."""

    PAST = "past"
    IMPOSSIBLE = "impossible"
    NO_CLOCK = "no_clock"
    UNCLEAR = "unclear"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Heard:
    """The moment that words name; where they name none, why."""

    at: datetime | None
    fault: Fault | None = None


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text("utf-8"))


@cache
def _hours() -> dict[str, list[list[int]]]:
    """Each part of the day with its hours, longer words first."""
    known = {word: row["hours"] for row in _words()["clock"]["parts"] for word in row["words"]}
    return dict(sorted(known.items(), key=lambda one: -len(one[0])))


@cache
def _part() -> str:
    return f"(?:{'|'.join(_hours())})"


@cache
def _clock() -> re.Pattern[str]:
    """A time of day: 晚上9点, 21:30, 差5分9点, 9am."""
    words = _words()["clock"]
    part = rf"(?P<part>{_part()})?{words['between']}"
    return re.compile(rf"{part}(?:{words['short_of']})?{words['hour']}{words['behind']}")


@cache
def _letters() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_words()["letters"], key=len, reverse=True)))


def _core(text: str) -> str:
    return re.sub(_words()["span"]["around"], "", digits(_spelled(text)).strip()).strip()


def _spelled(text: str) -> str:
    """`text` in one script, with words in Latin letters as characters (mingtian → 明天)."""
    plain = simplify(text).replace(";", ":")
    if not re.search("[a-z]", plain):
        return plain
    plain = re.sub(r"(?<=[a-z])\s+(?=[a-z])", "", plain)
    known = _words()["letters"]

    def spell(run: re.Match[str]) -> str:
        rest = _letters().sub("", run.group())
        return run.group() if rest else _letters().sub(lambda one: known[one.group()], run.group())

    return re.sub("[a-z]+", spell, plain)


def time_of_day(text: str) -> int | None:
    """The minute of the day that `text` names (0 to 1439), or None.

    21:30, 21点半, 晚上9点, 七点半. 24点 and 晚上12点 are midnight. A bare hour is taken as it is
    said.
    """
    match = _clock().fullmatch(_core(text))
    minute = None if match is None else _minute(match)
    return None if minute is None else minute % DAY


def spans_of_the_day(text: str) -> tuple[int, int] | None:
    """From which minute of the day until which `text` says (晚上8点到早上8点, 22:00-6:30); None
    where it names no two."""
    parts = re.split(_words()["clock"]["between_two"], digits(_spelled(text)).strip())
    minutes = [time_of_day(part) for part in parts if part.strip()]
    if len(minutes) != 2 or minutes[0] == minutes[1]:
        return None
    begins, ends = minutes
    return None if begins is None or ends is None else (begins, ends)


def _minute(match: re.Match[str], *, appointed: bool = False) -> int | None:
    """The minute counted from the beginning of the day that is named (晚上12点 is the 1440th), or
    None for a time that there is not.

    appointed: as people make appointments: 3点 without more is in the afternoon.
    """
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        minute = 30
    elif match["quarter"]:
        minute = 15 * int(match["quarter"])
    less = 15 if match["less_quarter"] else int(match["less"] or 0)
    if hour > 24 or minute > 59 or less > 59 or (hour == 24 and minute):
        return None
    half_day = match["half_day"] or match["bare_half_day"]
    if half_day:
        if not 1 <= hour <= 12 or match["part"]:
            return None
        hour = hour % 12 + (12 if half_day == "pm" else 0)
    elif match["part"]:
        rows = _hours()[match["part"]]
        added = next((more for first, last, more in rows if first <= hour <= last), None)
        if added is None:
            return None
        hour += added
    elif appointed and 1 <= hour < _words()["clock"]["first_hour"] and ":" not in match.group():
        hour += 12
    return hour * 60 + minute - less


def moment_in(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment that `text` names (明天下午3点, 12月1日10:30), as seen from `now`; None where
    `hear_moment` finds none."""
    return hear_moment(text, now, zone).at


def hear_moment(text: str, now: datetime, zone: ZoneInfo) -> Heard:
    """The moment that `text` names, as seen from `now`, or why it names none.

    Without a day it is the next time that the clock says so. 今晚12点 is the end of today, 今晚2点
    the night after it, 明天凌晨2点 before tomorrow's morning.
    """
    plain = _spelled(text)
    wait = _from_now(digits(plain))
    if wait is not None:
        return Heard(now + wait)
    for fault in (Fault.PAST, Fault.UNCLEAR):
        if re.search(_words()["day"][fault], plain):
            return Heard(None, fault)
    here = now.astimezone(zone)
    days, rest = days_named(_dotted(plain, here.date()), here.date())
    clocks = _clocks(digits(rest))
    if None in days or None in clocks:
        return Heard(None, Fault.IMPOSSIBLE)
    if len(set(days)) > 1 or len(set(clocks)) > 1:
        return Heard(None, Fault.UNCLEAR)
    if not clocks:
        told = days or re.search(_part(), rest)
        return Heard(None, Fault.NO_CLOCK if told else Fault.NOTHING)
    minute = clocks[0]
    assert minute is not None
    day = days[0] if days else None
    if day is None:
        minute %= DAY
    found = datetime.combine(day or here.date(), time(), zone) + timedelta(minutes=minute)
    if day is None and found <= here:
        found += timedelta(days=1)
    if found <= here:
        return Heard(None, Fault.PAST)
    return Heard(found.astimezone(now.tzinfo))


def _dotted(plain: str, today: date) -> str:
    """9.30 behind a day or a part of it as 9:30."""
    dotted = _words()["clock"]["dotted"]
    apart = re.sub(dotted, " ", plain)
    if days_named(apart, today)[0] or re.search(_part(), apart):
        return re.sub(dotted, r"\1:\2", plain)
    return plain


def _clocks(rest: str) -> list[int | None]:
    """The times of day in `rest`; of 3点到5点 only where it begins."""
    until = re.compile(_words()["clock"]["until"])
    found: list[int | None] = []
    for match in _clock().finditer(rest):
        if not (found and until.search(rest[: match.start()])):
            found.append(_minute(match, appointed=True))
    return found


def _from_now(plain: str) -> timedelta | None:
    """How long from now `plain` says (半小时后, 再过2小时, 1小时20分钟后); None where it does not.

    Who counts days names a time of day with them.
    """
    words = _words()["span"]
    one = re.sub(r"\?P<\w+>", "?:", words["pattern"])
    pattern = rf"{words['begins']}(?P<spans>(?:{one}\s*)+){words['ends']}"
    for match in re.finditer(pattern, plain):
        spans = list(re.finditer(words["pattern"], match["spans"]))
        days = any(
            span["unit"] == max(words["minutes"], key=words["minutes"].get) for span in spans
        )
        if (match["begins"] or match["ends"]) and not days:
            return sum((_length(span) for span in spans), timedelta()) or None
    return None


def span(text: str) -> timedelta | None:
    """How long `text` says (2小时, 一个半小时, 半小时, 40分钟, 2天), or None. Never nothing."""
    match = re.fullmatch(_words()["span"]["pattern"], _core(text))
    return None if match is None else _length(match) or None


def _length(match: re.Match[str]) -> timedelta:
    unit = _words()["span"]["minutes"][match["unit"]]
    count = int(match["count"]) if match["count"].isdecimal() else 0.5
    halves = 0.5 if match["half"] or match["half_before"] else 0.0
    return timedelta(minutes=round((count + halves) * unit))
