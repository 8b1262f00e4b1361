"""A fake Telegram, one resident, and each of the two adapters in turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiogram.client.session.aiohttp
import pytest

from bot.channels.telegram_base import Timing
from tests.channels.telegram.helpers import (
    LIBRARIES,
    TOKEN,
    Adapter,
    Inbox,
)
from tests.fake_bot_api import FakeBotApi
from tests.fake_bot_users import FakeUser


@pytest.fixture
async def server() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as server:
        server.bot(TOKEN)
        yield server


@pytest.fixture
def user(server: FakeBotApi) -> FakeUser:
    return server.user(7, first_name="桂英", last_name="王")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(autouse=True)
def _quick_goodbye(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiogram waits a quarter of a second for TLS to end; there is none here."""

    async def sleep(seconds: float) -> None:
        pass

    view = SimpleNamespace(sleep=sleep, TimeoutError=TimeoutError)
    monkeypatch.setattr(aiogram.client.session.aiohttp, "asyncio", view)


@pytest.fixture(params=LIBRARIES)
async def make(request: pytest.FixtureRequest, server: FakeBotApi) -> AsyncIterator[Any]:
    """Makes adapters of one library, and closes them."""
    made: list[Adapter] = []

    def build(token: str = TOKEN, **options: Any) -> Adapter:
        timing = {"poll": 1, "call": 2.0, "pauses": (0.01, 0.02), **options.pop("timing", {})}
        options = {"api_base": server.url, **options}
        channel = LIBRARIES[request.param]("telegram", token, timing=Timing(**timing), **options)
        made.append(channel)
        return channel

    yield build
    await asyncio.gather(*(channel.close() for channel in made))


@pytest.fixture
async def channel(make: Any, server: FakeBotApi, user: FakeUser, inbox: Inbox) -> Adapter:
    opened: Adapter = make()
    await opened.open(inbox)
    assert opened.username == "jiamenkou_bot"
    return opened
