"""Danger in somebody's words: first whom to call, with one tap; then it is filed as urgent."""

from __future__ import annotations

from handlers.talk import Talk
from handlers.views import name_of
from storage import areas, posts, roles
from storage.meaning import dangers, dangers_in
from storage.people import Person
from storage.posts import Role


def show_whom_to_call(talk: Talk, text: str, area_id: int | None = None) -> bool:
    """Show the numbers that fit the danger, and the officer's of that doorstep; False when there
    is no danger in `text`. area_id: where the speaker lives, if that is not known of them yet."""
    found = dangers_in(text)
    if not found:
        return False
    numbers = list(dict.fromkeys(n for key in found for n in dangers()[key].calls))
    calls = [(talk.word(f"hotline.{number}"), number) for number in numbers]
    officer = _officer(talk, area_id)
    if officer is not None:
        calls.append(officer)
    careful = bool({"suicide", "family"} & set(found))
    fraud = not any(dangers()[key].life for key in found)
    talk.say("desk/danger", calls=calls, numbers=numbers, careful=careful, fraud=fraud)
    return True


def _officer(talk: Talk, area_id: int | None) -> tuple[str, str] | None:
    """The officer who serves the doorstep, and the number they are listed with."""
    home = area_id or talk.person.home_id
    county = areas.county(talk.session)
    place = home or (county.id if county else None)
    if place is None:
        return None
    serving = posts.serving(talk.session, Role.COMMUNITY_OFFICER, place, talk.now)
    if serving is None:
        return None
    officer = talk.session.get_one(Person, serving.person_id)
    if not officer.phone:
        return None
    return roles.label(serving.role) + name_of(talk.session, officer.id), officer.phone
