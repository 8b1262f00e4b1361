"""A notice from its writing to its last receipt: whom it reaches, and what the ledger says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.channels.base import Blocked, Unreachable
from bot.clock import system_clock
from storage import people, visits
from storage.notices import audience, course, figures, ledger
from storage.notices.audience import Audience
from storage.notices.tables import Notice, ReceiptState
from storage.posts import Role, set_post
from tests.reliability.notice_street import TEXT, NoticeStreet, said
from tests.reliability.office import LONG_AGO


async def test_each_household_once_on_the_chat_it_used_last(street: NoticeStreet) -> None:
    office = street.office
    street.home("old", "new")
    street.home("alone")
    nobody = street.home()
    await street.send(street.notice())
    assert said(office) == {"new": 1, "alone": 1}
    assert TEXT in office.line.stands["new"][0]
    assert "青禾县" in office.line.stands["new"][0]
    tally = figures.tally(street.session, 1)
    assert tally[ReceiptState.SENT] == 2
    # the corner's own household and this one have no chat
    assert tally[ReceiptState.UNREACHABLE] == 2
    assert tally.all == 4
    listed = figures.unreached(street.session, 1, street.corner.county.path)
    assert nobody in [one.household_id for one in listed]


async def test_shut_out_of_one_chat_the_household_is_reached_on_another(
    street: NoticeStreet,
) -> None:
    office = street.office
    street.home("old", "new")
    street.home("gone")
    office.line.faults["new"].append(Blocked("blocked by the person"))
    office.line.faults["gone"].append(Blocked("blocked by the person"))
    await street.send(street.notice())
    assert said(office) == {"old": 1}
    tally = figures.tally(street.session, 1)
    assert (tally[ReceiptState.SENT], tally[ReceiptState.BLOCKED]) == (1, 1)


@pytest.mark.parametrize("once", [False, True])
async def test_a_cut_notice_is_uncertain_and_sent_again_unless_it_must_not(
    street: NoticeStreet, *, once: bool
) -> None:
    office = street.office
    street.home("a")
    office.line.faults["a"].append(Unreachable("cut", maybe_sent=True))
    await street.send(street.notice(once=once))
    (receipt,) = [one for one in street.receipts() if one.chat]
    assert receipt.uncertain
    assert receipt.state == (ReceiptState.FAILED if once else ReceiptState.SENT)
    assert said(office) == ({} if once else {"a": 1})


async def test_paused_nothing_more_goes_and_resumed_the_rest_does(street: NoticeStreet) -> None:
    office, session = street.office, street.session
    for n in range(9):
        street.home(f"{n}")
    notice_id = street.notice()
    broadcast = street.broadcast(ahead=3)
    await broadcast.look()
    course.pause(session, session.get_one(Notice, notice_id, populate_existing=True))
    session.commit()
    office.start()
    await broadcast.look()
    await office.done()
    assert said(office) == {}
    course.resume(session, session.get_one(Notice, notice_id, populate_existing=True))
    session.commit()
    await street.send(notice_id, ahead=3)
    assert said(office) == {f"{n}": 1 for n in range(9)}


async def test_corrected_what_stands_is_changed_and_the_rest_gets_the_new_words(
    street: NoticeStreet,
) -> None:
    office, session = street.office, street.session
    street.home("a")
    street.home("b")
    notice_id = street.notice()
    await street.send(notice_id)
    notice = session.get_one(Notice, notice_id)
    course.correct(session, notice, "改为后天停水。", street.author.id, system_clock())
    session.commit()
    await street.send(notice_id)
    for chat in "ab":
        (text,) = office.line.stands[chat]
        assert "改为后天停水。" in text
        assert TEXT not in text


def chosen_groups(street: NoticeStreet) -> Audience:
    street.home("a", groups=("残疾人",))
    street.home("b", groups=("低保户", "独居老人"))
    street.home("c")
    return Audience((street.corner.county.id,), groups=("残疾人", "独居老人"))


def chosen_building(street: NoticeStreet) -> Audience:
    street.home("a", building=1)
    street.home("b", building=1)
    street.home("c", building=0)
    return Audience((street.corner.buildings[1].id,))


def chosen_unvisited(street: NoticeStreet) -> Audience:
    street.home("a")
    street.home("b")
    seen = street.home("c")
    visits.note(street.session, seen, street.author.id, system_clock())
    return Audience((street.corner.garden.id,), unvisited_since=LONG_AGO)


def chosen_roles(street: NoticeStreet) -> Audience:
    for chat, area in (("a", street.corner.garden), ("b", street.corner.buildings[0])):
        person = street.someone(chat)
        set_post(
            street.session, person_id=person.id, role=Role.LIAISON, area_id=area.id, since=LONG_AGO
        )
    street.home("c")
    return Audience((street.corner.community.id,), roles=("liaison",))


@pytest.mark.parametrize("choose", [chosen_groups, chosen_building, chosen_unvisited, chosen_roles])
async def test_it_reaches_those_who_were_chosen_and_no_others(
    street: NoticeStreet, choose: Callable[[NoticeStreet], Audience]
) -> None:
    chosen = choose(street)
    size = audience.size(street.session, chosen, system_clock())
    assert Audience.from_json(chosen.as_json()) == chosen
    await street.send(street.notice(chosen))
    assert said(street.office) == {"a": 1, "b": 1}
    assert size.reachable == 2


async def test_the_audience_is_frozen_when_it_begins(street: NoticeStreet) -> None:
    street.home("a")
    notice_id = street.notice()
    broadcast = street.broadcast(ahead=0)
    await broadcast.look()
    street.home("late")
    street.session.commit()
    await street.send(notice_id)
    assert said(street.office) == {"a": 1}


def test_a_household_acknowledges_once(street: NoticeStreet) -> None:
    home = street.home("a", "b")
    session = street.session
    notice = session.get_one(Notice, street.notice(wants_ack=True))
    course.start(session, notice, system_clock())
    for chat, first in (("a", True), ("b", False)):
        account = people.account_in(session, "telegram", chat)
        assert account is not None
        receipt = ledger.receipt_of(session, notice.id, account.person)
        assert receipt is not None
        assert receipt.household_id == home
        assert ledger.acknowledge(session, receipt, system_clock()) is first
    assert figures.tally(session, notice.id).acknowledged == 1
    by_community = figures.by_area(session, notice.id, depth=1)
    assert by_community[street.corner.community.id].acknowledged == 1
