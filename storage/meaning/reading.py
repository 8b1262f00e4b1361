"""A text made ready to be weighed: one script, no courtesies, the beginning counting most."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from storage.meaning.files import table
from storage.names import simplified

MOST = 1500
"""Characters of a text that are read for its meaning; a letter has said what it wants by then."""
TAIL = 300
"""... and as many of its last ones, where the request often stands."""

STEPS = ((60, 1.0), (150, 0.6), (300, 0.3), (MOST + TAIL, 0.2))
"""How much a character counts, by how far from the beginning it stands."""

LETTERS = re.compile(r"[a-z]+(?:[ '’·-]+[a-z]+)*")
GAP = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the classifier sees it.

    plain: simplified, in lower case, whole; clauses: runs without punctuation and courtesies,
    each with its weight; letters: runs of Latin letters, which may be pinyin.
    """

    plain: str
    clauses: tuple[tuple[str, float], ...]
    letters: tuple[str, ...]

    @property
    def length(self) -> int:
        """How many characters say something."""
        return sum(len(clause) for clause, _ in self.clauses)


@cache
def _courtesies() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in table("meaning/reading")["left_out"]))


def _weight(position: int) -> float:
    return next((weight for end, weight in STEPS if position < end), STEPS[-1][1])


def without_tones(text: str) -> str:
    """diàntī → dianti. Chinese characters stay as they are."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text)
    return "".join(c for c in parts if not unicodedata.combining(c))


def read(text: str) -> Reading:
    """Bring a text into the form the classifier weighs. Any string will do."""
    if len(text) > MOST + TAIL:
        text = f"{text[:MOST]}\n{text[-TAIL:]}"
    plain = without_tones(simplified(text))
    told = _courtesies().sub(" ", plain)
    clauses, position = [], 0
    for clause in GAP.split(told):
        if clause:
            clauses.append((clause, _weight(position)))
            position += len(clause)
    letters = tuple(run for run in LETTERS.findall(plain) if len(run) >= 4)
    return Reading(plain, tuple(clauses), letters)
