"""The buttons under a notice's progress: pause, go on, cancel, send to the rest, other words."""

from __future__ import annotations

from handlers.admins import notice_board
from handlers.admins.notice_approval import ask_second_admins
from handlers.admins.notice_board import mine, redraw_board
from handlers.admins.notice_words import Words
from handlers.admins.notices import show_sample, source_of
from handlers.questions import Confirm, Option, Pick
from handlers.registry import action, conversation
from handlers.talk import Talk
from storage import areas, report_jobs
from storage.notices import course, figures, settings
from storage.notices.audience import Audience, size
from storage.notices.course import NotNow
from storage.notices.tables import UNREACHED, Notice, NoticeState

QUIETLY, WITH_LISTS, KEEP = "quietly", "with_lists", "keep"


def _not_now(talk: Talk, notice: Notice) -> None:
    talk.refuse("notice/not_now", number=notice.id, state=notice.state)
    redraw_board(talk, notice)


@action("pause_notice")
def pause(talk: Talk, notice: int) -> None:
    """暂停: what is on its way just now still arrives."""
    found = mine(talk, notice, "pause_notice")
    if found is None:
        return
    try:
        course.pause(talk.session, found)
    except NotNow:
        _not_now(talk, found)
        return
    redraw_board(talk, found)
    talk.say("notice/paused", number=notice)


@action("resume_notice")
def resume(talk: Talk, notice: int) -> None:
    """继续, and 发给剩下的 of one that was cancelled: the words are those that were agreed to."""
    found = mine(talk, notice, "resume_notice")
    if found is None:
        return
    try:
        course.resume(talk.session, found)
    except NotNow:
        _not_now(talk, found)
        return
    redraw_board(talk, found)
    rests = settings.rests(talk.now, talk.zone) and not found.emergency
    talk.say("notice/resumed", number=notice, rests=rests)


@action("send_rest")
def send_rest(talk: Talk, notice: int) -> None:
    """发给剩下的: whom nothing reached, and who has a chat by now."""
    found = mine(talk, notice, "send_rest")
    if found is None:
        return
    try:
        queued = course.send_rest(talk.session, found)
    except NotNow:
        _not_now(talk, found)
        return
    redraw_board(talk, found)
    tally = figures.tally(talk.session, notice)
    still = sum(tally[state] for state in UNREACHED)
    rests = settings.rests(talk.now, talk.zone) and not found.emergency
    talk.say("notice/rest", number=notice, queued=queued, still=still, rests=rests)


@action("cancel_notice")
def cancel(talk: Talk, notice: int) -> None:
    """取消: asks first."""
    if mine(talk, notice, "cancel_notice") is not None:
        talk.begin("cancel_notice", notice=notice)


@conversation("cancel_notice")
def cancel_it(talk: Talk) -> None:
    """Whether, and whether those whom nothing reached are still to be told at the door."""
    number = talk.args["notice"]
    found = mine(talk, number, "cancel_notice")
    if found is None:
        return
    tally = figures.tally(talk.session, number)
    unreached = sum(tally[state] for state in UNREACHED)
    ways = [QUIETLY, *([WITH_LISTS] if unreached else []), KEEP]
    options = [Option(way, talk.word(f"notice.cancel_{way}")) for way in ways]
    every = [Option(way, way) for way in (QUIETLY, WITH_LISTS, KEEP)]
    question = Pick("notice/cancel", options, every, number=number, tally=tally,
                    unreached=unreached)  # fmt: skip
    way = talk.ask("sure", question)
    if way == KEEP:
        talk.say("notice/kept", number=number)
        return
    try:
        course.cancel(talk.session, found, talk.now)
    except NotNow:
        _not_now(talk, found)
        return
    redraw_board(talk, found)
    talk.say("notice/cancelled", number=number, started=found.frozen_at is not None)
    if way == WITH_LISTS:
        notice_board.hand_out_lists(talk, found)


@action("correct_notice")
def correct(talk: Talk, notice: int) -> None:
    """更正: asks for the whole text anew."""
    if mine(talk, notice, "correct_notice") is not None:
        talk.begin("correct_notice", notice=notice)


@conversation("correct_notice")
def correct_it(talk: Talk) -> None:
    """The new words, how they will look, and whether; many need a second admin for them too."""
    number = talk.args["notice"]
    found = mine(talk, number, "correct_notice")
    if found is None:
        return
    if not course.can_correct(found):
        _not_now(talk, found)
        return
    # Said anew, not changed in place: what stands there is what somebody agreed to.
    what = talk.ask("words", Words("notice/correct", number=number, text=found.text))
    if what["text"] == found.text and found.proposal is None:
        talk.say("notice/correct_same", number=number)
        return
    under = areas.get(talk.session, found.area_id)
    started = found.frozen_at is not None
    chosen = Audience.from_json(found.audience)
    tally = figures.tally(talk.session, number)
    many = settings.needs_approval(
        tally.all if started else size(talk.session, chosen, talk.now).all
    )
    shown = {"text": what["text"], "media": []}
    show_sample(talk, shown, under, emergency=found.emergency, wants_ack=found.wants_ack,
                corrected=started)  # fmt: skip
    question = Confirm("notice/correct_confirm", yes="correct_it", no="correct_not", summary=True,
                       number=number, tally=tally, many=many, staff=bool(chosen.roles),
                       files=len(what["media"]),
                       stopped=found.state == NoticeState.CANCELLED)  # fmt: skip
    if not talk.ask("confirm", question):
        talk.say("notice/correct_not", number=number)
        return
    found.source = source_of(talk, what)
    if many:
        course.propose(talk.session, found, what["text"], talk.person.id, talk.now)
        talk.say("notice/waits", number=number, asked=ask_second_admins(talk, found))
    else:
        course.correct(talk.session, found, what["text"], talk.person.id, talk.now)
        talk.say("notice/corrected", number=number, started=started)
        notice_board.tell_visitors(talk, found)
    redraw_board(talk, found)


@action("notice_receipts")
def receipts(talk: Talk, notice: int, view: str = "picture") -> None:
    """回执 by area: made on another thread, as a picture or a workbook."""
    if mine(talk, notice, "notice_receipts") is None or view not in ("picture", "workbook"):
        return
    report_jobs.ask(
        talk.session,
        talk.account.id,
        {"report": "notice", "notice": notice, "view": view},
        talk.now,
    )
    talk.say("report/working", view=view)
