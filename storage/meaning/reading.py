"""A text made ready to be weighed: one script, no courtesies, the beginning counting most."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from storage.meaning.files import table
from storage.names import simplified

MOST = 1500
"""Characters of a text that are read for its meaning; a letter has said what it wants by then."""
TAIL = 300
"""... and as many of its last ones, where the request often stands."""

STEPS = ((60, 1.0), (150, 0.6), (MOST + TAIL, 0.4))
"""How much a character counts, by how far from the beginning it stands."""
LETTER = 100
"""From how many characters on a text is read as a letter, sentence by sentence."""
TITLE, TITLE_WEIGHT = 40, 1.4
"""Up to how many characters the first sentence of a letter is its title, and what it counts."""
MATTER, PLAIN, STORY = 0.6, 0.7, 0.2
"""In a letter: what a sentence counts at least that says what is wrong or wanted, wherever it
stands; and what any other counts, and one that tells of the writer's life, of what it would."""
STORY_AND_MATTER = 0.4
"""... and a sentence that does both."""

LETTERS = re.compile(r"[a-z]+(?:[ '’·-]+[a-z]+)*")
SENTENCE = re.compile(r"[。！？!?；;：:\n]+|(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])")
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
def _signs(name: str) -> re.Pattern[str]:
    """A list of reading.toml: ``left_out``, ``matter``, ``story``."""
    return re.compile("|".join(f"(?:{one})" for one in table("meaning/reading")[name]))


def _weight(position: int) -> float:
    return next((weight for end, weight in STEPS if position < end), STEPS[-1][1])


def _clauses(plain: str) -> Iterator[tuple[str, float]]:
    """The clauses of a text, each with its weight."""
    position, letter = 0, len(plain) > LETTER
    for sentence in SENTENCE.split(plain):
        said = GAP.split(_signs("left_out").sub(" ", sentence))
        title = position == 0 and len(sentence) <= TITLE
        least, share = _counts(sentence, title) if letter else (0.0, 1.0)
        for clause in said:
            if clause:
                yield clause, max(_weight(position), least) * share
                position += len(clause)


def _counts(sentence: str, title: bool) -> tuple[float, float]:
    """What a sentence of a letter counts at least, and the share of that."""
    matter = _signs("matter").search(sentence) is not None
    if _signs("story").search(sentence):
        return (MATTER, STORY_AND_MATTER) if matter else (0.0, STORY)
    if title:
        return 1.0, TITLE_WEIGHT
    return (MATTER, 1.0) if matter else (0.0, PLAIN)


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
    clauses = tuple(_clauses(plain))
    letters = tuple(run for run in LETTERS.findall(plain) if len(run) >= 4)
    return Reading(plain, clauses, letters)
