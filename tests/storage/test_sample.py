"""The sample county: the same from the same seed, of the promised size, and unreadable on disk."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from storage import addresses, areas, posts, rules
from storage.areas import Area, Household, Level
from storage.base import Base
from storage.database import open_engine
from storage.entries import Entry
from storage.people import Person
from storage.phones import normal_phone
from storage.posts import Post, Role
from storage.sample import NotEmpty, make
from storage.services import kinds
from storage.vault import Vault

TABLES: list[type[Base]] = [Area, Household, Person, Post, Entry]


def dump(engine: Engine) -> list[list[tuple[Any, ...]]]:
    """Every row of the sample's tables, opened."""
    with Session(engine) as session:
        return [
            [
                tuple(row)
                for row in session.execute(
                    select(*table.__table__.columns).order_by(
                        "id" if "id" in table.__table__.columns else "area_id"
                    )
                )
            ]
            for table in TABLES
        ]


def test_the_same_seed_gives_the_same_county(
    sqlite_url: str, postgres_url: str, vault: Vault, now: datetime, tmp_path: Path
) -> None:
    dumps = []
    for url in (sqlite_url, postgres_url):
        engine = open_engine(url, vault)
        assert make(engine, vault, "small", 365, now).loaded
        dumps.append(dump(engine))
        engine.dispose()
    assert dumps[0] == dumps[1]


def test_another_seed_gives_another_county(
    sqlite_url: str, postgres_url: str, vault: Vault, now: datetime
) -> None:
    one, other = open_engine(sqlite_url, vault), open_engine(postgres_url, vault)
    make(one, vault, "small", 1, now)
    make(other, vault, "small", 2, now)
    assert dump(one) != dump(other)
    one.dispose()
    other.dispose()


def test_loading_again_does_nothing_and_another_is_refused(
    engine: Engine, vault: Vault, now: datetime
) -> None:
    said: list[tuple[int, int, str]] = []
    first = make(engine, vault, "small", 365, now, lambda *step: said.append(step))
    before = dump(engine)
    again = make(engine, vault, "small", 365, now)
    assert (first.loaded, again.loaded) == (True, False)
    assert (first.areas, first.people) == (again.areas, again.people)
    assert said[-1][0] == said[-1][1]
    assert [step[2] for step in said] == [
        "areas",
        "households",
        "people",
        "posts",
        "entries",
        "rota",
    ]
    for scale, seed in (("small", 1), ("county", 365)):
        with pytest.raises(NotEmpty):
            make(engine, vault, scale, seed, now)  # type: ignore[arg-type]
    assert dump(engine) == before


def test_a_county_of_ones_own_is_not_written_over(
    engine: Engine, vault: Vault, now: datetime
) -> None:
    with Session(engine) as session, session.begin():
        areas.add(session, None, Level.COUNTY, "某县")
    with pytest.raises(NotEmpty):
        make(engine, vault, "small", 365, now)


def test_someone_may_have_spoken_before_and_something_may_come_after(
    engine: Engine, vault: Vault, now: datetime
) -> None:
    from storage import people

    with Session(engine) as session, session.begin():
        before = people.account(session, "web", "1", "先来的", now).person_id
    make(engine, vault, "small", 365, now)
    with Session(engine) as session, session.begin():
        assert session.get_one(Person, before).name == "先来的"
        root = areas.county(session)
        assert root is not None
        added = areas.add(session, root, Level.COMMUNITY, "新社区")
        assert added.id > root.id
        assert people.account(session, "web", "2", "后来的", now).person_id > before


def test_the_small_sample_has_someone_for_everything(
    engine: Engine, vault: Vault, now: datetime
) -> None:
    make(engine, vault, "small", 365, now)
    with Session(engine) as session:
        residents = session.scalars(select(Person).where(Person.home_id.is_not(None))).all()
        assert len(residents) == 6
        for resident in residents:
            assert resident.consented_at == now
            assert resident.phone_proven
            assert resident.home_id is not None
            found = posts.serving_all(session, list(Role), resident.home_id, now)
            assert {one.role for one in found} == set(Role)
        holders = Counter(row.role for row in session.execute(
            select(Post.role, Post.person_id).distinct()
        ))  # fmt: skip
        assert holders[Role.GRID_WORKER] == 2
        assert holders[Role.LIAISON] == 12
        assert (holders[Role.DEPARTMENT], holders[Role.MEMBER_UNIT]) == (4, 3)
        known = {*kinds(), *rules.shipped()}
        for post in session.scalars(select(Post).where(Post.unit != "")):
            assert set(post.handles) <= known
        assert list(posts.units(session, residents[0].home_id or 0, now)) == [
            "供电公司",
            "自来水公司",
            "城管执法中队",
        ]
        assert session.scalar(select(func.count()).select_from(Household)) == 120
        entries = session.scalars(select(Entry)).all()
        assert len(entries) == 84
        assert all(normal_phone(one.phone, services=True) == one.phone for one in entries)


def test_no_ring_of_deputies(engine: Engine, vault: Vault, now: datetime) -> None:
    make(engine, vault, "small", 365, now)
    with Session(engine) as session:
        for row in session.execute(select(Post.person_id, Post.deputy_id).distinct()):
            if row.deputy_id is not None:
                posts.refuse_cycle(session, row.person_id, row.deputy_id)


def test_nothing_personal_can_be_read_on_the_disk(
    sqlite_url: str, vault: Vault, now: datetime, tmp_path: Path
) -> None:
    engine = open_engine(sqlite_url, vault)
    make(engine, vault, "small", 365, now)
    with Session(engine) as session:
        rows = session.scalars(select(Household)).all()
        phones = {row.phone for row in rows} | set(session.scalars(select(Person.phone)))
        doors = {row.door for row in rows}
        householders = {row.householder for row in rows} - set(session.scalars(select(Person.name)))
    engine.dispose()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("jiamenkou.db*"))
    assert "莲花池花园".encode() in content
    for secret in phones | doors | householders:
        assert secret
        assert secret.encode() not in content


def test_the_whole_county(sqlite_url: str, vault: Vault, now: datetime) -> None:
    engine = open_engine(sqlite_url, vault)
    started = time.perf_counter()
    make(engine, vault, "county", 365, now)
    assert time.perf_counter() - started < 60
    with Session(engine) as session:
        levels = dict(session.execute(select(Area.level, func.count()).group_by(Area.level)).all())
        assert levels[Level.COUNTY] == 1
        assert levels[Level.COMMUNITY] == 15
        assert levels[Level.COMPOUND] == 212
        assert levels[Level.HOUSEHOLD] == 48_000
        holders = Counter(
            row.role for row in session.execute(select(Post.role, Post.person_id).distinct())
        )
        assert holders[Role.GRID_WORKER] + holders[Role.SOCIAL_WORKER] == 270
        assert holders[Role.LIAISON] == 5_000
        assert (holders[Role.DEPARTMENT], holders[Role.MEMBER_UNIT]) == (4, 45)
        legal = (Role.COMMUNITY_OFFICER, Role.LAWYER, Role.MEDIATOR, Role.OWNERS_COMMITTEE)
        assert sum(holders[role] for role in legal) == 352
        assert session.scalar(select(func.count()).select_from(Entry)) == 512

        liaison = session.execute(
            select(Post.person_id, Post.area_id).where(Post.role == Role.LIAISON)
        ).all()
        assert len({row.area_id for row in liaison}) == len(liaison) == 48_000
        sizes = Counter(Counter(row.person_id for row in liaison).values())
        assert sizes == {9: 2_000, 10: 3_000}
        served = set(session.scalars(
            select(Area.id).where(Area.level == Level.HOUSEHOLD)
        ))  # fmt: skip
        assert served == {row.area_id for row in liaison}

        phones = list(session.scalars(select(Household.phone_hash)))
        phones += session.scalars(select(Person.phone_hash).where(Person.home_id.is_(None)))
        assert len(set(phones)) == len(phones)
        _quick(session, liaison[0].area_id, now)
    engine.dispose()


def _quick(session: Session, home_id: int, now: datetime) -> None:
    """Routing and searching cost what they cost in a village."""
    root = areas.county(session)
    assert root is not None
    started = time.perf_counter()
    for _ in range(20):
        found = addresses.find(session, "莲花池花园3栋", root, None, 5)
        assert areas.title(session, found[0]) == "莲花池花园3栋"
        assert posts.serving(session, Role.LIAISON, home_id, now) is not None
    assert (time.perf_counter() - started) / 20 < 0.25
