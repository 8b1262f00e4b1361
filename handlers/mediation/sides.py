"""The two sides of a mediation and its mediator: what they are called, and how each is told.

The side that did not file it gets nothing that is tied to the ticket: no number, no words of the
filer's, no door, no telephone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from handlers.permits import entitled
from handlers.routing import admins_for
from handlers.talk import Desk, Do, Talk
from handlers.views import name_of
from storage import mediations, people, permissions, tickets
from storage.mediation_tables import Mediation, MediationAnswer, MediationSide
from storage.mediations import Subject
from storage.tickets import Status, Ticket

MEETING_ANSWERS = ("comes", "moves", "declines")
AGREEMENT_ANSWERS = ("agrees", "objects")
FOLLOW_UP_ANSWERS = ("kept", "unkept", "news")
ANSWERS = {
    Subject.MEETING: MEETING_ANSWERS,
    Subject.AGREEMENT: AGREEMENT_ANSWERS,
    Subject.FOLLOW_UP: FOLLOW_UP_ANSWERS,
}
"""What can be said to each; behind `filer_` or `other_` each is also a kind of event."""


def whose_side(side: MediationSide) -> str:
    """`filer` or `other`, as the words and the kinds of events say it."""
    return "filer" if side.filer else "other"


def tell_side(
    desk: Desk,
    ticket: Ticket,
    side: MediationSide,
    name: str,
    /,
    *,
    options: Sequence[Do] = (),
    media: Sequence[int] = (),
    **facts: Any,
) -> bool:
    """Say it to one side, as a party to the mediation; False when they have no chat."""
    if side.person_id is None:
        return False
    number = ticket.id if side.filer else None
    facts = {"mediator": name_of(desk.session, ticket.owner_id), **facts}
    return desk.tell(side.person_id, name, ticket=number, options=options, media=media, **facts)


def has_a_chat(desk: Desk, side: MediationSide) -> bool:
    """Whether this side can be written to."""
    if side.person_id is None:
        return False
    return people.reach(desk.session, side.person_id, prefer_staff=False) is not None


def tell_mediator(
    desk: Desk, ticket: Ticket, name: str, /, *, options: Sequence[Do] = (), **facts: Any
) -> bool:
    """Say it to whoever answers for the ticket now; False when nobody does or has a chat."""
    if ticket.owner_id is None:
        return False
    return desk.tell(
        ticket.owner_id, name, staff=True, ticket=ticket.id, number=ticket.id, options=options,
        **facts,
    )  # fmt: skip


def tell_mediator_or_admins(
    desk: Desk, ticket: Ticket, name: str, /, *, options: Sequence[Do] = (), **facts: Any
) -> None:
    """The same of what must not be lost, also when the ticket was closed long ago: where whoever
    had it has left, the admins hear that there is something, and nothing of what it is."""
    if tell_mediator(desk, ticket, name, options=options, **facts):
        return
    for admin in admins_for(desk, ticket):
        desk.tell(admin, "mediation/nobody_left", staff=True, number=ticket.id)


def answer_buttons(talk: Desk, ticket: Ticket, about: Subject, about_id: int) -> list[Do]:
    """What a side may answer, one button each."""
    return [
        Do(
            f"answer_{about}",
            {"ticket": ticket.id, "about": about_id, "answer": answer},
            talk.word(f"mediation.answer.{answer}"),
        )
        for answer in ANSWERS[about]
    ]


def have_phoned(
    desk: Desk, ticket: Ticket, side: MediationSide, about: Subject, about_id: int, **facts: Any
) -> None:
    """Ask the mediator to phone a side that has no chat, and to write down what they say."""
    args = {"ticket": ticket.id, "side": side.id}
    notes = [
        Do(
            "note_side",
            {**args, "subject": about, "about": about_id, "answer": answer},
            desk.word(f"mediation.noted.{answer}"),
        )
        for answer in ANSWERS[about]
    ]
    phone = [Do("side_phone", args)] if phone_of(desk, side) else []
    tell_mediator_or_admins(
        desk, ticket, "mediation/phone_them", options=[*phone, *notes], name=side.name,
        about=str(about), has_phone=bool(phone), **facts,
    )  # fmt: skip


def phone_of(desk: Desk, side: MediationSide) -> str:
    """The number to call this side by; empty where nobody has given one."""
    if side.phone or side.person_id is None:
        return side.phone
    return desk.session.get_one(people.Person, side.person_id).phone or ""


def ask_side(
    desk: Desk,
    ticket: Ticket,
    side: MediationSide,
    name: str,
    about: Subject,
    about_id: int,
    **facts: Any,
) -> bool:
    """Put a question to a side in chat; where that is not possible the mediator is to phone."""
    options = answer_buttons(desk, ticket, about, about_id)
    if tell_side(desk, ticket, side, name, options=options, **facts):
        return True
    have_phoned(desk, ticket, side, about, about_id, **facts)
    return False


def put_in_order(
    desk: Desk,
    ticket: Ticket,
    side: MediationSide,
    about: Subject,
    about_id: int,
    answer: str,
    noted_by: int | None,
) -> MediationAnswer | None:
    """Keep what a side said, with its event, unless it is what they say already (then None)."""
    before = mediations.answers(desk.session, about, about_id).get(side.id)
    if before is not None and before.answer == answer:
        return None
    kept = mediations.say(desk.session, side, about, about_id, answer, desk.now, noted_by=noted_by)
    # Who said it is in the kind of the event: the filer's history need not know a neighbour's name.
    tickets.record(
        desk.session, ticket, f"{whose_side(side)}_{answer}", None, desk.now,
        detail={"subject": str(about), "about": about_id, "noted_by": noted_by},
    )  # fmt: skip
    return kept


def as_mediator(talk: Talk, number: Any, action: str) -> Ticket | None:
    """The ticket, when the speaker mediates it and may do this; otherwise says why not."""
    ticket = entitled(talk, number, action)
    if ticket is None:
        return None
    if not mediations.can_be_mediated(ticket):
        talk.refuse("mediation/not_this_service", number=ticket.id)
        return None
    if ticket.status in (Status.WITHDRAWN, Status.JOINED):
        talk.refuse("mediation/over", number=ticket.id)
        return None
    return ticket


def as_side(talk: Talk, number: Any, action: str) -> tuple[Ticket, Mediation, MediationSide] | None:
    """The ticket, its mediation (held) and which side the speaker is; otherwise says that it is
    not theirs, in words that tell nothing of the ticket."""
    ticket = tickets.get(talk.session, number) if isinstance(number, int) else None
    if ticket is None or not permissions.allows(
        talk.session, action, talk.person.id, ticket, talk.now
    ):
        talk.refuse("desk/not_yours", number=number, staff=False)
        return None
    mediation = mediations.held(talk.session, ticket.id)
    side = mediations.side_of(talk.session, mediation.id, talk.person.id) if mediation else None
    if mediation is None or side is None:
        talk.refuse("mediation/nothing_asked")
        return None
    return ticket, mediation, side


def moment_in_words(desk: Desk, at: datetime) -> str:
    """A moment as it is said in an invitation (3月12日周四 15:00)."""
    local = at.astimezone(desk.zone)
    weekday = desk.word("mediation.weekdays").split()[local.weekday()]
    return desk.word("mediation.moment").format(
        month=local.month, day=local.day, weekday=weekday, clock=f"{local:%H:%M}"
    )
