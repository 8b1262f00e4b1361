"""A delivery over a real database, with channels that fail as they are told to."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.channels.base import Load, Refused, SendFailed, TryLater, Unreachable
from bot.clock import system_clock
from bot.delivery import Delivery
from bot.messages import Address, File, Outgoing
from storage import outbox, people
from storage.media import MediaFolder
from storage.outbox import OutboundMessage, OutState
from storage.people import Account, Person
from storage.vault import Vault
from storage.worker import StorageWorker

Fault = Exception | Callable[[], Any] | None
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Arrived(Exception):
    """Wraps a fault that comes after the platform has taken the message."""

    def __init__(self, fault: Exception) -> None:
        super().__init__()
        self.fault = fault


class Line:
    """A channel. `faults` has what happens to the next sends of a chat; then they go through."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.stands: dict[str, list[str]] = defaultdict(list)
        self.tried: list[str] = []
        self.loaded: list[bytes] = []
        self.too_early: list[str] = []
        self.closed_to: float = 0.0
        self.closed = False
        self.fetch_fault: SendFailed | None = None

    async def open(self, receive: object) -> None:
        """Nothing comes in."""

    async def close(self) -> None:
        """Everything that is sent from now on is cut."""
        self.closed = True

    async def send(self, to: Address, message: Outgoing, load: Load) -> tuple[str, ...]:
        """Put it into the chat, unless a fault comes first."""
        self.loaded += [await load(file) for file in message.files]
        await self._meet(to, message.text)
        self.stands[to.chat].append(message.text)
        return (f"{len(self.stands[to.chat]) - 1}",)

    async def edit(self, to: Address, message_id: str, message: Outgoing) -> None:
        """Change what stands there."""
        await self._meet(to, message.text)
        self.stands[to.chat][int(message_id)] = message.text

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file, or the fault."""
        if self.fetch_fault:
            raise self.fetch_fault
        return file.ref.encode()

    async def _meet(self, to: Address, text: str) -> None:
        self.tried.append(text)
        if asyncio.get_running_loop().time() < self.closed_to:
            self.too_early.append(text)
        await asyncio.sleep(0)
        if self.closed:
            raise Unreachable("closed", maybe_sent=True)
        fault = self.faults[to.chat].popleft() if self.faults[to.chat] else None
        if callable(fault):
            fault = await fault()
        if isinstance(fault, TryLater):
            self.closed_to = asyncio.get_running_loop().time() + fault.seconds
        if isinstance(fault, Arrived):
            self.stands[to.chat].append(text)
            raise fault.fault
        if fault is not None:
            raise fault


@dataclass
class Office:
    """The parts, and short words for what tests do with them."""

    engine: Engine
    vault: Vault
    folder: Path
    names: tuple[str, ...] = ("telegram", "other")
    lines: dict[str, Line] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lines = {name: Line(name) for name in self.names}
        self.worker = StorageWorker(self.engine)
        media = MediaFolder(self.folder, self.vault)
        self.delivery = Delivery(self.worker, self.lines, media, system_clock)
        self._task: asyncio.Task[None] | None = None

    @property
    def line(self) -> Line:
        """The first channel."""
        return next(iter(self.lines.values()))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        await asyncio.to_thread(self.worker.close)

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self.delivery.run())

    async def stop(self) -> None:
        """End as the program does."""
        await self.delivery.stop()
        if self._task:
            await self._task

    def queue(self, *texts: str, chat: str = "1", channel: str = "telegram", **more: Any) -> int:
        """Queue messages; the last one's id."""
        with Session(self.engine) as session, session.begin():
            for text in texts:
                ref = outbox.queue(
                    session,
                    channel=channel,
                    chat=chat,
                    payload={"text": text, **more.pop("payload", {})},
                    now=LONG_AGO,
                    **more,
                )
        self.delivery.wake()
        return ref

    def person(self, chat: str = "1") -> int:
        """Somebody with an account in this chat."""
        with Session(self.engine) as session, session.begin():
            return people.account(session, "telegram", chat, "王桂英", LONG_AGO).person_id

    def account(self, chat: str = "1") -> Account:
        """The account of this chat."""
        with Session(self.engine) as session:
            account = session.scalars(select(Account).where(Account.chat == chat)).one()
            session.expunge_all()
            return account

    def rows(self) -> list[OutboundMessage]:
        """The outbox, in order."""
        with Session(self.engine) as session:
            rows = list(session.scalars(select(OutboundMessage).order_by(OutboundMessage.id)))
            session.expunge_all()
            return rows

    def states(self) -> list[str]:
        """The state of every message, in order."""
        with Session(self.engine) as session:
            return list(session.scalars(select(OutboundMessage.state).order_by(OutboundMessage.id)))

    def uncertain(self) -> list[bool]:
        """Which messages may stand twice."""
        with Session(self.engine) as session:
            wanted = select(OutboundMessage.uncertain).order_by(OutboundMessage.id)
            return list(session.scalars(wanted))

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait for something."""
        async with asyncio.timeout(20):
            while not await asyncio.to_thread(happened):  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def done(self, *channels: str) -> None:
        """Wait until nothing is queued or under way (in these channels)."""
        wanted = select(OutboundMessage.id).where(
            OutboundMessage.state.in_([OutState.QUEUED, OutState.SENDING]),
            OutboundMessage.channel.in_(channels or self.names),
        )

        def empty() -> bool:
            with Session(self.engine) as session:
                return session.scalars(wanted).first() is None

        await self.until(empty)


__all__ = ["Arrived", "Line", "Office", "Person", "Refused"]
