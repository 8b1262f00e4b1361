"""What a Telegram update says, as `Incoming`: one reader for both libraries.

aiogram's and python-telegram-bot's objects share the Bot API's own attribute names, so this reads
either by name and imports neither.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.messages import Address, Contact, File, Incoming, Location

EVENTS = ("message", "edited_message", "callback_query")
"""The kinds of updates that are asked for."""

BY_BYTES = {"video_note": "video_note.mp4", "animation": "animation.mp4"}
"""Names given to files whose id Telegram refuses under the kind they have here.

A file id cannot be sent as another kind of file, and a round video or an animation has no kind of
its own in `storage.media.KINDS`; the name tells `telegram_writing` to upload the bytes instead.
"""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram delivers, instead of being asked.

    url: the public https base; the channel's own path is added to it.
    secret: what Telegram shows in a header, so that nobody else can deliver.
    """

    url: str
    secret: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", self.secret):
            raise ValueError("a webhook secret has 1 to 256 characters of A-Z a-z 0-9 _ -")


GROUPS = ("group", "supergroup")


def read(name: str, update: Any, username: str | None = None) -> Incoming | None:
    """The update as `Incoming`; None for what is not for this program.

    username: the bot's own. Of a group only what is meant for the bot is read: presses, replies to
    its messages, commands and mentions. Everything else said there goes no further than this.
    """
    if update.callback_query is not None:
        return _pressed(name, update.callback_query)
    if update.edited_message is not None and update.edited_message.chat.type == "private":
        return _edited(name, update.edited_message)
    message = update.message
    if message is None:
        return None
    if message.chat.type == "private":
        return _message(name, message)
    if message.chat.type in GROUPS and username and _is_for(username, message):
        return _in_group(_message(name, message), message.from_user, username)
    return None


def _is_for(username: str, message: Any) -> bool:
    """Whether something said in a group is meant for the bot. Nothing said by another bot is."""
    if message.from_user is None or message.from_user.is_bot:
        return False
    answered = message.reply_to_message
    author = answered.from_user if answered is not None else None
    if author is not None and author.is_bot and author.username == username:
        return True
    text = _clean(message.text or message.caption).lower()
    command = re.match(r"/\w+(?:@(\w+))?(?:\s|$)", text)
    if command is not None:
        return command[1] in (None, username.lower())
    return re.search(rf"@{re.escape(username.lower())}(?!\w)", text) is not None


def _in_group(incoming: Incoming, user: Any, username: str) -> Incoming:
    """With who said it, without the bot's name, and each photo for itself."""
    mention = rf"@{re.escape(username)}(?!\w)"
    text = re.sub(mention, "", incoming.text, flags=re.IGNORECASE).strip()
    return replace(incoming, sender=str(user.id), text=text, group=None, contact=None, start=None)


def _pressed(name: str, query: Any) -> Incoming | None:
    # A button under a very old message may come without it; in a private chat the chat's id is
    # the person's own.
    message = query.message
    in_group = message is not None and message.chat.type in GROUPS
    if message is not None and message.chat.type != "private" and not in_group:
        return None
    chat = query.from_user.id if message is None else message.chat.id
    return Incoming(
        address=Address(name, str(chat)),
        event_id=f"c{query.id}",
        message_id="" if message is None else str(message.message_id),
        pressed=_clean(query.data),
        sender_name=_sender(query.from_user),
        sender=str(query.from_user.id) if in_group else "",
    )


def _message(name: str, message: Any) -> Incoming:
    text, start = _text(_clean(message.text or message.caption))
    answered = message.reply_to_message
    return Incoming(
        address=Address(name, str(message.chat.id)),
        # Not the update's id: a redelivered message may come under another one.
        event_id=f"m{message.chat.id}:{message.message_id}",
        message_id=str(message.message_id),
        text=text,
        files=_files(name, message),
        location=_location(message),
        contact=_contact(message),
        reply_to=None if answered is None else str(answered.message_id),
        group=message.media_group_id,
        start=start,
        sender_name=_sender(message.from_user),
    )


def _edited(name: str, message: Any) -> Incoming | None:
    """The new text or caption, as a version of the message; nothing else of it.

    Several edits may fall into one second, which is how exact `edit_date` is: the words belong to
    the event's id, so that each counts once.
    """
    edited_at = _moment(message.edit_date)
    if edited_at is None:
        return None
    words = _clean(message.text or message.caption)
    text, start = _text(words)
    digest = hashlib.sha256(words.encode()).hexdigest()[:16]
    seconds = int(edited_at.timestamp())
    return Incoming(
        address=Address(name, str(message.chat.id)),
        event_id=f"e{message.chat.id}:{message.message_id}:{seconds}:{digest}",
        message_id=str(message.message_id),
        text=text or start or "",
        sender_name=_sender(message.from_user),
        edited_at=edited_at,
    )


def _moment(date: Any) -> datetime | None:
    """A date as one library or the other gives it: Unix seconds, or a moment."""
    return datetime.fromtimestamp(date, UTC) if isinstance(date, int) else date


def _text(text: str) -> tuple[str, str | None]:
    """The text without a command's slash and address, and the payload of /start."""
    command = re.match(r"/(\w+)(?:@\w+)?(?:\s+|$)", text)
    if command is None:
        return text, None
    rest = text[command.end() :].strip()
    if command[1].lower() == "start":
        return "", rest
    return f"{command[1]} {rest}".strip(), None


def _files(name: str, message: Any) -> tuple[File, ...]:
    """The file that a message carries: Telegram sends one per message, albums as several."""
    if message.photo:
        best = max(message.photo, key=lambda size: size.width * size.height)
        return (File("photo", name, best.file_id, size=best.file_size or 0),)
    for attribute, kind in (
        ("animation", "document"),  # before `document`, which Telegram fills in as well
        ("video_note", "video"),
        ("voice", "voice"),
        ("audio", "audio"),
        ("video", "video"),
        ("document", "document"),
    ):
        found = getattr(message, attribute, None)
        if found is not None:
            return (
                File(
                    kind,
                    name,
                    found.file_id,
                    name=BY_BYTES.get(attribute) or _clean(getattr(found, "file_name", None)),
                    mime=_clean(getattr(found, "mime_type", None)),
                    size=found.file_size or 0,
                ),
            )
    return ()


def _location(message: Any) -> Location | None:
    place = message.location or (message.venue and message.venue.location)
    return Location(place.latitude, place.longitude) if place else None


def _contact(message: Any) -> Contact | None:
    shared, sender = message.contact, message.from_user
    if shared is None:
        return None
    # Anyone can forward any contact card; only the share button sends one's own id with it.
    own = sender is not None and shared.user_id is not None and shared.user_id == sender.id
    return Contact(_clean(shared.phone_number), own=own)


def _sender(user: Any) -> str:
    if user is None:
        return ""
    return f"{_clean(user.first_name)} {_clean(user.last_name)}".strip()


def _clean(text: Any) -> str:
    """Text that any database takes: no NUL, no half of a surrogate pair."""
    return "" if text is None else text.encode("utf-8", "replace").decode().replace("\x00", "")
