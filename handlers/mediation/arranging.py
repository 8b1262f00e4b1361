"""约双方: who the other side is, what it is about in neutral words, when and where; both are asked.

(violence? safe?) ▶ who ▶ which of them, or a number ▶ subject ▶ when ▶ where ▶ confirm ▶ invited
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.mediation.planning import plan
from handlers.mediation.questions import NumberOf, OwnWords, When
from handlers.mediation.sides import (
    as_mediator,
    ask_side,
    has_a_chat,
    moment_in_words,
    tell_side,
)
from handlers.questions import Confirm, Option, Pick, Text
from handlers.registry import action, conversation
from handlers.staff.cards import refresh_cards, tells_of_violence
from handlers.staff.work import can_work, take
from handlers.talk import Desk, Do, Talk
from handlers.views import called, name_of
from storage import areas, audit, mediations, people, sides, tickets
from storage.mediation_tables import Mediation, MediationMeeting
from storage.mediations import Subject
from storage.sides import Found
from storage.tickets import UNDER_WAY, Ticket

NONE_OF_THEM = "none"
LONGEST_SUBJECT = 40


@dataclass(frozen=True, slots=True)
class Named:
    """Whom the mediator named as the other side."""

    person_id: int | None
    name: str
    phone: str


@action("arrange_mediation")
def arrange(talk: Talk, ticket: int, anew: bool = False) -> None:
    """约双方, 换个时间, 再约; anew: the other side was somebody else."""
    found = as_mediator(talk, ticket, "arrange_mediation")
    if found is None:
        return
    if found.status in UNDER_WAY and not (can_work(talk, found) and take(talk, found)):
        return
    talk.begin("arrange_mediation", ticket=ticket, anew=anew)


@conversation("arrange_mediation")
def arrange_it(talk: Talk) -> None:
    """From who it is to the invitations."""
    number = talk.args["ticket"]
    ticket = as_mediator(talk, number, "arrange_mediation")
    if ticket is None or not _is_safe(talk, ticket):
        return
    known = mediations.of_ticket(talk.session, number)
    other = mediations.other_side(talk.session, known.id) if known else None
    named = None
    if other is None or talk.args.get("anew"):
        named = _ask_who(talk, ticket)
        if named.person_id == talk.person.id:
            talk.say("mediation/yourself", ticket=number, options=[_transfer(ticket)])
            return
    name = named.name if named else other.name if other else ""
    subject = talk.ask("subject", _subject(talk, ticket, name), assume=known and known.subject)
    at = talk.ask("at", When("mediation/when"))
    places = talk.word("mediation.places").split()
    place = talk.ask("place", OwnWords("mediation/place", places, most=60))
    facts = {"name": name, "subject": subject, "when": moment_in_words(talk, at), "place": place}
    if not talk.ask(
        "confirm", Confirm("mediation/confirm", yes="invite", no="not_yet", summary=True, **facts)
    ):
        talk.say("mediation/not_arranged", ticket=number, number=number)
        return
    invite(talk, ticket, named, subject, at, place)


def _transfer(ticket: Ticket) -> Do:
    return Do("transfer", {"ticket": ticket.id, "version": ticket.version})


def _is_safe(talk: Talk, ticket: Ticket) -> bool:
    """Where the words tell of violence, the mediator must say that meeting is safe."""
    if not tells_of_violence(ticket):
        return True
    options = [
        Option("no", talk.word("choice.no_meeting")),
        Option("yes", talk.word("choice.safe_meeting")),
    ]
    answer = talk.ask("safe", Pick("mediation/violence", options, number=ticket.id))
    if answer == "yes":
        return True
    talk.say("mediation/kept_apart", ticket=ticket.id, number=ticket.id)
    return False


def _subject(talk: Talk, ticket: Ticket, other: str) -> OwnWords:
    """Neutral words: no name, door or number of either side may stand in them."""
    filer = talk.session.get_one(people.Person, ticket.filer_id)
    hidden = [filer.name, called(talk.session, ticket), other]
    for area_id in (ticket.area_id, filer.home_id):
        if area_id is not None:
            hidden.append(areas.door_of(talk.session, areas.get(talk.session, area_id)))
    ready = talk.word("mediation.subjects").split()
    return OwnWords("mediation/subject", ready, most=LONGEST_SUBJECT, without=hidden)


def _ask_who(talk: Talk, ticket: Ticket) -> Named:
    """A door, a name or 物业; then which of those who live there, or a name and a number."""
    opened = tickets.events(talk.session, ticket.id)[0]
    said = [answer for _, answer in opened.detail.get("asked", [])]
    text = talk.ask("who", Text("mediation/who", most=60, said=said))
    found = sides.who_may_be_meant(talk.session, text, ticket, talk.now)
    key = f"which-{text}"
    if found:
        if talk.answered(key) is None:
            for one in found:
                subject = f"person:{one.person_id}" if one.person_id else f"ticket:{ticket.id}"
                audit.note(talk.session, talk.now, talk.person.id, "find", subject)
        options = [Option(_key(one), f"{one.name} {one.place}".strip()) for one in found]
        options.append(Option(NONE_OF_THEM, talk.word("mediation.none_of_them")))
        picked = talk.ask(key, Pick("mediation/which", options))
        for one in found:
            if _key(one) == picked:
                return Named(one.person_id, one.name, one.phone)
    phone = talk.ask(f"phone-{text}", NumberOf("mediation/phone", name=text))
    return Named(None, text, phone)


def _key(one: Found) -> str:
    return f"{one.person_id or one.name}"


def invite(
    talk: Talk, ticket: Ticket, named: Named | None, subject: str, at: datetime, place: str
) -> None:
    """Everything that a confirmed proposal does."""
    filer = name_of(talk.session, ticket.filer_id) or called(talk.session, ticket)
    mediation = mediations.begin(talk.session, ticket, filer, talk.now)
    mediation.subject = subject
    if named is not None:
        _name(talk, ticket, mediation, named)
    moved = mediations.arranged(talk.session, mediation.id) is not None
    meeting = mediations.arrange(talk.session, mediation, at, place, talk.person.id, talk.now)
    when = moment_in_words(talk, at)
    tickets.record(
        talk.session, ticket, "meeting_moved" if moved else "meeting_arranged", talk.person.id,
        talk.now, text=f"{when} {place}",
    )  # fmt: skip
    refresh_cards(talk, ticket)
    both = mediations.sides(talk.session, mediation.id)
    talk.say(
        "mediation/arranged", ticket=ticket.id, number=ticket.id, when=when, place=place,
        told=[one.name for one in both if has_a_chat(talk, one)],
        to_phone=[one.name for one in both if not has_a_chat(talk, one)],
    )  # fmt: skip
    for one in both:
        facts = invitation(talk, mediation, meeting)
        ask_side(
            talk, ticket, one, "mediation/invitation", Subject.MEETING, meeting.id, moved=moved,
            **facts,
        )  # fmt: skip
    plan(talk, mediation)


def invitation(desk: Desk, mediation: Mediation, meeting: MediationMeeting) -> dict[str, Any]:
    """What both sides may read of a meeting, and all of it."""
    when = moment_in_words(desk, meeting.at)
    return {"subject": mediation.subject, "when": when, "place": meeting.place}


def _name(talk: Talk, ticket: Ticket, mediation: Mediation, named: Named) -> None:
    before = mediations.name_other(
        talk.session, mediation, named.person_id, named.name, named.phone, talk.now
    )
    if before is not None and before.person_id != named.person_id:
        tell_side(talk, ticket, before, "mediation/not_you")
    if named.person_id is not None:  # a worker who is a side has no part in the ticket any more
        tickets.end_party(talk.session, ticket.id, named.person_id, talk.now)
