"""How a message looks to the page: plain JSON, the same from the history and from the stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from bot.messages import Choice, File, Location, Outgoing
from storage.chatlog import Line

Json = dict[str, Any]
LinkTo = Callable[[File], str]
"""The address under which the page of one chat may ask for a file."""


def outgoing_json(message: Outgoing, stands_as: str, at: datetime, link: LinkTo) -> Json:
    """A message on its way out. stands_as: the outbox id of the message it is, or changes."""
    return _bot_json(message, int(stands_as), message.choices, message.exits, at, link)


def line_json(line: Line, chat: str, link: LinkTo) -> Json:
    """A message of the history."""
    if not line.mine:
        choices = [Choice(b.label, b.number, b.press) for b in line.choices]
        exits = [Choice(b.label, b.number, b.press) for b in line.exits]
        return _bot_json(line, line.id, choices, exits, line.at, link)
    return {
        "id": f"i{line.id}",
        "client": line.event_id.removeprefix(f"{chat}:"),
        "ref": None,
        "from": "me",
        "text": line.text,
        "pressed": line.pressed,
        "choices": [],
        "exits": [],
        "files": _files(line.files, link),
        "location": _location(line.location),
        "reply_to": line.reply_to,
        "ticket": None,
        "at": line.at.isoformat(),
        "asks_contact": False,
        "asks_location": False,
        "labels": {},
        "state": "sent",
    }


def _bot_json(
    message: Outgoing | Line,
    ref: int,
    choices: Iterable[Choice],
    exits: Iterable[Choice],
    at: datetime,
    link: LinkTo,
) -> Json:
    return {
        "id": f"o{ref}",
        "ref": ref,
        "from": "bot",
        "text": message.text,
        "pressed": None,
        "choices": [{"caption": choice.caption, "press": choice.press} for choice in choices],
        "exits": [{"caption": choice.caption, "press": choice.press} for choice in exits],
        "files": _files(message.files, link),
        "location": _location(message.location),
        "reply_to": message.reply_to,
        "ticket": message.ticket,
        "at": at.isoformat(),
        "asks_contact": message.asks_contact,
        "asks_location": message.asks_location,
        "labels": dict(message.labels),
        "state": "sent",
    }


def _files(files: tuple[File, ...], link: LinkTo) -> list[Json]:
    return [{"kind": file.kind, "url": link(file), "name": file.name} for file in files]


def _location(point: Location | None) -> Json | None:
    if point is None:
        return None
    return {"latitude": point.latitude, "longitude": point.longitude}
