"""谁管我这里: who looks after a doorstep, the three who matter most first, the rest behind 更多."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handlers.registry import action, conversation, opens
from handlers.residents.whereabouts import where, words_of
from handlers.talk import Desk, Do, Talk
from storage import areas, calendars, doorstep, mentions, places, report_jobs, roles
from storage.areas import Area, Level
from storage.doorstep import Holder, Served
from storage.posts import Role

STATION = "station"
MOST_UNITS = 12
"""Member units that are named in a message; the picture has all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One role as templates show it. more: holders beside those who are named."""

    role: str
    label: str
    holders: list[Holder]
    more: int
    away: list[doorstep.Away]
    needs: str
    instead: str
    duty: str
    hours: str


def line_of(served: Served) -> Line:
    """A role and who answers in it, ready to be said."""
    shown = served.holders[: doorstep.most("names")]
    other = served.instead
    return Line(
        role=served.seat.role.value,
        label=roles.label(served.seat.role),
        holders=shown,
        more=len(served.holders) - len(shown),
        away=served.away,
        needs=served.needs.value if served.needs else "",
        instead=f"{roles.label(other[0])}{other[1].name}" if other else "",
        duty=served.seat.duty,
        hours=served.seat.hours,
    )


def means(talk: Talk, text: str) -> bool:
    """Whether these words ask who looks after somebody, or who one of the roles is."""
    if not doorstep.may_ask_who(text):  # to look for the places named costs more
        return False
    area = mentions.mentioned(talk.session, text)
    return doorstep.asks_who(text, mentions.names_in(area, talk.session))


def shown_by_name(talk: Talk, text: str) -> bool:
    """Whether the words ask for one of those who look after the speaker by name, and that one was
    shown."""
    home = talk.person.home_id
    if home is None or not doorstep.may_name_one(text):
        return False
    for role, served in doorstep.looks_after(talk.session, home, talk.now).items():
        if any(doorstep.asks_for(text, one.name) for one in served.holders):
            show_one(talk, areas.get(talk.session, home), role)
            return True
    return False


@opens("who")
def open_who(talk: Talk, story: dict[str, Any] | None) -> None:
    """The menu's 谁管我这里, or words that ask for it."""
    talk.begin("who", text=words_of(story))


@conversation("who", own=True)
def who(talk: Talk) -> None:
    """Where, if that is not known; then one role that was named, or the three."""
    text = talk.args.get("text", "")
    found = where(talk, "who/where", text)
    if found is None or found[0] is None:
        return
    role = doorstep.role_meant(text)
    if role is None:
        show_first(talk, found[0])
    else:
        show_one(talk, found[0], role)


def show_first(talk: Talk, area: Area) -> None:
    """The three who matter most; where one of them is missing, the next in order."""
    served = doorstep.looks_after(talk.session, area.id, talk.now)
    chosen = _first(served)
    missing = [one for one in served.values() if one.seat.first and not one.holders]
    options = [_button(one, area) for one in chosen]
    if chosen:
        options += [Do("who_more", {"place": area.id}, talk.word("who.more"))]
    talk.say(
        "who/first", place=areas.title(talk.session, area), lines=[line_of(one) for one in chosen],
        missing=[line_of(one) for one in missing], options=options or [Do("human")],
    )  # fmt: skip


def _first(served: dict[Role, Served]) -> list[Served]:
    """Those who are named at once."""
    there = [one for one in served.values() if one.holders]
    there.sort(key=lambda one: not one.seat.first)
    return there[: doorstep.most("first")]


def _button(served: Served, area: Area) -> Do:
    label = f"{roles.label(served.seat.role)} {served.holders[0].name}"
    return Do("who_one", {"place": area.id, "role": served.seat.role.value}, label)


@action("who_more")
def who_more(talk: Talk, place: int) -> None:
    """更多: every role, the units of the 大党委, and the station."""
    area = areas.get(talk.session, place)
    served = doorstep.looks_after(talk.session, area.id, talk.now)
    units = doorstep.member_units(talk.session, area.id, talk.now)
    near = places.nearest(talk.session, STATION, area.id, limit=1)
    options = [Do("network", {"place": area.id})]
    options += [
        _button(one, area) for one in served.values() if one.holders and one not in _first(served)
    ]
    if near:
        options.append(Do("place", {"place": near[0].place.id}, near[0].place.name))
    talk.say(
        "who/more", place=areas.title(talk.session, area),
        lines=[line_of(one) for one in served.values()],
        units=units[:MOST_UNITS], more_units=max(0, len(units) - MOST_UNITS), options=options,
    )  # fmt: skip


@action("who_one")
def who_one(talk: Talk, place: int, role: str) -> None:
    """One role, from a button."""
    show_one(talk, areas.get(talk.session, place), Role(role))


def show_one(talk: Talk, area: Area, role: Role) -> None:
    """One role: who, what for, when, and the ways to reach them; else who is asked instead."""
    served = doorstep.looks_after(talk.session, area.id, talk.now)[role]
    line = line_of(served)
    options = []
    if served.holders and served.seat.message:
        only = len(served.holders) == 1
        key = "who.message" if only else "who.message_role"
        label = talk.word(key).format(name=served.holders[0].name, role=line.label)
        options.append(Do("leave_word", {"place": area.id, "role": role.value}, label))
    if not served.holders and served.instead:
        other, holder = served.instead
        label = talk.word("who.ask_instead").format(role=roles.label(other), name=holder.name)
        options.append(Do("who_one", {"place": area.id, "role": other.value}, label))
    if served.needs and talk.person.home_id is None:
        options.append(Do("open_arrival"))
    options.append(Do("who_more", {"place": area.id}, talk.word("who.more")))
    calls = [(f"{line.label}{one.name}", one.phone) for one in line.holders if one.phone]
    calendar = calendars.calendar_for(talk.session, area.id, talk.zone)
    windows = [f"{one}" for one in calendar.windows]
    units = []
    if role == Role.COMMUNITY_COMMITTEE:
        units = doorstep.member_units(talk.session, area.id, talk.now)
    talk.say(
        "who/one", place=areas.title(talk.session, area), line=line, calls=calls, windows=windows,
        working=calendar.is_open(talk.now), units=units[:MOST_UNITS],
        more_units=max(0, len(units) - MOST_UNITS), options=options,
    )  # fmt: skip


# The picture of the network


@action("network")
def network(talk: Talk, place: int) -> None:
    """画成图: the four-level network around a doorstep, drawn on another thread."""
    what = {"report": "network", "area": place}
    report_jobs.ask(talk.session, talk.account.id, what, talk.now)
    talk.say("who/drawing")


@dataclass(frozen=True, slots=True)
class Step:
    """One level of the network. party: its own line, who leads it; beside: the workers of it."""

    key: str
    leads: Line | None
    beside: list[Line]


@dataclass(frozen=True, slots=True)
class NetworkView:
    """The network around a doorstep, from the top down. station: the nearest 红色驿站's name."""

    area_id: int
    place: str
    steps: list[Step]
    units: list[str]
    station: str


LEVELS_DRAWN: tuple[tuple[str, Role, tuple[Role, ...]], ...] = (
    (
        "community",
        Role.COMMUNITY_COMMITTEE,
        (Role.SOCIAL_WORKER, Role.COMMUNITY_OFFICER, Role.LAWYER, Role.MEDIATOR),
    ),
    (
        "compound",
        Role.COMPOUND_SECRETARY,
        (Role.GRID_WORKER, Role.PROPERTY_MANAGER, Role.OWNERS_COMMITTEE),
    ),
    ("building", Role.BUILDING_STEWARD, ()),
    ("household", Role.LIAISON, ()),
)
"""The four levels of the network, who leads each, and the workers beside."""


def view_network(desk: Desk, area_id: int) -> NetworkView:
    """What the picture of the network around an area shows; only reads."""
    area = areas.get(desk.session, area_id)
    served = doorstep.looks_after(desk.session, area_id, desk.now)
    near = places.nearest(desk.session, STATION, area_id, limit=1)
    lines = {role: line_of(one) for role, one in served.items()}
    steps = [
        Step(key, lines.get(leads), [lines[one] for one in beside if lines[one].holders])
        for key, leads, beside in LEVELS_DRAWN
    ]
    named = area if area.level != Level.HOUSEHOLD else areas.get(desk.session, area.lineage[-2])
    return NetworkView(
        area_id=area.id,
        place=areas.title(desk.session, named),
        steps=steps,
        units=doorstep.member_units(desk.session, area_id, desk.now),
        station=near[0].place.name if near else "",
    )
