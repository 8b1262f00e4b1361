"""A notice that waits for a second admin: who may agree is reminded, and what is agreed to when its
time has passed does not go out unasked."""

from __future__ import annotations

from handlers.admins import notice_approval, notice_board
from handlers.admins.notice_when import ask_moment
from handlers.questions import Option, Pick
from handlers.registry import conversation, duty
from handlers.talk import Desk, Talk
from storage.notices import course, settings

AT_ONCE, AT, NOT = "at_once", "at", "not"


@conversation("late_notice")
def agree_late(talk: Talk) -> None:
    """同意 when its time has passed: now, at another time, or not at all."""
    number, words = talk.args["notice"], talk.args["words"]
    found = notice_approval.waiting(talk, number, words, "approve_notice")
    if found is None:
        return
    options = [Option(way, talk.word(f"notice.late_{way}")) for way in (AT_ONCE, AT, NOT)]
    facts = {"number": number, "text": found.text, "at": found.starts_at}
    way = talk.ask("way", Pick("notice/late", options, **facts))
    starts_at = settings.not_before(talk.now, talk.zone)
    if found.emergency:
        starts_at = talk.now
    if way == AT:
        starts_at = ask_moment(talk, "at", emergency=found.emergency).at
    if way == NOT:
        notice_approval.turn_down(talk, found, "")
        return
    found.starts_at = starts_at
    notice_approval.agree(talk, found)


@duty("notice_reminders", due=course.reminders_due)
def remind(desk: Desk, notice_id: int) -> None:
    """Ask once more those who may agree; who wrote it is told when its time has passed."""
    notice = course.take(desk.session, notice_id)
    if notice is None:
        return
    course.reminded(notice, desk.now)
    if course.waits_for(notice) is None:
        return
    asked = notice_approval.ask_second_admins(desk, notice, again=True)
    if notice.proposal is None and course.is_late(notice, desk.now):
        notice_board.tell_keeper(
            desk, notice, "notice/still_waits", number=notice_id, asked=asked, at=notice.starts_at
        )
