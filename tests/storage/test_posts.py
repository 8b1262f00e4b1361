"""Who serves where: `serving` by example, and against a naive oracle on random counties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, insert
from sqlalchemy.orm import Session

from storage import areas, posts
from storage.areas import Area, Level
from storage.entries import set_entry
from storage.people import Person
from storage.posts import Absence, DeputyCycle, Post, Role, Serving, serving
from storage.tickets import Status, Ticket
from tests.storage.county import NOON, Corner, corner, someone

DAY = timedelta(days=1)


@pytest.fixture
def place(session: Session) -> Corner:
    return corner(session)


def post(
    session: Session, person: Person, area: Area, role: Role = Role.GRID_WORKER, **rest: Any
) -> Post:
    return posts.set_post(session, person_id=person.id, role=role, area_id=area.id, **rest)


def test_the_nearest_post_up_the_tree(session: Session, place: Corner) -> None:
    town, garden = someone(session, "社区的"), someone(session, "小区的")
    assert serving(session, Role.GRID_WORKER, place.home.id, NOON) is None
    high = post(session, town, place.community)
    low = post(session, garden, place.garden)
    for area, person, which in (
        (place.home, garden, low),
        (place.garden, garden, low),
        (place.court, town, high),
        (place.community, town, high),
    ):
        found = serving(session, Role.GRID_WORKER, area.id, NOON)
        assert found == Serving(person.id, Role.GRID_WORKER, which.area_id, which.id, None)
    assert serving(session, Role.GRID_WORKER, place.county.id, NOON) is None
    assert serving(session, Role.LAWYER, place.home.id, NOON) is None
    with pytest.raises(areas.UnknownArea):
        serving(session, Role.LAWYER, 999_999, NOON)


def test_posts_before_and_after_their_time_are_skipped(session: Session, place: Corner) -> None:
    person = someone(session, "甲")
    post(session, person, place.garden, since=NOON, until=NOON + DAY)

    def there(at: datetime) -> bool:
        return serving(session, Role.GRID_WORKER, place.home.id, at) is not None

    second = timedelta(seconds=1)
    assert [there(NOON - second), there(NOON), there(NOON + DAY - second), there(NOON + DAY)] == [
        False, True, True, False
    ]  # fmt: skip
    assert posts.posts_of(session, person.id, NOON + DAY) == []


def test_deputies_are_followed_and_then_the_tree(session: Session, place: Corner) -> None:
    a, b, c, boss = (someone(session, name) for name in "甲乙丙丁")
    first = post(session, a, place.garden, deputy_id=b.id)
    post(session, b, place.court, deputy_id=c.id)
    above = post(session, boss, place.community)

    def now_serving() -> tuple[int, int, int | None]:
        found = serving(session, Role.GRID_WORKER, place.home.id, NOON)
        assert found is not None
        return found.person_id, found.post_id, found.stands_in_for

    assert now_serving() == (a.id, first.id, None)
    posts.set_absence(session, a.id, NOON, NOON + DAY)
    assert now_serving() == (b.id, first.id, a.id)
    posts.set_absence(session, b.id, NOON, NOON + DAY)
    assert now_serving() == (c.id, first.id, a.id)
    posts.set_absence(session, c.id, NOON, NOON + DAY)
    assert now_serving() == (boss.id, above.id, None)
    assert posts.end_absence(session, a.id, NOON)
    assert not posts.end_absence(session, a.id, NOON)
    assert now_serving() == (a.id, first.id, None)


def test_rings_of_deputies_are_refused_and_harmless(session: Session, place: Corner) -> None:
    a, b, c = (someone(session, name) for name in "甲乙丙")
    post(session, a, place.garden, deputy_id=b.id)
    post(session, b, place.court, deputy_id=c.id)
    with pytest.raises(DeputyCycle):
        post(session, c, place.community, deputy_id=a.id)
    with pytest.raises(DeputyCycle):
        post(session, c, place.community, deputy_id=c.id)
    session.add(
        Post(person_id=c.id, role=Role.LIAISON, area_id=place.home.id, deputy_id=a.id)
    )  # one that came in some other way
    for person in (a, b, c):
        posts.set_absence(session, person.id, NOON, NOON + DAY)
    assert serving(session, Role.GRID_WORKER, place.home.id, NOON) is None


def test_of_several_the_least_busy_then_the_first(session: Session, place: Corner) -> None:
    a, b = someone(session, "甲"), someone(session, "乙")
    post(session, a, place.garden)
    post(session, b, place.garden)

    def chosen() -> int | None:
        found = serving(session, Role.GRID_WORKER, place.home.id, NOON)
        return found and found.person_id

    assert chosen() == a.id
    for status in (Status.WAITING, Status.CLOSED):
        session.add(
            Ticket(service="request", status=status, text="x", filer_id=a.id, owner_id=a.id,
                   area_id=place.home.id, opened_at=NOON)
        )  # fmt: skip
        session.flush()
    assert chosen() == b.id


def test_several_roles_at_once_in_their_order(session: Session, place: Corner) -> None:
    a, b = someone(session, "甲"), someone(session, "乙")
    post(session, a, place.community, Role.LAWYER)
    post(session, b, place.garden, Role.MEDIATOR)
    found = posts.serving_all(
        session, [Role.MEDIATOR, Role.RED_PATROL, Role.LAWYER], place.home.id, NOON
    )
    assert [(one.role, one.person_id) for one in found] == [
        (Role.MEDIATOR, b.id), (Role.LAWYER, a.id)
    ]  # fmt: skip


def test_covers_is_holding_or_standing_in(session: Session, place: Corner) -> None:
    a, b = someone(session, "甲"), someone(session, "乙")
    post(session, a, place.garden, deputy_id=b.id)
    post(session, a, place.community, Role.MEDIATOR)
    both = [Role.GRID_WORKER, Role.MEDIATOR]
    assert posts.covers(session, a.id, place.home.id, NOON) == both
    assert posts.covers(session, a.id, place.court.id, NOON) == [Role.MEDIATOR]
    assert posts.covers(session, b.id, place.home.id, NOON) == []
    posts.set_absence(session, a.id, NOON, NOON + DAY)
    assert posts.covers(session, b.id, place.home.id, NOON) == [Role.GRID_WORKER]
    assert posts.covers(session, a.id, place.home.id, NOON) == both
    assert posts.covers(session, b.id, place.home.id, NOON + DAY) == []


def test_setting_the_same_twice_makes_one(session: Session, place: Corner) -> None:
    a, b = someone(session, "甲"), someone(session, "乙")
    first = post(session, a, place.garden)
    assert post(session, a, place.garden, deputy_id=b.id) is first
    assert first.deputy_id == b.id
    away = posts.set_absence(session, a.id, NOON, NOON + DAY)
    assert posts.set_absence(session, a.id, NOON, NOON + DAY, "开会") is away
    assert away.note == "开会"
    with pytest.raises(ValueError, match="ends"):
        posts.set_absence(session, a.id, NOON, NOON)


def test_routing_takes_few_queries(session: Session, place: Corner) -> None:
    a, b = someone(session, "甲"), someone(session, "乙")
    post(session, a, place.garden)
    post(session, b, place.garden)
    home_id = place.home.id
    session.commit()
    session.expire_all()
    seen: list[str] = []
    event.listen(
        session.get_bind(), "before_cursor_execute", lambda c, cur, sql, *rest: seen.append(sql)
    )
    serving(session, Role.GRID_WORKER, home_id, NOON)
    assert len([sql for sql in seen if sql.startswith("SELECT")]) == 3


def test_a_directory_entry_is_added_changed_and_left_alone(session: Session) -> None:
    facts = {"category": "开锁", "name": "某开锁", "phone": "19900000001"}
    entry, outcome = set_entry(session, **facts)
    assert outcome == "added"
    assert set_entry(session, **facts, hours="全天") == (entry, "changed")
    assert set_entry(session, **facts, hours="全天") == (entry, "unchanged")


def test_who_handles_it_goes_first_and_keeps_the_order(session: Session, place: Corner) -> None:
    a, b, other = (someone(session, name) for name in "甲乙丙")
    post(session, a, place.county, Role.DEPARTMENT)
    post(session, other, place.county, Role.DEPARTMENT, handles=["parking"])
    post(session, b, place.county, Role.DEPARTMENT, handles=["lighting", "lift"], unit="县住建局")
    post(session, b, place.community, Role.DEPARTMENT)

    def asked(*handled: str) -> list[int]:
        found = posts.all_serving(session, Role.DEPARTMENT, place.home.id, NOON, handled=handled)
        return [one.person_id for one in found]

    assert asked("lighting") == [b.id, a.id]  # once, and where they come first
    assert asked("parking") == [other.id, b.id, a.id]
    assert asked() == [b.id, a.id]
    assert posts.unit_of(session, b.id, Role.DEPARTMENT) == "县住建局"


def test_units_are_called_once_each(session: Session, place: Corner) -> None:
    a, b, c = (someone(session, name) for name in "甲乙丙")
    post(session, a, place.community, Role.MEMBER_UNIT, unit="供电公司")
    post(session, b, place.community, Role.MEMBER_UNIT, unit="供电公司")
    post(session, c, place.community, Role.MEMBER_UNIT)

    def called() -> dict[str, int]:
        found = posts.units(session, place.home.id, NOON)
        return {unit: one.person_id for unit, one in found.items()}

    assert called() == {"供电公司": a.id}
    posts.set_absence(session, a.id, NOON, NOON + DAY)
    assert called() == {"供电公司": b.id}


# The oracle: the same rule, written as one would say it, on plain lists.


@dataclass
class World:
    """A small county. Index + 1 is the id of an area or a person; posts have theirs."""

    parents: list[int | None]
    people: int
    posts: list[dict[str, Any]]
    away: set[int]
    open_tickets: list[int]
    role: Role
    asked: int


ROLES = [Role.GRID_WORKER, Role.LAWYER]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    number = draw(st.integers(1, 6))
    parents: list[int | None] = [None]
    parents += [draw(st.integers(1, i)) for i in range(1, number)]
    people = draw(st.integers(1, 6))
    person, area = st.integers(1, people), st.integers(1, number)
    edge = st.sampled_from([None, NOON - DAY, NOON, NOON + DAY])
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "person_id": person,
                    "role": st.sampled_from(ROLES),
                    "area_id": area,
                    "since": edge,
                    "until": edge,
                    "deputy_id": st.none() | person,
                }
            ),
            max_size=8,
            unique_by=lambda row: (row["person_id"], row["role"], row["area_id"]),
        )
    )
    for i, row in enumerate(rows, 1):
        row["id"] = i
    return World(
        parents, people, rows, draw(st.sets(person)), draw(st.lists(person, max_size=6)),
        draw(st.sampled_from(ROLES)), draw(area),
    )  # fmt: skip


def in_force(row: dict[str, Any]) -> bool:
    began = row["since"] is None or row["since"] <= NOON
    return began and (row["until"] is None or row["until"] > NOON)


def answering(world: World, person: int | None, role: Role, asked: set[int]) -> int | None:
    """Who answers when this person is asked: they, or whoever their deputies lead to."""
    if person is None or person in asked:
        return None
    asked.add(person)
    rows = [row for row in world.posts if row["person_id"] == person]
    held = [row for row in rows if in_force(row)]
    if rows and not held:
        return None  # who has left stands in for nobody
    if person not in world.away:
        return person
    for row in [r for r in held if r["role"] == role] + [r for r in held if r["role"] != role]:
        found = answering(world, row["deputy_id"], role, asked)
        if found is not None:
            return found
    return None


def expected(world: World, role: Role, area: int | None) -> Serving | None:
    if area is None:
        return None
    here = []
    for row in world.posts:
        if row["area_id"] != area or row["role"] != role or not in_force(row):
            continue
        holder = row["person_id"]
        person: int | None = holder
        if holder in world.away:
            person = answering(world, row["deputy_id"], role, {holder})
        if person is not None:
            stands_in_for = None if person == holder else holder
            here.append(Serving(person, role, area, row["id"], stands_in_for))
    # Someone who holds a post here is not also counted as the deputy of a colleague.
    own = {one.person_id for one in here if one.stands_in_for is None}
    here = [one for one in here if one.stands_in_for is None or one.person_id not in own]
    if here:
        return min(here, key=lambda one: (world.open_tickets.count(one.person_id), one.post_id))
    return expected(world, role, world.parents[area - 1])


def build(session: Session, world: World) -> None:
    paths: dict[int | None, str] = {None: "/"}
    for area, parent in enumerate(world.parents, 1):
        paths[area] = f"{paths[parent]}{area}/"
        session.execute(
            insert(Area).values(id=area, parent_id=parent, level=Level.COMMUNITY, name=str(area),
                                name_key=str(area), path=paths[area])
        )  # fmt: skip
    session.execute(
        insert(Person), [{"id": i, "created_at": NOON} for i in range(1, world.people + 1)]
    )
    if world.posts:
        session.execute(insert(Post), world.posts)
    for person in sorted(world.away):
        session.add(Absence(person_id=person, since=NOON, until=NOON + DAY))
    for owner in world.open_tickets:
        session.add(
            Ticket(service="request", status=Status.CLAIMED, text="x", filer_id=1, owner_id=owner,
                   area_id=1, opened_at=NOON)
        )  # fmt: skip
    session.flush()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds())
def test_serving_agrees_with_the_oracle(engine: Engine, world: World) -> None:
    with Session(engine) as session:
        build(session, world)
        found = serving(session, world.role, world.asked, NOON)
        assert found == expected(world, world.role, world.asked)
        wanted = [expected(world, role, world.asked) for role in ROLES]
        assert posts.serving_all(session, ROLES, world.asked, NOON) == [w for w in wanted if w]
        if found is not None:
            assert found.role in posts.covers(session, found.person_id, world.asked, NOON)
        session.rollback()
