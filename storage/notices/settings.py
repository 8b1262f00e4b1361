"""What stands in data/notices.toml: ready-made texts, the size that needs a second admin, quiet
hours of notices."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from storage.quiet_hours import Quiet, ends

_BLANK = re.compile("\u3010[^\u3010\u3011\n]*\u3011")
"""【...】, what is to be filled in."""
FILE = Path(__file__).parent.parent / "data" / "notices.toml"


@dataclass(frozen=True, slots=True)
class Form:
    """A ready-made text with blanks in 【】."""

    key: str
    label: str
    text: str


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


@cache
def forms() -> dict[str, Form]:
    """The ready-made texts by key, in the order of the file."""
    return {key: Form(key, one["label"], one["text"]) for key, one in _file()["forms"].items()}


def needs_approval(size: int) -> bool:
    """Whether an audience of this size needs a second admin."""
    return size >= int(_file()["needs_approval"])


def first_reminder(*, emergency: bool) -> timedelta:
    """How long a notice waits for a second admin before they are reminded."""
    key = "remind_minutes_emergency" if emergency else "remind_minutes"
    return timedelta(minutes=_file()[key])


def next_reminder() -> timedelta:
    """How long until they are reminded again."""
    return timedelta(hours=_file()["remind_again_hours"])


def grace(*, timed: bool) -> timedelta:
    """How long after its time (or, with none, its writing) what is agreed to still goes at once."""
    if timed:
        return timedelta(minutes=_file()["late_minutes"])
    return timedelta(hours=_file()["stale_hours"])


def board_pause() -> timedelta:
    """How long the progress stands before it is brought up to date again."""
    return timedelta(seconds=_file()["board_seconds"])


def not_before(at: datetime, zone: ZoneInfo) -> datetime:
    """`at`, or the end of the notices' quiet hours where it lies in them."""
    quiet = Quiet(_minute(_file()["quiet_from"]), _minute(_file()["quiet_until"]))
    end = ends(quiet, at, zone)
    return at if end is None else end.astimezone(at.tzinfo)


def rests(at: datetime, zone: ZoneInfo) -> bool:
    """Whether it is in the notices' quiet hours."""
    return not_before(at, zone) > at


def most_units() -> int:
    """How long the words of a notice may be, in UTF-16 units: with head and foot they are to fit
    into one message of every platform, so that a correction can change it."""
    return int(_file()["most_units"])


def units(text: str) -> int:
    """How long a text is, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def blanks_left(text: str) -> list[str]:
    """The blanks of the ready-made texts that still stand in `text`, each once, in order."""
    known = {blank for form in forms().values() for blank in _BLANK.findall(form.text)}
    return [blank for blank in dict.fromkeys(_BLANK.findall(text)) if blank in known]


def asks_for_replies(text: str) -> bool:
    """Whether the words of a notice ask people for their opinion."""
    return re.search(_file()["asks_for_replies"], text) is not None


def month_began(now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of this month where people live."""
    local = now.astimezone(zone)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)


def _minute(clock: str) -> int:
    of_day = time.fromisoformat(clock)
    return of_day.hour * 60 + of_day.minute
