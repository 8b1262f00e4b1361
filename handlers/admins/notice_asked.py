"""What is asked about a notice in words: 谁没看, 发完没, 更正, 同意发; the newest is meant."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers import relay
from handlers.admins import notice_approval, notice_board, notice_changes, notice_retime
from handlers.talk import Do, Talk
from storage import permissions
from storage.notices import course, figures
from storage.notices.tables import UNREACHED, Notice, NoticeState, ReceiptState
from storage.times import Fault, hear_moment, time_of_day

A_DAY, LATELY = timedelta(days=1), timedelta(days=7)
"""For how long what is over may be stopped in words, and a notice is what they are about."""


def asked_for(talk: Talk, said: str) -> bool:
    """Whether `said` (as it is compared) asks for something about a notice; then it is answered."""
    return _of_the_newest(talk, said) or _answers_what_waits(talk, said)


def _is(talk: Talk, said: str, key: str) -> bool:
    return said in talk.words(f"notice_asked.{key}")


def _of_the_newest(talk: Talk, said: str) -> bool:
    found = newest(talk)
    if found is None:
        return False
    if _is(talk, said, "how"):
        notice_board.show_board(talk, found)
    elif _is(talk, said, "who_read"):
        _tell(talk, found, "read")
    elif _is(talk, said, "who_missed"):
        _tell(talk, found, "missed")
    elif _is(talk, said, "receipts"):
        _receipts(talk, found)
    elif _is(talk, said, "again"):
        talk.say("notice/again", number=found.id, options=[Do("notice", {})])
    elif (moment := _another_time(talk, found, said)) is not None:
        notice_retime.retime_to(talk, found, moment)
    elif _is(talk, said, "correct") or _means_a_mistake(talk, said):
        notice_changes.correct(talk, notice=found.id)
    else:
        return False
    return True


def _means_a_mistake(talk: Talk, said: str) -> bool:
    """发错了 may be a word for a resident where the speaker has matters."""
    return _is(talk, said, "mistake") and not relay.threads(talk)


def _another_time(talk: Talk, notice: Notice, said: str) -> str | None:
    """When it is to go out instead, empty where that was not said; None where nobody asks."""
    if not course.has_not_begun(notice):
        return None
    if _is(talk, said, "retime"):
        return ""
    text = talk.said.text.strip()
    for begins in talk.words("notice_asked.retime_begins"):
        if text.startswith(begins) and not relay.threads(talk):
            wanted = text.removeprefix(begins)
            same_day = _on_its_day(talk, notice, wanted)
            if same_day is not None:
                return same_day.isoformat()
            heard = hear_moment(wanted, talk.now, talk.zone)
            if heard.at is not None:
                return heard.at.isoformat()
            if heard.fault in (Fault.PAST, Fault.NO_CLOCK):
                return ""
    return None


def _on_its_day(talk: Talk, notice: Notice, wanted: str) -> datetime | None:
    """改到10点, where no day is said: the day it was to go out, if that is still to come."""
    minute = time_of_day(wanted)
    if minute is None:
        return None
    day = notice.starts_at.astimezone(talk.zone)
    moment = day.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
    return moment if moment > talk.now else None


def newest(talk: Talk) -> Notice | None:
    """The newest notice of the last days for the speaker's areas; one of their own goes first."""
    ids = permissions.areas_for(talk.session, "notice_board", talk.person.id, talk.now)
    if not ids:
        return None
    found = course.recent(talk.session, ids, notice_board.MOST_LISTED)
    late = [one for one in found if talk.now - max(one.made_at, one.starts_at) < LATELY]
    own = [one for one in late if one.author_id == talk.person.id]
    return max(own or late, key=lambda one: one.id, default=None)


def _tell(talk: Talk, notice: Notice, about: str) -> None:
    """How many have read it, or have it not: no list of homes, which only their workers get."""
    tally = figures.tally(talk.session, notice.id)
    sent = tally[ReceiptState.SENT]
    talk.say(
        "notice/how", number=notice.id, about=about, started=notice.frozen_at is not None,
        wants_ack=notice.wants_ack, sent=sent, read=tally.acknowledged,
        missed=sum(tally[state] for state in UNREACHED), staff=bool(notice.audience.get("roles")),
    )  # fmt: skip
    notice_board.show_board(talk, notice)


def _receipts(talk: Talk, notice: Notice) -> None:
    if notice.frozen_at is None:
        notice_board.show_board(talk, notice)
    else:
        notice_changes.receipts(talk, notice=notice.id)


def _answers_what_waits(talk: Talk, said: str) -> bool:
    """同意发, 不同意 typed by whoever is asked to agree; a bare 好 shows the question again."""
    plain, perhaps = _is(talk, said, "agree"), _is(talk, said, "perhaps_agree")
    against = _is(talk, said, "refuse")
    if not (plain or perhaps or against) or (perhaps and relay.threads(talk)):
        return False
    waiting = _waiting(talk)
    if len(waiting) > 1:
        notice_board.my_notices(talk)
    for one in waiting if len(waiting) == 1 else ():
        words = course.words_key(course.waits_for(one) or "")
        if plain:
            notice_approval.approve(talk, notice=one.id, words=words)
        elif against:
            notice_approval.refuse(talk, notice=one.id, words=words)
        else:
            notice_approval.ask(talk, one, talk.person.id)
    return bool(waiting)


def _waiting(talk: Talk) -> list[Notice]:
    """What waits for the word of the speaker."""
    ids = permissions.areas_for(talk.session, "approve_notice", talk.person.id, talk.now)
    found = course.recent(talk.session, ids, notice_board.MOST_LISTED) if ids else []
    return [
        one
        for one in found
        if course.waits_for(one) is not None and course.whose(one) != talk.person.id
    ]


def is_over(talk: Talk) -> bool:
    """撤回通知 of what has gone out, or 暂停 of what has not begun: how it stands, and what can
    be done; False when there is no such notice of the last day."""
    found = newest(talk)
    if found is None or (found.ended_at is not None and talk.now - found.ended_at > A_DAY):
        return False
    if found.state == NoticeState.DONE:
        talk.say("notice/over", number=found.id)
    notice_board.show_board(talk, found)
    return True
