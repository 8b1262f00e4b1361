"""The second admin of a notice that goes to many: asked, agrees or not; never who wrote it.

Who is asked: every admin over the area of the notice but its author (of a community's notice the
county's too). Where there is nobody, it waits, and the author is told so; an admin who is there
later finds it under 通知进度, and the command line can agree (`python -m bot notice approve`).
"""

from __future__ import annotations

from typing import Any

from handlers.admins import notice_board
from handlers.questions import Text
from handlers.registry import action, conversation
from handlers.talk import Desk, Do, Talk
from handlers.views import name_of
from storage import permissions
from storage.notices import course, settings
from storage.notices.course import NotNow
from storage.notices.tables import Notice


def second_admins(desk: Desk, area_id: int, author_id: int) -> list[str]:
    """The names of those who could agree to a notice of this author."""
    return [name_of(desk.session, one) for one in _others(desk, area_id, author_id)]


def _others(desk: Desk, area_id: int, author_id: int) -> list[int]:
    found = permissions.who_may(desk.session, "approve_notice", area_id, desk.now)
    return [one for one in found if one != author_id]


def ask_second_admins(desk: Desk, notice: Notice, *, again: bool = False) -> list[str]:
    """Ask everyone who may agree; the names of those who could be written to. again: once more."""
    asked = []
    for person_id in _others(desk, notice.area_id, course.whose(notice)):
        if ask(desk, notice, person_id, again=again):
            asked.append(name_of(desk.session, person_id))
    return asked


def ask_after_all(desk: Desk, notice: Notice) -> None:
    """Its audience has grown over the size since it was written: whoever may agree is asked, and
    the author is told why it has not begun."""
    asked = ask_second_admins(desk, notice)
    shown = notice_board.facts(desk, notice)
    notice_board.tell_keeper(
        desk, notice, "notice/grown", number=notice.id, size=shown["size"], asked=asked,
        of_staff=shown["of_staff"],
    )  # fmt: skip


def ask(desk: Desk, notice: Notice, person_id: int, *, again: bool = False) -> bool:
    """Show one admin what waits, with the buttons; at once where it is an emergency."""
    words = course.waits_for(notice)
    if words is None:
        return False
    args = {"notice": notice.id, "words": course.words_key(words)}
    facts: dict[str, Any] = {
        **notice_board.facts(desk, notice),
        "text": words,
        "author": name_of(desk.session, course.whose(notice)),
        "correction": notice.proposal is not None,
        "again": again,
        "gone": not _may_see(desk, notice, course.whose(notice)),
    }
    more: dict[str, Any] = {
        "options": [Do("approve_notice", args), Do("refuse_notice", args)],
        "media": notice.files,
    }
    if notice.emergency:
        return desk.put_up(person_id, "notice/approve", **more, **facts) is not None
    return desk.tell(person_id, "notice/approve", staff=True, **more, **facts)


def _may_see(desk: Desk, notice: Notice, person_id: int) -> bool:
    return permissions.allows_in(desk.session, "notice_board", person_id, notice.area_id, desk.now)


def waiting(talk: Talk, number: int, words: int, row: str) -> Notice | None:
    """The notice, if what the button is about still waits for a second admin: the speaker."""
    notice = notice_board.mine(talk, number, row)
    if notice is None:
        return None
    now = course.waits_for(notice)
    if now is None:
        talk.refuse("notice/not_now", number=number, state=notice.state)
        return None
    if course.whose(notice) == talk.person.id:
        talk.refuse("notice/own", number=number)
        return None
    if course.words_key(now) != words:
        talk.refuse("notice/other_words", number=number)
        ask(talk, notice, talk.person.id)
        return None
    return notice


@action("approve_notice")
def approve(talk: Talk, notice: int, words: int) -> None:
    """同意: it goes out when its time comes, or the new words do; past its time it asks when."""
    found = waiting(talk, notice, words, "approve_notice")
    if found is None:
        return
    if found.proposal is None and course.is_late(found, talk.now):
        talk.begin("late_notice", notice=notice, words=words)
        return
    agree(talk, found)


def agree(talk: Talk, found: Notice) -> None:
    """What waits is agreed to, and who wrote it reads so."""
    correction, author = found.proposal is not None, course.whose(found)
    course.approve(talk.session, found, talk.person.id, talk.now)
    told: dict[str, Any] = {
        "number": found.id,
        "correction": correction,
        "later": found.starts_at > talk.now,
        "at": found.starts_at,
        "rests": settings.rests(talk.now, talk.zone) and not found.emergency,
    }
    talk.say("notice/approved", **told, by="")
    if _may_see(talk, found, author):
        talk.tell(author, "notice/approved", staff=True, **told, by=talk.person.name)
    notice_board.redraw_board(talk, found)
    if correction:
        notice_board.tell_visitors(talk, found)


@action("refuse_notice")
def refuse(talk: Talk, notice: int, words: int) -> None:
    """不同意: asks why."""
    if waiting(talk, notice, words, "refuse_notice") is not None:
        talk.begin("refuse_notice", notice=notice, words=words)


class Reason(Text):
    """Why not. 写错了 is the reason, and no wish to change an answer."""

    def takes_word(self, word: str, talk: Talk) -> bool:
        return word in talk.words("notice.reasons")


@conversation("refuse_notice")
def refuse_it(talk: Talk) -> None:
    """Why not (or skip); then it is off, and the author reads the reason."""
    number = talk.args["notice"]
    why = talk.ask("why", Reason("notice/refuse_why", most=200, optional=True, number=number))
    found = waiting(talk, number, talk.args["words"], "refuse_notice")
    if found is None:
        return
    turn_down(talk, found, why)


def turn_down(talk: Talk, found: Notice, why: str | None) -> None:
    """What waits is off, and who wrote it reads why."""
    correction, author = found.proposal is not None, course.whose(found)
    try:
        course.refuse(talk.session, found, talk.person.id, talk.now)
    except NotNow:
        talk.refuse("notice/not_now", number=found.id, state=found.state)
        return
    told: dict[str, Any] = {"number": found.id, "correction": correction, "why": why}
    talk.say("notice/refused", **told, by="")
    if _may_see(talk, found, author):
        talk.tell(author, "notice/refused", staff=True, **told, by=talk.person.name)
    notice_board.redraw_board(talk, found)
