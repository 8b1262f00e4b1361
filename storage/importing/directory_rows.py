"""Importing the directory: 类别, 名称, 电话, 地址, 所属小区, 服务内容, 营业时间."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.entries import Entry
from storage.importing.places import Places
from storage.importing.reading import Row
from storage.importing.report import Bad, BadRow, Item, Outcome, hidden
from storage.phones import normal_phone

LONGEST = {"category": 32, "name": 64, "address": 128, "offers": 256, "hours": 64}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A service: what it is known by, and what the list has columns for."""

    key: tuple[str, str, str]
    facts: dict[str, str | int | None]


class DirectoryRows:
    """Checks and applies the rows of a directory list."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
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
        facts: dict[str, str | int | None] = {
            field: row.text(field, LONGEST[field])
            for field in ("address", "offers", "hours")
            if row.has(field)
        }
        if row.has("compound"):
            compound = row.text("compound")
            facts["area_id"] = self._places.compound(compound) if compound else None
        key = (category, name, phone)
        if key in self._seen:
            raise Bad("row_twice", first=self._seen[key])
        self._seen[key] = row.number
        return EntryRow(key, facts)

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
                self._session.add(
                    Entry(category=category, name=name, phone=phone, **item.content.facts)
                )
                yield "added"
                continue
            changes = {k: v for k, v in item.content.facts.items() if getattr(entry, k) != v}
            for field, value in changes.items():
                setattr(entry, field, value)
            yield "changed" if changes else "unchanged"
