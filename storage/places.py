"""Places of a neighbourhood (红色驿站, 幸福食堂 ...), which is nearest, and what is on there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Double, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import areas
from storage.areas import Area, Level, natural
from storage.base import Base, vault_in
from storage.entries import Outcome
from storage.phones import phone_digest
from storage.points import Point, metres

LONGEST = {"name": 64, "address": 128, "what": 256, "hours": 64, "contact": 64}
LONGEST_DAY = 500
"""Characters of what is on at a place on one day; a canteen's menu has some 60."""
AROUND = 5_000.0
"""Metres: what is farther from a point than an hour's walk is not near it, and is ordered by areas
instead."""


class Place(Base):
    """One place. Its phone is public by intent: it is published to be called.

    kind: a key of `storage.place_kinds`. area_id: the compound it lies in, or whom it serves.
    contact: who is there, in words. latitude, longitude: WGS-84, see `storage.points`. keeper_hash:
    the keyed hash of the number of who runs it and may say what is on there; never shown.
    """

    __tablename__ = "places"
    __table_args__ = (UniqueConstraint("kind", "name", "area_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(String(64))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)
    address: Mapped[str] = mapped_column(String(128), default="")
    what: Mapped[str] = mapped_column(String(256), default="")
    hours: Mapped[str] = mapped_column(String(64), default="")
    contact: Mapped[str] = mapped_column(String(64), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    keeper_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def point(self) -> Point | None:
        """Where it is on the map, if that is known."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


class PlaceDay(Base):
    """What is on at a place on one day: a canteen's menu, an activity. The newest word counts."""

    __tablename__ = "place_days"
    __table_args__ = (UniqueConstraint("place_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"))
    day: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    set_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    set_at: Mapped[datetime]


class Closeness(StrEnum):
    """In whose reach a place lies, seen from a doorstep: nearest first."""

    COMPOUND = "compound"
    COMMUNITY = "community"
    COUNTY = "county"


_ORDER = list(Closeness)


@dataclass(frozen=True, slots=True)
class Near:
    """A place as seen from somewhere. metres: from the point that was given, or from the middle of
    the compound's own places; None where either is unknown."""

    place: Place
    closeness: Closeness
    metres: int | None


def nearest(
    session: Session,
    kind: str,
    area_id: int | None,
    *,
    point: Point | None = None,
    limit: int = 3,
    skip: int = 0,
) -> list[Near]:
    """The active places of a kind, nearest first; `limit` of them after the first `skip`.

    Seen from an area (None: from nowhere in particular): its compound, its community, the county,
    and within each by distance where that is known. point: somebody stands there: what lies within
    `AROUND` comes first, by distance alone. A county's 204 are compared in memory.
    """
    compound, community = _around(session, area_id)
    middle = point or _middle(session, compound)
    rows = session.execute(
        select(Place.id, Place.name, Place.latitude, Place.longitude, Area.path)
        .join(Area, Area.id == Place.area_id)
        .where(Place.kind == kind, Place.active)
    )
    ranked = []
    for row in rows:
        apart = _apart(middle, row.latitude, row.longitude)
        close = _closeness(row.path, compound, community)
        beside = point is not None and apart is not None and apart <= AROUND
        tier = 0 if beside else _ORDER.index(close)
        far = float("inf") if apart is None else apart
        ranked.append(((not beside, tier, far, natural(row.name), row.id), close, apart))
    ranked.sort(key=lambda one: one[0])
    return [
        Near(session.get_one(Place, rank[-1]), close, apart)
        for rank, close, apart in ranked[skip : skip + limit]
    ]


def seen_from(session: Session, place: Place, area_id: int | None) -> Near:
    """One place as `nearest` sees it from an area."""
    compound, community = _around(session, area_id)
    apart = _apart(_middle(session, compound), place.latitude, place.longitude)
    path = areas.get(session, place.area_id).path
    return Near(place, _closeness(path, compound, community), apart)


def _apart(middle: Point | None, latitude: float | None, longitude: float | None) -> int | None:
    """Whole metres; None where either is unknown."""
    if middle is None or latitude is None or longitude is None:
        return None
    return round(metres(middle, (latitude, longitude)))


def _around(session: Session, area_id: int | None) -> tuple[str, str]:
    """The paths of the compound and the community that an area lies in; empty for none."""
    home = areas.get(session, area_id) if area_id is not None else None
    paths = {Level.COMPOUND: "", Level.COMMUNITY: ""}
    for part in home.lineage if home else ():
        area = areas.get(session, part)
        if Level(area.level) in paths:
            paths[Level(area.level)] = area.path
    return paths[Level.COMPOUND], paths[Level.COMMUNITY]


def _closeness(path: str, compound: str, community: str) -> Closeness:
    if compound and path.startswith(compound):
        return Closeness.COMPOUND
    if community and path.startswith(community):
        return Closeness.COMMUNITY
    return Closeness.COUNTY


def _middle(session: Session, compound: str) -> Point | None:
    """The middle of the places within a compound: where it is itself is written down nowhere."""
    if not compound:
        return None
    rows = session.execute(
        select(Place.latitude, Place.longitude)
        .join(Area, Area.id == Place.area_id)
        .where(Area.path.startswith(compound), Place.active)
        .where(Place.latitude.is_not(None), Place.longitude.is_not(None))
    ).all()
    if not rows:
        return None
    return (
        sum(row.latitude for row in rows) / len(rows),
        sum(row.longitude for row in rows) / len(rows),
    )


def get(session: Session, place_id: int) -> Place | None:
    """The active place of this id."""
    found = session.get(Place, place_id)
    return found if found is not None and found.active else None


def kinds_there(session: Session) -> set[str]:
    """The kinds of which there is an active place."""
    return set(session.scalars(select(Place.kind).where(Place.active).distinct()))


def every(session: Session) -> list[Place]:
    """Every place, active or not, as a list has them."""
    return list(session.scalars(select(Place).order_by(Place.kind, Place.area_id, Place.id)))


def kept_by(session: Session, phone_hash: str | None, kinds: Iterable[str]) -> list[Place]:
    """The active places of these kinds that who has this (proven) number runs."""
    if phone_hash is None:
        return []
    wanted = select(Place).where(Place.keeper_hash == phone_hash, Place.active)
    return list(session.scalars(wanted.where(Place.kind.in_(list(kinds))).order_by(Place.id)))


def within(session: Session, area_ids: Iterable[int], kinds: Iterable[str]) -> list[Place]:
    """The active places of these kinds at these areas and below."""
    found: dict[int, Place] = {}
    for area_id in area_ids:
        path = areas.get(session, area_id).path
        rows = session.scalars(
            select(Place)
            .join(Area, Area.id == Place.area_id)
            .where(Area.path.startswith(path), Place.active, Place.kind.in_(list(kinds)))
            .order_by(Place.id)
        )
        found |= {place.id: place for place in rows}
    return list(found.values())


def set_place(
    session: Session, *, kind: str, name: str, area_id: int, **facts: object
) -> tuple[Place, Outcome]:
    """Write a place down; the same kind, name and area is the same place, changed.

    facts: other columns of `Place`; what is not given stays. Gives the row and what became of it.
    """
    place = session.scalars(
        select(Place).where(Place.kind == kind, Place.name == name, Place.area_id == area_id)
    ).first()
    if place is None:
        place = Place(kind=kind, name=name, area_id=area_id, **facts)
        session.add(place)
        session.flush()
        return place, "added"
    outcome: Outcome = "unchanged"
    for field, value in facts.items():
        if getattr(place, field) != value:
            setattr(place, field, value)
            outcome = "changed"
    session.flush()
    return place, outcome


def keeper_digest(session: Session, phone: str | None) -> str | None:
    """The keyed hash of a keeper's (normal) number, as people have theirs."""
    return phone_digest(vault_in(session), phone) if phone else None


def set_day(
    session: Session, place_id: int, day: date, text: str, by: int | None, now: datetime
) -> PlaceDay:
    """Say what is on at a place on a day; said again, the new words count."""
    row = day_of(session, place_id, day)
    if row is None:
        row = PlaceDay(place_id=place_id, day=day, text="", set_by=by, set_at=now)
        session.add(row)
    row.text, row.set_by, row.set_at = text[:LONGEST_DAY], by, now
    session.flush()
    return row


def day_of(session: Session, place_id: int, day: date) -> PlaceDay | None:
    """What is on at a place on a day, if anybody said so."""
    return session.scalars(
        select(PlaceDay).where(PlaceDay.place_id == place_id, PlaceDay.day == day)
    ).first()


def days_from(session: Session, place_id: int, day: date, limit: int = 3) -> list[PlaceDay]:
    """What is on at a place on that day and the next that anybody spoke of."""
    return list(
        session.scalars(
            select(PlaceDay)
            .where(PlaceDay.place_id == place_id, PlaceDay.day >= day)
            .order_by(PlaceDay.day)
            .limit(limit)
        )
    )
