"""A confidential matter of the law, from every side: whoever should not know it learns nothing."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

import handlers
from handlers.registry import HANDLERS
from handlers.talk import Said
from storage import permissions
from storage.importing import EXPORTS
from storage.notices.audience import Audience, size
from storage.ticket_tables import Ticket
from tests.permissions.golden import NOW
from tests.permissions.hand import Hand, arguments
from tests.permissions.test_walk import TICKET_ACTIONS

handlers.load()
SECRET = "工头扣着八万血汗钱"
HAVE_PART = frozenset({"filer", "reporter", "owner", "party"})


def outsiders(hand: Hand, ticket: Ticket) -> list[str]:
    """Everybody of the county who has no part in the ticket."""
    return [
        name
        for name, person in hand.county.people.items()
        if not permissions.relations(hand.session, person, ticket, NOW) & HAVE_PART
    ]


@pytest.fixture
def told(hand: Hand) -> Ticket:
    """The confidential ticket, with words that stand nowhere else."""
    ticket = hand.ticket("confidential")
    ticket.text = SECRET
    hand.session.flush()
    return ticket


def test_whoever_has_no_part_reads_nothing_by_words(hand: Hand, told: Ticket) -> None:
    """Lists, searches, guessed numbers, figures: typed by every role, near and far."""
    number = told.id
    ways = (
        f"{number}号", f"#{number} 怎么样了", f"查 {number}", f"谁看过 {number}号", "查 血汗钱",
        "查 工头", "我的任务", "待派单", "数据", "谁管我这里", "我的诉求", "接待安排",
    )  # fmt: skip
    names = outsiders(hand, told)
    roles = {name.split("@")[0] for name in names if "@" in name}
    assert {"grid_worker", "liaison", "building_steward", "social_worker", "admin"} <= roles
    read = []
    for name in names:
        for words in ways[:4] if name.endswith(("@near", "@far")) else ways:
            with hand.undone():
                if SECRET in hand.hear(name, Said(text=words)).read:
                    read.append((name, words))
    assert read == []
    with hand.undone():  # who does have part reads it in just this way
        assert SECRET in hand.hear("owner", Said(text=f"{number}号")).read


@pytest.mark.parametrize("name", ["grid_worker@own", "liaison@own", "neighbour lawyer"])
def test_no_button_opens_it_next_door(hand: Hand, told: Ticket, name: str) -> None:
    """Every button of every action that takes a ticket, as an old card may carry it."""
    read = []
    for action in TICKET_ACTIONS:
        args = arguments(hand.session, action, hand.ticket("confidential"))
        assert args is not None
        with hand.undone():
            if SECRET in hand.press(name, action, args).read:
                read.append(action)
    assert read == []
    assert set(TICKET_ACTIONS) <= set(HANDLERS.actions)


@pytest.mark.parametrize("kind", list(EXPORTS))
def test_no_export_holds_it(hand: Hand, told: Ticket, kind: str) -> None:
    written = io.StringIO()
    for row in EXPORTS[kind](hand.session):
        written.write(f"{row}\n")
    assert SECRET not in written.getvalue()


def test_no_audience_finds_who_asked_for_a_lawyer(hand: Hand, told: Ticket) -> None:
    county = hand.session.scalars(select(Ticket.area_id).where(Ticket.id == told.id)).one()
    asked = Audience((county,), kinds=("legal",))
    assert size(hand.session, asked, NOW).all == 0
    everybody = Audience((county,))
    assert size(hand.session, everybody, NOW).all == 1
