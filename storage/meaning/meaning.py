"""`classify`: a resident's words brought to service, category, first-level class and urgency."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from storage.meaning import pairs, words
from storage.meaning.dangers import dangers, dangers_in
from storage.meaning.files import OTHER, kinds, official_classes, table
from storage.meaning.pairs import Scores
from storage.meaning.reading import Reading, read

Urgency = Literal["normal", "urgent", "danger"]

WORDS, PAIRS, PRIOR, KIN = 1.0, 0.35, 0.3, 0.5
"""What counts how much: words, pairs, how common a class is, the class for its categories."""
DAMPING = 6.0
"""A text that says much is no surer than this many good words make it."""
DANGER = 2.5
"""What a danger says for its kind of matter, in good words."""
SHARPNESS = 1.3
ENOUGH, HALF = 0.45, 0.65
"""How much must speak for some category, or the text is about nothing that is known; and how much
of what pairs of characters say is not taken for proof."""
DOUBT = 0.6
"""With this much evidence the confidence is half of what the comparison alone would say."""
SHOWN = 0.04
"""Alternatives below this confidence are left out."""
LATELY = 256
"""Texts whose meaning is kept at hand: one talk asks for that of the same words at every step."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means.

    service: a key of the county's services (``request``, ``wish`` ...); category: a key of
    kinds.toml; official_class: a first-level class of complaint_taxonomy.csv; dangers: keys of
    `storage.meaning.dangers`; confidence: 0 to 1; alternatives: (category, confidence), best first,
    the chosen one among them.
    """

    service: str
    category: str
    official_class: str
    urgency: Urgency
    dangers: tuple[str, ...]
    confidence: float
    alternatives: tuple[tuple[str, float], ...]

    @property
    def urgent(self) -> bool:
        """Whether it is filed as urgent."""
        return self.urgency != "normal"


@lru_cache(maxsize=LATELY)
def classify(text: str) -> Meaning:
    """What `text` means. Pure and offline; any string will do, also an empty one.

    A text that speaks for nothing gets the category ``other`` and a confidence near 0.
    """
    reading = read(text)
    found = dangers_in(text)
    urgent = bool(found) or _urgent(reading)
    to_life = any(dangers()[key].life for key in found)
    by_category, by_class, evidence = _weigh(reading, found)
    ranked = _confidence(by_category, evidence)
    category = ranked[0][0] if ranked else OTHER
    official = max(by_class, key=lambda name: by_class[name])
    return Meaning(
        service=_service(reading, category),
        category=category,
        official_class=official,
        urgency="danger" if to_life else "urgent" if urgent else "normal",
        dangers=found,
        confidence=ranked[0][1] if ranked else 0.0,
        alternatives=tuple(ranked),
    )


def _weigh(reading: Reading, found: tuple[str, ...]) -> tuple[Scores, Scores, Scores]:
    """Points by category, by class, and what speaks for each category by itself."""
    said, (pair_categories, pair_classes) = words.votes(reading), pairs.votes(reading)
    for kind in dict.fromkeys(dangers()[key].category for key in found):
        said.speak_for(kind, DANGER)
    own = {
        key: WORDS * said.categories.get(key, 0.0) + PAIRS * pair_categories.get(key, 0.0)
        for key in said.categories.keys() | pair_categories.keys()
    }
    by_class = {
        name: WORDS * said.classes.get(name, 0.0) + PAIRS * pair_classes.get(name, 0.0)
        for name in official_classes()
    }
    damp = _damp(max(by_class.values()))
    by_class = {
        name: points * damp + PRIOR * math.log(official_classes()[name])
        for name, points in by_class.items()
    }
    best = max(by_class.values())
    damp = _damp(max(own.values(), default=0.0))
    by_category = {
        key: points * damp + KIN * (by_class[kinds()[key].official_class] - best)
        for key, points in own.items()
    }
    proof = max((own[key] - HALF * PAIRS * pair_categories.get(key, 0.0) for key in own), default=0)
    return (by_category if proof >= ENOUGH else {}), by_class, own


def _damp(most: float) -> float:
    return math.sqrt(DAMPING / most) if most > DAMPING else 1.0


def _confidence(points: dict[str, float], evidence: dict[str, float]) -> list[tuple[str, float]]:
    """(category, confidence), best first; empty when too little speaks for any."""
    if not points:
        return []
    best = max(points.values())
    if evidence.get(OTHER, 0.0) == max(evidence.values()):
        return []
    points = {key: value for key, value in points.items() if key != OTHER}
    weights = {key: math.exp((p - best) * SHARPNESS) for key, p in points.items()}
    whole = sum(weights.values())
    sure = {
        key: round(weight / whole * evidence[key] / (evidence[key] + DOUBT), 3)
        for key, weight in weights.items()
    }
    ranked = sorted(sure.items(), key=lambda pair: (-pair[1], pair[0]))
    return [pair for pair in ranked if pair[1] >= SHOWN] or ranked[:1]


@dataclass(frozen=True, slots=True)
class _ServiceRule:
    service: str
    of: frozenset[str]
    letters: bool
    said: re.Pattern[str]


@cache
def _service_rules() -> tuple[int, tuple[_ServiceRule, ...]]:
    rows = table("meaning/services")
    rules = tuple(
        _ServiceRule(
            key,
            frozenset(row["of"]),
            row.get("letters", False),
            re.compile("|".join(row["patterns"])),
        )
        for key, row in rows.items()
        if isinstance(row, dict)
    )
    return rows["letter"], rules


def _service(reading: Reading, category: str) -> str:
    letter, rules = _service_rules()
    for rule in rules:
        if reading.length > letter and not rule.letters:
            continue
        if category in rule.of and rule.said.search(reading.plain):
            return rule.service
    return kinds()[category].service


@cache
def _urgent_rule() -> tuple[int, re.Pattern[str]]:
    rows = table("meaning/urgency")
    return rows["letter"], re.compile("|".join(rows["patterns"]))


def _urgent(reading: Reading) -> bool:
    letter, said = _urgent_rule()
    return reading.length <= letter and said.search(reading.plain) is not None
