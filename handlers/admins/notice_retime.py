"""Another time for a notice that has not begun, by who wrote it: 改时间, 改到明天9点.

Nothing else changes, so what a second admin agreed to is agreed to still; they are told.
"""

from __future__ import annotations

from handlers.admins.notice_approval import ask_second_admins
from handlers.admins.notice_board import mine, redraw_board
from handlers.admins.notice_when import ask_moment
from handlers.registry import action, conversation
from handlers.talk import Talk
from handlers.views import name_of
from storage.notices import course
from storage.notices.course import NotNow
from storage.notices.tables import Notice


def _own(talk: Talk, number: int) -> Notice | None:
    """The notice, held, if the speaker wrote it and may still; otherwise says whose it is."""
    found = mine(talk, number, "retime_notice")
    if found is not None and talk.person.id not in (found.author_id, found.keeper_id):
        talk.refuse("notice/not_yours", number=number, who=name_of(talk.session, found.author_id))
        return None
    return found


@action("retime_notice")
def retime(talk: Talk, notice: int) -> None:
    """改时间: asks for the new one."""
    if _own(talk, notice) is not None:
        talk.begin("retime_notice", notice=notice)


def retime_to(talk: Talk, notice: Notice, moment: str) -> None:
    """改到明天9点: the time was said along; empty where it was not."""
    if _own(talk, notice.id) is not None:
        talk.begin("retime_notice", answers={"when": moment} if moment else None, notice=notice.id)


@conversation("retime_notice", own=True)
def retime_it(talk: Talk) -> None:
    """When, and it is done; whoever is asked to agree sees the new time."""
    number = talk.args["notice"]
    found = _own(talk, number)
    if found is None:
        return
    if not course.has_not_begun(found):
        talk.refuse("notice/not_now", number=number, state=found.state)
        return
    start = ask_moment(talk, "when", emergency=found.emergency)
    try:
        course.retime(talk.session, found, start.at, talk.person.id, talk.now)
    except NotNow:
        talk.say("notice/not_now", number=number, state=found.state)
        return
    waits = course.waits_for(found) is not None
    asked = ask_second_admins(talk, found) if waits else []
    agreed = found.approver_id is not None and not waits
    if found.approver_id is not None and agreed and found.approver_id != talk.person.id:
        talk.tell(
            found.approver_id, "notice/retimed_told", staff=True, number=number,
            who=talk.person.name, at=start.at,
        )  # fmt: skip
    talk.say(
        "notice/retimed", number=number, at=start.at if start.at > talk.now else None,
        moved=start.moved, waits=waits, asked=asked, agreed=agreed,
    )  # fmt: skip
    redraw_board(talk, found)
