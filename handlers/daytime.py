"""When people may be written to about what is not urgent: by day, never in the night."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST, LAST = time(8), time(20)
"""From (inclusive) and until (exclusive) when a reminder may come, on the clock of the place."""


def by_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """`moment`, or the next morning at `FIRST` where it lies in the night of this time zone."""
    local = moment.astimezone(zone)
    if FIRST <= local.time() < LAST:
        return moment
    day = local.date() if local.time() < FIRST else local.date() + timedelta(days=1)
    return datetime.combine(day, FIRST, zone).astimezone(moment.tzinfo)
