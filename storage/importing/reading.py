"""Reading a list from .xlsx or .csv as rows of text, numbered as the spreadsheet shows them."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from storage.importing.report import Bad, BadRow, Kind, veiled
from storage.names import DATA, bare, simplify


class DateCell(str):
    """A cell that the spreadsheet holds as a date, usually a door (1-12) it took for one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, its cells by field, and the headings they stood under."""

    number: int
    cells: dict[str, str]
    headings: dict[str, str]

    def has(self, field: str) -> bool:
        """Whether the list has this column at all."""
        return field in self.cells

    def text(self, field: str, most: int = 1000) -> str:
        """A cell, empty when it or its column is. Raises Bad for a date or too long a text."""
        value = self.cells.get(field, "")
        if isinstance(value, DateCell):
            raise Bad("cell_date", column=self.headings[field], value=str(value))
        if len(value) > most:
            raise Bad("cell_long", column=self.headings[field], most=most)
        return value

    def date_or_text(self, field: str, most: int = 1000) -> str:
        """A cell that must not be empty and may be a date, which is given as 2026-10-10."""
        value = self.cells.get(field, "")
        return str(value) if isinstance(value, DateCell) else self.needed(field, most)

    def needed(self, field: str, most: int = 1000) -> str:
        """A cell that must not be empty. Raises Bad."""
        value = self.text(field, most)
        if not value:
            raise Bad("cell_empty", column=self.headings[field])
        return value


@dataclass(frozen=True, slots=True)
class Table:
    """A whole list. bad: what is wrong with the file or its headings; then there are no rows."""

    rows: list[Row]
    unknown_columns: list[str]
    bad: list[BadRow]


@dataclass(frozen=True, slots=True)
class _Column:
    field: str
    headings: list[str]
    required: bool


@cache
def _columns(kind: Kind) -> list[_Column]:
    content = tomllib.loads((DATA / "columns.toml").read_text("utf-8"))
    return [_Column(field, **rest) for field, rest in content[kind].items()]


@cache
def default_county() -> str:
    """What the root of the tree is called when no list names the county."""
    name: str = tomllib.loads((DATA / "columns.toml").read_text("utf-8"))["default_county"]
    return name


@cache
def words(kind: Kind, what: str) -> dict[str, list[str]]:
    """What the cells of some column may say, by what it means."""
    content = tomllib.loads((DATA / "columns.toml").read_text("utf-8"))
    found: dict[str, list[str]] = content["words"][kind][what]
    return found


def headings(kind: Kind, *, but: Iterable[str] = ()) -> list[str]:
    """The headings of a kind of list, as a template for people to fill in."""
    return [column.headings[0] for column in _columns(kind) if column.field not in but]


def fields(kind: Kind) -> list[str]:
    """The fields of a kind of list, in the order of its headings."""
    return [column.field for column in _columns(kind)]


def heading_of(kind: Kind, field: str) -> str:
    """What people call a column."""
    return next(column.headings[0] for column in _columns(kind) if column.field == field)


def read(kind: Kind, path: Path) -> Table:
    """The rows of a list; blank rows are left out and keep their number. Never raises for what is
    wrong with the file: that stands in `Table.bad`."""
    try:
        lines = _lines(path)
    except Bad as bad:
        return Table([], [], [BadRow(0, bad.reason, bad.facts)])
    if not lines or not any(lines[0]):
        return Table([], [], [BadRow(0, "file_empty", {"file": path.name})])
    fields, shown, unknown, wrong = _fit(kind, lines[0])
    if wrong:
        return Table([], unknown, wrong)
    rows = [
        Row(number, {field: line[i] if i < len(line) else "" for i, field in fields}, shown)
        for number, line in enumerate(lines[1:], 2)
        if any(line)
    ]
    return Table(rows, unknown, [])


def _fit(
    kind: Kind, header: list[str]
) -> tuple[list[tuple[int, str]], dict[str, str], list[str], list[BadRow]]:
    """Which cell is which field; the heading of each; unknown headings; what is wrong."""
    by_heading = {bare(name): column for column in _columns(kind) for name in column.headings}
    fields: list[tuple[int, str]] = []
    shown: dict[str, str] = {}
    unknown: list[str] = []
    wrong: list[BadRow] = []
    for i, heading in enumerate(header):
        column = by_heading.get(bare(heading))
        if column is None:
            unknown += [veiled(heading)] if heading else []
        elif column.field in shown:
            wrong.append(BadRow(1, "column_twice", {"column": column.headings[0]}))
        else:
            fields.append((i, column.field))
            shown[column.field] = heading
    for column in _columns(kind):
        if column.required and column.field not in shown:
            wrong.append(BadRow(1, "column_missing", {"column": column.headings[0]}))
    return fields, shown, unknown, wrong


def _lines(path: Path) -> list[list[str]]:
    name = path.name
    if not path.is_file():
        raise Bad("file_missing", file=name)
    if path.suffix.lower() == ".csv":
        return [[_clean(cell) for cell in line] for line in _csv_lines(path)]
    if path.suffix.lower() not in (".xlsx", ".xlsm", ".xls"):
        raise Bad("file_kind", file=name)
    try:
        with CalamineWorkbook.from_path(path) as book:
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise Bad("file_unreadable", file=name) from error
    return [[_cell(value) for value in row] for row in rows]


def _csv_lines(path: Path) -> Iterable[list[str]]:
    content = path.read_bytes()
    # gb18030 reads nearly any bytes, so the stricter one is tried first.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return list(csv.reader(io.StringIO(text, newline="")))
        except csv.Error as error:
            raise Bad("file_unreadable", file=path.name) from error
    raise Bad("file_encoding", file=path.name)


def _cell(value: Any) -> str:
    """A cell as text. Spreadsheets hold phone numbers and doors as floats: 13800000000.0."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, datetime | date):
        return DateCell(f"{value:%Y-%m-%d}")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _clean(str(value))


def _clean(text: str) -> str:
    # An apostrophe in front is how people force a spreadsheet to keep a number as text.
    return text.strip().lstrip("'’").strip("\ufeff\u200b \t")


def same(one: str, other: str) -> bool:
    """Whether two names are one, whatever their width, case or characters."""
    return simplify(one) == simplify(other)
