"""The page on two processes: what one sends is seen on the pages that the other has open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from sqlalchemy import text

from bot.app import App, build
from bot.roles import Role
from bot.settings import Settings
from storage.database import open_engine
from storage.vault import Vault
from tests.reliability.street import settle

Json = dict[str, Any]


@pytest.fixture
async def pair(
    postgres_url: str, vault: Vault, tmp_path: Path, key_file: Path
) -> AsyncIterator[tuple[App, App, str]]:
    """Two processes with the page, and one resident's link."""
    engine = open_engine(postgres_url, vault)
    street = settle(engine, 1, web=True, telegram=False)
    engine.dispose()
    given: Json = {
        "database_url": postgres_url,
        "key_file": key_file,
        "media_dir": tmp_path / "media",
        "web_port": 0,
    }
    apps = [build(Settings(_env_file=None, **given), role=Role.WEB) for _ in range(2)]
    for app in apps:
        await app.start()
    yield apps[0], apps[1], street.tokens[0]
    for app in apps:
        await app.stop()


def heard(app: App) -> bool:
    """Whether a process listens to the others."""
    with app.database.connect() as connection:
        count = connection.scalar(
            text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'")
        )
    return bool(count and count >= 2)


async def events(stream: ClientResponse) -> AsyncIterator[tuple[str, Json]]:
    """What a page is sent, but for the beats."""
    name = ""
    async for line in stream.content:
        words = line.decode().strip()
        if words.startswith("event: "):
            name = words.removeprefix("event: ")
        elif words.startswith("data: ") and name in ("message", "edit"):
            yield name, json.loads(words.removeprefix("data: "))


async def test_a_reply_reaches_the_pages_of_both(pair: tuple[App, App, str]) -> None:
    one, other, token = pair
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(heard, one):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    async with ClientSession() as http, asyncio.timeout(30):
        streams = [await http.get(f"{app.web.address}/c/{token}/stream") for app in (one, other)]
        for number, app in enumerate((one, other, one)):
            post = {"id": f"p{number}", "text": "菜单"}
            async with http.post(f"{app.web.address}/c/{token}/messages", json=post) as answer:
                assert answer.status == 200
        seen = []
        for stream in streams:
            refs = []
            async for _, message in events(stream):
                refs.append(message["ref"])
                if len(refs) == 3:
                    break
            seen.append(refs)
            stream.close()
        assert seen[0] == seen[1] == sorted(set(seen[0]))


async def test_pages_come_again_when_something_may_have_been_missed(
    pair: tuple[App, App, str],
) -> None:
    one, other, token = pair
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(heard, one):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    async with ClientSession() as http, asyncio.timeout(30):
        stream = await http.get(f"{one.web.address}/c/{token}/stream")
        with other.database.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query LIKE 'LISTEN %' AND pid <> pg_backend_pid()"
                )
            )
        async for _ in stream.content:
            pass  # it ends: the page's script opens it again and reads the history
        post = {"id": "p", "text": "菜单"}
        async with http.post(f"{other.web.address}/c/{token}/messages", json=post) as answer:
            assert answer.status == 200
        while True:
            async with http.get(f"{one.web.address}/c/{token}/history") as answer:
                lines = (await answer.json())["messages"]
            if any(line["from"] == "bot" for line in lines):
                break
            await asyncio.sleep(0.05)
