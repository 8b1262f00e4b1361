"""Matters as others write them down: one JSON object a line, times and places in any shape."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from storage.alike.matter import Matter

CHINA = timedelta(hours=8)
"""What a time without a zone is taken to be in; China has one zone and no summer time."""
EARLIEST, LATEST = 10.0**8, 4.0 * 10.0**9
"""Seconds (1973 to 2096) that are taken for a moment; a thousand times that for milliseconds."""

_MOMENT = re.compile(
    r"(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?"
    r"(?:[T\s]*(\d{1,2})[:\uff1a\u65f6](\d{1,2})(?:[:\uff1a\u5206](\d{1,2}))?)?"
)


class BadRecord(ValueError):
    """A line that is no matter. `reason` is a short code, `id` the line's, if it has one."""

    def __init__(self, reason: str, identity: object = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.id = identity


def matter_of(line: str) -> Matter:
    """The matter of a JSON line. Raises BadRecord: not_json, not_an_object, no_id, no_text."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise BadRecord("not_json") from None
    if not isinstance(record, dict):
        raise BadRecord("not_an_object")
    if "id" not in record:
        raise BadRecord("no_id")
    text = record.get("text")
    if not isinstance(text, str | int | float) or isinstance(text, bool):
        raise BadRecord("no_text", record["id"])
    category = record.get("category")
    return Matter(
        id=record["id"],
        text=str(text),
        place=_words(record.get("place")) or None,
        time=moment(record.get("time")),
        category=category if isinstance(category, str) else None,
    )


def _words(value: Any) -> str:
    """A place that is text, a number, a list or an object of such."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return " ".join(filter(None, map(_words, value)))
    return "" if value is None or isinstance(value, bool) else str(value)


def moment(value: Any) -> datetime | None:
    """A time as ISO, 2019/1/7 11:06:12, 2019年1月7日, or seconds or milliseconds since 1970.

    In UTC; None for what is none of these.
    """
    if isinstance(value, str):
        value = value.strip()
        found = _iso(value) or _written(value)
        if found is not None:
            return found
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return _epoch(value)


def _iso(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
        return _utc(found) if not value.isdigit() else None
    except (ValueError, OverflowError):
        return None


def _written(value: str) -> datetime | None:
    match = _MOMENT.match(value)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return _utc(datetime(year, month, day, hour, minute, second, tzinfo=UTC) - CHINA)
    except (ValueError, OverflowError):
        return None


def _utc(found: datetime) -> datetime:
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC) - CHINA
    return found.astimezone(UTC)


def _epoch(value: float) -> datetime | None:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    seconds = value / 1000 if value > LATEST else value
    return datetime.fromtimestamp(seconds, UTC) if EARLIEST <= seconds <= LATEST else None
