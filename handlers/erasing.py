"""What becomes of who wants to be forgotten (`storage.erasing`): told once more on the day before,
then their open matters are taken back, then everything is removed.

Where an admin asked for it, another one of the place must have agreed; until then it waits.
"""

from __future__ import annotations

from handlers import course, joining
from handlers.mediation.outcome import call_off
from handlers.permits import parties_who_may_get
from handlers.registry import duty
from handlers.staff.cards import refresh_cards
from handlers.talk import Desk, Do
from handlers.views import name_of
from storage import areas, audit, erasing, permissions, tickets
from storage.erasing import A_DAY
from storage.people import Person
from storage.tickets import Status, Ticket, TicketChanged

SOON = A_DAY / 24
"""How long the workers' chats have to hear that a matter was taken back, before it is erased."""


def place_and_door(desk: Desk, person: Person) -> str:
    """Where somebody lives, for an admin who is to know them again; empty where nobody knows."""
    if person.home_id is None:
        return ""
    home = areas.get(desk.session, person.home_id)
    return areas.title(desk.session, home) + areas.door_of(desk.session, home)


def who_agrees(desk: Desk, person: Person) -> list[int]:
    """The admins over their home who may agree to it: not the one who asked."""
    county = areas.county(desk.session)
    place = person.home_id or (county.id if county else None)
    if place is None:
        return []
    found = permissions.who_may(desk.session, "agree_erasing", place, desk.now)
    return [one for one in found if one != erasing.asked_by(desk.session, person.id)]


def ask_to_agree(desk: Desk, person: Person) -> list[str]:
    """Ask everybody who may agree; the names of those who could be written to."""
    asked = []
    for admin in who_agrees(desk, person):
        told = desk.tell(
            admin, "admins/erase_second", staff=True, name=person.name,
            place=place_and_door(desk, person), at=erasing.asked(desk.session, person.id),
            by=name_of(desk.session, erasing.asked_by(desk.session, person.id)),
            options=[
                Do("agree_erasing", {"person": person.id}),
                Do("keep_resident", {"person": person.id}),
            ],
        )  # fmt: skip
        if told:
            asked.append(name_of(desk.session, admin))
    return asked


@duty("erase_soon", due=erasing.to_warn)
def warn(desk: Desk, person_id: int) -> None:
    """On the day before they are told once more, and may take it back."""
    erasing.warned(desk.session, person_id)
    desk.tell(
        person_id, "own/forget_tomorrow", at=erasing.asked(desk.session, person_id),
        options=[Do("keep_me")],
    )  # fmt: skip


@duty("erase", due=erasing.due)
def erase(desk: Desk, person_id: int) -> None:
    """Their open matters are taken back first, then everything is removed."""
    person = desk.session.get_one(Person, person_id)
    if not erasing.may_be(desk.session, person, desk.now):
        erasing.take_back(desk.session, person_id)  # they serve somewhere by now
        return
    if not erasing.is_agreed(desk.session, person_id) and who_agrees(desk, person):
        ask_to_agree(desk, person)
        erasing.hold_on(desk.session, person_id, desk.now + A_DAY)
        return
    if not erasing.is_warned(desk.session, person_id):  # the program did not run that day
        erasing.hold_on(desk.session, person_id, desk.now + A_DAY)
        return
    waiting = erasing.open_matters(desk.session, person_id)
    for ticket in waiting:
        _take_back(desk, ticket)
    if waiting:
        erasing.hold_on(desk.session, person_id, desk.now + SOON)
    elif erasing.erase(desk.session, person, desk.now, desk.word("own.gone")):
        audit.note(desk.session, desk.now, None, "erased", f"person:{person_id}")


def _take_back(desk: Desk, ticket: Ticket) -> None:
    """Nobody goes on with the matter of somebody who wants to be forgotten; what the worker has
    done already counts as done, without the resident's word."""
    if ticket.status == Status.RESOLVED:
        course.end(desk, ticket, Status.LAPSED, ticket.version)
        why = {"why": "no_answer"}
        tickets.record(desk.session, ticket, "lapsed", None, desk.now, detail=why)
        refresh_cards(desk, ticket)
        return
    try:
        heir = joining.withdraw(desk, ticket)
    except TicketChanged:
        return
    tickets.record(desk.session, ticket, "withdrawn", None, desk.now)
    call_off(desk, ticket)
    refresh_cards(desk, ticket)
    if heir is not None:
        joining.tell_of_heir(desk, ticket, heir)
        return
    for party in parties_who_may_get(desk, ticket):
        desk.tell(
            party, "staff/withdrawn", staff=True, ticket=ticket.id, number=ticket.id,
            filer=desk.word("own.somebody"),
        )  # fmt: skip
