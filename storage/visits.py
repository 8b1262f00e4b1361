"""Visits (巡访): when somebody of the county's side was at a door, and where nobody has been."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    cast,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from storage import areas
from storage.areas import Area, Household, Level
from storage.base import Base, SealedJson, vault_in
from storage.names import building_key, digits, door_key
from storage.post_tables import Role

_BETWEEN = " ,.，、。-/"
_A_DOOR = re.compile(r"[0-9a-z]")
"""A door begins with a number or a letter; 单元301 is what is left of one."""


class Visit(Base):
    """One visit to a household. person_id: who visited; role: as what; told: what was told with
    it, as {"text", "media": [ids]}, and goes with the row."""

    __tablename__ = "visits"
    __table_args__ = (Index("ix_visits_household_id_at", "household_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    told: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)


def note(
    session: Session, household_id: int, person_id: int, at: datetime, role: str = Role.LIAISON
) -> Visit:
    """Write a visit down."""
    visit = Visit(household_id=household_id, person_id=person_id, role=str(role), at=at)
    session.add(visit)
    session.flush()
    return visit


def between(
    session: Session, household_id: int, person_id: int, since: datetime, until: datetime
) -> Visit | None:
    """This person's newest visit there between these two moments."""
    wanted = select(Visit).where(
        Visit.household_id == household_id,
        Visit.person_id == person_id,
        Visit.at >= since,
        Visit.at < until,
    )
    return session.scalars(wanted.order_by(Visit.id.desc()).limit(1)).first()


def get(session: Session, visit_id: int) -> Visit | None:
    """A visit, unless it was taken back."""
    return session.get(Visit, visit_id)


def tell(
    session: Session, visit: Visit, text: str, media: Sequence[int], message: str = ""
) -> None:
    """Keep what was told with a visit, behind what was told before; the same only once.

    message: names the message that told it (channel, chat and the platform's id), for an edit.
    """
    before = visit.told or {"text": "", "media": []}
    lines = [line for line in (*before["text"].split("\n"), text) if line]
    visit.told = {
        "text": "\n".join(dict.fromkeys(lines)),
        "media": list(dict.fromkeys([*before["media"], *media])),
        "from": {**before.get("from", {}), **({message: text} if message else {})},
    }
    session.flush()


def told_in(session: Session, person_id: int, message: str, since: datetime) -> list[Visit]:
    """This person's visits since then with which this message told something."""
    wanted = select(Visit).where(Visit.person_id == person_id, Visit.at >= since)
    rows = session.scalars(wanted.order_by(Visit.id))
    return [one for one in rows if message in (one.told or {}).get("from", {})]


def retell(session: Session, visit: Visit, message: str, text: str) -> None:
    """What a message told is told in other words; nothing for none."""
    told: dict[str, Any] = visit.told or {"text": "", "media": [], "from": {}}
    before = told["from"].get(message, "")
    lines = [line for line in told["text"].split("\n") if line]
    if before in lines:
        lines[lines.index(before)] = text
    else:
        lines.append(text)
    kept = "\n".join(line for line in lines if line)
    visit.told = {**told, "text": kept, "from": {**told["from"], message: text}}
    session.flush()


def take_back(session: Session, visit: Visit) -> None:
    """The visit was never made; what was told with it is gone too."""
    session.delete(visit)
    session.flush()


def latest(session: Session, household_id: int, most: int) -> list[Visit]:
    """The newest visits to a household, the newest first."""
    wanted = select(Visit).where(Visit.household_id == household_id)
    return list(session.scalars(wanted.order_by(Visit.at.desc(), Visit.id.desc()).limit(most)))


@dataclass(frozen=True, slots=True)
class Unvisited:
    """A building, and how many of its households nobody of a role has been to."""

    building: Area
    households: int
    unvisited: int


def under(places: Sequence[Area]) -> ColumnElement[bool]:
    """An area is one of these or beneath one of them."""
    return or_(false(), *(Area.path.startswith(one.path, autoescape=True) for one in places))


def by_building(
    session: Session, places: Sequence[Area], roles: Collection[str], since: datetime
) -> list[Unvisited]:
    """For each building under these areas, how many households there are and how many of them
    nobody of `roles` has visited since then."""
    seen = exists().where(
        Visit.household_id == Area.id, Visit.at >= since, Visit.role.in_(list(roles))
    )
    building = aliased(Area)
    rows = session.execute(
        select(building, func.count(), func.count().filter(~seen))
        .select_from(Area)
        .join(building, building.id == Area.parent_id)
        .where(Area.level == Level.HOUSEHOLD, under(places))
        .group_by(building.id)
    )
    found = [Unvisited(*row) for row in rows]
    return sorted(found, key=lambda one: (one.building.parent_id, areas.natural(one.building.name)))


def unvisited(
    session: Session,
    places: Sequence[Area],
    roles: Collection[str],
    since: datetime,
    most: int,
    *,
    special: bool = False,
) -> list[Area]:
    """The first households under these areas that nobody of `roles` has visited since then.

    special: only those where somebody of a special group (独居老人 ...) lives.
    """
    seen = exists().where(
        Visit.household_id == Area.id, Visit.at >= since, Visit.role.in_(list(roles))
    )
    wanted = select(Area).where(Area.level == Level.HOUSEHOLD, under(places), ~seen)
    if special:
        cared_for = cast(Household.groups, String) != "[]"
        wanted = wanted.join(Household, Household.area_id == Area.id).where(cared_for)
    return list(session.scalars(wanted.order_by(Area.path).limit(most)))


def cared_for(session: Session, places: Sequence[Area]) -> list[Household]:
    """The households under these areas where somebody of a special group lives, in order."""
    rows = session.scalars(
        select(Household)
        .join(Area, Area.id == Household.area_id)
        .where(under(places), cast(Household.groups, String) != "[]")
        .order_by(Area.path)
    )
    return list(rows)


def count(session: Session, places: Sequence[Area]) -> int:
    """How many households there are under these areas."""
    homes = select(func.count()).where(Area.level == Level.HOUSEHOLD, under(places))
    return session.scalar(homes) or 0


def doors(session: Session, households: Collection[int]) -> dict[int, str]:
    """The doors of these households as they were written, for who is entitled to them."""
    found: dict[int, str] = {}
    wanted = list(households)
    for start in range(0, len(wanted), 500):
        rows = session.execute(
            select(Household.area_id, Household.door).where(
                Household.area_id.in_(wanted[start : start + 500])
            )
        )
        found |= {row.area_id: row.door for row in rows}
    return found


FEW = 60
"""Buildings of which each is asked for a door that was said without one."""
FEW_DOORS = 120
"""Doors that are opened one by one to find the one that a bare 301 means."""


def household_in(session: Session, text: str, places: Sequence[Area]) -> list[Area]:
    """The households under these areas that `text` names (3栋2单元301, 2单元301, 301); several
    where it is not plain. None is ever made."""
    plain = digits(text).strip(_BETWEEN)
    buildings = _buildings(session, places)
    found = {home.id: home for home in _with_building(session, plain, buildings)}
    if not found and len(buildings) <= FEW:
        for building in buildings:
            home = _at(session, building, plain)
            if home is not None:
                found[home.id] = home
    own = tuple(one.path for one in places)
    fitting = [home for home in found.values() if home.path.startswith(own)]
    return fitting or _by_ending(session, plain, places) or _in_building(session, plain, places)


def building_in(session: Session, text: str, places: Sequence[Area]) -> Area | None:
    """The building of these areas that `text` names and nothing more (3栋), where it is one."""
    key = building_key(digits(text).strip(_BETWEEN))
    found = [one for one in _buildings(session, places) if key and one.name_key == key]
    return found[0] if len(found) == 1 else None


def _with_building(session: Session, plain: str, buildings: Sequence[Area]) -> Iterator[Area]:
    """The homes meant where the text begins with a building, and perhaps its compound."""
    for building, door in _split(session, plain, buildings):
        home = _at(session, building, door)
        if home is not None:
            yield home


def _split(session: Session, plain: str, buildings: Sequence[Area]) -> Iterator[tuple[Area, str]]:
    """The ways to read a text as a building, perhaps behind its compound, and a door."""
    compounds = {one.parent_id: "" for one in buildings if one.parent_id is not None}
    for area_id in compounds:
        compounds[area_id] = areas.get(session, area_id).name
    for end in range(1, len(plain)):
        head, door = plain[:end].strip(_BETWEEN), plain[end:].strip(_BETWEEN)
        if not door_key(door) or not _A_DOOR.match(door):
            continue
        for building in buildings:
            before = head
            name = compounds.get(building.parent_id or 0, "")
            if name and name in head:
                before = head.split(name, 1)[1].strip(_BETWEEN)
            if before and building_key(before) == building.name_key:
                yield building, door


def _in_building(session: Session, plain: str, places: Sequence[Area]) -> list[Area]:
    """3栋302, where the unit is left out."""
    for building, door in _split(session, plain, _buildings(session, places)):
        found = _by_ending(session, door, [building])
        own = tuple(one.path for one in places)
        found = [home for home in found if home.path.startswith(own)]
        if found:
            return found
    return []


def _buildings(session: Session, places: Sequence[Area]) -> list[Area]:
    ids = {part for one in places for part in one.lineage}
    return list(
        session.scalars(
            select(Area)
            .where(Area.level == Level.BUILDING, or_(under(places), Area.id.in_(ids)))
            .order_by(Area.id)
        )
    )


def _at(session: Session, building: Area, door: str) -> Area | None:
    if not door_key(door):
        return None
    key = areas.household_key(vault_in(session), building.id, door)
    return areas.named(session, building.id, key)


def _by_ending(session: Session, plain: str, places: Sequence[Area]) -> list[Area]:
    """A bare 301 among a few doors."""
    key = door_key(plain)
    homes = list(
        session.scalars(
            select(Area)
            .where(Area.level == Level.HOUSEHOLD, under(places))
            .order_by(Area.path)
            .limit(FEW_DOORS + 1)
        )
    )
    if not key or len(homes) > FEW_DOORS:
        return []
    written = doors(session, [home.id for home in homes])
    return [home for home in homes if f"-{door_key(written[home.id])}".endswith(f"-{key}")]
