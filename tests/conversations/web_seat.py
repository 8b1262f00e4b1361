"""A seat at the page: what a browser does, over HTTP, with the stream open."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, FormData

from tests.conversations.seats import Button, CannotDo, Item, Seat, Seen

_ids = itertools.count(1)
_MIMES = {"photo": "image/jpeg", "voice": "audio/ogg", "document": "application/pdf"}


class WebSeat(Seat):
    """A page opened with a personal link. address: where the program listens just now."""

    def __init__(self, token: str, address: Callable[[], str]) -> None:
        super().__init__()
        self.token = token
        self._address = address
        self._http: ClientSession | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self.last: dict[str, Any] = {}

    @property
    def page(self) -> str:
        """The address of the chat."""
        return f"{self._address()}/c/{self.token}"

    async def connect(self) -> None:
        self._http = ClientSession(timeout=ClientTimeout(total=None))
        self._ready.clear()
        self._reader = asyncio.create_task(self._follow())
        async with asyncio.timeout(5):
            await self._ready.wait()
        await self.catch_up()

    async def disconnect(self) -> None:
        if self._reader:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._http:
            await self._http.close()

    async def _follow(self) -> None:
        """As a browser does: where the stream ends, open it again, and read what was missed."""
        try:
            while True:
                await self._listen()
        except ClientError:
            return  # the program went away

    async def _listen(self) -> None:
        assert self._http is not None
        event = ""
        async with self._http.get(f"{self.page}/stream") as answer:
            assert answer.status == 200, answer.status
            if self._ready.is_set():
                await self.catch_up()
            self._ready.set()
            async for raw in answer.content:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                elif line.startswith("data: ") and event in ("message", "edit"):
                    body = json.loads(line.removeprefix("data: "))
                    self._show(body, edited=event == "edit")

    async def history(self) -> list[dict[str, Any]]:
        """What the page shows after a reload."""
        assert self._http is not None
        async with self._http.get(f"{self.page}/history") as answer:
            assert answer.status == 200
            messages: list[dict[str, Any]] = (await answer.json())["messages"]
            return messages

    async def catch_up(self) -> None:
        for body in await self.history():
            if body["from"] == "bot":
                self._show(body, edited=body["id"] in self.standing)

    def _show(self, body: dict[str, Any], *, edited: bool) -> None:
        point = body["location"]
        known = self.standing.get(body["id"])
        seen = Seen(
            body["id"],
            body["text"],
            tuple(Button(b["caption"], b["press"]) for b in (*body["choices"], *body["exits"])),
            known.files
            if known
            else tuple(Item(file["kind"], where=file["url"]) for file in body["files"]),
            (point["latitude"], point["longitude"]) if point else None,
            body["asks_contact"],
            edited,
        )
        # The history repeats what the stream told, and the other way round.
        if known is None or (known.text, known.buttons) != (seen.text, seen.buttons):
            self.note(seen)

    async def post(self, **fields: Any) -> int:
        """Post one message; the status of the answer."""
        assert self._http is not None
        self.last = {"id": f"t{next(_ids)}", **fields}
        async with self._http.post(f"{self.page}/messages", json=self.last) as answer:
            return answer.status

    async def _must(self, **fields: Any) -> None:
        status = await self.post(**{key: value for key, value in fields.items() if value})
        assert status == 200, f"the page was answered {status}"

    async def write(self, text: str, reply_to: str | None = None) -> None:
        await self._must(text=text, reply_to=reply_to.removeprefix("o") if reply_to else None)

    async def press(self, message: Seen, button: Button) -> None:
        await self._must(pressed=button.press)

    async def send(self, items: Sequence[Item], caption: str) -> None:
        assert self._http is not None
        form = FormData({"id": f"t{next(_ids)}", "text": caption}, default_to_multipart=True)
        for i, item in enumerate(items):
            field = "voice" if item.kind == "voice" else "files"
            mime = _MIMES[item.kind]
            form.add_field(field, item.content, filename=f"file{i}", content_type=mime)
        async with self._http.post(f"{self.page}/messages", data=form) as answer:
            assert answer.status == 200, f"the page was answered {answer.status}"

    async def send_location(self, latitude: float, longitude: float) -> None:
        await self._must(latitude=latitude, longitude=longitude)

    async def share_contact(self, phone: str, own: bool) -> None:
        raise CannotDo("a page cannot vouch for a number")

    async def start(self, payload: str) -> None:
        assert await self.post(start=payload) == 200

    async def fetch(self, item: Item) -> bytes:
        assert self._http is not None
        async with self._http.get(f"{self._address()}{item.where}") as answer:
            assert answer.status == 200, f"the file was answered {answer.status}"
            return await answer.read()
