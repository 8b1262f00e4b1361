"""A bot as the libraries' own pages write it: default polling, each message stored in its handler.

python -m benchmarks.bare_bot aiogram|ptb URL TOKEN DATABASE
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys


def store(database: str, words: str) -> None:
    """Write one message down, durably."""
    with sqlite3.connect(database, timeout=30) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("INSERT INTO said VALUES (?)", (words,))


def run_aiogram(url: str, token: str, database: str) -> None:
    """aiogram's `start_polling` with everything as it comes."""
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message

    dispatcher = Dispatcher()

    @dispatcher.message()
    async def answer(message: Message) -> None:
        await asyncio.to_thread(store, database, str(message.text))
        await message.answer("ok")

    async def main() -> None:
        session = AiohttpSession(api=TelegramAPIServer.from_base(url))
        await dispatcher.start_polling(Bot(token, session=session))

    asyncio.run(main())


def run_ptb(url: str, token: str, database: str) -> None:
    """python-telegram-bot's `run_polling` with everything as it comes."""
    from telegram import Update
    from telegram.ext import Application, ContextTypes, MessageHandler, filters

    async def answer(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await asyncio.to_thread(store, database, str(update.message.text))
        await update.message.reply_text("ok")

    application = Application.builder().token(token).base_url(f"{url}/bot").build()
    application.add_handler(MessageHandler(filters.ALL, answer))
    application.run_polling()


if __name__ == "__main__":
    {"aiogram": run_aiogram, "ptb": run_ptb}[sys.argv[1]](*sys.argv[2:])
