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
HALF_NAMED = 400
"""After so many characters a name counts half: other places are named in passing."""
HARDLY_NAMED, SAME_DISTRICT = 0.25, 0.4
"""What one district adds to names that weigh at least so much."""
COMMON, RARE = 0.7, 0.95
"""Rarity of a pair that says nothing, shared, and of one that says all it can."""
SAME_AREA = 1.2
"""What the same place in the place field is worth, however often it is named."""
ENOUGH_PLACE = 1.3
"""More shared names than this say nothing more."""
OTHER_NAME, OTHER_NAME_AS_WORD = 0.4, 0.5
"""What a second name told in both adds to the place, and to the subject: it may be either's."""
WIDE = 1.2
"""What the same words about a rule of the whole town are worth for the place."""
UNNAMED = 0.8
"""What a rare string proves for the place, that is in no name."""
PAIR_OF_STRING, MOST_OF_STRING, MOST_FOR_TITLE = 0.4, 1.0, 1.5
"""What a rare pair of a string weighs, what a whole string can, what more it can in a title."""
GAP_OF_STRING = 2
"""How many characters apart, little words that is, two pairs of a string may be."""
BY_CHANCE = 50
"""In letters of so many pairs twice as many rare ones are shared by chance."""
APART = 0.3
OTHER_CATEGORY = 0.8


@dataclass(frozen=True)
class Likeness:
    """`place`: weight of shared names (about 1 for one name of three characters); `kind`: share of
    what they are about (0 to 1); `words`: how much other words say the same (0 to 1); `apart`:
    they name places that differ; `score`: all together."""

    place: float
    kind: float
    words: float
    apart: bool
    score: float


def compare(one: Reading, other: Reading, lengths: tuple[float, float], rarity: Rarity) -> Likeness:
    """Symmetric but for rounding. `lengths` as `length` gives them, of both."""
    place, other_names = _place(one, other, rarity)
    apart = _apart(one, other, place)
    shared = one.weights.keys() & other.weights.keys()
    shared -= one.spot_pairs | other.spot_pairs
    in_order = {pair: one.weights[pair] for pair in one.weights if pair in shared}
    if not apart and one.wide and other.wide:
        place = max(place, WIDE * _same_rule(one.wide, other.wide))
    strings = two_strings(in_order, one.bare, rarity)
    rest = strings.others
    if place >= NAMED:
        rest += strings.first
    else:
        place = max(place, min(strings.first, 1.0) * UNNAMED)
        shared -= strings.pairs
    letters = min(len(one.weights), len(other.weights))
    rare = rest / (1 + letters / BY_CHANCE)
    dot = sum(one.weights[p] * other.weights[p] * rarity(p) ** 4 for p in shared)
    kind = kinds_alike(one.kinds, other.kinds, rarity)
    if kind or not one.kinds or not other.kinds:
        rare += OTHER_NAME_AS_WORD * other_names
    words = min(1.0, max(2.0 * dot / (lengths[0] * lengths[1] or 1.0), rare))
    subject = subject_alike(kind, words, bool(one.kinds and other.kinds))
    score = together(place, subject) * (APART if apart else 1.0)
    if one.matter.category and other.matter.category != one.matter.category:
        score *= OTHER_CATEGORY if other.matter.category else 1.0
    return Likeness(place, kind, words, apart, score)


def length(reading: Reading, rarity: Rarity) -> float:
    """The length of a reading's pairs outside names as a vector, rare ones counting more."""
    outside = (p for p in reading.weights if p not in reading.spot_pairs)
    return math.hypot(*(reading.weights[pair] * rarity(pair) ** 2 for pair in outside))


@dataclass(frozen=True)
class Strings:
    """The rarest string told in both, its pairs, and what all others weigh together.

    Of two rare strings one is most likely the place and the other the matter, even where no list
    knows either.
    """

    first: float
    pairs: frozenset[str]
    others: float


def two_strings(pairs: dict[str, float], text: str, rarity: Rarity) -> Strings:
    """The rare strings that `pairs` (with their weights, in the order of `text`) make up.

    Pairs a few characters apart are one string: a sentence copied is one thing told twice.
    """
    weights: list[float] = []
    members: list[list[str]] = []
    reached = -1
    for pair, weight in pairs.items():
        rare = (rarity(pair) - COMMON) / (RARE - COMMON)
        if rare <= 0:
            continue
        worth = min(1.0, rare) * PAIR_OF_STRING * min(weight, MOST_FOR_TITLE)
        start = text.find(pair)
        if members and 0 <= start - reached <= GAP_OF_STRING:
            weights[-1] = min(MOST_OF_STRING, weights[-1] + worth)
            members[-1].append(pair)
        else:
            weights.append(worth)
            members.append([pair])
        reached = start + 1
    if not weights:
        return Strings(0.0, frozenset(), 0.0)
    first = weights.index(max(weights))
    return Strings(weights[first], frozenset(members[first]), sum(weights) - weights[first])


def together(place: float, subject: float) -> float:
    """The score: both must be there, and the subject weighs more. `place` as in `Likeness`."""
    return float(min(1.0, place / ENOUGH_PLACE) ** 0.7 * subject**0.7)


def subject_alike(kind: float, words: float, both_told: bool) -> float:
    """What they are about, 0 to 1. `both_told`: both say something the lexicon knows, so that
    other words shared mean less."""
    return min(1.0, kind + (0.6 if both_told else 1.0) * words)


def _place(one: Reading, other: Reading, rarity: Rarity) -> tuple[float, float]:
    """What the names in both weigh: the best of them with a little of the others; the others."""
    shared = {n: proof for n, proof in one.names.items() if n in other.bare}
    for piece, proof in other.names.items():
        if piece in one.bare:
            shared[piece] = max(proof, shared.get(piece, 0.0))
    names: list[float] = []
    reached = -1
    for start, piece in sorted((one.bare.find(piece), piece) for piece in shared):
        later = max(start, other.bare.find(piece))
        worth = shared[piece] * rarity(f"{NAME}{piece}") / (1 + later / HALF_NAMED)
        if start < reached:
            names[-1] += worth
        else:
            names.append(worth)
        reached = max(reached, start + len(piece))
    place = max(names, default=0.0)
    others = sum(min(name, ENOUGH_PLACE) for name in names) - min(place, ENOUGH_PLACE)
    if same_area(one, other):
        place = max(place, SAME_AREA)
    place += OTHER_NAME * others
    if place >= HARDLY_NAMED and one.districts & other.districts:
        place += SAME_DISTRICT
    return place, others


def same_area(one: Reading, other: Reading) -> bool:
    """Whether the places they were filed with are one, or one within the other."""
    shorter, longer = sorted((one.area, other.area), key=len)
    return len(shorter) > 1 and (longer.startswith(shorter) or longer.endswith(shorter))


def kinds_alike(one: dict[str, float], other: dict[str, float], rarity: Rarity) -> float:
    """The cosine of two sets of kinds, common kinds weighing less."""

    def weigh(kinds: dict[str, float]) -> dict[str, float]:
        return {name: weight * rarity(f"kind:{name}") ** 2 for name, weight in kinds.items()}

    return _cosine(weigh(one), weigh(other))


def _same_rule(one: dict[str, float], other: dict[str, float]) -> float:
    """How far the words about a rule of the whole town agree, and how far both are about it."""
    shares = max(one.values()) * max(other.values())
    return _cosine(one, other) * math.sqrt(shares)


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
        return True
    return place < NAMED and bool(one.spots and other.spots)


def _in_other_building(one: Reading, other: Reading) -> bool:
    if not one.buildings or not other.buildings or one.buildings & other.buildings:
        return False
    kinds = lexicon().kinds
    return any(kinds[name].inside for name in one.kinds.keys() & other.kinds.keys())
