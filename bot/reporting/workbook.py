"""Writing a report as an .xlsx file: figures with what they are of, and the numbers of tickets.

Every text is written as text (`write_string`), so that none that begins with = becomes a formula.
No name of a resident, no phone number, no door and no words of a ticket are in it; what is private
or confidential is only counted.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from bot.office import Office
from bot.wording import Wording
from handlers.staff.figure_views import Line, ReportView, Row, periods
from storage import areas, rules, services
from storage.areas import Area, Level
from storage.figures import ASIDE, COUNTS, RATES, SHARES, Listed

Cell = str | int | float | None


class Book:
    """A workbook being written, its sheets row by row."""

    def __init__(self, wording: Wording) -> None:
        self.out = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(self.out, options)
        self.bold = self.book.add_format({"bold": True})
        self.share = self.book.add_format({"num_format": "0.0%"})
        self.wording = wording

    def word(self, key: str) -> str:
        return self.wording.word(f"sheet.{key}")

    def sheet(self, key: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """A sheet with a head line. A float is a share; None leaves a cell empty."""
        sheet: Worksheet = self.book.add_worksheet(self.word(key))
        for column, text in enumerate(head):
            sheet.write_string(0, column, text, self.bold)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                self._put(sheet, number, column, value)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, max(1, len(head)), 14)

    def _put(self, sheet: Worksheet, row: int, column: int, value: Cell) -> None:
        if isinstance(value, str):
            sheet.write_string(row, column, value)
        elif isinstance(value, float):
            sheet.write_number(row, column, value, self.share)
        elif value is not None:
            sheet.write_number(row, column, value)

    def bytes(self) -> bytes:
        self.book.close()
        return self.out.getvalue()


def write(desk: Office, report: ReportView, tickets: Sequence[Listed], hidden: int) -> bytes:
    """The workbook of a report; `tickets` and how many others are only counted, for its list."""
    book = Book(desk.wording)
    _summary(book, report, hidden)
    for key, rows in (
        ("areas", report.areas),
        ("services", report.services),
        ("workers", report.workers),
        ("months", periods(desk, report.scope)),
    ):
        if rows:
            _parts(book, key, rows)
    _rungs(book, report)
    _tickets(desk, book, tickets)
    _definitions(book)
    return book.bytes()


def _label(book: Book, key: str) -> str:
    return book.wording.word(f"figure.{key}")


def _line(book: Book, line: Line) -> list[Cell]:
    return [_label(book, line.key), line.share, line.top, line.n, line.silent, line.silent_share]


def _summary(book: Book, report: ReportView, hidden: int) -> None:
    day = book.wording.day
    rows: list[Sequence[Cell]] = [
        [book.word("place"), report.place],
        [book.word("time"), f"{day(report.first_day)} – {day(report.last_day)}"],
        [book.word("as_of"), day(report.at)],
        [],
        *(_line(book, line) for line in (*report.rates, *report.shares)),
        [],
        *([_label(book, key), None, None, report.counts[key]] for key in (*COUNTS, *ASIDE)),
        [book.word("only_counted"), None, None, hidden],
        [],
        [book.word("excluded"), book.word("reason")],
        *([str(one.number), one.reason] for one in report.excluded),
    ]
    if report.hidden:
        rows.append([book.word("only_counted"), None, None, report.hidden])
    heads = ("figure", "share", "top", "n", "silent", "silent_share")
    book.sheet("summary", [book.word(key) for key in heads], rows)


def _parts(book: Book, key: str, rows: Sequence[Row]) -> None:
    of, silent = book.word("n"), book.word("silent_share")
    head = [book.word("name"), _label(book, "opened")]
    for rate in RATES:
        name = _label(book, rate)
        head += [name, f"{name} {of}", f"{name} {silent}"]
    for share in SHARES:
        head += [_label(book, share), f"{_label(book, share)} {of}"]
    cells: list[list[Cell]] = []
    for row in rows:
        line: list[Cell] = [row.name, row.opened]
        for rate in RATES:
            found = row.lines[rate]
            line += [found.share, found.n, found.silent_share]
        for share in SHARES:
            line += [row.lines[share].share, row.lines[share].n]
        cells.append(line)
    book.sheet(key, head, cells)


def _rungs(book: Book, report: ReportView) -> None:
    heads = ("rung", "settled", "of", "share", "hours", "stays")
    rows: list[list[Cell]] = [
        [
            book.wording.word(f"rung.{one.level or 'none'}"),
            one.settled,
            one.of,
            one.settled / one.of if one.of else None,
            None if one.hours is None else f"{one.hours:.1f}",
            one.stays,
        ]
        for one in report.rungs
    ]
    book.sheet("rungs", [book.word(key) for key in heads], rows)


def _tickets(desk: Office, book: Book, tickets: Sequence[Listed]) -> None:
    heads = ("number", "service", "kind", "compound", "opened", "status", "rung", "word", "score",
             "urgent", "overdue", "excluded")  # fmt: skip
    names, known = _compounds(desk, tickets), rules.current(desk.session)
    yes = book.word("yes")
    rows: list[list[Cell]] = []
    for one in tickets:
        kind: Any = services.kinds().get(one.kind or "")
        rows.append(
            [
                str(one.id),
                known[one.service].label if one.service in known else one.service,
                kind.label if kind else "",
                names[one.area_id],
                book.wording.day(one.opened_at),
                book.wording.word(f"task.{one.status}"),
                book.wording.word(f"rung.{one.level or 'none'}") if one.level is not None else "",
                book.word(f"word_{one.word}") if one.word else "",
                book.wording.word(f"score.{one.score}") if one.score else "",
                yes if one.urgent else "",
                yes if one.overdue else "",
                yes if one.excluded else "",
            ]
        )
    book.sheet("tickets", [book.word(key) for key in heads], rows)


def _compounds(desk: Office, tickets: Sequence[Listed]) -> dict[int, str]:
    """The place of each area, no nearer than its compound."""
    by_id: dict[int, str] = {}
    above: dict[int, Area] = {}
    for area_id in {one.area_id for one in tickets}:
        area = areas.get(desk.session, area_id)
        shown = area
        for step in reversed(area.lineage):
            shown = above.setdefault(step, areas.get(desk.session, step))
            if shown.level not in (Level.BUILDING, Level.HOUSEHOLD):
                break
        by_id[area_id] = shown.name
    return by_id


def _definitions(book: Book) -> None:
    keys = (*RATES, *SHARES, *COUNTS, *ASIDE)
    rows: list[list[Cell]] = [
        [_label(book, key), book.wording.word(f"means.{key}")] for key in keys
    ]
    rows.append([book.word("rungs"), book.wording.word("means.rungs")])
    book.sheet("definitions", [book.word("figure"), book.word("meaning")], rows)
