"""The task card: one per matter and person, changed in place as its ticket moves on."""

from __future__ import annotations

from typing import Any

from handlers.talk import Do, Talk
from handlers.views import view
from storage import audit, outbox, tickets
from storage.tickets import OPEN, Status, Ticket

CARD = "staff/card"


def options(ticket: Ticket, person_id: int) -> list[Do]:
    """What this person may do with the ticket just now, by the card's buttons."""
    at = {"ticket": ticket.id, "version": ticket.version}
    look = Do("phone", {"ticket": ticket.id})
    if ticket.status == Status.WAITING:
        names = ["claim", "reply", "transfer", "resolve"]
    elif ticket.status == Status.CLAIMED and ticket.owner_id == person_id:
        names = ["reply", "transfer", "resolve"]
    else:
        return []
    return [*(Do(name, at) for name in names), look]


def facts(talk: Talk, ticket: Ticket, person_id: int) -> dict[str, Any]:
    """What the card's template needs. The door is for who may still have to go there."""
    mine = ticket.owner_id == person_id
    serves = ticket.status == Status.WAITING or (mine and ticket.status in OPEN)
    return {"t": view(talk.session, ticket, door=serves), "mine": mine}


def send_card(talk: Talk, ticket: Ticket, person_id: int) -> bool:
    """Send a person the card with everything that came with the request; the look at it is written
    down. False when they have no chat to send it to."""
    opened = tickets.events(talk.session, ticket.id)[0]
    place = opened.detail.get("location")
    reached = talk.tell(
        person_id,
        CARD,
        staff=True,
        ticket=ticket.id,
        card=True,
        options=options(ticket, person_id),
        media=opened.media,
        location=(place[0], place[1]) if place else None,
        **facts(talk, ticket, person_id),
    )
    if reached:
        audit.note(talk.session, talk.now, person_id, "card", f"ticket:{ticket.id}")
    return reached


def refresh_cards(talk: Talk, ticket: Ticket) -> None:
    """Change every card of this ticket to what is true now."""
    for row in outbox.cards(talk.session, ticket.id):
        if row.card_for is not None:
            talk.redraw(
                row.id,
                CARD,
                options=options(ticket, row.card_for),
                **facts(talk, ticket, row.card_for),
            )
