"""A notice on its way: one message in the admin's chat that is kept up to date, and its buttons."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from handlers.questions import Confirm
from handlers.talk import Desk, Do, Talk, action, command, conversation, duty
from handlers.views import name_of
from storage import areas, permissions, posts
from storage.notices import course, figures, visiting
from storage.notices.audience import Audience, size
from storage.notices.course import NotNow
from storage.notices.tables import Notice, NoticeState
from storage.post_tables import Role

BUTTONS = {
    NoticeState.WAITING: ("cancel_notice",),
    NoticeState.SCHEDULED: ("cancel_notice",),
    NoticeState.SENDING: ("pause_notice", "correct_notice", "cancel_notice"),
    NoticeState.PAUSED: ("resume_notice", "correct_notice", "cancel_notice"),
    NoticeState.DONE: ("correct_notice", "receipts"),
    NoticeState.CANCELLED: ("resume_notice", "receipts"),
}
MOST_LISTED = 8


def show_board(talk: Talk, notice: Notice) -> None:
    """Put the progress into the speaker's chat; from now on that one is kept up to date."""
    talk.tell(talk.person.id, "notice/board", staff=True, options=_buttons(notice), **_facts(talk, notice))
    course.remember_board(talk.session, notice, talk.person.id)


def _facts(desk: Desk, notice: Notice) -> dict[str, object]:
    tally = figures.tally(desk.session, notice.id)
    expected = size(desk.session, Audience.from_json(notice.audience), desk.now) if (
        notice.frozen_at is None
    ) else None
    return {
        "number": notice.id,
        "text": notice.text,
        "state": notice.state,
        "starts_at": notice.starts_at,
        "tally": tally,
        "expected": expected,
        "wants_ack": notice.wants_ack,
    }


def _buttons(notice: Notice) -> list[Do]:
    names = BUTTONS[NoticeState(notice.state)]
    if notice.state == NoticeState.CANCELLED and notice.frozen_at is None:
        names = ()
    return [Do(name, {"notice": notice.id}) for name in names]


def redraw_board(desk: Desk, notice: Notice) -> None:
    """Bring the progress up to date."""
    if notice.board_ref is not None:
        desk.redraw(notice.board_ref, "notice/board", options=_buttons(notice), **_facts(desk, notice))


@duty("notice_boards", due=course.boards_due)
def keep_boards(desk: Desk, notice_id: int) -> None:
    """Every few seconds while a notice goes out; what is over also gives its visiting lists."""
    notice = desk.session.get_one(Notice, notice_id)
    redraw_board(desk, notice)
    course.board_drawn(desk.session, notice, desk.now)
    if notice.state == NoticeState.DONE and notice.listed_at is None:
        notice.listed_at = desk.now
        hand_out_visiting_lists(desk, notice)


def hand_out_visiting_lists(desk: Desk, notice: Notice) -> None:
    """Tell each grid worker which of their doors nobody reached, by building."""
    for worker, buildings in visiting.lists(desk.session, notice.id, desk.now).items():
        desk.tell(
            worker, "notice/visiting", staff=True, number=notice.id, text=notice.text,
            buildings=buildings, total=sum(len(one.doors) for one in buildings),
        )  # fmt: skip


def ask_second_admins(talk: Talk, notice: Notice) -> int:
    """Ask every other admin of the area whether it may go out; how many were asked."""
    asked = 0
    for person_id in course.others_who_may(talk.session, notice, talk.now):
        asked += talk.tell(
            person_id, "notice/approve", staff=True, number=notice.id, text=notice.text,
            author=name_of(talk.session, notice.author_id), facts=_facts(talk, notice),
            options=[Do("approve_notice", {"notice": notice.id}), Do("refuse_notice", {"notice": notice.id})],
        )  # fmt: skip
    return asked


def mine(talk: Talk, number: int) -> Notice | None:
    """The notice, if the speaker may send notices where it was written; else says so."""
    notice = talk.session.get(Notice, number)
    if notice is not None and permissions.allows_in(
        talk.session, "notice", talk.person.id, notice.area_id, talk.now
    ):
        return notice
    talk.refuse("desk/not_allowed")
    return None


def _change(talk: Talk, number: int, change: str) -> None:
    notice = mine(talk, number)
    if notice is None:
        return
    try:
        if change == "pause":
            course.pause(talk.session, notice)
        elif change == "resume":
            course.resume(talk.session, notice)
        else:
            course.cancel(talk.session, notice, talk.now)
    except NotNow:
        talk.say("notice/not_now", number=number, state=notice.state)
    redraw_board(talk, notice)
    talk.say(f"notice/{change}d", number=number)
