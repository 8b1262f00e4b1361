"""Corrections: the newest words reach everybody who has older ones; the ledger says where not."""

from __future__ import annotations

import pytest

from bot.channels.base import Refused, Unreachable
from storage.notices import course, figures
from storage.notices.course import NotNow
from storage.notices.tables import NoticeState
from tests.reliability.notice_street import TEXT, NoticeStreet, said
from tests.reliability.test_notice_receipts import Gate

FIRST, SECOND = "第一次更正。", "第二次更正。"


async def settled(street: NoticeStreet) -> None:
    """Hand on until nothing is left to change."""
    broadcast = street.broadcast()
    for _ in range(4):
        await broadcast.look()
        await street.office.done()


def outdated(street: NoticeStreet, notice_id: int) -> int:
    found = figures.tally(street.session, notice_id).outdated
    street.session.commit()
    return found


async def test_a_second_correction_reaches_whom_the_first_was_on_its_way_to(
    street: NoticeStreet,
) -> None:
    street.home("a")
    notice_id = street.notice()
    await street.send(notice_id)
    street.correct(notice_id, FIRST)
    gate = Gate()
    street.office.line.faults["a"].append(gate)
    await street.broadcast().look()
    await gate.came.wait()
    street.correct(notice_id, SECOND)
    gate.open.set()
    await street.send(notice_id)
    (text,) = street.office.line.stands["a"]
    assert SECOND in text
    assert street.only().text_version == 3


@pytest.mark.parametrize("way", ["pause", "cancel"])
async def test_stopped_what_is_there_is_corrected_and_nobody_else_gets_it(
    street: NoticeStreet, way: str
) -> None:
    for n in range(3):
        street.home(f"{n}")
    notice_id = street.notice()
    gates = [Gate() for _ in range(3)]
    for n, gate in enumerate(gates):
        street.office.line.faults[f"{n}"].append(gate)
    street.office.start()
    await street.broadcast(ahead=1).look()
    await gates[0].came.wait()
    notice = street.fresh(notice_id)
    if way == "pause":
        course.pause(street.session, notice)
        street.session.commit()
    else:
        street.cancel(notice_id)
    street.correct(notice_id, FIRST)  # what is on its way has the old words, and is changed too
    for gate in gates:
        gate.open.set()
    await settled(street)
    assert said(street.office) == {"0": 1}
    assert FIRST in street.office.line.stands["0"][0]
    assert not street.fresh(notice_id).changing
    assert street.fresh(notice_id).state in (NoticeState.PAUSED, NoticeState.CANCELLED)


def test_cancelled_before_it_began_there_is_nothing_to_correct(street: NoticeStreet) -> None:
    notice_id = street.notice()
    street.cancel(notice_id)
    with pytest.raises(NotNow):
        street.correct(notice_id, FIRST)


async def test_a_refused_correction_is_counted_and_the_rest_get_it_as_a_message(
    street: NoticeStreet,
) -> None:
    street.home("a")
    street.home("b")
    notice_id = street.notice()
    await street.send(notice_id)
    street.correct(notice_id, FIRST)
    street.office.line.faults["a"].append(Refused("too old to be changed"))
    await street.send(notice_id)
    assert TEXT in street.office.line.stands["a"][0]
    assert outdated(street, notice_id) == 1
    assert course.send_rest(street.session, street.fresh(notice_id)) == 1
    await street.send(notice_id)
    assert FIRST in street.office.line.stands["a"][1]
    assert said(street.office) == {"a": 2, "b": 1}
    assert outdated(street, notice_id) == 0


async def test_newer_words_are_tried_where_older_ones_were_refused(street: NoticeStreet) -> None:
    street.home("a")
    notice_id = street.notice()
    await street.send(notice_id)
    for text, fault in ((FIRST, Refused("400")), (SECOND, Unreachable("x", maybe_sent=False))):
        street.correct(notice_id, text)
        street.office.line.faults["a"].append(fault)
        await street.send(notice_id)
    assert SECOND in street.office.line.stands["a"][0]
    assert outdated(street, notice_id) == 0
