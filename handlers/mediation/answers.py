"""What the two sides say: to a meeting, to an agreement, and whether it was kept.

They tap a button, or the mediator, who phoned them, taps it for them. The words they may add are
for the mediator alone.
"""

from __future__ import annotations

from handlers.mediation.agreement import show_agreement, when_all_agree
from handlers.mediation.arranging import invitation
from handlers.mediation.planning import plan
from handlers.mediation.sides import (
    ANSWERS,
    answer_buttons,
    as_mediator,
    as_side,
    phone_of,
    put_in_order,
    tell_mediator,
    tell_mediator_or_admins,
    whose_side,
)
from handlers.questions import Text
from handlers.registry import action, conversation
from handlers.talk import Desk, Do, Talk
from handlers.views import name_of
from storage import audit, mediations
from storage.mediation_tables import (
    Mediation,
    MediationAgreement,
    MediationFollowUp,
    MediationSide,
)
from storage.mediations import Subject
from storage.tickets import Ticket

WITH_WORDS = ("moves", "declines", "objects", "unkept", "news")
"""Answers to which a word is asked for."""


@action("answer_meeting")
def answer_meeting(talk: Talk, ticket: int, about: int, answer: str) -> None:
    """参加, 换个时间, 不想参加."""
    answer_to(talk, ticket, Subject.MEETING, about, answer)


@action("answer_agreement")
def answer_agreement(talk: Talk, ticket: int, about: int, answer: str) -> None:
    """同意, 要改: one tap, which is no signature."""
    answer_to(talk, ticket, Subject.AGREEMENT, about, answer)


@action("answer_follow_up")
def answer_follow_up(talk: Talk, ticket: int, about: int, answer: str) -> None:
    """都做到了, 还没有, 有新情况."""
    answer_to(talk, ticket, Subject.FOLLOW_UP, about, answer)


def answer_to(talk: Talk, number: int, subject: Subject, about: int, answer: str) -> None:
    """What a side says to what it was asked, by a button or in words that mean it."""
    found = as_side(talk, number, f"answer_{subject}")
    if found is None or answer not in ANSWERS[subject]:
        return
    ticket, mediation, side = found
    if not stands(talk, mediation, subject, about):
        _show_what_stands(talk, ticket, mediation, subject)
        return
    new = take_answer(talk, ticket, mediation, side, subject, about, answer)
    own = ticket.id if side.filer else None
    if answer in WITH_WORDS:
        talk.begin(
            "mediation_words", ticket=number, subject=str(subject), about=about, answer=answer
        )
    elif not (new and subject == Subject.AGREEMENT and _all_agreed(talk, about)):
        talk.say("mediation/heard", ticket=own, answer=answer, again=not new)


def show_what_stands(talk: Talk, number: int, subject: Subject) -> None:
    """Show a side what it is asked, once more."""
    found = as_side(talk, number, f"answer_{subject}")
    if found is not None:
        ticket, mediation, _ = found
        _show_what_stands(talk, ticket, mediation, subject, moved=False)


def _all_agreed(talk: Talk, about: int) -> bool:
    """Whether it is agreed now: then all were told so, the speaker too."""
    return talk.session.get_one(MediationAgreement, about).agreed_at is not None


def stands(talk: Desk, mediation: Mediation, subject: Subject, about: int) -> bool:
    """Whether this is still the meeting, the wording or the follow-up of this mediation that can be
    answered."""
    if subject == Subject.MEETING:
        meeting = mediations.arranged(talk.session, mediation.id)
        return meeting is not None and meeting.id == about
    agreement = mediations.agreement_of(talk.session, mediation.id)
    if agreement is None:
        return False
    if subject == Subject.AGREEMENT:
        return agreement.id == about
    return any(
        one.id == about and one.asked_at is not None
        for one in mediations.follow_ups(talk.session, agreement.id)
    )


def _show_what_stands(
    talk: Talk, ticket: Ticket, mediation: Mediation, subject: Subject, *, moved: bool = True
) -> None:
    """An old button: the newest of its kind, or that there is nothing to say to any more."""
    side = mediations.side_of(talk.session, mediation.id, talk.person.id)
    own = ticket.id if side and side.filer else None
    meeting = mediations.arranged(talk.session, mediation.id)
    agreement = mediations.agreement_of(talk.session, mediation.id)
    if subject == Subject.MEETING and meeting is not None:
        talk.say(
            "mediation/invitation", ticket=own, moved=moved,
            mediator=name_of(talk.session, ticket.owner_id),
            options=answer_buttons(talk, ticket, subject, meeting.id),
            **invitation(talk, mediation, meeting),
        )  # fmt: skip
    elif subject == Subject.AGREEMENT and agreement is not None and side is not None:
        show_agreement(talk, ticket, mediation, side, agreement)
    else:
        talk.say("mediation/nothing_asked", ticket=own)


def take_answer(
    desk: Desk,
    ticket: Ticket,
    mediation: Mediation,
    side: MediationSide,
    subject: Subject,
    about: int,
    answer: str,
    noted_by: int | None = None,
) -> bool:
    """What an answer does, whoever wrote it down; False when it was said before."""
    kept = put_in_order(desk, ticket, side, subject, about, answer, noted_by)
    if kept is None:
        return False
    all_well = False
    if subject == Subject.MEETING:
        all_well = mediations.all_say(desk.session, mediation.id, subject, about, "comes")
    elif subject == Subject.AGREEMENT:
        agreement = desk.session.get_one(MediationAgreement, about)
        all_well = when_all_agree(desk, ticket, mediation, agreement)
    else:
        all_well = _follow_up_answered(desk, mediation, about)
    if not (subject == Subject.AGREEMENT and all_well):  # of that all are told together
        tell_mediator_or_admins(
            desk, ticket, "mediation/said", options=next_steps(ticket, answer),
            whose=whose_side(side), name=side.name, answer=answer, words="", all=all_well,
            noted=noted_by is not None,
        )  # fmt: skip
    plan(desk, mediation)
    return True


def _follow_up_answered(desk: Desk, mediation: Mediation, about: int) -> bool:
    """Whether both say that it is kept; the last follow-up ends the mediation then."""
    one = desk.session.get_one(MediationFollowUp, about)
    given = mediations.answers(desk.session, Subject.FOLLOW_UP, about)
    if len(given) >= len(mediations.sides(desk.session, mediation.id)):
        one.done_at = one.done_at or desk.now
    kept = mediations.all_say(desk.session, mediation.id, Subject.FOLLOW_UP, about, "kept")
    if one.days == mediations.FOLLOW_UPS[-1] and kept:
        mediation.ended_at = desk.now
    return kept


def next_steps(ticket: Ticket, answer: str) -> list[Do]:
    """What the mediator may want to do about an answer, one button each."""
    again = Do("arrange_mediation", {"ticket": ticket.id})
    steps = {
        "moves": [again],
        "declines": [again, Do("mediation_outcome", {"ticket": ticket.id})],
        "objects": [Do("write_agreement", {"ticket": ticket.id, "change": True})],
        "unkept": [again],
        "news": [again],
    }
    return steps.get(answer, [])


@conversation("mediation_words")
def say_why(talk: Talk) -> None:
    """A word about it, if they like; only the mediator reads it."""
    subject, about = Subject(talk.args["subject"]), talk.args["about"]
    found = as_side(talk, talk.args["ticket"], f"answer_{subject}")
    if found is None:
        return
    ticket, _, side = found
    answer = talk.args["answer"]
    words = talk.ask(
        "words", Text("mediation/words", most=500, optional=True, tells=True, answer=answer)
    )
    given = mediations.answers(talk.session, subject, about).get(side.id)
    if words and given is not None and given.answer == answer:
        given.words = words
        tell_mediator(
            talk, ticket, "mediation/said", options=next_steps(ticket, answer),
            whose=whose_side(side), name=side.name, answer=answer, words=words, all=False,
            noted=False,
        )  # fmt: skip
    own = ticket.id if side.filer else None
    talk.say("mediation/heard", ticket=own, answer=answer, again=False)


@action("note_side")
def note_side(talk: Talk, ticket: int, side: int, subject: str, about: int, answer: str) -> None:
    """The mediator phoned a side that has no chat, and writes down what they said."""
    found = as_mediator(talk, ticket, "note_side")
    if found is None:
        return
    mediation = mediations.held(talk.session, ticket)
    known = mediations.sides(talk.session, mediation.id) if mediation else []
    one = next((known_one for known_one in known if known_one.id == side), None)
    what = next((one for one in Subject if one == subject), None)
    if (
        mediation is None or one is None or what is None or answer not in ANSWERS[what]
        or not stands(talk, mediation, what, about)
    ):  # fmt: skip
        talk.say("mediation/no_more", ticket=ticket, number=ticket)
        return
    take_answer(talk, found, mediation, one, what, about, answer, talk.person.id)
    talk.say("mediation/written_down", ticket=ticket, name=one.name, answer=answer)


@action("side_phone")
def side_phone(talk: Talk, ticket: int, side: int) -> None:
    """The number of a side, to call them; the look is written down."""
    found = as_mediator(talk, ticket, "side_phone")
    mediation = mediations.of_ticket(talk.session, ticket) if found else None
    known = mediations.sides(talk.session, mediation.id) if mediation else []
    one = next((known_one for known_one in known if known_one.id == side), None)
    phone = phone_of(talk, one) if one else ""
    if one is None or not phone:
        talk.say("mediation/no_phone", ticket=ticket)
        return
    audit.note(talk.session, talk.now, talk.person.id, "phone", f"ticket:{ticket}", "call")
    talk.say("mediation/phone_shown", ticket=ticket, name=one.name, calls=[(one.name, phone)])
