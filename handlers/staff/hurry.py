"""催一下李建国, 催一下1号: who stands above reminds a worker of a matter, once a day at most.

The worker gets one message with the card behind a button, in their quiet hours in the morning.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from handlers import course
from handlers.permits import entitled, is_staff
from handlers.registry import action
from handlers.relay import asked_it
from handlers.staff.tasks import show_card
from handlers.staff.work import say_who_has_it
from handlers.talk import Do, Talk
from handlers.views import kind_label, name_of, role_in
from storage import permissions, staff_names, tasks, tickets, work_words
from storage.tickets import UNDER_WAY, Ticket

HURRIED = "hurried"
MOST = 6
"""Matters of one worker that are offered at once."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether somebody wants a worker beneath them reminded; then that was done, or it is asked of
    which matter. A resident's 催一下1号 is their own affair, and so is 催物业."""
    whom = work_words.whom_to_hurry(text)
    if whom is None or not is_staff(talk):
        return False
    if whom.number is not None:
        ticket = tickets.get(talk.session, whom.number)
        if ticket is None or asked_it(ticket, talk.person.id):
            return False
        if ticket.owner_id == talk.person.id:  # no word for the resident
            show_card(talk, ticket.id)
        elif _may(talk, ticket):
            remind(talk, ticket)
        else:
            return False
        return True
    named = staff_names.meant(talk.session, whom.who, talk.now)
    worker = named[0].id if len(named) == 1 else talk.person.id
    found = _beneath(talk, worker) if worker != talk.person.id else []
    if not found and len(named) == 1 and worker != talk.person.id:
        talk.say("staff/hurry_none", owner=named[0].name)
        return True
    if not found:
        return False
    if len(found) == 1:
        remind(talk, found[0])
        return True
    options = [
        Do(
            "hurry",
            {"ticket": one.id},
            talk.word("work.hurry").format(number=one.id, kind=kind_label(one)),
        )
        for one in found[:MOST]
    ]
    owner = name_of(talk.session, worker)
    talk.say("staff/hurry_which", owner=owner, count=len(found), options=options)
    return True


def _may(talk: Talk, ticket: Ticket) -> bool:
    """Whether somebody else has it, and the speaker stands above."""
    if ticket.status not in UNDER_WAY or ticket.owner_id in (None, talk.person.id):
        return False
    return permissions.allows(talk.session, "hurry", talk.person.id, ticket, talk.now)


def _beneath(talk: Talk, worker: int) -> list[Ticket]:
    """What a worker has to do that the speaker may remind them of: what is due first, first."""
    rows = [tickets.get(talk.session, one.number) for one in tasks.of_worker(talk.session, worker)]
    mine = [one for one in rows if one is not None and one.owner_id == worker]
    return [one for one in mine if _may(talk, one)]


@action("hurry")
def hurry(talk: Talk, ticket: int) -> None:
    """催一下, of one matter."""
    found = entitled(talk, ticket, "hurry")
    if found is None:
        return
    if _may(talk, found):
        remind(talk, found)
    else:
        say_who_has_it(talk, found)


def remind(talk: Talk, ticket: Ticket) -> None:
    """Say who asks for it, with the card behind a button; not twice on one day."""
    assert ticket.owner_id is not None
    facts: dict[str, Any] = {
        "number": ticket.id,
        "kind": kind_label(ticket),
        "owner": name_of(talk.session, ticket.owner_id),
        "due": course.due_at(talk, ticket),
    }
    last = tickets.last_event(talk.session, ticket.id, [HURRIED])
    if last is not None and _day(talk, last.at) == _day(talk, talk.now):
        talk.say("staff/hurried_already", ticket=ticket.id, at=last.at, **facts)
        return
    role = role_in(talk.session, ticket, talk.person.id)
    at = {"ticket": ticket.id}
    reached = talk.tell(
        ticket.owner_id, "staff/hurried", staff=True, ticket=ticket.id,
        options=[Do("card", at), Do("reply", {**at, "version": ticket.version})],
        who=f"{role}{talk.person.name}", **facts,
    )  # fmt: skip
    if reached:
        tickets.record(talk.session, ticket, HURRIED, talk.person.id, talk.now)
    talk.say("staff/hurried_done", ticket=ticket.id, reached=reached, **facts)


def _day(talk: Talk, at: datetime) -> date:
    return at.astimezone(talk.zone).date()
