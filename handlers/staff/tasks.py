"""What a worker does with a card.

waiting ──claim──▶ claimed ──resolve──▶ resolved ──(resident)──▶ closed
   ▲                  │  ▲                  │
   └────transfer──────┘  └─────unsolved─────┘
"""

from __future__ import annotations

from typing import Any

from handlers import relay
from handlers.questions import Option, Pick, Story, Text
from handlers.residents.verdict import ask_whether_solved
from handlers.routing import where_to_look
from handlers.staff.cards import options as card_options
from handlers.staff.cards import refresh_cards, send_card
from handlers.talk import Do, Talk, action, command, conversation
from handlers.views import name_of, one_of_many, role_in, view
from storage import audit, people, posts, roles, tickets
from storage.people import Person
from storage.posts import Role
from storage.tickets import Status, Ticket, TicketChanged

TRANSFER_ROLES = (
    Role.GRID_WORKER,
    Role.LIAISON,
    Role.BUILDING_STEWARD,
    Role.SOCIAL_WORKER,
    Role.COMPOUND_SECRETARY,
    Role.COMMUNITY_COMMITTEE,
    Role.PROPERTY_MANAGER,
    Role.OWNERS_COMMITTEE,
    Role.COMMUNITY_OFFICER,
    Role.MEDIATOR,
)


def my_ticket(talk: Talk, number: int) -> Ticket | None:
    """The ticket, if the speaker serves it; otherwise says that it is not theirs."""
    ticket = tickets.get(talk.session, number)
    serves = ticket is not None and talk.person.id in {
        ticket.owner_id,
        *(party.person_id for party in tickets.parties(talk.session, number)),
    }
    if ticket is None or not serves:
        talk.say("staff/not_yours", number=number)
        return None
    return ticket


def can_work(talk: Talk, ticket: Ticket) -> bool:
    """Whether the speaker may act on it now: unclaimed, or their own. Otherwise says who has it."""
    if ticket.status == Status.WAITING:
        return True
    if ticket.status == Status.CLAIMED and ticket.owner_id == talk.person.id:
        return True
    say_who_has_it(talk, ticket)
    return False


def say_who_has_it(talk: Talk, ticket: Ticket) -> None:
    """Tell the speaker what became of the ticket meanwhile."""
    talk.say(
        "staff/taken",
        ticket=ticket.id,
        number=ticket.id,
        status=ticket.status,
        mine=ticket.owner_id == talk.person.id,
        owner=name_of(talk.session, ticket.owner_id),
        role=role_in(talk.session, ticket, ticket.owner_id),
    )


def take(talk: Talk, ticket: Ticket) -> bool:
    """Make the speaker the owner; False (and said who) when somebody else was first.

    On PostgreSQL two transactions may both read it unclaimed; its version lets one of them write.
    """
    if ticket.status == Status.CLAIMED and ticket.owner_id == talk.person.id:
        return True
    try:
        tickets.advance(
            talk.session,
            ticket,
            ticket.version if ticket.status == Status.WAITING else -1,
            status=Status.CLAIMED,
            owner_id=talk.person.id,
            claimed_at=talk.now,
            alarmed_at=None,
        )
    except TicketChanged:
        say_who_has_it(talk, ticket)
        return False
    tickets.record(talk.session, ticket, "claimed", talk.person.id, talk.now)
    talk.tell(
        ticket.filer_id,
        "resident/claimed",
        ticket=ticket.id,
        number=ticket.id,
        owner=talk.person.name,
        role=role_in(talk.session, ticket, talk.person.id),
    )
    return True


@action("claim")
def claim(talk: Talk, ticket: int, version: int) -> None:
    """接单: of two who press at once one wins, the other is told who."""
    found = my_ticket(talk, ticket)
    if found is None:
        return
    if found.status == Status.CLAIMED and found.owner_id == talk.person.id:
        say_who_has_it(talk, found)
    elif found.status == Status.WAITING and found.version != version:
        send_card(talk, found, talk.person.id)  # it moved on since: a fresh card, not a guess
    elif take(talk, found):
        refresh_cards(talk, found)
        talk.say("staff/claimed", ticket=found.id, number=found.id)


@action("reply")
def reply(talk: Talk, ticket: int, version: int) -> None:
    """回复: asks what to say."""
    if my_ticket(talk, ticket) is not None:
        talk.begin("reply", ticket=ticket)


@conversation("reply")
def write_reply(talk: Talk) -> None:
    """One question, and its answer goes to the resident."""
    number = talk.args["ticket"]
    ticket = tickets.get(talk.session, number)
    filer = name_of(talk.session, ticket.filer_id) if ticket else ""
    story = talk.ask("words", Story("staff/reply", number=number, filer=filer))
    relay.to_filer(talk, number, story)


@action("resolve")
def resolve(talk: Talk, ticket: int, version: int) -> None:
    """办结: asks how it was solved."""
    found = my_ticket(talk, ticket)
    if found is not None and can_work(talk, found):
        talk.begin("resolve", ticket=ticket)


@conversation("resolve")
def write_result(talk: Talk) -> None:
    """The result in a sentence, with photos where there are; then the resident is asked."""
    number = talk.args["ticket"]
    result: dict[str, Any] = talk.ask("result", Story("staff/result", number=number))
    ticket = my_ticket(talk, number)
    if ticket is None or not can_work(talk, ticket) or not take(talk, ticket):
        return
    tickets.advance(
        talk.session, ticket, ticket.version, status=Status.RESOLVED, resolved_at=talk.now
    )
    tickets.record(
        talk.session,
        ticket,
        "resolved",
        talk.person.id,
        talk.now,
        text=result["text"],
        media=result["media"],
    )
    refresh_cards(talk, ticket)
    told = ask_whether_solved(talk, ticket, result, talk.person.name)
    talk.say("staff/resolved", ticket=ticket.id, number=ticket.id, told=told)


@action("transfer")
def transfer(talk: Talk, ticket: int, version: int) -> None:
    """转交: asks to whom and why."""
    found = my_ticket(talk, ticket)
    if found is not None and can_work(talk, found):
        talk.begin("transfer", ticket=ticket)


@conversation("transfer")
def hand_over(talk: Talk) -> None:
    """To whom, why; the receiver gets the card with the reason, the resident is told."""
    number = talk.args["ticket"]
    ticket = my_ticket(talk, number)
    if ticket is None:
        return
    choices = colleagues(talk, ticket)
    if not choices:
        talk.say("staff/nobody_to_transfer_to", number=number)
        return
    to = talk.ask("to", Pick("staff/transfer_to", choices, number=number))
    reason = talk.ask("why", Text("staff/transfer_why", most=200, number=number))
    person_id, role = to
    if not can_work(talk, ticket):
        return
    tickets.advance(talk.session, ticket, ticket.version, status=Status.WAITING, owner_id=person_id)
    tickets.add_party(talk.session, ticket, person_id, role, talk.now)
    tickets.record(
        talk.session,
        ticket,
        "transferred",
        talk.person.id,
        talk.now,
        text=reason,
        detail={"to": person_id},
    )
    refresh_cards(talk, ticket)
    receiver = name_of(talk.session, person_id)
    told = send_card(talk, ticket, person_id)
    talk.tell(
        person_id,
        "staff/transferred_to_you",
        staff=True,
        ticket=ticket.id,
        number=number,
        giver=talk.person.name,
        reason=reason,
    )
    talk.tell(
        ticket.filer_id,
        "resident/transferred",
        ticket=ticket.id,
        number=number,
        owner=receiver,
        role=roles.label(role),
    )
    talk.say("staff/transferred", ticket=ticket.id, number=number, owner=receiver, told=told)


def colleagues(talk: Talk, ticket: Ticket) -> list[Option]:
    """Who else serves the place and has a chat to get it in; the value is [person id, role]."""
    around = posts.serving_all(talk.session, TRANSFER_ROLES, where_to_look(talk, ticket), talk.now)
    shown: dict[int, Option] = {}
    for one in around:
        reachable = people.reach(talk.session, one.person_id, prefer_staff=True) is not None
        if one.person_id not in (talk.person.id, ticket.filer_id) and reachable:
            label = f"{roles.label(one.role)} {name_of(talk.session, one.person_id)}"
            shown.setdefault(one.person_id, Option([one.person_id, one.role.value], label))
    return list(shown.values())[:8]


@action("phone")
def show_phone(talk: Talk, ticket: int) -> None:
    """查看电话: only for who serves the ticket, and each look is written down."""
    found = my_ticket(talk, ticket)
    if found is None:
        return
    filer = talk.session.get_one(Person, found.filer_id)
    if filer.phone:
        audit.note(talk.session, talk.now, talk.person.id, "phone", f"ticket:{ticket}")
    talk.say("staff/phone", ticket=ticket, number=ticket, filer=filer.name, phone=filer.phone or "")


@command("tasks")
def my_tasks(talk: Talk) -> None:
    """我的任务: what is open, urgent and oldest first, each a button to its card."""
    found = tickets.of_worker(talk.session, talk.person.id, limit=8)
    lines = [view(talk.session, ticket, door=False) for ticket in found]
    choices = [Do("card", {"ticket": t.number}, one_of_many(talk, t)) for t in lines]
    talk.say("staff/tasks", tickets=lines, options=choices)


@action("card")
def show_card(talk: Talk, ticket: int) -> None:
    """A fresh card of a ticket that the speaker serves."""
    found = my_ticket(talk, ticket)
    if found is not None:
        send_card(talk, found, talk.person.id)
        if not card_options(found, talk.person.id):
            say_who_has_it(talk, found)
