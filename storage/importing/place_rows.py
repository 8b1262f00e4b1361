"""Importing places: 类别, 名称, 所属区域, 地址, 做什么, 开放时间 ...; and the list as it stands.

A place that the list does not mention stays. One that is gone is switched off (停用).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from storage import areas, places
from storage.areas import Level
from storage.importing.places import Places
from storage.importing.reading import Row, headings, words
from storage.importing.report import Bad, BadRow, Item, Outcome, hidden
from storage.names import bare
from storage.phones import normal_phone
from storage.place_kinds import kind_named, kinds
from storage.places import LONGEST
from storage.points import Point, from_gcj

DECIMALS = 6
"""Of a degree: a tenth of a metre."""
LATITUDES, LONGITUDES = (3.0, 54.0), (73.0, 136.0)
"""China; what lies outside is two cells the wrong way round, or a slip of the key."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place: what it is known by, and what the list has columns for."""

    kind: str
    name: str
    area_id: int
    facts: dict[str, Any]


class PlaceRows:
    """Checks and applies the rows of a places list."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._places = Places(session)
        self._seen: dict[tuple[str, str, int], int] = {}

    def check(self, row: Row) -> PlaceRow:
        """The row, ready. Raises Bad."""
        written = row.needed("kind", 32)
        kind = kind_named(written)
        if kind is None:
            known = "、".join(one.label for one in kinds().values())
            raise Bad("word_bad", column=row.headings["kind"], value=written[:20], allowed=known)
        name = row.needed("name", LONGEST["name"])
        area_id = self._area(row.text("area", 200))
        facts: dict[str, Any] = {
            field: row.text(field, LONGEST[field])
            for field in ("address", "what", "hours", "contact")
            if row.has(field)
        }
        facts |= self._phones(row) | _point(row)
        if row.has("off"):
            facts["active"] = not _yes(row, "off")
        key = (kind.key, name, area_id)
        if key in self._seen:
            raise Bad("row_twice", first=self._seen[key])
        self._seen[key] = row.number
        return PlaceRow(kind.key, name, area_id, facts)

    def _area(self, written: str) -> int:
        """A compound by its name alone, or a path; the whole county where the cell is empty."""
        county = self._places.county
        if not written and county is not None:
            return county.id
        return self._places.compound(written)

    def _phones(self, row: Row) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        if row.has("phone"):
            facts["phone"] = _phone(row, "phone", services=True) or ""
        if row.has("keeper"):
            facts["keeper_hash"] = places.keeper_digest(self._session, _phone(row, "keeper"))
        return facts

    def check_together(self, items: list[Item[PlaceRow]]) -> list[BadRow]:
        """Nothing here depends on another row."""
        return []

    def apply(self, items: list[Item[PlaceRow]]) -> Iterator[Outcome]:
        """Write the rows down; what became of each."""
        for item in items:
            row = item.content
            _, outcome = places.set_place(
                self._session, kind=row.kind, name=row.name, area_id=row.area_id, **row.facts
            )
            yield outcome


def _phone(row: Row, field: str, *, services: bool = False) -> str | None:
    """The number of a cell; None for an empty one. Raises Bad."""
    written = row.text(field)
    phone = normal_phone(written, services=services) if written else None
    if written and phone is None:
        raise Bad("phone_bad", column=row.headings[field], phone=hidden(written))
    return phone


def _yes(row: Row, field: str) -> bool:
    """Whether a cell says yes; an empty one says no. Raises Bad."""
    written = row.text(field, 16)
    known = words("places", "yes_no")
    if bare(written) in map(bare, known["yes"]):
        return True
    if bare(written) in map(bare, ["", *known["no"]]):
        return False
    allowed = f"{known['yes'][0]}、{known['no'][0]}"
    raise Bad("word_bad", column=row.headings[field], value=written[:20], allowed=allowed)


def _point(row: Row) -> dict[str, Any]:
    """Where it is, in WGS-84; a list reads points off 高德 or 腾讯 unless it says 手机 (GPS)."""
    if not (row.has("latitude") and row.has("longitude")):
        return {}
    latitude = _degrees(row, "latitude", LATITUDES)
    longitude = _degrees(row, "longitude", LONGITUDES)
    if latitude is None or longitude is None:
        return {"latitude": None, "longitude": None}
    point: Point = (latitude, longitude)
    if not _measured(row):
        point = from_gcj(point)
    return {"latitude": round(point[0], DECIMALS), "longitude": round(point[1], DECIMALS)}


def _measured(row: Row) -> bool:
    """Whether the point is as a phone measures it, not as a Chinese map shows it. Raises Bad."""
    written = row.text("source", 16)
    known = words("places", "sources")
    if bare(written) in map(bare, ["", *known["map"]]):
        return False
    if bare(written) in map(bare, known["gps"]):
        return True
    allowed = f"{known['map'][0]}、{known['gps'][0]}"
    raise Bad("word_bad", column=row.headings["source"], value=written[:20], allowed=allowed)


def _degrees(row: Row, field: str, within: tuple[float, float]) -> float | None:
    written = row.text(field, 32)
    if not written:
        return None
    try:
        degrees = float(written)
    except ValueError:
        degrees = float("nan")
    if not within[0] <= degrees <= within[1]:
        raise Bad("degrees_bad", column=row.headings[field], value=written[:20])
    return degrees


def place_lines(session: Session) -> list[list[str]]:
    """The places as they stand, as the lines of a list that can be imported again. Without the
    numbers of those who run them: a list without that column leaves them as they are."""
    columns = headings("places", but=("keeper",))
    yes_no, sources = words("places", "yes_no"), words("places", "sources")
    lines = [columns]
    for place in places.every(session):
        point = place.point
        lines.append(
            [
                kinds()[place.kind].label if place.kind in kinds() else place.kind,
                place.name,
                _written(session, place.area_id),
                place.address,
                place.what,
                place.hours,
                place.contact,
                place.phone,
                f"{point[0]:.{DECIMALS}f}" if point else "",
                f"{point[1]:.{DECIMALS}f}" if point else "",
                sources["gps"][0] if point else "",
                yes_no["no" if place.active else "yes"][0],
            ]
        )
    return lines


def _written(session: Session, area_id: int) -> str:
    """An area as a list names it; empty for the county."""
    lineage = [areas.get(session, part) for part in areas.get(session, area_id).lineage]
    return "/".join(step.name for step in lineage if step.level != Level.COUNTY)
