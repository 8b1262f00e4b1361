"""Which area a sentence names in passing: 荷香苑的网格员是谁, 莲花池花园3栋谁管."""

from __future__ import annotations

import re

from sqlalchemy import String, bindparam, or_, select
from sqlalchemy.orm import Session

from storage import areas
from storage.areas import Area, Level, area_key
from storage.names import bare, digits
from storage.prepared import Prepared

SHORTEST = 2
"""Characters of a name; a single one stands in too many words."""
_NUMBER = re.compile(r"\D{0,2}?(\d{1,3})")


_NAMED = Prepared(
    select(Area.id, Area.name).where(
        or_(*(Area.level == level.value for level in (Level.COMMUNITY, Level.COMPOUND))),
        bindparam("said", type_=String).contains(Area.name_key),
    )
)
"""All whose key (the name, or the most of it, see `areas.area_key`) stands in the words."""


def mentioned(session: Session, text: str) -> Area | None:
    """The compound or community whose name stands in `text`, down to the building whose number
    follows it; the longest name. None where none stands there, or two compounds share it."""
    said = bare(text)
    session.flush()  # the next statement does not see what is not
    found: list[tuple[int, int, str]] = []
    for area_id, name in _NAMED.rows(session, said=said):
        name = bare(name)
        if len(name) >= SHORTEST and name in said:
            found.append((len(name), area_id, name))
    if not found:
        return None
    longest = max(found)[0]
    best = [one for one in found if one[0] == longest]
    if len(best) > 1:
        return None
    _, area_id, name = best[0]
    area = areas.get(session, area_id)
    return _building(session, area, said.partition(name)[2]) or area


def _building(session: Session, area: Area, after: str) -> Area | None:
    match = _NUMBER.match(digits(after))
    if area.level != Level.COMPOUND or match is None:
        return None
    return areas.named(session, area.id, area_key(Level.BUILDING, match[1]))


def names_in(area: Area | None, session: Session) -> list[str]:
    """The names by which an area was mentioned: its own and those above it in the sentence."""
    if area is None:
        return []
    steps = [areas.get(session, part) for part in area.lineage]
    return [step.name for step in steps if step.name]
