"""The conversation over a Bot API server on this machine, through each of the two libraries.

Both sides ask the server for updates and send over HTTP; the server and the people are in a process
of their own (`benchmarks.light_api`). The rival is the same library's own dispatcher with one
handler that says the message back.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram import Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from benchmarks.conversation import ROUNDS, quiet, row_of, settle
from benchmarks.echo import echo_dispatcher
from benchmarks.light_api import light_api
from benchmarks.program import TOKEN, copy_of, running, settings
from benchmarks.table import Row

MUST = 0.60
LIBRARIES = {"aiogram": "aiogram", "ptb": "python-telegram-bot"}


async def ours(library: str, folder: Path, url: str) -> float:
    """The program's updates a second."""
    async with light_api() as (api, talk):
        given = settings(folder, url, telegram_library=library, telegram_api_base=api)
        async with running(given):
            return float(await talk(True))


async def bare_aiogram() -> float:
    """The updates a second of aiogram's echo."""
    async with light_api() as (api, talk):
        session = AiohttpSession(api=TelegramAPIServer.from_base(api))
        dispatcher = echo_dispatcher()
        polling = asyncio.create_task(
            dispatcher.start_polling(Bot(TOKEN, session=session), handle_signals=False)
        )
        rate = float(await talk(False))
        await dispatcher.stop_polling()
        await polling
        return rate


async def bare_ptb() -> float:
    """The updates a second of python-telegram-bot's echo."""

    async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(update.message.text or "")

    async def press(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        query, chat = update.callback_query, update.effective_chat
        assert query is not None
        assert chat is not None
        await query.answer()
        await context.bot.send_message(chat.id, query.data or "")

    async with light_api() as (api, talk):
        application: Any = (
            Application.builder()
            .token(TOKEN)
            .base_url(f"{api}/bot")
            .base_file_url(f"{api}/file/bot")
            .build()
        )
        application.add_handler(MessageHandler(filters.TEXT, echo))
        application.add_handler(CallbackQueryHandler(press))
        async with application:
            await application.start()
            await application.updater.start_polling()
            rate = float(await talk(False))
            with contextlib.suppress(Exception):
                await application.updater.stop()
            await application.stop()
        return rate


def rows() -> list[Row]:
    """A row for each library."""
    quiet()
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settled = folder / "settled.db"
        settle(folder, f"sqlite:///{settled}")
        for library, bare in (("aiogram", bare_aiogram), ("ptb", bare_ptb)):
            mine, theirs = [], []
            for number in range(ROUNDS):
                theirs.append(asyncio.run(bare()))
                url = copy_of(settled, folder / f"{library}{number}.db")
                mine.append(asyncio.run(ours(library, folder, url)))
            what = f"the same over a loopback server, through {LIBRARIES[library]}"
            found.append(row_of(what, mine, theirs, MUST))
    return found
