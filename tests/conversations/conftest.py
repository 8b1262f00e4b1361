"""A town for every talk: the program over a copy of a database that is migrated and settled."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import aiogram.client.session.aiohttp
import pytest
from sqlalchemy.orm import Session

from bot.wording import Wording
from storage.database import migrate, open_engine
from storage.vault import Vault
from tests import quick
from tests.clocks import A_MORNING
from tests.conversations.county import found_town
from tests.conversations.town import CHANNELS, Town
from tests.conversations.whole_county import found_whole_county
from tests.postgres import PostgresServer

MakeTown = Callable[..., Awaitable[Town]]


def _settle(
    url: str, vault: Vault, found: Callable[[Session, datetime], None] = found_town
) -> None:
    engine = open_engine(url, vault)
    migrate(engine)
    with Session(engine) as session, session.begin():
        found(session, A_MORNING)
    engine.dispose()


@pytest.fixture(scope="session")
def settled_sqlite(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Path:
    path = tmp_path_factory.mktemp("settled") / "town.db"
    _settle(f"sqlite:///{path}", vault)
    return path


@pytest.fixture(scope="session")
def whole_county(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Path:
    """A database with every rung of the ladder."""
    path = tmp_path_factory.mktemp("whole") / "county.db"
    _settle(f"sqlite:///{path}", vault, found_whole_county)
    return path


@pytest.fixture(scope="session")
def settled_postgres(postgres_server: PostgresServer, vault: Vault) -> PostgresServer:
    url = postgres_server.create(template="migrated_template", name="settled_town")
    _settle(url, vault)
    return postgres_server


@pytest.fixture(autouse=True)
def _quick_goodbye(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiogram waits a quarter of a second for TLS to end; there is none here."""

    async def sleep(seconds: float) -> None:
        pass

    view = SimpleNamespace(sleep=sleep, TimeoutError=TimeoutError)
    monkeypatch.setattr(aiogram.client.session.aiohttp, "asyncio", view)


_wording = cache(Wording)


@pytest.fixture(scope="module", autouse=True)
def _done_once() -> Iterator[None]:
    """Templates and statements are compiled once, not for every program that a test builds; and
    every town's database is a copy of one that is migrated and sealed with the suite's key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.app.Wording", _wording)
        patch.setattr("bot.app.lay_memory_aside", lambda: None)
        patch.setattr("storage.opening.open_engine", quick.open_engine)
        patch.setattr("storage.opening.migrate", lambda engine: None)
        patch.setattr("storage.opening.try_opening_sealed", lambda engine: True)
        yield


@pytest.fixture
async def make_town(
    request: pytest.FixtureRequest, tmp_path: Path, key_file: Path, settled_sqlite: Path
) -> AsyncIterator[MakeTown]:
    """Makes a town; when the talk went well, what must always be true is checked."""
    towns: list[Town] = []
    async with AsyncExitStack() as stack:

        async def make(
            channel: str = "scripted",
            database: str = "sqlite",
            settled: Path = settled_sqlite,
            **options: Any,
        ) -> Town:
            if database == "postgres":
                server: PostgresServer = request.getfixturevalue("settled_postgres")
                url = server.create(template="settled_town")
                stack.callback(server.drop, url)
            else:
                path = tmp_path / f"town{len(towns)}.db"
                shutil.copyfile(settled, path)
                url = f"sqlite:///{path}"
            town = Town(tmp_path, url, key_file, channel, **options)
            towns.append(await stack.enter_async_context(town))
            return town

        yield make
        if not getattr(request.node, "failed", False):
            for town in towns:
                await town.check()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome: Any = yield
    if call.when == "call" and outcome.get_result().failed:
        item.failed = True  # type: ignore[attr-defined]


@pytest.fixture(params=CHANNELS)
async def town(request: pytest.FixtureRequest, make_town: MakeTown) -> Town:
    """A town on each channel in turn."""
    return await make_town(request.param)


@pytest.fixture(params=["scripted", "real"])
async def detail_town(request: pytest.FixtureRequest, make_town: MakeTown) -> Town:
    """A town with no platform, and one on a real channel, each test's name choosing which."""
    real = CHANNELS[1:]
    chosen = real[crc32(request.node.originalname.encode()) % len(real)]
    return await make_town("scripted" if request.param == "scripted" else chosen)


@pytest.fixture
async def county_town(make_town: MakeTown, whole_county: Path) -> Town:
    """The town with every rung, on a working Tuesday at nine; see `whole_county`."""
    town = await make_town("scripted", settled=whole_county)
    town.at(2027, 3, 9, 9, 0)
    return town


@pytest.fixture
async def scripted_town(make_town: MakeTown) -> Town:
    """A town with no platform: for what does not depend on one."""
    return await make_town("scripted")
