"""What falls due for a ticket by itself: warnings, the next rung, one reminder, 未回访."""

from __future__ import annotations

from typing import Any

from handlers import course
from handlers.registry import duty
from handlers.relay import tell_filer, tell_workers, verdicts
from handlers.residents.verdict import ask_again, reopen, who_says
from handlers.routing import (
    admins_for,
    bring,
    in_words,
    next_rung,
    offer_again,
    tell_admins,
)
from handlers.staff.cards import refresh_cards
from handlers.talk import Desk, Do
from handlers.views import kind_label, name_of
from storage import tickets, versions
from storage.meaning import own_matters
from storage.tickets import Status, Ticket


@duty("tickets", due=tickets.falling_due)
def see_to(desk: Desk, number: int) -> None:
    """Do what is due for one ticket."""
    ticket = tickets.get(desk.session, number)
    if ticket is None:
        return
    if course.stands_in_queue(ticket):
        if not offer_again(desk, ticket):
            course.plan(desk, ticket)
        return
    course.plan(desk, ticket)  # a calendar may have changed since it was planned
    if ticket.next_at is None or ticket.next_at > desk.now:
        return
    if ticket.status == Status.RESOLVED:
        _remind_or_lapse(desk, ticket)
    elif ticket.status not in tickets.UNDER_WAY:
        ticket.next_at = None
    elif ticket.clock_since is None:
        course.resume(desk, ticket)
        _tell_owner(desk, ticket, "staff/resumed")
        refresh_cards(desk, ticket)
    else:
        _warn(desk, ticket)


def _remind_or_lapse(desk: Desk, ticket: Ticket) -> None:
    if ticket.reminded_at is None and who_says(desk, ticket):
        ticket.reminded_at = desk.now
        tickets.record(desk.session, ticket, "reminded", None, desk.now)
        ask_again(desk, ticket)
        course.plan(desk, ticket)
        return
    if _said_that_it_is_not(desk, ticket):
        return
    why = "no_answer" if ticket.reminded_at else "nobody_to_ask"
    course.end(desk, ticket, Status.LAPSED, ticket.version)
    tickets.record(desk.session, ticket, "lapsed", None, desk.now, detail={"why": why})
    refresh_cards(desk, ticket)
    for person_id in who_says(desk, ticket):
        desk.tell(
            person_id, "resident/lapsed", ticket=ticket.id, options=verdicts(ticket),
            number=ticket.id, kind=kind_label(ticket),
        )  # fmt: skip


def _said_that_it_is_not(desk: Desk, ticket: Ticket) -> bool:
    """Whose matter it is pressed nothing, but what they said last is that it is not done: that is
    their answer, and it goes on."""
    said = tickets.last_event(desk.session, ticket.id, ["supplemented", "resolved"])
    if said is None or said.kind == "resolved" or said.actor_id not in who_says(desk, ticket):
        return False
    words = versions.newest(desk.session, said).text
    if not own_matters.undone(words):
        return False
    assert said.actor_id is not None  # one of who_says
    reopen(desk, ticket, said.actor_id)
    filer = name_of(desk.session, said.actor_id)
    tell_workers(desk, ticket, "staff/unsolved", filer=filer, text=words)
    owner = name_of(desk.session, ticket.owner_id)
    desk.tell(
        said.actor_id, "resident/reopened", ticket=ticket.id, number=ticket.id, owner=owner,
        text=words,
    )  # fmt: skip
    return True


def _warn(desk: Desk, ticket: Ticket) -> None:
    """A share of the limit is used: say so; at the whole of it bring in the next rung."""
    share = course.share_reached(desk, ticket)
    if share is None:
        ticket.next_at = None
        return
    ticket.warned = share
    tickets.record(desk.session, ticket, "warned", None, desk.now, detail={"share": share})
    if share < 100:
        _tell_owner(desk, ticket, "staff/due_soon", share=share)
    else:
        ticket.overdue = True
        rung = course.rung_of(desk, ticket)
        unclaimed = ticket.status == Status.WAITING
        if share >= course.TWICE or (rung.late == "climb" and unclaimed):
            climb(desk, ticket)
        else:
            _call_the_next(desk, ticket)
    course.plan(desk, ticket)


def climb(desk: Desk, ticket: Ticket) -> None:
    """To the next rung by itself; at the top every admin is told."""
    before, level = ticket.owner_id, course.rung_of(desk, ticket).level
    above = next_rung(desk, ticket)
    if above is None:
        _tell_owner(desk, ticket, "staff/overdue", above="")
        tell_admins(desk, ticket)
        return
    course.hand_to(desk, ticket, above, "climbed")
    tickets.record(
        desk.session, ticket, "climbed", None, desk.now,
        detail={"to": above.person_id, "from_level": level,
                "to_level": course.rung_of(desk, ticket).level},
    )  # fmt: skip
    refresh_cards(desk, ticket)
    reached = bring(desk, ticket, [above])
    if before is not None:
        desk.tell(
            before, "staff/went_up", staff=True, ticket=ticket.id, number=ticket.id,
            owner=in_words(desk, above),
        )  # fmt: skip
    if reached:
        tell_filer(desk, ticket, "resident/climbed", owner=in_words(desk, above))


def _call_the_next(desk: Desk, ticket: Ticket) -> None:
    """The next rung is told, and may step in."""
    above = next_rung(desk, ticket)
    _tell_owner(desk, ticket, "staff/overdue", above="" if above is None else in_words(desk, above))
    if above is None:
        tell_admins(desk, ticket)
        return
    tickets.add_party(desk.session, ticket, above.person_id, above.role, desk.now)
    tickets.record(
        desk.session, ticket, "called_step_in", None, desk.now, detail={"to": above.person_id}
    )
    told = desk.tell(
        above.person_id,
        "staff/late_below",
        staff=True,
        ticket=ticket.id,
        number=ticket.id,
        kind=kind_label(ticket),
        owner=name_of(desk.session, ticket.owner_id),
        options=[
            Do("step_in", {"ticket": ticket.id, "version": ticket.version}),
            Do("story", {"ticket": ticket.id}),
        ],
    )
    if not told:  # a call that nobody hears would be silence
        tell_admins(desk, ticket)


def _tell_owner(desk: Desk, ticket: Ticket, name: str, **facts: Any) -> None:
    people = admins_for(desk, ticket) if ticket.owner_id is None else [ticket.owner_id]
    for person_id in people:
        desk.tell(
            person_id,
            name,
            staff=True,
            ticket=ticket.id,
            number=ticket.id,
            kind=kind_label(ticket),
            due=course.due_at(desk, ticket),
            options=[Do("card", {"ticket": ticket.id})],
            **facts,
        )
