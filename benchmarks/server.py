"""A Bot API server that does next to nothing: it counts what arrives, and refuses what is too much.

    python -m benchmarks.server --most 30 --delay 0.02 0.08

It prints its address. `/stats` has what it counted, `/received` how often each chat got each
message; `/faults` (POST, JSON) sets what goes wrong: parts of the calls that are answered with 429,
500 and 403, cut, or left without an answer. A message takes `--delay` seconds (anything between the
two) to arrive; its answer comes back at once.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from benchmarks.platform import TOLD, Platform

ME = {"id": 1001, "is_bot": True, "first_name": "家门口", "username": "jiamenkou_bot"}
NO_UPDATES = 25.0


@dataclass(slots=True)
class Faults:
    """Parts of the calls (0 to 1) that meet each fault. arrive: whether what is cut or left hanging
    has arrived. closed: the longest `retry_after`, in whole seconds; it is random."""

    busy: float = 0.0
    broken: float = 0.0
    cut: float = 0.0
    hang: float = 0.0
    blocked: float = 0.0
    """Of the chats, not of the calls: somebody who shut the bot out stays away."""
    arrive: float = 0.5
    closed: int = 2


@dataclass
class Server:
    """One bot's server. `stats` and `received` are what it knows."""

    platform: Platform
    delay: tuple[float, float] = (0.0, 0.0)
    faults: Faults = field(default_factory=Faults)
    calls: Counter[str] = field(default_factory=Counter)
    texts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    seen: list[tuple[float, str, str]] = field(default_factory=list)
    """When each message that is no notice arrived: moment, chat, text."""
    _chance: Random = field(default_factory=lambda: Random(11))
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _closed_until: float = 0.0

    def app(self) -> web.Application:
        """Its routes."""
        app = web.Application()
        app.router.add_get("/stats", self._stats)
        app.router.add_get("/received", self._received)
        app.router.add_get("/seen", self._seen)
        app.router.add_post("/faults", self._set_faults)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        return app

    async def _call(self, request: web.Request) -> web.StreamResponse:
        left = asyncio.get_running_loop().time()
        method = request.match_info["method"]
        self.calls[method] += 1
        if method == "getUpdates":
            await asyncio.sleep(NO_UPDATES)
            return _fine([])
        if method != "sendMessage":
            return _fine(ME if method == "getMe" else True)
        try:
            asked = await _asked(request)
        except ConnectionError:  # whoever called was killed
            return web.Response()
        chat, text = _first(asked, "chat_id"), _first(asked, "text")
        takes = self._chance.uniform(*self.delay)
        if takes > 0:
            await asyncio.sleep(takes)
        return await self._take(request, chat, text, left)

    async def _take(
        self, request: web.Request, chat: str, text: str, left: float
    ) -> web.StreamResponse:
        now, faults = asyncio.get_running_loop().time(), self.faults
        if faults.blocked and Random(chat).random() < faults.blocked:
            return _refused(403, "Forbidden: bot was blocked by the user")
        luck = self._chance.random()
        if now < self._closed_until:
            self.platform.too_early += left > self._closed_since
            return _busy(self._closed_until - now)
        if luck < faults.busy:
            self._closed_since, asked = now + TOLD, self._chance.randint(1, faults.closed)
            self._closed_until = now + asked
            self.platform.refused += 1
            return _busy(asked)
        luck -= faults.busy
        if luck < faults.broken:
            return _refused(500, "Internal Server Error")
        luck -= faults.broken
        cut = luck < faults.cut + faults.hang
        if cut and self._chance.random() >= faults.arrive:
            return await self._say_nothing(request, hang=luck >= faults.cut)
        wait = self.platform.take(chat, now, left)
        if wait:
            return _busy(wait)
        self.texts[chat][text] += 1
        if text.startswith("answer"):
            self.seen.append((now, chat, text))
        if cut:
            return await self._say_nothing(request, hang=luck >= faults.cut)
        number = next(self._ids)
        sent = {"message_id": number, "date": 1, "chat": {"id": int(chat), "type": "private"}}
        return _fine({**sent, "text": text})

    _closed_since: float = 0.0

    async def _say_nothing(self, request: web.Request, *, hang: bool) -> web.StreamResponse:
        if hang:
            await asyncio.sleep(3600)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _stats(self, _: web.Request) -> web.Response:
        platform = self.platform
        return web.json_response(
            {
                "accepted": platform.accepted,
                "refused": platform.refused,
                "too_early": platform.too_early,
                "rate": platform.rate,
                "first": platform.first,
                "last": platform.last,
                "calls": self.calls,
                "faults": asdict(self.faults),
            }
        )

    async def _received(self, _: web.Request) -> web.Response:
        return web.json_response(self.texts)

    async def _seen(self, _: web.Request) -> web.Response:
        return web.json_response(self.seen)

    async def _set_faults(self, request: web.Request) -> web.Response:
        self.faults = Faults(**await request.json())
        return web.Response()


async def _asked(request: web.Request) -> Any:
    if request.content_type == "application/json":
        return await request.json()
    if request.content_type == "application/x-www-form-urlencoded":
        return parse_qs(await request.text())
    return await request.post()


def _first(asked: Any, name: str) -> str:
    value = asked.get(name, "")
    return str(value[0]) if isinstance(value, list) else str(value)


def _fine(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _refused(code: int, words: str, **more: Any) -> web.Response:
    body = {"ok": False, "error_code": code, "description": words, **more}
    return web.json_response(body, status=code)


def _busy(seconds: float) -> web.Response:
    whole = max(1, -int(-seconds // 1))
    words = f"Too Many Requests: retry after {whole}"
    return _refused(429, words, parameters={"retry_after": whole})


async def _serve(server: Server, port: int) -> None:
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    assert runner.addresses
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until it is closed
    await runner.cleanup()


def main() -> None:
    """Serve until standard input is closed, so that nothing is left behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=float, default=30)
    parser.add_argument("--delay", type=float, nargs=2, default=(0.0, 0.0))
    parser.add_argument("--port", type=int, default=0)
    asked = parser.parse_args()
    server = Server(Platform(asked.most), tuple(asked.delay))
    asyncio.run(_serve(server, asked.port))


if __name__ == "__main__":
    main()
