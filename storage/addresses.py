"""Which area is meant by what people write: 莲花池社区/莲花池花园/3栋, 莲花池3栋, lhc 3d."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.areas import (
    LEVELS,
    Area,
    Level,
    area_key,
    county,
    household_key,
    named,
    natural,
)
from storage.base import vault_in
from storage.gazetteer import GOOD_ENOUGH, Place, Query, score
from storage.names import building_key, digits

COMPOUNDS_LOOKED_INTO = 5
"""A search for a building opens this many of the best-fitting compounds."""
_BUILDING = re.compile(
    r"(?P<head>.*?)第?(?P<building>(?<![a-z])[a-z](?![a-z])\d{0,3}|\d{1,3})(?P<end>栋|幢|号楼|楼|座|#|dong|d)?"
    r"(?P<rest>(?:\D.*)?)"
)
_ADDRESS = re.compile(
    r"(?P<building>.*?(?:(?<![a-z])[a-z]|\d{1,3})(?:栋|幢|号楼|座|动|洞|董|#|dong)|\D+\d{1,3}(?=-\d))(?P<door>.*)"
)
_DOOR = re.compile(
    r"(?:[0-9a-z]{1,4}(?:单元|号楼|号|楼|层|门|室|房|户|#|-|/|\.|，|,)*)+[左右东西南北中]?边?"
)


def to_the_building(text: str) -> str:
    """`text` without what stands behind the building: 莲花池花园3栋 of 莲花池花园3栋1单元302."""
    match = _ADDRESS.fullmatch(digits(text).replace(" ", ""))
    return match["building"] if match and match["door"] else text


def door_after(text: str) -> str:
    """What stands behind the building in `text`: 1单元302 in 莲花池花园3栋1单元302; else empty."""
    match = _ADDRESS.fullmatch(digits(text).replace(" ", ""))
    door = _DOOR.match(match["door"].strip("-,，。、. ")) if match else None
    return door.group().strip("-,，。、. ") if door else ""


def resolve_path(session: Session, text: str) -> Area | None:
    """The area a written path names: 莲花池社区/莲花池花园/3栋, and a door after it where one is
    known. The county's own name may lead and may stand alone. None when any step is unknown."""
    here = county(session)
    steps = [step for step in re.split(r"[/／\\>＞]", text) if step.strip()]
    if here is None or not steps:
        return None
    if area_key(Level.COUNTY, steps[0]) == here.name_key:
        steps = steps[1:]
    for step in steps:
        if here.level == Level.BUILDING:
            key = household_key(vault_in(session), here.id, step)
        elif here.level == Level.HOUSEHOLD:
            return None
        else:
            key = area_key(LEVELS[LEVELS.index(Level(here.level)) + 1], step)
        found = named(session, here.id, key)
        if found is None:
            return None
        here = found
    return here


def find(
    session: Session, text: str, under: Area, level: Level | None = None, limit: int = 6
) -> list[Area]:
    """The areas beneath `under` that `text` may mean, best first, at most `limit`.

    Communities and compounds (some 230) are all compared; buildings only beneath the compounds
    that fit, and households never, so that a search costs the same at 48,000 households.

    level: only this level; None for communities, compounds and buildings together. Households are
    not found here: their doors are sealed (see `storage.areas.household`).
    """
    query = Query.of(text)
    if not query.text or under.level in (Level.BUILDING, Level.HOUSEHOLD):
        return []
    scored: dict[int, float] = {}
    if level != Level.BUILDING and under.level != Level.COMPOUND:
        wanted: list[Level] = [level] if level else [Level.COMMUNITY, Level.COMPOUND]
        scored = _named(session, query, under, wanted)
    if level in (None, Level.BUILDING):
        for area_id, points in _buildings(session, text, under).items():
            scored[area_id] = max(points, scored.get(area_id, 0.0))
    best = sorted(scored, key=lambda area_id: -scored[area_id])[: limit * 3]
    rows = session.scalars(select(Area).where(Area.id.in_(best)))
    order = sorted(
        rows, key=lambda a: (-scored[a.id], LEVELS.index(Level(a.level)), natural(a.name))
    )
    return order[:limit]


def _named(session: Session, query: Query, under: Area, levels: list[Level]) -> dict[int, float]:
    rows = session.execute(
        select(Area.id, Area.name, Area.pinyin, Area.initials).where(
            Area.level.in_(levels), Area.path.like(f"{under.path}%"), Area.id != under.id
        )
    )
    scored = {row.id: score(query, Place(*row[1:])) for row in rows}
    return {area_id: points for area_id, points in scored.items() if points >= GOOD_ENOUGH}


def _buildings(session: Session, text: str, under: Area) -> dict[int, float]:
    """Buildings by number within the compounds that the words before the number fit."""
    if under.level == Level.COMPOUND:
        return _within(session, [under.id], text, dict.fromkeys([under.id], 100.0))
    match = _BUILDING.fullmatch(digits(text).replace(" ", ""))
    if match is None:
        return {}
    head, building = match["head"], match["building"]
    if not head:
        if match["end"] is None:
            return {}
        rows = session.scalars(
            select(Area.id)
            .where(
                Area.level == Level.BUILDING,
                Area.path.like(f"{under.path}%"),
                Area.name_key == building_key(building),
            )
            .limit(50)
        )
        return dict.fromkeys(rows, 70.0)
    compounds = _named(session, Query.of(head), under, [Level.COMPOUND])
    best = sorted(compounds, key=lambda area_id: -compounds[area_id])[:COMPOUNDS_LOOKED_INTO]
    return _within(session, best, building, compounds)


def _within(
    session: Session, compounds: list[int], text: str, points: dict[int, float]
) -> dict[int, float]:
    """The buildings of these compounds that `text` numbers or names."""
    key, query = building_key(text), Query.of(text)
    rows = session.execute(
        select(Area.id, Area.name, Area.pinyin, Area.initials, Area.parent_id, Area.name_key).where(
            Area.parent_id.in_(compounds)
        )
    )
    scored: dict[int, float] = {}
    for row in rows:
        fit = 100.0 if row.name_key == key else 0.0
        if fit == 0.0 and not key.isdigit():
            fit = score(query, Place(row.name, row.pinyin, row.initials))
        elif fit == 0.0 and row.name_key.startswith(key):
            fit = 70.0
        if fit >= GOOD_ENOUGH:
            # A number that fits says more than the compound's name alone.
            scored[row.id] = min(100.0, fit * points[row.parent_id] / 100.0 + 4.0)
    return scored
