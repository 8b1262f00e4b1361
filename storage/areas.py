"""The one area tree: county → community → compound → building → household.

A household is an area too, so that everything that is "somewhere" points at one kind of thing;
its door and phone stand sealed in `households` and never in an area's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.util import identity_key

from storage.base import Base, Sealed, vault_in
from storage.names import bare, building_key, door_key, pinyin
from storage.phones import normal_phone, phone_digest
from storage.remembered import once
from storage.vault import Vault


class Level(StrEnum):
    """How far down the tree an area stands."""

    COUNTY = "county"
    COMMUNITY = "community"
    COMPOUND = "compound"
    BUILDING = "building"
    HOUSEHOLD = "household"


LEVELS = tuple(Level)
FEW = 4
"""Areas that are asked for one by one: as many as stand above a household."""


class Area(Base):
    """One place. `path` is the ids from the root down, ``/1/4/17/``: an ancestor's is a prefix.

    name: empty for a household. pinyin: the name's full pinyin without tones; initials: the first
    letters. declared_households: the number a building was declared with (户数), for figures.
    """

    __tablename__ = "areas"
    __table_args__ = (
        UniqueConstraint("parent_id", "name_key"),
        Index("ix_areas_path", "path"),
        Index("ix_areas_level", "level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    level: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64))
    name_key: Mapped[str] = mapped_column(String(64))
    """What tells siblings apart: the name, or for a household the keyed hash of its door."""
    path: Mapped[str] = mapped_column(String(96), default="")
    pinyin: Mapped[str] = mapped_column(String(128), default="")
    initials: Mapped[str] = mapped_column(String(32), default="")
    declared_households: Mapped[int] = mapped_column(default=0)

    @property
    def lineage(self) -> list[int]:
        """The ids from the root down to this area."""
        return [int(part) for part in self.path.split("/") if part]


class Household(Base):
    """The door behind a household area, sealed.

    groups: the special groups (特殊群体) someone here belongs to, as the county's list names them.
    """

    __tablename__ = "households"

    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True)
    door: Mapped[str] = mapped_column(Sealed)
    householder: Mapped[str] = mapped_column(Sealed, default="")
    phone: Mapped[str | None] = mapped_column(Sealed)
    phone_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)


class UnknownArea(LookupError):
    """No area has this id."""


def area_key(level: str, name: str) -> str:
    """What tells siblings apart: 3栋 and 三号楼 are one building, 莲花池 and 莲花池社区 are one."""
    if level == Level.BUILDING:
        return building_key(name)[:64]
    key = bare(name)
    if level == Level.COMMUNITY:
        key = key.removesuffix("社区") or key
    return key[:64]


def household_key(vault: Vault, building_id: int, door: str) -> str:
    """The keyed hash that stands for a door in its building."""
    return vault.digest("door", str(building_id), door_key(door))


def named(session: Session, parent_id: int | None, key: str) -> Area | None:
    """The area right under `parent_id` (None: the root) that goes by `key`, see `area_key`."""
    beneath = Area.parent_id.is_(None) if parent_id is None else Area.parent_id == parent_id
    return session.scalars(select(Area).where(beneath, Area.name_key == key)).first()


def add(
    session: Session, parent: Area | None, level: Level, name: str, *, declared_households: int = 0
) -> Area:
    """The area of this name under `parent`, made when there is none yet.

    level: anything but a household, which `household` makes. declared_households: kept only by a
    new area. Raises ValueError for an empty name, a household, or a level not below the parent's.
    """
    shown = " ".join(unicodedata.normalize("NFKC", name).split())[:64]
    key = area_key(level, shown)
    if not key or level == Level.HOUSEHOLD:
        raise ValueError("an area needs a name, and a household is made by its door")
    if parent is not None and LEVELS.index(level) <= LEVELS.index(Level(parent.level)):
        raise ValueError(f"a {level} cannot stand under a {parent.level}")
    found = named(session, parent.id if parent else None, key)
    if found is not None:
        return found
    full, initials = pinyin(shown)
    area = Area(
        parent_id=parent.id if parent else None,
        level=level,
        name=shown,
        name_key=key,
        pinyin=full[:128],
        initials=initials[:32],
        declared_households=declared_households,
    )
    _place(session, area, parent)
    return area


def _place(session: Session, area: Area, parent: Area | None) -> None:
    """Insert `area` and give it its path, which needs its id."""
    session.add(area)
    session.flush()
    area.path = f"{parent.path if parent else '/'}{area.id}/"
    session.flush()


def county(session: Session) -> Area | None:
    """The root of the tree; None while no county has been loaded."""
    return once(session, (Area.__tablename__,), "county", lambda: session.scalars(_COUNTY).first())


_COUNTY = select(Area).where(Area.parent_id.is_(None)).order_by(Area.id).limit(1)


def get(session: Session, area_id: int) -> Area:
    """The area of this id. Raises UnknownArea."""
    if identity_key(Area, area_id) in session.identity_map:
        area = session.get(Area, area_id)
    else:
        found = session.scalars(_WITH_ABOVE, {"of_area": area_id}).all()
        area = next((one for one in found if one.id == area_id), None)
    if area is None:
        raise UnknownArea(area_id)
    return area


def _with_above() -> Select[Area]:
    """An area and all above it: who asks for one asks for those next, one by one."""
    of_it = select(Area.id, Area.parent_id).where(Area.id == bindparam("of_area"))
    up = of_it.cte("up", recursive=True)
    up = up.union_all(select(Area.id, Area.parent_id).join(up, Area.id == up.c.parent_id))
    return select(Area).where(Area.id.in_(select(up.c.id)))


_WITH_ABOVE = _with_above()


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A sort key by which 2栋 stands before 10栋."""
    parts = re.findall(r"\d+|\D+", name)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def children(session: Session, area_id: int) -> list[Area]:
    """The areas right beneath, as people would list them (2栋 before 10栋)."""

    def read() -> list[Area]:
        rows = session.scalars(_CHILDREN, {"parent": area_id})
        return sorted(rows, key=lambda area: natural(area.name))

    return list(once(session, (Area.__tablename__,), ("children", area_id), read))


_CHILDREN = select(Area).where(Area.parent_id == bindparam("parent")).order_by(Area.id)


def beneath(session: Session, area: Area, levels: Iterable[Level]) -> list[Area]:
    """The areas of these levels anywhere beneath one, as people would list them."""
    rows = session.scalars(
        select(Area)
        .where(Area.level.in_(list(levels)), Area.path.like(f"{area.path}%"), Area.id != area.id)
        .order_by(Area.id)
    )
    return sorted(rows, key=lambda area: natural(area.name))


def titles(session: Session, areas: Iterable[Area]) -> dict[int, str]:
    """What each area is called in a sentence, by its id, in one query for all of them.

    A compound and what is beneath it go by the names from the compound down (莲花池花园3栋); the
    rest by their own name. A household is called by its building: its door is not for everyone.
    """
    wanted = list(areas)
    ids = {part for area in wanted for part in area.lineage}
    known = {area.id: (area.level, area.name) for area in wanted}
    known |= _names(session, ids - known.keys())
    spoken: dict[int, str] = {}
    for area in wanted:
        if LEVELS.index(Level(area.level)) < LEVELS.index(Level.COMPOUND):
            spoken[area.id] = area.name
            continue
        lineage = [known[part] for part in area.lineage if part in known]
        spoken[area.id] = "".join(
            name for level, name in lineage if level not in (Level.COUNTY, Level.COMMUNITY)
        )
    return spoken


def _names(session: Session, ids: set[int]) -> dict[int, tuple[str, str]]:
    """Level and name of each of these areas."""
    if len(ids) <= FEW:  # one by one: what stands above an area is nearly always loaded
        rows = (session.get(Area, one) for one in ids)
        return {row.id: (row.level, row.name) for row in rows if row is not None}
    found = session.execute(select(Area.id, Area.level, Area.name).where(Area.id.in_(ids)))
    return {row.id: (row.level, row.name) for row in found}


def title(session: Session, area: Area) -> str:
    """What one area is called in a sentence; see `titles`. Never a door."""
    return titles(session, [area])[area.id]


def door_of(session: Session, area: Area) -> str:
    """The door of a household as it was written, for who is entitled to it; else empty."""
    if area.level != Level.HOUSEHOLD:
        return ""
    row = session.get(Household, area.id)
    return row.door if row is not None else ""


def household(session: Session, vault: Vault, building: Area, door: str) -> Area:
    """The household behind `door` of a building, made when it is not known yet.

    Raises ValueError when `building` is none or `door` cannot be a door.
    """
    if building.level != Level.BUILDING or not door_key(door):
        raise ValueError("a household needs a building and a door")
    key = household_key(vault, building.id, door)
    found = named(session, building.id, key)
    if found is not None:
        return found
    area = Area(parent_id=building.id, level=Level.HOUSEHOLD, name="", name_key=key)
    try:
        with session.begin_nested():
            _place(session, area, building)
            session.add(Household(area_id=area.id, door=door.strip()))
    except IntegrityError:
        # A neighbour at the same door was faster: theirs is the one.
        found = named(session, building.id, key)
        if found is None:
            raise
        return found
    return area


def homes_by_phone(session: Session, phone: str) -> list[Area]:
    """The households that the county's list gives this number for, however it is written."""
    normal = normal_phone(phone)
    if normal is None:
        return []
    digest = phone_digest(vault_in(session), normal)
    return list(
        session.scalars(
            select(Area)
            .join(Household, Household.area_id == Area.id)
            .where(Household.phone_hash == digest)
            .order_by(Area.id)
        )
    )
