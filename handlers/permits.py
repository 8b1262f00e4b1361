"""Whether the speaker may do it: asked before every action, and again before its effect."""

from __future__ import annotations

from typing import Any

from handlers.registry import HANDLERS, permit
from handlers.talk import Desk, Talk
from storage import areas, audit, permissions, preferences, rules, tickets
from storage.tickets import Ticket

DISCREET = "discreet"
"""The preference of somebody whose phone others look at."""


@permit
def permitted(talk: Talk, action: str, args: dict[str, Any]) -> bool:
    """Whether the table allows it; otherwise says so. An action with no row is nobody's."""
    try:
        kind = permissions.kind_of(action)
    except permissions.NoRow:
        talk.refuse("desk/not_allowed")
        return False
    if kind == "ticket":
        return entitled(talk, args.get("ticket"), action) is not None
    if kind == permissions.TO_ALL:
        return True
    if kind == "area" and "ticket" in args:
        return for_the_place_of(talk, args["ticket"], action) is not None
    if may_somewhere(talk, action, args.get("area")):
        return True
    talk.refuse("desk/not_allowed")
    return False


def may_somewhere(talk: Talk, action: str, area_id: int | None = None) -> bool:
    """Whether the speaker may do it for this area; for any of their own where none is named."""
    if area_id is not None:
        return permissions.allows_in(talk.session, action, talk.person.id, area_id, talk.now)
    if permissions.kind_of(action) == permissions.TO_STAFF:
        return permissions.holds_a_post(talk.session, talk.person.id, talk.now)
    return bool(permissions.areas_for(talk.session, action, talk.person.id, talk.now))


def allowed(talk: Talk, name: str) -> bool:
    """Whether the speaker may begin this command or conversation; says nothing. A conversation
    without a row begins something of their own."""
    try:
        kind = permissions.kind_of(name)
    except permissions.NoRow:
        return True
    return kind in (permissions.TO_ALL, "ticket") or may_somewhere(talk, name)


HANDLERS.allows = allowed


def may_for_county(talk: Talk, action: str) -> bool:
    """Whether the speaker may do it for the whole county; False where there is none yet."""
    county = areas.county(talk.session)
    return county is not None and permissions.allows_in(
        talk.session, action, talk.person.id, county.id, talk.now
    )


def entitled(talk: Talk, number: Any, action: str) -> Ticket | None:
    """The ticket of this number, if the speaker may do `action` to it; otherwise says that it is
    not theirs, in words that do not tell whether there is such a ticket."""
    ticket = tickets.get(talk.session, number) if isinstance(number, int) else None
    if ticket is not None and may(talk, ticket, action):
        return ticket
    talk.refuse("desk/not_yours", number=number, staff=is_staff(talk))
    return None


def may(talk: Talk, ticket: Ticket, action: str) -> bool:
    """Whether the speaker may do `action` to the ticket; says nothing."""
    return permissions.allows(talk.session, action, talk.person.id, ticket, talk.now)


def for_the_place_of(talk: Talk, number: Any, action: str) -> Ticket | None:
    """The ticket of this number, if the speaker may do `action`, a right by area, where it is, and
    may know of it; otherwise says that it is not theirs."""
    ticket = tickets.get(talk.session, number) if isinstance(number, int) else None
    if ticket is not None and may(talk, ticket, action) and may(talk, ticket, "state"):
        return ticket
    talk.refuse("desk/not_yours", number=number, staff=is_staff(talk))
    return None


def is_staff(talk: Talk) -> bool:
    """Whether the speaker holds any post."""
    return permissions.holds_a_post(talk.session, talk.person.id, talk.now)


def may_get(desk: Desk, ticket: Ticket, person_id: int) -> bool:
    """Whether anything of the ticket may be sent to this person."""
    return permissions.allows(desk.session, "see", person_id, ticket, desk.now)


def parties_who_may_get(desk: Desk, ticket: Ticket) -> list[int]:
    """Everyone to whom the ticket was offered or who has had it, and from whom it is not kept."""
    found = [party.person_id for party in tickets.parties(desk.session, ticket.id)]
    return [one for one in found if may_get(desk, ticket, one)]


def discreet(desk: Desk, number: int, person_id: int) -> bool:
    """Whether this person may be sent nothing but an everyday line about this ticket: it is their
    own confidential one, and others may look at their phone (`preferences`)."""
    ticket = tickets.get(desk.session, number)
    if ticket is None or ticket.privacy != rules.CONFIDENTIAL:
        return False
    own = person_id in (ticket.filer_id, ticket.reporter_id)
    return own and bool(preferences.get(desk.session, person_id, DISCREET))


def may_be_told(desk: Desk, number: int, person_id: int, *, card: bool) -> bool:
    """Whether a message about this ticket may go to this person: asked before each one goes.

    What goes to a worker of a matter that is not open is a look at it, and written down (a card is
    by who sends it).
    """
    ticket = tickets.get(desk.session, number)
    if ticket is None or not may_get(desk, ticket, person_id):
        return False
    own = person_id in (ticket.filer_id, ticket.reporter_id)
    if ticket.privacy != rules.OPEN and not own and not card:
        audit.note(desk.session, desk.now, person_id, "told", f"ticket:{number}")
    return True
