"""From a draft to the last receipt: the only place where a notice changes its state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from storage import areas, audit
from storage.notices import corrections, ledger, recalling, settings
from storage.notices.audience import Audience, size, within
from storage.notices.tables import Notice, NoticeState

_waits = case((or_(Notice.state == NoticeState.WAITING, Notice.proposal.is_not(None)), 1), else_=0)


LATELY = 50
"""The author's newest notices: whose message was edited is looked for among them."""


class NotNow(Exception):
    """The notice is in a state from which this cannot be done."""


class OutOfReach(Exception):
    """The audience reaches beyond the area in whose name it is written."""


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
    wants_reply: bool = False,
    source: dict[str, Any] | None = None,
    emergency: bool = False,
    once: bool = False,
    needs_approval: bool = False,
    by_command_line: bool = False,
) -> Notice:
    """A new notice, waiting for a second admin (`needs_approval`) or for its time.

    Who is to have it is frozen when it begins to go out. That it is an emergency is written into
    the audit log. Raises OutOfReach for an audience beyond `area_id`.
    """
    if not within(session, audience, areas.get(session, area_id)):
        raise OutOfReach
    notice = Notice(
        author_id=author_id,
        area_id=area_id,
        text=text,
        files=files or [],
        audience=audience.as_json(),
        wants_ack=wants_ack,
        wants_reply=wants_reply,
        source=source,
        emergency=emergency,
        once=once,
        state=NoticeState.WAITING if needs_approval else NoticeState.SCHEDULED,
        made_at=now,
        starts_at=starts_at,
    )
    if needs_approval:
        notice.remind_at = _remind(notice, now, settings.first_reminder(emergency=emergency))
    session.add(notice)
    session.flush()
    by = None if by_command_line else author_id
    _note(session, "notice_emergency" if emergency else "notice", notice, by, now)
    return notice


def take(session: Session, notice_id: int) -> Notice | None:
    """The notice, held until the transaction ends, so that of two presses one comes second."""
    return session.get(Notice, notice_id, with_for_update=True, populate_existing=True)


def look(session: Session, notice_id: int) -> Notice | None:
    """The notice as it is, for who only reads."""
    return session.get(Notice, notice_id)


def words_key(text: str) -> int:
    """What a button of an approval carries of the words it is about."""
    return crc32(text.encode("utf-8", "surrogatepass"))


def waits_for(notice: Notice) -> str | None:
    """The words that a second admin is asked about; None when nothing waits."""
    if notice.proposal is not None:
        return notice.proposal
    return notice.text if notice.state == NoticeState.WAITING else None


def whose(notice: Notice) -> int:
    """Who wrote what waits: the one who cannot agree to it."""
    return notice.proposer_id or notice.author_id


def approve(session: Session, notice: Notice, admin_id: int | None, now: datetime) -> None:
    """A second admin agrees to the notice, or to its new words; None is the command line.

    Raises NotNow when nothing waits, and for whoever wrote it.
    """
    if waits_for(notice) is None or admin_id == whose(notice):
        raise NotNow
    if notice.proposal is not None:
        words, proposer = notice.proposal, notice.proposer_id
        notice.proposal = notice.proposer_id = None
        correct(session, notice, words, proposer, now)
    else:
        notice.state = NoticeState.SCHEDULED
    notice.approver_id, notice.approved_at, notice.remind_at = admin_id, now, None
    _note(session, "notice_approve", notice, admin_id, now)
    draw_soon(notice, now)
    session.flush()


def refuse(session: Session, notice: Notice, admin_id: int, now: datetime) -> None:
    """A second admin says no: a notice that waits is cancelled, new words are dropped.

    Raises NotNow as `approve` does.
    """
    if waits_for(notice) is None or admin_id == whose(notice):
        raise NotNow
    notice.remind_at = None
    if notice.proposal is not None:
        notice.proposal = notice.proposer_id = None
    else:
        notice.state, notice.ended_at = NoticeState.CANCELLED, now
    _note(session, "notice_refuse", notice, admin_id, now)
    draw_soon(notice, now)
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


def start(session: Session, notice: Notice, now: datetime) -> bool:
    """Freeze the audience and let it go out. Raises NotNow.

    False where the audience has grown so much since it was written that a second admin has to
    agree: then it waits for one.
    """
    if notice.state != NoticeState.SCHEDULED:
        raise NotNow
    if notice.approved_at is None and settings.needs_approval(_size(session, notice, now)):
        notice.state = NoticeState.WAITING
        pause = settings.first_reminder(emergency=notice.emergency)
        notice.remind_at = _remind(notice, now, pause)
        draw_soon(notice, now)
        session.flush()
        return False
    ledger.freeze(session, notice, now)
    notice.state = NoticeState.SENDING
    draw_soon(notice, now)
    session.flush()
    return True


def _size(session: Session, notice: Notice, now: datetime) -> int:
    return size(session, Audience.from_json(notice.audience), now).all


def hold(session: Session, notice: Notice, now: datetime) -> None:
    """Nobody who may send it answers for it any more: another admin has to agree. Raises NotNow."""
    if notice.state != NoticeState.SCHEDULED:
        raise NotNow
    notice.state, notice.approver_id, notice.approved_at = NoticeState.WAITING, None, None
    notice.remind_at = now
    session.flush()


def has_not_begun(notice: Notice) -> bool:
    """Whether nobody is to have it yet: its time may still be another one."""
    return notice.state in (NoticeState.WAITING, NoticeState.SCHEDULED)


def retime(session: Session, notice: Notice, starts_at: datetime, by: int, now: datetime) -> None:
    """Another time for what has not begun; what was agreed to is agreed to still. Raises NotNow."""
    if not has_not_begun(notice):
        raise NotNow
    notice.starts_at = starts_at
    if waits_for(notice) is not None:
        pause = settings.first_reminder(emergency=notice.emergency)
        notice.remind_at = _remind(notice, now, pause)
    _note(session, "notice_retime", notice, by, now)
    draw_soon(notice, now)
    session.flush()


def pause(session: Session, notice: Notice) -> None:
    """Stop after what is on its way just now. Raises NotNow."""
    if notice.state != NoticeState.SENDING:
        raise NotNow
    recalling.recall(session, notice)
    notice.state = NoticeState.PAUSED
    session.flush()


def resume(session: Session, notice: Notice) -> None:
    """Go on with the rest of a paused or cancelled notice that was frozen. Raises NotNow."""
    stopped = notice.state in (NoticeState.PAUSED, NoticeState.CANCELLED)
    if not stopped or notice.frozen_at is None:
        raise NotNow
    notice.state, notice.ended_at = NoticeState.SENDING, None
    session.flush()


def send_rest(session: Session, notice: Notice) -> int:
    """Once it is over: queue those whom nothing reached and who can be written to by now; how many.

    Raises NotNow before that.
    """
    if notice.state != NoticeState.DONE:
        raise NotNow
    found = ledger.requeue(session, notice)
    if found:
        notice.state, notice.ended_at = NoticeState.SENDING, None
    session.flush()
    return found


def cancel(session: Session, notice: Notice, now: datetime) -> None:
    """Send nothing more of it; what was sent stays. Raises NotNow once it is over."""
    if notice.state in (NoticeState.DONE, NoticeState.CANCELLED):
        raise NotNow
    if notice.frozen_at is not None:
        recalling.recall(session, notice)
    notice.state, notice.ended_at = NoticeState.CANCELLED, now
    notice.proposal = notice.proposer_id = notice.remind_at = None
    session.flush()


def can_correct(notice: Notice) -> bool:
    """Whether other words would reach anybody: not where it was cancelled before it began."""
    return notice.state != NoticeState.CANCELLED or notice.frozen_at is not None


def correct(
    session: Session, notice: Notice, text: str, admin_id: int | None, now: datetime
) -> None:
    """Other words, for those who have it and for those who will; of one that was cancelled while it
    went out, for those who have it. Raises NotNow where it was cancelled before.

    Before it begins nobody has other words, so nothing is called corrected.
    """
    if not can_correct(notice):
        raise NotNow
    notice.text = text
    if notice.frozen_at is not None:
        notice.text_version += 1
        notice.changing = True
    else:  # what was agreed to were other words
        notice.approver_id = notice.approved_at = None
    if notice.state == NoticeState.DONE:
        notice.state, notice.ended_at = NoticeState.SENDING, None
    _note(session, "notice_correct", notice, admin_id, now)
    draw_soon(notice, now)
    session.flush()


def propose(session: Session, notice: Notice, text: str, admin_id: int, now: datetime) -> None:
    """New words for a notice whose size asks for a second admin. Raises NotNow as `correct`."""
    if not can_correct(notice):
        raise NotNow
    if notice.state == NoticeState.WAITING:
        notice.text, notice.author_id = text, admin_id
    else:
        notice.proposal, notice.proposer_id = text, admin_id
    notice.remind_at = _remind(notice, now, settings.first_reminder(emergency=notice.emergency))
    session.flush()


def _remind(notice: Notice, now: datetime, pause: timedelta) -> datetime:
    """When who may agree is asked again: after a pause, an hour before its time, at its time."""
    moments = (now + pause, notice.starts_at - timedelta(hours=1), notice.starts_at)
    return min(moment for moment in moments if moment > now)


def reminders_due(session: Session, now: datetime) -> list[int]:
    """The notices whose second admin is to be asked once more."""
    return list(
        session.scalars(select(Notice.id).where(Notice.remind_at <= now).order_by(Notice.id))
    )


def reminded(notice: Notice, now: datetime) -> None:
    """They were; the next time is a day later, or before. Not while nothing waits."""
    waits = waits_for(notice) is not None
    notice.remind_at = _remind(notice, now, settings.next_reminder()) if waits else None


def is_late(notice: Notice, now: datetime) -> bool:
    """Whether it waited for a second admin so long that it may not hold any more."""
    waited = now - max(notice.starts_at, notice.made_at)
    timed = notice.starts_at > notice.made_at
    return notice.state == NoticeState.WAITING and waited > settings.grace(timed=timed)


def finish(session: Session, notice: Notice, now: datetime) -> bool:
    """Note that a notice is over, if nothing of it is left to go; whether it is. Of a stopped one,
    that its correction is."""
    if notice.changing and corrections.all_there(session, notice):
        notice.changing = False
        draw_soon(notice, now)
    if notice.state != NoticeState.SENDING or not ledger.is_over(session, notice):
        return False
    notice.state, notice.ended_at = NoticeState.DONE, now
    draw_soon(notice, now)
    session.flush()
    return True


def draw_soon(notice: Notice, now: datetime) -> None:
    """Let the progress in the author's chat be brought up to date as soon as it may."""
    if notice.board_ref is None:
        return
    soon = now + settings.board_pause()
    notice.board_at = now if notice.board_at is None else min(notice.board_at, soon)


def boards_due(session: Session, now: datetime) -> list[int]:
    """The notices whose progress is to be brought up to date."""
    return list(
        session.scalars(select(Notice.id).where(Notice.board_at <= now).order_by(Notice.id))
    )


def said_in(
    session: Session, author_id: int, channel: str, chat: str, message_id: str
) -> Notice | None:
    """The newest notice of this author whose words came in that message."""
    rows = session.scalars(
        select(Notice).where(Notice.author_id == author_id).order_by(Notice.id.desc()).limit(LATELY)
    )
    return next((one for one in rows if _came_in(one, channel, chat, message_id)), None)


def _came_in(notice: Notice, channel: str, chat: str, message_id: str) -> bool:
    source = notice.source or {}
    here = (source.get("channel"), source.get("chat")) == (channel, chat)
    return here and message_id in source["from"]


def steered(session: Session, area_ids: list[int], states: Sequence[NoticeState]) -> list[Notice]:
    """The notices written for these areas or beneath them that stand so, newest first."""
    under = [areas.get(session, one).path for one in area_ids]
    rows = session.scalars(
        select(Notice)
        .join(areas.Area, areas.Area.id == Notice.area_id)
        .where(Notice.state.in_(states), or_(*(areas.Area.path.startswith(path) for path in under)))
        .order_by(Notice.id.desc())
    )
    return list(rows)


def to_list(session: Session, now: datetime) -> list[int]:
    """The notices that are over and whose visiting lists have not gone out."""
    return list(
        session.scalars(
            select(Notice.id)
            .where(
                Notice.state == NoticeState.DONE,
                or_(Notice.listed_at.is_(None), Notice.listed_at < Notice.ended_at),
            )
            .order_by(Notice.id)
        )
    )


def recent(session: Session, area_ids: list[int], most: int, *, after: int = 0) -> list[Notice]:
    """The notices written for these areas or beneath them: first what waits for a second admin,
    then the newest. after: so many of them are passed over."""
    under = [areas.get(session, one).path for one in area_ids]
    rows = session.scalars(
        select(Notice)
        .join(areas.Area, areas.Area.id == Notice.area_id)
        .where(or_(*(areas.Area.path.startswith(path) for path in under)))
        .order_by(_waits.desc(), Notice.id.desc())
        .limit(most)
        .offset(after)
    )
    return list(rows)


def _note(
    session: Session, action: str, notice: Notice, actor_id: int | None, now: datetime
) -> None:
    audit.note(session, now, actor_id, action, f"notice:{notice.id}")
