"""Who serves where: posts, deputies, absences, and `serving`, the one routing rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import areas
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
    that are theirs (keys of kinds, or names of official classes); empty: any.
    """

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
    unit: Mapped[str] = mapped_column(String(64), default="")
    handles: Mapped[list[str]] = mapped_column(JSON, default=list)


class Absence(Base):
    """A person is away from `since` (inclusive) until `until` (exclusive)."""

    __tablename__ = "absences"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(128), default="")


@dataclass(frozen=True, slots=True)
class Serving:
    """Who answers for an area in a role just now, and by which post.

    area_id: where the post stands (the area asked about, or one above it).
    stands_in_for: the holder of the post, when this is the deputy of someone who is away.
    """

    person_id: int
    role: Role
    area_id: int
    post_id: int
    stands_in_for: int | None


class DeputyCycle(ValueError):
    """This deputy would, by way of deputies, end up standing in for themselves."""


def _in_force(at: datetime) -> ColumnElement[bool]:
    return and_(
        or_(Post.since.is_(None), Post.since <= at), or_(Post.until.is_(None), Post.until > at)
    )


def _away(at: datetime, person: ColumnElement[int]) -> ColumnElement[bool]:
    return exists().where(Absence.person_id == person, Absence.since <= at, Absence.until > at)


def is_away(session: Session, person_id: int, at: datetime) -> bool:
    """Whether a person is absent at that moment."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Absence.person_id == person_id, Absence.since <= at, Absence.until > at
                )
            )
        )
    )


def _stand_in(
    session: Session, deputy_id: int | None, holder_id: int, role: str, at: datetime
) -> int | None:
    """The first person along the deputies who is there; None when the line ends.

    An absent deputy's own deputies are those of the posts they hold: of the same role first, then
    by post id. Depth first; everyone is asked once, so that a cycle ends.
    """
    asked = {holder_id}
    line = [deputy_id] if deputy_id is not None else []
    while line:
        person_id = line.pop(0)
        if person_id in asked:
            continue
        asked.add(person_id)
        if not is_away(session, person_id, at):
            return person_id
        rows = session.execute(
            select(Post.deputy_id, Post.role, Post.id)
            .where(Post.person_id == person_id, Post.deputy_id.is_not(None), _in_force(at))
            .order_by(Post.id)
        ).all()
        line[:0] = [row.deputy_id for row in sorted(rows, key=lambda row: row.role != role)]
    return None


def _open_tickets(session: Session, people: Iterable[int]) -> dict[int, int]:
    # Imported here because tickets are routed by `serving`.
    from storage.tickets import OPEN, Ticket

    rows = session.execute(
        select(Ticket.owner_id, func.count())
        .where(Ticket.owner_id.in_(list(people)), Ticket.status.in_(OPEN))
        .group_by(Ticket.owner_id)
    )
    return {owner: count for owner, count in rows if owner is not None}


@dataclass(frozen=True, slots=True)
class _Standing:
    """A post above an area, and whether its holder is away."""

    id: int
    person_id: int
    role: str
    area_id: int
    deputy_id: int | None
    handles: list[str]
    away: bool


def _above(
    session: Session, lineage: list[int], roles: Iterable[Role] | None, at: datetime
) -> list[_Standing]:
    wanted = select(
        Post.id,
        Post.person_id,
        Post.role,
        Post.area_id,
        Post.deputy_id,
        Post.handles,
        _away(at, Post.person_id.expression).label("away"),
    ).where(Post.area_id.in_(lineage), _in_force(at))
    if roles is not None:
        wanted = wanted.where(Post.role.in_([role.value for role in roles]))
    return [_Standing(*row) for row in session.execute(wanted.order_by(Post.id))]


def serving(session: Session, role: Role, area_id: int, at: datetime) -> Serving | None:
    """Who answers for an area in this role: the one routing rule of the project.

    The nearest post of the role up the tree from the area. A post out of its time is skipped; the
    deputy of an absent holder answers for the post, and the deputy's deputy when both are away.
    Where nobody is there, the next post further up. Of several at one area, the person with the
    fewest open tickets, then the post of the lowest id. None when the line ends at the county.
    Takes two queries, one more for several equal posts, and two for each absent deputy.
    """
    found = serving_all(session, [role], area_id, at)
    return found[0] if found else None


def serving_all(
    session: Session, roles: Iterable[Role], area_id: int, at: datetime
) -> list[Serving]:
    """`serving` for each of several roles, in order; a role that nobody serves is left out."""
    roles = list(dict.fromkeys(roles))
    lineage = areas.get(session, area_id).lineage
    posts = _above(session, lineage, roles, at)
    return [line[0] for role in roles if (line := _in_line(session, posts, lineage, role, at))]


def all_serving(
    session: Session, role: Role, area_id: int, at: datetime, *, handled: Collection[str] = ()
) -> list[Serving]:
    """Everybody who answers for an area in this role, in the order `serving` would ask them.

    handled: what the matter is (its kind, its service ...). A post that names what it handles
    answers only for that, and goes before one that takes anything.
    """
    lineage = areas.get(session, area_id).lineage
    posts = _above(session, lineage, [role], at)
    fitting = [post for post in posts if set(post.handles) & set(handled)]
    takes_all = [post for post in posts if not post.handles]
    found = [
        *_in_line(session, fitting, lineage, role, at),
        *_in_line(session, takes_all, lineage, role, at),
    ]
    return list({one.person_id: one for one in reversed(found)}.values())[::-1]


def _in_line(
    session: Session, posts: list[_Standing], lineage: list[int], role: Role, at: datetime
) -> list[Serving]:
    found: list[Serving] = []
    for step in reversed(lineage):
        here = [post for post in posts if post.area_id == step and post.role == role]
        found += _equals(session, here, at)
    return found


def _equals(session: Session, equal: list[_Standing], at: datetime) -> list[Serving]:
    """Who answers by the posts at one area, whoever has the least to do first."""
    there: dict[int, Serving] = {}
    for post in equal:
        person: int | None = post.person_id
        if post.away:
            person = _stand_in(session, post.deputy_id, post.person_id, post.role, at)
        if person is None:
            continue
        stands_in_for = None if person == post.person_id else post.person_id
        known = there.get(person)
        # Who holds a post here answers by it, not as the deputy of the one beside.
        if known is None or (known.stands_in_for is not None and stands_in_for is None):
            there[person] = Serving(person, Role(post.role), post.area_id, post.id, stands_in_for)
    if len(there) < 2:
        return list(there.values())
    busy = _open_tickets(session, there)
    return sorted(there.values(), key=lambda one: (busy.get(one.person_id, 0), one.post_id))


def posts_of(session: Session, person_id: int, at: datetime) -> list[Post]:
    """The posts a person holds at that moment, absent or not."""
    return list(
        session.scalars(
            select(Post).where(Post.person_id == person_id, _in_force(at)).order_by(Post.id)
        )
    )


def covers(session: Session, person_id: int, area_id: int, at: datetime) -> list[Role]:
    """The roles in which a person answers for an area: by a post there or further up that they
    hold, or that they stand in for while its holder is away. In the order of `Role`."""
    roles = set()
    for post in _above(session, areas.get(session, area_id).lineage, None, at):
        stands_in = (
            post.person_id != person_id
            and post.away
            and Role(post.role) not in roles
            and _stand_in(session, post.deputy_id, post.person_id, post.role, at) == person_id
        )
        if post.person_id == person_id or stands_in:
            roles.add(Role(post.role))
    return [role for role in Role if role in roles]


def set_post(
    session: Session,
    *,
    person_id: int,
    role: Role,
    area_id: int,
    deputy_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    unit: str = "",
    handles: Iterable[str] = (),
) -> Post:
    """The post of a person in a role for an area, made or changed to what is given.

    Raises DeputyCycle when the deputy is the person or has, by way of deputies, the person as
    their own.
    """
    if deputy_id is not None:
        refuse_cycle(session, person_id, deputy_id)
    post = session.scalars(
        select(Post).where(
            Post.person_id == person_id, Post.role == role.value, Post.area_id == area_id
        )
    ).first()
    if post is None:
        post = Post(person_id=person_id, role=role.value, area_id=area_id)
        session.add(post)
    post.deputy_id, post.since, post.until = deputy_id, since, until
    post.unit, post.handles = unit[:64], list(handles)
    session.flush()
    return post


def refuse_cycle(session: Session, person_id: int, deputy_id: int) -> None:
    """Raise DeputyCycle when the deputies that follow from `deputy_id` lead back to the person."""
    reached: set[int] = set()
    frontier = {deputy_id}
    while frontier:
        if person_id in frontier:
            raise DeputyCycle
        reached |= frontier
        rows = session.scalars(
            select(Post.deputy_id).where(Post.person_id.in_(frontier), Post.deputy_id.is_not(None))
        )
        frontier = {row for row in rows if row is not None} - reached


def set_absence(
    session: Session, person_id: int, since: datetime, until: datetime, note: str = ""
) -> Absence:
    """Write down that a person is away from `since` until (not including) `until`; once only.

    Raises ValueError when it ends before it begins.
    """
    if until <= since:
        raise ValueError("an absence ends after it begins")
    absence = session.scalars(
        select(Absence).where(
            Absence.person_id == person_id, Absence.since == since, Absence.until == until
        )
    ).first()
    if absence is None:
        absence = Absence(person_id=person_id, since=since, until=until)
        session.add(absence)
    absence.note = note[:128]
    session.flush()
    return absence


def end_absence(session: Session, person_id: int, at: datetime) -> bool:
    """The person is back at `at`: whatever absence holds then ends. Whether there was one."""
    rows = session.scalars(
        select(Absence).where(
            Absence.person_id == person_id, Absence.since <= at, Absence.until > at
        )
    ).all()
    for absence in rows:
        absence.until = at
    session.flush()
    return bool(rows)


def reports_to(session: Session, person_id: int, boss_id: int, at: datetime) -> bool:
    """Whether a person holds a post of a lower rank within an area of one of the boss's posts."""
    held = posts_of(session, person_id, at)
    for over in posts_of(session, boss_id, at):
        path = areas.get(session, over.area_id).path
        for post in held:
            lower = RANK[Role(post.role)] < RANK[Role(over.role)]
            if lower and areas.get(session, post.area_id).path.startswith(path):
                return True
    return False


def units(session: Session, area_id: int, at: datetime) -> list[Post]:
    """The posts of the 大党委 member units around an area, in the order they were listed."""
    lineage = areas.get(session, area_id).lineage
    return list(
        session.scalars(
            select(Post)
            .where(Post.role == Role.MEMBER_UNIT.value, Post.area_id.in_(lineage), _in_force(at))
            .order_by(Post.id)
        )
    )


def holders(session: Session, role: Role, at: datetime) -> list[int]:
    """Everyone who holds a post of this role anywhere, absent or not; people's ids, in order."""
    rows = session.scalars(
        select(Post.person_id).where(Post.role == role.value, _in_force(at)).distinct()
    )
    return sorted(rows)
