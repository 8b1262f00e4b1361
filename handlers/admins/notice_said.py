"""What whoever may write notices says in their own words, outside any talk: 发个通知, 暂停."""

from __future__ import annotations

from handlers.admins import notice_asked, notice_board, notice_changes, notices
from handlers.permits import may_somewhere
from handlers.questions import Story
from handlers.talk import Talk
from storage import permissions
from storage.names import bare
from storage.notices import course
from storage.notices.tables import NoticeState

UNDER_WAY = (NoticeState.SENDING, NoticeState.PAUSED, NoticeState.SCHEDULED, NoticeState.WAITING)
STEERS = {
    "pause": ("pause_notice", notice_changes.pause, (NoticeState.SENDING,)),
    "go_on": ("resume_notice", notice_changes.resume, (NoticeState.PAUSED,)),
    "cancel": ("cancel_notice", notice_changes.cancel, UNDER_WAY),
}

LATER = ("cancel", "pause")
"""What is said of a notice that is over or has not begun, too."""


def asked_for(talk: Talk, text: str) -> bool:
    """Begin 发通知, or steer the one that is going out; False when the words mean neither, or
    somebody says them who has nothing to do with notices."""
    said = bare(text)
    if _means_one(talk, said) and may_somewhere(talk, "notice"):
        notices.open_notice(talk)
        return True
    words = _with_its_words(talk, text)
    if words and may_somewhere(talk, "notice"):
        talk.begin("notice", answers={"what": {**Story.empty(), "text": words}})
        return True
    return any(_steers(talk, said, key) for key in STEERS) or notice_asked.asked_for(talk, said)


def _means_one(talk: Talk, said: str) -> bool:
    """发个通知, 我要发一条通知吧: one of the words, and what people put around them."""
    core = said
    for key, cut in (("before", str.removeprefix), ("after", str.removesuffix)):
        for word in talk.words(f"notice_said.{key}"):
            if core not in talk.words("notice_said.write"):
                core = cut(core, word)
    return core in talk.words("notice_said.write")


def _with_its_words(talk: Talk, text: str) -> str:
    """What 发通知：明天停水 tells; empty where no mark stands between the two."""
    head, mark, words = _first_mark(text, talk.word("notice_said.marks"))
    return words.strip() if mark and _means_one(talk, bare(head)) else ""


def _first_mark(text: str, marks: str) -> tuple[str, str, str]:
    for place, letter in enumerate(text):
        if letter in marks:
            return text[:place], letter, text[place + 1 :]
    return text, "", ""


def _steers(talk: Talk, said: str, key: str) -> bool:
    if said not in talk.words(f"notice_said.{key}"):
        return False
    row, do, states = STEERS[key]
    ids = permissions.areas_for(talk.session, row, talk.person.id, talk.now)
    found = course.steered(talk.session, ids, states) if ids else []
    own = [one for one in found if one.author_id == talk.person.id] or found
    if len(own) > 1:
        notice_board.my_notices(talk)
    elif own:
        do(talk, notice=own[0].id)
    return bool(own) or (key in LATER and bool(ids) and notice_asked.is_over(talk))
