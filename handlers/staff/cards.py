"""The task card: one per matter and person, changed in place as its ticket moves on."""

from __future__ import annotations

from typing import Any

from handlers import course, errands
from handlers.permits import may_get
from handlers.staff import team_card
from handlers.talk import Desk, Do
from handlers.views import view
from storage import audit, outbox, permissions, rules, tickets
from storage.called_in import is_called_in
from storage.meaning import dangers_in
from storage.mediations import can_be_mediated, of_ticket
from storage.sides import speaks_of_violence
from storage.tickets import UNDER_WAY, Status, Ticket

CARD = "staff/card"
WAITING = ("claim", "reply", "transfer", "escalate", "resolve")
IN_QUEUE = ("claim", "reply", "resolve")
VIOLENCE = {"violence", "family"}
"""Kinds of danger after which two people are not simply brought together."""
MINE = ("reply", "resolve", "transfer", "escalate")


def options(desk: Desk, ticket: Ticket, person_id: int) -> list[Do]:
    """What this person may do with the ticket just now, by the card's buttons."""
    at = {"ticket": ticket.id, "version": ticket.version}
    plain = {"ticket": ticket.id}
    if ticket.status not in UNDER_WAY:
        return _afterwards(desk, ticket, person_id)
    if ticket.owner_id == person_id and ticket.status == Status.CLAIMED:
        house = () if ticket.service == errands.SERVICE else ("call_property",)
        more = ("note", *house, "phone", "more")
        mine = [*(Do(name, at) for name in MINE), *(Do(name, plain) for name in more)]
        mine += errands.buttons(desk, ticket)
        return _for_two_sides(desk, ticket, mine) if can_be_mediated(ticket) else mine
    if may_take(desk, ticket, person_id):
        if course.stands_in_queue(ticket):  # an admin's: nobody serves there
            return [Do("assign", plain), *(Do(name, at) for name in IN_QUEUE), Do("phone", plain)]
        return [*(Do(name, at) for name in WAITING), Do("phone", plain), Do("more", plain)]
    if ticket.overdue and stands_above(desk, ticket, person_id):
        return [Do("step_in", at), Do("story", plain)]
    if is_called_in(desk.session, ticket, person_id):
        return [Do("reply", at), Do("story", plain)]
    return []


def _afterwards(desk: Desk, ticket: Ticket, person_id: int) -> list[Do]:
    """What is left to do with a ticket that is done: a mediation is followed up for a month."""
    over = ticket.status in (Status.WITHDRAWN, Status.JOINED)
    if over or ticket.owner_id != person_id or not can_be_mediated(ticket):
        return []
    begun = of_ticket(desk.session, ticket.id) is not None
    return [Do("mediation", {"ticket": ticket.id})] if begun else []


def _for_two_sides(desk: Desk, ticket: Ticket, usual: list[Do]) -> list[Do]:
    """Where two sides are to be brought together that comes first; the property manager may be one
    of them, and is not called in by the way."""
    begun = of_ticket(desk.session, ticket.id) is not None
    first = Do("mediation" if begun else "arrange_mediation", {"ticket": ticket.id})
    return [first, *(do for do in usual if do.action != "call_property")]


def may_take(desk: Desk, ticket: Ticket, person_id: int) -> bool:
    """Whether a waiting ticket is this person's to take on: they answer for it, or it was offered
    to them beside who does. Not who passed it on, nor who was only called in."""
    if ticket.status != Status.WAITING:
        return False
    if ticket.owner_id == person_id:
        return True
    if permissions.in_queue(desk.session, person_id, ticket, desk.now):
        return True
    offered = tickets.offered_to(desk.session, ticket.id, person_id)
    return offered and not is_called_in(desk.session, ticket, person_id)


def stands_above(desk: Desk, ticket: Ticket, person_id: int) -> bool:
    """Whether the person holds a post on a higher rung of the ticket's ladder."""
    held = set(permissions.covering(desk.session, person_id, ticket, desk.now))
    return permissions.stands_above(desk.session, ticket, held)


def facts(desk: Desk, ticket: Ticket, person_id: int) -> dict[str, Any]:
    """What the card's template needs. The door is for who may still have to go there."""
    mine = ticket.owner_id == person_id
    serves = ticket.status in UNDER_WAY and (mine or may_take(desk, ticket, person_id))
    return {
        "t": view(desk.session, ticket, door=serves),
        "mine": mine,
        "service": course.rule_of(desk, ticket).label,
        "due": course.due_at(desk, ticket),
        "about": about_whom(desk, ticket),
        "paused": ticket.status == Status.CLAIMED and ticket.clock_since is None,
        "violence": can_be_mediated(ticket) and tells_of_violence(ticket),
    }


def tells_of_violence(ticket: Ticket) -> bool:
    """Whether the words tell of violence: such a matter is not for a common table."""
    return bool(VIOLENCE & set(dangers_in(ticket.text))) or speaks_of_violence(ticket.text)


def about_whom(desk: Desk, ticket: Ticket) -> str:
    """Whom it complains about, as the filer knows them; empty for most."""
    if not course.rule_of(desk, ticket).about_worker:
        return ""
    opened = tickets.events(desk.session, ticket.id)[0]
    return str(opened.detail.get("about", ""))


def send_card(desk: Desk, ticket: Ticket, person_id: int) -> bool:
    """Send a person the card with everything that came with the request; the look at it is written
    down. False when they have no chat to send it to, or it is kept from them."""
    if not may_get(desk, ticket, person_id):
        return False
    if person_id == desk.speaker and desk.bring_forward(ticket.id):
        refresh_cards(desk, ticket)  # it waited for the morning, and its reader is up
        audit.note(desk.session, desk.now, person_id, "card", f"ticket:{ticket.id}")
        return True
    before = _cards_of(desk, ticket, person_id)
    opened = tickets.events(desk.session, ticket.id)[0]
    place = opened.detail.get("location")
    reached = desk.tell(
        person_id,
        CARD,
        staff=True,
        ticket=ticket.id,
        card=True,
        options=options(desk, ticket, person_id),
        media=opened.media,
        location=(place[0], place[1]) if place else None,
        **facts(desk, ticket, person_id),
    )
    if reached:
        live = {row.id for row in _cards_of(desk, ticket, person_id)} if before else set()
        for older in before:  # one live card a matter and chat
            if older.id not in live:
                desk.redraw(older.id, "staff/card_below", number=ticket.id)
        audit.note(desk.session, desk.now, person_id, "card", f"ticket:{ticket.id}")
    return reached


def _cards_of(desk: Desk, ticket: Ticket, person_id: int) -> list[outbox.OutboundMessage]:
    """The live cards of one person: the newest of each channel."""
    return [row for row in outbox.cards(desk.session, ticket.id) if row.card_for == person_id]


def refresh_cards(desk: Desk, ticket: Ticket) -> None:
    """Change every card of this ticket to what is true now, in the team's group too. Whoever lost
    the right to it, or never should have had it, is left with the number alone."""
    team_card.refresh(desk, ticket)
    for row in outbox.every_card(desk.session, ticket.id):
        if row.card_for is not None and not may_get(desk, ticket, row.card_for):
            desk.redraw(row.id, "staff/card_gone", number=ticket.id)
    for row in outbox.cards(desk.session, ticket.id):
        person_id = row.card_for
        if person_id is None or not may_get(desk, ticket, person_id):
            continue
        shown = facts(desk, ticket, person_id)
        changed = desk.redraw(row.id, CARD, options=options(desk, ticket, person_id), **shown)
        if changed and (shown["t"].door or ticket.privacy != rules.OPEN):
            audit.note(desk.session, desk.now, person_id, "redrawn", f"ticket:{ticket.id}")
