"""Who of the law serves a doorstep (片区民警, 片区律师, 调解员): name, hours, a number to tap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.talk import Talk
from handlers.views import name_of
from storage import areas, calendars, posts, roles, rota
from storage.people import Person
from storage.posts import Role, Serving
from storage.rota import RotaRow

OF_THE_LAW = (Role.COMMUNITY_OFFICER, Role.LAWYER, Role.MEDIATOR)


@dataclass(frozen=True, slots=True)
class Helper:
    """One of them. phone: empty where none is proven; they are reached through the bot then.
    on_duty: by the rota, just now. rota: their rows. windows: the ordinary hours (08:30-12:00).
    """

    person_id: int
    role: Role
    label: str
    name: str
    phone: str
    on_duty: bool
    rota: list[RotaRow]
    windows: list[str]

    @property
    def called(self) -> str:
        """Role and name, as people say them."""
        return f"{self.label}{self.name}"


def doorstep(talk: Talk, area_id: int | None = None) -> int | None:
    """The area to look from: the one given, the speaker's home, else the county."""
    county = areas.county(talk.session)
    return area_id or talk.person.home_id or (county.id if county else None)


def helpers(talk: Talk, wanted: Iterable[Role], area_id: int | None = None) -> list[Helper]:
    """Who serves in each of these roles, in this order; who is on duty goes before who is not. A
    role that nobody serves is left out, and so is the speaker."""
    place = doorstep(talk, area_id)
    return [] if place is None else [h for role in wanted for h in _of_role(talk, role, place)]


def _of_role(talk: Talk, role: Role, place: int) -> list[Helper]:
    duty = rota.on_duty(talk.session, place, [role], talk.now, talk.zone)
    serving = posts.all_serving(talk.session, role, place, talk.now)
    serving = [one for one in serving if one.person_id != talk.person.id]
    serving.sort(key=lambda one: one.person_id not in duty)
    return [_helper(talk, one, place, one.person_id in duty) for one in serving[:1]]


def _helper(talk: Talk, one: Serving, place: int, on_duty: bool) -> Helper:
    person = talk.session.get_one(Person, one.person_id)
    mine = [r for r in rota.of_person(talk.session, person.id) if rota.ROLE_OF.get(r.duty)]
    calendar = calendars.calendar_for(talk.session, place, talk.zone)
    return Helper(
        person_id=person.id,
        role=one.role,
        label=roles.label(one.role),
        name=name_of(talk.session, person.id),
        phone=(person.phone or "") if person.phone_proven else "",
        on_duty=on_duty,
        rota=mine,
        windows=[str(window) for window in calendar.windows],
    )


def to_tap(found: Iterable[Helper]) -> list[tuple[str, str]]:
    """Those with a number, as `Talk.say` takes calls."""
    return [(one.called, one.phone) for one in found if one.phone]


def hotlines(talk: Talk, numbers: Iterable[str]) -> list[tuple[str, str]]:
    """Public numbers with what they are called, as `Talk.say` takes calls."""
    return [(talk.word(f"hotline.{number}"), number) for number in numbers]
