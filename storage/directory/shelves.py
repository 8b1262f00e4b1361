"""The index: shelves of entries, one for each thing that may be asked, sorted by how near they are.

What is asked costs the same with 500 entries and with 50,000: a search walks the best shelves in
order and stops when it has enough.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from storage.directory.lexicon import Lexicon, Role
from storage.directory.own_words import OwnWords
from storage.directory.weighing import PAIR, WEAK, longest
from storage.names import bare, simplify

BESIDE = 0.9
"""How much a need counts that an entry's name or offers speak of, when its category speaks of one
too; a category that speaks of none (生活服务) leaves it to them."""
PHRASE = 0.9
"""How much a phrase of the offers counts, of one that is the category."""
WELL_KNOWN = 0.7
"""A phrase of which the lexicon knows so much is not the directory's own."""
BROAD = 0.75
"""A name for many trades at once (居家维修) after one that says which."""
LEAST = 0.5
"""What an entry speaks of less than this it is not found by."""
THING_IN_CATEGORY, THING_ELSEWHERE = 0.85, 0.62
"""A thing alone: 手机 as a category is a shop for them, among offers it may be anything."""
ANY, UNSAID = "", "*"
"""The shelf of all entries of a need, and that of those that name none of its things."""
OWN, NAMED = "=", "@"
"""In place of a need: the shelves of the directory's own phrases, and of the names in it."""

_BETWEEN_PHRASES = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is indexed. compound, community: area ids; None for the whole county.

    place: the name of the area it stands in; empty for the whole county.
    """

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
    """The entries that one thing finds, all, by compound and by community."""

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


@dataclass(slots=True)
class Speaks:
    """What texts speak of: needs with how clearly (0..1), and the things they name for each."""

    needs: dict[str, float] = field(default_factory=dict)
    things: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def hear(self, need: str, clear: float) -> None:
        """What is said more than once counts as where it is clearest."""
        self.needs[need] = max(self.needs.get(need, 0.0), clear)

    def add(self, other: Speaks, weight: float) -> None:
        """Take in what another text says."""
        for need, clear in other.needs.items():
            self.hear(need, round(clear * weight, 2))
        for need, things in other.things.items():
            self.things[need] |= things


class Shelves:
    """All shelves of a directory.

    own: what it is written in that the lexicon does not know. needs_of: what each entry serves.
    """

    def __init__(self, lexicon: Lexicon, rows: Iterable[Row]) -> None:
        self.own = OwnWords()
        self.needs_of: dict[int, frozenset[str]] = {}
        self._lexicon = lexicon
        self._shelves: dict[tuple[str, str], dict[float, Shelf]] = {}
        self._read: dict[tuple[str, bool], Speaks] = {}
        self._phrased: dict[tuple[str, str], dict[str, float]] = {}
        self._says_nothing = {
            word
            for word, term in lexicon.terms.by_word.items()
            if any(role.part in ("generic", "padding") for role in term.roles)
        }
        for row in rows:
            self._put(row)

    def of(self, need: str, thing: str) -> dict[float, Shelf]:
        """The shelves of a need and a thing (ANY, UNSAID), by how much their entries count."""
        return self._shelves.get((need, thing), {})

    def _put(self, row: Row) -> None:
        entry = Speaks()
        category = self._speaks(row.category, is_category=True)
        entry.add(category, 1.0)
        beside = BESIDE if max(category.needs.values(), default=0.0) > BROAD else 1.0
        entry.add(self._speaks(row.name, is_category=False), beside)
        entry.add(self._speaks(row.offers, is_category=False), beside)
        for need, weight in entry.needs.items():
            if weight >= LEAST:
                for thing in (ANY, *(entry.things.get(need) or [UNSAID])):
                    self._shelf(need, thing, weight).put(row)
        self.needs_of[row.id] = frozenset(n for n, weight in entry.needs.items() if weight >= LEAST)
        for phrase, weight in self._phrases(row).items():
            self.own.add_phrase(phrase)
            self._shelf(OWN, phrase, weight).put(row)
        for name in self._names(row.name):
            self.own.add_name(name)
            self._shelf(NAMED, name, 1.0).put(row)

    def _phrases(self, row: Row) -> dict[str, float]:
        key = (row.category, row.offers)
        if key not in self._phrased:
            self._phrased[key] = self._phrases_of(row)
        return self._phrased[key]

    def _phrases_of(self, row: Row) -> dict[str, float]:
        phrases = {bare(row.category): 1.0}
        for text, weight in ((row.category, 1.0), (row.offers, PHRASE)):
            for phrase in _BETWEEN_PHRASES.split(simplify(text)):
                phrases.setdefault(phrase, weight)
        return {
            phrase: weight
            for phrase, weight in phrases.items()
            if len(phrase) > 1
            and phrase not in self._says_nothing
            and len(self._known(phrase)) < WELL_KNOWN * len(phrase)
        }

    def _names(self, name: str) -> set[str]:
        """A name as a whole, and what in it is a name only: 顺达 of 顺达开锁服务部."""
        key = bare(name)
        trade = self._known(key)
        own = "".join(char if i not in trade else " " for i, char in enumerate(key))
        return {part for part in (*own.split(), key) if len(part) > 1}

    def _known(self, text: str) -> set[int]:
        """Which characters of a bare text are in a word of the lexicon."""
        return {
            i
            for one in self._lexicon.terms.find_written(text)
            for i in range(one.start, one.end)
            if one.length > 1
        }

    def _shelf(self, need: str, thing: str, weight: float) -> Shelf:
        return self._shelves.setdefault((need, thing), {}).setdefault(weight, Shelf())

    def _speaks(self, text: str, *, is_category: bool) -> Speaks:
        """What a text speaks of, remembered: most entries share theirs with many others."""
        key = (text, is_category)
        if key not in self._read:
            self._read[key] = self._listen(text, is_category=is_category)
        return self._read[key]

    def _listen(self, text: str, *, is_category: bool) -> Speaks:
        speaks = Speaks()
        things: set[tuple[str, int]] = set()
        faults: set[tuple[str, int]] = set()
        thing = THING_IN_CATEGORY if is_category else THING_ELSEWHERE
        clear = {"word": 1.0, "name": 1.0, "broad": BROAD, "weak": WEAK, "thing": thing}
        for role in self._roles(text):
            if role.part == "fault":
                faults.add((role.need, role.pair))
                continue
            speaks.hear(role.need, clear.get(role.part, 0.0))
            if role.part in ("thing", "part"):
                things.add((role.need, role.pair))
        for need, _ in things & faults:
            speaks.hear(need, PAIR)
        for piece in _BETWEEN_PHRASES.split(simplify(text)):
            for one in self._lexicon.terms.find_written(piece):  # 空调 in 修空调 too
                general = {role.need for role in one.term.roles if role.part == "name"}
                for role in one.term.roles:
                    is_thing = role.part in ("thing", "part") and role.need not in general
                    if is_thing and role.need in speaks.needs:
                        speaks.things[role.need].add(one.term.word)
        return speaks

    def _roles(self, text: str) -> Iterator[Role]:
        for piece in _BETWEEN_PHRASES.split(simplify(text)):
            for one in longest(self._lexicon.terms.find_written(piece)):
                for role in one.term.roles:
                    if role.need:
                        yield role


def nearest(
    shelves: list[Shelf], compound: int | None, community: int | None
) -> Iterator[tuple[int, Iterable[Row]]]:
    """The entries of equally good shelves, nearest first: 0 compound, 1 community, 2 the rest.

    Who was in one of the former comes again in the latter.
    """
    if compound is not None:
        yield 0, chain.from_iterable(shelf.compounds.get(compound, ()) for shelf in shelves)
    if community is not None:
        yield 1, chain.from_iterable(shelf.communities.get(community, ()) for shelf in shelves)
    yield 2, chain.from_iterable(shelf.all for shelf in shelves)
