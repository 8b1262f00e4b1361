"""One incoming message is one transaction: deduplicate, resume or route, save, queue the replies.

The platform is told "received" only after `Intake.receive` returned, which is after the commit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import speaking
from bot.channels.base import NotStored
from bot.conversation import Engine
from bot.messages import Incoming
from bot.wording import Wording
from handlers.talk import Said
from storage import inbox, media, outbox, people, tickets
from storage.inbox import InboundState
from storage.people import Account
from storage.texts import clean
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)

ALBUM_PAUSE = timedelta(seconds=1.2)
"""How long after its last part an album counts as whole: Telegram sends the parts of one as
separate messages within about a second and says nowhere how many there are."""

Json = dict[str, Any]


class _SeenBefore(Exception):
    """A redelivery: what its transaction has written so far is taken back."""


class Intake:
    """Takes messages from every channel."""

    def __init__(
        self,
        worker: StorageWorker,
        engine: Engine,
        wording: Wording,
        clock: Callable[[], datetime],
        committed: Callable[[], None],
        *,
        album_pause: timedelta = ALBUM_PAUSE,
    ) -> None:
        self._worker = worker
        self._engine = engine
        self._wording = wording
        self._clock = clock
        self._committed = committed
        self._album_pause = album_pause

    async def receive(self, incoming: Incoming) -> None:
        """Store a message and everything it causes. Raises NotStored when nothing was kept."""
        key = f"{incoming.address.channel}:{incoming.address.chat}"
        now = self._clock()
        await self._keep(
            key,
            lambda session: self._take(session, incoming, now),
            lambda session: self._apologise(session, incoming, now),
            event=incoming.event_id,
        )

    async def release_albums(self) -> None:
        """Read the albums whose last part came long enough ago."""
        now = self._clock()
        whole = await self._worker.read(
            lambda session: inbox.chats_holding(session, now - self._album_pause)
        )
        for channel, chat in whole:
            await self._keep(
                f"{channel}:{chat}",
                lambda session, a=channel, b=chat: self._release(session, a, b, now),  # type: ignore[misc]
                lambda session, a=channel, b=chat: self._give_up(session, a, b, now),  # type: ignore[misc]
                event="album",
            )

    async def _keep(
        self,
        key: str,
        job: Callable[[Session], None],
        instead: Callable[[Session], None],
        *,
        event: str,
    ) -> None:
        try:
            await self._in_transaction(job, key)
        except _SeenBefore:
            return
        except NotStored:
            raise
        except Exception as error:
            # A fault of ours: what was said is kept and the person is told, in one transaction.
            log.error("message failed", chat=key, incoming=event, exc_info=error)
            await self._in_transaction(instead, key)
        self._committed()

    async def _in_transaction(self, job: Callable[[Session], None], key: str) -> None:
        run: Awaitable[None] = self._worker.run(job, key=key)
        try:
            await run
        except SQLAlchemyError as error:
            if getattr(error, "connection_invalidated", False) or _is_outage(error):
                log.error("message not stored", chat=key, error=type(error).__name__)
                raise NotStored from error
            raise

    def _take(self, session: Session, incoming: Incoming, now: datetime) -> None:
        channel, chat = incoming.address.channel, incoming.address.chat
        files = media.remember(session, incoming.files)
        payload = _payload(session, incoming, files)
        first = inbox.first_time(
            session,
            channel=channel,
            event_id=incoming.event_id[:96],
            chat=chat,
            group=incoming.group,
            payload=payload,
            now=now,
            state=InboundState.HELD if incoming.group else InboundState.DONE,
        )
        if not first:
            raise _SeenBefore
        self._read_held(session, channel, chat, now, but=incoming.group)
        if not incoming.group:
            self._hear(session, channel, chat, payload, now)

    def _release(self, session: Session, channel: str, chat: str, now: datetime) -> None:
        self._read_held(session, channel, chat, now, but=None)

    def _read_held(
        self, session: Session, channel: str, chat: str, now: datetime, *, but: str | None
    ) -> None:
        """Read the albums that wait in a chat as one message each, except the one still coming."""
        albums: dict[str, list[Json]] = {}
        for row in inbox.held(session, channel, chat):
            if row.group and row.group != but:
                row.state = InboundState.DONE
                albums.setdefault(row.group, []).append(row.payload)
        for parts in albums.values():
            self._hear(session, channel, chat, _together(parts), now)

    def _hear(
        self, session: Session, channel: str, chat: str, payload: Json, now: datetime
    ) -> None:
        account = people.account(session, channel, chat, payload["name"], now)
        said = _said(session, channel, chat, payload)
        self._engine.hear(session, account, said, payload.get("pressed"), now)

    def _apologise(self, session: Session, incoming: Incoming, now: datetime) -> None:
        """Keep what was said although it could not be handled, and say so."""
        channel, chat = incoming.address.channel, incoming.address.chat
        files = media.remember(session, incoming.files)
        first = inbox.first_time(
            session,
            channel=channel,
            event_id=incoming.event_id[:96],
            chat=chat,
            group=None,
            payload=_payload(session, incoming, files),
            now=now,
            state=InboundState.FAILED,
        )
        if first:
            self._sorry(session, people.account(session, channel, chat, "", now), now)

    def _give_up(self, session: Session, channel: str, chat: str, now: datetime) -> None:
        for row in inbox.held(session, channel, chat):
            row.state = InboundState.FAILED
        self._sorry(session, people.account(session, channel, chat, "", now), now)

    def _sorry(self, session: Session, account: Account, now: datetime) -> None:
        text = self._wording.render("engine/sorry", {})
        choices = [{"label": self._wording.word("do.human"), "do": "human", "args": {}}]
        ref = speaking.queue(session, account, now, text=text, choices=choices)
        speaking.listen_for(session, account, ref, now, pushed=False)


def _is_outage(error: SQLAlchemyError) -> bool:
    """Whether it is the database that failed (gone, full, locked), not a statement of ours."""
    return type(error).__name__ in ("OperationalError", "InterfaceError", "TimeoutError")


def _payload(session: Session, incoming: Incoming, files: list[int]) -> Json:
    """What is kept of a message: everything said in it, and nothing of the platform's own."""
    point = incoming.location
    payload: Json = {
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
    ref, _, index = (incoming.pressed or "").partition(":")
    if not (ref.isdecimal() and index.isdecimal() and len(ref) < 12 and len(index) < 4):
        return ""
    row = outbox.shown(session, int(ref), incoming.address.channel, incoming.address.chat)
    choices = [*row.payload.get("choices", []), *row.payload.get("exits", [])] if row else []
    number = int(index)
    return str(choices[number - 1]["label"]) if 1 <= number <= len(choices) else ""


def _together(parts: list[Json]) -> Json:
    """The parts of an album as one message: all files, and the words that any of them carried."""
    whole = dict(parts[0])
    for key in ("files", "voices"):
        whole[key] = [i for part in parts for i in part[key]]
    whole["text"] = "\n".join(part["text"] for part in parts if part["text"])
    return whole


def _said(session: Session, channel: str, chat: str, payload: Json) -> Said:
    reply_to = payload.get("reply_to")
    said = Said(
        text=payload["text"],
        media=tuple(payload["files"]),
        voices=tuple(payload["voices"]),
        start=payload.get("start"),
        name=payload["name"],
        ticket=tickets.tied(session, channel, chat, reply_to) if reply_to else None,
    )
    if payload.get("location"):
        latitude, longitude = payload["location"]
        said = replace(said, location=(latitude, longitude))
    if payload.get("phone"):
        phone, own = payload["phone"]
        said = replace(said, phone=phone, phone_own=own)
    return said
