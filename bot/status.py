"""What machines ask about this process: whether it lives, whether it is of use, and its figures."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import TypeVar

import structlog
from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.base import Channel
from bot.metrics import CONTENT_TYPE, Metrics
from storage import gauges
from storage.database import is_outage
from storage.gauges import Gauges
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PATIENCE = 3.0
"""Seconds after which a database that says nothing counts as away."""
TRIED_AGAIN = 5.0
"""Seconds for which the outcome of a trial to write is believed."""
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")
"""What web servers in front write into what they hand on."""


@dataclass(slots=True)
class Status:
    """Answers /healthz, /readyz and /metrics.

    opened: the channels that this process takes messages in through. token: what /metrics asks for;
    empty: it answers only this machine, and nothing that a web server has handed on. holds: see
    `Metrics.text`.
    """

    worker: StorageWorker
    metrics: Metrics
    clock: Callable[[], datetime]
    opened: Mapping[str, Channel]
    holds: Callable[[], dict[str, bool]]
    has_room: Callable[[], bool]
    token: str = ""
    running: bool = False
    _runner: web.AppRunner | None = None
    _asked: asyncio.Lock = field(default_factory=asyncio.Lock)
    _trying: asyncio.Lock = field(default_factory=asyncio.Lock)
    _tried: float = float("-inf")
    _wrote: bool = False

    def routes(self) -> list[tuple[str, str, Handler]]:
        """(method, path, handler) for a web server."""
        return [
            ("GET", "/healthz", self.healthz),
            ("GET", "/readyz", self.readyz),
            ("GET", "/metrics", self.show_metrics),
        ]

    async def open(self, host: str, port: int) -> None:
        """Serve them on a port of their own. Raises OSError when it is taken."""
        app = web.Application()
        for method, path, handler in self.routes():
            app.router.add_route(method, path, handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner

    @property
    def address(self) -> str:
        """``http://host:port`` of the port of their own; empty without one."""
        if self._runner is None or not self._runner.addresses:
            return ""
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def close(self) -> None:
        """Serve them no longer."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def healthz(self, request: web.Request) -> web.Response:
        """200: the process lives and its loop turns."""
        return web.json_response({"ok": True}, headers={"Cache-Control": "no-store"})

    async def readyz(self, request: web.Request) -> web.Response:
        """200: it runs, the database answers and takes what is written, there is room for more, and
        its channels are open. Else 503 and what is not as it should be."""
        missing = [] if self.running else ["running"]
        if await self._ask(gauges.answers) is None or not await self._takes_writing():
            missing.append("database")
        if not self.has_room():
            missing.append("disk")
        missing += [
            name for name, channel in self.opened.items() if not getattr(channel, "is_open", True)
        ]
        return web.json_response(
            {"ok": not missing, "missing": missing},
            status=503 if missing else 200,
            headers={"Cache-Control": "no-store"},
        )

    async def show_metrics(self, request: web.Request) -> web.Response:
        """The figures, for who may have them; for anybody else there is no such page."""
        if not self._may(request):
            raise web.HTTPNotFound
        text = self.metrics.text(await self._gauges(), self.holds())
        return web.Response(
            body=text, headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}
        )

    def _may(self, request: web.Request) -> bool:
        if self.token:
            given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
            return hmac.compare_digest(given, f"Bearer {self.token}".encode())
        handed_on = any(name in request.headers for name in FORWARDED)
        return not handed_on and _is_here(request.remote or "") and _is_here(request.url.host or "")

    async def _gauges(self) -> Gauges | None:
        return await self._ask(lambda session: gauges.read(session, self.clock()))

    async def _takes_writing(self) -> bool:
        """Whether a transaction that writes goes through, tried at most every few seconds: anybody
        may ask. One that only waits for its turn counts as well."""
        async with self._trying:
            now = asyncio.get_running_loop().time()
            if now >= self._tried + TRIED_AGAIN:
                self._tried, self._wrote = now, await self._try_writing()
            return self._wrote

    async def _try_writing(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                await self.worker.run(gauges.try_writing, key="status")
        except TimeoutError:
            return True
        except Exception as error:
            if not is_outage(error):  # of that the log hears from the worker
                log.warning("database takes nothing", error=type(error).__name__)
            return False
        return True

    async def _ask(self, question: Callable[[Session], T]) -> T | None:
        """None when the database does not answer. One question at a time, however many are asked:
        each takes a thread and a connection until it is answered or fails."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._asked.acquire()
                asking = asyncio.create_task(self.worker.read_apart(question), name="status")
                asking.add_done_callback(self._answered)
                return await asyncio.shield(asking)
        except TimeoutError:
            return None
        except Exception as error:
            if not is_outage(error):  # of that the log hears from the worker
                log.warning("database does not answer", error=type(error).__name__)
            return None

    def _answered(self, asking: asyncio.Task[T]) -> None:
        self._asked.release()
        if not asking.cancelled():
            asking.exception()  # whoever asked may have gone


def _is_here(host: str) -> bool:
    """Whether this is an address of this machine alone: a web server in front passes on by which
    name it was asked, even where it says nothing else."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
