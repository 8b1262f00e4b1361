"""Whom a mediator brings together with the filer: what they may press, and what they never read."""

from __future__ import annotations

import inspect

import pytest

import handlers
from handlers.registry import HANDLERS
from handlers.talk import Said
from storage import mediations, permissions
from storage.mediation_tables import MediationAgreement
from storage.tickets import TicketParty
from tests.permissions.golden import NOW
from tests.permissions.hand import Hand, arguments

handlers.load()
OTHER = "other side"
ACTIONS = sorted(
    name
    for name, function in HANDLERS.actions.items()
    if "ticket" in inspect.signature(function).parameters
)
MAY = {"answer_meeting", "answer_agreement", "answer_follow_up", "tell_mediator"}


def test_the_other_side_may_answer_and_nothing_else(hand: Hand) -> None:
    ticket = hand.ticket("mediated")
    stands = permissions.relations(hand.session, hand.county.people[OTHER], ticket, NOW)
    assert stands == {"other_side"}
    rows = permissions.table().ticket
    assert {action for action, who in rows.items() if who & stands} == MAY


@pytest.mark.parametrize("action", ACTIONS)
def test_no_button_shows_anything_of_the_ticket(hand: Hand, action: str) -> None:
    """Those of the answers neither, for any answer to the meeting or the agreement there is."""
    ticket = hand.ticket("mediated")
    number = ticket.id
    args = arguments(hand.session, action, ticket)
    assert args is not None
    wanted = [{**args, "answer": one} for one in ("comes", "moves", "agrees", "objects", "kept")]
    for given in wanted if "answer" in args else [args]:
        with hand.undone():
            came = hand.press(OTHER, action, given)
            assert came.disclosed() == []
            assert f"{number}号" not in came.read or action not in MAY
            if action not in MAY:
                assert not came.changed
                assert came.others == []


@pytest.mark.parametrize(
    "words",
    ["{n}号", "#{n} 说一句", "看{n}号", "查 {n}", "谁看过 {n}", "我的诉求", "我的任务", "{n}"],
)
def test_no_number_and_no_list_does(hand: Hand, words: str) -> None:
    number = hand.county.tickets["mediated"]
    with hand.undone():
        came = hand.hear(OTHER, Said(text=words.format(n=number)))
        assert came.disclosed() == []
        assert came.others == []
        assert not came.changed


def test_a_forged_reply_does_not(hand: Hand) -> None:
    with hand.undone():
        came = hand.hear(OTHER, Said(text="我来说", ticket=hand.county.tickets["mediated"]))
        assert came.disclosed() == []
        assert came.others == []
        assert not came.changed


@pytest.mark.parametrize("name", ["compound_secretary@own", "admin@own", "grid_worker@own"])
def test_a_worker_who_is_the_other_side_has_no_part_in_it(hand: Hand, name: str) -> None:
    """Not by a post, not by a part they had before, and nobody can give them one."""
    person = hand.county.people[name]
    with hand.undone():
        ticket = hand.ticket("mediated")
        row = TicketParty(
            ticket_id=ticket.id, person_id=person, role="admin", since=NOW, until=None
        )
        hand.session.add(row)
        mediation = mediations.of_ticket(hand.session, ticket.id)
        assert mediation is not None
        mediations.name_other(hand.session, mediation, person, "那一家", "", NOW)
        assert permissions.relations(hand.session, person, ticket, NOW) == {"other_side"}
        assert permissions.is_kept_from(hand.session, person, ticket, NOW)
        came = hand.press(name, "story", {"ticket": ticket.id})
        assert came.disclosed() == []


def test_who_was_named_by_mistake_is_a_stranger_again(hand: Hand) -> None:
    with hand.undone():
        ticket = hand.ticket("mediated")
        mediation = mediations.of_ticket(hand.session, ticket.id)
        assert mediation is not None
        mediations.name_other(hand.session, mediation, None, "另有其人", "", NOW)
        person = hand.county.people[OTHER]
        assert permissions.relations(hand.session, person, ticket, NOW) == frozenset()


def test_one_tap_of_each_side_makes_an_agreement(hand: Hand) -> None:
    """The button works for who may press it: the refusals above are not for want of a mediation."""
    with hand.undone():
        agreement = hand.session.query(MediationAgreement).one()
        args = {"ticket": hand.county.tickets["mediated"], "about": agreement.id}
        for name in ("filer", OTHER):
            assert agreement.agreed_at is None
            hand.press(name, "answer_agreement", {**args, "answer": "agrees"})
            hand.session.refresh(agreement)
        assert agreement.agreed_at == NOW
