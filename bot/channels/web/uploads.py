"""What the page posts, read with every limit held: a `Posted` or a `BadPost`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from bot.channels.web.filetypes import judge
from bot.messages import Address, File, Incoming, Location

MOST_FILES = 10
MOST_BYTES = 20 * 1024 * 1024
MOST_TEXT = 8000
MOST_JSON = 256 * 1024
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PRESS = re.compile(r"\d{1,12}:\d{1,3}")
_REF = re.compile(r"\d{1,12}")


class BadPost(Exception):
    """What was posted cannot be taken. code: what the page looks its sentence up by."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass(slots=True)
class Upload:
    """One posted file, still in memory."""

    content: bytes
    name: str
    kind: str
    mime: str


@dataclass(slots=True)
class Posted:
    """One message as the page posted it."""

    id: str
    text: str
    pressed: str | None
    reply_to: str | None
    start: str | None
    location: Location | None
    uploads: list[Upload] = field(default_factory=list)

    def incoming(self, chat: str, event_id: str, files: tuple[File, ...]) -> Incoming:
        """The message as the program takes it, its files already kept."""
        return Incoming(
            address=Address("web", chat),
            event_id=event_id,
            message_id=self.id,
            text=self.text,
            files=files,
            location=self.location,
            pressed=self.pressed,
            reply_to=self.reply_to,
            start=self.start,
        )


async def read_post(request: web.Request) -> Posted:
    """What was posted, as JSON or as a form with files. Raises BadPost."""
    if request.content_type == "application/json":
        return _checked(await _read_json(request), [])
    if request.content_type == "multipart/form-data":
        try:
            fields, uploads = await _read_form(request)
        except (ValueError, AssertionError):  # aiohttp's words for a broken multipart body
            raise BadPost(400, "malformed") from None
        return _checked(fields, uploads)
    raise BadPost(400, "malformed")


async def _read_json(request: web.Request) -> dict[str, Any]:
    if (request.content_length or 0) > MOST_JSON:
        raise BadPost(413, "too_long")
    body = await request.content.read(MOST_JSON + 1)
    while not request.content.at_eof() and len(body) <= MOST_JSON:
        body += await request.content.read(MOST_JSON + 1 - len(body))
    if len(body) > MOST_JSON:
        raise BadPost(413, "too_long")
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise BadPost(400, "malformed") from None
    if not isinstance(fields, dict):
        raise BadPost(400, "malformed")
    return fields


async def _read_form(request: web.Request) -> tuple[dict[str, Any], list[Upload]]:
    fields: dict[str, Any] = {}
    uploads: list[Upload] = []
    left = MOST_BYTES
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise BadPost(400, "malformed")
        if part.name in ("files", "files[]", "voice"):
            if len(uploads) == MOST_FILES:
                raise BadPost(413, "too_many_files")
            content = await _read_part(part, left, "files_too_big")
            left -= len(content)
            declared = part.headers.get("Content-Type", "")
            kind, mime = judge(content, declared, spoken=part.name == "voice")
            uploads.append(Upload(content, _plain_name(part.filename or ""), kind, mime))
        else:
            value = await _read_part(part, MOST_JSON, "too_long")
            fields[part.name] = value.decode("utf-8")
    for key in ("latitude", "longitude"):
        if key in fields:
            fields[key] = float(fields[key])
    return fields, uploads


async def _read_part(part: BodyPartReader, most: int, code: str) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(65536):
        content += chunk
        if len(content) > most:
            raise BadPost(413, code)
    return bytes(content)


def _plain_name(name: str) -> str:
    """A file name without folders and without signs that could fool whoever reads or opens it."""
    name = re.split(r"[/\\]", name)[-1]
    return "".join(sign for sign in name if sign.isprintable())[-120:].strip()


def _checked(fields: Mapping[str, Any], uploads: list[Upload]) -> Posted:
    post = Posted(
        id=_word(fields, "id", _ID) or "",
        text=_text(fields.get("text")),
        pressed=_word(fields, "pressed", _PRESS),
        reply_to=_word(fields, "reply_to", _REF),
        start=_word(fields, "start", re.compile(r"[A-Za-z0-9_-]{0,64}")),
        location=_location(fields.get("latitude"), fields.get("longitude")),
        uploads=uploads,
    )
    says_something = post.text.strip() or post.pressed or uploads or post.location
    if not post.id or not (says_something or post.start is not None):
        raise BadPost(400, "malformed")
    return post


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadPost(400, "malformed")
    if len(value) > MOST_TEXT:
        raise BadPost(413, "too_long")
    # A lone surrogate or a NUL is no text: neither SQLite nor PostgreSQL could keep it.
    return value.encode("utf-8", "ignore").decode().replace("\x00", "")


def _word(fields: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str | None:
    value = fields.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadPost(400, "malformed")
    return value


def _location(latitude: Any, longitude: Any) -> Location | None:
    if latitude is None and longitude is None:
        return None
    for value, most in ((latitude, 90), (longitude, 180)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadPost(400, "malformed")
        if not math.isfinite(value) or abs(value) > most:
            raise BadPost(400, "malformed")
    return Location(float(latitude), float(longitude))
