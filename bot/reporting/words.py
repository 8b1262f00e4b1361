"""A report as the words and shares that its picture is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from bot.wording import Wording, percent
from handlers.staff.figure_views import Line, ReportView, Row
from storage.figures import RATES

MOST_ROWS = 12
"""Parts compared in a picture; the workbook has all."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One of the three large ones. silent: the share without an answer, in words."""

    label: str
    value: str
    share: float | None
    note: str
    silent: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A smaller figure with what it is of."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A share as a bar."""

    label: str
    share: float
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Table:
    """A comparison: a head, and rows of a name and cells."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    more: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything in the picture, in words."""

    title: str
    subtitle: str
    rates: list[Rate]
    counts: list[tuple[str, str]]
    tiles: list[Tile]
    bars_title: str
    bars: list[Bar]
    table: Table | None
    foot: list[str]
    missing_note: str


def sheet(wording: Wording, report: ReportView) -> Sheet:
    """The words of a report's picture."""

    def say(block: str, **facts: object) -> str:
        return wording.render("report/picture", {"r": report, **facts}, block)

    def label(key: str) -> str:
        return wording.word(f"figure.{key}")

    rates = [
        Rate(label(line.key), percent(line.share), line.share, say("note", line=line),
             say("silent", line=line))
        for line in report.rates
    ]  # fmt: skip
    tiles = [Tile(label(one.key), percent(one.share), _note(say, one)) for one in report.shares]
    counted = ("opened", "closed", "lapsed", "open", "overdue", "urgent")
    bars = [
        Bar(
            wording.word(f"rung.{one.level or 'none'}"),
            one.settled / one.of if one.of else 0.0,
            percent(one.settled / one.of if one.of else None),
            say("hours", one=one),
        )
        for one in report.rungs
    ]
    return Sheet(
        title=report.place,
        subtitle=say("subtitle"),
        rates=rates,
        counts=[(label(key), str(report.counts[key])) for key in counted],
        tiles=tiles,
        bars_title=say("rungs"),
        bars=bars,
        table=_table(wording, say, report),
        foot=[say("foot"), say("foot_more")],
        missing_note=say("names"),
    )


def _note(say: object, line: Line) -> str:
    words = say("of", line=line)  # type: ignore[operator]
    if line.key == "transferred":
        return say("transfers")  # type: ignore[operator, no-any-return]
    return str(words)


def _table(wording: Wording, say: object, report: ReportView) -> Table | None:
    by, rows = next(
        (
            (by, rows)
            for by, rows in (("area", report.areas), ("service", report.services))
            if len(rows) > 1
        ),
        ("", []),
    )
    if not rows:
        return None
    more = len(rows) - MOST_ROWS
    return Table(
        say("parts", by=by),  # type: ignore[operator]
        ("", *(wording.word(f"figure.{key}") for key in RATES), wording.word("figure.opened")),
        [_cells(row) for row in rows[:MOST_ROWS]],
        say("more", more=more) if more > 0 else "",  # type: ignore[operator]
    )


def _cells(row: Row) -> tuple[str, ...]:
    return (row.name, *(percent(row.lines[key].share) for key in RATES), str(row.opened))
