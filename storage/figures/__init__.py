"""The figures (三率 and the rest): counted in SQL, each with the tickets behind it.

`measures` says what each figure is, `scope` which tickets it is about, `counting` counts.
"""

from storage.figures.counting import (
    LEVELS,
    Count,
    Counts,
    Report,
    RungFigure,
    count,
    report,
    tickets,
)
from storage.figures.measures import ASIDE, COUNTS, KEYS, PARTS, RATES, RUNG, SHARES
from storage.figures.scope import Scope, settings

__all__ = [
    "ASIDE",
    "COUNTS",
    "KEYS",
    "LEVELS",
    "PARTS",
    "RATES",
    "RUNG",
    "SHARES",
    "Count",
    "Counts",
    "Report",
    "RungFigure",
    "Scope",
    "count",
    "report",
    "settings",
    "tickets",
]
