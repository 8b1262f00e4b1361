"""A receipt says what became of everything that one household was to have, and no more goes."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session

import bot.sending
from bot.channels.base import Blocked, Refused, Unreachable
from bot.clock import system_clock
from storage import people
from storage.notices import course, figures
from storage.notices.tables import FILE_LOST, ReceiptState
from storage.people import Person
from tests.reliability.notice_street import TEXT, NoticeStreet, said
from tests.reliability.office import Office

SHUT = Blocked("blocked by the person")
NO_LINE = partial(Unreachable, "no line", maybe_sent=False)
CUT = partial(Unreachable, "cut", maybe_sent=True)


class Gate:
    """A send that waits, until it is let through, for what it then meets."""

    def __init__(self, then: Exception | None = None) -> None:
        self.came, self.open = asyncio.Event(), asyncio.Event()
        self.then = then

    async def __call__(self) -> Exception | None:
        self.came.set()
        await self.open.wait()
        return self.then


def states(street: NoticeStreet, notice_id: int) -> dict[ReceiptState, int]:
    """How many receipts stand where, but those without a chat."""
    tally = figures.tally(street.session, notice_id)
    street.session.commit()
    return {k: n for k, n in tally.states.items() if k is not ReceiptState.UNREACHABLE}


async def test_a_photo_to_a_chat_that_shut_us_out_ends_and_falls_back(
    street: NoticeStreet,
) -> None:
    street.home("old", "new")
    notice_id = street.with_photo(street.notice())
    street.office.line.faults["new"].append(SHUT)
    await street.send(notice_id)
    assert said(street.office) == {"old": 2}
    assert states(street, notice_id) == {ReceiptState.SENT: 1}


async def test_two_notices_to_one_chat_that_shut_us_out_both_end(street: NoticeStreet) -> None:
    street.home("gone")
    street.home("b")
    first, second = street.notice(), street.notice()
    street.office.line.faults["gone"].append(SHUT)
    await street.send(second)
    await street.send(first)
    for one in (first, second):
        assert states(street, one) == {ReceiptState.SENT: 1, ReceiptState.BLOCKED: 1}


async def test_words_without_their_photo_are_not_sent_but_failed(street: NoticeStreet) -> None:
    street.home("old", "new")
    notice_id = street.with_photo(street.notice())
    street.office.line.faults["new"].append(Refused("wrong file"))
    await street.send(notice_id)
    assert said(street.office) == {"new": 1}, "the words went once, and to no other chat"
    assert states(street, notice_id) == {ReceiptState.FAILED: 1}
    assert street.only().reason == FILE_LOST + "wrong file"
    # The words are there, so the rest has nothing to do with them.
    assert course.send_rest(street.session, street.fresh(notice_id)) == 0


@pytest.mark.parametrize("once", [False, True])
async def test_a_photo_that_was_cut_makes_the_receipt_uncertain(
    street: NoticeStreet, *, once: bool
) -> None:
    street.home("a")
    notice_id = street.with_photo(street.notice(once=once))
    street.office.line.faults["a"].append(CUT())
    await street.send(notice_id)
    assert street.only().uncertain
    # What must go once is not sent again: the photo may be missing, and nobody says it was sent.
    wanted = ReceiptState.FAILED if once else ReceiptState.SENT
    assert states(street, notice_id) == {wanted: 1}


@pytest.mark.parametrize("way", ["pause", "cancel"])
async def test_stopped_photos_are_taken_back_with_their_words(
    street: NoticeStreet, way: str
) -> None:
    office = street.office
    for n in range(3):
        street.home(f"{n}")
    notice_id = street.with_photo(street.notice())
    broadcast = street.broadcast()
    await broadcast.look()
    stop(street, notice_id, way)
    office.start()
    await broadcast.look()
    await office.done()
    assert said(office) == {}
    course.resume(street.session, street.fresh(notice_id))
    await street.send(notice_id)
    assert said(office) == {f"{n}": 2 for n in range(3)}, "and go once when it goes on"


def stop(street: NoticeStreet, notice_id: int, way: str) -> None:
    notice = street.fresh(notice_id)
    if way == "pause":
        course.pause(street.session, notice)
    else:
        course.cancel(street.session, notice, system_clock())
    street.session.commit()


async def test_stopped_between_photo_and_words_the_words_still_come(street: NoticeStreet) -> None:
    office = street.office
    street.home("a")
    notice_id = street.with_photo(street.notice())
    gate = Gate()
    office.line.faults["a"].append(gate)
    await street.broadcast().look()
    office.start()
    await gate.came.wait()
    stop(street, notice_id, "pause")
    gate.open.set()
    await office.done()
    assert said(office) == {"a": 2}
    assert states(street, notice_id) == {ReceiptState.SENT: 1}


@pytest.fixture
def patient(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not get through waits longer than these tests last."""
    monkeypatch.setattr(bot.sending, "FIRST_WAIT", 600.0)
    monkeypatch.setattr(bot.sending, "LONGEST_WAIT", 600.0)


async def fault(street: NoticeStreet, *meets: Any) -> int:
    """A notice with a photo that is on its way to one chat and meets this; its id."""
    street.home("a")
    notice_id = street.with_photo(street.notice())
    street.office.line.faults["a"].extend(meets)
    await street.broadcast().look()
    street.office.start()
    tried = street.office.line.tried
    await street.office.until(lambda: len(tried) >= len(meets))
    await street.office.until(lambda: "sending" not in street.office.states())
    return notice_id


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("meets", "uncertain"),
    [([NO_LINE()], False), ([CUT()], True), ([None, NO_LINE()], True), ([None, CUT()], True)],
)
async def test_cancelled_in_an_outage_nothing_goes_and_what_may_be_there_is_uncertain(
    street: NoticeStreet, meets: list[Exception | None], *, uncertain: bool
) -> None:
    notice_id = await fault(street, *meets)
    street.cancel(notice_id)
    assert street.only().state == ReceiptState.QUEUED
    assert street.only().uncertain is uncertain
    assert "queued" not in street.office.states()


@pytest.mark.usefixtures("patient")
async def test_cancelled_while_it_is_cut_it_is_not_tried_again(street: NoticeStreet) -> None:
    street.home("a")
    notice_id = street.notice()
    gate = Gate(CUT())
    street.office.line.faults["a"].append(gate)
    await street.broadcast().look()
    street.office.start()
    await gate.came.wait()
    street.cancel(notice_id)
    gate.open.set()
    await street.office.until(lambda: street.office.states() == [])
    assert (street.only().state, street.only().uncertain) == (ReceiptState.QUEUED, True)


@pytest.mark.usefixtures("patient")
async def test_cut_half_way_what_must_go_once_is_failed_and_never_goes_again(
    street: NoticeStreet,
) -> None:
    street.home("a")
    notice_id = street.with_photo(street.notice(once=True))
    street.office.line.faults["a"].extend([None, NO_LINE()])
    await street.broadcast().look()
    street.office.start()
    await street.office.until(lambda: len(street.office.line.tried) == 2)
    await street.office.until(lambda: "sending" not in street.office.states())
    street.cancel(notice_id)
    assert (street.only().state, street.only().uncertain) == (ReceiptState.FAILED, True)
    course.resume(street.session, street.fresh(notice_id))
    await street.send(notice_id)
    assert said(street.office) == {"a": 1}


async def test_what_one_chat_refuses_goes_to_the_other_of_the_household(
    street: NoticeStreet,
) -> None:
    street.home("old", "new")
    street.home("only")
    for chat in ("new", "only"):
        street.office.line.faults[chat].append(Refused("400"))
    notice_id = street.notice()
    await street.send(notice_id)
    assert said(street.office) == {"old": 1}
    assert states(street, notice_id) == {ReceiptState.SENT: 1, ReceiptState.FAILED: 1}


def moves(session: Session, chat: str, home: int) -> None:
    account = people.account_in(session, "telegram", chat)
    assert account is not None
    session.get_one(Person, account.person_id).home_id = home
    session.commit()


@pytest.mark.parametrize("first", ["a", "b"])
async def test_one_who_moved_in_with_others_of_the_audience_has_it_once(
    street: NoticeStreet, first: str
) -> None:
    homes = {chat: street.home(chat) for chat in (first, "b" if first == "a" else "a")}
    notice_id = street.notice()
    course.start(street.session, street.fresh(notice_id), system_clock())
    moves(street.session, "a", homes["b"])
    street.office.line.faults["b"].append(SHUT)
    await street.send(notice_id, ahead=1)  # one after the other: a's turn comes before or after
    assert said(street.office) == {"a": 1}
    assert course.send_rest(street.session, street.fresh(notice_id)) == 0
    assert TEXT in street.office.line.stands["a"][0]
