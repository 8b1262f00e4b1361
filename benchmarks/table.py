"""What `make bench` prints and writes down: one row for each figure, beside its rival."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HEADINGS = ("what", "ours", "rival", "ratio", "must reach", "met")
LIBRARIES = ("aiogram", "python-telegram-bot", "sqlalchemy", "psycopg", "aiohttp")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, all of it as it is to be read.

    what: what was measured. ours, rival: medians of both, with their units and who the rival is.
    ratio: ours by the rival's, of the same run. must: what issue asks for. met: whether it is
    reached; None where nothing was asked.
    """

    what: str
    ours: str
    rival: str
    ratio: str
    must: str
    met: bool | None

    def cells(self) -> tuple[str, ...]:
        """The row's words, in the order of `HEADINGS`."""
        met = {True: "yes", False: "no", None: ""}[self.met]
        return (self.what, self.ours, self.rival, self.ratio, self.must, met)


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a table in Markdown."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def machine() -> str:
    """The machine and the versions that the figures are of."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {_memory()}, {platform.system()}"
        f" {platform.release()}, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, {versions}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _memory() -> str:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{pages / 2**30:.0f} GiB"
