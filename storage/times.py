"""Times of day and spans of time as people write them: 晚上9点, 21:30, 两个小时, 半天."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from storage.dates import day_in
from storage.names import digits

WORDS = Path(__file__).parent / "data" / "times.toml"


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text("utf-8"))


def _core(text: str) -> str:
    return re.sub(_words()["span"]["around"], "", digits(text).strip()).strip()


def time_of_day(text: str) -> int | None:
    """The minute of the day that `text` names (0 to 1439), or None.

    21:30, 21点半, 晚上9点, 七点半. 24点 is midnight. A bare hour below 12 is taken as it is said.
    """
    words = _words()["clock"]
    match = re.fullmatch(words["pattern"], _core(text))
    if match is None:
        return None
    hour = int(match["hour"])
    minute = 30 if match["half"] else int(match["minute"] or 0)
    if match["part"] in words["after_noon"] and 1 <= hour < 12:
        hour += 12
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    return hour % 24 * 60 + minute


def clock_in(text: str) -> int | None:
    """The minute of the day (0 to 1439) of the first time of day somewhere in `text`, or None.

    As people make appointments: 3点 without more is in the afternoon, 中午11点 is before noon.
    """
    words = _words()["clock"]
    match = re.search(words["pattern"], digits(text))
    if match is None:
        return None
    hour = int(match["hour"])
    minute = 30 if match["half"] else int(match["minute"] or 0)
    late = match["part"] in words["after_noon"] and not (
        match["part"] in words["noon"] and hour > 9
    )
    early = not match["part"] and hour < words["first_hour"] and ":" not in match.group()
    if 1 <= hour < 12 and (late or early):
        hour += 12
    return None if hour > 23 or minute > 59 else hour * 60 + minute


def moment_in(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment that `text` names (明天下午3点, 12月1日10:30), as seen from `now`; None where it
    names no time of day, or one that is over.

    Without a day it is the next time that the clock says so.
    """
    minute = clock_in(text)
    if minute is None:
        return None
    here = now.astimezone(zone)
    day = day_in(text, here.date())
    found = datetime.combine(day or here.date(), time(minute // 60, minute % 60), zone)
    if day is None and found <= here:
        found += timedelta(days=1)
    return found.astimezone(now.tzinfo) if found > here else None


def span(text: str) -> timedelta | None:
    """How long `text` says (2小时, 一个半小时, 半小时, 40分钟, 2天), or None. Never nothing."""
    words = _words()["span"]
    match = re.fullmatch(words["pattern"], _core(text))
    if match is None:
        return None
    unit = words["minutes"][match["unit"]]
    count = int(match["count"]) if match["count"].isdecimal() else 0.5
    halves = 0.5 if match["half"] or match["half_before"] else 0.0
    minutes = round((count + halves) * unit)
    return timedelta(minutes=minutes) if minutes else None
