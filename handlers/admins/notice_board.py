"""A notice on its way: one message in its author's chat that is kept up to date, and the lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from handlers.admins.notice_audience import in_words
from handlers.registry import action, command, duty
from handlers.talk import Desk, Do, Talk
from handlers.views import name_of
from storage import permissions, quiet_hours, report_jobs
from storage.notices import course, figures, replies, settings, standing, visiting
from storage.notices.audience import Audience, size
from storage.notices.tables import UNREACHED, Notice, NoticeState
from storage.people import reach

BUTTONS: dict[NoticeState, Sequence[str]] = {
    NoticeState.WAITING: ("correct_notice", "retime_notice", "cancel_notice"),
    NoticeState.SCHEDULED: ("correct_notice", "retime_notice", "cancel_notice"),
    NoticeState.SENDING: (
        "pause_notice", "correct_notice", "cancel_notice", "notice_receipts",
    ),
    NoticeState.PAUSED: ("resume_notice", "correct_notice", "cancel_notice", "notice_receipts"),
    NoticeState.DONE: ("correct_notice", "send_rest", "notice_receipts"),
    NoticeState.CANCELLED: ("resume_notice", "correct_notice", "notice_receipts"),
}  # fmt: skip
MOST_LISTED = 6
LATELY = timedelta(seconds=60)
"""How fast it goes is what went within so long."""
AFTERWARDS, SELDOM, STILL = timedelta(days=3), timedelta(minutes=10), timedelta(minutes=1)
"""How long 已阅 is looked for once it is over, and how often; how often while it is paused."""


def show_board(talk: Talk, notice: Notice) -> None:
    """Put the progress into the author's chat; from now on that one is kept up to date."""
    shown = facts(talk, notice)
    options = _buttons(talk, notice, shown)
    ref = talk.put_up(talk.person.id, "notice/board", options=options, **shown)
    if talk.person.id == standing.keeper(talk.session, notice, talk.now):
        notice.board_ref, notice.board_at = ref, _next_look(notice, talk.now)


def redraw_board(desk: Desk, notice: Notice) -> None:
    """Bring the progress up to date; if its reader may not see it any more, it goes to who may."""
    if notice.board_ref is None:
        return
    shown = facts(desk, notice)
    options = _buttons(desk, notice, shown)
    keeper = standing.keeper(desk.session, notice, desk.now)
    if keeper == (notice.keeper_id or notice.author_id):
        desk.redraw(notice.board_ref, "notice/board", options=options, **shown)
    else:
        notice.keeper_id, notice.board_ref = keeper, None
        if keeper is not None:
            notice.board_ref = desk.put_up(keeper, "notice/board", options=options, **shown)
    notice.board_at = _next_look(notice, desk.now) if notice.board_ref else None


def tell_keeper(desk: Desk, notice: Notice, name: str, **facts: Any) -> None:
    """Tell who looks after a notice: its author, or who may see it instead."""
    keeper = standing.keeper(desk.session, notice, desk.now)
    if keeper is not None:
        desk.tell(keeper, name, staff=True, **facts)


def _next_look(notice: Notice, now: datetime) -> datetime | None:
    state = NoticeState(notice.state)
    if state is NoticeState.SCHEDULED:
        return max(notice.starts_at, now) + settings.board_pause()
    if state is NoticeState.SENDING:
        return now + settings.board_pause()
    if state is NoticeState.PAUSED:
        return now + STILL
    ended = notice.ended_at
    if ended is not None and notice.frozen_at is not None and now < ended + AFTERWARDS:
        return now + SELDOM
    return None


def facts(desk: Desk, notice: Notice) -> dict[str, Any]:
    """A notice as templates show it, with what its ledger says; `left` in seconds, None unknown."""
    tally = figures.tally(desk.session, notice.id) if notice.frozen_at else None
    chosen = Audience.from_json(notice.audience)
    going = notice.state == NoticeState.SENDING
    rests = settings.rests(desk.now, desk.zone) and not notice.emergency
    right_away = notice.starts_at <= desk.now
    left = None
    if going and tally is not None and tally.waiting and not rests:
        lately = figures.sent_since(desk.session, notice.id, desk.now - LATELY)
        gone = min(LATELY, desk.now - (notice.frozen_at or desk.now)).total_seconds()
        left = round(tally.waiting * gone / lately) if lately and gone else None
    return {
        "number": notice.id,
        "text": notice.text,
        "state": notice.state,
        "starts_at": notice.starts_at,
        "right_away": right_away,
        "late": course.is_late(notice, desk.now),
        "started": notice.frozen_at is not None,
        "whom": in_words(desk, chosen),
        "of_staff": bool(chosen.roles),
        "tally": tally,
        "size": None if tally else size(desk.session, chosen, desk.now, emergency=notice.emergency),
        "wants_ack": notice.wants_ack,
        "emergency": notice.emergency,
        "once": notice.once,
        "rests": rests and (going or (notice.state == NoticeState.SCHEDULED and right_away)),
        "morning": settings.not_before(desk.now, desk.zone),
        "left": left,
        "proposed": notice.proposal is not None,
        "corrected": notice.text_version > 1,
        "files": len(notice.files),
        "replies": replies.count(desk.session, notice.id) if notice.wants_reply else 0,
    }


def _buttons(desk: Desk, notice: Notice, shown: dict[str, Any]) -> list[Do]:
    names = list(BUTTONS[NoticeState(notice.state)])
    if notice.state == NoticeState.CANCELLED and notice.frozen_at is None:
        names = []
    tally = shown["tally"]
    rest = sum(tally[state] for state in UNREACHED) + tally.outdated if tally else 0
    if "send_rest" in names and not rest:
        names.remove("send_rest")
    if shown["replies"]:
        names.append("notice_replies")
    label = desk.word("do.send_rest") if notice.state == NoticeState.CANCELLED else None
    return [
        Do(name, {"notice": notice.id}, label if name == "resume_notice" else None)
        for name in names
    ]


def mine(talk: Talk, number: int, row: str = "notice") -> Notice | None:
    """The notice, held, if the speaker may do this where it was written; else says so."""
    notice = course.take(talk.session, number)
    if notice is not None and permissions.allows_in(
        talk.session, row, talk.person.id, notice.area_id, talk.now
    ):
        return notice
    talk.refuse("desk/not_allowed")
    return None


@command("notices")
def my_notices(talk: Talk) -> None:
    """通知进度: the notices of the speaker's areas; what waits for a second admin comes first."""
    _list(talk, 0)


@action("older_notices")
def older_notices(talk: Talk, after: int) -> None:
    """更早的: the next ones."""
    _list(talk, after)


def _list(talk: Talk, after: int) -> None:
    ids = permissions.areas_for(talk.session, "notices", talk.person.id, talk.now)
    *found, more = [*course.recent(talk.session, ids, MOST_LISTED + 1, after=after), None]
    if len(found) > MOST_LISTED:
        *found, more = found
    rows = [
        {
            "number": one.id,
            "text": one.text,
            "state": one.state,
            "at": one.starts_at,
            "author": name_of(talk.session, one.author_id),
            "waits": course.waits_for(one) is not None,
        }
        for one in found
    ]
    options = [
        Do("notice_board", {"notice": one.id}, talk.word("do.one_notice").format(number=one.id))
        for one in found
    ]
    if more is not None:
        options.append(Do("older_notices", {"after": after + MOST_LISTED}))
    options.append(Do("notice", {}))
    talk.say("notice/list", rows=rows, options=options, older=after > 0)


@action("notice_board")
def look_at(talk: Talk, notice: int) -> None:
    """One of the list: its progress; to who may agree to what waits, the question."""
    from handlers.admins import notice_approval

    found = mine(talk, notice, "notice_board")
    if found is None:
        return
    show_board(talk, found)
    may = permissions.allows_in(
        talk.session, "approve_notice", talk.person.id, found.area_id, talk.now
    )
    if course.waits_for(found) is not None and may and course.whose(found) != talk.person.id:
        notice_approval.ask(talk, found, talk.person.id)


@duty("notice_boards", due=course.boards_due)
def keep_boards(desk: Desk, notice_id: int) -> None:
    """Every few seconds while a notice goes out, seldom once it is over."""
    notice = course.take(desk.session, notice_id)
    if notice is not None:
        redraw_board(desk, notice)


@duty("notice_lists", due=course.to_list)
def list_unreached(desk: Desk, notice_id: int) -> None:
    """Once it is over: whom no channel reached is told at the door."""
    notice = course.take(desk.session, notice_id)
    if notice is not None:
        hand_out_lists(desk, notice)


def hand_out_lists(desk: Desk, notice: Notice) -> None:
    """Give each grid worker the list of the doors to knock at, by building; what was on an earlier
    list is not listed again. The doors are looked up on another thread, see `notice_reports`."""
    since, notice.listed_at = notice.listed_at, desk.now
    homes = figures.unreached_by_building(desk.session, notice.id, since)
    if not homes:
        return
    given = workers = nobody = 0
    for person_id, buildings in visiting.workers(desk.session, list(homes), desk.now).items():
        number = sum(homes[one] for one in buildings)
        account = reach(desk.session, person_id, prefer_staff=True) if person_id else None
        if account is None or person_id is None:
            nobody += number
            continue
        what = {
            "report": "notice", "notice": notice.id, "view": "visiting", "buildings": buildings,
            "since": since.isoformat() if since else None,
        }  # fmt: skip
        job = report_jobs.ask(desk.session, account.id, what, desk.now)
        wait = quiet_hours.until(desk.session, person_id, desk.now, desk.zone)
        if wait is not None and not notice.emergency:
            job.not_before = wait
        given, workers = given + number, workers + 1
    tell_keeper(
        desk, notice, "notice/listed",
        number=notice.id, given=given, workers=workers, nobody=nobody,
    )  # fmt: skip


def tell_visitors(desk: Desk, notice: Notice) -> None:
    """Who has a visiting list of it is told the corrected words."""
    if notice.listed_at is None:
        return
    homes = figures.unreached_by_building(desk.session, notice.id)
    for person_id in visiting.workers(desk.session, list(homes), desk.now):
        if person_id is not None:
            desk.tell(
                person_id, "notice/visit_corrected", staff=True, number=notice.id, text=notice.text
            )
