"""aiogram's transport with no network behind it: each call is answered at once.

What it answers is parsed by aiogram as an answer of Telegram's would be.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods import TelegramMethod

from benchmarks.chats import A_MORNING, BOT

Shows = Callable[[int, dict[str, Any]], None]

_numbers = itertools.count(10_000_000)


class StubSession(AiohttpSession):
    """Tells `shows` of each message: the chat's id, and what a client would see."""

    shows: Shows = staticmethod(lambda chat, message: None)

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ASYNC109
    ) -> Any:
        """Answer, and show the chat what was sent."""
        name = method.__api_method__
        asked = {} if name == "getMe" else self._form(bot, method)
        result: Any = True
        if name == "getMe":
            result = BOT
        elif name in ("sendMessage", "editMessageText"):
            chat = int(asked["chat_id"])
            result = {
                "message_id": int(asked.get("message_id") or next(_numbers)),
                "date": int(A_MORNING.timestamp()),
                "chat": {"id": chat, "type": "private", "first_name": "王阿姨"},
                "from": BOT,
                "text": asked["text"],
            }
            markup = json.loads(asked.get("reply_markup", "{}"))
            if "inline_keyboard" in markup:  # keys below the text field are not told back
                result["reply_markup"] = markup
        content = json.dumps({"ok": True, "result": result})
        response = self.check_response(bot, method, 200, content)
        if isinstance(result, dict) and name != "getMe":
            self.shows(result["chat"]["id"], result)
        return response.result

    def _form(self, bot: Bot, method: TelegramMethod[Any]) -> dict[str, Any]:
        fields = method.model_dump(warnings=False)
        prepared = {
            key: self.prepare_value(value, bot=bot, files={}) for key, value in fields.items()
        }
        return {key: value for key, value in prepared.items() if value is not None}

    async def close(self) -> None:
        """Nothing is open."""
