"""What pairs and triples of characters speak for, learnt from the example sentences.

Naive Bayes with sparse counts: a pair that a label never had says nothing about it; one that it
had counts by the logarithm of how much more often than expected, and the more, the fewer labels
share it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from storage.meaning.files import any_letter, examples, kinds, table, taxonomy, wordings
from storage.meaning.reading import Reading, read

SMOOTHING = 0.15
"""How many sightings a label is given of a pair it never had, in an average label."""
COMMON = 4
"""How much less a pair says for each time it stands in letters about anything (any_letter.txt)."""

Scores = dict[str, float]


@dataclass(slots=True)
class Counts:
    """How often each pair was seen, by label, and how many pairs a label has in all."""

    pairs: dict[str, Scores]
    totals: Scores

    def note(self, pair: str, label: str) -> None:
        """One sighting."""
        row = self.pairs.get(pair)
        if row is None:
            row = self.pairs[pair] = {}
        row[label] = row.get(label, 0) + 1
        self.totals[label] = self.totals.get(label, 0) + 1


@cache
def _empty() -> frozenset[str]:
    return frozenset(table("meaning/reading")["empty"])


def pairs_of(clause: str) -> Iterator[str]:
    """The pairs and triples of a clause that say something."""
    empty = _empty()
    for size in (2, 3):
        for start in range(len(clause) - size + 1):
            pair = clause[start : start + size]
            if not (pair.isascii() or (pair[0] in empty and pair[-1] in empty)):
                yield pair


@cache
def _learnt() -> tuple[Counts, Counts]:
    """What the examples teach: by category, and by first-level class."""
    by_category, by_class = Counts({}, {}), Counts({}, {})
    for example in examples():
        for clause, _ in read(example.text).clauses:
            for pair in pairs_of(clause):
                by_category.note(pair, example.category)
                by_class.note(pair, example.official_class)
    for category in kinds().values():
        for word in category.words:
            for pair in pairs_of(word.lower()):
                by_category.note(pair, category.key)
                by_class.note(pair, category.official_class)
    for official_class, text in (*taxonomy(), *wordings()):
        for pair in pairs_of(text.lower()):
            by_class.note(pair, official_class)
    return by_category, by_class


@cache
def _common() -> Counter[str]:
    """How often a pair stands in letters about anything."""
    return Counter(pair for sentence in any_letter() for pair in pairs_of(sentence))


def say(counts: Counts, pair: str) -> Scores:
    """What a pair speaks for, by label: nothing where it was never seen."""
    row = counts.pairs.get(pair)
    if not row:
        return {}
    whole = sum(counts.totals.values())
    rates, seen = {}, sum(row.values())
    labels = len(counts.totals)
    for label, count in row.items():
        expected = SMOOTHING * labels * counts.totals[label] / whole
        rates[label] = math.log(1 + count / expected)
    shares = [count / seen for count in row.values()]
    spread = -sum(share * math.log(share) for share in shares) / math.log(labels)
    telling = (1 - spread) * seen / (seen + 1) / (1 + COMMON * _common()[pair])
    return {label: rate * telling for label, rate in rates.items()}


@lru_cache(maxsize=50_000)
def _says(pair: str) -> tuple[Scores, Scores]:
    by_category, by_class = _learnt()
    return say(by_category, pair), say(by_class, pair)


def votes(reading: Reading) -> tuple[Scores, Scores]:
    """What the pairs of a text speak for: by category, by first-level class. Each pair once."""
    categories_, classes, seen = Scores(), Scores(), set[str]()
    for clause, weight in reading.clauses:
        for pair in pairs_of(clause):
            if pair in seen:
                continue
            seen.add(pair)
            for scores, said in zip((categories_, classes), _says(pair), strict=True):
                for label, points in said.items():
                    scores[label] = scores.get(label, 0.0) + points * weight
    return categories_, classes
