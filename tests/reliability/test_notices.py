"""A notice from its writing to its last receipt: whom it reaches, and what the ledger says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.broadcast import Broadcast
from bot.channels.base import Blocked, Unreachable
from bot.clock import system_clock
from bot.wording import Wording
from storage import areas, people, visits
from storage.areas import Household
from storage.base import vault_in
from storage.notices import audience, course, figures, ledger
from storage.notices.audience import Audience
from storage.notices.tables import Notice, NoticeState, Receipt, ReceiptState
from storage.people import Person
from storage.posts import Role, set_post
from tests.reliability.office import LONG_AGO, Office
from tests.storage.county import Corner, corner

TEXT = "明天上午八点到十二点停水。"


class Street:
    """A corner of a county with households, some of which have chats."""

    def __init__(self, office: Office, session: Session) -> None:
        self.office = office
        self.session = session
        session.expire_on_commit = False
        self.corner: Corner = corner(session)
        self.doors = 0
        self.author = self.someone("admin")

    def someone(self, chat: str, *, home: int | None = None) -> Person:
        """A person with a chat."""
        person = people.account(self.session, "telegram", chat, chat, LONG_AGO).person
        person.home_id = home
        self.session.flush()
        return person

    def home(self, *chats: str, groups: tuple[str, ...] = (), building: int = 0) -> int:
        """A household with these chats, the last one used last; its area's id."""
        self.doors += 1
        vault = vault_in(self.session)
        place = self.corner.buildings[building]
        area = areas.household(self.session, vault, place, f"1单元{self.doors:03}")
        self.session.get_one(Household, area.id).groups = list(groups)
        for n, chat in enumerate(chats):
            self.someone(chat, home=area.id)
            account = people.account_in(self.session, "telegram", chat)
            assert account is not None
            account.last_used_at = LONG_AGO.replace(month=n + 2)
        self.session.flush()
        return area.id

    def notice(self, chosen: Audience | None = None, **more: bool) -> int:
        """A notice for everybody of the county, or for whom is chosen; its id."""
        notice = course.write(
            self.session,
            author_id=self.author.id,
            area_id=self.corner.county.id,
            text=TEXT,
            audience=chosen or Audience((self.corner.county.id,)),
            starts_at=LONG_AGO,
            now=system_clock(),
            **more,
        )
        self.session.commit()
        return notice.id

    def broadcast(self, ahead: int = 90) -> Broadcast:
        """What hands it on."""
        office = self.office
        wording = Wording("Asia/Shanghai")
        return Broadcast(
            office.worker, wording, ["telegram"], system_clock, office.delivery.wake, ahead
        )

    async def send(self, notice_id: int, ahead: int = 90) -> Notice:
        """Look until it is over."""
        self.session.commit()  # on SQLite an open transaction keeps every other writer out
        broadcast = self.broadcast(ahead)
        self.office.start()
        for _ in range(200):
            await broadcast.look()
            await self.office.done()
            notice = self.session.get_one(Notice, notice_id, populate_existing=True)
            self.session.commit()
            if notice.state == NoticeState.DONE:
                return notice
        raise AssertionError("the notice never ended")

    def receipts(self) -> list[Receipt]:
        """The ledger."""
        wanted = select(Receipt).order_by(Receipt.id).execution_options(populate_existing=True)
        found = list(self.session.scalars(wanted))
        self.session.commit()
        return found


@pytest.fixture
def street(office: Office, session: Session) -> Street:
    return Street(office, session)


def said(office: Office) -> dict[str, int]:
    """How many messages stand in each chat."""
    return {chat: len(texts) for chat, texts in office.line.stands.items() if texts}


async def test_each_household_once_on_the_chat_it_used_last(street: Street) -> None:
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


async def test_shut_out_of_one_chat_the_household_is_reached_on_another(street: Street) -> None:
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
    street: Street, *, once: bool
) -> None:
    office = street.office
    street.home("a")
    office.line.faults["a"].append(Unreachable("cut", maybe_sent=True))
    await street.send(street.notice(once=once))
    (receipt,) = [one for one in street.receipts() if one.chat]
    assert receipt.uncertain
    assert receipt.state == (ReceiptState.FAILED if once else ReceiptState.SENT)
    assert said(office) == ({} if once else {"a": 1})


async def test_paused_nothing_more_goes_and_resumed_the_rest_does(street: Street) -> None:
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
    street: Street,
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


def chosen_groups(street: Street) -> Audience:
    street.home("a", groups=("残疾人",))
    street.home("b", groups=("低保户", "独居老人"))
    street.home("c")
    return Audience((street.corner.county.id,), groups=("残疾人", "独居老人"))


def chosen_building(street: Street) -> Audience:
    street.home("a", building=1)
    street.home("b", building=1)
    street.home("c", building=0)
    return Audience((street.corner.buildings[1].id,))


def chosen_unvisited(street: Street) -> Audience:
    street.home("a")
    street.home("b")
    seen = street.home("c")
    visits.note(street.session, seen, street.author.id, system_clock())
    return Audience((street.corner.garden.id,), unvisited_since=LONG_AGO)


def chosen_roles(street: Street) -> Audience:
    for chat, area in (("a", street.corner.garden), ("b", street.corner.buildings[0])):
        person = street.someone(chat)
        set_post(
            street.session, person_id=person.id, role=Role.LIAISON, area_id=area.id, since=LONG_AGO
        )
    street.home("c")
    return Audience((street.corner.community.id,), roles=("liaison",))


@pytest.mark.parametrize("choose", [chosen_groups, chosen_building, chosen_unvisited, chosen_roles])
async def test_it_reaches_those_who_were_chosen_and_no_others(
    street: Street, choose: Callable[[Street], Audience]
) -> None:
    chosen = choose(street)
    size = audience.size(street.session, chosen, system_clock())
    assert Audience.from_json(chosen.as_json()) == chosen
    await street.send(street.notice(chosen))
    assert said(street.office) == {"a": 1, "b": 1}
    assert size.reachable == 2


async def test_the_audience_is_frozen_when_it_begins(street: Street) -> None:
    street.home("a")
    notice_id = street.notice()
    broadcast = street.broadcast(ahead=0)
    await broadcast.look()
    street.home("late")
    street.session.commit()
    await street.send(notice_id)
    assert said(street.office) == {"a": 1}


def test_a_household_acknowledges_once(street: Street) -> None:
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
