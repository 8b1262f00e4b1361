"""How a process gets on with the others on the same PostgreSQL: who does what only one may do, and
a word to each other that there is something to do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy import Engine

from bot.bell import Bell
from bot.delivery import Delivery
from bot.leases import Leases
from bot.messages import Address, Outgoing
from bot.parcels import pack
from bot.roles import MINDS, updates_of
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)


class Page(Protocol):
    """What is asked of the page's channel."""

    tell: Callable[[int], Awaitable[None]]

    @property
    def has_pages(self) -> bool:
        """Whether any page is open here."""

    def reload(self) -> None:
        """Let every page read the history anew."""

    def show(self, to: Address, stands_as: str, message: Outgoing, *, edit: bool = False) -> None:
        """Put a message, or what it says now, on the pages that are open here."""


class Together:
    """Beside the parts of one process, which work as if it were alone.

    holder: what this process calls itself. names: all channels that are set. sends: those that it
    may be chosen to send through. minds: what else it may be chosen for.
    """

    def __init__(
        self,
        worker: StorageWorker,
        database: Engine,
        clock: Callable[[], datetime],
        delivery: Delivery,
        holder: str,
        *,
        names: Sequence[str],
        sends: Sequence[str],
        minds: Sequence[str],
    ) -> None:
        self._worker = worker
        self._clock = clock
        self._delivery = delivery
        self._names, self._sends = names, sends
        self._page: Page | None = None
        self._sending = Leases(worker, clock, holder, sends, prepares=True, gained=delivery.wake)
        self._minding = Leases(worker, clock, holder, minds)
        self._bell = Bell(
            database,
            holder,
            needed=self._others_send,
            queued=delivery.wake,
            shown=self._show,
            missed=self._reload,
        )
        self._tasks: list[asyncio.Task[None]] = []
        delivery.leases = self._sending

    def start(self) -> None:
        """Begin to stand for election, to speak and to listen."""
        jobs = [self._bell.speak()]
        jobs += [leases.run() for leases in (self._sending, self._minding) if leases.elected]
        jobs += [self._bell.listen()] if self._sends else []
        self._tasks = [asyncio.create_task(job, name="together") for job in jobs]

    async def stop_sending(self) -> None:
        """Let others send."""
        await self._let_go(self._sending)

    async def stop(self) -> None:
        """Let others do everything."""
        await self._let_go(self._minding)
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _let_go(self, leases: Leases) -> None:
        try:
            await leases.let_go()
        except Exception as error:  # they end by themselves
            log.warning("leases not given back", error=type(error).__name__)

    def queued(self) -> None:
        """Something was queued: whoever sends it is to know."""
        self._delivery.wake()
        self._bell.ring()

    def minds(self) -> bool:
        """Whether this process does what falls due just now."""
        return self._minding.holds(MINDS)

    def asks(self, channel: str) -> bool:
        """Whether this process asks for a channel's updates just now."""
        return self._minding.holds(updates_of(channel))

    def holds(self) -> dict[str, bool]:
        """What this process was chosen for, of what it may be chosen for."""
        return {
            name: leases.holds(name)
            for leases in (self._sending, self._minding)
            for name in leases.elected
        }

    def has(self, page: Page) -> None:
        """This process has pages, and each sees what other processes put on it."""
        self._page = page
        page.tell = self._bell.tell

    def _others_send(self) -> bool:
        return not set(self._names) <= set(self._sends) or not all(
            map(self._sending.holds, self._sends)
        )

    def _reload(self) -> None:
        if self._page is not None:
            self._page.reload()

    async def _show(self, refs: Sequence[int]) -> None:
        page = self._page
        if page is None or not page.has_pages:
            return
        now = self._clock()
        try:
            parcels = await self._worker.read(lambda session: pack(session, refs, now))
        except Exception as error:
            log.warning("not shown on pages", error=type(error).__name__)
            page.reload()
            return
        for parcel in parcels:
            if not parcel.orphan:
                changed = parcel.edits is not None
                page.show(
                    parcel.address, parcel.edits or str(parcel.ref), parcel.outgoing, edit=changed
                )
