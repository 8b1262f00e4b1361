"""A whole 微诉求 conversation, stored before each reply, beside an echo that stores nothing.

64 newcomers at once, from the first word to the ticket's number; their workers get their cards. No
network on either side: `benchmarks.stub` answers what aiogram sends. The rival is aiogram's own
dispatcher with one handler that says the message back, fed the same updates from as many chats.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median
from unittest.mock import patch

import structlog
from aiogram import Bot
from aiogram.types import Update

from benchmarks import town
from benchmarks.chats import CHATS, FIRST, TALK, Chat
from benchmarks.echo import echo_dispatcher
from benchmarks.program import HOOK, TOKEN, copy_of, running, settings
from benchmarks.stub import StubSession
from benchmarks.table import Row
from storage.opening import open_database

ROUNDS = 5
MUST = 0.35
UPDATES = CHATS * len(TALK)


def settle(folder: Path, url: str) -> None:
    """The town in the database of this URL, its key beside it."""
    engine, _ = open_database(url, folder / "key")
    town.found(engine)
    engine.dispose()


async def ours(folder: Path, url: str) -> float:
    """Updates a second, from the first update to the last reply."""
    chats: dict[int, Chat] = {}

    def shows(chat: int, message: dict[str, object]) -> None:
        if chat in chats:
            chats[chat].shows(message)

    with (
        patch("bot.channels.telegram_aiogram.Session", StubSession),
        patch.object(StubSession, "shows", staticmethod(shows)),
    ):
        async with running(settings(folder, url, **HOOK)) as app:
            take = app.channels["telegram"]._take  # type: ignore[attr-defined]
            chats |= {number: Chat(number, take) for number in (*range(1, CHATS + 1), FIRST)}
            await chats[FIRST].files()
            mine = [chats[number].files() for number in range(1, CHATS + 1)]
            began = time.perf_counter()
            await asyncio.gather(*mine)
            return UPDATES / (time.perf_counter() - began)


async def bare() -> float:
    """The echo's updates a second."""
    dispatcher, bot = echo_dispatcher(), Bot(TOKEN, session=StubSession())

    async def feed(update: dict[str, object]) -> None:
        await dispatcher.feed_update(bot, Update.model_validate(update, context={"bot": bot}))

    chats = [Chat(number, feed) for number in range(1, CHATS + 1)]
    await Chat(FIRST, feed).only_talks()
    began = time.perf_counter()
    await asyncio.gather(*(chat.only_talks() for chat in chats))
    return UPDATES / (time.perf_counter() - began)


def rows() -> list[Row]:
    """The conversation on SQLite, with every commit on the disk before its reply."""
    quiet()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settled = folder / "settled.db"
        settle(folder, f"sqlite:///{settled}")
        mine, theirs = [], []
        for number in range(ROUNDS):
            theirs.append(asyncio.run(bare()))
            mine.append(asyncio.run(ours(folder, copy_of(settled, folder / f"{number}.db"))))
    return [row_of("a 微诉求 conversation on SQLite, transport stubbed", mine, theirs, MUST)]


def row_of(what: str, mine: list[float], theirs: list[float], must: float) -> Row:
    """The row of so many updates a second, beside those of an echo."""
    ratio = median(mine) / median(theirs)
    return Row(
        what,
        f"{median(mine):,.0f} updates/s",
        f"{median(theirs):,.0f} updates/s (bare echo)",
        f"{ratio:.2f}",
        f"≥ {must:.2f}",
        ratio >= must,
    )


def quiet() -> None:
    """Say nothing but errors."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))


if __name__ == "__main__":
    from benchmarks.table import markdown

    print(markdown(rows()))
