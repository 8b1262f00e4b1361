"""One incoming message is one transaction: deduplicate, resume or route, save, queue the replies.

The platform is told "received" only after `Intake.receive` returned, which is after the commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.orm import Session

from bot import speaking
from bot.channels.base import NotStored
from bot.conversation import Engine
from bot.handover import Handover
from bot.messages import Address, Incoming
from bot.payloads import (
    Json,
    album_of,
    as_corrected,
    event_id,
    message_id,
    payload_of,
    said_in,
)
from bot.wording import Wording
from handlers.talk import Group
from storage import inbox, media, people
from storage.database import is_outage
from storage.inbox import InboundState
from storage.people import Account
from storage.worker import StorageWorker, WorkerClosed

log = structlog.get_logger(__name__)

ALBUM_PAUSE = timedelta(seconds=1.2)
"""How long after its last part an album counts as whole: Telegram sends the parts of one as
separate messages within about a second and says nowhere how many there are."""

Job = Callable[[Session], bool | None]
"""True where nothing was done, the event having been here before."""
_Answering = tuple[Address, datetime]
"""The chat that a job answers, and the moment of its message."""


class _SeenBefore(Exception):
    """A redelivery."""


@dataclass(slots=True)
class _Lane:
    """A chat's messages that are being stored: one after the other."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    inside: int = 0
    outages: int = 0


class Intake:
    """Takes messages from every channel."""

    def __init__(
        self,
        worker: StorageWorker,
        engine: Engine,
        wording: Wording,
        clock: Callable[[], datetime],
        committed: Callable[[], None],
        handover: Handover | None = None,
        *,
        album_pause: timedelta = ALBUM_PAUSE,
    ) -> None:
        self._worker = worker
        self._engine = engine
        self._wording = wording
        self._clock = clock
        self._committed = committed
        self._handover = handover
        self._album_pause = album_pause
        self._watching_since: datetime | None = None
        self._lanes: dict[str, _Lane] = {}

    async def receive(self, incoming: Incoming) -> None:
        """Store a message and everything it causes. Raises NotStored when nothing was kept."""
        now = self._clock()
        await self._in_order(
            # What is said in a group acts in the speaker's own chat, and keeps its order there.
            f"{incoming.address.channel}:{incoming.sender or incoming.address.chat}",
            [
                lambda session: _unless_seen(self._take, session, incoming, now),
                lambda session: _unless_seen(self._apologise, session, incoming, now),
                lambda session: _unless_seen(self._only_note, session, incoming, now),
            ],
            event=incoming.event_id,
            answering=None if incoming.sender else (incoming.address, now),
        )

    async def release_albums(self) -> None:
        """Read the albums whose last part came long enough ago.

        Not at once after a start: parts that were not acknowledged before it are on their way.
        """
        now = self._clock()
        self._watching_since = self._watching_since or now
        before = now - self._album_pause
        if before < self._watching_since:
            return
        whole = await self._worker.read(lambda session: inbox.chats_holding(session, before))
        for channel, chat in whole:
            await self._in_order(
                f"{channel}:{chat}",
                [
                    lambda session, a=channel, b=chat: self._release(session, a, b, now),  # type: ignore[misc]
                    lambda session, a=channel, b=chat: self._give_up(session, a, b, now, None),  # type: ignore[misc]
                    lambda session, a=channel, b=chat: inbox.set_aside(session, a, b, None),  # type: ignore[misc]
                ],
                event="album",
            )

    async def _in_order(
        self, key: str, jobs: list[Job], *, event: str, answering: _Answering | None = None
    ) -> None:
        """`_keep`, a chat's messages one after the other.

        When one was not stored, those that came behind it are not either, so that they come again
        in their order.
        """
        lane = self._lanes.setdefault(key, _Lane())
        outages = lane.outages
        lane.inside += 1
        try:
            async with lane.lock:
                if lane.outages != outages:
                    raise NotStored
                await self._keep(key, jobs, event, answering)
        except NotStored:
            lane.outages += 1
            raise
        finally:
            lane.inside -= 1
            if not lane.inside:
                self._lanes.pop(key, None)

    async def _keep(
        self, key: str, jobs: list[Job], event: str, answering: _Answering | None
    ) -> None:
        """Do the first of `jobs` that can be done, each a transaction of its own.

        After a fault of ours what was said is kept and the person is told; where that fails as
        well, it is only noted. Nothing is raised but NotStored, so no message holds up the others.
        """
        for number, job in enumerate(jobs, start=1):
            try:
                all_taken = await self._in_transaction(job, key, answering)
            except NotStored:
                raise
            except Exception as error:
                log.error("message failed", chat=key, incoming=event, exc_info=error)
                if number < len(jobs):
                    continue
                if isinstance(error, SQLAlchemyError) and not isinstance(error, DataError):
                    raise NotStored from error  # there is nothing of the message's own left in it
                log.critical("message dropped", chat=key, incoming=event)
                return
            if not all_taken:
                self._committed()
            return

    async def _in_transaction(self, job: Job, key: str, answering: _Answering | None) -> bool:
        """Whether all that it queued was taken at once, if it queued anything."""
        turn = f"chat:{key}"
        try:
            if answering is not None and self._handover is not None:
                return await self._handover.run(job, *answering, key=key, turn=turn)
            seen = await self._worker.run(job, key=key, turn=turn, together=True)
            return bool(seen)
        except WorkerClosed as error:
            raise NotStored from error
        except SQLAlchemyError as error:
            if is_outage(error):
                raise NotStored from error  # the log hears of the outage from the worker
            raise

    def _take(self, session: Session, incoming: Incoming, now: datetime) -> None:
        if incoming.edited_at is not None:
            self._amend(session, incoming, now)
            return
        channel, chat = incoming.address.channel, incoming.address.chat
        files = media.remember(session, incoming.files)
        payload = payload_of(session, incoming, files)
        state = InboundState.HELD if incoming.group else InboundState.DONE
        self._note(session, incoming, payload, state, now, group=incoming.group)
        if incoming.sender:
            self._hear_in_group(session, incoming, payload, now)
            return
        # A part of an album is held itself, and so always concerns what is in its chat.
        if inbox.concerns(session, channel, chat, message_id(incoming)):
            if inbox.holds(session, channel, chat, but=incoming.group):
                self._read_held_or_give_up(session, channel, chat, now, incoming.group)
            inbox.came_after_all(session, channel, chat, message_id(incoming))
            payload = as_corrected(session, channel, chat, payload)
        if not incoming.group:
            self._hear(session, channel, chat, payload, now)

    def _amend(self, session: Session, incoming: Incoming, now: datetime) -> None:
        """A new version of a message: what it changes, unless a newer one is here already.

        Where the message itself has not come yet the edit waits for it as the parts of an album
        wait for each other; the message is then read with the newest words.
        """
        channel, chat = incoming.address.channel, incoming.address.chat
        named = message_id(incoming)
        before = inbox.versions(session, channel, chat, named)
        known = [row for row in before if row.edited_at is None]
        payload = payload_of(session, incoming, [])
        self._note(
            session, incoming, payload, InboundState.DONE if known else InboundState.HELD, now
        )
        latest = inbox.versions(session, channel, chat, named)
        if not known or len(latest) < 2 or latest[-1].event_id != event_id(incoming):
            return
        if (
            known[0].state != InboundState.HELD
            and latest[-2].payload.get("text") != payload["text"]
        ):
            self._take_edit(session, channel, chat, payload, now)

    def _take_edit(
        self, session: Session, channel: str, chat: str, payload: Json, now: datetime
    ) -> None:
        account = people.account(session, channel, chat, payload["name"], now)
        self._engine.amend(session, account, said_in(session, channel, chat, payload), now)

    def _note(
        self,
        session: Session,
        incoming: Incoming,
        payload: Json,
        state: InboundState,
        now: datetime,
        *,
        group: str | None = None,
    ) -> None:
        """Write the event down. Raises _SeenBefore."""
        first = inbox.first_time(
            session,
            channel=incoming.address.channel,
            event_id=event_id(incoming),
            chat=incoming.address.chat,
            group=group,
            payload=payload,
            now=now,
            state=state,
            message_id=message_id(incoming),
            edited_at=incoming.edited_at,
        )
        if not first:
            raise _SeenBefore

    def _read_held(
        self, session: Session, channel: str, chat: str, now: datetime, but: str | None
    ) -> None:
        """Read the albums that wait in a chat as one message each, except the one still coming."""
        albums: dict[str, list[Json]] = {}
        for row in inbox.held(session, channel, chat):
            if row.group and row.group != but:
                row.state = InboundState.DONE
                albums.setdefault(row.group, []).append(row.payload)
        for parts in albums.values():
            whole = as_corrected(session, channel, chat, album_of(parts))
            self._hear(session, channel, chat, whole, now)

    def _release(self, session: Session, channel: str, chat: str, now: datetime) -> None:
        """Nothing more has come for a while: read the albums, and the edits whose message never
        came (it was written before this program knew the chat, or while it was lost)."""
        self._read_held(session, channel, chat, now, None)
        alone = inbox.held(session, channel, chat)
        for row in alone:
            row.state = InboundState.DONE
        for named in dict.fromkeys(row.message_id for row in alone):
            newest = inbox.versions(session, channel, chat, named)[-1]
            self._take_edit(session, channel, chat, newest.payload, now)

    def _read_held_or_give_up(
        self, session: Session, channel: str, chat: str, now: datetime, but: str | None
    ) -> None:
        """`_read_held`; a fault there must not fall on the message that came after it."""
        try:
            with session.begin_nested():
                self._read_held(session, channel, chat, now, but)
        except Exception as error:
            if is_outage(error):
                raise
            log.error("message failed", chat=f"{channel}:{chat}", incoming="album", exc_info=error)
            self._give_up(session, channel, chat, now, but)

    def _hear(
        self, session: Session, channel: str, chat: str, payload: Json, now: datetime
    ) -> None:
        account = people.account(session, channel, chat, payload["name"], now)
        said = said_in(session, channel, chat, payload)
        self._engine.hear(session, account, said, payload.get("pressed"), now)

    def _hear_in_group(
        self, session: Session, incoming: Incoming, payload: Json, now: datetime
    ) -> None:
        """Who has never talked with the program alone is told to do that first."""
        channel, chat = incoming.address.channel, incoming.address.chat
        account = people.account_in(session, channel, incoming.sender)
        if account is None:
            text = self._wording.render("team/unknown", {"name": payload["name"]})
            speaking.queue(session, incoming.address, now, text=text)
            return
        # Its message is no message of the speaker's own chat: no edit there may find these words.
        said = replace(said_in(session, channel, chat, payload), parts={})
        group = Group(channel, chat)
        self._engine.hear_in_group(session, account, group, said, payload.get("pressed"), now)

    def _apologise(self, session: Session, incoming: Incoming, now: datetime) -> None:
        """Keep what was said although it could not be handled, and say so."""
        channel, chat = incoming.address.channel, incoming.address.chat
        files = media.remember(session, incoming.files)
        payload = payload_of(session, incoming, files)
        self._note(session, incoming, payload, InboundState.FAILED, now)
        if incoming.sender:  # a group is nobody's account
            account = people.account_in(session, channel, incoming.sender)
            if account is not None:
                self._sorry(session, account, now)
            return
        self._sorry(session, people.account(session, channel, chat, "", now), now)

    def _only_note(self, session: Session, incoming: Incoming, now: datetime) -> None:
        """Keep the event, with nothing in it that could fail once more."""
        self._note(session, incoming, {}, InboundState.FAILED, now)

    def _give_up(
        self, session: Session, channel: str, chat: str, now: datetime, but: str | None
    ) -> None:
        inbox.set_aside(session, channel, chat, but)
        self._sorry(session, people.account(session, channel, chat, "", now), now)

    def _sorry(self, session: Session, account: Account, now: datetime) -> None:
        text = self._wording.render("engine/sorry", {})
        choices = [{"label": self._wording.word("do.human"), "do": "human", "args": {}}]
        ref = speaking.queue(session, account, now, text=text, choices=choices)
        # As if pushed: the question that was open stays open, and its buttons go on working.
        speaking.listen_for(session, account, ref, now, pushed=True)


def _unless_seen(
    do: Callable[[Session, Incoming, datetime], None],
    session: Session,
    incoming: Incoming,
    now: datetime,
) -> bool:
    """Do it, but change nothing where this event was here before, and say so. That is no failure:
    one would undo what shares the transaction, and after a kill everything comes again."""
    channel = incoming.address.channel
    if incoming.files and inbox.is_here(session, channel, event_id(incoming)):
        return True  # before a row is written for each of them
    try:
        do(session, incoming, now)
    except _SeenBefore:
        return True
    return False
