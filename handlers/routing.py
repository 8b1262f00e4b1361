"""Who gets a ticket: the service's first receivers, else its ladder, else an alarm."""

from __future__ import annotations

from handlers.staff.cards import send_card
from handlers.talk import Talk
from handlers.views import name_of
from storage import areas, posts, roles, tickets
from storage.people import Person
from storage.posts import Role, Serving
from storage.services import services
from storage.tickets import Ticket


def where_to_look(talk: Talk, ticket: Ticket) -> int:
    """The area that routing starts from: the filer's own door where the place lies around it.

    A matter of the whole compound is still brought to the worker of the filer's building.
    """
    filer = talk.session.get_one(Person, ticket.filer_id)
    place = areas.get(talk.session, ticket.area_id)
    if filer.home_id is not None:
        home = areas.get(talk.session, filer.home_id)
        if home.path.startswith(place.path):
            return home.id
    return place.id


def receivers(talk: Talk, ticket: Ticket) -> list[Serving]:
    """Who is offered the ticket, the one who answers for it first; empty when nobody serves."""
    service = services()[ticket.service]
    area_id = where_to_look(talk, ticket)
    found = posts.serving_all(talk.session, service.first, area_id, talk.now)
    found = [one for one in found if one.person_id != ticket.filer_id]
    if not found:
        ladder = posts.serving_all(talk.session, service.ladder, area_id, talk.now)
        found = [one for one in ladder if one.person_id != ticket.filer_id][:1]
    unique = {one.person_id: one for one in reversed(found)}
    return list(reversed(unique.values()))


def offer(talk: Talk, ticket: Ticket) -> list[str]:
    """Give a new ticket its owner and send the cards; who got one (网格员王某), in order.

    Empty when nobody who serves there can be written to; then the alarm was raised.
    """
    found = receivers(talk, ticket)
    if not found:
        alarm(talk, ticket)
        return []
    tickets.advance(talk.session, ticket, ticket.version, owner_id=found[0].person_id)
    for one in found:
        tickets.add_party(talk.session, ticket, one.person_id, one.role, talk.now)
    reached = [one for one in found if send_card(talk, ticket, one.person_id)]
    if not reached:
        reached = _reach_higher(talk, ticket, found)
    if not reached:
        tell_admins(talk, ticket)
    return [roles.label(one.role) + name_of(talk.session, one.person_id) for one in reached]


def alarm(talk: Talk, ticket: Ticket) -> None:
    """Nobody serves there: say so to every admin, and mark the ticket until somebody takes it."""
    tickets.advance(talk.session, ticket, ticket.version, owner_id=None, alarmed_at=talk.now)
    tell_admins(talk, ticket)


def tell_admins(talk: Talk, ticket: Ticket) -> None:
    """Give every admin the card of a ticket that no receiver has seen."""
    tickets.record(talk.session, ticket, "alarmed", None, talk.now)
    for admin in posts.holders(talk.session, Role.ADMIN, talk.now):
        tickets.add_party(talk.session, ticket, admin, Role.ADMIN, talk.now)
        send_card(talk, ticket, admin)


def _reach_higher(talk: Talk, ticket: Ticket, found: list[Serving]) -> list[Serving]:
    """None of the receivers has a chat yet: the next on the ladder who has one gets a card too."""
    passed = {one.person_id for one in found} | {ticket.filer_id}
    ladder = services()[ticket.service].ladder
    area_id = where_to_look(talk, ticket)
    tickets.record(talk.session, ticket, "unreached", None, talk.now)
    for one in posts.serving_all(talk.session, ladder, area_id, talk.now):
        if one.person_id in passed:
            continue
        tickets.add_party(talk.session, ticket, one.person_id, one.role, talk.now)
        if send_card(talk, ticket, one.person_id):
            return [one]
    return []
