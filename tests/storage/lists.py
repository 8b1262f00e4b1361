"""Lists as a county's office would hand them in: .csv and .xlsx files, and their import."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy.orm import Session

from storage.importing import Kind, Report, headings, import_file
from tests.storage.county import NOON, Corner, corner

A, B, C, D = (f"1990000000{n}" for n in range(1, 5))
GARDEN = "莲花池社区/莲花池花园"

Lines = list[list[Any]]

GUIDE = ["代号", "名称", "分类", "要带的材料", "代办步骤", "核对日期", "停用"]
RELIEF = "社会救助"
BAD_GUIDES: list[tuple[Kind, list[str], list[str], str]] = [
    ("guides", GUIDE, ["没有这个", "甲", RELIEF, "", "", "", ""], "guide_code_unknown"),
    ("guides", GUIDE, ["", "甲", "吃喝玩乐", "", "", "", ""], "group_unknown"),
    ("guides", GUIDE, ["", "甲", RELIEF, "身份证；身份证", "", "", ""], "paper_twice"),
    (
        "guides",
        GUIDE,
        ["", "甲", RELIEF, "；".join(map(str, range(20))), "", "", ""],
        "papers_many",
    ),
    ("guides", GUIDE, ["", "甲", RELIEF, "", "一步", "", ""], "steps_few"),
    ("guides", GUIDE, ["", "甲", RELIEF, "", "", "改天", ""], "date_bad"),
    ("guides", GUIDE, ["", "甲", RELIEF, "", "", "", "也许"], "off_bad"),
    ("faqs", ["问题", "回答", "对应事项"], ["甲？", "乙。", "没有的"], "guide_unknown"),
]
"""A row of a list with its header, and the reason for which it is not taken."""


def write_csv(path: Path, lines: Lines, encoding: str = "utf-8-sig") -> Path:
    with open(path, "w", encoding=encoding, newline="") as out:
        csv.writer(out).writerows(lines)
    return path


def write_xlsx(path: Path, lines: Lines) -> Path:
    book = xlsxwriter.Workbook(path, {"default_date_format": "m-d"})
    sheet = book.add_worksheet()
    for number, line in enumerate(lines):
        for column, value in enumerate(line):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value)
            else:
                sheet.write(number, column, value)
    book.close()
    return path


Take = Callable[..., Report]


@pytest.fixture
def place(session: Session) -> Corner:
    return corner(session)


@pytest.fixture
def take(session: Session, tmp_path: Path) -> Take:
    """Import rows under the kind's own headings, or whole lines with `header`."""

    def run(
        kind: Kind,
        rows: Lines,
        *,
        header: list[str] | None = None,
        dry_run: bool = False,
        skip_bad: bool = False,
        xlsx: bool = False,
        encoding: str = "utf-8-sig",
    ) -> Report:
        own = headings(kind)[1:] if kind == "areas" else headings(kind)
        lines = [header or own, *rows]
        if xlsx:
            path = write_xlsx(tmp_path / "list.xlsx", lines)
        else:
            path = write_csv(tmp_path / "list.csv", lines, encoding)
        return import_file(session, kind, path, dry_run=dry_run, skip_bad=skip_bad, now=NOON)

    return run
