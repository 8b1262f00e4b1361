"""走访: a worker says a visit was made, in one message; and which doors nobody has been to.

走访 3栋2单元301 is written down at once. 走访 alone, or 还没走访的户, shows whom nobody of the
speaker's role has visited this month: doors to press where they are few, buildings where many.
What is told with a visit is kept with it (handlers/staff/visit_told.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from handlers.questions import (
    Answered,
    Json,
    Missed,
    Option,
    Partly,
    Pick,
    Prompt,
    Reading,
    Story,
)
from handlers.registry import action, command, conversation
from handlers.relay import Words, said_as_story, threads
from handlers.talk import Do, Said, Talk
from storage import areas, audit, permissions, posts, visits
from storage.areas import Area, Level
from storage.notices import settings
from storage.post_tables import Role
from storage.visit_words import (
    Doors,
    asked_about,
    days_ago,
    doors_in,
    said_of_a_visit,
    spoken_to,
    tells,
)
from storage.visits import Visit

MOST = 8
"""Doors that are buttons at once."""
MOST_COUNTED = 500
"""Doors of special groups that are counted."""
LONGEST = 60
"""Characters of a message that names a door; more of them tell something."""
A_FEW_WORDS = 12
"""Characters behind 走访 that may be meant for a door that is not found."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether a worker's plain message says that a visit was made (走访 3栋2单元301, 302 走访了);
    then it is written down, or asked about. 看了302 may be about a matter they have."""
    days, text = days_ago(text)
    said = said_of_a_visit(text) if len(text) <= LONGEST and "\n" not in text else None
    if said is None or not said.where or not own_places(talk):
        return False
    if not said.plainly and threads(talk):
        return False
    found = doors_in(talk.session, said.where, own_places(talk))
    if not tells(text, found.rest):
        return False
    if found.homes and not found.several:
        _write_down(talk, found, days=days)
        return True
    digits = any(letter.isdigit() for letter in said.where)
    if found.homes or (said.plainly and (digits or len(said.where) <= A_FEW_WORDS)):
        talk.begin("visit", said=said.where, rest=found.rest, days=days, story=said_as_story(talk))
        return True
    return False


def is_of_a_visit(talk: Talk, text: str) -> bool:
    """Whether words plainly tell of a visit to a door of the speaker's, or ask for one (走访302
    没人在家, 走访情况 302): what is told of one home is not for another's."""
    if len(text) > LONGEST or spoken_to(text):
        return False
    said = said_of_a_visit(text)
    named = [asked_about(text), said.where if said is not None and said.plainly else None]
    if not any(named) or not (places := own_places(talk)):
        return False
    return any(doors_in(talk.session, one, places).homes for one in named if one)


class Door(Pick):
    """A door to press, or one that is typed; what names two is asked about."""

    def __init__(self, name: str, options: list[Option], places: list[Area], **facts: Json) -> None:
        super().__init__(name, options, **facts)
        self._places = places

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        visit = said_of_a_visit(said.text)
        found = doors_in(talk.session, visit.where if visit else said.text, self._places)
        if found.homes and not found.several:
            return Answered({"homes": [home.id for home in found.homes], "rest": found.rest})
        if found.homes:
            return Partly(
                draft, Prompt("narrow", self.facts, door_options(talk, found.homes[:MOST]))
            )
        read = super().read(said, None, talk, draft)
        return read if isinstance(read, Answered) else Missed()

    def holds(self, stored: Json, talk: Talk) -> bool:
        paths = tuple(place.path for place in self._places)
        try:
            homes = self.value(stored, talk).homes
        except areas.UnknownArea:
            return False
        return all(home.path.startswith(paths) for home in homes)

    def value(self, stored: Json, talk: Talk) -> Doors:
        """A door that was pressed, or what was read from words."""
        known: dict[str, Any] = stored if isinstance(stored, dict) else {"homes": [stored]}
        homes = [areas.get(talk.session, one) for one in known["homes"]]
        return Doors(homes, rest=known.get("rest", ""))

    def words(self, stored: Json, talk: Talk) -> str:
        homes = self.value(stored, talk).homes
        return ", ".join(areas.title(talk.session, home) for home in homes)


@conversation("visit")
def visit(talk: Talk) -> None:
    """Which door it was; asked only where it was not said, or not plainly."""
    places = own_places(talk)
    if not places:
        talk.refuse("desk/not_allowed")
        return
    said = talk.args.get("said", "")
    several = doors_in(talk.session, said, places).homes if said else []
    building = visits.building_in(talk.session, said, places) if said and not several else None
    within = [one for one in places if building and one.path.startswith(building.path)]
    shown = several[:MOST] or _unvisited(talk, within or ([building] if building else places))
    options = door_options(talk, shown) if several or len(shown) <= MOST else []
    question = Door(
        "visit/which", options, places, said=said, several=len(several), building=bool(building)
    )
    door = talk.ask("door", question)
    rest = talk.args.get("rest", "")
    days = talk.args.get("days", 0)
    _write_down(talk, Doors(door.homes, rest=door.rest or rest), talk.args.get("story"), days=days)


@action("visited")
def visited(talk: Talk, household: int) -> None:
    """A door of the list, pressed: somebody was there."""
    try:
        found = areas.get(talk.session, household)
    except areas.UnknownArea:
        talk.refuse("desk/not_allowed")
        return
    _write_down(talk, Doors([found]))


@command("unvisited")
def unvisited(talk: Talk) -> None:
    """还没走访的户, this month."""
    places = own_places(talk)
    shown = _unvisited(talk, places)
    rows = visits.by_building(talk.session, places, _roles(talk), _since(talk))
    left = sum(one.unvisited for one in rows)
    buildings = [
        (areas.title(talk.session, one.building), one.unvisited) for one in rows if one.unvisited
    ]
    few = len(shown) <= MOST
    special = [] if few else _unvisited(talk, places, most=MOST_COUNTED, special=True)
    options = _buttons(talk, shown) if few else [*_buttons(talk, special[:MOST]), Do("open_visit")]
    talk.say(
        "visit/list", left=left, total=sum(one.households for one in rows), buildings=buildings,
        few=few, special=len(special), options=options,
    )  # fmt: skip


@action("visit_with")
def visit_with(talk: Talk, story: Words) -> None:
    """What was said outside any talk tells of a visit: asks of which door."""
    talk.begin("visit", rest=story["text"], story=story)


@action("open_visit")
def open_visit(talk: Talk) -> None:
    """Begin to say which door it was."""
    talk.begin("visit")


def own_places(talk: Talk) -> list[Area]:
    """The places whose doors the speaker visits."""
    ids = permissions.areas_for(talk.session, "visited", talk.person.id, talk.now)
    return [areas.get(talk.session, one) for one in ids]


def _roles(talk: Talk) -> list[str]:
    """As what the speaker visits; a liaison's list asks for visits of liaisons."""
    held = {post.role for post in posts.posts_of(talk.session, talk.person.id, talk.now)}
    known = [role.value for role in permissions.table().area["visited"]]
    return [Role.LIAISON.value] if Role.LIAISON in held else known


def _since(talk: Talk) -> datetime:
    return settings.month_began(talk.now, talk.zone)


def _unvisited(
    talk: Talk, places: list[Area], *, most: int = MOST + 1, special: bool = False
) -> list[Area]:
    roles, since = _roles(talk), _since(talk)
    return visits.unvisited(talk.session, places, roles, since, most, special=special)


def door_label(talk: Talk, home: Area) -> str:
    """A door with its building; showing it is a look, written down."""
    assert home.parent_id is not None
    building = areas.get(talk.session, home.parent_id)
    audit.note(talk.session, talk.now, talk.person.id, "door", f"area:{home.id}")
    door = areas.door_of(talk.session, home)
    return talk.word("visit.door").format(building=building.name, door=door)


def door_options(talk: Talk, homes: list[Area]) -> list[Option]:
    """Doors to press."""
    return [Option(home.id, door_label(talk, home)) for home in homes]


def _buttons(talk: Talk, homes: list[Area]) -> list[Do]:
    return [Do("visited", {"household": home.id}, door_label(talk, home)) for home in homes]


def _write_down(talk: Talk, said: Doors, before: Words | None = None, *, days: int = 0) -> None:
    """One row for each door, once a day and visitor, with what was told; what is left is offered
    with it, and words that want something done can be filed for who lives there.

    before: the message in which it was told, where it was asked which door. days: ago.
    """
    roles = [_role_at(talk, home) for home in said.homes]
    if not all(roles):
        talk.refuse("desk/not_allowed")
        return
    known = zip(said.homes, roles, strict=True)
    noted = [_noted(talk, home, role, days) for home, role in known if role]
    story = _story(talk, before)
    media = story["media"]
    for visit, _ in noted:
        if said.rest or media:
            visits.tell(talk.session, visit, said.rest, media, told_by(talk, story))
    places = own_places(talk)
    shown = _unvisited(talk, places)
    few = len(shown) <= MOST
    rows = visits.by_building(talk.session, places, _roles(talk), _since(talk))
    again = all(again for _, again in noted)
    talk.say(
        "visit/written", doors=[door_label(talk, home) for home in said.homes], again=again,
        days=days, rest=said.rest, photos=len(media), few=few,
        left=sum(one.unvisited for one in rows),
        options=[
            *_ways_on(said, story, [visit.id for visit, _ in noted], again=again),
            *(_buttons(talk, shown) if few else []),
        ],
    )  # fmt: skip


def _story(talk: Talk, before: Words | None) -> Words:
    """What was told with a visit, in the message now and in the one before it."""
    now = {**Story.empty(), **said_as_story(talk)}
    return {**before, "media": [*before["media"], *now["media"]]} if before else now


def told_by(talk: Talk, story: Words) -> str:
    """The first message of a story, as a visit remembers it."""
    first = next(iter(story.get("from", {})), "")
    return f"{talk.account.channel}:{talk.account.chat}:{first}" if first else ""


def _ways_on(said: Doors, story: Words, noted: list[int], *, again: bool) -> list[Do]:
    """What can be done with visits that are written down just now."""
    if said.rest or story["media"]:
        ways = [Do("behalf_with", {"story": story})]
    else:
        ways = [Do("tell_visit", {"made": noted})]
    if not again:
        ways.append(Do("drop_visit", {"made": noted}))
    return ways


def _role_at(talk: Talk, home: Area) -> Role | None:
    """As what the speaker visits there; None where it is no door of theirs."""
    held = set(posts.covers(talk.session, talk.person.id, home.id, talk.now))
    allowed = permissions.table().area["visited"]
    if home.level != Level.HOUSEHOLD:
        return None
    return next((r for r in (Role.LIAISON, *Role) if r in held and r in allowed), None)


def _noted(talk: Talk, home: Area, role: Role, days: int) -> tuple[Visit, bool]:
    """Write a visit of so many days ago down; whether it was already, that day."""
    local = talk.now.astimezone(talk.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    began = local.astimezone(talk.now.tzinfo) - timedelta(days=days)
    ended = began + timedelta(days=1)
    known = visits.between(talk.session, home.id, talk.person.id, began, ended)
    if known is not None:
        return known, True
    at = talk.now - timedelta(days=days)
    return visits.note(talk.session, home.id, talk.person.id, at, role), False
