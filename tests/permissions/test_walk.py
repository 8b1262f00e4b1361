"""Everybody × everything: the table says who may, and the program does as the table says."""

from __future__ import annotations

import inspect

import pytest
from sqlalchemy.orm import Session

import handlers
from bot.turn import Turn
from handlers.registry import HANDLERS
from handlers.routing import candidates
from handlers.staff.passing import TRANSFER_ROLES
from handlers.talk import Said
from storage import audit, permissions, posts, tickets
from tests.permissions.county import VARIANTS, County
from tests.permissions.golden import FILE, HEAD, NOW, lines
from tests.permissions.hand import Hand, arguments

handlers.load()
NO_BUTTONS = {
    "see",
    "state",
    "figures",
    "figures_by_worker",
    "leave_for",
    "visiting",
    "for_resident",
}
"""Rows that are asked by name in the code, or that wait for their action; nothing presses them."""
ASKS_MORE = {"whistle"}
"""What asks for a role besides: only who answers for the community may call in a unit."""
ENGINES_OWN = {
    "back", "cancel", "edit", "help", "restart", "resume", "answer", "change", "append", "anew",
}  # fmt: skip
TICKET_ACTIONS = sorted(
    name
    for name, function in HANDLERS.actions.items()
    if "ticket" in inspect.signature(function).parameters
)
FEW = (
    "stranger", "joined", "party elsewhere", "former owner", "former party", "deputy after",
    "accused", "accused's grid worker", "neighbour lawyer", "admin@own", "admin@far",
    "grid_worker@own", "liaison@own", "compound_secretary@own", "social_worker@near",
    "filer", "owner", "party", "deputy",
)  # fmt: skip
"""One of each kind for the presses; the golden file walks everybody."""
FEWER = {
    "private": FEW[::3],
    "queued": FEW[::3],
    "mediated": ("other side", "filer", *FEW[::5]),
    "about_worker": ("accused", "accused's grid worker", "admin@own", *FEW[::4]),
}
"""Where much is as in `confidential`, some of them are enough."""


def test_the_table_comes_to_what_was_read(walk: tuple[Session, County]) -> None:
    """Regenerate with `python -m tests.permissions.golden` and read the difference."""
    now = [line for line in [*HEAD.splitlines(), "", *lines(*walk)] if line]
    assert [line for line in FILE.read_text("utf-8").splitlines() if line] == now


def test_every_action_has_a_row_and_every_row_an_action() -> None:
    table = permissions.table()
    rows = {*table.open, *table.staff, *table.ticket, *table.area}
    actions = {*HANDLERS.actions, *HANDLERS.commands}
    assert sorted(actions - rows) == [], "without a row nobody may do it"
    assert sorted(rows - actions - ENGINES_OWN - NO_BUTTONS) == []


def test_an_action_on_a_ticket_asks_about_the_ticket() -> None:
    kinds = {action: permissions.kind_of(action) for action in TICKET_ACTIONS}
    assert {a: k for a, k in kinds.items() if k not in ("ticket", "area")} == {}


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_old_button_does_as_the_table_says(hand: Hand, variant: str) -> None:
    ticket = hand.ticket(variant)
    number = ticket.id
    faults = []
    for name in FEWER.get(variant, FEW):
        person = hand.county.people[name]
        stands = permissions.relations(hand.session, person, hand.ticket(variant), NOW)
        for action in TICKET_ACTIONS:
            may = _may(hand, action, person, variant, stands)
            args = arguments(hand.session, action, hand.ticket(variant))
            assert args is not None
            with hand.undone():
                came = hand.press(name, action, args)
                told = _refusals(hand, number)
                refused = any(text in came.read for text in told)
                if may and refused and action not in ASKS_MORE:
                    faults.append(f"{name} may {action}, and was refused")
                if may:
                    continue
                if not refused:
                    faults.append(f"{name} may not {action}, and was not told so: {came.read}")
                if came.disclosed() or came.others or came.changed or came.talking:
                    faults.append(f"{name} may not {action}: {came}")
                if hand.looks(number):
                    faults.append(f"{name} may not {action}: {hand.looks(number)}")
    assert faults == []


def _may(hand: Hand, action: str, person: int, variant: str, stands: frozenset[str]) -> bool:
    """What the table says; how the person stands to the ticket is asked once for all actions."""
    wanted = permissions.table().ticket
    if action in wanted:
        return bool(wanted[action] & stands)
    by_area = permissions.allows(hand.session, action, person, hand.ticket(variant), NOW)
    return by_area and bool(wanted["state"] & stands)


def _refusals(hand: Hand, number: int) -> list[str]:
    facts = [{"number": number, "staff": staff} for staff in (True, False)]
    return [
        *(hand.wording.render("desk/not_yours", one) for one in facts),
        hand.wording.render("desk/not_allowed", {}),
    ]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_reply_to_a_message_of_the_ticket(hand: Hand, variant: str) -> None:
    """Who had a message of it once, or forges the tie, gets no words in and none out."""
    for name in FEW:
        ticket = hand.ticket(variant)
        may = permissions.allows(hand.session, "to_ticket", hand.county.people[name], ticket, NOW)
        with hand.undone():
            came = hand.hear(name, Said(text="我来说一句", ticket=ticket.id))
            assert came.changed == may, name
            if not may:
                assert came.disclosed() == [], name
                assert came.others == [], name


def test_a_button_of_no_ticket_there_is(hand: Hand) -> None:
    """A number guessed says the same whether there is such a ticket or not."""
    number = hand.county.tickets["confidential"]
    args = {"ticket": number, "version": 1}
    with hand.undone():
        there = hand.press("stranger", "resolve", args).read
    with hand.undone():
        nowhere = hand.press("stranger", "resolve", {**args, "ticket": 99_999}).read
    assert there.replace(str(number), "#") == nowhere.replace("99999", "#")


@pytest.mark.parametrize("name", ["stranger", "admin@far", "former party", "grid_worker@own"])
def test_a_number_typed(hand: Hand, name: str) -> None:
    number = hand.county.tickets["confidential"]
    for words in (f"{number}号", f"看{number}号", f"查 {number}", f"谁看过 {number}", str(number)):
        with hand.undone():
            came = hand.hear(name, Said(text=words))
            assert came.disclosed() == []
            assert not came.changed


TALKS = {
    "owner": {
        "reply": "马上来", "note": "记一笔", "resolve": "已经修好了", "transfer": "1",
        "escalate": "我办不了", "return": "不归我办", "phone": "1",
    },
    "filer": {"supplement": "再说一句", "withdraw": "1"},
}  # fmt: skip
"""Conversations about a ticket: whose they are, and an answer to their first question."""


@pytest.mark.parametrize(
    ("name", "talk"), [(name, talk) for name, talks in TALKS.items() for talk in talks]
)
def test_a_right_lost_in_the_middle_of_a_talk(hand: Hand, name: str, talk: str) -> None:
    """The button was pressed in time; before the answer came, the right was gone."""
    with hand.undone():
        ticket = hand.ticket("open")
        args = arguments(hand.session, talk, ticket)
        assert args is not None
        assert hand.press(name, talk, args).talking == talk
        if name == "owner":
            for post in posts.posts_of(hand.session, hand.county.people[name], NOW):
                post.until = NOW
        else:
            ticket.filer_id = hand.county.people["stranger"]
        hand.session.flush()
        came = hand.hear(name, Said(text=TALKS[name][talk]))
        assert not came.changed
        assert came.others == []
        assert came.disclosed() == []
        assert any(text in came.read for text in _refusals(hand, ticket.id)), came.read
        assert came.talking == ""


def test_a_confidential_ticket_is_offered_to_nobody_next_door(hand: Hand) -> None:
    """However it is handed on: `add_party` itself refuses."""
    with hand.undone():
        ticket = hand.ticket("confidential")
        turn = Turn(hand.session, hand.account("owner"), Said(), NOW, hand.wording)
        offered = {one.person_id for one in candidates(turn, ticket, TRANSFER_ROLES)}
        names = [name for name, person in hand.county.people.items() if person in offered]
        assert names
        for name in ("grid_worker@own", "liaison@own", "building_steward@own", "neighbour lawyer"):
            assert name not in names
            with pytest.raises(tickets.KeptFrom):
                tickets.add_party(
                    hand.session, ticket, hand.county.people[name], posts.Role.LAWYER, NOW
                )


def test_the_accused_never_becomes_party(hand: Hand) -> None:
    with hand.undone():
        ticket = hand.ticket("about_worker")
        for name in ("accused", "accused's grid worker"):
            with pytest.raises(tickets.KeptFrom):
                tickets.add_party(
                    hand.session, ticket, hand.county.people[name], posts.Role.ADMIN, NOW
                )


def test_every_look_has_a_word(hand: Hand) -> None:
    for kind in (*audit.LOOKS, "operator"):
        assert hand.wording.word(f"look.{kind}")
