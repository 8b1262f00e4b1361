"""A strict Bot API server on 127.0.0.1, for tests, transcripts and kill tests.

    async with FakeBotApi() as server:
        bot = server.bot("1001:resident")
        person = server.user(7, first_name="王桂英")
        ... a channel with token bot.token and api_base=server.url ...
        await person.sends("报修")
        card = await person.hears("路灯")

What a correct program never does is refused and noted in `violations`. Faults are scripted with
`fault`. The server outlives the bot: unconfirmed updates stay queued.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from typing import Any, Self

import aiohttp
from aiogram.types import ReplyKeyboardMarkup
from aiohttp import web

from tests.fake_bot_parts import (
    MIGRATED,
    PLAIN_FAULTS,
    Call,
    FakeBot,
    Fault,
    Pending,
    body_of,
    buttons_of,
    interleaved,
)
from tests.fake_bot_rules import MEDIA, UPLOAD_LIMIT, Refusal, Upload, check, wrong
from tests.fake_bot_users import FakeFile, FakeMessage, FakeUser

DOWNLOAD_LIMIT = 20_000_000
EXISTING = {"message", "edited_message", "callback_query"}
"""The kinds of updates that a bot gets only if it asks for them, or never said what it wants."""


class FakeBotApi:
    """The server. `url` is the `api_base` of a channel."""

    def __init__(self) -> None:
        self.url = ""
        self.bots: dict[str, FakeBot] = {}
        self.files: dict[str, FakeFile] = {}
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.shuffle: random.Random | None = None
        self.changed = asyncio.Event()
        self._changes = itertools.count(1)
        self._faults: list[Fault] = []
        self._quiet: dict[tuple[str, int | None], float] = {}
        self._duplicates = 0
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._runner: web.AppRunner | None = None

    # The life of the server.

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._on_call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._on_download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for bot in self.bots.values():
            bot.poller = None
        self._wake()
        if self._runner:
            await self._runner.cleanup()

    def _wake(self) -> None:
        was, self.changed = self.changed, asyncio.Event()
        was.set()

    def _stir(self, person: FakeUser) -> None:
        """Something changed in a chat: who waits there looks, and of the others nobody."""
        was, person.changed = person.changed, asyncio.Event()
        was.set()
        self._wake()

    # What tests prepare.

    def bot(self, token: str = "1001:resident", username: str = "jiamenkou_bot") -> FakeBot:
        """Register a bot (or return it, if the token is known)."""
        return self.bots.setdefault(token, FakeBot(token, username))

    def user(
        self,
        user_id: int,
        first_name: str = "居民",
        last_name: str = "",
        bot: FakeBot | None = None,
    ) -> FakeUser:
        """A person in a chat with a bot, by default with the first one."""
        bot = bot or next(iter(self.bots.values()), None) or self.bot()
        if user_id not in bot.people:
            bot.people[user_id] = FakeUser(self, bot, user_id, first_name, last_name)
        return bot.people[user_id]

    def fault(
        self,
        method: str,
        kind: str,
        *,
        times: int = 1,
        chat: int | None = None,
        bot: FakeBot | None = None,
        **options: Any,
    ) -> None:
        """Let the next calls of `method` ("*": any) fail.

        "429": retry_after=1 (whole seconds), whole_bot=False; until then nothing may be sent to
        the chat (the bot). "403", "500", "400": description=... "timeout": the message is taken
        but the answer comes only after hold=30 seconds. "drop": the connection is cut before the
        message is taken. "slow": the answer is late by delay=0.2.
        """
        assert kind in {"429", "timeout", "drop", "slow", "migrated", *PLAIN_FAULTS}, kind
        token = bot.token if bot else None
        self._faults.append(Fault(method.lower(), kind, times, chat, token, options))

    def duplicate(self, times: int = 1) -> None:
        """Deliver each of the next updates twice, the second time under another update id."""
        self._duplicates += times

    def deliver_webhook_to(
        self, url: str, secret: str, *, bot: FakeBot | None = None, pause: float = 0.02
    ) -> None:
        """Post a bot's updates to a URL, each until it is answered 2xx; one chat's in order."""
        bot = bot or next(iter(self.bots.values()))
        if old := self._tasks.pop(bot.token, None):
            old.cancel()
        self._tasks[bot.token] = asyncio.create_task(self._post_updates(bot, url, secret, pause))

    # What people and files hand in.

    def keep(self, bot: FakeBot, kind: str, content: bytes, name: str, mime: str) -> FakeFile:
        """Give a file an id that works for this bot only."""
        file_id = f"F{bot.id}x{len(self.files)}"
        self.files[file_id] = FakeFile(file_id, kind, content, name, mime, bot.token)
        return self.files[file_id]

    def new_query(self, bot: FakeBot) -> str:
        """The id of a press that waits for its answer."""
        query_id = f"{bot.id}{len(bot.queries):06}"
        bot.queries[query_id] = False
        return query_id

    @property
    def answered(self) -> set[str]:
        """The presses that a bot has answered."""
        return {query for bot in self.bots.values() for query, done in bot.queries.items() if done}

    def deliver(self, bot: FakeBot, kind: str, chat: int, body: Any) -> None:
        """Queue an update, twice if duplicates were asked for; `body` may be nonsense."""
        if kind in EXISTING and kind not in (bot.allowed or EXISTING):
            return  # not asked for: never queued
        copies = 2 if self._duplicates else 1
        self._duplicates -= copies - 1
        for _ in range(copies):
            bot.queue.append(Pending(bot.next_update, kind, chat, body))
            bot.next_update += 1
        self._wake()

    async def _post_updates(self, bot: FakeBot, url: str, secret: str, pause: float) -> None:
        headers = {
            "X-Telegram-Bot-Api-Secret-Token": secret,
            "Content-Type": "application/json; charset=utf-8",
        }
        async with aiohttp.ClientSession(headers=headers) as session:

            async def post(one: Pending) -> bool:
                try:
                    async with session.post(url, data=json.dumps(one.as_json())) as answer:
                        return 200 <= answer.status < 300
                except aiohttp.ClientError:
                    return False

            while True:
                changed = self.changed
                heads = {(one.kind, one.chat): one for one in reversed(bot.queue)}
                done = await asyncio.gather(*map(post, heads.values()))
                taken = [one for one, ok in zip(heads.values(), done, strict=True) if ok]
                bot.queue = [one for one in bot.queue if one not in taken]
                if not all(done):
                    await asyncio.sleep(pause)
                elif not bot.queue:
                    await changed.wait()

    # What a bot asks.

    async def _on_call(self, request: web.Request) -> web.Response:
        token, name = request.match_info["token"], request.match_info["method"]
        bot = self.bots.get(token)
        try:
            if bot is None:
                raise Refusal("Unauthorized", 401)
            raw, uploads = await body_of(request)
            self.calls.append(Call(token, name, raw))
            asked = check(name, raw, uploads)
            chat = int(asked.chat_id) if hasattr(asked, "chat_id") else None
            fault = await self._trouble(bot, name, chat, request)
            result = await self._perform(bot, asked, uploads)
            if fault and fault.kind == "timeout":
                await asyncio.sleep(fault.options.get("hold", 30))
        except Refusal as refusal:
            if refusal.violation:
                self.violations.append(f"{name}: {refusal.description}")
            body: dict[str, Any] = {
                "ok": False,
                "error_code": refusal.code,
                "description": refusal.description,
            }
            if refusal.parameters:
                body["parameters"] = refusal.parameters
            return web.json_response(body, status=refusal.code)
        return web.json_response({"ok": True, "result": result})

    async def _trouble(
        self, bot: FakeBot, name: str, chat: int | None, request: web.Request
    ) -> Fault | None:
        """Raise the fault scripted for this call, if any; one that comes later is returned."""
        now = time.monotonic()
        for scope in (chat, None) if chat is not None else ():
            left = self._quiet.get((bot.token, scope), 0) - now
            if left > 0:
                seconds = int(left) + 1
                raise Refusal(
                    "Too Many Requests: called before retry_after ended",
                    429,
                    violation=True,
                    retry_after=seconds,
                )
        for fault in self._faults:
            if (
                fault.left > 0
                and fault.method in ("*", name.lower())
                and fault.chat in (None, chat)
                and fault.token in (None, bot.token)
            ):
                fault.left -= 1
                break
        else:
            return None
        if fault.kind == "429":
            seconds = fault.options.get("retry_after", 1)
            whole_bot = fault.options.get("whole_bot", False)
            if chat is not None or whole_bot:
                self._quiet[bot.token, None if whole_bot else chat] = now + seconds
            words = f"Too Many Requests: retry after {seconds}"
            raise Refusal(words, 429, retry_after=seconds)
        if fault.kind == "migrated":
            raise Refusal(MIGRATED, 400, migrate_to_chat_id=-1_009_999_999_999)
        if fault.kind in PLAIN_FAULTS:
            words = fault.options.get("description") or PLAIN_FAULTS[fault.kind]
            raise Refusal(words, int(fault.kind))
        if fault.kind == "drop":
            assert request.transport is not None
            request.transport.abort()
            raise Refusal("dropped", 500)
        if fault.kind == "slow":
            await asyncio.sleep(fault.options.get("delay", 0.2))
        return fault

    async def _perform(self, bot: FakeBot, asked: Any, uploads: dict[str, Upload]) -> Any:
        name = asked.__api_method__
        if name == "getMe":
            return bot.as_json()
        if name == "getUpdates":
            return await self._get_updates(bot, asked)
        if name == "setWebhook":
            if not asked.url.startswith("https://"):
                raise wrong("bad webhook: An HTTPS URL must be provided for webhook")
            if asked.allowed_updates is not None:
                bot.allowed = set(asked.allowed_updates)
            bot.webhook = {"url": asked.url, "secret": asked.secret_token}
        elif name == "deleteWebhook":
            bot.webhook = {}
        elif name == "setMyCommands":
            bot.commands = list(asked.commands)
        elif name == "answerCallbackQuery":
            if bot.queries.get(asked.callback_query_id) is not False:
                raise Refusal("Bad Request: query is too old or query ID is invalid")
            bot.queries[asked.callback_query_id] = True
            self._wake()
        elif name == "getFile":
            file = self._file(bot, asked.file_id, None)
            if len(file.content) > DOWNLOAD_LIMIT:
                raise Refusal("Bad Request: file is too big")
            size = len(file.content)
            path = f"files/{file.file_id}"
            fields = {"file_id": file.file_id, "file_unique_id": f"u{file.file_id}"}
            return fields | {"file_size": size, "file_path": path}
        elif name.startswith("edit"):
            return self._edit(bot, asked)
        else:
            return self._send(bot, asked, uploads)
        return True

    async def _get_updates(self, bot: FakeBot, asked: Any) -> list[dict[str, Any]]:
        if bot.webhook:
            raise Refusal("Conflict: can't use getUpdates method while webhook is active", 409)
        if asked.allowed_updates is not None:
            bot.allowed = set(asked.allowed_updates)
        bot.poller = mine = object()
        self._wake()  # a longer one that still waits gives way
        bot.queue = [one for one in bot.queue if one.update_id >= (asked.offset or 0)]
        deadline = time.monotonic() + (asked.timeout or 0)
        while True:
            changed = self.changed
            if bot.poller is not mine:
                raise Refusal("Conflict: terminated by other getUpdates request", 409)
            batch = bot.queue[: asked.limit or 100]
            if self.shuffle:
                batch = interleaved(batch, self.shuffle)
            left = deadline - time.monotonic()
            if batch or left <= 0:
                return [one.as_json() for one in batch]
            try:
                await asyncio.wait_for(changed.wait(), left)
            except TimeoutError:
                continue

    def _person(self, bot: FakeBot, chat: Any) -> FakeUser:
        person = bot.people.get(int(chat))
        if person is None:
            raise Refusal("Bad Request: chat not found")
        if person.blocked:
            raise Refusal("Forbidden: bot was blocked by the user", 403)
        return person

    def _file(self, bot: FakeBot, file_id: str, kind: str | None) -> FakeFile:
        file = self.files.get(file_id.removesuffix("-small"))
        if file is None or file.token != bot.token:
            raise wrong("wrong file identifier/HTTP URL specified")
        if kind not in (None, file.kind):
            raise wrong(f"can't use file of type {file.kind} as {kind}")
        return file

    def _send(self, bot: FakeBot, asked: Any, uploads: dict[str, Upload]) -> Any:
        person = self._person(bot, asked.chat_id)
        reply = asked.reply_parameters
        answered = reply.message_id if reply else None
        if answered is not None and all(one.message_id != answered for one in person.chat):
            if not reply.allow_sending_without_reply:
                raise Refusal("Bad Request: message to be replied not found")
            answered = None

        def received(kind: str, media: str) -> FakeFile:
            if not media.startswith("attach://"):
                return self._file(bot, media, kind)
            upload = uploads[media.removeprefix("attach://")]
            if len(upload.content) > UPLOAD_LIMIT.get(kind, 50_000_000):
                raise Refusal("Request Entity Too Large", 413, violation=True)
            return self.keep(bot, kind, upload.content, upload.name, upload.mime)

        method = asked.__api_method__
        parts: list[dict[str, Any]]
        if method == "sendMediaGroup":
            group = f"b{bot.next_message}"
            files = [received(item.type, item.media) for item in asked.media]
            parts = [
                {"kind": item.type, "text": item.caption or "", "files": [file], "group": group}
                for item, file in zip(asked.media, files, strict=True)
            ]
        elif method == "sendMessage":
            parts = [{"text": asked.text}]
        elif method == "sendContact":
            parts = [{"kind": "contact", "text": f"{asked.first_name} {asked.phone_number}"}]
        elif method == "sendLocation":
            parts = [{"kind": "location", "location": (asked.latitude, asked.longitude)}]
        else:
            kind = next(kind for kind in MEDIA if hasattr(asked, kind))
            file = received(kind, getattr(asked, kind))
            parts = [{"kind": kind, "text": asked.caption or "", "files": [file]}]
        sent = []
        for part in parts:
            message = FakeMessage(bot.new_message_id(), person.id, by_bot=True, **part)
            message.keyboard = buttons_of(getattr(asked, "reply_markup", None))
            message.reply_to = answered
            message.changed = next(self._changes)
            person.chat.append(message)
            sent.append(message.as_json(person, bot))
        self._stir(person)
        return sent if method == "sendMediaGroup" else sent[0]

    def _edit(self, bot: FakeBot, asked: Any) -> dict[str, Any]:
        person = self._person(bot, asked.chat_id)
        found = [one for one in person.received if one.message_id == asked.message_id]
        if not found:
            raise Refusal("Bad Request: message to edit not found")
        message, keyboard = found[0], buttons_of(asked.reply_markup)
        if isinstance(asked.reply_markup, ReplyKeyboardMarkup):
            raise wrong("only an inline keyboard can be edited")
        text = getattr(asked, "text", message.text)
        if text != message.text and message.kind != "text":
            raise wrong("there is no text in the message to edit")
        if (text, keyboard) == (message.text, message.keyboard):
            raise Refusal("Bad Request: message is not modified: it is exactly the same")
        message.edits.append((message.text, message.keyboard))
        message.text, message.keyboard = text, keyboard
        message.changed = next(self._changes)
        self._stir(person)
        return message.as_json(person, bot)

    async def _on_download(self, request: web.Request) -> web.Response:
        bot = self.bots.get(request.match_info["token"])
        file = self.files.get(request.match_info["path"].removeprefix("files/"))
        if bot is None or file is None or file.token != bot.token:
            return web.json_response({"ok": False, "error_code": 404}, status=404)
        return web.Response(body=file.content)
