"""The compound that someone names in a search, among all of the county."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import addresses, areas
from storage.areas import Area, Level
from storage.names import bare

SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class NoSuchCompound(LookupError):
    """No one compound is called so.

    known: whether there are any compounds. alike: what may have been meant, as written paths
    (community/compound) when several are called exactly so.
    """

    name: str
    known: bool
    alike: list[str]
    several: bool


def compound_called(session: Session, name: str) -> int:
    """The id of the compound of this name, or of this written path. Raises NoSuchCompound."""
    by_path = addresses.resolve_path(session, name) if "/" in name else None
    if by_path is not None:
        return by_path.id
    rows = list(session.scalars(select(Area).where(Area.level == Level.COMPOUND).order_by(Area.id)))
    exact = [row for row in rows if bare(name) and bare(row.name) == bare(name)]
    if len(exact) == 1:
        return exact[0].id
    if exact:
        raise NoSuchCompound(name, True, [_path(session, row) for row in exact], True)
    county = areas.county(session)
    found = addresses.find(session, name, county, Level.COMPOUND, SUGGESTED) if county else []
    raise NoSuchCompound(name, bool(rows), [row.name for row in found], False)


def _path(session: Session, compound: Area) -> str:
    above = session.get(Area, compound.parent_id) if compound.parent_id else None
    return f"{above.name}/{compound.name}" if above is not None else compound.name
