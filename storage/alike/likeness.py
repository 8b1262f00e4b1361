"""How alike two readings are: the same place and the same kind of thing, then both."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from storage.alike.lexicon import lexicon
from storage.alike.reading import Reading

Rarity = Callable[[str], float]
"""How rare a piece of text is among matters, from 0 (everybody says it) to 1 (hardly anybody)."""

NAME = "name:"
"""Asks for a piece's rarity as a part of a name."""
NAMED = 0.5
"""Shared names that weigh this much make a common place possible."""
VERY_RARE = 0.8
"""From here on a pair outside every name is some evidence too: brands, persons' shops, lines."""

SAME_AREA = 1.2
"""What the same place in the place field is worth, however often it is named."""
ENOUGH_PLACE = 1.3
"""More shared names than this say nothing more."""
APART = 0.3
OTHER_CATEGORY = 0.8


@dataclass(frozen=True)
class Likeness:
    """`place`: weight of shared names (about 1 for one name of three characters); `kind`: share of
    what they are about (0 to 1); `words`: cosine of the words outside names; `apart`: they name
    places that differ; `score`: all together."""

    place: float
    kind: float
    words: float
    apart: bool
    score: float


def compare(one: Reading, other: Reading, rarity: Rarity) -> Likeness:
    """Symmetric but for rounding."""
    place = _place(one, other, rarity)
    words, loose = _words(one, other, rarity)
    apart = _apart(one, other, place)
    place += loose
    kind = kinds_alike(one.kinds, other.kinds, rarity)
    subject = subject_alike(kind, words, bool(one.kinds and other.kinds))
    score = together(place, subject) * (APART if apart else 1.0)
    if one.matter.category and other.matter.category != one.matter.category:
        score *= OTHER_CATEGORY if other.matter.category else 1.0
    return Likeness(place, kind, words, apart, score)


def together(place: float, subject: float) -> float:
    """The score: both must be there, and the subject weighs more. `place` as in `Likeness`."""
    return float(min(1.0, place / ENOUGH_PLACE) ** 0.7 * subject**0.7)


def subject_alike(kind: float, words: float, both_told: bool) -> float:
    """What they are about, 0 to 1. `both_told`: both say something the lexicon knows, so that
    other words shared mean less."""
    if both_told:
        return min(1.0, max(kind, 0.8 * kind + 1.2 * words))
    return min(1.0, 2.5 * words)


def _place(one: Reading, other: Reading, rarity: Rarity) -> float:
    shared = {n: proof for n, proof in one.names.items() if n in other.bare}
    for piece, proof in other.names.items():
        if piece in one.bare:
            shared[piece] = max(proof, shared.get(piece, 0.0))
    total = 0.0
    total = sum(proof * rarity(f"{NAME}{piece}") for piece, proof in shared.items())
    if same_area(one, other):
        total = max(total, SAME_AREA)
    return total


def same_area(one: Reading, other: Reading) -> bool:
    """Whether the places they were filed with are one, or one within the other."""
    shorter, longer = sorted((one.area, other.area), key=len)
    return len(shorter) > 1 and longer.startswith(shorter)


def kinds_alike(one: dict[str, float], other: dict[str, float], rarity: Rarity) -> float:
    """The cosine of two sets of kinds, common kinds weighing less."""

    def weigh(kinds: dict[str, float]) -> dict[str, float]:
        return {name: weight * rarity(f"kind:{name}") ** 2 for name, weight in kinds.items()}

    return _cosine(weigh(one), weigh(other))


def _words(one: Reading, other: Reading, rarity: Rarity) -> tuple[float, float]:
    """The cosine of the pairs outside names, and what very rare shared ones say about the place."""
    names = one.spot_pairs | other.spot_pairs

    def weigh(weights: dict[str, float]) -> dict[str, float]:
        return {p: w * rarity(p) ** 2 for p, w in weights.items() if p not in names}

    first, second = weigh(one.weights), weigh(other.weights)
    shared = first.keys() & second.keys()
    loose = sum(0.3 for pair in shared if rarity(pair) >= VERY_RARE)
    return _cosine(first, second), min(loose, 0.6)


def _cosine(first: dict[str, float], second: dict[str, float]) -> float:
    shared = first.keys() & second.keys()
    if not shared:
        return 0.0
    dot = sum(first[key] * second[key] for key in shared)
    lengths = math.hypot(*first.values()) * math.hypot(*second.values())
    return dot / lengths if lengths else 0.0


def _apart(one: Reading, other: Reading, place: float) -> bool:
    """Whether they name places that cannot be one."""
    if one.cities and other.cities and not one.cities & other.cities:
        return True
    if _in_other_building(one, other):
        return True
    if len(one.area) > 1 and len(other.area) > 1 and not same_area(one, other):
        return place < ENOUGH_PLACE
    if one.districts and other.districts and not one.districts & other.districts:
        return place < ENOUGH_PLACE
    return place < NAMED and bool(one.spots and other.spots)


def _in_other_building(one: Reading, other: Reading) -> bool:
    if not one.buildings or not other.buildings or one.buildings & other.buildings:
        return False
    kinds = lexicon().kinds
    return any(kinds[name].inside for name in one.kinds.keys() & other.kinds.keys())
