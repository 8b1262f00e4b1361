"""How good and how fast the search of the directory is: `python -m benchmarks.directory`.

Quality: requests in residents' own words (tests/data/directory_queries.tsv; what belongs to `tune`
was looked at while the lexicon was written, `measure` was not, `fresh` was written afterwards)
over directories that name their categories differently. Beside it, over the same entries: plain
rapidfuzz partial_ratio, and SQLite's FTS5 with trigrams. Speed: see `speed`.
"""

from __future__ import annotations

import argparse
import csv
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process

from storage.directory import Directory, Spot
from storage.directory.shelves import Row

DATA = Path(__file__).parents[1] / "tests" / "data"
HALVES = ("tune", "measure", "fresh")
AT = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SHOWN = 3

Search = Callable[[str], list[int]]
"""From a request to the positions of at most SHOWN entries."""


@dataclass(frozen=True)
class Labelled:
    """A directory for measuring, and what each of its entries is right for."""

    name: str
    rows: list[Row]
    right: list[set[str]]


@dataclass(frozen=True)
class Request:
    """A request and the needs that are right for it; none for what must find nothing."""

    half: str
    style: str
    right: set[str]
    text: str


def requests() -> list[Request]:
    """All labelled requests."""
    with (DATA / "directory_queries.tsv").open(encoding="utf-8") as file:
        return [
            Request(
                row["half"],
                row["style"],
                set(row["right"].split(",")) if row["right"] else set(),
                row["text"],
            )
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def labelled(name: str, *, offers: bool = True) -> Labelled:
    """A directory of tests/data; without what entries offer, only categories and names are left."""
    with (DATA / f"directory_{name}.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    rows = [
        Row(
            i,
            line["类别"],
            line["名称"],
            line["服务内容"] if offers else "",
            line["营业时间"],
            None,
            None,
            "",
        )
        for i, line in enumerate(lines)
    ]
    title = name if offers else f"{name}, no offers"
    return Labelled(title, rows, [set(line["标注"].split()) for line in lines])


def directories() -> list[Labelled]:
    """The directories that quality is measured over."""
    return [labelled("plain"), labelled("other"), labelled("plain", offers=False)]


def ours(rows: list[Row]) -> Search:
    """The search of this project."""
    index = Directory(rows)

    def search(text: str) -> list[int]:
        return [hit.entry_id for hit in index.find(text, Spot(), AT, limit=SHOWN)]

    return search


def told(row: Row) -> str:
    """An entry as one text, for the plain ways to search."""
    return f"{row.category} {row.name} {row.offers}"


def partial_ratio(rows: list[Row]) -> Search:
    """Plain rapidfuzz over the entries' texts."""
    texts = [told(row) for row in rows]

    def search(text: str) -> list[int]:
        found = process.extract(text, texts, scorer=fuzz.partial_ratio, limit=SHOWN)
        return [position for _, _, position in found]

    return search


def wratio(rows: list[Row]) -> Search:
    """`process.extract` with WRatio, as rapidfuzz does it when nothing else is asked."""
    texts = [told(row) for row in rows]

    def search(text: str) -> list[int]:
        found = process.extract(text, texts, scorer=fuzz.WRatio, limit=SHOWN)
        return [position for _, _, position in found]

    return search


def full_text(rows: list[Row]) -> Search:
    """SQLite's FTS5 with trigrams; any trigram of the request may match."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE entries USING fts5(text, tokenize='trigram')")
    database.executemany(
        "INSERT INTO entries (rowid, text) VALUES (?, ?)",
        ((i, told(row)) for i, row in enumerate(rows)),
    )

    def search(text: str) -> list[int]:
        bare = "".join(text.split()).replace('"', "")
        grams = {bare[i : i + 3] for i in range(max(1, len(bare) - 2))}
        words = " OR ".join(f'"{gram}"' for gram in grams)
        found = database.execute(
            "SELECT rowid FROM entries WHERE entries MATCH ? ORDER BY rank LIMIT ?", (words, SHOWN)
        )
        return [int(row[0]) for row in found]

    return search


@dataclass(frozen=True)
class Quality:
    """How many of the requests for something got a right entry; how many others got anything."""

    right: int
    asked: int
    idle: int
    others: int
    misses: list[tuple[str, str]]

    @property
    def share(self) -> float:
        """Of the requests for something."""
        return self.right / self.asked


def quality(search: Search, directory: Labelled, half: str) -> Quality:
    """One way to search over one directory, on one half of the requests."""
    right = asked = idle = others = 0
    misses: list[tuple[str, str]] = []
    for one in (one for one in requests() if one.half == half):
        found = search(one.text)
        got = " ".join(dict.fromkeys(directory.rows[i].category for i in found)) or "-"
        if not one.right:
            others += 1
            idle += bool(found)
            if found:
                misses.append((one.text, f"nothing is right, but: {got}"))
            continue
        asked += 1
        if any(directory.right[i] & one.right for i in found):
            right += 1
        else:
            misses.append((one.text, f"{','.join(sorted(one.right))}, but: {got}"))
    return Quality(right, asked, idle, others, misses)


WAYS: dict[str, Callable[[list[Row]], Search]] = {
    "directory search": ours,
    "partial_ratio": partial_ratio,
    "FTS5 trigram": full_text,
}


def print_quality() -> None:
    """The table, and every miss of ours."""
    halves = [half for half in HALVES if any(one.half == half for one in requests())]
    misses: list[str] = []
    print(f"{'':20}{'directory':20}{'half':10}{'right':>8}{'of':>5}{'':>8}{'idle':>6}{'of':>5}")
    for directory in directories():
        for half in halves:
            for name, way in WAYS.items():
                got = quality(way(directory.rows), directory, half)
                print(
                    f"{name:20}{directory.name:20}{half:10}{got.right:>8}{got.asked:>5}"
                    f"{got.share:>8.1%}{got.idle:>6}{got.others:>5}"
                )
                if way is ours:
                    misses += [
                        f"{directory.name:20}{half:10}{text}: {why}" for text, why in got.misses
                    ]
    print("\nmisses:", *misses, sep="\n")


def main() -> None:
    """Print what is asked for; both without an option."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    if options.quality or not options.speed:
        print_quality()


if __name__ == "__main__":
    main()
