"""A light Bot API server on 127.0.0.1, in a process of its own, with people who talk through it.

It checks nothing (tests/fake_bot_api.py does), so that it costs little beside what it serves.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import multiprocessing
import time
from collections.abc import AsyncIterator, Callable
from multiprocessing.connection import Connection
from typing import Any

from aiohttp import web

from benchmarks.chats import A_MORNING, BOT, CHATS, FIRST, TALK, Chat

LONGEST_WAIT = 5
"""Seconds that an empty getUpdates is held back at most."""


class LightApi:
    """getUpdates, sendMessage and the few calls beside them, for one bot."""

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self._numbers = itertools.count(10_000_000)
        self._chats: dict[int, Chat] = {}

    async def serve(self) -> str:
        """Begin to listen; the address."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def talk(self, *, understood: bool) -> float:
        """Let everybody talk through; updates a second. understood: the bot is no mere echo."""
        numbers = [FIRST, *range(1, CHATS + 1)]
        self._chats = {number: Chat(number, self._feed) for number in numbers}
        talks = {
            number: chat.files() if understood else chat.echoes()
            for number, chat in self._chats.items()
        }
        await talks.pop(FIRST)
        began = time.perf_counter()
        await asyncio.gather(*talks.values())
        return CHATS * len(TALK) / (time.perf_counter() - began)

    async def _feed(self, update: dict[str, Any]) -> None:
        self._waiting.append(update)
        self._news.set()

    async def _call(self, request: web.Request) -> web.Response:
        name = request.match_info["method"].lower()
        in_json = request.content_type == "application/json"
        asked = dict(await (request.json() if in_json else request.post()))
        result: Any = True
        if name == "getme":
            result = BOT
        elif name == "getupdates":
            wait = min(LONGEST_WAIT, int(str(asked.get("timeout") or 0)))
            result = await self._updates(int(str(asked.get("offset") or 0)), wait)
        elif name in ("sendmessage", "editmessagetext"):
            result = self._shown(asked)
        return web.json_response({"ok": True, "result": result})

    async def _updates(self, offset: int, wait: float) -> list[dict[str, Any]]:
        self._waiting = [one for one in self._waiting if one["update_id"] >= offset]
        if not self._waiting:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), wait)
        return self._waiting[:100]

    def _shown(self, asked: dict[str, Any]) -> dict[str, Any]:
        chat = int(asked["chat_id"])
        message = {
            "message_id": int(asked.get("message_id") or next(self._numbers)),
            "date": int(A_MORNING.timestamp()),
            "chat": {"id": chat, "type": "private", "first_name": "王阿姨"},
            "from": BOT,
            "text": asked["text"],
        }
        markup = json.loads(asked.get("reply_markup") or "{}")
        if "inline_keyboard" in markup:
            message["reply_markup"] = markup
        if chat in self._chats:
            self._chats[chat].shows(message)
        return message


def _run(pipe: Connection) -> None:
    async def serve() -> None:
        api = LightApi()
        pipe.send(await api.serve())
        while (understood := await asyncio.to_thread(pipe.recv)) is not None:
            pipe.send(await api.talk(understood=understood))

    asyncio.run(serve())


@contextlib.asynccontextmanager
async def light_api() -> AsyncIterator[tuple[str, Callable[[bool], Any]]]:
    """A server in a process of its own: its address, and what lets people talk (see `talk`)."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    try:
        url = await asyncio.to_thread(ours.recv)

        async def talk(understood: bool) -> float:
            ours.send(understood)
            rate: float = await asyncio.to_thread(ours.recv)
            return rate

        yield url, talk
        ours.send(None)
    finally:
        process.terminate()
        process.join(10)
