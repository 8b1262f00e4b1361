"""The people in front of the fake Bot API server: what they send, what stands in their chat."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fake_bot_api import FakeBotApi
    from tests.fake_bot_parts import FakeBot

_groups = itertools.count(1)


@dataclass(frozen=True, slots=True)
class FakeFile:
    """One file as the server keeps it. kind: the Bot API's, `video_note` and `animation` too."""

    file_id: str
    kind: str
    content: bytes
    name: str
    mime: str
    token: str

    def fields(self) -> dict[str, Any]:
        """The fields that carry it in a message."""
        one: dict[str, Any] = {
            "file_id": self.file_id,
            "file_unique_id": f"u{self.file_id}",
            "file_size": len(self.content),
        }
        if self.kind == "photo":
            small = {**one, "file_id": f"{self.file_id}-small", "file_size": 1}
            return {
                "photo": [
                    {**small, "width": 90, "height": 60},
                    {**one, "width": 1280, "height": 800},
                ]
            }
        if self.kind != "video_note":
            one["mime_type"] = self.mime
        if self.kind in ("video", "audio", "document", "animation"):
            one["file_name"] = self.name
        document = dict(one)
        if self.kind in ("video", "animation"):
            one |= {"width": 640, "height": 480}
        if self.kind == "video_note":
            one["length"] = 240
        if self.kind != "document":
            one["duration"] = 3
        return {self.kind: one} | ({"document": document} if self.kind == "animation" else {})


@dataclass(frozen=True, slots=True)
class Button:
    """One button: inline (with `data`) or a key below the text field (`shares` or plain)."""

    label: str
    data: str | None = None
    shares: str | None = None


@dataclass(slots=True)
class FakeMessage:
    """One message of a chat, as it stands now."""

    message_id: int
    chat: int
    by_bot: bool
    kind: str = "text"
    text: str = ""
    keyboard: list[list[Button]] = field(default_factory=list)
    files: list[FakeFile] = field(default_factory=list)
    location: tuple[float, float] | None = None
    contact: dict[str, Any] | None = None
    reply_to: int | None = None
    group: str | None = None
    sender: FakeUser | None = None
    """Who said it in a group; None in a private chat, where there is one person."""
    edits: list[tuple[str, list[list[Button]]]] = field(default_factory=list)
    """What stood here before each edit."""
    at: float = field(default_factory=time.monotonic)
    changed: int = 0
    edit_date: int = 0
    """When its sender last changed it, as Telegram tells it: whole seconds; 0 for never."""

    @property
    def buttons(self) -> list[Button]:
        """All buttons, row by row."""
        return [button for row in self.keyboard for button in row]

    @property
    def labels(self) -> list[str]:
        """What the buttons say."""
        return [button.label for button in self.buttons]

    def as_json(self, user: FakeUser, bot: FakeBot) -> dict[str, Any]:
        """The Bot API's object."""
        body: dict[str, Any] = {
            "message_id": self.message_id,
            "date": int(time.time()),
            "chat": user.chat_json(),
            "from": self.author(user, bot),
        }
        if self.text:
            body["caption" if self.files else "text"] = self.text
        for file in self.files:
            body |= file.fields()
        if self.location:
            body["location"] = {"latitude": self.location[0], "longitude": self.location[1]}
        if self.contact:
            body["contact"] = self.contact
        if self.edit_date:
            body["edit_date"] = self.edit_date
        if self.group:
            body["media_group_id"] = self.group
        if self.reply_to is not None:
            answered = next((m for m in user.chat if m.message_id == self.reply_to), self)
            body["reply_to_message"] = {
                "message_id": self.reply_to,
                "date": body["date"],
                "chat": body["chat"],
                "from": answered.author(user, bot),
                "text": "…",
            }
        return body

    def author(self, user: FakeUser, bot: FakeBot) -> dict[str, Any]:
        """Who said it, as the Bot API tells it."""
        return bot.as_json() if self.by_bot else (self.sender or user).as_json()


class FakeUser:
    """One person in a private chat with one bot."""

    def __init__(
        self, server: FakeBotApi, bot: FakeBot, user_id: int, first_name: str, last_name: str
    ) -> None:
        self.server = server
        self.bot = bot
        self.id = user_id
        self.first_name = first_name
        self.last_name = last_name
        self.chat: list[FakeMessage] = []
        self.blocked = False
        self.changed = asyncio.Event()
        """Set, and replaced, when the bot writes or changes something here."""
        self._heard = 0

    def as_json(self) -> dict[str, Any]:
        """The Bot API's object."""
        name = {"last_name": self.last_name} if self.last_name else {}
        return {"id": self.id, "is_bot": False, "first_name": self.first_name} | name

    def chat_json(self) -> dict[str, Any]:
        """The Bot API's object of this chat."""
        return {"id": self.id, "type": "private", "first_name": self.first_name}

    @property
    def received(self) -> list[FakeMessage]:
        """What the bot said in this chat."""
        return [message for message in self.chat if message.by_bot]

    async def sends(self, text: str) -> FakeMessage:
        """Write a message."""
        return self._say(text=text)

    async def starts(self, payload: str = "") -> FakeMessage:
        """Open the bot, perhaps through a deep link."""
        return self._say(text=f"/start {payload}".strip())

    async def replies_to(self, message: FakeMessage, text: str) -> FakeMessage:
        """Answer one message."""
        return self._say(text=text, reply_to=message.message_id)

    async def edits(self, message: FakeMessage, text: str) -> FakeMessage:
        """Change the text or the caption of a message of one's own."""
        assert not message.by_bot, "nobody edits the bot's messages"
        assert text or message.files, "a text is never empty"
        assert text != message.text, "Telegram tells of no edit that changes nothing"
        message.text = text
        message.edit_date = int(time.time())
        self.server.deliver(self.bot, "edited_message", self.id, message.as_json(self, self.bot))
        return message

    async def photo(
        self, content: bytes, *, caption: str = "", group: str | None = None
    ) -> FakeMessage:
        """Send a photo."""
        return await self.file("photo", content, caption=caption, group=group)

    async def album(self, contents: list[bytes], caption: str = "") -> list[FakeMessage]:
        """Send photos together; the caption stands under the first."""
        group = f"g{next(_groups)}"
        return [
            await self.photo(content, caption=caption if i == 0 else "", group=group)
            for i, content in enumerate(contents)
        ]

    async def voice(self, content: bytes) -> FakeMessage:
        """Send a voice message."""
        return await self.file("voice", content, mime="audio/ogg")

    async def file(
        self,
        kind: str,
        content: bytes,
        *,
        name: str = "",
        mime: str = "",
        caption: str = "",
        group: str | None = None,
    ) -> FakeMessage:
        """Send any file; `kind` as in `FakeFile`."""
        file = self.server.keep(self.bot, kind, content, name, mime)
        return self._say(kind=kind, text=caption, files=[file], group=group)

    async def location(self, latitude: float, longitude: float) -> FakeMessage:
        """Share a place."""
        return self._say(kind="location", location=(latitude, longitude))

    async def shares_contact(self, phone: str, *, own: bool = True) -> FakeMessage:
        """Share a phone number: one's own, or somebody else's card."""
        user_id = self.id if own else self.id + 1
        contact = {"phone_number": phone, "first_name": self.first_name, "user_id": user_id}
        return self._say(kind="contact", contact=contact)

    async def presses(self, message: FakeMessage, button: str) -> str:
        """Press a button, named by its label (with or without number) or by what it carries.

        Returns the press's id, for `server.answered`. A plain key sends its label; a button that
        no longer stands there can be pressed by what it carries.
        """
        found = [
            one
            for one in message.buttons
            if button in (one.label, one.data) or one.label.partition(" ")[2] == button
        ]
        if found and found[0].data is None:
            assert found[0].shares is None, "use shares_contact() or location()"
            await self.sends(found[0].label)
            return ""
        data = found[0].data if found else button
        assert found or ":" in button, f"no button {button!r} among {message.labels}"
        query_id = self.server.new_query(self.bot)
        body = {
            "id": query_id,
            "from": self.as_json(),
            "chat_instance": str(self.id),
            "data": data,
            "message": message.as_json(self, self.bot),
        }
        self.server.deliver(self.bot, "callback_query", self.id, body)
        return query_id

    async def hears(
        self,
        wanted: str | Callable[[FakeMessage], bool],
        timeout: float = 5.0,  # noqa: ASYNC109
    ) -> FakeMessage:
        """The first message sent or edited after the last one heard that contains the text.

        Messages before it count as heard. Raises AssertionError with what came instead.
        """
        matches = wanted if callable(wanted) else lambda message: wanted in message.text
        deadline = time.monotonic() + timeout
        while True:
            changed = self.changed
            fresh = sorted(
                (one for one in self.received if one.changed > self._heard),
                key=lambda one: one.changed,
            )
            for message in fresh:
                if matches(message):
                    self._heard = message.changed
                    return message
            try:
                await asyncio.wait_for(changed.wait(), deadline - time.monotonic())
            except TimeoutError:
                told = [message.text for message in fresh]
                raise AssertionError(f"not heard: {wanted!r}; heard: {told}") from None

    def _say(self, **content: Any) -> FakeMessage:
        message = FakeMessage(self.bot.new_message_id(), self.id, by_bot=False, **content)
        self.chat.append(message)
        self.server.deliver(self.bot, "message", self.id, message.as_json(self, self.bot))
        return message
