"""Looking areas up by name thousands of times: the tree above the households, once in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.areas import LEVELS, Area, Level, area_key, household_key
from storage.base import vault_in
from storage.importing.report import Bad


@dataclass(frozen=True, slots=True)
class Place:
    """An area above the households."""

    id: int
    parent_id: int | None
    level: Level
    name: str
    key: str


class Places:
    """Every area but the households, as it was when this was made."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._vault = vault_in(session)
        rows = session.execute(
            select(Area.id, Area.parent_id, Area.level, Area.name, Area.name_key)
            .where(Area.level != Level.HOUSEHOLD)
            .order_by(Area.id)
        )
        places = [Place(r.id, r.parent_id, Level(r.level), r.name, r.name_key) for r in rows]
        self._children = {(place.parent_id, place.key): place for place in places}
        self.county = next((place for place in places if place.parent_id is None), None)
        self._compounds: dict[str, list[Place]] = {}
        for place in places:
            if place.level == Level.COMPOUND:
                self._compounds.setdefault(place.key, []).append(place)

    def child(self, parent: Place, level: Level, name: str) -> Place | None:
        """The area of this name and level right under `parent`."""
        found = self._children.get((parent.id, area_key(level, name)))
        return found if found is not None and found.level == level else None

    def building(self, community: str, compound: str, building: str) -> Place:
        """The building three names lead to. Raises Bad naming the first that is unknown."""
        here = self.county and self.child(self.county, Level.COMMUNITY, community)
        if here is None:
            raise Bad("community_unknown", value=community)
        inside = self.child(here, Level.COMPOUND, compound)
        if inside is None:
            raise Bad("compound_unknown", community=here.name, value=compound)
        found = self.child(inside, Level.BUILDING, building)
        if found is None:
            raise Bad("building_unknown", compound=inside.name, value=building)
        return found

    def compound(self, text: str) -> int:
        """A compound by its name alone, where only one has it, or by its path. Raises Bad."""
        named = self._compounds.get(area_key(Level.COMPOUND, text), [])
        if len(named) > 1:
            raise Bad("area_ambiguous", value=text)
        return named[0].id if named else self.path(text)

    def path(self, text: str) -> int:
        """The id of the area a written path names (see `addresses.resolve_path`). Raises Bad."""
        steps = [step for step in re.split(r"[/／\\>＞]", text) if step.strip()]
        here = self.county
        if here is None or not steps:
            raise Bad("area_unknown", value=text)
        if area_key(Level.COUNTY, steps[0]) == here.key:
            steps = steps[1:]
        for i, step in enumerate(steps):
            if here.level == Level.BUILDING and i == len(steps) - 1:
                return self._household(here, step, text)
            if here.level == Level.BUILDING:
                raise Bad("area_unknown", value=text)
            found = self.child(here, LEVELS[LEVELS.index(here.level) + 1], step)
            if found is None:
                raise Bad("area_unknown", value=text)
            here = found
        return here.id

    def _household(self, building: Place, door: str, text: str) -> int:
        key = household_key(self._vault, building.id, door)
        found = self._session.scalar(
            select(Area.id).where(Area.parent_id == building.id, Area.name_key == key)
        )
        if found is None:
            raise Bad("area_unknown", value=text)
        return found
