"""Where do you live: consent, then community → compound → building → door, a name, a number.

    consent ──no──▶ (nothing is kept)
       └─yes─▶ area … ▶ door ▶ name ▶ phone (may be skipped) ▶ home

Each area's question is keyed by the area above it, so that changing one asks only what lies below.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from handlers.matching import names_a_building
from handlers.questions import Confirm, Phone, PickArea, Text
from handlers.registry import conversation
from handlers.staff.binding import listed_person, welcome_staff
from handlers.talk import Do, Talk
from storage import areas, people, posts
from storage.areas import Area, Level
from storage.base import vault_in
from storage.names import door_key
from storage.people import Person
from storage.posts import Role

MOST_IN_DOOR = 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a newcomer said; nothing of it is kept before `settle`."""

    building: Area
    door: str
    name: str
    phone: str
    proven: bool


class Door(Text):
    """A door: anything with a number or a word in it that can tell one from another."""

    def holds(self, stored: str, talk: Talk) -> bool:
        return bool(door_key(stored)) and not names_a_building(stored)


class Name(Text):
    """What to call somebody: words, not a number and not markup."""

    def holds(self, stored: str, talk: Talk) -> bool:
        return stored.replace(" ", "").replace("·", "").isalpha()


def ask_where_they_live(talk: Talk) -> Arrival | None:
    """Everything about the doorstep; None when they do not agree to its being kept."""
    if areas.county(talk.session) is None:
        talk.say("arrival/no_county")
        return None
    if not agrees(talk):
        return None
    building = ask_building(talk)
    if building is None:
        talk.say("arrival/no_county")
        return None
    place = areas.title(talk.session, building)
    door = talk.ask("door", Door("arrival/door", most=MOST_IN_DOOR, building=place))
    name = talk.ask("name", Name("arrival/name", most=20))
    phone = talk.ask("phone", Phone("arrival/phone", name=name)) or {}
    return Arrival(building, door, name, phone.get("phone", ""), bool(phone.get("proven")))


def agrees(talk: Talk) -> bool:
    """Whether the person lets us keep what they say; otherwise says that nothing is kept."""
    if talk.ask("consent", Confirm("arrival/consent", yes="agree", no="disagree")):
        return True
    talk.say("arrival/declined", options=[Do("human")])
    return False


def ask_building(
    talk: Talk, words: str = "arrival", under: Area | None = None, **facts: object
) -> Area | None:
    """Down the tree to a building; a level with one area only is not asked about.

    words: the folder of the templates that ask. under: where to begin, by default the county.
    """
    area = under or areas.county(talk.session)
    while area is not None and area.level != Level.BUILDING:
        below = areas.children(talk.session, area.id)
        if not below:
            return None
        if len(below) == 1:
            area = below[0]
            continue
        question = PickArea(f"{words}/{below[0].level}", area, deepest=Level.BUILDING, **facts)
        area = talk.ask(f"in-{area.id}", question)
    return area


def settle(talk: Talk, arrival: Arrival) -> Person:
    """Keep what was agreed to: the home, the name, the number; the person they now are."""
    session: Session = talk.session
    if arrival.phone and arrival.proven:
        listed = listed_person(talk, arrival.phone)
        if listed is not None:
            talk.become(listed)
    home = areas.household(session, vault_in(session), arrival.building, arrival.door)
    person = talk.person
    person.home_id = home.id
    person.consented_at = talk.now
    person.name = person.name if posts.posts_of(session, person.id, talk.now) else arrival.name
    if arrival.phone and not person.phone_proven:
        people.set_phone(session, person, arrival.phone, arrival.proven)
    session.flush()
    return person


@conversation("arrival")
def arrive(talk: Talk) -> None:
    """我的住址: for a newcomer, and for someone who moved."""
    arrival = ask_where_they_live(talk)
    if arrival is None:
        return
    person = settle(talk, arrival)
    assert person.home_id is not None  # settled just now
    worker = posts.serving(talk.session, Role.GRID_WORKER, person.home_id, talk.now)
    talk.say(
        "arrival/done",
        name=person.name,
        place=areas.title(talk.session, arrival.building),
        door=arrival.door,
        worker=talk.session.get_one(Person, worker.person_id).name if worker else "",
    )
    welcome_staff(talk, quiet=True)
