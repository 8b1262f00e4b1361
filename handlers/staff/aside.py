"""A worker's words in the middle of a talk that are no answer in it, but plainly ask for something.

数据 ▶ 哪段时间 ──2号办好了──▶ 办结 2号; what was under way waits for 继续.
"""

from __future__ import annotations

from handlers.matching import number_in
from handlers.permits import is_staff
from handlers.registry import aside
from handlers.relay import said_as_story, threads
from handlers.staff import (
    asked_figures,
    duty_list,
    find,
    leave,
    looked_after,
    said,
    visit_told,
    visits,
)
from handlers.staff.replying import do_command, opened_by
from handlers.staff.tasks import my_tasks
from handlers.talk import Talk
from storage import work_words
from storage.names import bare
from storage.work_words import DONE, RECEIVED

BEGUN_BY = {"leave": "ask_for_leave"}
"""The talk that an opening word begins, where it has another name."""
A_WORD = 2
"""Characters of 好了 and 完成: so few may be said of anything, and mean no matter in particular."""


@aside
def heard(talk: Talk) -> bool:
    """Whether the words that the open question could not read are a worker's, for something else;
    then it is done or begun."""
    now = talk.said
    if not now.text or now.media or now.location or not is_staff(talk):
        return False
    text = now.text
    if find.by_number(talk):
        return True
    if number_in(text) is not None:
        return False
    return opened(talk, text) or any(one(talk, text) for one in ASKED) or _of_work(talk, text)


ASKED = (
    visit_told.asked_for, visits.asked_for, leave.asked_for, asked_figures.asked_for,
    find.asked_for, looked_after.asked_for, duty_list.asked_for,
)  # fmt: skip


def opened(talk: Talk, text: str) -> bool:
    """Whether it is the word by which a worker opens something (走访, 请假) other than what is
    under way; then it is opened."""
    if not is_staff(talk):
        return False
    if bare(text) in talk.words("tasks.asked"):
        my_tasks(talk)
        return True
    name = opened_by(talk, text)
    if name is None or talk.under_way in (name, BEGUN_BY.get(name)):
        return False
    do_command(talk, text)
    return True


def _of_work(talk: Talk, text: str) -> bool:
    """Whether the words are about a matter of the speaker's, and not only 好的 or 好了."""
    meant = work_words.said_of_work(text)
    if meant is None or meant.kind == RECEIVED:
        return False
    if meant.kind == DONE and meant.number is None and len(bare(text)) <= A_WORD:
        return False
    return said.heard(talk, said_as_story(talk), threads(talk))
