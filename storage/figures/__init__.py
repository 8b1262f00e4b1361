"""The figures (三率 and the rest): counted in SQL, each with the tickets behind it.

`measures` says what each figure is, `scope` which tickets it is about, `counting` counts.
"""

from storage.figures.counting import (
    LEVELS,
    Count,
    Counts,
    Listed,
    Report,
    RungFigure,
    count,
    listing,
    report,
    tickets,
)
from storage.figures.measures import ASIDE, COUNTS, KEYS, MISSED, PARTS, RATES, RUNG, SHARES
from storage.figures.periods import STEPS, by_period, pieces
from storage.figures.scope import Scope, settings

__all__ = [
    "ASIDE",
    "COUNTS",
    "KEYS",
    "LEVELS",
    "MISSED",
    "PARTS",
    "RATES",
    "RUNG",
    "SHARES",
    "STEPS",
    "Count",
    "Counts",
    "Listed",
    "Report",
    "RungFigure",
    "Scope",
    "by_period",
    "count",
    "listing",
    "pieces",
    "report",
    "settings",
    "tickets",
]
