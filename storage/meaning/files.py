"""The data of the classifier: `kinds.toml` and the folder `meaning` in `storage/data`."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"
OTHER = "other"


def table(name: str) -> dict[str, Any]:
    """A TOML file of the data folder: ``kinds``, ``meaning/classes``."""
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Kind:
    """What a matter can be about, as kinds.toml has it."""

    key: str
    label: str
    official_class: str
    service: str
    offered: bool
    words: tuple[str, ...]
    weak: tuple[str, ...]


@cache
def kinds() -> dict[str, Kind]:
    """All categories by key, in the order of the file."""
    return {
        key: Kind(
            key,
            row["label"],
            row["official_class"],
            row["service"],
            bool(row.get("offered", False)),
            tuple(row["words"]),
            tuple(row.get("weak", ())),
        )
        for key, row in table("kinds").items()
    }


@cache
def official_classes() -> dict[str, float]:
    """The first-level classes, each with how often it is met, as a share of 1."""
    shares: dict[str, float] = table("meaning/reading")["classes"]
    whole = sum(shares.values())
    return {name: share / whole for name, share in shares.items()}


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence to learn from: its category and its first-level class."""

    category: str
    official_class: str
    text: str


def examples() -> Iterator[Example]:
    """The sentences of examples.tsv. An empty class means the category's own."""
    known = kinds()
    with (DATA / "meaning" / "examples.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            own = known[row["category"]].official_class
            yield Example(row["category"], row["official_class"] or own, row["text"])


def taxonomy() -> Iterator[tuple[str, str]]:
    """The rows of complaint_taxonomy.csv: (first-level class, second-level or third-level name).

    The second-level names come once for each of their rows.
    """
    with (DATA / "complaint_taxonomy.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["class1"], row["class2"]
            yield row["class1"], row["class3"]


def wordings() -> Iterator[tuple[str, str]]:
    """What residents write about the rows of the taxonomy (rows.tsv): (class, a few words)."""
    with (DATA / "meaning" / "rows.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            for text in row["texts"].split("|"):
                yield row["official_class"], text


def first_messages() -> Iterator[tuple[str, str]]:
    """What residents say first (targets.tsv): (what they ask for, a few words)."""
    with (DATA / "meaning" / "targets.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            for text in row["texts"].split("|"):
                yield row["target"], text


def any_letter() -> list[str]:
    """Sentences that stand in letters about anything, and so speak for nothing."""
    return (DATA / "meaning" / "any_letter.txt").read_text("utf-8").split()
