"""预约: which day of whom, which time, one tap, and it is booked; 我的预约: cancel, or move it.

Of two who take a slot at once one wins; the other is offered what is still free. What it is about
is for who is booked alone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from handlers.questions import Answered, Confirm, Json, Option, Pick, Reading, Text
from handlers.registry import action, conversation, duty, opens
from handlers.residents.arrival import ask_where_they_live, settle
from handlers.residents.said_home import known_place
from handlers.residents.sittings import Seat, clock, next_sittings, who_sits
from handlers.talk import Desk, Do, Said, Talk
from storage import audit, bookings
from storage.bookings import Booking, SlotTaken
from storage.rota import RotaRow, Sitting
from storage.times import time_of_day

MOST_ABOUT = 200
NOON = 12 * 60


@opens("booking")
def book(talk: Talk, story: dict[str, Any] | None) -> None:
    """Begin it; story: the words that led here, which are not yet what it is about."""
    talk.begin("booking")


@conversation("booking", own=True)
def booking(talk: Talk) -> None:
    """args: about (what was told before), replaces (a booking that this one is for)."""
    if talk.person.home_id is None and known_place(talk) is None:
        arrival = ask_where_they_live(talk)
        if arrival is None:
            return
        settle(talk, arrival)
    if _too_many(talk):
        return
    seats = {_key(seat.sitting): seat for seat in next_sittings(talk)}
    if not seats:
        talk.say("booking/nobody")
        return
    days = [Option(key, _day_label(talk, seat)) for key, seat in seats.items()]
    chosen = talk.answered("day")
    if chosen is not None and chosen not in seats:
        talk.refuse("booking/full")
    key = talk.ask("day", Pick("booking/day", days))
    seat = seats[key]
    times = [Option(minute, _time_label(talk, minute)) for minute in seat.free]
    wanted = talk.answered(f"time-{key}")
    if wanted is not None and wanted not in seat.free:
        talk.refuse("booking/taken", time=clock(wanted))
    minute = talk.ask(f"time-{key}", Time("booking/time", times, who=seat.who))
    about = talk.args.get("about") or talk.ask(
        "about", Text("booking/about", most=MOST_ABOUT, optional=True, who=seat.who)
    )
    shown = _shown(talk, seat.sitting.row, seat.sitting.day, minute)
    if not talk.ask(
        "sure", Confirm("booking/sure", yes="book", no="book_not", about=about, **shown)
    ):
        talk.say("booking/dropped")
        return
    _take(talk, seat.sitting, minute, about, shown)


def _key(sitting: Sitting) -> str:
    return f"{sitting.row.id}-{sitting.day.isoformat()}"


def _day_label(talk: Talk, seat: Seat) -> str:
    """Weekday first: a label that begins with a number would be called by that."""
    day, names = seat.sitting.day, talk.word("booking.weekdays").split()
    return talk.word("booking.day").format(
        who=seat.who, month=day.month, day=day.day, weekday=names[day.weekday()]
    )


class Time(Pick):
    """One of the free times; 两点半, 14:30 and the like are understood too."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        minute = None if picked else time_of_day(said.text)
        for meant in (minute, None if minute is None else minute + NOON):
            if any(option.value == meant for option in self.options):
                return Answered(meant)
        return super().read(said, picked, talk, draft)


def _time_label(talk: Talk, minute: int) -> str:
    half = talk.word("booking.morning" if minute < NOON else "booking.afternoon")
    return f"{half}{clock(minute if minute < NOON + 60 else minute - NOON)}"


def _shown(desk: Desk, row: RotaRow, day: date, minute: int) -> dict[str, Any]:
    return {
        "who": who_sits(desk, row),
        "day": day,
        "time": clock(minute),
        "minutes": row.slot,
        "place": row.place,
    }


def _too_many(talk: Talk) -> bool:
    """Whether they have as many ahead of them as one person may; says so."""
    ahead = bookings.ahead(talk.session, talk.person.id, talk.now)
    if talk.args.get("replaces") or len(ahead) < bookings.MOST_AT_ONCE:
        return False
    talk.refuse("booking/many", most=bookings.MOST_AT_ONCE)
    return True


def _take(talk: Talk, sitting: Sitting, minute: int, about: str, shown: dict[str, Any]) -> None:
    row = sitting.row
    try:
        made = bookings.take(
            talk.session, row, sitting.day, minute, talk.person.id, about, talk.now, talk.zone
        )
    except SlotTaken:
        talk.say("booking/taken", **shown)
        talk.begin("booking", **talk.args)
        return
    earlier = bookings.get(talk.session, talk.args.get("replaces") or 0)
    if earlier is not None and earlier.person_id == talk.person.id:
        _give_back(talk, earlier)
    reminded = made.remind_at is not None
    talk.say("booking/done", **shown, reminded=reminded, options=[Do("my_bookings")])
    audit.note(talk.session, talk.now, row.person_id, "told", f"booking:{made.id}")
    talk.tell(
        row.person_id, "booking/new", staff=True, **shown, about=about, name=talk.person.name,
        options=[Do("reception", {"day": sitting.day.isoformat()})],
    )  # fmt: skip


@conversation("my_bookings")
def my_bookings(talk: Talk) -> None:
    """我的预约: what is ahead, each to be cancelled or put to another time."""
    ahead = bookings.ahead(talk.session, talk.person.id, talk.now)
    options = []
    for number, one in enumerate(ahead, 1):
        for name in ("booking_cancel", "booking_move"):
            label = talk.word(f"do.{name}")
            label = f"{label} {number}" if len(ahead) > 1 else label
            options.append(Do(name, {"booking": one.id}, label))
    options.append(Do("open", {"name": "booking"}, talk.word("booking.another")))
    talk.say("booking/mine", bookings=[_of(talk, one) for one in ahead], options=options)


@action("my_bookings")
def show_mine(talk: Talk) -> None:
    """The button 我的预约."""
    talk.begin("my_bookings")


def _of(desk: Desk, one: Booking) -> dict[str, Any]:
    row = bookings.row_of(desk.session, one)
    local = one.starts_at.astimezone(desk.zone)
    return _shown(desk, row, local.date(), local.hour * 60 + local.minute)


def _own(talk: Talk, booking: int) -> Booking | None:
    """Their booking, if it is still to come; otherwise says that there is none."""
    found = bookings.get(talk.session, booking)
    ahead = found is not None and found.person_id == talk.person.id and found.live
    if found is None or not ahead or found.starts_at <= talk.now:
        talk.say("booking/none")
        return None
    return found


@action("booking_cancel")
def cancel(talk: Talk, booking: int) -> None:
    """取消预约: the slot is free again, and who was booked knows."""
    found = _own(talk, booking)
    if found is not None:
        _give_back(talk, found)
        talk.say(
            "booking/cancelled",
            **_of(talk, found),
            options=[Do("open", {"name": "booking"}, talk.word("booking.another"))],
        )


@action("booking_move")
def move(talk: Talk, booking: int) -> None:
    """改时间: another slot; the old one is kept until the new one is sure."""
    found = _own(talk, booking)
    if found is not None:
        talk.begin("booking", about=found.about, replaces=found.id)


def _give_back(talk: Talk, found: Booking) -> None:
    if bookings.cancel(talk.session, found):
        row = bookings.row_of(talk.session, found)
        talk.tell(
            row.person_id, "booking/given_back", staff=True, name=talk.person.name,
            **_of(talk, found),
        )  # fmt: skip


def _due(session: Session, now: datetime) -> list[int]:
    return bookings.to_remind(session, now)


@duty("bookings", _due)
def remind(desk: Desk, booking_id: int) -> None:
    """The evening before; not any more once it has begun."""
    found = bookings.get(desk.session, booking_id)
    if found is None or found.remind_at is None:
        return
    found.remind_at = None
    desk.session.flush()
    if found.live and found.starts_at > desk.now:
        options = [Do(name, {"booking": found.id}) for name in ("booking_cancel", "booking_move")]
        tomorrow = (
            found.starts_at.astimezone(desk.zone).date() - desk.now.astimezone(desk.zone).date()
        )
        desk.tell(
            found.person_id, "booking/reminder", options=options,
            tomorrow=tomorrow == timedelta(days=1), **_of(desk, found),
        )  # fmt: skip
