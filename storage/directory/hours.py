"""Opening hours as shops write them, read far enough to say whether one is open now."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from storage.names import digits, simplify

DATA = Path(__file__).parent.parent / "data" / "directory" / "hours.toml"
WEEK = 7
LETTERS = "abcdefg"
DAY = 24 * 60


@cache
def _words() -> dict[str, str]:
    """The patterns of hours.toml: how the language writes days and times."""
    patterns: dict[str, str] = tomllib.loads(DATA.read_text("utf-8"))
    return patterns


@dataclass(frozen=True, slots=True)
class Opening:
    """Open on these weekdays (Monday is 0) between two minutes of the day.

    until: beyond 1440 where a shop closes after midnight.
    """

    days: frozenset[int]
    since: int
    until: int


def open_now(hours: str, at: datetime) -> bool | None:
    """Whether hours as written (``8:00-20:00``, 周一至周五 9点到17点半, 24小时) include `at`.

    at: in the shop's own time zone. None when nothing is written or it cannot be read.
    """
    openings = read_hours(hours)
    if openings is None:
        return None
    minute, today = at.hour * 60 + at.minute, at.weekday()
    yesterday = (today - 1) % WEEK
    return any(
        (today in one.days and one.since <= minute < one.until)
        or (yesterday in one.days and one.since <= minute + DAY < one.until)
        for one in openings
    )


@lru_cache(maxsize=2048)
def read_hours(hours: str) -> tuple[Opening, ...] | None:
    """The openings that are written down; empty for a shop that is shut; None when unreadable."""
    words = _words()
    text = re.sub(r"\s+", "", digits(_lettered(simplify(hours))))
    if not text:
        return None
    if re.fullmatch(words["shut"], text):
        return ()
    closed, text = _closed_days(text)
    openings: list[Opening] = []
    days = frozenset(range(WEEK))
    for part in re.split(words["parts"], text):
        named = _days(part)
        days = named or days
        spans = [_span(match) for match in re.finditer(words["span"], part)]
        if not spans and re.search(words["always"], part):
            spans = [(0, DAY)]
        for span in spans:
            if span is None:
                return None
            openings.append(Opening(days - closed, *span))
    return tuple(openings) or None


def _lettered(text: str) -> str:
    """Weekdays as letters (周a is Monday), so that 周五9点 does not become 59."""
    words = _words()

    def letter(match: re.Match[str]) -> str:
        first, last = match["first"], match["last"]
        letters = [LETTERS[words["weekdays"].index(day) % WEEK] for day in (first, last) if day]
        return words["day"] + words["day_to"].join(letters)

    return re.sub(words["day_words"], letter, text)


def _closed_days(text: str) -> tuple[frozenset[int], str]:
    """The weekdays on which it rests (周日休息), and the text without them."""
    closed: set[int] = set()
    pattern = _words()["closed"]
    for match in re.finditer(pattern, text):
        closed |= _days(match[0])
    return frozenset(closed), re.sub(pattern, "", text)


def _days(text: str) -> frozenset[int]:
    words = _words()
    found: set[int] = set()
    for match in re.finditer(words["days"], text):
        first = LETTERS.index(match["first"])
        last = LETTERS.index(match["last"]) if match["last"] else first
        found |= {day % WEEK for day in range(first, last + 1 + (WEEK if last < first else 0))}
    if re.search(words["workdays"], text):
        found |= set(range(5))
    if re.search(words["weekend"], text):
        found |= {5, 6}
    return frozenset(found)


def _span(match: re.Match[str]) -> tuple[int, int] | None:
    """Two minutes of the day, or None where the clock has no such time."""
    since = _minute(match["since_word"], match["since"], match["since_min"], match["since_half"])
    until = _minute(match["until_word"], match["until"], match["until_min"], match["until_half"])
    if since is None or until is None:
        return None
    if until <= since and until < DAY / 2 and not match["until_word"] and since < DAY / 2:
        half_day = until + DAY // 2  # 8点-6点: nobody means six in the morning
        return (since, half_day) if half_day > since else None
    return since, until + (DAY if until <= since else 0)


def _minute(word: str | None, hour: str, minute: str | None, half: str | None) -> int | None:
    hours, minutes = int(hour), 30 if half else int(minute or 0)
    if word and re.fullmatch(_words()["after_noon"], word) and hours < 12:
        hours += 12
    if hours > 24 or minutes > 59:
        return None
    return hours * 60 + minutes
