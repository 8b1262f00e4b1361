"""The one area tree: county → community → compound → building → household.

A household is an area too, so that everything that is "somewhere" points at one kind of thing;
its door and phone stand sealed in `households` and never in an area's name.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Sealed


class Level(StrEnum):
    """How far down the tree an area stands."""

    COUNTY = "county"
    COMMUNITY = "community"
    COMPOUND = "compound"
    BUILDING = "building"
    HOUSEHOLD = "household"


LEVELS = tuple(Level)


class Area(Base):
    """One place. `path` is the ids from the root down, ``/1/4/17/``: an ancestor's is a prefix.

    name: empty for a household. pinyin: the name's full pinyin without tones; initials: the first
    letters. declared_households: the number a building was declared with (户数), for figures.
    """

    __tablename__ = "areas"
    __table_args__ = (
        UniqueConstraint("parent_id", "name_key"),
        Index("ix_areas_path", "path"),
        Index("ix_areas_level", "level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    level: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64))
    name_key: Mapped[str] = mapped_column(String(64))
    """What tells siblings apart: the name, or for a household the keyed hash of its door."""
    path: Mapped[str] = mapped_column(String(96), default="")
    pinyin: Mapped[str] = mapped_column(String(128), default="")
    initials: Mapped[str] = mapped_column(String(32), default="")
    declared_households: Mapped[int] = mapped_column(default=0)

    @property
    def lineage(self) -> list[int]:
        """The ids from the root down to this area."""
        return [int(part) for part in self.path.split("/") if part]


class Household(Base):
    """The door behind a household area, sealed.

    groups: the special groups (特殊群体) someone here belongs to, as the county's list names them.
    """

    __tablename__ = "households"

    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), primary_key=True)
    door: Mapped[str] = mapped_column(Sealed)
    householder: Mapped[str] = mapped_column(Sealed, default="")
    phone: Mapped[str | None] = mapped_column(Sealed)
    phone_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)
