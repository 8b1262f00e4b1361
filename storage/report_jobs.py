"""Reports that were asked for: written down with the question, made on another thread, sent once.

waiting → done | failed. A job that was being made when the process died is still waiting.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base


class JobState(StrEnum):
    """What became of a job."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class ReportJob(Base):
    """One answer for one chat.

    what: {"scope": as storage.figures.Scope.as_json, "view": what of it, and what the view needs};
    of another kind: {"report": which (bot/reporting/makers.py), and what that needs}.
    tries: how often it failed.
    """

    __tablename__ = "report_jobs"
    __table_args__ = (Index("ix_report_jobs_state", "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    what: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    not_before: Mapped[datetime]
    done_at: Mapped[datetime | None]


def ask(session: Session, account_id: int, what: dict[str, Any], now: datetime) -> ReportJob:
    """Ask for it in a chat. What was asked for and is not made yet is not made twice."""
    waiting = session.scalars(
        select(ReportJob).where(
            ReportJob.account_id == account_id, ReportJob.state == JobState.WAITING
        )
    )
    for job in waiting:
        if job.what == what:
            return job
    job = ReportJob(
        account_id=account_id, what=what, state=JobState.WAITING, asked_at=now, not_before=now
    )
    session.add(job)
    session.flush()
    return job


def waiting(session: Session, now: datetime, limit: int = 20) -> list[int]:
    """The jobs that may be made now, oldest first."""
    return list(
        session.scalars(
            select(ReportJob.id)
            .where(ReportJob.state == JobState.WAITING, ReportJob.not_before <= now)
            .order_by(ReportJob.id)
            .limit(limit)
        )
    )


def take(session: Session, job_id: int) -> ReportJob | None:
    """The job, held until the transaction ends; None when it is not waiting any more."""
    job = session.get(ReportJob, job_id, with_for_update=True, populate_existing=True)
    return job if job is not None and job.state == JobState.WAITING else None
