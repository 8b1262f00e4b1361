"""The people of the conversation tests and the town they live in, the same on every channel.

    async with Town(folder, url, key, "web") as town:
        wang = await town.resident()
        worker = await town.grid_worker()
        await wang.says("楼道灯不亮了")
        await wang.hears("哪一类")
        await wang.presses("路灯照明")

Nothing but what the program itself needs is imported here: `python -m bot transcript` uses it too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tests.conversations.seats import Button, Item, Seat, Seen

T = TypeVar("T")

PATIENCE = 8.0
"""Seconds to wait for what must come; only a failing test ever waits so long."""

PHOTO = b"\xff\xd8\xff\xe0 photo "
VOICE = b"OggS voice "
DOCUMENT = b"%PDF-1.4 "


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what went to and fro. mine: the person said it, not the bot."""

    who: str
    role: str
    mine: bool
    text: str
    buttons: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    pressed: bool = False
    edited: bool = False
    located: bool = False

    def __str__(self) -> str:
        arrow = "▷" if self.mine else "◁"
        text = f"［{self.text}］" if self.pressed else self.text.replace("\n", " ⏎ ")
        more = [f"<{kind}>" for kind in self.files] + (["<location>"] if self.located else [])
        buttons = "".join(f"［{label}］" for label in self.buttons)
        change = "(changed) " if self.edited else ""
        return f"{self.who} {arrow} {change}{text}{''.join(more)} {buttons}".rstrip()


class Person:
    """Somebody with a chat. Every verb is the same on every channel."""

    def __init__(
        self,
        name: str,
        role: str,
        person_id: int | None,
        seat: Seat,
        write_down: Callable[[Line], None],
        between: Callable[[], Awaitable[None]],
        settle: Callable[[], Awaitable[None]],
        story: Callable[[], str],
    ) -> None:
        self.name = name
        self.role = role
        self.id = person_id
        self.seat = seat
        self._write_down = write_down
        self._between = between
        self._settle = settle
        self._story = story
        self._heard = 0
        self._written = 0
        self._files_taken = 0
        self._sent = 0

    # What a person does.

    async def says(self, text: str) -> None:
        """Write a message."""
        await self._turn(text)
        await self.seat.write(text)

    async def opens(self, payload: str = "") -> None:
        """Open the bot, perhaps through a deep link that carries an invitation."""
        await self._turn(f"/start {payload}".strip())
        await self.seat.start(payload)

    async def presses(self, label: str, on: Seen | None = None) -> None:
        """Look at what has come, and press the newest button that says so (`on`: on this one)."""
        await self._settle()
        await self.seat.catch_up()  # what was sent to a page may still be on its way to it
        message, button = await self.finds(label, on)
        await self._turn(button.label, pressed=True)
        await self.seat.press(message, button)

    async def presses_again(self, message: Seen, button: Button) -> None:
        """Press a button kept from before, wherever it stands by now."""
        await self._turn(button.label, pressed=True)
        await self.seat.press(message, button)

    async def replies_to(self, containing: str, text: str) -> None:
        """Answer the newest message that contains some words."""
        message = await self._wait(lambda: self._standing(containing), f"nothing says {containing}")
        await self._turn(text)
        await self.seat.write(text, message.key)

    async def edits(self, containing: str, text: str) -> None:
        """Change the newest message of one's own that says so. Raises CannotDo on the page."""
        await self._turn(text, edited=True)
        await self.seat.edit(containing, text)

    async def sends_photos(self, count: int = 1, caption: str = "") -> list[bytes]:
        """Send photos in one go; their bytes."""
        return await self._sends("photo", PHOTO, count, caption)

    async def sends_voice(self) -> bytes:
        """Send a voice message; its bytes."""
        return (await self._sends("voice", VOICE, 1, ""))[0]

    async def sends_document(self, caption: str = "") -> bytes:
        """Send a document; its bytes."""
        return (await self._sends("document", DOCUMENT, 1, caption))[0]

    async def _sends(self, kind: str, start: bytes, count: int, caption: str) -> list[bytes]:
        contents = []
        for _ in range(count):
            self._sent += 1
            contents.append(start + f"{self.name} {self._sent} ".encode() + bytes(range(256)))
        await self._turn(caption, files=(kind,) * count)
        await self.seat.send([Item(kind, content) for content in contents], caption)
        return contents

    async def sends_location(self, latitude: float = 29.35, longitude: float = 106.55) -> None:
        """Share a place."""
        await self._turn("", located=True)
        await self.seat.send_location(latitude, longitude)

    async def shares_phone(self, phone: str, *, own: bool = True) -> None:
        """Share a number through the platform's own button. Raises CannotDo on the page."""
        await self._turn(phone)
        await self.seat.share_contact(phone, own)

    async def _turn(self, text: str, **more: object) -> None:
        await self._between()
        self.look()
        self._write_down(Line(self.name, self.role, True, text, **more))  # type: ignore[arg-type]

    # What a person perceives.

    async def hears(self, *words: str, timeout: float = PATIENCE) -> Seen:  # noqa: ASYNC109
        """The next message after the last one heard that contains all these words."""

        def fitting() -> Seen | None:
            for number in range(self._heard, len(self.seat.log)):
                if all(word in self.seat.log[number].text for word in words):
                    self._heard = number + 1
                    return self.seat.log[number]
            return None

        return await self._wait(fitting, f"{self.name} did not hear {' + '.join(words)}", timeout)

    async def gets_files(self, count: int) -> list[bytes]:
        """The bytes of the next `count` files that arrive."""

        def arrived() -> list[Item] | None:
            items = [i for seen in self.seat.log if not seen.edited for i in seen.files]
            fresh = items[self._files_taken : self._files_taken + count]
            return fresh if len(fresh) == count else None

        items = await self._wait(arrived, f"{self.name} did not get {count} files")
        self._files_taken += count
        return [await self.seat.fetch(item) for item in items]

    async def finds(self, label: str, on: Seen | None = None) -> tuple[Seen, Button]:
        """The newest button that says so, and its message."""
        return await self._wait(
            lambda: self._button(label, on), f"{self.name} finds no button {label!r}"
        )

    async def heard_nothing(self) -> None:
        """Nothing has come since the last thing heard, and nothing is on its way."""
        await self._settle()
        await self.seat.catch_up()
        rest = self.seat.log[self._heard :]
        assert not rest, self._failure(f"{self.name} heard {[seen.text for seen in rest]}")

    async def heard(self) -> list[Seen]:
        """Everything that has come since the last thing heard, once all is quiet."""
        await self._settle()
        await self.seat.catch_up()
        rest = self.seat.log[self._heard :]
        self._heard = len(self.seat.log)
        return rest

    @property
    def everything_read(self) -> str:
        """All that the bot ever said in this chat, buttons too."""
        self.seat.look()
        return "\n".join(f"{s.text} {' '.join(s.labels)}" for s in self.seat.log)

    def _standing(self, containing: str) -> Seen | None:
        shown = reversed(self.seat.standing.values())
        return next((seen for seen in shown if containing in seen.text), None)

    def _button(self, label: str, on: Seen | None) -> tuple[Seen, Button] | None:
        shown = [self.seat.standing[on.key]] if on else [*reversed(self.seat.standing.values())]
        for seen in shown:
            exact = [b for b in seen.buttons if label in (b.label, b.label.partition(" ")[2])]
            found = exact or [b for b in seen.buttons if label in b.label]
            if found:
                return seen, found[0]
        return None

    async def _wait(
        self,
        found: Callable[[], T | None],
        trouble: str,
        timeout: float = PATIENCE,  # noqa: ASYNC109
    ) -> T:
        try:
            async with asyncio.timeout(timeout):
                while True:
                    self.seat.look()
                    value = found()
                    if value is not None:
                        return value
                    await self.seat.news()
        except TimeoutError:
            raise AssertionError(self._failure(trouble)) from None

    def look(self) -> None:
        """Write down what has come."""
        self.seat.look()
        for seen in self.seat.log[self._written :]:
            kinds = tuple(item.kind for item in seen.files) if not seen.edited else ()
            located = seen.location is not None
            self._write_down(
                Line(
                    self.name, self.role, False, seen.text, tuple(seen.labels), kinds,
                    edited=seen.edited, located=located,
                )
            )  # fmt: skip
        self._written = len(self.seat.log)

    def _failure(self, trouble: str) -> str:
        return f"{trouble}\n{self._story()}"
