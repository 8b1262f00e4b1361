"""值班表: who sits where in the next seven days, around the places a worker serves."""

from __future__ import annotations

from datetime import timedelta

from handlers.residents.sittings import clock, is_holiday, who_sits
from handlers.talk import Talk
from storage import areas, posts, rota
from storage.names import bare

DAYS = 7
MOST = 20
"""Lines of one list."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether a worker asks for the rota; then they read it. It says nobody's matters, only what
    residents are told too."""
    if bare(text) not in talk.words("duty_list.asked"):
        return False
    held = posts.posts_of(talk.session, talk.person.id, talk.now)
    if not held:
        return False
    places = [areas.get(talk.session, post.area_id) for post in held]
    rows = rota.around(talk.session, places)
    today = talk.now.astimezone(talk.zone).date()
    found = [one for one in rota.sittings(rows, today, DAYS) if not is_holiday(talk, one)]
    lines = [
        {
            "day": one.day,
            "begins": clock(one.row.begins),
            "ends": clock(one.row.ends),
            "who": who_sits(talk, one.row),
            "where": one.row.place or _title(talk, one.row.area_id),
            "own": one.row.person_id == talk.person.id,
        }
        for one in found[:MOST]
    ]
    talk.say(
        "booking/duty_list", lines=lines, more=len(found) - len(lines), days=DAYS,
        until=today + timedelta(days=DAYS - 1),
    )  # fmt: skip
    return True


def _title(talk: Talk, area_id: int) -> str:
    return areas.title(talk.session, areas.get(talk.session, area_id))
