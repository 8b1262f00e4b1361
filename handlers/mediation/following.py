"""What falls due in a mediation by itself: both are reminded of a meeting, the mediator is asked
how it went, and after 7 and 30 days both are asked whether what they agreed is kept.
"""

from __future__ import annotations

from datetime import datetime

from handlers.mediation.arranging import invitation
from handlers.mediation.outcome import outcome_buttons
from handlers.mediation.planning import (
    AN_HOUR,
    evening_before,
    gives_up_at,
    how_it_went_at,
    plan,
    when_to_ask,
)
from handlers.mediation.sides import (
    answer_buttons,
    ask_side,
    has_a_chat,
    moment_in_words,
    tell_mediator,
    tell_mediator_or_admins,
    tell_side,
)
from handlers.registry import duty
from handlers.talk import Desk, Do
from storage import mediations, tickets
from storage.mediation_tables import Mediation, MediationFollowUp, MediationMeeting
from storage.mediations import Subject
from storage.tickets import Status, Ticket


@duty("mediations", due=mediations.falling_due)
def see_to(desk: Desk, mediation_id: int) -> None:
    """Do what is due for one mediation."""
    ticket = mediations.ticket_of(desk.session, mediation_id)
    mediation = mediations.held(desk.session, ticket.id)
    if mediation is None:
        return
    if ticket.status == Status.WITHDRAWN:
        mediation.ended_at = mediation.ended_at or desk.now
    if mediation.ended_at is None:
        meeting = mediations.arranged(desk.session, mediation.id)
        if meeting is not None:
            _see_to_meeting(desk, ticket, mediation, meeting)
        agreement = mediations.agreement_of(desk.session, mediation.id)
        for one in mediations.follow_ups(desk.session, agreement.id) if agreement else ():
            _see_to_follow_up(desk, ticket, mediation, one)
    plan(desk, mediation)


def _see_to_meeting(
    desk: Desk, ticket: Ticket, mediation: Mediation, meeting: MediationMeeting
) -> None:
    if desk.now < meeting.at:
        if _is_due(desk, meeting, meeting.at - AN_HOUR) and meeting.hour_at is None:
            # After a time in which the program did not run, one reminder says it all.
            meeting.hour_at, meeting.evening_at = desk.now, meeting.evening_at or desk.now
            _remind(desk, ticket, mediation, meeting, "hour")
        elif _is_due(desk, meeting, evening_before(desk, meeting)) and meeting.evening_at is None:
            meeting.evening_at = desk.now
            _remind(desk, ticket, mediation, meeting, "evening")
    elif meeting.asked_at is None and how_it_went_at(desk, meeting) <= desk.now:
        meeting.asked_at = desk.now
        tell_mediator(
            desk, ticket, "mediation/how_did_it_go", options=outcome_buttons(desk, ticket.id),
            when=moment_in_words(desk, meeting.at),
        )  # fmt: skip


def _is_due(desk: Desk, meeting: MediationMeeting, at: datetime) -> bool:
    return meeting.proposed_at < at <= desk.now


def _remind(
    desk: Desk, ticket: Ticket, mediation: Mediation, meeting: MediationMeeting, which: str
) -> None:
    """Remind both; while one of them does not want it so, only the mediator hears of it."""
    said = mediations.answers(desk.session, Subject.MEETING, meeting.id)
    both = mediations.sides(desk.session, mediation.id)
    stands = all(said[one.id].answer == "comes" for one in both if one.id in said)
    for side in both if stands else ():
        answered = side.id in said
        options = answer_buttons(desk, ticket, Subject.MEETING, meeting.id)
        facts = invitation(desk, mediation, meeting)
        tell_side(
            desk, ticket, side, "mediation/reminder", options=options[1:] if answered else options,
            which=which, answered=answered, **facts,
        )  # fmt: skip
    tell_mediator(
        desk, ticket, "mediation/reminder_staff",
        options=[Do("mediation", {"ticket": ticket.id})], which=which, stands=stands,
        sides=[
            {
                "name": side.name,
                "answer": said[side.id].answer if side.id in said else "",
                "phone": not has_a_chat(desk, side),
            }
            for side in both
        ],
        **invitation(desk, mediation, meeting),
    )  # fmt: skip


def _see_to_follow_up(
    desk: Desk, ticket: Ticket, mediation: Mediation, one: MediationFollowUp
) -> None:
    if one.done_at is not None:
        return
    last = one.days == mediations.FOLLOW_UPS[-1]
    if one.asked_at is None:
        if when_to_ask(desk, mediation, one) > desk.now:
            return
        one.asked_at = desk.now
        tickets.record(
            desk.session, ticket, "follow_up_asked", None, desk.now, detail={"days": one.days}
        )
        for side in mediations.sides(desk.session, mediation.id):
            ask_side(
                desk, ticket, side, "mediation/follow_up", Subject.FOLLOW_UP, one.id,
                days=one.days, subject=mediation.subject,
            )  # fmt: skip
    elif gives_up_at(desk, one) <= desk.now:
        one.done_at = desk.now
        said = mediations.answers(desk.session, Subject.FOLLOW_UP, one.id)
        silent = [
            side.name
            for side in mediations.sides(desk.session, mediation.id)
            if side.id not in said
        ]
        tickets.record(desk.session, ticket, "follow_up_silent", None, desk.now)
        tell_mediator_or_admins(
            desk, ticket, "mediation/silent", names=silent, days=one.days, last=last,
            options=[Do("mediation", {"ticket": ticket.id})],
        )  # fmt: skip
    if last and one.done_at is not None:
        mediation.ended_at = desk.now
