"""Where a person of the tests sits: one chat on one channel, as that channel's own client sees it.

A `Seat` writes, presses and sends the way a person at that platform does, over the real wire, and
keeps what arrives in the order it arrived, edits included.
"""

from __future__ import annotations

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.channels.base import Load
from bot.channels.scripted import ScriptedChannel
from bot.messages import Address, Contact, File, Incoming, Location, Outgoing
from tests.fake_bot_users import FakeMessage, FakeUser

_ids = itertools.count(1)


class CannotDo(Exception):
    """This channel has no such thing."""


@dataclass(frozen=True, slots=True)
class Button:
    """One button. press: what it carries; empty where it only types its label (Telegram's keys)."""

    label: str
    press: str


@dataclass(frozen=True, slots=True)
class Item:
    """One file to send or to look at. where: how its channel finds the bytes again."""

    kind: str
    content: bytes = b""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """One message of the bot as it appeared, or as an edit left it."""

    key: str
    text: str = ""
    buttons: tuple[Button, ...] = ()
    files: tuple[Item, ...] = ()
    location: tuple[float, float] | None = None
    asks_contact: bool = False
    edited: bool = False

    @property
    def labels(self) -> list[str]:
        """What the buttons say."""
        return [button.label for button in self.buttons]


class Seat(ABC):
    """A chat. `log` is everything that appeared; `standing` is how each message looks now."""

    def __init__(self) -> None:
        self.log: list[Seen] = []
        self.standing: dict[str, Seen] = {}
        self._news = asyncio.Event()

    def note(self, seen: Seen) -> None:
        """A message appeared or changed."""
        self.standing.pop(seen.key, None)
        self.standing[seen.key] = seen
        self.log.append(seen)
        self._news.set()

    async def news(self) -> None:
        """Wait until something more may have appeared."""
        await self._news.wait()
        self._news.clear()

    def look(self) -> None:  # noqa: B027  (not every platform has to be asked)
        """Take in what the platform shows by now."""

    async def catch_up(self) -> None:
        """Take in everything the platform has for this chat."""
        self.look()

    async def connect(self) -> None:  # noqa: B027
        """The program is up (again)."""

    async def disconnect(self) -> None:  # noqa: B027
        """The program is about to stop."""

    @abstractmethod
    async def write(self, text: str, reply_to: str | None = None) -> None: ...

    async def edit(self, containing: str, text: str) -> None:
        """Change the newest message of one's own that contains some words."""
        raise CannotDo

    @abstractmethod
    async def press(self, message: Seen, button: Button) -> None: ...

    @abstractmethod
    async def send(self, items: Sequence[Item], caption: str) -> None: ...

    @abstractmethod
    async def send_location(self, latitude: float, longitude: float) -> None: ...

    @abstractmethod
    async def share_contact(self, phone: str, own: bool) -> None: ...

    @abstractmethod
    async def start(self, payload: str) -> None: ...

    @abstractmethod
    async def fetch(self, item: Item) -> bytes: ...


@dataclass(slots=True)
class Stage(ScriptedChannel):
    """The scripted channel, telling its seats what appears."""

    seats: dict[str, ScriptedSeat] = field(default_factory=dict)

    def __init__(self, name: str = "scripted") -> None:
        ScriptedChannel.__init__(self, name)
        self.seats = {}

    async def send(self, to: Address, message: Outgoing, load: Load) -> tuple[str, ...]:
        keys = await ScriptedChannel.send(self, to, message, load)
        contents = self.chats[to.chat][-1].files
        self._show(to.chat, keys[0], message, contents, edited=False)
        return keys

    async def edit(self, to: Address, message_id: str, message: Outgoing) -> None:
        await ScriptedChannel.edit(self, to, message_id, message)
        self._show(to.chat, message_id, message, [], edited=True)

    def _show(
        self, chat: str, key: str, message: Outgoing, contents: list[bytes], *, edited: bool
    ) -> None:
        if chat not in self.seats:
            return
        shown = (*message.choices, *message.exits)
        point = message.location
        self.seats[chat].note(
            Seen(
                key,
                message.text,
                tuple(Button(choice.caption, choice.press) for choice in shown),
                tuple(
                    Item(file.kind, content)
                    for file, content in zip(message.files, contents, strict=False)
                ),
                (point.latitude, point.longitude) if point else None,
                message.asks_contact,
                edited,
            )
        )


class ScriptedSeat(Seat):
    """A chat with no platform behind it; an album comes in parts, as Telegram sends it."""

    def __init__(self, stage: Stage, chat: str, shown_name: str) -> None:
        super().__init__()
        self.stage = stage
        self.chat = chat
        self.shown_name = shown_name
        stage.seats[chat] = self
        self.last: Incoming | None = None
        self.mine: dict[str, str] = {}
        """What each message of this person says now, by its id."""

    async def say(self, *, again: Incoming | None = None, **content: object) -> None:
        """Hand one event to the program; `again`: the very event once more."""
        number = next(_ids)
        address = Address(self.stage.name, self.chat)
        incoming = again or Incoming(
            address, f"e{number}", f"m{number}", sender_name=self.shown_name, **content
        )  # type: ignore[arg-type]
        self.last = incoming
        if incoming.pressed is None:
            self.mine[incoming.message_id] = incoming.text
        assert self.stage.receive is not None, "the program is not running"
        await self.stage.receive(incoming)

    async def write(self, text: str, reply_to: str | None = None) -> None:
        await self.say(text=text, reply_to=reply_to)

    async def edit(self, containing: str, text: str) -> None:
        message_id = next(key for key, said in reversed(self.mine.items()) if containing in said)
        await self.say(again=self.edited(message_id, text))

    def edited(self, message_id: str, text: str) -> Incoming:
        """The event of an edit, later than any other."""
        number = next(_ids)
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
        address = Address(self.stage.name, self.chat)
        return Incoming(address, f"e{number}", message_id, text=text, edited_at=at)

    async def press(self, message: Seen, button: Button) -> None:
        await self.say(pressed=button.press)

    async def send(self, items: Sequence[Item], caption: str) -> None:
        group = f"g{next(_ids)}" if len(items) > 1 else None
        for i, item in enumerate(items):
            ref = f"f{next(_ids)}"
            self.stage.files[ref] = item.content
            file = File(item.kind, self.stage.name, ref, size=len(item.content))
            await self.say(files=(file,), text=caption if i == 0 else "", group=group)

    async def send_location(self, latitude: float, longitude: float) -> None:
        await self.say(location=Location(latitude, longitude))

    async def share_contact(self, phone: str, own: bool) -> None:
        await self.say(contact=Contact(phone, own))

    async def start(self, payload: str) -> None:
        await self.say(start=payload)

    async def fetch(self, item: Item) -> bytes:
        return item.content


class TelegramSeat(Seat):
    """A private chat with a bot of the fake Bot API server."""

    def __init__(self, user: FakeUser) -> None:
        super().__init__()
        self.user = user
        self._seen = 0

    def look(self) -> None:
        fresh = [one for one in self.user.received if one.changed > self._seen]
        for message in sorted(fresh, key=lambda one: one.changed):
            self._seen = message.changed
            self.note(self._seen_from(message))

    @staticmethod
    def _seen_from(message: FakeMessage) -> Seen:
        return Seen(
            str(message.message_id),
            message.text,
            tuple(Button(b.label, b.data or "") for b in message.buttons if not b.shares),
            tuple(Item(file.kind, file.content) for file in message.files),
            message.location,
            any(b.shares == "contact" for b in message.buttons),
            bool(message.edits),
        )

    async def news(self) -> None:
        waiting = self.user.server.changed
        if all(one.changed <= self._seen for one in self.user.received):
            await waiting.wait()
        self.look()

    def _message(self, key: str) -> FakeMessage:
        return next(one for one in self.user.chat if str(one.message_id) == key)

    async def write(self, text: str, reply_to: str | None = None) -> None:
        if reply_to is None:
            await self.user.sends(text)
        else:
            await self.user.replies_to(self._message(reply_to), text)

    async def edit(self, containing: str, text: str) -> None:
        mine = [one for one in self.user.chat if not one.by_bot and containing in one.text]
        await self.user.edits(mine[-1], text)

    async def press(self, message: Seen, button: Button) -> None:
        if button.press:
            await self.user.presses(self._message(message.key), button.press)
        else:
            await self.user.sends(button.label)

    async def send(self, items: Sequence[Item], caption: str) -> None:
        if len(items) > 1:
            assert all(item.kind == "photo" for item in items)
            await self.user.album([item.content for item in items], caption)
            return
        for item in items:
            if item.kind == "voice":
                await self.user.voice(item.content)
            else:
                await self.user.file(item.kind, item.content, name="附件.pdf", caption=caption)

    async def send_location(self, latitude: float, longitude: float) -> None:
        await self.user.location(latitude, longitude)

    async def share_contact(self, phone: str, own: bool) -> None:
        await self.user.shares_contact(phone, own=own)

    async def start(self, payload: str) -> None:
        await self.user.starts(payload)

    async def fetch(self, item: Item) -> bytes:
        return item.content
