"""What admins ask in words beside the report: two times against each other, how many homes are
registered, which place is slowest. Each figure with what it is of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from handlers.staff import figure_views as views
from handlers.talk import Desk
from storage import areas, figures, permissions
from storage.areas import Area
from storage.figures import RATES, Scope
from storage.figures.homes import Homes, Speed, homes, last_registered, speed

A_WEEK = timedelta(days=7)
FEW = 5
"""Fewer matters than that say little of a place."""


def place(desk: Desk, person_id: int, scope: Scope) -> Area | None:
    """The place that is asked about; where none is, the widest of the reader's."""
    if scope.area_id is not None:
        return areas.get(desk.session, scope.area_id)
    ids = permissions.areas_for(desk.session, "figures", person_id, desk.now)
    return areas.get(desk.session, ids[0]) if ids else None


def compared(desk: Desk, scope: Scope, other: Scope) -> dict[str, Any]:
    """Two times side by side: each rate with its numbers, and how many matters there were."""
    found = [
        {
            "first": one.since,
            "last": one.until - timedelta(microseconds=1),
            "goes_on": one.since <= desk.now < one.until,
            "rates": [line for key, line in views.lines(counts).items() if key in RATES],
            "opened": counts["opened"].n,
            "closed": counts["closed"].n,
            "overdue": counts["overdue"].n,
        }
        for one in sorted((scope, other), key=lambda one: one.since)
        for counts in (figures.count(desk.session, one, desk.now),)
    ]
    return {"place": views.place_of(desk, scope), "times": found, "few": FEW}


def registered(desk: Desk, area: Area) -> dict[str, Any]:
    """How many homes somebody of whom has a chat, of how many; by the places beneath."""
    found = homes(desk.session, area)
    whole = Homes()
    for one in found.values():
        whole.registered += one.registered
        whole.declared += one.declared
        whole.known += one.known
    rows = [(name, found[key]) for key, name in _names(desk, area, found)]
    rows.sort(key=lambda row: -(row[1].share or 0.0))
    fresh = last_registered(desk.session, area, desk.now - A_WEEK)
    title = areas.title(desk.session, area)
    return {"place": title, "whole": whole, "rows": rows[:20], "more": len(rows[20:]),
            "fresh": fresh, "at": desk.now}  # fmt: skip


def slowest(desk: Desk, scope: Scope, area: Area) -> dict[str, Any]:
    """The places beneath by how long people waited for the first answer, the longest first."""
    found = speed(desk.session, scope, area)
    rows = [(name, found[key]) for key, name in _names(desk, area, found)]
    rows.sort(key=lambda row: -(row[1].median if row[1].median is not None else -1.0))
    shown = [(name, one.median, len(one.hours), one.silent) for name, one in rows[:20]]
    return {
        "place": areas.title(desk.session, area), "rows": shown, "more": len(rows[20:]),
        "first": scope.since, "last": scope.until - timedelta(microseconds=1), "few": FEW,
    }  # fmt: skip


def _names(
    desk: Desk, area: Area, found: dict[int, Homes] | dict[int, Speed]
) -> list[tuple[int, str]]:
    below = [one for one in areas.children(desk.session, area.id) if one.id in found]
    titles = areas.titles(desk.session, below)
    own = [(area.id, desk.word("figure.here"))] if area.id in found and below else []
    return [*((one.id, titles[one.id]) for one in below), *own]
