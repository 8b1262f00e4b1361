"""What is kept of a message, apart from any platform: everything said in it, as JSON."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from bot.messages import Incoming
from handlers.talk import Said
from storage import inbox, outbox, shown
from storage.notices import replies
from storage.texts import clean, joined

Json = dict[str, Any]
"""As the inbox keeps it: id, text, name, files, voices, location, reply_to, start, pressed, phone,
label; of an album also `parts`, the words of each message by the platform's id."""


def event_id(incoming: Incoming) -> str:
    """What the inbox knows the event by: the platform's id, or a digest of one that does not fit.

    Cut short, two events could look like one, and the second would be lost.
    """
    given = incoming.event_id
    if len(given) <= inbox.LONGEST_EVENT_ID and given.isprintable():
        return given
    return hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()


def message_id(incoming: Incoming) -> str:
    """What edits of the message will call it; empty for what cannot be edited."""
    given = incoming.message_id
    return given if incoming.pressed is None and len(given) <= inbox.LONGEST_MESSAGE_ID else ""


def payload_of(session: Session, incoming: Incoming, files: list[int]) -> Json:
    """What is kept of a message: everything said in it, and nothing of the platform's own."""
    point = incoming.location
    payload: Json = {
        "id": message_id(incoming),
        "text": clean(incoming.text),
        "name": clean(incoming.sender_name)[:64],
        "files": files,
        "voices": [i for i, f in zip(files, incoming.files, strict=True) if f.kind == "voice"],
        "location": [point.latitude, point.longitude] if point else None,
        "reply_to": incoming.reply_to,
        "start": incoming.start,
        "pressed": incoming.pressed,
    }
    if incoming.contact:
        payload["phone"] = [incoming.contact.phone, incoming.contact.own]
    if incoming.pressed:
        payload["label"] = _label(session, incoming)
    return payload


def _label(session: Session, incoming: Incoming) -> str:
    """The words on the button that was pressed, for the chat's own record."""
    address = incoming.address
    found = outbox.choice_of(session, incoming.pressed or "", address.channel, address.chat)
    return str(found[1]["label"]) if found else ""


def album_of(parts: list[Json]) -> Json:
    """The parts of an album as one message: all files, and the words that any of them carried."""
    whole = dict(parts[0])
    for key in ("files", "voices"):
        whole[key] = [i for part in parts for i in part[key]]
    whole["text"] = joined(part["text"] for part in parts)
    whole["parts"] = {part["id"]: part["text"] for part in parts if part.get("id")}
    return whole


def as_corrected(session: Session, channel: str, chat: str, payload: Json) -> Json:
    """What was said, in the words of edits that were faster than the message itself."""
    parts = payload.get("parts") or {payload.get("id") or "": payload["text"]}
    newest = {
        key: words
        if (edited := inbox.newest_words(session, channel, chat, key)) is None
        else edited
        for key, words in parts.items()
    }
    return (
        payload
        if newest == parts
        else {**payload, "text": joined(newest.values()), "parts": newest}
    )


def said_in(session: Session, channel: str, chat: str, payload: Json) -> Said:
    """What a payload of this chat says to handlers."""
    reply_to = payload.get("reply_to")
    ticket = shown.tied(session, channel, chat, reply_to) if reply_to else None
    quoted = reply_to if ticket is None else None
    said = Said(
        text=payload["text"],
        media=tuple(payload["files"]),
        voices=tuple(payload["voices"]),
        start=payload.get("start"),
        name=payload["name"],
        ticket=ticket,
        notice=replies.quoted(session, channel, chat, quoted) if quoted else None,
        parts=payload.get("parts")
        or ({payload["id"]: payload["text"]} if payload.get("id") else {}),
    )
    if payload.get("location"):
        latitude, longitude = payload["location"]
        said = replace(said, location=(latitude, longitude))
    if payload.get("phone"):
        phone, own = payload["phone"]
        said = replace(said, phone=phone, phone_own=own)
    return said
