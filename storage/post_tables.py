"""The table of posts (岗位): which person holds which role for which area, and when."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BindParameter,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    or_,
)
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
    ERRAND_HELPER = "errand_helper"
    COMMUNITY_OFFICER = "community_officer"
    LAWYER = "lawyer"
    MEDIATOR = "mediator"
    RED_PATROL = "red_patrol"
    OWNERS_COMMITTEE = "owners_committee"
    PROPERTY_MANAGER = "property_manager"
    MEMBER_UNIT = "member_unit"
    DEPARTMENT = "department"
    ADMIN = "admin"


RANK = {
    Role.LIAISON: 0,
    Role.BUILDING_STEWARD: 0,
    Role.RED_PATROL: 0,
    Role.OWNERS_COMMITTEE: 0,
    Role.PROPERTY_MANAGER: 0,
    Role.GRID_WORKER: 1,
    Role.ERRAND_HELPER: 1,
    Role.MEDIATOR: 1,
    Role.LAWYER: 1,
    Role.COMMUNITY_OFFICER: 1,
    Role.COMPOUND_SECRETARY: 2,
    Role.SOCIAL_WORKER: 2,
    Role.MEMBER_UNIT: 2,
    Role.COMMUNITY_COMMITTEE: 3,
    Role.DEPARTMENT: 4,
    Role.ADMIN: 5,
}
"""Who reports to whom within one area, lowest first: the levels of the four-level network
(社区大党委 + 小区综合党支部 + 楼栋党小组 + 党员中心户), with the county above."""


class Post(Base):
    """A person holds a role for an area, from and until when, with a deputy (替岗人) or none.

    unit: the organisation they answer for (县住建局), empty for most. handles: the kinds of matters
    that are theirs (keys of kinds, or names of official classes); empty: any. phone_public: the
    holder's number may be shown to anybody (otherwise the role decides, storage/data/doorstep).
    """

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "area_id"),
        Index("ix_posts_area_id_role", "area_id", "role"),
        Index("ix_posts_role", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(32))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    unit: Mapped[str] = mapped_column(String(64), default="")
    handles: Mapped[list[str]] = mapped_column(JSON, default=list)
    phone_public: Mapped[bool] = mapped_column(default=False)


AT: BindParameter[datetime] = bindparam("at")
"""The moment, in statements that are made once: making one takes longer than running it."""


def in_force(
    at: datetime | BindParameter[datetime], post: type[Post] | None = None
) -> ColumnElement[bool]:
    """A post (the table, or another name for it) that holds at that moment."""
    post = post or Post
    return and_(
        or_(post.since.is_(None), post.since <= at), or_(post.until.is_(None), post.until > at)
    )
