"""The morning briefing: once on a working day at 8:30, what is due, new, waiting and overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from handlers.registry import duty
from handlers.talk import Desk, Do
from storage import appointments, areas, calendars, posts, tasks
from storage.tasks import Task
from storage.tickets import Status

AT = time(8, 30)
UNTIL = time(12, 0)
"""A program that was down at 8:30 still sends it in the morning, and not after."""


def due(session: Session, now: datetime) -> Sequence[int]:
    """The people whose morning has come. Only who may have something to do is in that table."""
    return appointments.due(session, appointments.BRIEFING, now)


@duty("briefing", due=due)
def see_to(desk: Desk, person_id: int) -> None:
    """Send the briefing if its moment is this morning; then wait for the next one.

    The appointment moves in the same transaction, so there is one a day whatever is restarted. Who
    has nothing to do leaves the table until the next ticket.
    """
    appointment = appointments.of(desk.session, person_id, appointments.BRIEFING)
    if appointment is None or appointment.at > desk.now:
        return
    local = desk.now.astimezone(desk.zone)
    found = tasks.of_worker(desk.session, person_id)
    if not found:
        appointments.drop(desk.session, appointment)
        return
    morning = datetime.combine(local.date(), AT, desk.zone)
    # Who came into the table only after 8:30 has seen this morning's matters come.
    meant_for_today = appointment.at <= morning <= desk.now
    if meant_for_today and local.time() < UNTIL and _works(desk, person_id):
        _tell(desk, person_id, found)
    later = timedelta(days=1) if desk.now >= morning else timedelta()
    appointment.at = datetime.combine(local.date() + later, AT, desk.zone)
    desk.session.flush()


def _works(desk: Desk, person_id: int) -> bool:
    """Whether it is a working day where the person serves, and they are there."""
    held = posts.posts_of(desk.session, person_id, desk.now)
    if posts.is_away(desk.session, person_id, desk.now):
        return False
    county = areas.county(desk.session)
    area_id = held[0].area_id if held else county.id if county else None
    if area_id is None:
        return False
    calendar = calendars.calendar_for(desk.session, area_id, desk.zone)
    return bool(calendar.windows_on(desk.now.astimezone(desk.zone).date()))


def _tell(desk: Desk, person_id: int, found: list[Task]) -> None:
    facts = counts(found, desk)
    if any(facts.values()):
        desk.tell(
            person_id,
            "staff/briefing",
            staff=True,
            total=len(found),
            counts=facts,
            options=[Do("tasks")],
        )


def counts(found: list[Task], desk: Desk) -> dict[str, int]:
    """How many of a worker's tasks are overdue, due today, new since the morning before, waiting
    for the resident's word, and done but not confirmed."""
    local = desk.now.astimezone(desk.zone)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), desk.zone)
    day_before = desk.now - timedelta(days=1)
    late = [t for t in found if t.due_at is not None and t.due_at <= desk.now]
    today = [t for t in found if t.due_at is not None and desk.now < t.due_at < midnight]
    return {
        "late": len(late),
        "today": len(today),
        "new": sum(t.status == Status.WAITING and t.opened_at > day_before for t in found),
        "waiting": sum(t.paused for t in found),
        "unconfirmed": sum(t.status == Status.RESOLVED for t in found),
    }
