"""接待安排: who comes to somebody of the rota on a day. Theirs alone; each look is written down."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from handlers.registry import action, command
from handlers.residents.sittings import clock
from handlers.talk import Do, Talk
from handlers.views import name_of
from storage import audit, bookings, rota
from storage.rota import moment

AHEAD = 60
"""Days ahead in which the next day with somebody coming is looked for."""


@command("reception")
def reception_now(talk: Talk) -> None:
    """Today's; where nobody comes today, the next day on which somebody does."""
    today = talk.now.astimezone(talk.zone).date()
    ahead = bookings.of_host(
        talk.session, talk.person.id, moment(today, 0, talk.zone),
        moment(today + timedelta(days=AHEAD), 0, talk.zone),
    )  # fmt: skip
    day = ahead[0].starts_at.astimezone(talk.zone).date() if ahead else today
    show(talk, day)


@action("reception")
def reception(talk: Talk, day: str) -> None:
    """The button under a new booking: that day's."""
    show(talk, date.fromisoformat(day))


def show(talk: Talk, day: date) -> None:
    """Who comes to the speaker on a day, when, and what about; theirs alone."""
    if not rota.of_person(talk.session, talk.person.id):
        talk.say("booking/not_on_the_rota")
        return
    found = bookings.of_host(
        talk.session, talk.person.id, moment(day, 0, talk.zone), moment(day, 24 * 60, talk.zone)
    )
    lines: list[dict[str, Any]] = []
    for one in found:
        local = one.starts_at.astimezone(talk.zone)
        minute = local.hour * 60 + local.minute
        lines.append(
            {
                "time": clock(minute),
                "name": name_of(talk.session, one.person_id),
                "about": one.about,
                "place": bookings.row_of(talk.session, one).place,
            }
        )
        audit.note(talk.session, talk.now, talk.person.id, "told", f"booking:{one.id}")
    follow = day + timedelta(days=1)
    options = [Do("reception", {"day": follow.isoformat()}, talk.word("booking.next_day"))]
    talk.say("booking/reception", day=day, lines=lines, options=options)
