"""Who serves where: `serving`, the one routing rule, and what else is asked of posts (岗位)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, func, literal, select
from sqlalchemy.orm import Session

from storage import areas
from storage.absences import Absence, away, end_absence, is_away, set_absence
from storage.areas import Area
from storage.deputies import DeputyCycle, refuse_cycle, stand_in
from storage.people import Person
from storage.post_tables import AT, RANK, Post, Role, in_force
from storage.prepared import Prepared
from storage.remembered import once

__all__ = [
    "RANK",
    "Absence",
    "DeputyCycle",
    "Post",
    "Role",
    "Serving",
    "end_absence",
    "is_away",
    "refuse_cycle",
    "set_absence",
]


STANDS_IN = (Post.__tablename__, Absence.__tablename__)
"""The tables of who answers for what just now (see `remembered.once`)."""


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


@cache
def _busy() -> Select[int | None, int]:
    # Imported here because tickets are routed by `serving`.
    from storage.tickets import OPEN, Ticket

    return (
        select(Ticket.owner_id, func.count())
        .where(
            Ticket.owner_id.in_(bindparam("people", expanding=True)),
            Ticket.status.in_([status.value for status in OPEN]),
        )
        .group_by(Ticket.owner_id)
    )


def _open_tickets(session: Session, people: Iterable[int]) -> dict[int, int]:
    rows = session.execute(_busy(), {"people": list(people)})
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
    unit: str
    away: bool


def _above(
    session: Session, lineage: list[int], roles: Iterable[Role] | None, at: datetime
) -> list[_Standing]:
    """The posts over an area, of these roles or of all. Whoever files has a dozen rights looked up
    over the one place, so they are read once."""

    def read() -> list[_Standing]:
        found = session.execute(_ABOVE, {"lineage": lineage, "at": at})
        return [_Standing(*row) for row in found]

    found = once(session, STANDS_IN, ("above", *lineage, at), read)
    wanted = None if roles is None else {role.value for role in roles}
    return [post for post in found if wanted is None or post.role in wanted]


_ABOVE = (
    select(
        Post.id,
        Post.person_id,
        Post.role,
        Post.area_id,
        Post.deputy_id,
        Post.handles,
        Post.unit,
        away(AT, Post.person_id.expression).label("away"),
    )
    .where(Post.area_id.in_(bindparam("lineage", expanding=True)), in_force(AT))
    .order_by(Post.id)
)


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
    once: dict[int, Serving] = {}
    for one in found:
        once.setdefault(one.person_id, one)
    return list(once.values())


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
            person = stand_in(session, post.deputy_id, post.person_id, post.role, at)
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
    return list(session.scalars(_OF_PERSON, {"person": person_id, "at": at}))


def holds_any(session: Session, person_id: int, at: datetime) -> bool:
    """Whether `posts_of` gives any; every message of a resident asks."""
    session.flush()  # the statement does not see what is not
    return _ANY_OF_PERSON.first(session, person=person_id, at=at) is not None


_ANY_OF_PERSON = Prepared(
    select(Post.id).where(Post.person_id == bindparam("person"), in_force(AT)).limit(1)
)
_OF_PERSON = (
    select(Post).where(Post.person_id == bindparam("person"), in_force(AT)).order_by(Post.id)
)


def covers(
    session: Session,
    person_id: int,
    area_id: int,
    at: datetime,
    *,
    handled: Collection[str] | None = None,
) -> list[Role]:
    """The roles in which a person answers for an area: by a post there or further up that they
    hold, or that they stand in for while its holder is away. In the order of `Role`.

    handled: what the matter is, as in `all_serving`: a post for other matters is left out. Takes
    one query, and two for each absent holder of a post of another role.
    """
    roles = set()
    for post in _above(session, areas.get(session, area_id).lineage, None, at):
        if handled is not None and post.handles and not set(post.handles) & set(handled):
            continue
        stands_in = (
            post.person_id != person_id
            and post.away
            and Role(post.role) not in roles
            and stand_in(session, post.deputy_id, post.person_id, post.role, at) == person_id
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


def units(session: Session, area_id: int, at: datetime) -> dict[str, Serving]:
    """Who answers for each 大党委 member unit around an area just now, by the unit's name.

    Of several people of one unit, the first of those who are there or whose deputy is; a unit that
    nobody answers for is left out, and so is a post that names no unit.
    """
    found: dict[str, Serving] = {}
    lineage = areas.get(session, area_id).lineage
    for post in _above(session, lineage, [Role.MEMBER_UNIT], at):
        if post.unit and post.unit not in found:
            for one in _equals(session, [post], at):
                found[post.unit] = one
    return found


def unit_of(session: Session, person_id: int, role: Role | str) -> str:
    """The organisation that a person answers for, or did, in this role; empty when for none."""

    def read() -> str:
        return session.scalars(_UNIT, {"person": person_id, "role": str(role)}).first() or ""

    return once(session, (Post.__tablename__,), ("unit", person_id, str(role)), read)


_UNIT = (
    select(Post.unit)
    .where(Post.person_id == bindparam("person"), Post.role == bindparam("role"), Post.unit != "")
    .order_by(Post.id)
    .limit(1)
)


def colleagues(session: Session, person_id: int, at: datetime) -> list[int]:
    """Who holds the same role as a person around one of their areas, nearest first.

    Around: at the area itself, above it, or beside it below the same parent.
    """
    found: list[tuple[int, int, int]] = []
    for post in posts_of(session, person_id, at):
        mine = areas.get(session, post.area_id)
        beside = mine.path.rsplit("/", 2)[0] + "/"
        rows = session.execute(
            select(Post.person_id, Post.id, Area.path)
            .join(Area, Area.id == Post.area_id)
            .where(Post.role == post.role, Post.person_id != person_id, in_force(at))
            .where(Area.path.startswith(beside) | Area.id.in_(mine.lineage))
        )
        found += [(_apart(mine.path, path), id_, holder) for holder, id_, path in rows]
    return list(dict.fromkeys(holder for _, _, holder in sorted(found)))


def _apart(one: str, other: str) -> int:
    """How many steps of the tree lie between two paths."""
    a, b = one.strip("/").split("/"), other.strip("/").split("/")
    shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    shared = min(len(a), len(b)) if shared is None else shared
    return len(a) + len(b) - 2 * shared


def within(session: Session, roles: Iterable[Role], path: str, at: datetime) -> list[Post]:
    """The posts of these roles at the area of this path and below, one for each person, of who is
    not away."""
    rows = session.scalars(
        select(Post)
        .join(Area, Area.id == Post.area_id)
        .where(Post.role.in_([role.value for role in roles]), in_force(at))
        .where(Area.path.startswith(path), ~away(at, Post.person_id.expression))
        .order_by(Area.level != "compound", Post.id)
    )
    return _one_each(rows)


def _one_each(posts: Iterable[Post]) -> list[Post]:
    """The first post of each person."""
    found: dict[int, Post] = {}
    for post in posts:
        found.setdefault(post.person_id, post)
    return list(found.values())


def named(session: Session, name: str, at: datetime) -> list[Post]:
    """The posts in force of everybody of this name, one for each person, in order."""
    rows = session.scalars(
        select(Post)
        .join(Person, Person.id == Post.person_id)
        .where(Person.name == name, in_force(at))
        .order_by(Post.id)
    )
    return _one_each(rows)


def named_in(session: Session, text: str, at: datetime) -> list[Post]:
    """The posts in force of everybody whose name stands in a text, one for each person."""
    rows = session.scalars(
        select(Post)
        .join(Person, Person.id == Post.person_id)
        .where(func.length(Person.name) > 1, literal(text).contains(Person.name), in_force(at))
        .order_by(Post.id)
    )
    return _one_each(rows)


def holders(session: Session, role: Role, at: datetime) -> list[int]:
    """Everyone who holds a post of this role anywhere, absent or not; people's ids, in order."""
    rows = session.scalars(
        select(Post.person_id).where(Post.role == role.value, in_force(at)).distinct()
    )
    return sorted(rows)
