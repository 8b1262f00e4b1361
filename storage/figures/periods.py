"""Periods beside each other: the same figures month by month, quarter by quarter, year by year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from storage.figures.counting import Counts, count
from storage.figures.scope import Scope

STEPS = {"month": 1, "quarter": 3, "year": 12}
"""How many months each takes."""


def pieces(
    since: datetime, until: datetime, step: str, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """The months (quarters, years) between two moments, the first and last cut where those lie."""
    months = STEPS[step]
    local = since.astimezone(zone)
    first = (local.month - 1) // months * months + 1
    begin = date(local.year, first, 1)
    while True:
        number = begin.year * 12 + begin.month - 1 + months
        following = date(number // 12, number % 12 + 1, 1)
        end = datetime.combine(following, time(), zone)
        start = max(since, datetime.combine(begin, time(), zone))
        if start >= until:
            return
        yield start, min(end, until)
        begin = following


def by_period(
    session: Session, scope: Scope, step: str, at: datetime, zone: ZoneInfo
) -> list[tuple[Scope, Counts]]:
    """The figures of each piece of a scope's time, one query each."""
    scopes = [
        replace(scope, since=since, until=until)
        for since, until in pieces(scope.since, scope.until, step, zone)
    ]
    return [(piece, count(session, piece, at)) for piece in scopes]
