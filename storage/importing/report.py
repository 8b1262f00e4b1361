"""What an import gives back: how many rows did what, and which were bad, and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar, get_args

from storage.entries import Outcome
from storage.phones import masked

__all__ = ["KINDS", "Bad", "BadRow", "Item", "Kind", "Outcome", "Progress", "Report"]

T = TypeVar("T")

Kind = Literal[
    "areas",
    "posts",
    "households",
    "directory",
    "calendar",
    "services",
    "guides",
    "faqs",
    "places",
    "rota",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

Facts = dict[str, str | int]
Progress = Callable[[int, int], None]


_DIGITS = re.compile(r"\d[\d\s-]{5,}\d")


def veiled(text: str) -> str:
    """`text` with every number that may be a phone masked: cells get under the wrong heading."""

    def veil(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match.group())
        # Eight digits with dashes between are a date.
        spaced = digits != match.group()
        return match.group() if spaced and len(digits) < 9 else masked(digits)

    return _DIGITS.sub(veil, text)


class Bad(Exception):
    """A row that cannot be taken: the key of a sentence and what the sentence mentions."""

    def __init__(self, reason: str, **facts: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts: Facts = {
            name: veiled(fact) if isinstance(fact, str) else fact for name, fact in facts.items()
        }


@dataclass(frozen=True, slots=True)
class BadRow:
    """A bad row by the number the spreadsheet shows; 0 when the file itself is bad.

    reason_key: a key of templates/import/reasons.toml. facts: its placeholders, phones masked.
    """

    row_number: int
    reason_key: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """How an import went. rows: the rows that are not blank, good and bad.

    refused: something was bad, so that nothing was written. imported: whether anything may have
    been written. Neither is true of a good dry run, whose counts say what would have been written.
    unknown_columns: headings that no column of this kind goes by; they were not read.
    """

    rows: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    imported: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """A good row, checked and ready to be applied."""

    row_number: int
    content: T


def hidden(text: str) -> str:
    """A number that could not be read, shown without giving it away: its digits, masked."""
    digits = "".join(c for c in text if c.isdigit())
    return masked(digits) if digits else text[:12]
