"""Importing households: 社区, 小区, 楼栋, 门牌, 户主, 手机号, 特殊群体, 联户党员手机号."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from storage import people
from storage.areas import Area, Household, Level, household_key
from storage.base import vault_in
from storage.importing.places import Places
from storage.importing.reading import Row
from storage.importing.report import Bad, BadRow, Item, Outcome, hidden
from storage.names import door_key
from storage.phones import masked, normal_phone, phone_digest
from storage.posts import Post, Role

CHUNK = 1000
"""Rows written to the database together; progress moves by as many."""


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """A household. facts: the columns of `households` that the list speaks of.

    liaison: the id of their liaison or None; says_liaison: the list has that column.
    """

    building_id: int
    key: str
    facts: dict[str, Any]
    liaison: int | None
    says_liaison: bool


@dataclass(slots=True)
class _Known:
    """What the database has of some households, by building and key."""

    areas: dict[tuple[int, str], int] = field(default_factory=dict)
    rows: dict[int, Household] = field(default_factory=dict)
    liaisons: dict[int, list[int]] = field(default_factory=dict)


class HouseholdRows:
    """Checks and applies the rows of a households list."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._vault = vault_in(session)
        self._places = Places(session)
        self._seen: dict[tuple[int, str], int] = {}
        self._liaisons: dict[str, int | None] = {}

    def check(self, row: Row) -> HouseholdRow:
        """The row, ready. Raises Bad."""
        building = self._places.building(
            row.needed("community"), row.needed("compound"), row.needed("building")
        )
        door = row.needed("door", 32)
        if not re.search(r"[0-9a-z]", door_key(door)):
            raise Bad("door_bad", value=door)
        facts: dict[str, Any] = {"door": door}
        if row.has("householder"):
            facts["householder"] = row.text("householder", 64)
        if row.has("phone"):
            facts["phone"] = phone = self._phone(row, "phone")
            facts["phone_hash"] = phone and phone_digest(self._vault, phone)
        if row.has("groups"):
            # A person may stand under several; the order says nothing.
            words = re.split(r"[、,，;；/|\s]+", row.text("groups", 200))
            facts["groups"] = sorted({word for word in words if word})
        liaison = self._liaison(row)
        key = household_key(self._vault, building.id, door)
        if (building.id, key) in self._seen:
            raise Bad("row_twice", first=self._seen[building.id, key])
        self._seen[building.id, key] = row.number
        return HouseholdRow(building.id, key, facts, liaison, row.has("liaison"))

    @staticmethod
    def _phone(row: Row, name: str) -> str | None:
        written = row.text(name)
        phone = normal_phone(written) if written else None
        if written and phone is None:
            raise Bad("phone_bad", column=row.headings[name], phone=hidden(written))
        return phone

    def _liaison(self, row: Row) -> int | None:
        """The liaison a number belongs to: someone of the list of posts, never a bare number."""
        phone = self._phone(row, "liaison")
        if phone is None:
            return None
        if phone not in self._liaisons:
            person = people.find_by_phone(self._session, phone)
            self._liaisons[phone] = person.id if person and self._holds_posts(person.id) else None
        found = self._liaisons[phone]
        if found is None:
            raise Bad("liaison_unknown", phone=masked(phone))
        return found

    def _holds_posts(self, person_id: int) -> bool:
        held = select(Post.id).where(Post.person_id == person_id).limit(1)
        return self._session.scalar(held) is not None

    def check_together(self, items: list[Item[HouseholdRow]]) -> list[BadRow]:
        """Nothing here depends on another row."""
        return []

    def apply(self, items: list[Item[HouseholdRow]]) -> Iterator[Outcome]:
        """Write the rows down, a chunk at a time; what became of each."""
        for start in range(0, len(items), CHUNK):
            chunk = [item.content for item in items[start : start + CHUNK]]
            known = self._load(chunk)
            fresh = {
                (row.building_id, row.key)
                for row in chunk
                if (row.building_id, row.key) not in known.areas
            }
            self._make(chunk, fresh, known)
            outcomes: list[Outcome] = [self._one(row, fresh, known) for row in chunk]
            self._session.flush()
            yield from outcomes

    def _load(self, chunk: list[HouseholdRow]) -> _Known:
        buildings = {row.building_id for row in chunk}
        keys = {row.key for row in chunk}
        known = _Known()
        rows = self._session.execute(
            select(Area.id, Area.parent_id, Area.name_key).where(Area.parent_id.in_(buildings))
        )
        for row in rows:
            if row.parent_id is not None and row.name_key in keys:
                known.areas[row.parent_id, row.name_key] = row.id
        self._load_rows(known)
        return known

    def _load_rows(self, known: _Known) -> None:
        ids = list(known.areas.values())
        for household in self._session.scalars(select(Household).where(Household.area_id.in_(ids))):
            known.rows[household.area_id] = household
        posts = select(Post.area_id, Post.person_id).where(
            Post.area_id.in_(ids), Post.role == Role.LIAISON
        )
        for area_id, person_id in self._session.execute(posts):
            known.liaisons.setdefault(area_id, []).append(person_id)

    def _make(self, chunk: list[HouseholdRow], fresh: set[tuple[int, str]], known: _Known) -> None:
        """The areas and households that are not there yet, in three statements for all."""
        if not fresh:
            return
        new = [row for row in chunk if (row.building_id, row.key) in fresh]
        self._session.execute(
            insert(Area),
            [
                {
                    "parent_id": row.building_id,
                    "level": Level.HOUSEHOLD.value,
                    "name": "",
                    "name_key": row.key,
                }
                for row in new
            ],
        )
        ids = self._place({row.building_id for row in new})
        known.areas.update(ids)
        empty: dict[str, Any] = {"householder": "", "phone": None, "phone_hash": None, "groups": []}
        self._session.execute(
            insert(Household),
            [{**empty, **row.facts, "area_id": ids[row.building_id, row.key]} for row in new],
        )

    def _place(self, buildings: set[int]) -> dict[tuple[int, str], int]:
        """Give the areas that have no path yet their own; the ids of these."""
        paths = {
            row.id: row.path
            for row in self._session.execute(
                select(Area.id, Area.path).where(Area.id.in_(buildings))
            )
        }
        waiting = self._session.execute(
            select(Area.id, Area.parent_id, Area.name_key).where(
                Area.parent_id.in_(buildings), Area.path == ""
            )
        ).all()
        self._session.execute(
            update(Area),
            [{"id": row.id, "path": f"{paths[row.parent_id]}{row.id}/"} for row in waiting],
        )
        return {(row.parent_id, row.name_key): row.id for row in waiting}

    def _one(self, row: HouseholdRow, fresh: set[tuple[int, str]], known: _Known) -> Outcome:
        area_id = known.areas[row.building_id, row.key]
        moved = self._assign(row, area_id, known)
        if (row.building_id, row.key) in fresh:
            return "added"
        household = known.rows.get(area_id)
        if household is None:
            self._session.add(Household(area_id=area_id, **row.facts))
            return "changed"
        changes = {k: v for k, v in row.facts.items() if getattr(household, k) != v}
        for name, value in changes.items():
            setattr(household, name, value)
        return "changed" if changes or moved else "unchanged"

    def _assign(self, row: HouseholdRow, area_id: int, known: _Known) -> bool:
        """Make the liaison the list names the household's only one; whether that was news."""
        standing = known.liaisons.get(area_id, [])
        wanted = [row.liaison] if row.liaison is not None else []
        if not row.says_liaison or standing == wanted:
            return False
        leaving = set(standing) - set(wanted)
        if leaving:
            self._session.execute(
                delete(Post).where(
                    Post.area_id == area_id,
                    Post.role == Role.LIAISON,
                    Post.person_id.in_(leaving),
                )
            )
        for person_id in set(wanted) - set(standing):
            self._session.add(Post(person_id=person_id, role=Role.LIAISON.value, area_id=area_id))
        return True
