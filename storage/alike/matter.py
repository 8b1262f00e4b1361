"""What is compared, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Matter:
    """One matter as it was told.

    `text` is what the resident wrote; its first sentence counts as a title. `place` is an area's
    title (莲花池花园3栋) or whatever stands in such a field (A市A5区), or None when it is only told
    in the text. `category` is a service's or kind's name; two that are given and differ count
    against each other, no more. `time` only has to be comparable with the others'.
    """

    id: object
    text: str
    place: str | None = None
    time: datetime | None = None
    category: str | None = None


@dataclass(frozen=True)
class Suggestion:
    """An earlier matter, and how alike it is (0 to 1)."""

    id: object
    score: float
