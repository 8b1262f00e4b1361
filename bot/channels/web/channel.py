"""The page as a channel: people who hold a personal link chat in a browser, with no platform.

Nothing is stored here: the inbox and the outbox are the page's memory (`storage.chatlog`). What is
sent goes to the pages that are open; a page that was not reads the history when it comes back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from aiohttp import web

from bot.channels.base import Load, Receive, Refused
from bot.channels.web.routes import Handler, Routes
from bot.channels.web.streams import Streams
from bot.channels.web.wire import outgoing_json
from bot.messages import Address, File, Outgoing
from storage.links import CastMember
from storage.media import MediaFolder
from storage.vault import Vault
from storage.worker import StorageWorker

SECONDS_TO_CLOSE = 2.0


class WebChannel:
    """The page's `Channel`, and the one HTTP server of the program.

    demo: show the sample's people side by side at ``/``; demo_cast gives them.
    extra_routes: (method, path, handler) of others that share the server: webhooks, health.
    load: the bytes of files that came through another channel; may be set later.
    per_minute: how many messages one chat may post in a minute.
    """

    name = "web"

    def __init__(
        self,
        worker: StorageWorker,
        vault: Vault,
        media: MediaFolder,
        *,
        host: str,
        port: int,
        demo: bool,
        clock: Callable[[], datetime],
        demo_cast: Callable[[], Awaitable[list[CastMember]]] | None = None,
        extra_routes: Sequence[tuple[str, str, Handler]] = (),
        load: Load | None = None,
        per_minute: int = 60,
    ) -> None:
        self._media = media
        self._clock = clock
        self._host = host
        self._port = port
        self._extra_routes = extra_routes
        self._streams = Streams()
        self._routes = Routes(
            worker,
            vault,
            media,
            self._streams,
            clock=clock,
            demo_cast=demo_cast if demo else None,
            load=load,
            per_minute=per_minute,
        )
        self._runner: web.AppRunner | None = None
        self.tell: Callable[[int], Awaitable[None]] = _nobody
        """Tells other processes that a message of the outbox stands on the pages."""

    @property
    def load(self) -> Load | None:
        """What fetches files of other channels for the page."""
        return self._routes.load

    @load.setter
    def load(self, load: Load | None) -> None:
        self._routes.load = load

    @property
    def is_open(self) -> bool:
        """Whether pages are served."""
        return self._runner is not None

    @property
    def address(self) -> str:
        """``http://host:port`` with the port that is really listened on. Raises RuntimeError."""
        if self._runner is None or not self._runner.addresses:
            raise RuntimeError("the page's server is not open")
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def open(self, receive: Receive) -> None:
        """Start the server. Raises OSError when the port is taken."""
        app = self._routes.app(receive)
        for method, path, handler in self._extra_routes:
            app.router.add_route(method, path, handler)
        # No access log: an address carries the token that opens the chat.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SECONDS_TO_CLOSE)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner

    async def close(self) -> None:
        """Let open pages go and stop the server."""
        runner, self._runner = self._runner, None
        self._streams.end()
        if runner is not None:
            await runner.cleanup()

    async def send(self, to: Address, message: Outgoing, load: Load) -> tuple[str, ...]:
        """Show a message on the open pages of a chat; the outbox remembers it for the others.

        Raises Unreachable when other processes, which have pages too, could not be told.
        """
        ref = str(message.ref)
        self.show(to, ref, message)
        await self.tell(message.ref)
        return (ref,)

    async def edit(self, to: Address, message_id: str, message: Outgoing) -> None:
        """Change a message on the open pages. Raises Refused for an id that `send` never gave."""
        if not message_id.isdecimal():
            raise Refused("not a message of this channel")
        self.show(to, message_id, message, edit=True)
        await self.tell(message.ref)

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file that was posted. Raises Refused when it is gone."""
        try:
            return await asyncio.to_thread(self._media.read, file.ref)
        except FileNotFoundError:
            raise Refused("the file is no longer kept") from None

    @property
    def has_pages(self) -> bool:
        """Whether any page is open here."""
        return self._streams.any

    def reload(self) -> None:
        """Let every page come again and read the history: something may have been missed."""
        self._streams.end()

    def show(self, to: Address, stands_as: str, message: Outgoing, *, edit: bool = False) -> None:
        """Put a message, or what it says now, on the pages of a chat that are open here."""
        at = self._clock()
        self._streams.push(
            to.chat,
            "edit" if edit else "message",
            lambda token: outgoing_json(message, stands_as, at, self._routes.linker(token)),
        )


async def _nobody(ref: int) -> None:
    """This process has all pages."""
