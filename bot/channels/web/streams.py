"""The open pages: every page of a chat hears of each message once, or is told to come again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.channels.web.wire import Json

MOST_WAITING = 200
MOST_PER_CHAT = 12


class TooManyPages(Exception):
    """This chat has as many pages open as it may."""


@dataclass(slots=True, eq=False)
class Stream:
    """One open page: the token it was opened with, and what it has still to be sent.

    An empty text in `waiting` ends it.
    """

    chat: str
    token: str
    waiting: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING + 1))

    def push(self, text: str) -> None:
        """Queue `text`. A page that does not keep up is cut: it reloads the history anyway."""
        if self.waiting.qsize() >= MOST_WAITING:
            self.end()
        else:
            self.waiting.put_nowait(text)

    def end(self) -> None:
        """Let the page's response finish at once, whatever was still waiting."""
        while not self.waiting.empty():
            self.waiting.get_nowait()
        self.waiting.put_nowait("")


class Streams:
    """All open pages, by chat."""

    def __init__(self) -> None:
        self._open: dict[str, set[Stream]] = {}

    @property
    def any(self) -> bool:
        """Whether any page is open."""
        return bool(self._open)

    def join(self, chat: str, token: str) -> Stream:
        """Begin to listen. Raises TooManyPages."""
        pages = self._open.setdefault(chat, set())
        if len(pages) >= MOST_PER_CHAT:
            raise TooManyPages
        stream = Stream(chat, token)
        pages.add(stream)
        return stream

    def leave(self, stream: Stream) -> None:
        """Stop listening."""
        pages = self._open.get(stream.chat, set())
        pages.discard(stream)
        if not pages:
            self._open.pop(stream.chat, None)

    def push(self, chat: str, event: str, shape: Callable[[str], Json]) -> None:
        """Send an event to every page of a chat. shape: its JSON for a page with this token."""
        for stream in tuple(self._open.get(chat, ())):
            body = json.dumps(shape(stream.token), ensure_ascii=False)
            stream.push(f"event: {event}\ndata: {body}\n\n")

    def end(self) -> None:
        """Let every page's response finish."""
        for pages in tuple(self._open.values()):
            for stream in tuple(pages):
                stream.end()
