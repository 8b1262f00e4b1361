"""Leave that is asked for in a sentence: from when, until when, as far as it says so."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
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
    how long, in their words, where it is less than a day. part, last_part: of which part of the
    first and of the last day (a key of ``[parts]``); half: half a day, not said which. more: on top
    of what was asked for before."""

    first: date | None = None
    last: date | None = None
    days: int | None = None
    hours: str = ""
    part: str = ""
    last_part: str = ""
    half: bool = False
    more: bool = False


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text("utf-8"))


def leave_in(text: str, today: date) -> Leave | None:
    """The leave that `text` asks for, as seen from `today`; None where it asks for none.

    Words of resting (后天休息), or of more of it (再请两天), count only where no other words than
    of days stand beside them.
    """
    words = _words()
    if len(text) > words["longest"] or re.search(
        words["not"], re.sub(words["stands_in"], "", simplify(text))
    ):
        return None
    plain = re.sub(r"\s+", "", simplify(text))
    for spoken, meant in words["spoken"].items():
        plain = plain.replace(spoken, meant)
    plain = digits(plain)
    more = re.search(words["more"], plain) is not None
    strong = re.search(words["leave"], plain) is not None
    plainly = re.search(f"{words['more_plainly']}|{words['plain']}", plain)
    if not (strong or plainly):
        return None
    rest = re.sub(words["leave"] if strong else words["plain"], " ", plain)
    if more:
        rest = re.sub(words["more_said"], " ", rest)
    rest = bare(re.sub(words["said"], " ", rest))
    if len(rest) > (words["reason"] if strong else 0):
        return None
    found = _days(plain, today)
    if not strong and found == Leave():
        return None
    return replace(found, more=more)


def names_a_deputy(text: str) -> bool:
    """Whether the words say of somebody that they stand in (吴芳替我)."""
    return re.search(_words()["stands_in"], simplify(text)) is not None


def _days(plain: str, today: date) -> Leave:
    words = _words()
    ends = re.search(words["until"], plain)
    if ends is not None:
        before, behind = plain[: ends.start()], plain[ends.end() :]
        first, last = day_in(before, today), day_in(behind, today)
        if first is not None and last is not None and last < first:
            last = day_in(behind, first)
        if last is not None:
            return Leave(first, last, part=part_in(before), last_part=part_in(behind))
    first, part = day_in(plain, today), part_in(plain)
    hours = re.search(words["hours"], plain)
    half = hours is not None and hours[0] == words["half"]
    if hours is not None and first in (None, today) and not (half and part):
        return Leave(hours=hours[0])
    days = days_in(re.sub(f"{words['hours']}|{words['later']}", "", plain))
    if part and first is None and days is None:
        first = today
    if days is None and first is not None and not re.search(words["begins"], plain):
        days = 1
    if first is not None and days is not None:
        last = first + timedelta(days=days - 1)
        if last == first:
            return Leave(first, last, part=part, last_part=part, half=half and not part)
        return Leave(first, last, part=part)
    return Leave(first, None, days, part=part if first is not None else "")


def part_in(text: str) -> str:
    """The part of the day that a text names, a key of ``[parts]``; empty for none or several."""
    found = [key for key, part in _words()["parts"].items() if re.search(part["said"], text)]
    return found[0] if len(found) == 1 else ""


def is_half(text: str) -> bool:
    """Whether the words are half a day and no more (半天)."""
    return bare(simplify(text)) == str(_words()["half"])


def lasts(part: str) -> tuple[timedelta, timedelta]:
    """From when until when a part of a day lasts, from midnight; the whole day for none."""
    known = _words()["parts"].get(part, {"from": 0, "until": 24})
    return timedelta(hours=known["from"]), timedelta(hours=known["until"])


def part_of(since: timedelta, until: timedelta) -> str:
    """The part of one day that ends then and began then, or since it began; empty for none."""
    for key in _words()["parts"]:
        begins, ends = lasts(key)
        if until == ends and since >= begins and ends < timedelta(days=1):
            return str(key)
    return ""
