"""The index: shelves of entries, one for each thing that may be asked, sorted by how near they are.

What is asked costs the same with 500 entries and with 50,000: a search walks the best shelves in
order and stops when it has enough.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from storage.directory.lexicon import Lexicon
from storage.directory.reading import read
from storage.directory.terms import Terms
from storage.directory.weighing import FOUND, PAIR, WEAK, longest
from storage.names import bare, simplify

CATEGORY, NAME, OFFER = 1.0, 0.92, 0.88
"""How much a need counts that an entry's category, name or offers speak of."""
LEAST = 0.5
"""What an entry speaks of less than this it is not found by."""
THING_IN_CATEGORY, THING_ELSEWHERE = 0.85, 0.62
"""A thing alone: 手机 as a category is a shop for them, among offers it may be anything."""

_SEPARATORS = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is indexed. compound, community: area ids; None for the whole county."""

    id: int
    category: str
    name: str
    offers: str
    hours: str
    compound: int | None
    community: int | None
    place: str


@dataclass(slots=True)
class Shelf:
    """The entries that one thing finds, by what they count, by compound and by community."""

    compounds: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    communities: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    all: list[Row] = field(default_factory=list)

    def put(self, row: Row) -> None:
        """Add an entry."""
        self.all.append(row)
        if row.compound is not None:
            self.compounds[row.compound].append(row)
        if row.community is not None:
            self.communities[row.community].append(row)


Key = tuple[str, str]
"""A need and one of its words ("" for any), or "=" and a phrase of the directory itself."""
OWN = "="


@dataclass(slots=True)
class Speaks:
    """What a text of an entry speaks of: needs with how clearly, and the words for each."""

    needs: dict[str, float]
    words: dict[str, set[str]]


class Shelves:
    """All shelves, the directory's own phrases, and what texts were read to."""

    def __init__(self, lexicon: Lexicon, rows: Iterable[Row]) -> None:
        self.own = Terms()
        self.shelves: dict[Key, dict[float, Shelf]] = {}
        self._lexicon = lexicon
        self._read: dict[tuple[str, bool], Speaks] = {}
        self._generic = {
            word
            for word, term in lexicon.terms.by_word.items()
            if any(role.part in ("generic", "padding") for role in term.roles)
        }
        self.count = 0
        for row in rows:
            self._put(row)

    def _put(self, row: Row) -> None:
        self.count += 1
        needs: dict[str, float] = {}
        words: dict[str, set[str]] = defaultdict(set)
        for text, weight, is_category in (
            (row.category, CATEGORY, True),
            (row.name, NAME, False),
            (row.offers, OFFER, False),
        ):
            speaks = self._speaks(text, is_category=is_category)
            for need, clear in speaks.needs.items():
                needs[need] = max(needs.get(need, 0.0), round(clear * weight, 2))
                words[need] |= speaks.words.get(need, set())
        for need, weight in needs.items():
            if weight >= LEAST:
                for word in ("", *words[need]):
                    self._shelf((need, word), weight).put(row)
        phrases = {row.category: CATEGORY}
        for text in _SEPARATORS.split(simplify(row.offers)):
            phrases.setdefault(text, OFFER)
        for text in _SEPARATORS.split(simplify(row.category)):
            phrases.setdefault(text, CATEGORY)
        for phrase, weight in phrases.items():
            key = bare(phrase)
            if len(key) > 1 and key not in self._generic:
                self.own.add(key, key)
                self._shelf((OWN, key), weight).put(row)

    def _shelf(self, key: Key, weight: float) -> Shelf:
        return self.shelves.setdefault(key, {}).setdefault(weight, Shelf())

    def _speaks(self, text: str, *, is_category: bool) -> Speaks:
        """What a text speaks of, remembered: most entries share theirs with many others."""
        key = (text, is_category)
        if key not in self._read:
            self._read[key] = self._speaks_of(text, is_category=is_category)
        return self._read[key]

    def _speaks_of(self, text: str, *, is_category: bool) -> Speaks:
        needs: dict[str, float] = {}
        words: dict[str, set[str]] = defaultdict(set)
        things: set[tuple[str, int]] = set()
        faults: set[tuple[str, int]] = set()
        for one in longest(self._lexicon.terms.find(read(text))):
            if one.fit < 1.0:
                continue
            for role in one.term.roles:
                if not role.need:
                    continue
                clear = {
                    "word": 1.0,
                    "name": 1.0,
                    "weak": WEAK,
                    "thing": THING_IN_CATEGORY if is_category else THING_ELSEWHERE,
                }.get(role.part, 0.0)
                needs[role.need] = max(needs.get(role.need, 0.0), clear)
                if role.part == "thing":
                    things.add((role.need, role.pair))
                if role.part == "fault":
                    faults.add((role.need, role.pair))
                else:
                    words[role.need].add(one.term.word)
        for need, _ in things & faults:
            needs[need] = max(needs[need], PAIR)
        return Speaks(needs, words)


def nearest(
    shelves: list[Shelf], compound: int | None, community: int | None
) -> Iterator[tuple[int, list[Row]]]:
    """The entries of equally good shelves, nearest first: 0 compound, 1 community, 2 the rest."""
    if compound is not None:
        yield 0, [row for shelf in shelves for row in shelf.compounds.get(compound, ())]
    if community is not None:
        yield 1, [row for shelf in shelves for row in shelf.communities.get(community, ())]
    for shelf in shelves:
        yield 2, shelf.all


__all__ = ["FOUND", "OWN", "Row", "Shelf", "Shelves", "nearest"]
