"""Importing the directory: 类别, 名称, 电话, 地址, 所属小区, 服务内容, 营业时间, 核对日期.

An entry that a list brings anew counts as verified on the day of the import, if the list does not
say when. What is known already keeps its day, unless the list says another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.areas import Area, Level
from storage.dates import day_in
from storage.entries import Entry
from storage.importing.places import Places
from storage.importing.reading import Row, headings
from storage.importing.report import Bad, BadRow, Item, Outcome, hidden
from storage.phones import normal_phone
from storage.working_time import SHANGHAI

LONGEST = {"category": 32, "name": 64, "address": 128, "offers": 256, "hours": 64}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A service: what it is known by, and what the list has columns for."""

    key: tuple[str, str, str]
    facts: dict[str, str | int | date | None]


class DirectoryRows:
    """Checks and applies the rows of a directory list."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._today = now.astimezone(SHANGHAI).date()
        self._places = Places(session)
        self._seen: dict[tuple[str, str, str], int] = {}

    def check(self, row: Row) -> EntryRow:
        """The row, ready. Raises Bad."""
        category = row.needed("category", LONGEST["category"])
        name = row.needed("name", LONGEST["name"])
        written = row.needed("phone")
        phone = normal_phone(written, services=True)
        if phone is None:
            raise Bad("phone_bad", column=row.headings["phone"], phone=hidden(written))
        facts: dict[str, str | int | date | None] = {
            field: row.text(field, LONGEST[field])
            for field in ("address", "offers", "hours")
            if row.has(field)
        }
        if row.has("compound"):
            compound = row.text("compound")
            facts["area_id"] = self._places.compound(compound) if compound else None
        if row.cells.get("verified"):
            facts["verified_on"] = self._verified(row)
        key = (category, name, phone)
        if key in self._seen:
            raise Bad("row_twice", first=self._seen[key])
        self._seen[key] = row.number
        return EntryRow(key, facts)

    def _verified(self, row: Row) -> date:
        written = row.date_or_text("verified", 32)
        found = day_in(written, self._today)
        if found is None:
            raise Bad("date_bad", column=row.headings["verified"], value=written)
        if found > self._today:
            raise Bad("day_ahead", column=row.headings["verified"], value=written)
        return found

    def check_together(self, items: list[Item[EntryRow]]) -> list[BadRow]:
        """Nothing here depends on another row."""
        return []

    def apply(self, items: list[Item[EntryRow]]) -> Iterator[Outcome]:
        """Write the rows down; what became of each."""
        known = {
            (entry.category, entry.name, entry.phone): entry
            for entry in self._session.scalars(select(Entry))
        }
        for item in items:
            category, name, phone = item.content.key
            entry = known.get(item.content.key)
            if entry is None:
                facts = {"verified_on": self._today, **item.content.facts}
                self._session.add(Entry(category=category, name=name, phone=phone, **facts))
                yield "added"
                continue
            changes = {k: v for k, v in item.content.facts.items() if getattr(entry, k) != v}
            for field, value in changes.items():
                setattr(entry, field, value)
            yield "changed" if changes else "unchanged"


def directory_lines(session: Session) -> list[list[str]]:
    """The directory as it stands, as the lines of a list: headings first. What was taken down is
    left out; a place is written as its path, so that it can be read back."""
    levels = (Level.COUNTY, Level.COMMUNITY, Level.COMPOUND)
    places = {area.id: area for area in session.scalars(select(Area).where(Area.level.in_(levels)))}

    def place(entry: Entry) -> str:
        if entry.area_id is None:
            return ""
        lineage = [places[one] for one in places[entry.area_id].lineage]
        return "/".join(area.name for area in lineage if area.level != Level.COUNTY)

    rows = session.scalars(
        select(Entry).where(Entry.down_since.is_(None)).order_by(Entry.category, Entry.id)
    )
    return [
        headings("directory"),
        *(
            [
                one.category, one.name, one.phone, one.address, place(one), one.offers, one.hours,
                one.verified_on.isoformat() if one.verified_on else "",
            ]
            for one in rows
        ),
    ]  # fmt: skip
