"""The people of the benchmarks, each in front of a chat, who know only Bot API objects."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

CHATS = 64
PER_COMPOUND = 7
FIRST = 8001
"""The chat that talks before the clock runs: everything has been used once then."""
A_MORNING = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
"""10:00 in Beijing on a working day: nobody's quiet hours."""
PATIENCE = 60.0

TALK = (
    ("write", "/start", "要办什么"),
    ("write", "楼道灯坏了三天，老人下楼看不见", "您同意吗"),
    ("press", "同意", "您住哪个小区"),
    ("write", "{compound}", "几栋"),
    ("press", "{building}", "门牌"),
    ("write", "1单元302", "怎么称呼您"),
    ("write", "王阿姨", "留个电话吗"),
    ("write", "跳过", "听起来是"),
    ("press", "路灯照明", "出在哪儿"),
    ("press", "楼里公共地方", "您看对不对"),
    ("press", "提交", "编号是"),
)
"""What a newcomer does from the first word to the ticket's number."""

_updates = itertools.count(1)
_messages = itertools.count(1)


def compound_of(number: int) -> str:
    """The names of the compounds: none is part of another's."""
    return [
        "莲花园",
        "荷香苑",
        "桂花村",
        "银杏坪",
        "凤凰台",
        "望江楼",
        "石榴园",
        "翠屏山",
        "长乐街",
        "青石桥",
    ][number]


@dataclass(slots=True)
class Chat:
    """A person in front of a chat, who knows Bot API objects and nothing else."""

    id: int
    feed: Callable[[dict[str, Any]], Awaitable[Any]]
    heard: list[dict[str, Any]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    waits: list[float] = field(default_factory=list)
    """Seconds from each update to the first reply that came after it."""
    _asked_at: float = 0.0

    def shows(self, message: dict[str, Any]) -> None:
        """The bot sent something here."""
        if self._asked_at:
            self.waits.append(time.perf_counter() - self._asked_at)
            self._asked_at = 0.0
        self.heard.append(message)
        self.news.set()

    async def files(self) -> None:
        """The whole talk, each step when the answer to the one before it has come."""
        number, building = divmod(self.id - 1, PER_COMPOUND)
        if self.id == FIRST:
            number, building = 0, PER_COMPOUND
        names = {"compound": compound_of(number), "building": f"{building + 1}栋"}
        for how, what, answer in TALK:
            words, seen = what.format(**names), len(self.heard)
            if how == "write":
                await self._feed(message=self._message(words))
            else:
                await self._feed(callback_query=self._press(self._button(words)))
            await self._hears(answer, seen)

    async def says(self, words: str) -> None:
        """One message."""
        await self._feed(message=self._message(words))

    async def only_talks(self) -> None:
        """As many updates of the same kinds, to a bot that understands nothing."""
        for how, what, _ in TALK:
            if how == "write":
                await self._feed(message=self._message(what))
            else:
                await self._feed(callback_query=self._press("7:1"))

    async def echoes(self) -> None:
        """`only_talks`, each when something has come back for the one before it."""
        for how, what, _ in TALK:
            seen = len(self.heard)
            if how == "write":
                await self._feed(message=self._message(what))
            else:
                await self._feed(callback_query=self._press("7:1"))
            await self._hears("", seen)

    async def _feed(self, **content: Any) -> None:
        self._asked_at = time.perf_counter()
        await self.feed({"update_id": next(_updates), **content})

    async def _hears(self, words: str, seen: int) -> None:
        """Wait for a message, after so many, that says this."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not any(words in message["text"] for message in self.heard[seen:]):
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            raise TimeoutError(f"{words} was not said, but {self.heard[seen:]}") from None

    def _button(self, label: str) -> str:
        """What the newest button of this label carries. Raises LookupError."""
        for message in reversed(self.heard):
            for row in (message.get("reply_markup") or {}).get("inline_keyboard", []):
                for button in row:
                    if label in button["text"]:
                        return str(button["callback_data"])
        raise LookupError(label)

    @property
    def _user(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": "王阿姨"}

    def _message(self, text: str) -> dict[str, Any]:
        return {
            "message_id": next(_messages),
            "date": int(A_MORNING.timestamp()),
            "chat": {"id": self.id, "type": "private", "first_name": "王阿姨"},
            "from": self._user,
            "text": text,
        }

    def _press(self, data: str) -> dict[str, Any]:
        number = next(_messages)
        message = {**self._message(""), "from": BOT, "message_id": number}
        return {
            "id": str(number),
            "from": self._user,
            "chat_instance": "1",
            "message": message,
            "data": data,
        }


BOT = {"id": 1001, "is_bot": True, "first_name": "家门口", "username": "jiamenkou_bot"}
