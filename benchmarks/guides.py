"""How well residents' words find a guide: `python -m benchmarks.guides`.

The labelled set is tests/data/guides.tsv. What belongs to `tune` was looked at while words were
added to the guides, what belongs to `measure` was not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from storage import guides
from storage.guide_search import Found, find

DATA = Path(__file__).parents[1] / "tests" / "data" / "guides.tsv"
PARTS = ("tune", "measure")
NOTHING = "-"


@dataclass(frozen=True)
class Row:
    """One thing said. wanted: keys of guides, any of which is right; empty: none is meant."""

    part: str
    wanted: tuple[str, ...]
    text: str


@dataclass
class Figures:
    """rows: those that mean a guide. first: share whose guide, or a question about it, came first.
    shown: share that had it among what is offered (its kind of errands counts). sure: share that
    was answered without asking; sure_and_wrong: how many of those wrongly. nonsense: rows that mean
    none; nonsense_found: share of them that were offered something. milliseconds: mean of one."""

    rows: int = 0
    first: float = 0.0
    shown: float = 0.0
    sure: float = 0.0
    sure_and_wrong: int = 0
    nonsense: int = 0
    nonsense_found: float = 0.0
    milliseconds: float = 0.0
    misses: list[str] = field(default_factory=list)


def rows(part: str) -> Iterator[Row]:
    """The rows of a part."""
    for line in DATA.read_text("utf-8").splitlines():
        if line.startswith(("#", "part\t")):
            continue
        its_part, wanted, text = line.split("\t")
        if its_part == part:
            yield Row(part, () if wanted == NOTHING else tuple(wanted.split("|")), text)


def offered(found: Found) -> list[str]:
    """The keys of the guides that somebody would see, the likeliest first."""
    keys = [guide.key for guide in found.guides]
    if found.faq is not None and found.faq.guide:
        keys = [found.faq.guide, *keys] if found.sure_faq or not keys else [*keys, found.faq.guide]
    return keys


def measured(part: str) -> Figures:
    """The figures of a part, over the guides that the program comes with."""
    known = guides.shipped()
    in_group = {guide.key: guide.group for guide in known[0]}
    find("", *known)
    figures = Figures()
    first = shown = sure = found_nonsense = 0
    begun = time.perf_counter()
    for row in rows(part):
        found = find(row.text, *known)
        keys = offered(found)
        if not row.wanted:
            figures.nonsense += 1
            if keys or found.group:
                found_nonsense += 1
                figures.misses.append(f"{row.text}: nothing, but {keys or found.group}")
            continue
        figures.rows += 1
        right = bool(keys) and keys[0] in row.wanted
        among = bool(set(keys) & set(row.wanted))
        among = among or found.group in {in_group[key] for key in row.wanted}
        plainly = found.sure or found.sure_faq
        first, shown, sure = first + right, shown + among, sure + plainly
        figures.sure_and_wrong += plainly and not right
        if not right:
            how = "sure: " if plainly else ""
            figures.misses.append(f"{row.text}: {row.wanted[0]}, but {how}{keys or found.group}")
    spent = time.perf_counter() - begun
    total = figures.rows + figures.nonsense
    figures.first, figures.shown = first / figures.rows, shown / figures.rows
    figures.sure = sure / figures.rows
    figures.nonsense_found = found_nonsense / figures.nonsense
    figures.milliseconds = 1000 * spent / total
    return figures


def main() -> None:
    """Print the figures of both parts, and every miss."""
    for part in PARTS:
        f = measured(part)
        print(f"{part}: {f.rows} that mean a guide, {f.nonsense} that mean none")
        print(f"  first: {f.first:.1%}  among what is offered: {f.shown:.1%}")
        print(f"  answered without asking: {f.sure:.1%}, wrongly: {f.sure_and_wrong}")
        print(f"  nonsense offered something: {f.nonsense_found:.1%}  {f.milliseconds:.1f} ms each")
        for miss in f.misses:
            print(f"    {miss}")


if __name__ == "__main__":
    main()
