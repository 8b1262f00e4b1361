"""Who may stand in for a person for some hours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import areas, posts
from storage.absences import last_deputy
from storage.posts import Post, Role


def possible(session: Session, person_id: int, at: datetime) -> list[int]:
    """Who stood in last or is the deputy of a post, then who serves around the same areas, nearest
    first. Nobody who is away."""
    held = posts.posts_of(session, person_id, at)
    last = last_deputy(session, person_id)
    named = [one for one in (last, *(post.deputy_id for post in held)) if one is not None]
    near: dict[int, tuple[int, int]] = {}
    for post in held:
        lineage = areas.get(session, post.area_id).lineage
        rows = session.execute(
            select(Post.person_id, Post.role, Post.area_id, Post.id).where(
                Post.area_id.in_(lineage), Post.person_id != person_id
            )
        )
        for other in rows:
            if Role(other.role) in (Role.ADMIN, Role.DEPARTMENT, Role.MEMBER_UNIT):
                continue
            rank = (len(lineage) - lineage.index(other.area_id), other.id)
            near[other.person_id] = min(near.get(other.person_id, rank), rank)
    ordered = dict.fromkeys([*named, *sorted(near, key=lambda one: near[one])])
    return [
        one
        for one in ordered
        if not posts.is_away(session, one, at) and posts.posts_of(session, one, at)
    ]
