"""From a template and its facts to rows in the outbox: each exactly one call on a platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.messages import Address
from handlers.talk import Do
from storage import conversations, media, outbox
from storage.people import Account

MOST_UTF16 = 4096
"""Telegram's limit for one text, in UTF-16 code units (sendMessage)."""
MOST_IN_ALBUM = 10
"""Telegram's limit for one album (sendMediaGroup)."""

Json = dict[str, Any]


def utf16_length(text: str) -> int:
    """How many UTF-16 code units `text` takes, which is what Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def split(text: str, most: int = MOST_UTF16) -> list[str]:
    """`text` in parts of at most `most` UTF-16 units, cut at a line's end where there is one."""
    parts: list[str] = []
    while utf16_length(text) > most:
        end = most
        while utf16_length(text[:end]) > most:
            end -= max(1, (utf16_length(text[:end]) - most) // 2)
        newline = text.rfind("\n", end // 2, end)
        end = newline + 1 if newline > 0 else end
        parts.append(text[:end].rstrip("\n"))
        text = text[end:]
    return [*parts, text] if text or not parts else parts


def albums(session: Session, ids: Sequence[int]) -> Iterator[list[int]]:
    """Files as they can be sent: photos and videos together, anything else by itself."""
    together: list[int] = []
    alone: list[int] = []
    for file in media.files(session, list(ids)):
        (together if file.kind in ("photo", "video") else alone).append(file.id)
    for start in range(0, len(together), MOST_IN_ALBUM):
        yield together[start : start + MOST_IN_ALBUM]
    for one in alone:
        yield [one]


def choice(do: Do, label: str) -> Json:
    """A choice as the outbox keeps it."""
    return {"label": label, "do": do.action, "args": dict(do.args)}


def queue(
    session: Session,
    account: Account | Address,
    now: datetime,
    *,
    text: str,
    choices: Sequence[Json] = (),
    exits: Sequence[Json] = (),
    files: Sequence[int] = (),
    location: tuple[float, float] | None = None,
    calls: Sequence[tuple[str, str]] = (),
    ticket: int | None = None,
    card_for: int | None = None,
    priority: int = 0,
    not_before: datetime | None = None,
    answers: int | None = None,
    **more: Any,
) -> int:
    """Queue everything one saying takes, files first; the id of the row with the choices.

    calls: who can be called with one tap, name and number each.
    """

    def put(payload: Json, **columns: Any) -> int:
        if answers is not None:
            payload["answers"] = answers
        return outbox.queue(
            session,
            channel=account.channel,
            chat=account.chat,
            payload=payload,
            now=now,
            ticket_id=ticket,
            priority=priority,
            not_before=not_before,
            **columns,
        )

    for album in albums(session, files):
        put({"text": "", "files": album})
    if location:
        put({"text": "", "location": list(location)})
    for name, phone in calls:
        put({"text": f"{name} {phone}", "call": [name, phone]})
    *before, last = split(text)
    for part in before:
        put({"text": part})
    payload: Json = {"text": last, "choices": list(choices), "exits": list(exits), **more}
    return put(payload, card_for=card_for)


def listen_for(
    session: Session, account: Account, ref: int, now: datetime, *, pushed: bool
) -> None:
    """From now on a number typed in this chat picks from message `ref`.

    pushed: nobody in this chat asked for the message. Then a number may still be meant for the
    question before it, or for another pushed one: it is never guessed which.
    """
    conversation = conversations.of(session, account.id, now)
    if not pushed:
        conversation.asked_ref, conversation.interrupted = ref, False
    elif conversation.name:
        conversation.interrupted = True
    else:
        conversation.asked_ref = None if conversation.interrupted else ref
        conversation.interrupted = True
    conversations.keep(session, conversation)
