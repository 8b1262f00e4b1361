"""How good the suggestions of "我也遇到" are: `python -m benchmarks.similar`.

Two labelled streams stand in tests/data, one in the style of a leaders' message board, one as
people write in a chat. Every line has an `issue` (null: unlike all others) and a `part`. What
belongs to `tune` was looked at while the rules were written, what belongs to `measure` was not.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.alike import Matter, Stream
from storage.alike.records import matter_of

DATA = Path(__file__).parents[1] / "tests" / "data"
STREAMS = ("similar_board", "similar_chat")
PARTS = ("tune", "measure")
MOST = 5


@dataclass(frozen=True)
class Figures:
    """`due`: messages of an issue that has earlier ones; `found`: those with a right suggestion.
    `pairs`: suggestions; `right`: those of the same issue; `possible`: the most there could be,
    with `MOST` a message. `idle`: messages unlike all others that got a suggestion, of `alone`."""

    due: int
    found: int
    pairs: int
    right: int
    possible: int
    idle: int
    alone: int

    @property
    def precision(self) -> float:
        """Over all suggestions, those for messages that are alone included."""
        return self.right / self.pairs

    @property
    def recall(self) -> float:
        """Over messages."""
        return self.found / self.due

    @property
    def pair_recall(self) -> float:
        """Over the suggestions that there could be."""
        return self.right / self.possible


def load(stream: str) -> list[dict[str, Any]]:
    """The lines of a labelled stream, in order of time."""
    text = (DATA / f"{stream}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def figures(rows: Iterable[dict[str, Any]], part: str, *, whole: bool = False) -> Figures:
    """Of one part: by itself, or (`whole`) in between the messages of the other."""
    stream = Stream()
    issues: dict[Any, str | None] = {}
    told: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for row in rows:
        if row["part"] != part and not whole:
            continue
        found = stream.suggest_and_add(matter_of(json.dumps(row)), MOST)
        issue = row["issue"]
        if row["part"] == part:
            right = sum(issue is not None and issues[one.id] == issue for one in found)
            count["pairs"] += len(found)
            count["right"] += right
            if issue is None:
                count["alone"] += 1
                count["idle"] += bool(found)
            elif told[issue]:
                count["due"] += 1
                count["found"] += bool(right)
                count["possible"] += min(MOST, told[issue])
        issues[row["id"]] = issue
        if issue is not None:
            told[issue] += 1
    names = ("due", "found", "pairs", "right", "possible", "idle", "alone")
    return Figures(**{name: count[name] for name in names})


def milliseconds(size: int) -> float:
    """What one message costs when `size` earlier ones are there, on average over 200.

    The earlier ones are the labelled streams again and again, each time in other compounds.
    """
    rows = [row for stream in STREAMS for row in load(stream)]
    stream = Stream()
    began = 0.0
    for number in range(size + 200):
        if number == size:
            began = time.process_time()
        row = rows[number % len(rows)]
        name = "".join(chr(0x5000 + (number * step) % 9973) for step in (7, 131, 3571))
        place = f"{name}{row.get('place') or ''}"
        stream.suggest_and_add(Matter(number, f"{name} {row['text']}", place), MOST)
    return (time.process_time() - began) * 1000 / 200


def main() -> None:
    """Print all figures."""
    print(f"{'':32}{'precision':>10}{'recall':>8}{'pairs':>8}{'due':>6}{'idle':>10}")
    for name in STREAMS:
        rows = load(name)
        for part in PARTS:
            for whole in (False, True):
                got = figures(rows, part, whole=whole)
                title = f"{name} {part}{' among all' if whole else ''}"
                print(
                    f"{title:32}{got.precision:>10.3f}{got.recall:>8.3f}{got.pair_recall:>8.3f}"
                    f"{got.due:>6}{got.idle:>6}/{got.alone}"
                )
    for size in (700, 5000):
        print(f"{size} earlier: {milliseconds(size):.2f} ms a message")


if __name__ == "__main__":
    main()
