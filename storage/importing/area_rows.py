"""Importing the tree: 社区, 小区, 楼栋, 户数. A row may stop at the community or the compound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storage import areas
from storage.areas import Area, Level, area_key
from storage.importing.reading import Row, default_county
from storage.importing.report import Bad, BadRow, Item, Outcome

MOST_HOUSEHOLDS = 2000
"""More than this in one building is a slip of the key."""
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class AreaRow:
    """A building, a compound or a community, as the list names it."""

    county: str
    names: list[str]
    households: int | None


class AreaRows:
    """Checks and applies the rows of an areas list."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._seen: dict[tuple[str, ...], int] = {}
        self._known: dict[tuple[int, str], Area] = {}

    def check(self, row: Row) -> AreaRow:
        """The row, ready. Raises Bad."""
        community = row.needed("community", LONGEST_NAME)
        compound = row.text("compound", LONGEST_NAME)
        building = row.text("building", LONGEST_NAME)
        if building and not compound:
            raise Bad("compound_needed")
        number = _number(row)
        if number and not building:
            raise Bad("building_needed")
        names = [name for name in (community, compound, building) if name]
        key = tuple(area_key(level, name) for level, name in zip(_LEVELS, names, strict=False))
        for field, part in zip(("community", "compound", "building"), key, strict=False):
            if not part:
                raise Bad("cell_empty", column=row.headings[field])
        if key in self._seen:
            raise Bad("row_twice", first=self._seen[key])
        self._seen[key] = row.number
        return AreaRow(row.text("county", LONGEST_NAME), names, number)

    def check_together(self, items: list[Item[AreaRow]]) -> list[BadRow]:
        """Nothing here depends on another row."""
        return []

    def apply(self, items: list[Item[AreaRow]]) -> Iterator[Outcome]:
        """Write the rows down; what became of each."""
        root = areas.county(self._session)
        for item in items:
            if root is None:
                name = item.content.county or default_county()
                root = areas.add(self._session, None, Level.COUNTY, name)
            yield self._one(root, item.content)

    def _one(self, root: Area, row: AreaRow) -> Outcome:
        here, outcome = root, "unchanged"
        for level, name in zip(_LEVELS, row.names, strict=False):
            found = self._child(here, level, name)
            if found is None:
                found = areas.add(self._session, here, level, name)
                self._known[here.id, found.name_key] = found
                outcome = "added"
            here = found
        if row.households is not None and here.declared_households != row.households:
            here.declared_households = row.households
            outcome = "changed" if outcome == "unchanged" else outcome
        return "added" if outcome == "added" else "changed" if outcome == "changed" else "unchanged"

    def _child(self, parent: Area, level: Level, name: str) -> Area | None:
        key = area_key(level, name)
        if (parent.id, key) not in self._known:
            found = areas.named(self._session, parent.id, key)
            if found is None:
                return None
            self._known[parent.id, key] = found
        return self._known[parent.id, key]


_LEVELS = (Level.COMMUNITY, Level.COMPOUND, Level.BUILDING)


def _number(row: Row) -> int | None:
    """The declared households; None when the list does not say."""
    text = row.text("households")
    if not text:
        return None
    # isascii: "²" and "①" are digits to Python, and not to people.
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_HOUSEHOLDS):
        raise Bad(
            "number_bad",
            column=row.headings["households"],
            value=text[:20],
            most=MOST_HOUSEHOLDS,
        )
    return int(text)
