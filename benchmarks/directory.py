"""How good and how fast the search of the directory is: `python -m benchmarks.directory`.

Quality: requests in residents' own words (tests/data/directory_queries.tsv; what belongs to `tune`
was looked at while the lexicon was written, `measure` was not, `fresh` was written afterwards)
over directories that name their categories differently. Beside it, over the same entries: plain
rapidfuzz partial_ratio, and SQLite's FTS5 with trigrams. Speed: p50 and p99 for a request, beside
process.extract with WRatio and FTS5, with 500, 5,000 and 50,000 entries.
"""

from __future__ import annotations

import argparse
import csv
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process

from storage.directory import Directory, Spot
from storage.directory.shelves import Row

DATA = Path(__file__).parents[1] / "tests" / "data"
HALVES = ("tune", "measure", "fresh")
AT = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SHOWN = 3
SIZES = (500, 5000, 50_000)
RUNS = 5
COMPOUNDS, COMMUNITIES = 212, 15

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


def many(size: int) -> list[Row]:
    """A directory of this size: the entries of the test directories again and again, each time
    under another name, spread over compounds and communities as a county has them."""
    kinds = labelled("plain").rows + labelled("other").rows
    rows: list[Row] = []
    for number in range(size):
        kind = kinds[number % len(kinds)]
        head = "".join(chr(0x5000 + (number * step) % 9973) for step in (7, 131))
        compound = number * 7 % COMPOUNDS
        community = COMPOUNDS + compound % COMMUNITIES
        name = f"{head}{kind.name}"
        rows.append(
            Row(number, kind.category, name, kind.offers, kind.hours, compound, community, "")
        )
    return rows


def searched_from(rows: list[Row]) -> Search:
    """The search of this project, from a compound."""
    index = Directory(rows)
    spot = Spot(5, COMPOUNDS + 5 % COMMUNITIES)
    return lambda text: [hit.entry_id for hit in index.find(text, spot, AT, limit=SHOWN)]


@dataclass(frozen=True)
class Speed:
    """Milliseconds for a request: medians over the runs. Of this thread's own time, so that what
    else the machine does is not counted; all ways to search use one thread."""

    p50: float
    p99: float
    build: float


def speed(way: Callable[[list[Row]], Search], rows: list[Row], texts: list[str]) -> Speed:
    """How long one way takes for each of the texts, over RUNS runs after one to warm up."""
    began = time.thread_time()
    search = way(rows)
    build = time.thread_time() - began
    halves: list[float] = []
    tails: list[float] = []
    for run in range(RUNS + 1):
        taken: list[float] = []
        for text in texts:
            start = time.thread_time()
            search(text)
            taken.append((time.thread_time() - start) * 1000)
        if run:
            taken.sort()
            halves.append(taken[len(taken) // 2])
            tails.append(taken[len(taken) * 99 // 100])
    return Speed(median(halves), median(tails), build)


def print_speed() -> None:
    """The table: every way, every size. The slow ways answer fewer requests at 50,000."""
    texts = [one.text for one in requests() if one.half == "measure"]
    ways = {
        "directory search": ours,
        "... from a compound": searched_from,
        "extract WRatio": wratio,
        "FTS5 trigram": full_text,
    }
    print(f"{'':22}{'entries':>9}{'p50 ms':>10}{'p99 ms':>10}{'build s':>9}")
    p50: dict[tuple[str, int], Speed] = {}
    for size in SIZES:
        rows = many(size)
        for name, way in ways.items():
            few = texts[:: max(1, size // 5000)] if way is wratio else texts
            got = p50[name, size] = speed(way, rows, few)
            print(f"{name:22}{size:>9}{got.p50:>10.3f}{got.p99:>10.3f}{got.build:>9.2f}")
    mine = "directory search"
    times = p50["extract WRatio", 5000].p50 / p50[mine, 5000].p50
    growth = p50[mine, 50_000].p99 / p50[mine, 500].p99
    print(f"at 5,000 entries {times:.0f} times as fast as process.extract with WRatio")
    print(f"p99 at 50,000 entries is {growth:.2f} times that at 500")


def main() -> None:
    """Print what is asked for; both without an option."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    if options.quality or not options.speed:
        print_quality()
    if options.speed or not options.quality:
        print_speed()


if __name__ == "__main__":
    main()
