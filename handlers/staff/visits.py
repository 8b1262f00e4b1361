"""走访: a worker says a visit was made, in one message; and which doors nobody has been to.

走访 3栋2单元301 is written down at once. 走访 alone, or 还没走访的户, shows whom nobody of the
speaker's role has visited this month: doors to press where they are few, buildings where many.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

from handlers.questions import Answered, Json, Missed, Option, Partly, Pick, Prompt, Reading
from handlers.registry import action, command, conversation
from handlers.talk import Do, Said, Talk
from storage import areas, audit, permissions, posts, visits
from storage.areas import Area, Level
from storage.notices import settings
from storage.post_tables import Role

MOST = 8
"""Doors that are buttons at once."""
LONGEST = 40
"""Characters of a message that names a door; more of them tell something."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether a worker's plain message says that a visit was made (走访 3栋2单元301); then it is
    written down, or asked about."""
    plain = unicodedata.normalize("NFKC", text).strip()
    verb = next((one for one in talk.word("visit.verbs").split() if plain.startswith(one)), None)
    if verb is None or len(plain) > LONGEST or "\n" in plain or not _places(talk):
        return False
    said = plain.removeprefix(verb).lstrip(talk.word("visit.after") + " :,.").strip()
    if not any(letter.isdigit() for letter in said):
        return False
    found = visits.household_in(talk.session, said, _places(talk))
    if len(found) == 1:
        _write_down(talk, found[0])
    else:
        talk.begin("visit", said=said)
    return True


class Door(Pick):
    """A door to press, or one that is typed; what names two is asked about."""

    def __init__(self, name: str, options: list[Option], places: list[Area], **facts: Json) -> None:
        super().__init__(name, options, **facts)
        self._places = places

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        found = visits.household_in(talk.session, said.text, self._places)
        if len(found) == 1:
            return Answered(found[0].id)
        if found:
            return Partly(draft, Prompt("narrow", self.facts, _options(talk, found[:MOST])))
        read = super().read(said, None, talk, draft)
        return read if isinstance(read, Answered) else Missed()

    def holds(self, stored: Json, talk: Talk) -> bool:
        paths = tuple(place.path for place in self._places)
        try:
            return areas.get(talk.session, stored).path.startswith(paths)
        except areas.UnknownArea:
            return False

    def words(self, stored: Json, talk: Talk) -> str:
        return areas.title(talk.session, areas.get(talk.session, stored))


@conversation("visit")
def visit(talk: Talk) -> None:
    """Which door it was; asked only where it was not said, or not plainly."""
    places = _places(talk)
    if not places:
        talk.refuse("desk/not_allowed")
        return
    said = talk.args.get("said", "")
    several = visits.household_in(talk.session, said, places) if said else []
    shown = several[:MOST] or _unvisited(talk, places)
    options = _options(talk, shown) if several or len(shown) <= MOST else []
    number = talk.ask("door", Door("visit/which", options, places, said=said, several=len(several)))
    _write_down(talk, areas.get(talk.session, number))


@action("visited")
def visited(talk: Talk, household: int) -> None:
    """A door of the list, pressed: somebody was there."""
    try:
        found = areas.get(talk.session, household)
    except areas.UnknownArea:
        talk.refuse("desk/not_allowed")
        return
    _write_down(talk, found)


@command("unvisited")
def unvisited(talk: Talk) -> None:
    """还没走访的户, this month."""
    places = _places(talk)
    shown = _unvisited(talk, places)
    rows = visits.by_building(talk.session, places, _roles(talk), _since(talk))
    left = sum(one.unvisited for one in rows)
    buildings = [
        (areas.title(talk.session, one.building), one.unvisited) for one in rows if one.unvisited
    ]
    few = len(shown) <= MOST
    options = _buttons(talk, shown) if few else [Do("open_visit")]
    total = sum(one.households for one in rows)
    talk.say("visit/list", left=left, total=total, buildings=buildings, few=few, options=options)


@action("open_visit")
def open_visit(talk: Talk) -> None:
    """Begin to say which door it was."""
    talk.begin("visit")


def _places(talk: Talk) -> list[Area]:
    ids = permissions.areas_for(talk.session, "visited", talk.person.id, talk.now)
    return [areas.get(talk.session, one) for one in ids]


def _roles(talk: Talk) -> list[str]:
    """As what the speaker visits; a liaison's list asks for visits of liaisons."""
    held = {post.role for post in posts.posts_of(talk.session, talk.person.id, talk.now)}
    known = [role.value for role in permissions.table().area["visited"]]
    return [Role.LIAISON.value] if Role.LIAISON in held else known


def _since(talk: Talk) -> datetime:
    return settings.month_began(talk.now, talk.zone)


def _unvisited(talk: Talk, places: list[Area]) -> list[Area]:
    return visits.unvisited(talk.session, places, _roles(talk), _since(talk), MOST + 1)


def _label(talk: Talk, home: Area) -> str:
    """A door with its building; showing it is a look, written down."""
    assert home.parent_id is not None
    building = areas.get(talk.session, home.parent_id)
    audit.note(talk.session, talk.now, talk.person.id, "door", f"area:{home.id}")
    door = areas.door_of(talk.session, home)
    return talk.word("visit.door").format(building=building.name, door=door)


def _options(talk: Talk, homes: list[Area]) -> list[Option]:
    return [Option(home.id, _label(talk, home)) for home in homes]


def _buttons(talk: Talk, homes: list[Area]) -> list[Do]:
    return [Do("visited", {"household": home.id}, _label(talk, home)) for home in homes]


def _write_down(talk: Talk, home: Area) -> None:
    """One row, once a day for each door and visitor; what is left is offered with it."""
    held = set(posts.covers(talk.session, talk.person.id, home.id, talk.now))
    roles = [role for role in (Role.LIAISON, *Role) if role in held]
    allowed = [role for role in roles if role in permissions.table().area["visited"]]
    if home.level != Level.HOUSEHOLD or not allowed:
        talk.refuse("desk/not_allowed")
        return
    local = talk.now.astimezone(talk.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    today = local.astimezone(talk.now.tzinfo)
    again = visits.seen_since(talk.session, home.id, talk.person.id, today)
    if not again:
        visits.note(talk.session, home.id, talk.person.id, talk.now, allowed[0])
    places = _places(talk)
    shown = _unvisited(talk, places)
    few = len(shown) <= MOST
    rows = visits.by_building(talk.session, places, _roles(talk), _since(talk))
    talk.say(
        "visit/written", door=_label(talk, home), again=again,
        left=sum(one.unvisited for one in rows), few=few,
        options=_buttons(talk, shown) if few else [],
    )  # fmt: skip
