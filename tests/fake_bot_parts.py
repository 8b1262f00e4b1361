"""The pieces of the fake Bot API server: its bots, their queues, how a request is read."""

from __future__ import annotations

import itertools
import random
import time
from dataclasses import dataclass, field
from typing import Any

from aiogram.types import InlineKeyboardMarkup, ReplyKeyboardMarkup
from aiohttp import web

from tests.fake_bot_rules import Upload
from tests.fake_bot_users import Button, FakeUser

PLAIN_FAULTS = {
    "400": "Bad Request: refused",
    "403": "Forbidden: bot was blocked by the user",
    "500": "Internal Server Error",
}
MIGRATED = "Bad Request: group chat was upgraded to a supergroup chat"
_bot_ids = itertools.count(9_000_001)


@dataclass(slots=True)
class Pending:
    """One unconfirmed update."""

    update_id: int
    kind: str
    chat: int
    body: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The Bot API's object."""
        return {"update_id": self.update_id, self.kind: self.body}


@dataclass(slots=True)
class Call:
    """One request that a bot made, as it came."""

    token: str
    method: str
    params: dict[str, Any]
    at: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next `left` calls of `method`."""

    method: str
    kind: str
    left: int
    chat: int | None
    token: str | None
    options: dict[str, Any]


class FakeBot:
    """One bot of the server: its queue, its people, its settings."""

    def __init__(self, token: str, username: str) -> None:
        self.token = token
        self.id = next(_bot_ids)
        self.username = username
        self.queue: list[Pending] = []
        self.people: dict[int, FakeUser] = {}
        self.webhook: dict[str, Any] = {}
        self.commands: list[Any] = []
        self.queries: dict[str, bool] = {}
        self.poller: object = None
        self.allowed: set[str] | None = None
        """The kinds of updates it asked for last (allowed_updates); None: it never said."""
        self.next_update = 1000
        self.next_message = 0

    def as_json(self) -> dict[str, Any]:
        """The Bot API's object."""
        return {"id": self.id, "is_bot": True, "first_name": "家门口", "username": self.username}

    def new_message_id(self) -> int:
        """Counted over all chats of a bot, as Telegram does."""
        self.next_message += 1
        return self.next_message


def interleaved(batch: list[Pending], chance: random.Random) -> list[Pending]:
    """The updates in a random order that Telegram could have, too.

    Messages keep their order in a chat, presses keep theirs, and nothing else keeps any.
    """
    lanes: dict[tuple[str, int], list[Pending]] = {}
    for one in batch:
        lanes.setdefault((one.kind, one.chat), []).append(one)
    mixed = []
    while lanes:
        lane = chance.choice(list(lanes))
        mixed.append(lanes[lane].pop(0))
        if not lanes[lane]:
            del lanes[lane]
    return mixed


async def body_of(request: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """The parameters of a request, whichever way they came, and its files."""
    if request.content_type == "application/json":
        return {**request.query, **await request.json()}, {}
    params: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            uploads[key] = Upload(value.filename, value.content_type, value.file.read())
        else:
            params[key] = value if isinstance(value, str) else value.decode()
    return params, uploads


def buttons_of(markup: Any) -> list[list[Button]]:
    if isinstance(markup, InlineKeyboardMarkup):
        return [
            [Button(button.text, data=button.callback_data) for button in row]
            for row in markup.inline_keyboard
        ]
    if isinstance(markup, ReplyKeyboardMarkup):
        return [
            [
                Button(
                    key.text,
                    shares="contact"
                    if key.request_contact
                    else "location"
                    if key.request_location
                    else None,
                )
                for key in row
            ]
            for row in markup.keyboard
        ]
    return []
