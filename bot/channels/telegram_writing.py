"""What goes out to Telegram, as plain data: keyboards, names of uploads, the meaning of errors.

No library's type: keyboards are the Bot API's own JSON, which both libraries read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.channels.base import Blocked, Load, Refused, SendFailed, Unreachable
from bot.channels.telegram_reading import BY_BYTES
from bot.messages import Choice, File, Outgoing

DOWNLOAD_LIMIT = 20_000_000
"""Bytes: what the Bot API hands out."""

EXITS_PER_ROW = 3

_NAMES = {
    "photo": "photo.jpg",
    "voice": "voice.ogg",
    "video": "video.mp4",
    "audio": "audio.mp3",
    "document": "document",
}


class BadToken(Unreachable):
    """Telegram does not know the bot's token: nothing will work until the operator changes it."""

    def __init__(self) -> None:
        super().__init__("token refused", maybe_sent=False)


@dataclass(frozen=True, slots=True)
class Media:
    """One file on its way out: either Telegram's own id of it, or a name and the bytes."""

    kind: str
    ref: str = ""
    name: str = ""
    content: bytes = b""


def only_which(answer: dict[str, Any]) -> dict[str, Any]:
    """Telegram's answer; where it is a message that was sent, only what tells which one it is.

    The libraries would build all of it anew, every button, and nobody looks at that.
    """
    sent = answer.get("result")
    if isinstance(sent, dict) and "message_id" in sent:
        answer["result"] = {key: sent[key] for key in ("message_id", "date", "chat") if key in sent}
    return answer


def keyboard(message: Outgoing) -> dict[str, Any] | None:
    """The inline keyboard of a message, or None."""
    rows = [
        [{"text": choice.caption, "callback_data": choice.press} for choice in row]
        for row in _rows(message)
    ]
    return {"inline_keyboard": rows} if rows else None


def share_keyboard(message: Outgoing) -> dict[str, Any] | None:
    """The keyboard with Telegram's own share buttons, or None.

    A message can have one keyboard only, so its choices stand in this one as plain text.
    """
    asked = (
        ("contact", "request_contact", message.asks_contact),
        ("location", "request_location", message.asks_location),
    )
    shares = [
        {"text": message.labels[label], flag: True} for label, flag, wanted in asked if wanted
    ]
    if not shares:
        return None
    rows: list[list[dict[str, Any]]] = [[share] for share in shares]
    rows += [[{"text": choice.caption} for choice in row] for row in _rows(message)]
    return {"keyboard": rows, "one_time_keyboard": True, "resize_keyboard": True}


def _rows(message: Outgoing) -> list[list[Choice]]:
    exits = list(message.exits)
    return [[choice] for choice in message.choices] + [
        exits[i : i + EXITS_PER_ROW] for i in range(0, len(exits), EXITS_PER_ROW)
    ]


async def media(name: str, message: Outgoing, load: Load) -> list[Media]:
    """The files of a message, by id where Telegram has them for this bot, else with their bytes."""
    if len(message.files) > 1 and any(file.kind == "voice" for file in message.files):
        raise Refused("a voice message cannot stand in an album")
    return [
        Media(file.kind, ref=file.ref)
        if file.origin == name and file.name not in BY_BYTES.values()
        else Media(file.kind, name=_upload_name(file), content=await load(file))
        for file in message.files
    ]


def _upload_name(file: File) -> str:
    """A file name that cannot break out of the header it is put into."""
    kept = "".join(c if c.isprintable() and c not in '"\\/' else "_" for c in file.name)
    return kept[-100:] or _NAMES[file.kind]


def refusal(description: str) -> SendFailed:
    """What Telegram's answer 400 means."""
    return (Blocked if "chat not found" in description.lower() else Refused)(description)


def is_unchanged(error: Refused) -> bool:
    """Whether an edit was refused because the message already stands as wished."""
    return "message is not modified" in str(error).lower()
