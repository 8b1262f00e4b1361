"""Who gets a ticket: the service's first receivers, else its ladder rung by rung, else an alarm.

`offer` a new one, `next_rung` for one that goes up, `reroute` one whose owner cannot go on with it,
`offer_again` one that stands in the alarmed queue. A ticket never stands without an owner unless it
is in that queue, where every admin has been told of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from handlers import course
from handlers.staff import team_card
from handlers.staff.cards import refresh_cards, send_card
from handlers.talk import Desk, Do
from handlers.views import kind_label, name_of
from storage import areas, limbo, people, permissions, posts, roles, rota, rules, tickets
from storage.posts import Role, Serving
from storage.rules import Rung, Service
from storage.tickets import Ticket


def where_to_look(desk: Desk, ticket: Ticket) -> int:
    """The area that routing starts from: the filer's own door where the place lies around it."""
    return permissions.start_of(desk.session, ticket)


def candidates(
    desk: Desk,
    ticket: Ticket,
    wanted: Iterable[Role],
    *,
    every: bool = False,
    but: Collection[int | None] = (),
) -> list[Serving]:
    """Who serves the ticket's place in these roles, in this order, each person once.

    Of each role the one whose turn it is, who has a chat before who has none; all of them with
    `every`. Left out: `but`, whose own
    matter it is, from whom it is kept, and county departments that other matters are for.
    """
    found: dict[int, Serving] = {}
    area_id = where_to_look(desk, ticket)
    rule = course.rule_of(desk, ticket)
    handled = {ticket.kind or "", ticket.service}
    wanted = list(wanted)
    duty = rota.on_duty(desk.session, area_id, wanted, desk.now, desk.zone)
    for role in wanted:
        if rule.hides_from(role):
            continue
        serving = [
            one
            for one in posts.all_serving(desk.session, role, area_id, desk.now, handled=handled)
            if one.person_id not in (*but, ticket.filer_id)
            and not permissions.is_kept_from(desk.session, one.person_id, ticket, desk.now)
        ]
        serving.sort(key=lambda one: one.person_id not in duty)
        if not every:
            reached = (one for one in serving if can_be_reached(desk, one))
            serving = list(islice(reached, 1)) or serving[:1]
        for one in serving:
            found.setdefault(one.person_id, one)
    return list(found.values())


def can_be_reached(desk: Desk, one: Serving) -> bool:
    """Whether they have a chat that takes messages."""
    return has_a_chat(desk, one.person_id)


def has_a_chat(desk: Desk, person_id: int) -> bool:
    """Whether a worker can be written to."""
    return people.reach(desk.session, person_id, prefer_staff=True) is not None


def offer(desk: Desk, ticket: Ticket, wanted: Iterable[Role] = ()) -> list[str]:
    """Give a new ticket its owner and send the cards; who got one (网格员王某), in order.

    wanted: whom the resident asked for; else, and where they are not there, the service's first
    receivers. Who is on duty by the rota goes before who is not. Empty when nobody who serves there
    can be written to; then the alarm was raised.
    """
    rule = course.rule_of(desk, ticket)
    found = candidates(desk, ticket, wanted) or candidates(desk, ticket, rule.first)
    if not found:
        firsts = (r for role in rule.first if (r := rule.rung_of(role)) is not None)
        lowest = min(firsts, default=lowest_rung(desk, ticket))
        ladder = rule.ladder[lowest:]
        found = _climb_past_gaps(desk, ticket, ladder, admins=rule.about_worker)
    if not found:
        alarm(desk, ticket)
        return []
    found.sort(key=lambda one: not can_be_reached(desk, one))
    if not can_be_reached(desk, found[0]) and _reached_above(desk, ticket, found, 0) is None:
        tickets.record(desk.session, ticket, "unreached", None, desk.now)
        alarm(desk, ticket)
        return []
    for one in found[1:]:
        tickets.add_party(desk.session, ticket, one.person_id, one.role, desk.now)
    course.hand_to(desk, ticket, found[0], "offered")
    team_card.post(desk, ticket)
    return [in_words(desk, one) for one in bring(desk, ticket, found, lowest=0)]


def bring(
    desk: Desk, ticket: Ticket, found: list[Serving], *, lowest: int | None = None
) -> list[Serving]:
    """Send the card to who was given the ticket; who got it.

    When none of them can be written to, the next on the ladder who can gets the card too, and may
    take it on; when there is nobody either, it goes into the alarmed queue. lowest: from which rung
    on they are looked for, None for the ticket's own: what went up does not come down again.
    """
    reached = [one for one in found if send_card(desk, ticket, one.person_id)]
    if reached:
        return reached
    tickets.record(desk.session, ticket, "unreached", None, desk.now)
    lowest = ticket.rung if lowest is None else lowest
    above = _reached_above(desk, ticket, found, lowest)
    if above is None:
        alarm(desk, ticket)
        return []
    tickets.add_party(desk.session, ticket, above.person_id, above.role, desk.now)
    send_card(desk, ticket, above.person_id)
    return [above]


def _reached_above(
    desk: Desk, ticket: Ticket, passed: list[Serving], lowest: int
) -> Serving | None:
    """Who can be written to on the ladder from a rung up, but for `passed` and admins."""
    but = {one.person_id for one in passed}
    for one in climbing(desk, ticket, lowest):
        if one.person_id not in but and one.role != Role.ADMIN and can_be_reached(desk, one):
            return one
    return None


def lowest_rung(desk: Desk, ticket: Ticket) -> int:
    """Where its ladder begins: at the foot; at the top for a complaint about somebody whom we could
    not make out, since whoever stands lower could be the one."""
    rule = course.rule_of(desk, ticket)
    return len(rule.ladder) - 1 if rule.about_worker and ticket.about_id is None else 0


def in_words(desk: Desk, one: Serving, gap: str = "") -> str:
    """Role and name, as people say them (网格员王某, 县住建局王某); gap: what stands between."""
    unit = posts.unit_of(desk.session, one.person_id, one.role)
    return f"{unit or roles.label(one.role)}{gap}{name_of(desk.session, one.person_id)}"


def climbing(desk: Desk, ticket: Ticket, rung: int) -> list[Serving]:
    """Who stands on the ladder from this rung up, nearest first."""
    ladder = course.rule_of(desk, ticket).ladder
    return [one for step in ladder[rung:] for one in candidates(desk, ticket, step.roles)]


def would_get(
    desk: Desk,
    service: Service,
    filer_id: int,
    area_id: int,
    *,
    kind: str | None = None,
    about_id: int | None = None,
) -> str:
    """Who would get such a matter now (网格员王某); empty when only the alarm is left."""
    draft = Ticket(
        service=service.key,
        service_version=service.version,
        privacy=service.privacy,
        kind=kind,
        filer_id=filer_id,
        about_id=about_id,
        area_id=area_id,
        rung=0,
    )
    found = candidates(desk, draft, () if service.about_worker else service.first)
    found = found or climbing(desk, draft, lowest_rung(desk, draft))
    return in_words(desk, found[0]) if found else ""


def next_rung(desk: Desk, ticket: Ticket, *, aloud: bool = True) -> Serving | None:
    """Who is next above the ticket's rung and can be written to. A rung with nobody, or with nobody
    who has a chat that takes messages, is skipped, and every admin is told (`aloud`)."""
    above = course.rule_of(desk, ticket).ladder[ticket.rung + 1 :]
    but = (ticket.owner_id,)
    way: dict[str, Any] = {"but": but, "admins": True, "aloud": aloud}
    found = _climb_past_gaps(desk, ticket, above, only_reached=True, **way)
    found = found or _climb_past_gaps(desk, ticket, above, **way)
    return found[0] if found else None


def _climb_past_gaps(
    desk: Desk,
    ticket: Ticket,
    ladder: Iterable[Rung],
    *,
    but: Collection[int | None] = (),
    admins: bool = False,
    only_reached: bool = False,
    aloud: bool = True,
) -> list[Serving]:
    """The first rung's one who is there, as a list; who can be reached goes before who cannot.

    admins: an admin counts as somebody who serves (who is asked on purpose), else the alarmed queue
    is where a ticket goes that only they are left for. only_reached: who has no chat is passed by.
    aloud: every admin is told of each rung that is skipped.
    """
    gaps: dict[str, list[Serving]] = {}
    chosen: list[Serving] = []
    for rung in ladder:
        found = candidates(desk, ticket, rung.roles, every=True, but=but)
        if not admins:
            found = [one for one in found if one.role != Role.ADMIN]
        reached = [one for one in found if can_be_reached(desk, one)]
        if reached or (found and not only_reached):
            chosen = (reached or found)[:1]
            break
        if not found or admins:
            gaps[rung.level] = found
    if aloud:
        _tell_of_gaps(desk, ticket, gaps)
    return chosen


def _tell_of_gaps(desk: Desk, ticket: Ticket, gaps: dict[str, list[Serving]]) -> None:
    """Write down, and tell every admin, that rungs have nobody, or only those who have no chat;
    once for each ticket and rung."""
    known = {
        event.detail.get("level")
        for event in tickets.events(desk.session, ticket.id)
        if event.kind == "skipped"
    }
    fresh = [level for level in gaps if level not in known]
    for level in fresh:
        tickets.record(desk.session, ticket, "skipped", None, desk.now, detail={"level": level})
    # Of what is confidential an admin learns that there is a gap, and no more.
    hidden = ticket.privacy == rules.CONFIDENTIAL
    place = "" if hidden else areas.title(desk.session, areas.get(desk.session, ticket.area_id))
    empty = [level for level in fresh if not gaps[level]]
    silent = {
        level: [name_of(desk.session, one.person_id) for one in gaps[level] if not hidden]
        for level in fresh
        if gaps[level]
    }
    for admin in admins_for(desk, ticket) if fresh else ():
        desk.tell(
            admin, "staff/empty_rung", staff=True,
            number=ticket.id, levels=empty, silent=silent, place=place,
        )  # fmt: skip


def admins_for(desk: Desk, ticket: Ticket) -> list[int]:
    """Every admin, but for whom the ticket is kept from."""
    return [
        admin
        for admin in posts.holders(desk.session, Role.ADMIN, desk.now)
        if not permissions.is_kept_from(desk.session, admin, ticket, desk.now)
    ]


def admins_hear(desk: Desk, ticket: Ticket) -> bool:
    """Whether there is an admin who can be written to."""
    return any(has_a_chat(desk, one) for one in admins_for(desk, ticket))


def alarm(desk: Desk, ticket: Ticket) -> int:
    """Nobody serves there: say so to every admin, and keep it in the queue until somebody does. How
    many admins have heard it."""
    course.leave_in_queue(desk, ticket)
    return tell_admins(desk, ticket)


def tell_admins(desk: Desk, ticket: Ticket) -> int:
    """Give every admin the card of a ticket that nobody looks after; of a confidential one
    only its number, and ways to give it to somebody or take it on. How many have got it."""
    tickets.record(desk.session, ticket, "alarmed", None, desk.now)
    told = 0
    for admin in admins_for(desk, ticket):
        if ticket.privacy == rules.CONFIDENTIAL:
            told += _tell_of_closed_one(desk, ticket, admin)
            continue
        tickets.add_party(desk.session, ticket, admin, Role.ADMIN, desk.now)
        told += send_card(desk, ticket, admin)
    return told


def _tell_of_closed_one(desk: Desk, ticket: Ticket, admin: int) -> bool:
    queued = ticket.owner_id is None
    ways = [
        Do("assign", {"ticket": ticket.id}),
        Do("claim", {"ticket": ticket.id, "version": ticket.version}),
    ]
    return desk.tell(
        admin, "staff/closed_alarm", staff=True, at_once=ticket.urgent, number=ticket.id,
        queued=queued,
        service=course.rule_of(desk, ticket).label, options=ways if queued else ways[:1],
    )  # fmt: skip


def reroute(desk: Desk, ticket: Ticket, why: str) -> bool:
    """Its owner cannot go on with it (why: left, on_leave, blocked): it goes to who serves now.

    That is whoever stands in for the owner, else who serves on the same rung, else the next rungs,
    else the service's first receivers; the resident, the receiver and, if still here, the owner are
    told. False: there is nobody who can be written to, and it stands in the alarmed queue.
    """
    before, level = ticket.owner_id, course.rung_of(desk, ticket).level
    one = successor(desk, ticket)
    if one is None:
        alarm(desk, ticket)
        refresh_cards(desk, ticket)
        _let_go(desk, ticket, before, why, "")
        return False
    course.hand_to(desk, ticket, one, "rerouted")
    tickets.record(
        desk.session, ticket, "rerouted", None, desk.now,
        detail={"to": one.person_id, "from": before, "why": why, "from_level": level,
                "to_level": course.rung_of(desk, ticket).level},
    )  # fmt: skip
    refresh_cards(desk, ticket)
    send_card(desk, ticket, one.person_id)
    desk.tell(
        one.person_id, "staff/comes_to_you", staff=True, ticket=ticket.id, number=ticket.id,
        kind=kind_label(ticket), why=why, before=name_of(desk.session, before),
        options=[Do("story", {"ticket": ticket.id})],
    )  # fmt: skip
    owner = in_words(desk, one)
    _let_go(desk, ticket, before, why, owner)
    for person_id in {ticket.filer_id, ticket.reporter_id} - {None, one.person_id}:
        assert person_id is not None
        desk.tell(
            person_id, "resident/rerouted", ticket=ticket.id, number=ticket.id,
            kind=kind_label(ticket), owner=owner,
        )  # fmt: skip
    return True


def _let_go(desk: Desk, ticket: Ticket, before: int | None, why: str, owner: str) -> None:
    """Tell who had it until now where it went; who has left has no part in it any more."""
    if before is None:
        return
    if why == "left":
        tickets.end_party(desk.session, ticket.id, before, desk.now)
    elif why == "on_leave":
        desk.tell(
            before, "staff/gone_from_you", staff=True, ticket=ticket.id, number=ticket.id,
            owner=owner,
        )  # fmt: skip


def successor(desk: Desk, ticket: Ticket) -> Serving | None:
    """Who is to go on with a ticket whose owner cannot, or that has none; None: nobody can be
    reached. Who stands in for the owner comes first."""
    rule, before = course.rule_of(desk, ticket), ticket.owner_id
    held = [p.role for p in tickets.parties(desk.session, ticket.id) if p.person_id == before]
    own = [Role(role) for role in held if role != Role.ADMIN]
    here = [*own, *(rule.first if ticket.rung == 0 else ()), *course.rung_of(desk, ticket).roles]
    beside = candidates(desk, ticket, here, every=True, but=(before,))
    beside = [one for one in beside if one.role != Role.ADMIN and can_be_reached(desk, one)]
    beside.sort(key=lambda one: before is None or one.stands_in_for != before)
    if beside:
        return beside[0]
    above = rule.ladder[ticket.rung + 1 :]
    aloud = not course.stands_in_queue(ticket)  # of what stands there they know already
    found = _climb_past_gaps(desk, ticket, above, but=(before,), only_reached=True, aloud=aloud)
    if found:
        return found[0]
    last = candidates(desk, ticket, rule.first, every=True, but=(before,))
    return next((one for one in last if can_be_reached(desk, one)), None)


def offer_again(desk: Desk, ticket: Ticket) -> bool:
    """Offer what stands in the alarmed queue to whoever serves by now; False when nobody does."""
    return successor(desk, ticket) is not None and reroute(desk, ticket, "queued")


def why_unfit(desk: Desk, ticket: Ticket) -> str:
    """Why its owner cannot go on with it (left, on_leave, blocked, nobody); empty when they can."""
    if ticket.owner_id is None:
        return "nobody"
    return limbo.why_unfit(desk.session, ticket.owner_id, desk.now)
