"""Leave that is asked for in a sentence: from when, until when, as far as it says so."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from storage.dates import day_in, days_in
from storage.names import bare, digits, simplify

WORDS = Path(__file__).parent / "data" / "leave_words.toml"


@dataclass(frozen=True, slots=True)
class Leave:
    """What was said of it; None is not said. days: how many, where no last day is said. hours: for
    how long, in their words, where it is less than a day."""

    first: date | None = None
    last: date | None = None
    days: int | None = None
    hours: str = ""


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text("utf-8"))


def leave_in(text: str, today: date) -> Leave | None:
    """The leave that `text` asks for, as seen from `today`; None where it asks for none.

    Words of resting (后天休息) count only where nothing but days stands beside them.
    """
    words = _words()
    if len(text) > words["longest"] or re.search(words["not"], simplify(text)):
        return None
    plain = re.sub(r"\s+", "", simplify(text))
    for spoken, meant in words["spoken"].items():
        plain = plain.replace(spoken, meant)
    plain = digits(plain)
    strong = re.search(words["leave"], plain)
    if strong is None and re.search(words["plain"], plain) is None:
        return None
    rest = re.sub(words["leave"] if strong else words["plain"], " ", plain)
    rest = bare(re.sub(words["said"], " ", rest))
    if len(rest) > (words["reason"] if strong else 0):
        return None
    found = _days(plain, today)
    if strong is None and found == Leave():
        return None
    return found


def _days(plain: str, today: date) -> Leave:
    words = _words()
    ends = re.search(words["until"], plain)
    if ends is not None:
        first, last = day_in(plain[: ends.start()], today), day_in(plain[ends.end() :], today)
        if first is not None and last is not None and last < first:
            last = day_in(plain[ends.end() :], first)
        if last is not None:
            return Leave(first, last)
    first = day_in(plain, today)
    hours = re.search(words["hours"], plain)
    if hours is not None and first in (None, today):
        return Leave(hours=hours[0])
    days = days_in(re.sub(f"{words['hours']}|{words['later']}", "", plain))
    if days is None and first is not None and not re.search(words["begins"], plain):
        days = 1
    if first is not None and days is not None:
        return Leave(first, first + timedelta(days=days - 1))
    return Leave(first, None, days)
