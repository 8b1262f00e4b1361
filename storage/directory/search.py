"""Searching the directory: from a request to the entries that serve it, nearest first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest
from itertools import groupby
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storage.areas import Area, Level
from storage.directory.hours import open_now
from storage.directory.lexicon import Lexicon, Role, lexicon
from storage.directory.marks import Version, version
from storage.directory.shelves import OWN, Row, Shelf, Shelves, nearest
from storage.directory.tables import NeedWord
from storage.directory.terms import Terms
from storage.directory.weighing import FOUND, Asked, understand
from storage.entries import Entry

WORD_BONUS = 0.03
"""What an entry has ahead that names the very thing: 冰箱, and not only 家电."""
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


NOWHERE = Spot()


class Directory:
    """The directory in memory, as it was at one version."""

    def __init__(self, session: Session, now_at: Version) -> None:
        self.version = now_at
        self._places: dict[int, tuple[str, str]] = {
            row.id: (row.level, row.name)
            for row in session.execute(
                select(Area.id, Area.level, Area.name).where(
                    Area.level.in_([Level.COUNTY, Level.COMMUNITY, Level.COMPOUND])
                )
            )
        }
        self._spots: dict[int, Spot] = {}
        self.lexicon = _with_taught(session, lexicon())
        self._shelves = Shelves(self.lexicon, self._rows(session))
        _add_taught_categories(session, self.lexicon, self._shelves.own)

    def _rows(self, session: Session) -> Iterator[Row]:
        paths: dict[int, str] = {
            row.id: row.path
            for row in session.execute(
                select(Area.id, Area.path).where(Area.id.in_(select(Entry.area_id).distinct()))
            )
        }
        for entry in session.execute(
            select(
                Entry.id, Entry.category, Entry.name, Entry.offers, Entry.hours, Entry.area_id
            ).order_by(Entry.id)
        ):
            spot, place = self._spot_of(paths.get(entry.area_id, ""))
            yield Row(*entry[:5], spot.compound, spot.community, place)

    def _spot_of(self, path: str) -> tuple[Spot, str]:
        """The spot a path leads to, and the name of its lowest area that is no building."""
        at: dict[str, int] = {}
        name = ""
        for part in path.split("/"):
            if part and int(part) in self._places:
                level, name = self._places[int(part)]
                at[level] = int(part)
        return Spot(at.get(Level.COMPOUND), at.get(Level.COMMUNITY)), name

    def spot(self, session: Session, near: int | None) -> Spot:
        """Where the area of this id lies; unknown ids lie nowhere."""
        if near is None:
            return NOWHERE
        if near not in self._spots:
            path = session.scalar(select(Area.path).where(Area.id == near))
            self._spots[near] = self._spot_of(path or "")[0]
        return self._spots[near]

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
        """See `search`. at: the moment, in the shops' time zone."""
        hits: list[Hit] = []
        seen = set(skip)
        known = spot is not NOWHERE
        for score, shelves in self._worth(self.asked(text)):
            if score < FOUND or (hits and score < WORTH * hits[0].score):
                break
            for distance, rows in nearest(shelves, spot.compound, spot.community):
                for row in _fewest(rows, limit - len(hits), seen, rotate):
                    seen.add(row.id)
                    hits.append(_hit(row, score, distance if known else None, at))
            if len(hits) >= limit:
                break
        return hits

    def _worth(self, asked: Asked) -> Iterator[tuple[float, list[Shelf]]]:
        """The shelves a request leads to, best first, equally good ones together."""
        worth: list[tuple[float, Shelf]] = []
        for need, sure in self._with_related(asked.needs).items():
            for word in ("", *asked.words.get(need, ())):
                bonus = WORD_BONUS if word else 0.0
                for weight, shelf in self._shelves.shelves.get((need, word), {}).items():
                    worth.append((round(min(1.0, sure * weight + bonus), 2), shelf))
        for phrase, sure in asked.phrases.items():
            for weight, shelf in self._shelves.shelves.get((OWN, phrase), {}).items():
                worth.append((round(sure * weight, 2), shelf))
        worth.sort(key=lambda pair: -pair[0])
        for score, pairs in groupby(worth, key=lambda pair: pair[0]):
            yield score, [shelf for _, shelf in pairs]

    def _with_related(self, needs: dict[str, float]) -> dict[str, float]:
        every = dict(needs)
        for need, sure in needs.items():
            for other, share in self.lexicon.needs[need].related.items():
                if sure >= FOUND:
                    every[other] = max(every.get(other, 0.0), sure * share)
        return every


def _fewest(
    rows: list[Row], wanted: int, seen: set[int], rotate: Mapping[int, float] | None
) -> list[Row]:
    """The rows whose turn it is, of those not seen yet."""
    if wanted <= 0:
        return []
    if rotate is None:
        found: list[Row] = []
        for row in rows:
            if row.id not in seen and row not in found:
                found.append(row)
                if len(found) == wanted:
                    break
        return found
    fresh = {row.id: row for row in rows if row.id not in seen}
    turn = nsmallest(wanted, fresh, key=lambda id_: (rotate.get(id_, float("-inf")), id_))
    return [fresh[id_] for id_ in turn]


def _hit(row: Row, score: float, distance: int | None, at: datetime) -> Hit:
    return Hit(row.id, row.category, row.name, row.place, score, distance, open_now(row.hours, at))


def _with_taught(session: Session, known: Lexicon) -> Lexicon:
    """The lexicon with the words that admins taught."""
    words = {row.word: known.need_called(row.category) for row in session.scalars(select(NeedWord))}
    if not any(words.values()):
        return known
    terms = Terms()
    for word, term in known.terms.by_word.items():
        for role in term.roles:
            terms.add(word, role)
    for word, need in words.items():
        if need:
            terms.add(word, Role("word", need))
    return Lexicon(known.needs, terms)


def _add_taught_categories(session: Session, known: Lexicon, own: Terms) -> None:
    """Taught words that mean a category of this directory and no need of the lexicon."""
    for row in session.scalars(select(NeedWord)):
        if known.need_called(row.category) is None:
            own.add(row.word, row.category)


_directories: WeakKeyDictionary[Engine, Directory] = WeakKeyDictionary()


def directory(session: Session) -> Directory:
    """The directory as this session sees it, read anew only when something changed."""
    engine = session.get_bind().engine
    session.flush()
    now_at = version(session)
    found = _directories.get(engine)
    if found is None or found.version != now_at:
        found = _directories[engine] = Directory(session, now_at)
    return found


def search(
    session: Session,
    text: str,
    *,
    near: int | None,
    now: datetime,
    zone: ZoneInfo,
    limit: int = 3,
    skip: Collection[int] = (),
    rotate: Mapping[int, float] | None = None,
) -> list[Hit]:
    """The entries that serve what someone says they need, best and nearest first; none for a guess.

    near: the id of the area it is asked from (any level), or None. now: an aware moment; zone: the
    shops' time zone. skip: ids of entries not to give. rotate: among entries of the same score and
    distance the one with the smallest value comes first, and those without a value before all.
    """
    found = directory(session)
    return found.find(
        text,
        found.spot(session, near),
        now.astimezone(zone),
        limit=limit,
        skip=skip,
        rotate=rotate,
    )


def needs(session: Session, text: str) -> list[tuple[str, float]]:
    """The needs that a text means, best first, each with how sure that is (FOUND..1)."""
    asked = directory(session).asked(text)
    sure = [(need, score) for need, score in asked.needs.items() if score >= FOUND]
    return sorted(sure, key=lambda pair: -pair[1])
