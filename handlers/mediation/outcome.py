"""How a meeting ended: 达成协议, 没谈成, 改天再谈, 一方没来; and how far a mediation has got."""

from __future__ import annotations

from typing import Any

from handlers.mediation.planning import plan
from handlers.mediation.sides import as_mediator, moment_in_words, phone_of, tell_side
from handlers.registry import action
from handlers.staff.cards import tells_of_violence
from handlers.talk import Desk, Do, Talk
from storage import audit, mediations, tickets
from storage.mediation_tables import Mediation
from storage.mediations import Subject
from storage.tickets import Status, Ticket

OUTCOMES = ("agreed", "failed", "again", "absent")
WHO_STAYED_AWAY = ("filer", "other", "both")


def outcome_buttons(desk: Desk, number: int) -> list[Do]:
    """The four ways a meeting can end."""
    return [
        Do(
            "mediation_outcome",
            {"ticket": number, "outcome": one},
            desk.word(f"mediation.outcome.{one}"),
        )
        for one in OUTCOMES
    ]


@action("mediation_outcome")
def how_it_ended(talk: Talk, ticket: int, outcome: str = "", who: str = "") -> None:
    """Asks how it ended, and who stayed away; then does what follows from it."""
    found = as_mediator(talk, ticket, "mediation_outcome")
    if found is None:
        return
    mediation = mediations.held(talk.session, ticket)
    if mediation is None or mediations.other_side(talk.session, mediation.id) is None:
        arrange = Do("arrange_mediation", {"ticket": ticket})
        talk.say("mediation/nobody_yet", ticket=ticket, options=[arrange])
    elif outcome == "agreed":
        _ends(talk, found, mediation, outcome, "mediation_agreed")
        talk.begin("write_agreement", ticket=ticket)
    elif outcome == "failed":
        _failed(talk, found, mediation)
    elif outcome == "again":
        _ends(talk, found, mediation, outcome, "meeting_again")
        talk.begin("arrange_mediation", ticket=ticket, anew=False)
    elif outcome == "absent" and who in WHO_STAYED_AWAY:
        _absent(talk, found, mediation, who)
    elif outcome == "absent":
        options = [
            Do(
                "mediation_outcome",
                {"ticket": ticket, "outcome": "absent", "who": one},
                talk.word(f"mediation.absent.{one}"),
            )
            for one in WHO_STAYED_AWAY
        ]
        talk.say("mediation/who_stayed_away", ticket=ticket, options=options)
    else:
        options = outcome_buttons(talk, ticket)
        talk.say("mediation/how_it_ended", ticket=ticket, number=ticket, options=options)


def _ends(talk: Talk, ticket: Ticket, mediation: Mediation, outcome: str, kind: str) -> bool:
    """Write down how the arranged meeting ended; False when it was written down before."""
    meeting = mediations.arranged(talk.session, mediation.id)
    if meeting is None and outcome != "failed":
        return False
    if meeting is not None:
        meeting.state, meeting.outcome = "held", outcome
    tickets.record(talk.session, ticket, kind, talk.person.id, talk.now)
    plan(talk, mediation)
    return True


def _failed(talk: Talk, ticket: Ticket, mediation: Mediation) -> None:
    """It ends, and both are told which other ways are open to them (人民调解法, Art. 26)."""
    steps = [Do("arrange_mediation", {"ticket": ticket.id})]
    if ticket.status == Status.CLAIMED:
        steps.insert(0, Do("resolve", {"ticket": ticket.id, "version": ticket.version}))
    if mediation.ended_at is None:
        _ends(talk, ticket, mediation, "failed", "mediation_failed")
        mediation.ended_at = talk.now
        plan(talk, mediation)
        for side in mediations.sides(talk.session, mediation.id):
            tell_side(talk, ticket, side, "mediation/failed", subject=mediation.subject)
    talk.say("mediation/failed_staff", ticket=ticket.id, number=ticket.id, options=steps)


def _absent(talk: Talk, ticket: Ticket, mediation: Mediation, who: str) -> None:
    if _ends(talk, ticket, mediation, "absent", f"{who}_absent"):
        for side in mediations.sides(talk.session, mediation.id):
            away = who == "both" or side.filer == (who == "filer")
            tell_side(talk, ticket, side, "mediation/absent", away=away)
    arrange = Do("arrange_mediation", {"ticket": ticket.id})
    failed = Do(
        "mediation_outcome",
        {"ticket": ticket.id, "outcome": "failed"},
        talk.word("mediation.outcome.failed"),
    )
    talk.say("mediation/absent_staff", ticket=ticket.id, options=[arrange, failed])


def call_off(desk: Desk, ticket: Ticket) -> None:
    """The matter was taken back: whoever was to come is told that nobody waits for them."""
    mediation = mediations.held(desk.session, ticket.id)
    if mediation is None or mediation.ended_at is not None:
        return
    meeting = mediations.arranged(desk.session, mediation.id)
    mediation.ended_at = desk.now
    if meeting is not None:
        meeting.state = "called_off"
        tickets.record(desk.session, ticket, "meeting_called_off", None, desk.now)
        for side in mediations.sides(desk.session, mediation.id):
            when = moment_in_words(desk, meeting.at)
            tell_side(desk, ticket, side, "mediation/called_off", when=when)
    plan(desk, mediation)


@action("mediation")
def show(talk: Talk, ticket: int) -> None:
    """调解情况: the sides and what they said, the meetings, the agreement; and what can be done."""
    found = as_mediator(talk, ticket, "mediation")
    if found is None:
        return
    mediation = mediations.of_ticket(talk.session, ticket)
    arrange = Do("arrange_mediation", {"ticket": ticket})
    if mediation is None:
        talk.say("mediation/nobody_yet", ticket=ticket, options=[arrange])
        return
    audit.note(talk.session, talk.now, talk.person.id, "story", f"ticket:{ticket}")
    agreement = mediations.agreement_of(talk.session, mediation.id)
    options = [
        Do("mediation_outcome", {"ticket": ticket}),
        arrange,
        Do("write_agreement", {"ticket": ticket, "change": True}),
        *(
            Do(
                "side_phone",
                {"ticket": ticket, "side": side.id},
                talk.word("mediation.phone_of").format(name=side.name),
            )
            for side in mediations.sides(talk.session, mediation.id)
            if phone_of(talk, side)
        ),
        Do("arrange_mediation", {"ticket": ticket, "anew": True}, talk.word("mediation.other_was")),
    ]
    talk.say(
        "mediation/state", ticket=ticket, number=ticket, options=options,
        subject=mediation.subject, sides=_sides(talk, mediation), warns=tells_of_violence(found),
        meetings=[
            {
                "when": moment_in_words(talk, one.at),
                "place": one.place,
                "state": one.outcome or one.state,
            }
            for one in mediations.meetings(talk.session, mediation.id)
        ],
        points=agreement.points if agreement else [],
        agreed_at=agreement.agreed_at if agreement else None,
        ended=mediation.ended_at is not None,
        told=[
            one.detail["text"]
            for one in tickets.events(talk.session, ticket)
            if one.kind == "other_said" and one.detail["text"]
        ],
    )  # fmt: skip


def _sides(talk: Talk, mediation: Mediation) -> list[dict[str, Any]]:
    """Each side's name, and what it said to what stands: the meeting, the agreement, the newest
    follow-up."""
    meeting = mediations.arranged(talk.session, mediation.id)
    agreement = mediations.agreement_of(talk.session, mediation.id)
    subjects = [(Subject.MEETING, meeting.id)] if meeting else []
    if agreement is not None:
        subjects.append((Subject.AGREEMENT, agreement.id))
        asked = [one for one in mediations.follow_ups(talk.session, agreement.id) if one.asked_at]
        subjects += [(Subject.FOLLOW_UP, one.id) for one in asked[-1:]]
    found = []
    for side in mediations.sides(talk.session, mediation.id):
        said = [
            answer
            for subject in subjects
            if (answer := mediations.answers(talk.session, *subject).get(side.id)) is not None
        ]
        found.append(
            {
                "name": side.name,
                "filer": side.filer,
                "said": [{"answer": one.answer, "words": one.words} for one in said],
            }
        )
    return found
