"""From the words of a request to the needs they mean, each with how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod

from storage.directory.lexicon import Lexicon, Role
from storage.directory.own_words import OwnWords
from storage.directory.reading import Unit, read
from storage.directory.terms import AS_WRITTEN, Found

FOUND = 0.5
"""Below this a need is a guess, and a guess is not given."""
PAIR, WEAK = 1.0, 0.55
"""A thing with its fault, and a word that may mean something else, of a word that is sure (1)."""
ALONE = {1: 0.58, 2: 0.44}
"""A thing without its fault, by how many needs it may be about; ALONE_LEAST for more than these."""
ALONE_LEAST, ALONE_CHARACTER, ALONE_FAULT = 0.34, 0.15, 0.2
"""Of one character, and a fault without its thing that only one need has."""
ALONE_SHARE, ALONE_MOST = 0.3, 0.9
"""What is added for the share it has in what was said; and the most that can come of it all."""
APART, FAR = 9, 0.8
"""A thing and its fault with more characters between them than this count so much less."""
ELSEWHERE = 0.45
"""What is left where the words speak of a public place or of a matter for a ticket."""
PER_CHARACTER, MOST = 0.01, 8
"""Among needs that fit equally, the one with more of the words wins by this much each, up to so
many."""


@dataclass(slots=True)
class Asked:
    """A request: its needs with how sure each is (0..1), and what else is known of it.

    things: the words of each need that are things. phrases, names: those of the directory itself.
    content: how many units are no padding; said: their characters, in pieces; rest: those that no
    word covers.
    factor, public: what is left of a word, and of a thing with its fault, because a matter for a
    ticket or a public place is named.
    """

    needs: dict[str, float] = field(default_factory=dict)
    things: dict[str, set[str]] = field(default_factory=dict)
    phrases: dict[str, float] = field(default_factory=dict)
    names: dict[str, float] = field(default_factory=dict)
    content: int = 0
    said: str = ""
    rest: str = ""
    factor: float = 1.0
    public: float = 1.0


def understand(lexicon: Lexicon, own: OwnWords | None, text: str) -> Asked:
    """What a text asks for. own: the words of the directory that the lexicon does not know."""
    units = read(text)
    found = longest(lexicon.terms.find(units))
    asked = _weighed(lexicon, units, found)
    if max(asked.needs.values(), default=0.0) < FOUND and len(units) > 2:
        slips = [*lexicon.terms.find_slips(units)] or [*lexicon.terms.find_letters(units)]
        if slips:
            found = longest([*found, *slips])
            asked = _weighed(lexicon, units, found)
    if own is not None:
        phrases = own.phrases(units, asked.said)
        asked.phrases = {phrase: sure * asked.factor for phrase, sure in phrases.items()}
        asked.names = own.names(units, asked.rest)
    return asked


def longest(found: Iterable[Found]) -> list[Found]:
    """Without what stands inside a longer word that is as sure: 洗衣 in 洗衣机.

    Faults and verbs stay, and hide nothing: 噪音大 may be of a machine, or of the neighbours.
    """
    every = sorted(found, key=lambda one: (-one.length, -one.fit, one.start))
    kept: list[Found] = []
    hiding: list[Found] = []
    for one in every:
        covered = any(
            other.start <= one.start
            and one.end <= other.end
            and (other.length > one.length or other.fit > one.fit)
            and other.fit >= one.fit
            for other in hiding
        )
        is_fault = any(role.part == "fault" for role in one.term.roles)
        if not covered or is_fault:
            kept.append(one)
        if not covered and any(role.part != "fault" for role in one.term.roles):
            hiding.append(one)
    return kept


def _weighed(lexicon: Lexicon, units: list[Unit], found: list[Found]) -> Asked:
    asked = Asked()
    roles = [(one, role) for one in found for role in one.term.roles]
    _measure(asked, units, roles)
    scores: dict[str, float] = defaultdict(float)
    length: dict[str, int] = defaultdict(int)
    for one, role in roles:
        if role.part in ("word", "name", "broad", "weak"):
            sure = asked.factor if role.part in ("word", "name") else WEAK * asked.public
            scores[role.need] = max(scores[role.need], one.fit * sure)
            length[role.need] = max(length[role.need], one.length)
    for need, (sure, long) in _of_things(asked, roles).items():
        scores[need] = max(scores[need], sure * asked.public)
        length[need] = max(length[need], long)
    asked.needs = {
        need: score * (1.0 - PER_CHARACTER * (MOST - min(MOST, length[need])))
        for need, score in scores.items()
    }
    return asked


def _of_things(asked: Asked, roles: list[tuple[Found, Role]]) -> dict[str, tuple[float, int]]:
    """How sure each need is by its things and faults, and how many characters say so."""
    things: dict[tuple[str, int], list[Found]] = defaultdict(list)
    faults: dict[tuple[str, int], list[Found]] = defaultdict(list)
    unsure: dict[str, dict[int, float]] = defaultdict(dict)
    for one, role in roles:
        if role.part not in ("thing", "part", "fault"):
            continue
        (faults if role.part == "fault" else things)[role.need, role.pair].append(one)
        if role.part != "fault":
            asked.things.setdefault(role.need, set()).add(one.term.word)
        alone = one.fit * _alone(one, role, asked.content)
        unsure[role.need][one.start] = max(alone, unsure[role.need].get(one.start, 0.0))
    found = {
        need: (min(ALONE_MOST, 1.0 - prod(1.0 - one for one in ones.values())), 2)
        for need, ones in unsure.items()
    }
    for (need, pair), ones in things.items():
        best = _pair(ones, faults.get((need, pair), []))
        if best is not None:
            found[need] = max(found[need], best)
    return found


def _alone(one: Found, role: Role, content: int) -> float:
    """How sure a need is by one of its things or faults alone."""
    needs = len({other.need for other in one.term.roles if other.part in (role.part, "word")})
    if role.part == "part":
        return 0.0
    if role.part == "fault":
        return ALONE_FAULT if needs == 1 and one.length > 1 else 0.0
    sure = ALONE.get(needs, ALONE_LEAST) if one.length > 1 else ALONE_CHARACTER
    return sure + ALONE_SHARE * min(1.0, one.length / max(1, content))


def _pair(things: list[Found], faults: list[Found]) -> tuple[float, int] | None:
    """The surest thing with a fault near it, and how many characters the two have."""
    pairs = [
        (
            PAIR * thing.fit * fault.fit * (1.0 if _between(thing, fault) <= APART else FAR),
            thing.length + fault.length,
        )
        for thing in things
        for fault in faults
        if _between(thing, fault) >= 0 and (fault.length > 1 or _between(thing, fault) <= APART)
    ]
    return max(pairs, default=None)


def _between(one: Found, other: Found) -> int:
    """How many characters stand between two words; negative when they share some."""
    return max(one.start, other.start) - min(one.end, other.end)


def _measure(asked: Asked, units: list[Unit], roles: list[tuple[Found, Role]]) -> None:
    """How much is said beside padding, what no word covers, and whether it is for elsewhere."""
    padding, covered, parts = set[int](), set[int](), set[str]()
    for one, role in roles:
        span = range(one.start, one.end)
        if role.part in ("padding", "generic"):
            padding.update(span)
        if one.length > 1 or role.part == "padding":
            covered.update(span)
        if one.fit == AS_WRITTEN or one.length > 2:
            parts.add(role.part)
    if parts & {"place", "matter"}:
        asked.public = ELSEWHERE
    if "matter" in parts or ("place" in parts and "asking" not in parts):
        asked.factor = ELSEWHERE
    said = [(i, one) for i, one in enumerate(units) if one.sound]
    asked.content = sum(i not in padding for i, _ in said)
    asked.said = "".join(
        one.char if one.char and i not in padding else " " for i, one in enumerate(units)
    )
    asked.rest = "".join(
        one.char if one.char and i not in covered else " " for i, one in enumerate(units)
    )
