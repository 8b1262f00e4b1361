"""Who serves where: posts, deputies, absences, and `serving`, the one routing rule."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Role(StrEnum):
    """What a post is; the code names of the glossary."""

    GRID_WORKER = "grid_worker"
    LIAISON = "liaison"
    BUILDING_STEWARD = "building_steward"
    COMPOUND_SECRETARY = "compound_secretary"
    COMMUNITY_COMMITTEE = "community_committee"
    SOCIAL_WORKER = "social_worker"
    COMMUNITY_OFFICER = "community_officer"
    LAWYER = "lawyer"
    MEDIATOR = "mediator"
    RED_PATROL = "red_patrol"
    OWNERS_COMMITTEE = "owners_committee"
    PROPERTY_MANAGER = "property_manager"
    ADMIN = "admin"


class Post(Base):
    """A person holds a role for an area, from and until when, with a deputy (替岗人) or none."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "area_id"),
        Index("ix_posts_area_id_role", "area_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(32))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Absence(Base):
    """A person is away from `since` (inclusive) until `until` (exclusive)."""

    __tablename__ = "absences"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(128), default="")
