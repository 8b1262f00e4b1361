"""Searching a directory that is in memory: from a request to the entries that serve it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from heapq import nsmallest
from itertools import groupby

from storage.directory.hours import open_now
from storage.directory.lexicon import Lexicon, lexicon
from storage.directory.shelves import ANY, NAMED, OWN, UNSAID, Row, Shelf, Shelves, nearest
from storage.directory.weighing import FOUND, Asked, understand
from storage.names import bare

UNLIKE = 0.1
"""What an entry loses that names other things than the one asked for (空调 when it is 冰箱). It
comes after those that do not, and still before another need."""
NEARLY, ROOM = 0.9, 3
"""Another reading of the words that is this near to the first one gets a place among so many."""
WORTH = 0.6
"""A hit that is worth less than this share of the best one is not shown beside it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that serves a request.

    score: 0..1, never below FOUND. distance: 0 same compound, 1 same community, 2 elsewhere in the
    county, None when it is not known where the search is from. open_now: None when not known.
    """

    entry_id: int
    category: str
    name: str
    compound: str
    score: float
    distance: int | None
    open_now: bool | None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a search is from: ids of the compound and of the community, as far as known."""

    compound: int | None = None
    community: int | None = None

    @property
    def known(self) -> bool:
        """Whether it is anywhere."""
        return self.compound is not None or self.community is not None


class Directory:
    """The entries of a directory, in memory, to be searched."""

    def __init__(
        self,
        rows: Iterable[Row],
        words: Lexicon | None = None,
        categories: Iterable[tuple[str, str]] = (),
    ) -> None:
        """words: another lexicon than that of the data files. categories: pairs of a word and the
        category of this directory that it means, where the lexicon has no such need."""
        self.lexicon = words or lexicon()
        self._shelves = Shelves(self.lexicon, rows)
        for word, category in categories:
            self._shelves.own.add_phrase(word, bare(category))

    def asked(self, text: str) -> Asked:
        """What a request is understood as."""
        return understand(self.lexicon, self._shelves.own, text)

    def find(
        self,
        text: str,
        spot: Spot,
        at: datetime,
        *,
        limit: int = 3,
        skip: Collection[int] = (),
        rotate: Mapping[int, float] | None = None,
    ) -> list[Hit]:
        """See `storage.directory.search`. at: the moment, in the shops' time zone."""
        asked = self.asked(text)
        search = partial(self._take, asked, spot, at, rotate)
        hits = search(self._with_related(asked.needs), limit, set(skip))
        other = self._other_reading(asked, hits)
        if other and len(hits) == limit >= ROOM:
            # Words that could as well mean something else: the last place goes to that.
            seen = {*skip, *(hit.entry_id for hit in hits)}
            hits[-1:] = search({other: asked.needs[other]}, 1, seen) or hits[-1:]
        return hits

    def _other_reading(self, asked: Asked, hits: list[Hit]) -> str | None:
        """A need that is meant nearly as surely as the first, and that none of `hits` serves."""
        served = set[str]().union(*(self._shelves.needs_of[hit.entry_id] for hit in hits))
        best = max(asked.needs.values(), default=0.0)
        others = [n for n, sure in asked.needs.items() if sure >= NEARLY * best and n not in served]
        return max(others, key=lambda need: asked.needs[need], default=None)

    def _take(
        self,
        asked: Asked,
        spot: Spot,
        at: datetime,
        rotate: Mapping[int, float] | None,
        needs: Mapping[str, float],
        limit: int,
        seen: set[int],
    ) -> list[Hit]:
        """The first `limit` entries that serve these needs and were not seen yet."""
        hits: list[Hit] = []
        for score, shelves in self._worth(needs, asked):
            if score < FOUND or (hits and score < WORTH * hits[0].score) or len(hits) >= limit:
                break
            for distance, rows in nearest(shelves, spot.compound, spot.community):
                for row in _whose_turn(rows, limit - len(hits), seen, rotate):
                    seen.add(row.id)
                    hits.append(_hit(row, score, distance if spot.known else None, at))
        return hits

    def _worth(
        self, needs: Mapping[str, float], asked: Asked
    ) -> Iterator[tuple[float, list[Shelf]]]:
        """The shelves that needs lead to, best first, equally good ones together."""
        worth: list[tuple[float, float, Shelf]] = []
        for need, sure in needs.items():
            alike = self._alike(need, asked.things.get(need, set()))
            for weight, shelf in self._shelves.of(need, ANY).items():
                worth.append((round(sure * weight, 2), UNLIKE if alike else 0.0, shelf))
            for thing in alike:
                for weight, shelf in self._shelves.of(need, thing).items():
                    worth.append((round(sure * weight, 2), 0.0, shelf))
        for kind, words in ((OWN, asked.phrases), (NAMED, asked.names)):
            for word, sure in words.items():
                for weight, shelf in self._shelves.of(kind, word).items():
                    worth.append((round(sure * weight, 2), 0.0, shelf))
        worth.sort(key=lambda one: (-one[0], one[1]))
        for (score, less), alike_ones in groupby(worth, key=lambda one: one[:2]):
            shown = round(max(min(score, FOUND), score - less), 2)
            yield shown, [shelf for _, _, shelf in alike_ones]

    def _alike(self, need: str, asked: set[str]) -> list[str]:
        """The shelves of a choosy need for the things asked for, and for those who name none."""
        if not asked or not self.lexicon.needs[need].choosy:
            return []
        return [UNSAID, *sorted(asked)]

    def _with_related(self, needs: dict[str, float]) -> dict[str, float]:
        every = dict(needs)
        for need, sure in needs.items():
            for other, share in self.lexicon.needs[need].related.items():
                if sure >= FOUND:
                    every[other] = max(every.get(other, 0.0), sure * share)
        return every


def _whose_turn(
    rows: Iterable[Row], wanted: int, seen: set[int], rotate: Mapping[int, float] | None
) -> list[Row]:
    """The first rows not seen yet; with `rotate` those with the smallest values."""
    if wanted <= 0:
        return []
    if rotate is not None:
        fresh = {row.id: row for row in rows if row.id not in seen}
        turn = nsmallest(wanted, fresh, key=lambda id_: (rotate.get(id_, float("-inf")), id_))
        return [fresh[id_] for id_ in turn]
    found: dict[int, Row] = {}
    for row in rows:
        if row.id not in seen:
            found[row.id] = row
            if len(found) == wanted:
                break
    return list(found.values())


def _hit(row: Row, score: float, distance: int | None, at: datetime) -> Hit:
    opened = open_now(row.hours, at)
    return Hit(row.id, row.category, row.name, row.place, score, distance, opened)
