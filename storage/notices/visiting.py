"""Who knocks where: the buildings in which a notice did not reach everybody, by grid worker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import posts
from storage.absences import away
from storage.areas import Area
from storage.post_tables import Post, Role, in_force


def workers(
    session: Session, buildings: Collection[int], at: datetime
) -> dict[int | None, list[int]]:
    """The grid worker of each of these buildings, with their buildings in order; under None the
    buildings that nobody serves.

    As `posts.serving` says it, which is asked only where it is not plain: one post, held by
    somebody who is there. So a county costs a few queries and not some for each building.
    """
    paths = _paths(session, buildings)
    held: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    rows = session.execute(
        select(Post.area_id, Post.person_id, away(at, Post.person_id.expression)).where(
            Post.role == Role.GRID_WORKER.value, in_force(at)
        )
    )
    for area_id, person_id, absent in rows:
        held[area_id].append((person_id, bool(absent)))
    asked: dict[int, int | None] = {}
    found: dict[int | None, list[int]] = defaultdict(list)
    for building, path in sorted(paths.items(), key=lambda one: one[1]):
        lineage = [int(part) for part in path.split("/") if part]
        nearest = next((step for step in reversed(lineage) if step in held), None)
        if nearest is None:
            found[None].append(building)
            continue
        if nearest not in asked:
            asked[nearest] = _serving(session, nearest, held[nearest], at)
        found[asked[nearest]].append(building)
    return dict(found)


def _serving(
    session: Session, area_id: int, held: list[tuple[int, bool]], at: datetime
) -> int | None:
    if len(held) == 1 and not held[0][1]:
        return held[0][0]
    serving = posts.serving(session, Role.GRID_WORKER, area_id, at)
    return serving.person_id if serving else None


def _paths(session: Session, area_ids: Collection[int]) -> dict[int, str]:
    wanted, found = list(area_ids), dict[int, str]()
    for start in range(0, len(wanted), 500):
        rows = session.execute(
            select(Area.id, Area.path).where(Area.id.in_(wanted[start : start + 500]))
        )
        found |= {row.id: row.path for row in rows}
    return found
