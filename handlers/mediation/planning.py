"""When a mediation next needs the program by itself: reminders, the outcome, the follow-ups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from handlers.daytime import by_day
from handlers.talk import Desk
from storage import calendars, mediations
from storage.mediation_tables import Mediation, MediationFollowUp, MediationMeeting
from storage.working_time import NoWorkingTime

EVENING = time(18)
"""When, on the day before, both sides are reminded."""
AN_HOUR = timedelta(hours=1)
AFTERWARDS = timedelta(hours=2)
"""How long after its beginning the mediator is asked how a meeting went."""
PATIENCE = timedelta(days=3)
"""How long a follow-up waits for answers."""


def plan(desk: Desk, mediation: Mediation) -> None:
    """Set when something falls due next, from everything as it is."""
    mediation.next_at = min(_moments(desk, mediation), default=None)
    desk.session.flush()


def _moments(desk: Desk, mediation: Mediation) -> Iterator[datetime]:
    if mediation.ended_at is not None:
        return
    meeting = mediations.arranged(desk.session, mediation.id)
    if meeting is not None:
        wanted = (
            (evening_before(desk, meeting), meeting.evening_at),
            (meeting.at - AN_HOUR, meeting.hour_at),
        )
        for at, done in wanted:
            if done is None and meeting.proposed_at < at and desk.now < meeting.at:
                yield at
        if meeting.asked_at is None:
            yield how_it_went_at(desk, meeting)
    agreement = mediations.agreement_of(desk.session, mediation.id)
    for one in mediations.follow_ups(desk.session, agreement.id) if agreement else ():
        if one.done_at is None:
            yield when_to_ask(desk, mediation, one) if not one.asked_at else gives_up_at(desk, one)


def evening_before(desk: Desk, meeting: MediationMeeting) -> datetime:
    """The evening of the day before a meeting."""
    day = meeting.at.astimezone(desk.zone).date() - timedelta(days=1)
    return datetime.combine(day, EVENING, desk.zone)


def how_it_went_at(desk: Desk, meeting: MediationMeeting) -> datetime:
    """When the mediator is asked for the outcome."""
    return by_day(meeting.at + AFTERWARDS, desk.zone)


def gives_up_at(desk: Desk, one: MediationFollowUp) -> datetime:
    """When a follow-up waits no longer for who has not answered."""
    assert one.asked_at is not None
    return by_day(one.asked_at + PATIENCE, desk.zone)


def when_to_ask(desk: Desk, mediation: Mediation, one: MediationFollowUp) -> datetime:
    """When both sides are asked: on a working day, by day, not before it is due."""
    ticket = mediations.ticket_of(desk.session, mediation.id)
    calendar = calendars.calendar_for(desk.session, ticket.area_id, desk.zone)
    try:
        return by_day(calendar.next_open(one.due_at), desk.zone)
    except NoWorkingTime:
        return by_day(one.due_at, desk.zone)
