"""看回话: what people answered to a notice, gathered, with nothing in it that tells who or which
door; each look is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.admins.notice_board import mine
from handlers.registry import action
from handlers.talk import Desk, Do, Talk
from storage import areas, audit
from storage.masking import without_who
from storage.notices import replies
from storage.notices.replies import NoticeReply
from storage.people import Person

MOST = 6
ALL = 100_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it may be read: from which building, and the words."""

    where: str
    text: str
    files: int
    at: datetime


def gathered(desk: Desk, found: list[NoticeReply]) -> list[Answer]:
    """Answers as whoever may see the notice's receipts reads them."""
    buildings = replies.where_from(desk.session, found)
    titles = areas.titles(desk.session, list(buildings.values()))
    return [
        Answer(
            titles.get(one.building_id, "") if one.building_id else "",
            without_who(one.text, [desk.session.get_one(Person, one.person_id).name]),
            len(one.media),
            one.at,
        )
        for one in found
    ]


@action("notice_replies")
def look_at_replies(talk: Talk, notice: int) -> None:
    """看回话: the newest."""
    _show(talk, notice, "notice_replies", 0)


@action("more_replies")
def more_replies(talk: Talk, notice: int, after: int) -> None:
    """更早的: the next ones."""
    _show(talk, notice, "more_replies", after)


def _show(talk: Talk, number: int, row: str, after: int) -> None:
    if mine(talk, number, row) is None:
        return
    found = replies.of(talk.session, number, MOST + 1, after=after)
    shown = found[:MOST]
    audit.note(talk.session, talk.now, talk.person.id, "notice_replies", f"notice:{number}")
    options = [
        Do("notice_receipts", {"notice": number, "view": "workbook"}, talk.word("figure.workbook"))
    ]
    if len(found) > MOST:
        options.insert(0, Do("more_replies", {"notice": number, "after": after + MOST}))
    talk.say(
        "notice/replies", number=number, rows=gathered(talk, shown), older=after > 0,
        all=replies.count(talk.session, number), options=options,
        media=[file for one in shown for file in one.media],
    )  # fmt: skip
