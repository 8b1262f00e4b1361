"""Matters in order of time, and for each the earlier ones it reads like."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from storage.alike.lexicon import UNHEARD, lexicon
from storage.alike.likeness import (
    NAME,
    NAMED,
    Likeness,
    Rarity,
    compare,
    kinds_alike,
    length,
    subject_alike,
    together,
    two_strings,
)
from storage.alike.matter import Matter, Suggestion
from storage.alike.reading import Reading, read

THRESHOLD = 0.5
MOST = 5
FOLLOWS = 0.9
"""What a member of a cluster gets of the score of its cluster."""
EVERYDAY, NAMELIKE = 4, 9
"""Levels of pairs: up to the first no part of a name, from the second on surely one."""
SAME_PLACE, SEVERAL, MOSTLY, SOMEWHAT, LEANING = 0.9, 3, 0.7, 0.15, 0.6
"""When a place speaks for a cluster: shared names of this weight, in so many matters, of which this
share are of the cluster; and to what a subject alike in part is then raised."""
TYPICAL = 0.3
"""How much of what its cluster is about a member must be about."""
KIND_LEVEL = 4
CANDIDATES = 100
"""How many of the most promising earlier matters are compared in full."""
NEAREST = 25
"""How many matters make up a stream that is made for one question. Making it costs the square."""
PRIOR = 256
"""Letters that everyday Chinese counts for, against what the stream itself has taught."""
HALF_LIFE_DAYS = 730.0
"""A matter this much older counts half; months hardly matter."""


@dataclass(frozen=True)
class Fit:
    """How well a new matter fits a cluster; `leans`: only because all speak of it there."""

    cluster: int
    score: float
    leans: bool


class Stream:
    """Earlier matters, ready to be asked; adding one and asking take a few milliseconds at most.

    Matters that read alike are kept together as clusters: what a cluster is about as a whole helps
    where two members have few words in common.
    """

    def __init__(self) -> None:
        self._readings: list[Reading] = []
        self._cluster_of: list[int] = []
        self._clusters: list[list[int]] = []
        self._counts: list[Counter[str]] = []
        self._lengths: list[float] = []
        self._kinds_of: list[dict[str, float]] = []
        self._spread: Counter[str] = Counter()
        self._postings: defaultdict[str, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._readings)

    def rarity(self, piece: str) -> float:
        """From 0 to 1, by how many separate matters have the piece: everyday Chinese and this
        stream's clusters together. However many people tell one matter, it counts once."""
        if piece.startswith(NAME):
            return self._name_rarity(piece.removeprefix(NAME))
        expected = PRIOR * 2.0 ** -_level(piece)
        everything = PRIOR + len(self._clusters)
        rare = math.log2((everything + 1) / (self._spread[piece] + expected + 0.5))
        return max(0.0, min(1.0, rare / 8.5))

    def _name_rarity(self, piece: str) -> float:
        """A place may have several matters and is a name still; an everyday word is none."""
        unheard = (_level(piece, min) - EVERYDAY) / (NAMELIKE - EVERYDAY)
        usual = 4 + 0.02 * len(self._clusters)
        told = usual / max(usual, self._spread[piece])
        return max(0.0, min(1.0, unheard)) * told

    def suggest(self, new: Matter, most: int = MOST) -> list[Suggestion]:
        """The earlier matters that `new` reads like, best first, at most `most`. Adds nothing."""
        return self._suggest(read(new), most)[0]

    def add(self, matter: Matter) -> None:
        """Remember a matter, after all those told before it."""
        self._remember(read(matter))

    def _remember(self, reading: Reading) -> None:
        self._add(reading, self._suggest(reading, 1)[1])

    @classmethod
    def of_nearest(cls, reading: Reading, earlier: Sequence[Reading]) -> Stream:
        """A stream of those among `earlier` that read most like this one, each by itself."""
        rarity = cache(cls().rarity)
        mine = length(reading, rarity)

        def likeness(number: int) -> float:
            other = earlier[number]
            return compare(reading, other, (mine, length(other, rarity)), rarity).score

        numbers = list(range(len(earlier)))
        if len(earlier) > NEAREST:
            numbers.sort(key=lambda number: (likeness(number), number), reverse=True)
            numbers = sorted(numbers[:NEAREST])
        stream = cls()
        for number in numbers:
            stream._remember(earlier[number])
        return stream

    def suggest_and_add(self, new: Matter, most: int = MOST) -> list[Suggestion]:
        """`suggest`, then `add`, at the price of one."""
        reading = read(new)
        suggestions, cluster = self._suggest(reading, most)
        self._add(reading, cluster)
        return suggestions

    def _add(self, reading: Reading, cluster: int | None) -> None:
        number = len(self._readings)
        self._lengths.append(length(reading, self.rarity))
        self._readings.append(reading)
        if cluster is None:
            cluster = len(self._clusters)
            self._clusters.append([])
            self._counts.append(Counter())
            self._kinds_of.append({})
        self._cluster_of.append(cluster)
        self._clusters[cluster].append(number)
        kinds = self._kinds_of[cluster]
        for name, weight in reading.kinds.items():
            kinds[name] = kinds.get(name, 0.0) + weight
        pieces = _pieces(reading)
        counts = self._counts[cluster]
        for piece in pieces - counts.keys():
            self._spread[piece] += 1
        counts.update(pieces)
        for piece in pieces:
            self._postings[piece].append(number)

    def _suggest(self, reading: Reading, most: int) -> tuple[list[Suggestion], int | None]:
        """The suggestions, and the cluster the matter belongs to."""
        rarity = cache(self.rarity)  # for this once: adding changes it
        mine = length(reading, rarity)

        @cache
        def to(number: int) -> Likeness:
            other = self._readings[number]
            likeness = compare(reading, other, (mine, self._lengths[number]), rarity)
            fresh = _freshness(reading.matter.time, other.matter.time)
            return replace(likeness, score=likeness.score * fresh)

        compared = {number: to(number) for number in self._candidates(reading, rarity)}
        scores = {n: likeness.score for n, likeness in compared.items() if not likeness.apart}
        fit = self._best_cluster(reading, compared, rarity)
        if fit.score >= THRESHOLD:
            for number in self._clusters[fit.cluster]:
                likeness = to(number)
                told = max(likeness.place, likeness.words)
                if told >= TYPICAL and not likeness.apart and self._is_typical(number, rarity):
                    scores[number] = max(likeness.score, FOLLOWS * fit.score)
        found = [(score, number) for number, score in scores.items() if score >= THRESHOLD]
        found.sort(key=lambda pair: (-pair[0], -pair[1]))
        suggestions = [
            Suggestion(self._readings[number].matter.id, round(score, 3))
            for score, number in found[:most]
        ]
        alike = any(likeness.score >= THRESHOLD for likeness in compared.values())
        joins = found and (alike or not fit.leans)
        return suggestions, self._cluster_of[found[0][1]] if joins else None

    def _best_cluster(self, reading: Reading, compared: dict[int, Likeness], rarity: Rarity) -> Fit:
        """The cluster that fits best as a whole: its members' place, all that they are about."""
        members: defaultdict[int, list[Likeness]] = defaultdict(list)
        for number, likeness in compared.items():
            if not likeness.apart:
                members[self._cluster_of[number]].append(likeness)
        here = [n for n, likeness in compared.items() if likeness.place >= SAME_PLACE]
        best = Fit(-1, 0.0, leans=False)
        for cluster, likenesses in members.items():
            if len(likenesses) < 2:
                continue
            of_it = sum(self._cluster_of[number] == cluster for number in here)
            leaning = of_it / len(here) if of_it >= SEVERAL and reading.told else 0.0
            fit = self._fit(reading, cluster, likenesses, leaning, rarity)
            if fit.score > best.score:
                best = fit
        return best

    def _fit(
        self,
        reading: Reading,
        cluster: int,
        likenesses: list[Likeness],
        leaning: float,
        rarity: Rarity,
    ) -> Fit:
        """`leaning`: which share of the matters of this place are of this cluster. Somebody who
        only names a place that all talk about for one reason most likely has that reason."""
        place = sorted(likeness.place for likeness in likenesses)[-2]
        kind = kinds_alike(reading.kinds, self._kinds_of[cluster], rarity)
        own = two_strings(self._often_told(reading, cluster), reading.bare, rarity)
        words = max(likeness.words for likeness in likenesses)
        words = max(words, min(1.0, own.others + (own.first if place >= NAMED else 0.0)))
        subject = subject_alike(kind, words, bool(reading.kinds))
        told = together(place, subject)
        if told < THRESHOLD and leaning >= MOSTLY and (not reading.kinds or kind >= SOMEWHAT):
            leaned = together(place, max(subject, LEANING * leaning))
            return Fit(cluster, leaned, leans=True)
        return Fit(cluster, told, leans=False)

    def _is_typical(self, number: int, rarity: Rarity) -> bool:
        """Whether a matter is about what its cluster is about, so that it may be shown for it."""
        kinds = self._readings[number].kinds
        cluster = self._kinds_of[self._cluster_of[number]]
        return not kinds or kinds_alike(kinds, cluster, rarity) >= TYPICAL

    def _often_told(self, reading: Reading, cluster: int) -> dict[str, float]:
        """The pairs outside names that are the cluster's own words: more than one in four has."""
        size = len(self._clusters[cluster])
        counts = self._counts[cluster]
        return {
            pair: 1.0
            for pair in reading.weights
            if pair not in reading.spot_pairs and counts[pair] >= max(2, size / 4)
        }

    def likeness(self, one: Matter, other: Matter) -> Likeness:
        """Why two read alike or do not, for looking into a case."""
        first, second = read(one), read(other)
        lengths = length(first, self.rarity), length(second, self.rarity)
        return compare(first, second, lengths, self.rarity)

    def _candidates(self, reading: Reading, rarity: Rarity) -> list[int]:
        sums: defaultdict[int, float] = defaultdict(float)
        for piece in _pieces(reading):
            rare = rarity(piece) ** 2
            if rare < 0.1:
                continue
            for number in self._postings.get(piece, ()):
                sums[number] += rare
        return sorted(sums, key=lambda number: -sums[number])[:CANDIDATES]


def suggest(new: Matter, earlier: Iterable[Matter], most: int = MOST) -> list[Suggestion]:
    """Which of `earlier` (in order of time) `new` reads like, best first, at most `most`."""
    reading = read(new)
    stream = Stream.of_nearest(reading, [read(matter) for matter in earlier])
    return stream._suggest(reading, most)[0]


def _pieces(reading: Reading) -> set[str]:
    kinds = {f"kind:{name}" for name in reading.kinds}
    area = {f"area:{reading.area}"} if reading.area else set()
    return reading.weights.keys() | reading.names.keys() | kinds | area


def _level(piece: str, of_pairs: Callable[[Iterable[int]], int] = max) -> int:
    """How rare everyday Chinese has it: 2**-level of letters; of its pairs the rarest, or `min`."""
    if piece.startswith("kind:"):
        return KIND_LEVEL
    pairs = lexicon().pairs
    return of_pairs(pairs.get(piece[i : i + 2], UNHEARD) for i in range(len(piece) - 1))


def _freshness(one: datetime | None, other: datetime | None) -> float:
    if one is None or other is None:
        return 1.0
    days = abs((one - other).total_seconds()) / 86400
    return math.pow(0.5, days / HALF_LIFE_DAYS)
