"""Makes the document of an agreement once all have agreed to it, and hands it out once.

It is written on a thread of its own, so that no message waits for it, and handed out in the
transaction that notes which file it is. What a stopped process was making is made by the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.office import Office
from bot.wording import Wording
from handlers.mediation.agreement import document_of, hand_out
from storage import media, mediations
from storage.database import is_outage
from storage.media import File, MediaFolder
from storage.mediation_tables import MediationAgreement
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)

AGAIN = timedelta(minutes=5)
"""How long a document that failed is left alone."""


@dataclass(slots=True)
class Documents:
    """Looks for agreements without a document with `look`, which only starts the work."""

    worker: StorageWorker
    folder: MediaFolder
    wording: Wording
    clock: Callable[[], datetime]
    committed: Callable[[], None]
    _under_way: asyncio.Task[None] | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _failed: dict[int, datetime] = field(default_factory=dict)

    async def look(self) -> None:
        """Begin what is to be made, unless something is being made already."""
        if self._under_way is not None and not self._under_way.done():
            return
        if await self._waiting():
            self._under_way = asyncio.create_task(self._all(), name="documents")

    async def stop(self) -> None:
        """Leave what is being made; it is still to be made by what the database says."""
        if self._under_way is not None:
            self._under_way.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._under_way

    async def _waiting(self) -> list[int]:
        now = self.clock()
        found = await self.worker.read(mediations.without_document)
        return [one for one in found if self._failed.get(one, now) <= now]

    async def _all(self) -> None:
        try:
            await self.do_all()
        except Exception as error:
            if not is_outage(error):  # of that the log hears from the worker
                log.error("documents not made", error=type(error).__name__)

    async def do_all(self) -> None:
        """Make every document that is wanted now."""
        async with self._one_at_a_time:
            for agreement_id in await self._waiting():
                await self._one(agreement_id)

    async def _one(self, agreement_id: int) -> None:
        now = self.clock()
        try:
            content = await self.worker.read_apart(lambda s: self._make(s, agreement_id, now))
            ref = await asyncio.to_thread(self.folder.keep, content)
            file = self._file(ref, len(content))
            await self.worker.run(lambda s: self._finish(s, agreement_id, file), key="documents")
        except Exception as error:
            if is_outage(error):
                raise
            log.error("document failed", agreement=agreement_id, exc_info=error)
            self._failed[agreement_id] = now + AGAIN
        self.committed()

    def _make(self, session: Session, agreement_id: int, now: datetime) -> bytes:
        # A large library, which only who needs a document should wait for.
        from bot.reporting.agreement import write

        agreement = session.get_one(MediationAgreement, agreement_id)
        return write(self.wording, document_of(Office(session, now, self.wording), agreement))

    def _file(self, ref: str, size: int) -> File:
        from bot.reporting.agreement import MIME, TEMPLATE

        stem = self.wording.render(TEMPLATE, {}, "file_name")
        return File("document", "web", ref, f"{stem}.docx", MIME, size)

    def _finish(self, session: Session, agreement_id: int, file: File) -> None:
        agreement = mediations.take_agreement(session, agreement_id)
        if agreement is None or agreement.document_id is not None or agreement.replaced_at:
            return
        (document_id,) = media.remember(session, (file,))
        hand_out(Office(session, self.clock(), self.wording), agreement, document_id)
