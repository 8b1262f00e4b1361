"""A matter goes to somebody else (转交, 上报, 退单, 接手), or others are called in."""

from __future__ import annotations

from collections.abc import Callable

from handlers import course, relay
from handlers.permits import entitled, may_get
from handlers.questions import Json, Missed, Option, Pick, Reading, Text
from handlers.registry import action, conversation
from handlers.routing import (
    bring,
    can_be_reached,
    candidates,
    in_words,
    next_rung,
    where_to_look,
)
from handlers.staff.cards import refresh_cards, send_card
from handlers.staff.work import can_work, is_here, say_who_has_it, too_late, words_of
from handlers.talk import Do, Said, Talk
from handlers.views import kind_label, name_of, role_in
from storage import areas, permissions, posts, roles, tickets
from storage.names import bare
from storage.permissions import is_kept_from
from storage.posts import Role, Serving
from storage.tickets import Ticket, TicketChanged

TRANSFER_ROLES = (
    Role.GRID_WORKER,
    Role.LIAISON,
    Role.BUILDING_STEWARD,
    Role.SOCIAL_WORKER,
    Role.ERRAND_HELPER,
    Role.COMPOUND_SECRETARY,
    Role.COMMUNITY_COMMITTEE,
    Role.PROPERTY_MANAGER,
    Role.OWNERS_COMMITTEE,
    Role.COMMUNITY_OFFICER,
    Role.LAWYER,
    Role.MEDIATOR,
)
MOST_COLLEAGUES = 8


class Why(Text):
    """A reason in a few words; the name of the button, said once more, is none."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        buttons = {talk.word(f"do.{one}") for one in ("escalate", "return")}
        if not picked and bare(said.text) in buttons:
            return Missed()
        return super().read(said, picked, talk, draft)


def pass_on(talk: Talk, ticket: Ticket, one: Serving, cause: str, reason: str) -> bool:
    """Hand a ticket over with its whole story; False (and said who) when somebody was faster."""
    level = course.rung_of(talk, ticket).level
    try:
        course.hand_to(talk, ticket, one, cause)
    except TicketChanged:
        say_who_has_it(talk, ticket, words_of(talk, "why", reason))
        return False
    tickets.record(
        talk.session,
        ticket,
        cause,
        talk.person.id,
        talk.now,
        text=reason,
        detail={
            "to": one.person_id,
            "from_level": level,
            "to_level": course.rung_of(talk, ticket).level,
        },
        origin=relay.origin(talk, talk.came_in("why")),
    )
    refresh_cards(talk, ticket)
    reached = bring(talk, ticket, [one])
    told = one in reached
    talk.tell(
        one.person_id,
        "staff/passed_to_you",
        staff=True,
        ticket=ticket.id,
        options=[Do("story", {"ticket": ticket.id})],
        number=ticket.id,
        giver=talk.person.name,
        cause=cause,
        reason=reason,
    )
    receiver = name_of(talk.session, one.person_id)
    role = posts.unit_of(talk.session, one.person_id, one.role) or roles.label(one.role)
    if reached:
        about = {"cause": cause, "owner": receiver, "role": role}
        relay.tell_filer(talk, ticket, "resident/passed_on", **about)
    talk.say(
        "staff/passed_on", ticket=ticket.id, number=ticket.id, cause=cause,
        owner=receiver, role=role, told=told,
    )  # fmt: skip
    return True


@action("transfer")
def transfer(talk: Talk, ticket: int, version: int, to: int | None = None) -> None:
    """转交: asks to whom (to: who was named already) and why."""
    found = entitled(talk, ticket, "transfer")
    if found is not None and can_work(talk, found):
        named = {"to": to} if to is not None else None
        talk.begin("transfer", answers=named, ticket=ticket)


@conversation("transfer", verbatim=True)
def hand_over(talk: Talk) -> None:
    """To whom, why; the receiver gets the card with the reason, the resident is told."""
    number = talk.args["ticket"]
    ticket = entitled(talk, number, "transfer")
    if ticket is None:
        return
    choices = colleagues(talk, ticket)
    if not choices:
        talk.say("staff/nobody_to_transfer_to", number=number)
        return
    options = [Option(one.person_id, in_words(talk, one, " ")) for one in choices]
    to = talk.ask("to", Pick("staff/transfer_to", options, number=number))
    reason = talk.ask("why", Text("staff/transfer_why", most=200, number=number))
    receiver = next((one for one in choices if one.person_id == to), None)
    if receiver is not None and can_work(talk, ticket, words_of(talk, "why", reason)):
        pass_on(talk, ticket, receiver, "transferred", reason)


def colleagues(talk: Talk, ticket: Ticket) -> list[Serving]:
    """Who else serves the place, may have the ticket, and has a chat to get it in: of each role
    whose turn it is, and of the speaker's own roles everybody."""
    but = (talk.person.id, ticket.owner_id)
    own = [Role(post.role) for post in posts.posts_of(talk.session, talk.person.id, talk.now)]
    mine = [role for role in TRANSFER_ROLES if role in own]
    found = [
        *candidates(talk, ticket, mine, every=True, but=but),
        *candidates(talk, ticket, TRANSFER_ROLES, but=but),
    ]
    reached = {one.person_id: one for one in found if can_be_reached(talk, one)}
    return list(reached.values())[:MOST_COLLEAGUES]


@action("escalate")
def escalate(talk: Talk, ticket: int, version: int) -> None:
    """上报: asks why."""
    found = entitled(talk, ticket, "escalate")
    if found is not None and can_work(talk, found):
        talk.begin("escalate", ticket=ticket)


@conversation("escalate", verbatim=True)
def send_up(talk: Talk) -> None:
    """Why; then it is the next rung's, with the whole story."""
    _with_a_reason(talk, "escalate", "escalated", lambda ticket: next_rung(talk, ticket))


@action("return")
def give_back(talk: Talk, ticket: int, version: int) -> None:
    """退单: asks why."""
    found = entitled(talk, ticket, "return")
    if found is not None and can_work(talk, found):
        talk.begin("return", ticket=ticket)


@conversation("return", verbatim=True)
def send_back(talk: Talk) -> None:
    """Why; then it is again whoever's it was before; the next rung's where nobody had it."""
    _with_a_reason(
        talk,
        "return",
        "returned",
        lambda ticket: who_gave_it(talk, ticket) or next_rung(talk, ticket),
    )


def _with_a_reason(
    talk: Talk, doing: str, cause: str, receiver: Callable[[Ticket], Serving | None]
) -> None:
    """Ask why, and pass the ticket on to who is to have it then."""
    number = talk.args["ticket"]
    ticket = entitled(talk, number, doing)
    if ticket is None:
        return
    reason = talk.ask("why", Why(f"staff/{doing}_why", most=200, number=number))
    words = words_of(talk, "why", reason)
    if not can_work(talk, ticket, words):
        return
    one = receiver(ticket)
    if one is None:
        options = too_late(ticket, words)
        talk.say("staff/nobody_above", ticket=number, number=number, options=options)
        return
    pass_on(talk, ticket, one, cause, reason)


def who_gave_it(talk: Talk, ticket: Ticket) -> Serving | None:
    """Who handed the ticket to the speaker, if they still hold a post and may have it."""
    given = [
        event
        for event in tickets.events(talk.session, ticket.id)
        if event.kind in ("transferred", "escalated", "returned")
        and event.detail.get("to") == talk.person.id
    ]
    giver = given[-1].actor_id if given else None
    if giver is None or not may_get(talk, ticket, giver):
        return None
    held = posts.posts_of(talk.session, giver, talk.now)
    if not held or posts.is_away(talk.session, giver, talk.now):
        return None
    party = {p.person_id: p.role for p in tickets.parties(talk.session, ticket.id)}
    role = Role(party.get(giver) or held[0].role)
    post = next((post for post in held if post.role == role), held[0])
    one = Serving(giver, role, post.area_id, post.id, None)
    return one if can_be_reached(talk, one) else None


@action("step_in")
def step_in(talk: Talk, ticket: int, version: int) -> None:
    """接手: who stands higher takes it over from who has it; that one is told."""
    found = entitled(talk, ticket, "step_in")
    if found is None:
        return
    if found.status not in tickets.UNDER_WAY or found.owner_id == talk.person.id:
        say_who_has_it(talk, found)
        return
    covering = permissions.covering(talk.session, talk.person.id, found, talk.now)
    rule = course.rule_of(talk, found)
    ranked = [(rule.rung_of(role), role) for role in covering]
    higher = [role for rung, role in ranked if rung is not None and rung > found.rung]
    before = found.owner_id
    if not higher:
        say_who_has_it(talk, found)
        return
    if found.version != version:  # it moved on since: a fresh card, not a guess
        send_card(talk, found, talk.person.id)
        return
    if not is_here(talk, found):
        return
    tickets.add_party(talk.session, found, talk.person.id, higher[0], talk.now)
    try:
        course.claim(talk, found, talk.person.id, higher[0], version)
    except TicketChanged:
        say_who_has_it(talk, found)
        return
    tickets.record(talk.session, found, "stepped_in", talk.person.id, talk.now)
    refresh_cards(talk, found)
    role = roles.label(higher[0])
    if before is not None:
        talk.tell(
            before, "staff/taken_over", staff=True, ticket=found.id, number=found.id,
            owner=talk.person.name, role=role,
        )  # fmt: skip
    relay.tell_filer(talk, found, "resident/claimed", owner=talk.person.name, role=role)
    talk.say("staff/claimed", ticket=found.id, number=found.id)


@action("call_property")
def call_property(talk: Talk, ticket: int) -> None:
    """催物业: the property manager of the place gets the card and is asked to see to it."""
    found = entitled(talk, ticket, "call_property")
    if found is None:
        return
    called = candidates(talk, found, [Role.PROPERTY_MANAGER])
    if not called:
        talk.say("staff/no_property", ticket=ticket, number=ticket)
        return
    _call_in(talk, found, called[0], "called_property", "")


@action("whistle")
def whistle(talk: Talk, ticket: int) -> None:
    """社区吹哨: the community calls in one of the units of its 大党委."""
    found = entitled(talk, ticket, "whistle")
    if found is None:
        return
    if not may_whistle(talk, found):
        talk.refuse("desk/not_allowed")
        return
    talk.begin("whistle", ticket=ticket)


WHISTLERS = {Role.SOCIAL_WORKER, Role.COMMUNITY_COMMITTEE, Role.COMPOUND_SECRETARY}


def may_whistle(talk: Talk, ticket: Ticket) -> bool:
    """Whether the speaker answers for the community around the ticket."""
    covering = permissions.covering(talk.session, talk.person.id, ticket, talk.now)
    return bool(WHISTLERS & set(covering))


@conversation("whistle", verbatim=True)
def call_a_unit(talk: Talk) -> None:
    """Which unit, and what for; it answers in the same ticket."""
    number = talk.args["ticket"]
    ticket = entitled(talk, number, "whistle")
    if ticket is None:
        return
    if not may_whistle(talk, ticket):
        talk.refuse("desk/not_allowed")
        return
    units = {
        unit: one
        for unit, one in posts.units(talk.session, where_to_look(talk, ticket), talk.now).items()
        if may_be_called(talk, ticket, one)
    }
    if not units:
        talk.say("staff/no_units", ticket=number, number=number)
        return
    options = [Option(unit, unit) for unit in units]
    unit = talk.ask("which-unit", Pick("staff/whistle_unit", options, number=number))
    reason = talk.ask("why", Text("staff/whistle_why", most=200, number=number))
    if ticket.status not in tickets.UNDER_WAY or not may_whistle(talk, ticket):
        say_who_has_it(talk, ticket, words_of(talk, "why", reason))
    elif unit in units:
        _call_in(talk, ticket, units[unit], "whistled", reason, unit=unit)


def may_be_called(talk: Talk, ticket: Ticket, one: Serving) -> bool:
    """Whether a unit's person may learn of it: not their own matter, nor kept from them."""
    return one.person_id not in (ticket.filer_id, ticket.owner_id) and not is_kept_from(
        talk.session, one.person_id, ticket, talk.now
    )


def _call_in(
    talk: Talk, ticket: Ticket, one: Serving, cause: str, reason: str, *, unit: str = ""
) -> None:
    """Let somebody into the ticket, without making them answer for it."""
    tickets.add_party(talk.session, ticket, one.person_id, one.role, talk.now)
    tickets.record(
        talk.session, ticket, cause, talk.person.id, talk.now, text=reason,
        detail={"to": one.person_id, "unit": unit},
        origin=relay.origin(talk, talk.came_in("why")),
    )  # fmt: skip
    told = send_card(talk, ticket, one.person_id)
    talk.tell(
        one.person_id,
        "staff/called_in",
        staff=True,
        ticket=ticket.id,
        number=ticket.id,
        caller=role_in(talk.session, ticket, talk.person.id) + talk.person.name,
        kind=kind_label(ticket),
        place=areas.title(talk.session, areas.get(talk.session, ticket.area_id)),
        reason=reason,
        options=[Do("reply", {"ticket": ticket.id, "version": ticket.version})],
    )
    who = unit or in_words(talk, one)
    talk.say("staff/called", ticket=ticket.id, number=ticket.id, who=who, told=told)
