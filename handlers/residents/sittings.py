"""When somebody of the rota can be come to: the next days for a doorstep, with slots still free."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.residents.helpers import doorstep
from handlers.talk import Desk, Talk
from handlers.views import name_of
from storage import bookings, calendars, roles, rota
from storage.rota import Duty, RotaRow, Sitting

AHEAD = 35
"""Days that are looked ahead: whoever sits once a month is among them."""
FRIDAY = 4
MOST = 6
"""Days that are offered; more do not fit on a phone's screen."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One day of somebody, with what is free. who: role and name."""

    sitting: Sitting
    who: str
    free: list[int]


def next_sittings(talk: Talk, *, but: int | None = None) -> list[Seat]:
    """The next days of everybody who can be booked here, soonest first. but: a person's id that is
    left out."""
    place = doorstep(talk)
    if place is None:
        return []
    rows = [row for row in rota.of_place(talk.session, place) if row.slot]
    rows = [row for row in rows if row.person_id not in (but, talk.person.id)]
    found: list[Seat] = []
    today = talk.now.astimezone(talk.zone).date()
    for sitting in rota.sittings(rows, today, AHEAD):
        if is_holiday(talk, sitting):
            continue
        free = bookings.free_slots(talk.session, sitting, talk.now, talk.zone)
        if free:
            found.append(Seat(sitting, who_sits(talk, sitting.row), free))
        if len(found) == MOST:
            break
    return found


def is_holiday(talk: Talk, sitting: Sitting) -> bool:
    """Whether a weekday of every week falls on a day on which nobody works."""
    if not 0 <= sitting.row.weekday <= FRIDAY:
        return False
    calendar = calendars.calendar_for(talk.session, sitting.row.area_id, talk.zone)
    return not calendar.windows_on(sitting.day)


def who_sits(desk: Desk, row: RotaRow) -> str:
    """Their role and name, as people say them (片区律师罗某, 县人大代表于某)."""
    role = rota.ROLE_OF.get(row.duty)
    title = row.title or (roles.label(role) if role else desk.word(f"duty.{Duty(row.duty)}"))
    return f"{title}{name_of(desk.session, row.person_id)}"


def clock(minute: int) -> str:
    """A minute of the day (14:30)."""
    return f"{minute // 60}:{minute % 60:02}"
