"""Quiet hours: when a person is not to be woken by what can wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from storage import preferences

KEY = "quiet"
OFF = "off"


@dataclass(frozen=True, slots=True)
class Quiet:
    """From when until when, in minutes of the local day; over midnight where it ends earlier."""

    begins: int
    ends: int


DEFAULT = Quiet(21 * 60, 7 * 60 + 30)
"""21:00 to 7:30, for who set nothing."""


def of(session: Session, person_id: int) -> Quiet | None:
    """A person's quiet hours; None when they want none."""
    kept: Any = preferences.get(session, person_id, KEY)
    if kept is None:
        return DEFAULT
    return None if kept == OFF else Quiet(kept[0], kept[1])


def put(session: Session, person_id: int, quiet: Quiet | None, now: datetime) -> None:
    """Set them; None: no quiet hours at all. Equal ends mean none too."""
    value = OFF if quiet is None or quiet.begins == quiet.ends else [quiet.begins, quiet.ends]
    preferences.put(session, person_id, KEY, value, now)


def until(session: Session, person_id: int, at: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours that hold at this moment end; None when none do."""
    quiet = of(session, person_id)
    return None if quiet is None else ends(quiet, at, zone)


def ends(quiet: Quiet, at: datetime, zone: ZoneInfo) -> datetime | None:
    """When these quiet hours end; None when they do not hold at this moment."""
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if quiet.begins < quiet.ends:
        holds = quiet.begins <= minute < quiet.ends
    else:
        holds = minute >= quiet.begins or minute < quiet.ends
    if not holds:
        return None
    day = local.date() + timedelta(days=minute >= quiet.ends)
    return datetime.combine(day, time(quiet.ends // 60, quiet.ends % 60), zone)
