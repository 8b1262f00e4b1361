"""Who gets a ticket: the service's first receivers, else its ladder rung by rung, else an alarm."""

from __future__ import annotations

from collections.abc import Iterable

from handlers import course
from handlers.staff import team_card
from handlers.staff.cards import send_card
from handlers.talk import Desk
from handlers.views import name_of
from storage import areas, people, permissions, posts, roles, tickets
from storage.people import Person
from storage.posts import Role, Serving
from storage.tickets import Ticket


def where_to_look(desk: Desk, ticket: Ticket) -> int:
    """The area that routing starts from: the filer's own door where the place lies around it.

    A matter of the whole compound is still brought to the worker of the filer's building.
    """
    filer = desk.session.get_one(Person, ticket.filer_id)
    place = areas.get(desk.session, ticket.area_id)
    if filer.home_id is not None:
        home = areas.get(desk.session, filer.home_id)
        if home.path.startswith(place.path):
            return home.id
    return place.id


def candidates(desk: Desk, ticket: Ticket, wanted: Iterable[Role]) -> list[Serving]:
    """Who serves the ticket's place in these roles, in this order, each person once.

    Left out: whose own matter it is, from whom the ticket is kept, and county departments that
    other matters are for.
    """
    found: dict[int, Serving] = {}
    area_id = where_to_look(desk, ticket)
    rule = course.rule_of(desk, ticket)
    handled = {ticket.kind or "", ticket.service}
    for role in wanted:
        if rule.hides_from(role):
            continue
        for one in posts.all_serving(desk.session, role, area_id, desk.now, handled=handled):
            if one.person_id == ticket.filer_id:
                continue
            if permissions.is_kept_from(desk.session, one.person_id, ticket, desk.now):
                continue
            found.setdefault(one.person_id, one)
            break
    return list(found.values())


def offer(desk: Desk, ticket: Ticket) -> list[str]:
    """Give a new ticket its owner and send the cards; who got one (网格员王某), in order.

    Empty when nobody who serves there can be written to; then the alarm was raised.
    """
    rule = course.rule_of(desk, ticket)
    first = candidates(desk, ticket, rule.first)
    found = first or climbing(desk, ticket, lowest_rung(desk, ticket))[:1]
    if not found:
        alarm(desk, ticket)
        return []
    for one in found[1:]:
        tickets.add_party(desk.session, ticket, one.person_id, one.role, desk.now)
    course.hand_to(desk, ticket, found[0], "offered")
    team_card.post(desk, ticket)
    reached = [one for one in found if send_card(desk, ticket, one.person_id)]
    if not reached:
        reached = _reach_higher(desk, ticket, found)
    if not reached:
        tell_admins(desk, ticket)
    return [in_words(desk, one) for one in reached]


def lowest_rung(desk: Desk, ticket: Ticket) -> int:
    """Where its ladder begins: at the foot; at the top for a complaint about somebody whom we could
    not make out, since whoever stands lower could be the one."""
    rule = course.rule_of(desk, ticket)
    return len(rule.ladder) - 1 if rule.about_worker and ticket.about_id is None else 0


def in_words(desk: Desk, one: Serving) -> str:
    """Role and name, as people say them (网格员王某)."""
    return roles.label(one.role) + name_of(desk.session, one.person_id)


def climbing(desk: Desk, ticket: Ticket, rung: int) -> list[Serving]:
    """Who stands on the ladder from this rung up, nearest first."""
    ladder = course.rule_of(desk, ticket).ladder
    return [one for step in ladder[rung:] for one in candidates(desk, ticket, step.roles)]


def next_rung(desk: Desk, ticket: Ticket) -> Serving | None:
    """Who is next above the ticket's rung and can be written to. A rung with nobody, or with nobody
    who has a chat that takes messages, is skipped, and every admin is told."""
    ladder = course.rule_of(desk, ticket).ladder
    unreachable: Serving | None = None
    for rung in ladder[ticket.rung + 1 :]:
        found = [
            one for one in candidates(desk, ticket, rung.roles) if one.person_id != ticket.owner_id
        ]
        there = next((one for one in found if can_be_told(desk, one.person_id)), None)
        if there is not None:
            return there
        unreachable = unreachable or (found[0] if found else None)
        tickets.record(
            desk.session, ticket, "skipped", None, desk.now, detail={"level": rung.level}
        )
        _tell_of_gap(desk, ticket, rung.level)
    return unreachable


def can_be_told(desk: Desk, person_id: int) -> bool:
    """Whether a person has a chat that takes our messages."""
    return people.reach(desk.session, person_id, prefer_staff=True) is not None


def still_there(desk: Desk, person_id: int) -> bool:
    """Whether a person still holds a post, is not away, and can be written to."""
    held = posts.posts_of(desk.session, person_id, desk.now)
    away = posts.is_away(desk.session, person_id, desk.now)
    return bool(held) and not away and can_be_told(desk, person_id)


def _tell_of_gap(desk: Desk, ticket: Ticket, level: str) -> None:
    place = areas.title(desk.session, areas.get(desk.session, ticket.area_id))
    for admin in admins(desk, ticket):
        desk.tell(admin, "staff/empty_rung", staff=True, number=ticket.id, level=level, place=place)


def admins(desk: Desk, ticket: Ticket) -> list[int]:
    """Every admin but those from whom the ticket is kept."""
    everyone = posts.holders(desk.session, Role.ADMIN, desk.now)
    kept = permissions.is_kept_from
    return [one for one in everyone if not kept(desk.session, one, ticket, desk.now)]


def alarm(desk: Desk, ticket: Ticket) -> int:
    """Nobody serves there: say so to every admin, and mark the ticket until somebody takes it. How
    many admins have heard it."""
    tickets.advance(
        desk.session,
        ticket,
        ticket.version,
        owner_id=None,
        alarmed_at=desk.now,
        next_at=None,
        due_at=None,
    )
    tickets.begin_stage(desk.session, ticket, "", "alarmed", desk.now)
    return tell_admins(desk, ticket)


def tell_admins(desk: Desk, ticket: Ticket) -> int:
    """Give every admin the card of a ticket that no receiver has seen; how many have got it."""
    tickets.record(desk.session, ticket, "alarmed", None, desk.now)
    told = 0
    for admin in admins(desk, ticket):
        tickets.add_party(desk.session, ticket, admin, Role.ADMIN, desk.now)
        told += send_card(desk, ticket, admin)
    return told


def _reach_higher(desk: Desk, ticket: Ticket, found: list[Serving]) -> list[Serving]:
    """None of the receivers has a chat yet: the next on the ladder who has one gets a card too."""
    passed = {one.person_id for one in found}
    tickets.record(desk.session, ticket, "unreached", None, desk.now)
    for one in climbing(desk, ticket, lowest_rung(desk, ticket)):
        if one.person_id in passed:
            continue
        if not can_be_told(desk, one.person_id):
            continue
        tickets.add_party(desk.session, ticket, one.person_id, one.role, desk.now)
        if send_card(desk, ticket, one.person_id):
            return [one]
    return []
