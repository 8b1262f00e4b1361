"""What an errand (代办) has besides any ticket: its guide, its steps, its photographed papers."""

from __future__ import annotations

from handlers.talk import Desk, Do
from storage import guides, papers, tickets
from storage.guides import Guide
from storage.tickets import Ticket

SERVICE = "errand"


def guide_of(desk: Desk, ticket: Ticket) -> Guide | None:
    """The guide that an errand was begun from; None for one that was told in free words."""
    if ticket.service != SERVICE:
        return None
    key = tickets.events(desk.session, ticket.id)[0].detail.get("guide")
    return guides.get(desk.session, key) if key else None


def steps_of(desk: Desk, ticket: Ticket) -> tuple[str, ...]:
    """Every step of an errand, in order; none for another service."""
    if ticket.service != SERVICE:
        return ()
    guide = guide_of(desk, ticket)
    return (guide.steps if guide else ()) or guides.usual_steps()


def steps_left(desk: Desk, ticket: Ticket) -> list[str]:
    """The steps behind the last one that was done since it was claimed last."""
    steps = steps_of(desk, ticket)
    done = [
        event.text
        for event in tickets.events(desk.session, ticket.id)
        if event.kind == "step" and event.text in steps
    ]
    newest = max((steps.index(one) for one in done), default=-1)
    return list(steps[newest + 1 :]) or list(steps[-1:])


def buttons(desk: Desk, ticket: Ticket) -> list[Do]:
    """What its owner's card has besides: the steps that are left, and the papers."""
    if ticket.service != SERVICE:
        return []
    at = {"ticket": ticket.id, "version": ticket.version}
    found = [Do("step", {**at, "step": one}, one) for one in steps_left(desk, ticket)]
    if papers.of_ticket(desk.session, ticket.id):
        found.append(Do("papers", {"ticket": ticket.id}, desk.word("guide.look")))
    return found
