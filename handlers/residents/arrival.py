"""Where do you live: consent, then community → compound → building → door, a name, a number.

    consent ──no──▶ (nothing is kept)
       └─yes─▶ area … ▶ door ▶ name ▶ phone (both may be skipped) ▶ home
                └─none of them──▶ in their own words (an admin finds out where it is)

Who agreed once is not asked again; who has a home is shown it, and asked for the new one only.
Each area's question is keyed by the area above it, so that changing one asks only what lies below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from handlers.area_questions import Door, PickArea, door_said, named_another
from handlers.questions import (
    Answered,
    Confirm,
    Json,
    Missed,
    Option,
    Partly,
    Phone,
    Prompt,
    Reading,
    Story,
    Text,
    agreement,
    declines,
    says_nothing,
    says_there_is_none,
)
from handlers.registry import HANDLERS, conversation
from handlers.residents.said_home import (
    keep_place,
    known_place,
    may_name_a_place,
    place_said,
    said_home,
)
from handlers.staff.binding import listed_person, welcome_staff
from handlers.talk import Do, Said, Talk
from storage import areas, people, posts
from storage.areas import Area, Level
from storage.base import vault_in
from storage.meaning.about import asks_about
from storage.names import bare
from storage.people import Person
from storage.phones import masked
from storage.posts import Role

WHY = {"trust", "address", "who"}
"""What who is asked to agree may ask back (storage.meaning.about)."""
MOST_IN_DOOR = 20
MOST_IN_NAME = 10
"""Characters of a name; who writes more tells something."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a newcomer said; nothing of it is kept before `settle`.

    building: where nobody could find their building, the nearest area that was found, and `place`
    has their own words for where they live.
    """

    building: Area
    door: str
    name: str
    phone: str
    proven: bool
    place: str = ""


class Name(Text):
    """What to call somebody: a few words, not a number and not markup; no talk about something
    else. may_skip: 没得, 不想说 and 跳过 are answers (answer "")."""

    def __init__(self, name: str, /, *, may_skip: bool = False, **facts: Json) -> None:
        super().__init__(name, most=20, optional=may_skip, **facts)
        self._may_skip = may_skip

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        text = said.text.strip(" 。.!！~,，?？、")
        if declines(text, talk) or says_there_is_none(text, talk):
            return Answered("") if self._may_skip else Missed()
        for lead in sorted(talk.words("heard.before_a_name"), key=len, reverse=True):
            text = text.removeprefix(lead)
        odd = any(word in text for word in talk.words("heard.no_name"))
        long = len(text) > MOST_IN_NAME and not ("·" in text or text.isascii())
        if odd or long or says_nothing(text, talk) or agreement(text, talk) == 0:
            return Missed()
        return Answered(text[:20])

    def holds(self, stored: str, talk: Talk) -> bool:
        if not stored:
            return self._may_skip
        return stored.replace(" ", "").replace("·", "").isalpha()

    def words(self, stored: Json, talk: Talk) -> str:
        return str(stored) or talk.word("choice.skip")


def ask_home_first(talk: Talk) -> Arrival | None:
    """Where they live, so that their matter finds who sees to it; None when they do not agree. Who
    said so once, and is in no list, is not asked again; 修改 changes it."""
    known = known_place(talk)
    if known is None:
        talk.say("request/where_first")
        return ask_where_they_live(talk)
    area, place = known
    place = talk.ask("own-words", OwnWords("arrival/own_words", most=60), assume=place)
    return Arrival(area, "", talk.person.name, "", proven=False, place=place)


def ask_where_they_live(talk: Talk) -> Arrival | None:
    """Everything about the doorstep; None when they do not agree to its being kept. Who finds no
    place of theirs may say in their own words where it is."""
    if areas.county(talk.session) is None:
        talk.say("arrival/no_county")
        return None
    if not agrees(talk):
        return None
    said = said_home(talk)
    if said is not None:
        talk.say("arrival/said", place=areas.title(talk.session, said[0]), door=said[1])
    doorstep = ask_doorstep(talk, said)
    if doorstep is None:
        return None
    building, door, place = doorstep
    name = talk.ask("name", Name("arrival/name", may_skip=True)) or talk.person.name
    phone = talk.ask("phone", Phone("arrival/phone", name=name)) or {}
    door = door or ("" if place else no_door(talk, name))
    number, proven = phone.get("phone", ""), bool(phone.get("proven"))
    return Arrival(building, door, name, number, proven, place)


def ask_doorstep(
    talk: Talk, said: tuple[Area, str] | None = None, words: str = ""
) -> tuple[Area, str, str] | None:
    """The building, the door ("" for none) and, where neither is known, their own words for it;
    None while the county has no buildings. said: what they told of it already. words: the same in
    words of their own, which no list has."""
    building = ask_building(talk, unlisted=True, said=said[0] if said else None)
    if building is None:
        talk.say("arrival/no_county")
        return None
    if building.level != Level.BUILDING:
        own = OwnWords("arrival/own_words", most=60)
        return building, "", talk.ask("own-words", own, assume=words or None)
    place = areas.title(talk.session, building)
    question = Door("arrival/door", most=MOST_IN_DOOR, building=place)
    door = door_said(talk, building)
    if said is not None and said[0].id == building.id:
        door = door or said[1] or None
    return building, talk.ask("door", question, assume=door), ""


class OwnWords(Text):
    """Where somebody lives whose place is in no list: as they say it."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        empty = says_nothing(said.text, talk) or agreement(said.text, talk) is not None
        if empty or declines(said.text, talk):
            return Missed()
        return super().read(said, picked, talk, draft)


def no_door(talk: Talk, name: str) -> str:
    """What stands for the door of somebody whose home has none; each person's is their own."""
    return talk.word("arrival.no_door").format(name=name)


def agrees(talk: Talk) -> bool:
    """Whether the person lets us keep what they say; otherwise says that nothing is kept. Who
    agreed once is not asked again."""
    if talk.person.consented_at is not None:
        return True
    if talk.ask("consent", Consent("arrival/consent", yes="agree", no="disagree")):
        return True
    story = talk.answered("what")
    told = bool(story and (story.get("text") or story.get("media")))
    args = {"target": "human", **({"story": story} if told else {})}
    talk.say("arrival/declined", told=told, options=[Do("go", args, talk.word("do.human"))])
    return False


class Consent(Confirm):
    """Whether they agree; who asks what for is told before it is asked again."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        reading = super().read(said, picked, talk, draft)
        if isinstance(reading, Missed) and asks_about(said.text) in WHY:
            return Partly(None, Prompt("why", self.facts, self.prompt(talk, draft).options))
        return reading


def ask_building(
    talk: Talk,
    words: str = "arrival",
    under: Area | None = None,
    *,
    unlisted: bool = False,
    said: Area | None = None,
    **facts: object,
) -> Area | None:
    """Down the tree to a building; a level with one area only is not asked about,
    unless another one was named that is in no list.

    words: the folder of the templates that ask. under: where to begin, by default the county.
    unlisted: the area that was found last, when they say that none beneath it is theirs. said:
    one that they named already, taken for given.
    """
    area = under or areas.county(talk.session)
    while area is not None and area.level != Level.BUILDING:
        below = areas.children(talk.session, area.id)
        if not below:
            return None
        if len(below) == 1 and not named_another(talk, below[0]):
            area = below[0]
            continue
        question = PickArea(
            f"{words}/{below[0].level}", area, deepest=Level.BUILDING, unlisted=unlisted, **facts
        )
        below_it = said is not None and said.id != area.id and said.path.startswith(area.path)
        given = said.id if said is not None and below_it else None
        picked = talk.ask(f"in-{area.id}", question, assume=given)
        if picked.id == area.id:
            return area
        area = picked
    return area


def settle(talk: Talk, arrival: Arrival) -> Person:
    """Keep what was agreed to: the home, the name, the number; the person they now are."""
    session: Session = talk.session
    if arrival.phone and arrival.proven:
        listed = listed_person(talk, arrival.phone)
        if listed is not None:
            talk.become(listed)
    person = talk.person
    if arrival.building.level == Level.BUILDING:
        home = areas.household(session, vault_in(session), arrival.building, arrival.door)
        person.home_id = home.id
    elif arrival.place:
        keep_place(talk, arrival.building, arrival.place)
    person.consented_at = talk.now
    person.name = person.name if posts.posts_of(session, person.id, talk.now) else arrival.name
    if arrival.phone and not person.phone_proven:
        people.set_phone(session, person, arrival.phone, arrival.proven)
    session.flush()
    return person


@conversation("arrival", own=True)
def arrive(talk: Talk) -> None:
    """我的住址: for a newcomer, and for someone who has a home and may have moved."""
    arrival = _moves(talk) if talk.person.home_id else ask_where_they_live(talk)
    if arrival is None:
        return
    person = settle(talk, arrival)
    if arrival.place:
        _let_an_admin_find_it(talk, arrival.place)
        return
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


def _moves(talk: Talk) -> Arrival | None:
    """Show the home that we know and ask for the new one only; None when it stays as it is."""
    person = talk.person
    assert person.home_id is not None  # the caller looked
    home = areas.get(talk.session, person.home_id)
    building = areas.get(talk.session, home.lineage[-2]) if home.level == Level.HOUSEHOLD else home
    known: dict[str, Any] = {
        "name": person.name,
        "place": areas.title(talk.session, building) + areas.door_of(talk.session, home),
        "phone": masked(person.phone) if person.phone else "",
    }
    if not agrees(talk):
        return None
    if not talk.ask("moved", Moved("arrival/moved", yes="moved", no="stays", **known)):
        talk.say("arrival/stays", place=known["place"])
        return None
    words = "".join(talk.came_in("moved").values())
    said = place_said(talk, words)
    unlisted = words.strip() if said is None and may_name_a_place(talk, words) else ""
    if unlisted:
        talk.say("arrival/not_listed", place=unlisted)
    doorstep = ask_doorstep(talk, said, unlisted)
    if doorstep is None:
        return None
    building, door, place = doorstep
    door = door or ("" if place else no_door(talk, person.name))
    return Arrival(building, door, person.name, "", proven=False, place=place)


class Moved(Confirm):
    """Whether the address is to be changed; the new one itself says so, one that no list has as
    well."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        reading = super().read(said, picked, talk, draft)
        if not isinstance(reading, Missed):
            return reading
        if bare(said.text) in talk.words("heard.lives_there_still"):
            return Answered(False)
        named = place_said(talk, said.text) is not None or may_name_a_place(talk, said.text)
        return Answered(True) if named else reading


def _let_an_admin_find_it(talk: Talk, place: str) -> None:
    """A place that is in no list is for a person to sort out."""
    told = talk.word("arrival.unlisted").format(place=place)
    HANDLERS.commands["human"](talk, {**Story.empty(), "text": told})
