"""What each figure is: one definition for its count and for the list of its tickets.

A **matter** is a ticket that was neither withdrawn, nor joined to another, nor excluded by two
people. A **follow-up** is the same, joined ones included: each household is asked for itself. All
of them were opened in the period; they count as they stand when the figure is made.

| key | n | of which (top) | without an answer (silent) |
|---|---|---|---|
| response (响应率) | matters whose time to answer is up, and those that nobody was there to be given | a person answered in that time | nobody has answered yet |
| resolution (解决率) | follow-ups in which the resident said solved or not | their last word is solved | asked, and no word |
| satisfaction (满意率) | follow-ups rated in their present round | satisfied, or mostly (setting) | asked whether it is solved, and not rated |
| on_time (按时率) | settled matters | no limit was passed | |
| returned (回退率) | matters | given back (退单) at least once | |
| reopened (重办率) | matters that were resolved at least once | the resident said unsolved | |
| repeat (重复率) | matters with a kind, of a filer whose household is known | the same household had one of the same kind in the 30 days before (setting), wherever | |
| transferred (转交) | matters | handed to a colleague at least once | |
| extended (延期) | matters | given more time by who stands above, at least once | |
| rung:<level> | settled matters whose last rung is known | that rung was this one | |

Settled: the worker said it is done and the resident has not said otherwise (waiting, closed or
未回访). Silence is never satisfaction: it stands in no n of the three rates.

The source of the three rates: "response = first human contact in time ÷ due; resolution = the
resident says solved ÷ valid follow-ups; satisfaction = satisfied ÷ valid follow-ups"; no official
formula was found, so docs/how-to/figures.md states this one.
"""  # noqa: E501  (a table)

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CTE, ColumnElement, and_, false, func, not_, or_

from storage.figures.scope import settings
from storage.ticket_tables import UNDER_WAY, Status

RATES = ("response", "resolution", "satisfaction")
SHARES = ("on_time", "returned", "reopened", "repeat", "transferred", "extended")
COUNTS = ("opened", "closed", "lapsed", "open", "overdue", "urgent", "alarmed")
"""closed: the resident said solved; lapsed: 未回访; open: neither; overdue, alarmed: of the open
ones, those whose limit passed and those that nobody has."""
ASIDE = ("withdrawn", "joined", "excluded")
"""What is no matter, and why."""
KEYS = (*RATES, *SHARES, *COUNTS, *ASIDE)
PARTS = ("n", "top", "silent")
MISSED = "missed"
"""What is in n and not in the numerator: what there is to look into."""
RUNG = "rung:"
SETTLED = (Status.RESOLVED, Status.CLOSED, Status.LAPSED)

Condition = ColumnElement[bool]


class Figure(NamedTuple):
    """Which of the known tickets make up n, which of those the numerator, which gave no answer
    (the silent ones of resolution and satisfaction are not in n)."""

    n: Condition
    top: Condition
    silent: Condition


def figures(known: CTE, at: datetime) -> dict[str, Figure]:
    """Every figure over the rows of `storage.figures.scope.known`, by key."""
    c = known.c
    follow_up = and_(not_(c.excluded), c.status != Status.WITHDRAWN)
    matter = and_(follow_up, c.master_id.is_(None))
    settled = and_(matter, c.status.in_(SETTLED))
    still_open = and_(matter, c.status.in_((*UNDER_WAY, Status.RESOLVED)))
    state = func.coalesce(c.master_status, c.status)
    asked = and_(follow_up, or_(c.status.in_(SETTLED), state.in_(SETTLED)))
    due = and_(
        matter,
        or_(c.response_due_at <= at, and_(c.response_due_at.is_(None), c.alarms > 0)),
    )
    resolved_once = and_(matter, or_(c.resolved_at.is_not(None), c.round > 1))
    household = and_(matter, c.kind.is_not(None), c.home_id.is_not(None))
    good = ["satisfied", "mostly"] if settings().mostly_counts else ["satisfied"]
    never = false()
    found = {
        "response": Figure(
            due,
            and_(due, c.responded_at <= c.response_due_at),
            and_(due, c.responded_at.is_(None)),
        ),
        "resolution": Figure(
            and_(follow_up, c.word.is_not(None)),
            and_(follow_up, c.word == "solved"),
            and_(asked, c.word.is_(None)),
        ),
        "satisfaction": Figure(
            and_(follow_up, c.score.is_not(None)),
            and_(follow_up, c.score.in_(good)),
            and_(asked, c.score.is_(None)),
        ),
        "on_time": Figure(settled, and_(settled, not_(c.overdue)), never),
        "returned": Figure(matter, and_(matter, c.returns > 0), never),
        "reopened": Figure(resolved_once, and_(resolved_once, c.round > 1), never),
        "repeat": Figure(household, and_(household, c.again), never),
        "transferred": Figure(matter, and_(matter, c.transfers > 0), never),
        "extended": Figure(matter, and_(matter, c.extensions > 0), never),
    }
    counts = {
        "opened": matter,
        "closed": and_(matter, c.status == Status.CLOSED),
        "lapsed": and_(matter, c.status == Status.LAPSED),
        "open": still_open,
        "overdue": and_(still_open, c.overdue),
        "urgent": and_(matter, c.urgent),
        "alarmed": and_(still_open, c.alarmed_at.is_not(None)),
        "withdrawn": and_(not_(c.excluded), c.status == Status.WITHDRAWN),
        "joined": and_(follow_up, c.master_id.is_not(None)),
        "excluded": c.excluded,
    }
    return found | {key: Figure(which, never, never) for key, which in counts.items()}


def rung(known: CTE, level: str) -> Figure:
    """How many of the settled matters were settled on this rung."""
    c = known.c
    settled = and_(
        not_(c.excluded), c.master_id.is_(None), c.status.in_(SETTLED), c.level.is_not(None)
    )
    return Figure(settled, and_(settled, c.level == level), false())
