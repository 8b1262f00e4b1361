"""Who plays in the demo: people of one doorstep, whose links survive a restart."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from storage.links import demo_cast, personal_link, visitor
from storage.people import Account, Person
from storage.posts import Role, serving
from storage.sample import make
from storage.vault import Vault
from tests.browser.house import House


@pytest.fixture
def sampled(engine: Engine, vault: Vault, now: datetime) -> Engine:
    make(engine, vault, "small", 1, now)
    return engine


def test_the_cast_shares_one_doorstep(sampled: Engine, vault: Vault, now: datetime) -> None:
    with Session(sampled) as session:
        cast = demo_cast(session, vault, now)
        assert [member.role_key for member in cast] == [
            "resident",
            "resident",
            "newcomer",
            "grid_worker",
            "liaison",
        ]
        one, two, newcomer, grid, liaison = cast
        assert session.get_one(Person, newcomer.person_id).home_id is None
        assert one.person_id != two.person_id
        for resident in (one, two):
            home = session.get_one(Person, resident.person_id).home_id
            assert home is not None
            for member, role in ((grid, Role.GRID_WORKER), (liaison, Role.LIAISON)):
                found = serving(session, role, home, now)
                assert found is not None
                assert found.person_id == member.person_id
        for member in cast:
            guest = visitor(session, vault, member.token, demo=True)
            assert guest is not None
            assert guest.name == member.name
            # Outside the demo nobody may speak as the sample's people.
            assert visitor(session, vault, member.token, demo=False) is None


def test_the_links_of_the_cast_survive_a_restart(
    sampled: Engine, vault: Vault, now: datetime
) -> None:
    with Session(sampled) as session:
        first = demo_cast(session, vault, now)
        session.commit()
    with Session(sampled) as session:
        accounts = session.scalar(select(func.count(Account.id)))
        assert demo_cast(session, vault, now + timedelta(days=1)) == first
        assert session.scalar(select(func.count(Account.id))) == accounts


def test_a_newcomer_who_registers_keeps_the_link(
    sampled: Engine, vault: Vault, now: datetime
) -> None:
    with Session(sampled) as session:
        cast = demo_cast(session, vault, now)
        account = session.scalars(
            select(Account).where(Account.person_id == cast[2].person_id)
        ).one()
        other = session.scalars(
            select(Person.id).where(Person.id.not_in([m.person_id for m in cast]))
        ).first()
        assert other is not None
        account.person_id = other
        session.flush()
        again = demo_cast(session, vault, now)
        assert [member.token for member in again] == [member.token for member in cast]
        assert again[2].person_id == other


def test_an_empty_database_has_a_newcomer(engine: Engine, vault: Vault, now: datetime) -> None:
    with Session(engine) as session:
        assert [member.role_key for member in demo_cast(session, vault, now)] == ["newcomer"]


def test_a_link_belongs_to_one_person(engine: Engine, vault: Vault, now: datetime) -> None:
    with Session(engine) as session:
        people = [Person(name=name, created_at=now) for name in "甲乙"]
        session.add_all(people)
        session.flush()
        token = personal_link(session, vault, people[0].id, now)
        assert personal_link(session, vault, people[0].id, now, token=token) == token
        assert personal_link(session, vault, people[0].id, now) != token
        with pytest.raises(ValueError, match="another"):
            personal_link(session, vault, people[1].id, now, token=token)


async def test_the_demo_page_shows_the_cast(
    sampled: Engine, vault: Vault, tmp_path: Path, now: datetime
) -> None:
    async with House(sampled, vault, tmp_path / "media", now, demo=True) as house:
        cast = await house.cast()
        async with ClientSession() as http, http.get(house.channel.address) as answer:
            page = await answer.text()
    for member in cast:
        assert f"/c/{member.token}" in page
        assert member.name in page
