"""Updates that come twice, three times and in any order: each counts once, and each is counted."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.app import build
from bot.settings import Settings, TelegramLibrary
from tests import quick
from tests.reliability.account import (
    check_chats,
    check_inbox,
    check_nothing_waits,
    check_tickets,
)
from tests.reliability.kills import TOKEN, settled
from tests.reliability.program import CountingApi
from tests.reliability.street import Hasty, Ledger, serving_all, settle

RESIDENTS = 10
LIBRARY: dict[str, TelegramLibrary] = {"sqlite": "aiogram", "postgresql": "ptb"}


class Careless(CountingApi):
    """Hands every update out one to three times, the copies when and where it likes.

    A chat's messages come in their order, and so do its presses; nothing else keeps any.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.shuffle = random.Random(seed)
        self._chance = random.Random(seed + 1)
        self._late: list[dict[str, Any]] = []
        self.copies = 0

    async def _get_updates(self, bot: object, asked: object) -> list[dict[str, Any]]:
        updates: list[dict[str, Any]] = await super()._get_updates(bot, asked)
        if not updates:
            return updates
        copies = [one for one in updates for _ in range(self._chance.randrange(3))]
        now = [one for one in copies if self._chance.random() < 0.5]
        late, self._late = self._late, [one for one in copies if one not in now]
        for one in now:
            updates.insert(self._chance.randint(updates.index(one) + 1, len(updates)), one)
        self.copies += len(now) + len(late)
        return late + updates


@pytest.fixture(autouse=True)
def _nothing_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.app.lay_memory_aside", lambda: None)
    monkeypatch.setattr("storage.opening.open_engine", quick.open_engine)


async def test_nothing_is_lost_done_twice_or_said_twice(
    engine: Engine, database_url: str, key_file: Path, tmp_path: Path
) -> None:
    street, ledger = settle(engine, RESIDENTS), Ledger()
    async with Careless(seed=6) as server:
        bot = server.bot(TOKEN)
        app = build(
            Settings(
                database_url=database_url,
                key_file=key_file,
                media_dir=tmp_path / "media",
                web_port=0,
                telegram_token=SecretStr(TOKEN),
                telegram_library=LIBRARY[engine.dialect.name],
                telegram_api_base=server.url,
                telegram_rate=0,
            )
        )
        users = {chat: server.user(chat, bot=bot) for chat in (*street.residents, *street.workers)}

        async def live(resident: Hasty) -> None:
            await resident.files()
            await resident.files()

        lives = [asyncio.create_task(live(Hasty(users[chat], ledger))) for chat in street.residents]
        for life in lives:
            life.add_done_callback(lambda _: server._wake())

        serving = serving_all(street, users, ledger, lives)
        await app.start()
        try:
            async with asyncio.timeout(120):
                await asyncio.gather(*lives, *serving)
                await settled(engine, server)
        finally:
            await app.stop()
        assert len(server.handed) >= 200
        assert server.copies >= 100
        said = sum(not one.by_bot for user in users.values() for one in user.chat)
        with Session(engine) as session:
            check_inbox(session, said + len(bot.queries))
            assert check_tickets(session, ledger) == 2 * RESIDENTS
            check_nothing_waits(session)
            assert check_chats(session, users.values()) == 0
        assert all(bot.queries.values()), "a pressed button still shows its little clock"
        assert server.violations == []
