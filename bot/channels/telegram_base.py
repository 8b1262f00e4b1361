"""What both Telegram adapters do alike: taking updates in, by asking or by webhook.

Nothing is acknowledged before `receive` has returned: while asking, the offset moves only when the
whole batch is stored; a webhook is answered 200 only after the commit.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web

from bot.channels.base import Load, NotStored, Receive, Refused, SendFailed, TryLater
from bot.channels.telegram_reading import Webhook, read
from bot.channels.telegram_writing import BadToken, Media, is_unchanged, media
from bot.messages import Address, Outgoing

log = structlog.get_logger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)

STANDING_BY = 0.5
"""Seconds between looks whether it is for this process to ask for updates."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take, in seconds; tests make it short.

    poll: how long Telegram holds an empty answer back. call: the most that any other call takes.
    opening: how long `open` waits for the first answer. pauses: between attempts, the last repeats.
    """

    poll: int = 25
    call: float = 40.0
    opening: float = 3.0
    pauses: Sequence[float] = (1, 2, 4, 8, 16, 30)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class TelegramBase(ABC):
    """A Telegram channel but for the calls themselves, which a subclass makes with a library."""

    def __init__(self, name: str, webhook: Webhook | None, timing: Timing) -> None:
        self.name = name
        self.username: str | None = None
        self.route_path = f"/telegram/{name}"
        self._webhook = webhook
        self._timing = timing
        self._receive: Receive | None = None
        self._failures = 0
        self._ready = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._answers: set[asyncio.Task[None]] = set()
        self._connected = False
        self._refused = 0
        self.may_ask: Callable[[], bool] = lambda: True
        """Whether it is for this process to ask for updates just now."""

    @property
    def is_open(self) -> bool:
        """Whether the platform has answered and messages are taken in."""
        return self._connected

    # What a library does. Each raises a `SendFailed`, `BadToken` among them.

    @abstractmethod
    async def _username(self) -> str | None:
        """Who this bot is (getMe)."""

    @abstractmethod
    async def _choose_delivery(self, url: str, secret: str) -> None:
        """Set the webhook, or take it away where there is no `url`."""

    @abstractmethod
    async def _updates(self, offset: int | None) -> list[dict[str, Any]]:
        """The next updates (getUpdates), not yet parsed so that a bad one harms only itself."""

    @abstractmethod
    def _parse(self, update: dict[str, Any]) -> Any:
        """The library's object for an update; raises whatever it likes."""

    @abstractmethod
    async def _answer_press(self, query_id: str) -> None:
        """Stop the little clock on a pressed button."""

    @abstractmethod
    async def _send(self, chat: int, message: Outgoing, files: list[Media]) -> list[int]:
        """Send a message in one call; the ids of what now stands in the chat."""

    @abstractmethod
    async def _edit(self, chat: int, message_id: int, message: Outgoing) -> None:
        """Change a message's text and inline keyboard (editMessageText)."""

    @abstractmethod
    async def _disconnect(self) -> None:
        """Let go of connections."""

    async def open(self, receive: Receive) -> None:
        """Begin to take messages in; keeps trying behind the scenes if Telegram is out of reach."""
        self._receive = receive
        self._loop = asyncio.create_task(self._run(), name=self.name)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), self._timing.opening)

    async def close(self) -> None:
        """Stop taking messages in. What was not confirmed comes again after the next start."""
        tasks = [*self._answers, *([self._loop] if self._loop else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._disconnect()

    async def send(self, to: Address, message: Outgoing, load: Load) -> tuple[str, ...]:
        """See `Channel.send`."""
        files = await media(self.name, message, load)
        return tuple(str(sent) for sent in await self._send(int(to.chat), message, files))

    async def edit(self, to: Address, message_id: str, message: Outgoing) -> None:
        """See `Channel.edit`. A message that already stands as wished is no error."""
        try:
            await self._edit(int(to.chat), int(message_id), message)
        except Refused as refused:
            if not is_unchanged(refused):
                raise

    async def _run(self) -> None:
        try:
            while not await self._attempt(self._connect):
                pass
            self._connected = True
            self._ready.set()
            log.info("telegram.connected", channel=self.name, webhook=self._webhook is not None)
            if self._webhook is None:
                await self._poll()
        except BadToken:
            log.error("telegram.token_refused", channel=self.name, hint="check this bot's token")
        except Exception as fault:
            log.error("telegram.stopped", channel=self.name, fault=type(fault).__name__)
            raise
        finally:
            self._connected = self._connected and self._webhook is not None
            self._ready.set()

    async def _connect(self) -> None:
        webhook = self._webhook
        self.username = await self._username()
        url = webhook.url.rstrip("/") + self.route_path if webhook else ""
        await self._choose_delivery(url, webhook.secret if webhook else "")

    async def _poll(self) -> None:
        offset: int | None = None

        async def turn() -> None:
            nonlocal offset
            updates = await self._updates(offset)
            # All stored, or the whole batch again: what was stored is recognised and dropped.
            results = await asyncio.gather(*map(self._take, updates), return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            # Update ids start anew, perhaps lower, after an idle week; an empty answer means that
            # everything up to the offset is confirmed, so the offset has done its work.
            offset = max((update["update_id"] for update in updates), default=-1) + 1 or None

        while True:
            if self.may_ask():
                await self._attempt(turn)
            else:
                offset = None  # whoever asks meanwhile has an offset of its own
                await self._timing.sleep(STANDING_BY)

    async def _attempt(self, action: Callable[[], Awaitable[None]]) -> bool:
        """Whether `action` went through; if it did not, the pause is over when this returns."""
        try:
            await action()
        except BadToken:
            raise
        except (SendFailed, NotStored) as fault:
            pauses = self._timing.pauses
            pause = pauses[min(self._failures, len(pauses) - 1)]
            if isinstance(fault, TryLater):
                pause = fault.seconds
            self._failures += 1
            log.warning(
                "telegram.pause", channel=self.name, fault=type(fault).__name__, seconds=pause
            )
            await self._timing.sleep(pause)
            return False
        self._failures = 0
        return True

    async def _take(self, update: dict[str, Any]) -> None:
        """Store one update. Raises `NotStored`; an unreadable one is logged and passed over."""
        update_id = update["update_id"]
        try:
            incoming = read(self.name, self._parse(update), self.username)
        except Exception as fault:  # whatever a library raises; its words may quote the message
            log.error(
                "telegram.unreadable",
                channel=self.name,
                update_id=update_id,
                fault=type(fault).__name__,
            )
            return
        if incoming is None:
            log.debug("telegram.ignored", channel=self.name, update_id=update_id)
            return
        if self._receive is None:
            raise NotStored
        try:
            await self._receive(incoming)
        except NotStored:
            raise
        except Exception as fault:  # never acknowledged on a guess
            log.error("telegram.not_stored", channel=self.name, fault=type(fault).__name__)
            raise NotStored from fault
        if incoming.pressed is not None:
            answer = asyncio.create_task(self._answer_quietly(incoming.event_id.removeprefix("c")))
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)

    async def _answer_quietly(self, query_id: str) -> None:
        try:
            await self._answer_press(query_id)
        except SendFailed as fault:
            log.debug("telegram.press_unanswered", channel=self.name, fault=type(fault).__name__)

    async def on_webhook(self, request: web.Request) -> web.Response:
        """Telegram's delivery of one update, for the program's own web server (POST)."""
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if self._webhook is None or not hmac.compare_digest(given, self._webhook.secret.encode()):
            return self._refuse(401)
        try:
            update = json.loads(await request.read())
            if not isinstance(update["update_id"], int):
                raise TypeError
        except (ValueError, TypeError, LookupError, RecursionError):
            return self._refuse(400)
        try:
            await self._take(update)
        except NotStored:
            return web.Response(status=503)
        return web.Response()

    def _refuse(self, status: int) -> web.Response:
        """Say no to a stranger. The log hears of the 1st, 2nd, 4th, 8th ...: nobody can fill it."""
        self._refused += 1
        if self._refused.bit_count() == 1:
            log.warning(
                "telegram.webhook_refused", channel=self.name, status=status, times=self._refused
            )
        return web.Response(status=status)
