"""The directory of a database: read into memory once, and again when something changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storage.areas import Area, Level
from storage.directory.lexicon import Lexicon, Role, lexicon
from storage.directory.marks import Version, version
from storage.directory.search import Directory, Hit, Spot
from storage.directory.shelves import Row
from storage.directory.tables import NeedWord
from storage.directory.terms import Terms
from storage.directory.weighing import FOUND
from storage.entries import Entry


class _Loaded:
    """A directory as it was at one version, and where the areas lie that are searched from."""

    def __init__(self, session: Session, at: Version) -> None:
        self.version = at
        self._spots: dict[int, Spot] = {}
        self._places: dict[int, tuple[str, str]] = {
            row.id: (row.level, row.name)
            for row in session.execute(
                select(Area.id, Area.level, Area.name).where(
                    Area.level.in_([Level.COUNTY, Level.COMMUNITY, Level.COMPOUND])
                )
            )
        }
        taught = list(session.execute(select(NeedWord.word, NeedWord.category)))
        known = lexicon()
        categories = [pair for pair in taught if known.need_called(pair.category) is None]
        self.directory = Directory(
            self._rows(session),
            _taught(known, [(word, known.need_called(category)) for word, category in taught]),
            [(word, category) for word, category in categories],
        )

    def _rows(self, session: Session) -> Iterator[Row]:
        used = select(Entry.area_id).where(Entry.area_id.is_not(None)).distinct()
        paths: dict[int | None, str] = {
            row.id: row.path
            for row in session.execute(select(Area.id, Area.path).where(Area.id.in_(used)))
        }
        columns = (Entry.id, Entry.category, Entry.name, Entry.offers, Entry.hours, Entry.area_id)
        for row in session.execute(select(*columns).order_by(Entry.id)):
            spot, place = self._spot_of(paths.get(row.area_id, ""))
            yield Row(*row[:5], spot.compound, spot.community, place)

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
        """Where the area of this id lies; unknown ones lie nowhere."""
        if near is None:
            return Spot()
        if near not in self._spots:
            path = session.scalar(select(Area.path).where(Area.id == near))
            self._spots[near] = self._spot_of(path or "")[0]
        return self._spots[near]


def _taught(known: Lexicon, words: list[tuple[str, str | None]]) -> Lexicon:
    """The lexicon with the words that admins taught for its needs."""
    if not any(need for _, need in words):
        return known
    terms = Terms()
    for word, term in known.terms.by_word.items():
        for role in term.roles:
            terms.add(word, role)
    for word, need in words:
        if need:
            terms.add(word, Role("word", need))
    return Lexicon(known.needs, terms)


_loaded: WeakKeyDictionary[Engine, _Loaded] = WeakKeyDictionary()


def _current(session: Session) -> _Loaded:
    engine = session.get_bind().engine
    at = version(session)
    found = _loaded.get(engine)
    if found is None or found.version != at:
        found = _loaded[engine] = _Loaded(session, at)
    return found


def directory(session: Session) -> Directory:
    """The directory as this session sees it, for who searches it many times over."""
    return _current(session).directory


def spot(session: Session, near: int | None) -> Spot:
    """Where an area of any level lies; None lies nowhere."""
    return _current(session).spot(session, near)


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
    found = _current(session)
    from_here = found.spot(session, near)
    return found.directory.find(
        text, from_here, now.astimezone(zone), limit=limit, skip=skip, rotate=rotate
    )


def needs(session: Session, text: str) -> list[tuple[str, float]]:
    """The needs that a text means, best first, each with how sure that is (FOUND..1)."""
    asked = directory(session).asked(text)
    sure = [(need, score) for need, score in asked.needs.items() if score >= FOUND]
    return sorted(sure, key=lambda pair: -pair[1])
