"""Makes the reports that were asked for, one at a time, and sends each of them once.

A job is read and drawn on threads of its own, so that no message waits for it; what came of it is
sent in the transaction that marks the job as done. What a stopped process was making is still
waiting, and is made by the next one.
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
from bot.reporting.makers import PNG, Made, maker_of
from bot.wording import Wording
from handlers.staff.figures import Answer
from storage import media, people, report_jobs
from storage.database import is_outage
from storage.media import File, MediaFolder
from storage.report_jobs import JobState
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)

MOST_TRIES = 3
AGAIN = timedelta(seconds=20)
"""How long a report that failed is left alone."""


@dataclass(slots=True)
class Reports:
    """Looks for jobs with `look`, which only starts the work; `do_all` waits for it."""

    worker: StorageWorker
    folder: MediaFolder
    wording: Wording
    clock: Callable[[], datetime]
    committed: Callable[[], None]
    _under_way: asyncio.Task[None] | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self) -> None:
        """Begin what is waiting, unless something is being made already."""
        if self._under_way is not None and not self._under_way.done():
            return
        now = self.clock()
        if await self.worker.read(lambda session: report_jobs.waiting(session, now, 1)):
            self._under_way = asyncio.create_task(self._all(), name="reports")

    async def stop(self) -> None:
        """Leave what is being made; it is still waiting in the database."""
        if self._under_way is not None:
            self._under_way.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._under_way

    async def _all(self) -> None:
        try:
            await self.do_all(self.clock())
        except Exception as error:
            if not is_outage(error):  # of that the log hears from the worker
                log.error("reports not made", error=type(error).__name__)

    async def do_all(self, now: datetime) -> None:
        """Make everything that waits at `now`."""
        async with self._one_at_a_time:
            for job_id in await self.worker.read(lambda s: report_jobs.waiting(s, now)):
                await self._one(job_id)

    async def _one(self, job_id: int) -> None:
        now = self.clock()
        try:
            made = await self.worker.read_apart(lambda session: self._make(session, job_id, now))
            if made is None:
                return
            file = None
            if made.content:
                ref = await asyncio.to_thread(self.folder.keep, made.content)
                kind = "photo" if made.mime == PNG else "document"
                file = File(kind, "web", ref, made.name, made.mime, len(made.content))
            answer = made.answer
            await self.worker.run(lambda s: self._finish(s, job_id, answer, file), key="reports")
        except Exception as error:
            if is_outage(error):
                raise
            log.error("report failed", job=job_id, exc_info=error)
            await self.worker.run(lambda s: self._put_off(s, job_id), key="reports")
        self.committed()

    def _make(self, session: Session, job_id: int, now: datetime) -> Made | None:
        """The answer and its file, if it has one; None when the job is done already."""
        job = session.get(report_jobs.ReportJob, job_id)
        if job is None or job.state != JobState.WAITING:
            return None
        account = session.get_one(people.Account, job.account_id)
        desk = Office(session, now, self.wording)
        return maker_of(job.what).make(session, desk, account.person_id, job.what)

    def _finish(self, session: Session, job_id: int, answer: Answer, file: File | None) -> None:
        job = report_jobs.take(session, job_id)
        if job is None:
            return
        now = self.clock()
        job.state, job.done_at = JobState.DONE, now
        account = session.get_one(people.Account, job.account_id)
        office = Office(session, now, self.wording)
        if not maker_of(job.what).send(office, account.person_id, job.what):
            office.answer(account, "desk/not_allowed")
            return
        files = media.remember(session, (file,)) if file else []
        office.answer(account, answer.template, options=answer.options, media=files, **answer.facts)

    def _put_off(self, session: Session, job_id: int) -> None:
        job = report_jobs.take(session, job_id)
        if job is None:
            return
        now = self.clock()
        job.tries, job.not_before = job.tries + 1, now + AGAIN
        if job.tries >= MOST_TRIES:
            job.state, job.done_at = JobState.FAILED, now
            account = session.get_one(people.Account, job.account_id)
            Office(session, now, self.wording).answer(account, "report/failed")
