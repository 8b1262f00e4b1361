"""From a draft to the last receipt: the only place where a notice changes its state."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import audit
from storage.notices import ledger
from storage.notices.audience import Audience
from storage.notices.tables import Notice, NoticeState


class NotNow(Exception):
    """The notice is in a state from which this cannot be done."""


def write(
    session: Session,
    *,
    author_id: int,
    area_id: int,
    text: str,
    audience: Audience,
    starts_at: datetime,
    now: datetime,
    files: list[int] | None = None,
    wants_ack: bool = False,
    emergency: bool = False,
    once: bool = False,
    needs_approval: bool = False,
) -> Notice:
    """A new notice, waiting for a second admin (`needs_approval`) or for its time.

    Who is to have it is frozen when it begins to go out. That it is an emergency is written into
    the audit log.
    """
    notice = Notice(
        author_id=author_id,
        area_id=area_id,
        text=text,
        files=files or [],
        audience=audience.as_json(),
        wants_ack=wants_ack,
        emergency=emergency,
        once=once,
        state=NoticeState.WAITING if needs_approval else NoticeState.SCHEDULED,
        made_at=now,
        starts_at=starts_at,
    )
    session.add(notice)
    session.flush()
    audit.note(
        session, now, author_id, "notice:emergency" if emergency else "notice", str(notice.id)
    )
    return notice


def approve(session: Session, notice: Notice, admin_id: int, now: datetime) -> None:
    """A second admin agrees. Raises NotNow when it does not wait, or for the author."""
    if notice.state != NoticeState.WAITING or admin_id == notice.author_id:
        raise NotNow
    notice.state, notice.approver_id, notice.approved_at = NoticeState.SCHEDULED, admin_id, now
    audit.note(session, now, admin_id, "notice:approve", str(notice.id))
    session.flush()


def due(session: Session, now: datetime) -> list[int]:
    """The notices whose time has come."""
    return list(
        session.scalars(
            select(Notice.id)
            .where(Notice.state == NoticeState.SCHEDULED, Notice.starts_at <= now)
            .order_by(Notice.id)
        )
    )


def start(session: Session, notice: Notice, now: datetime) -> None:
    """Freeze the audience and let it go out. Raises NotNow."""
    if notice.state != NoticeState.SCHEDULED:
        raise NotNow
    ledger.freeze(session, notice, now)
    notice.state = NoticeState.SENDING
    session.flush()


def pause(session: Session, notice: Notice) -> None:
    """Stop after what is on its way just now. Raises NotNow."""
    if notice.state != NoticeState.SENDING:
        raise NotNow
    ledger.recall(session, notice)
    notice.state = NoticeState.PAUSED
    session.flush()


def resume(session: Session, notice: Notice) -> None:
    """Go on with the rest of a paused or cancelled notice that was frozen. Raises NotNow."""
    stopped = notice.state in (NoticeState.PAUSED, NoticeState.CANCELLED)
    if not stopped or notice.frozen_at is None:
        raise NotNow
    notice.state, notice.ended_at = NoticeState.SENDING, None
    session.flush()


def cancel(session: Session, notice: Notice, now: datetime) -> None:
    """Send nothing more of it; what was sent stays. Raises NotNow once it is over."""
    if notice.state in (NoticeState.DONE, NoticeState.CANCELLED):
        raise NotNow
    if notice.frozen_at is not None:
        ledger.recall(session, notice)
    notice.state, notice.ended_at = NoticeState.CANCELLED, now
    session.flush()


def correct(session: Session, notice: Notice, text: str, admin_id: int, now: datetime) -> None:
    """Other words, for those who have it and for those who will. Raises NotNow once cancelled."""
    if notice.state == NoticeState.CANCELLED:
        raise NotNow
    notice.text = text
    notice.text_version += 1
    if notice.state == NoticeState.DONE:
        notice.state, notice.ended_at = NoticeState.SENDING, None
    audit.note(session, now, admin_id, "notice:correct", str(notice.id))
    session.flush()


def finish(session: Session, notice: Notice, now: datetime) -> bool:
    """Note that a notice is over, if nothing of it is left to go; whether it is."""
    if notice.state != NoticeState.SENDING or not ledger.is_over(session, notice):
        return False
    notice.state, notice.ended_at = NoticeState.DONE, now
    session.flush()
    return True
