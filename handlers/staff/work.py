"""What a worker does with a card of their own: 接单, 等居民, 查看电话, 内部备注.

waiting ──claim──▶ claimed ──resolve──▶ resolved ──(resident)──▶ closed

回复 is in `replying`, 办结 in `finishing`.
"""

from __future__ import annotations

from handlers import course, relay
from handlers.permits import entitled
from handlers.questions import Option, Pick, Story, Text
from handlers.registry import action, conversation
from handlers.relay import Words
from handlers.staff.cards import may_take, refresh_cards, send_card
from handlers.talk import Do, Talk
from handlers.views import name_of, role_in
from storage import audit, limbo, outbox, permissions, teams, tickets
from storage.people import Person
from storage.posts import Role
from storage.tickets import Status, Ticket, TicketChanged


def can_work(talk: Talk, ticket: Ticket, words: Words | None = None) -> bool:
    """Whether the speaker may act on it now: offered to them and unclaimed, or their own. Otherwise
    says who has it. Who is on leave is told to say first that they are back.

    words: what was written meanwhile; it is not lost, see `say_who_has_it`.
    """
    if ticket.status == Status.WAITING and may_take(talk, ticket, talk.person.id):
        return is_here(talk, ticket)
    if ticket.status == Status.CLAIMED and ticket.owner_id == talk.person.id:
        return True
    say_who_has_it(talk, ticket, words)
    return False


def is_here(talk: Talk, ticket: Ticket) -> bool:
    """Whether the speaker is not on leave; who is would lose it again at once."""
    if limbo.why_unfit(talk.session, talk.person.id, talk.now) != "on_leave":
        return True
    talk.say("staff/leave_first", ticket=ticket.id, number=ticket.id)
    return False


def say_who_has_it(talk: Talk, ticket: Ticket, words: Words | None = None) -> None:
    """Tell the speaker what became of the ticket meanwhile; words that came too late for what
    they were meant for can be kept with it as a note."""
    talk.say(
        "staff/taken",
        ticket=ticket.id,
        number=ticket.id,
        status=ticket.status,
        mine=ticket.owner_id == talk.person.id,
        owner=name_of(talk.session, ticket.owner_id),
        role=role_in(talk.session, ticket, ticket.owner_id),
        options=too_late(ticket, words),
    )


def too_late(ticket: Ticket, words: Words | None) -> list[Do]:
    """What can be done with words that the ticket moved away from while they were written."""
    return [Do("keep_note", {"ticket": ticket.id, "story": words})] if words else []


def words_of(talk: Talk, key: str, text: str) -> Words:
    """A plain answer in the form of a story, with the messages it came in."""
    return {**Story.empty(), "text": text, "from": talk.came_in(key)}


def role_for(talk: Talk, ticket: Ticket) -> Role | str:
    """In which role the speaker works on it: as a party, else by a post that covers the place."""
    for party in tickets.parties(talk.session, ticket.id):
        if party.person_id == talk.person.id:
            return party.role
    covering = permissions.covering(talk.session, talk.person.id, ticket, talk.now)
    return covering[0] if covering else ""


def take(talk: Talk, ticket: Ticket, words: Words | None = None) -> bool:
    """Make the speaker the owner; False (and said who) when somebody else was first.

    On PostgreSQL two transactions may both read it unclaimed; its version lets one of them write.
    """
    if ticket.status == Status.CLAIMED and ticket.owner_id == talk.person.id:
        return True
    version = ticket.version if ticket.status == Status.WAITING else -1
    role = role_for(talk, ticket)
    try:
        course.claim(talk, ticket, talk.person.id, role, version)
    except TicketChanged:
        say_who_has_it(talk, ticket, words)
        return False
    tickets.add_party(talk.session, ticket, talk.person.id, role, talk.now)
    relay.tell_filer(
        talk,
        ticket,
        "resident/claimed",
        owner=talk.person.name,
        role=role_in(talk.session, ticket, talk.person.id),
    )
    return True


@action("claim")
def claim(talk: Talk, ticket: int, version: int) -> None:
    """接单: of two who press at once one wins, the other is told who."""
    found = entitled(talk, ticket, "claim")
    if found is None:
        return
    if found.status == Status.CLAIMED and found.owner_id == talk.person.id:
        say_who_has_it(talk, found)
    elif found.status == Status.WAITING and found.version != version:
        send_card(talk, found, talk.person.id)  # it moved on since: a fresh card, not a guess
    elif can_work(talk, found) and take(talk, found):
        if all(row.card_for != talk.person.id for row in outbox.cards(talk.session, found.id)):
            send_card(talk, found, talk.person.id)  # it was not theirs to see before
        refresh_cards(talk, found)
        talk.say("staff/claimed", ticket=found.id, number=found.id)


def say_it_goes_on_alone(talk: Talk, number: int) -> None:
    """Pressed in a group, what needs words goes on in the presser's own chat; the group is told."""
    group = talk.group
    team = teams.of_chat(talk.session, group.channel, group.chat) if group else None
    if team is not None:
        talk.tell_team(team, "team/in_private", ticket=number, name=talk.person.name, number=number)


@action("wait")
def wait_for_the_resident(talk: Talk, ticket: int) -> None:
    """等居民: the clock stands until the resident answers, for a few days at most."""
    found = entitled(talk, ticket, "wait")
    if found is None:
        return
    if found.status != Status.CLAIMED:
        say_who_has_it(talk, found)
        return
    if found.clock_since is None:
        talk.say("staff/waiting_already", ticket=found.id, number=found.id)
        return
    course.pause(talk, found, talk.person.id)
    refresh_cards(talk, found)
    talk.say("staff/waiting", ticket=found.id, number=found.id, days=course.LONGEST_WAIT.days)


@action("note")
def note(talk: Talk, ticket: int) -> None:
    """内部备注: asks what to keep for colleagues."""
    if entitled(talk, ticket, "note") is not None:
        talk.begin("note", ticket=ticket)


@conversation("note", verbatim=True)
def write_note(talk: Talk) -> None:
    """One question; the resident never sees the answer."""
    number = talk.args["ticket"]
    ticket = entitled(talk, number, "note")
    if ticket is not None:
        words = talk.ask("words", Text("staff/note", most=500, number=number))
        said = relay.origin(talk, talk.came_in("words"))
        tickets.record(
            talk.session, ticket, "noted", talk.person.id, talk.now, text=words, origin=said
        )
        talk.say("staff/noted", ticket=number, number=number)


@action("keep_note")
def keep_note(talk: Talk, ticket: int, story: Words) -> None:
    """Words that came too late to pass the ticket on or to close it: a note for who has it now."""
    found = entitled(talk, ticket, "keep_note")
    if found is None:
        return
    if relay.said_already(talk, found, story):
        talk.say("desk/said_already", ticket=ticket, number=ticket)
        return
    said = relay.origin(talk, story.get("from", {}))
    tickets.record(
        talk.session, found, "noted", talk.person.id, talk.now,
        text=story["text"], media=story["media"], origin=said,
    )  # fmt: skip
    talk.say("staff/noted", ticket=ticket, number=ticket)


PHONE_REASONS = ("call", "visit", "check")


@action("phone")
def phone(talk: Talk, ticket: int) -> None:
    """查看电话: asks what for."""
    found = entitled(talk, ticket, "phone")
    if found is not None and _may_have_to_call(talk, found):
        talk.begin("phone", ticket=ticket)


def _may_have_to_call(talk: Talk, ticket: Ticket) -> bool:
    """Whether it is the speaker who looks after it, or nobody yet. Otherwise says who does: the
    number is no business of who was offered it once, nor is the door on the card."""
    if ticket.status == Status.WAITING or ticket.owner_id == talk.person.id:
        return True
    say_who_has_it(talk, ticket)
    return False


@conversation("phone")
def show_phone(talk: Talk) -> None:
    """Only for who serves the ticket; each look is written down with its reason."""
    number = talk.args["ticket"]
    ticket = entitled(talk, number, "phone")
    if ticket is None:
        return
    reasons = [Option(key, talk.word(f"phone_reason.{key}")) for key in PHONE_REASONS]
    reason = talk.ask("reason", Pick("staff/phone_reason", reasons, number=number))
    if not _may_have_to_call(talk, ticket):
        return
    filer = talk.session.get_one(Person, ticket.filer_id)
    if filer.phone:
        subject = f"ticket:{number}"
        audit.note(talk.session, talk.now, talk.person.id, "phone", subject, reason)
    phone = filer.phone or ""
    talk.say("staff/phone", ticket=number, number=number, filer=filer.name, phone=phone)
