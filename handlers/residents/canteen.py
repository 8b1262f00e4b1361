"""What is on at a place on a day: residents ask what the canteen serves, who runs it says so.

One message is enough to say it (食堂菜单 明天：红烧肉、青菜). Who may: the roles of the row
`place_note` where the place is, and whoever the places list names as running it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.permits import may_somewhere
from handlers.questions import Option, Pick, Text
from handlers.registry import action, conversation
from handlers.residents.place_views import calls_of, day_word, view
from handlers.residents.whereabouts import where
from handlers.talk import Do, Talk
from storage import permissions, place_kinds, places
from storage.dates import day_in
from storage.names import bare
from storage.pieces import holds
from storage.places import Place

_BREAK = re.compile(r"[:：\n]")
_WORDS_APART = re.compile(r"[\s,，、]+")
LONGEST_HEAD = 30
"""Characters before the colon: what the menu is of, and for which day."""


@dataclass(frozen=True, slots=True)
class Posting:
    """A message that says what is served. head: what stood before it; text: may be empty."""

    head: str
    text: str


def posting_in(text: str) -> Posting | None:
    """The menu in a message that begins with 食堂菜单 or the like; None where there is none.

    Before a colon or a line's end stand the day and the canteen; without either, the words that say
    a day are taken for it and the rest for the menu.
    """
    says = sorted(place_kinds.words_of("menu", "says"), key=len, reverse=True)
    if not any(word in text[:LONGEST_HEAD] for word in says):
        return None
    found = _BREAK.search(text[: LONGEST_HEAD + 1])
    if found and any(word in text[: found.start()] for word in says):
        return Posting(text[: found.start()], text[found.end() :].strip())
    begun = next((word for word in says if text.startswith(word)), None)
    if begun is None:
        return None
    head, rest = [begun], text[len(begun) :].strip()
    while rest:
        first, *others = _WORDS_APART.split(rest, maxsplit=1)
        if day_in(first, date.min) is None:
            break
        head.append(first)
        rest = others[0] if others else ""
    return Posting(" ".join(head), rest)


def posted(talk: Talk, text: str) -> bool:
    """Whether a message says what is served, or begins to; then it is seen to."""
    posting = posting_in(text)
    if posting is None:
        return False
    may = may_post(talk)
    if not may and not posting.text:
        return False  # 食堂菜单, said by a resident, is a question
    if not may:
        talk.say("places/may_not_post")
        return True
    named = [one.id for one in may if holds(posting.head, one.name)]
    day = _day_of(talk, posting.head)
    chosen = named if len(named) == 1 else [one.id for one in may]
    talk.begin("place_note", places=chosen, text=posting.text, day=day.isoformat())
    return True


def may_post(talk: Talk) -> list[Place]:
    """The canteens of which the speaker may say what they serve."""
    menus = [kind.key for kind in place_kinds.kinds().values() if kind.menu]
    person = talk.person
    digest = person.phone_hash if person.phone_proven else None
    own = places.kept_by(talk.session, digest, menus)
    around = permissions.areas_for(talk.session, "place_note", person.id, talk.now)
    found = {one.id: one for one in (*own, *places.within(talk.session, around, menus))}
    return list(found.values())


def _day_of(talk: Talk, head: str) -> date:
    """The day that a message is about; today where it names none."""
    today = talk.now.astimezone(talk.zone).date()
    for days, key in ((0, "today"), (1, "tomorrow")):
        if any(word in head for word in place_kinds.words_of("menu", key)):
            return today + timedelta(days=days)
    return day_in(head, today) or today


@action("place_note")
def note(talk: Talk, place: int, area: int) -> None:
    """发当天的安排: under a place, for who may."""
    found = places.get(talk.session, place)
    if found is not None and found.area_id == area:
        talk.begin("place_note", places=[place])


@conversation("place_note")
def say_what_is_on(talk: Talk) -> None:
    """Of which place, on which day, what; then residents are told so.

    args: places (ids that may be meant), text and day where the message said them.
    """
    known = [places.get(talk.session, one) for one in talk.args["places"]]
    there = [one for one in known if one is not None and _may(talk, one)]
    if not there:
        talk.refuse("desk/not_allowed")
        return
    place = there[0]
    if len(there) > 1:
        options = [Option(one.id, one.name) for one in there]
        picked = talk.ask("place", Pick("places/posting_which", options))
        place = next(one for one in there if one.id == picked)
    today = talk.now.astimezone(talk.zone).date()
    day = date.fromisoformat(talk.args["day"]) if talk.args.get("day") else today
    text = talk.args.get("text") or talk.ask(
        "text", Text("places/posting", most=places.LONGEST_DAY, day=day, name=place.name)
    )
    row = places.set_day(talk.session, place.id, day, text, talk.person.id, talk.now)
    talk.say("places/posted", name=place.name, day=day, text=row.text)


def _may(talk: Talk, place: Place) -> bool:
    person = talk.person
    runs = person.phone_proven and person.phone_hash == place.keeper_hash
    runs = runs and place.keeper_hash is not None
    return runs or may_somewhere(talk, "place_note", place.area_id)


# What residents ask


@conversation("place_menu")
def what_is_served(talk: Talk) -> None:
    """明天食堂吃啥: the nearest canteen's menu of that day."""
    text = talk.args.get("text", "")
    kind = next(kind for kind in place_kinds.kinds().values() if kind.menu)
    found = where(talk, "places/where", text, by_point=True)
    if found is None:
        return
    area, point = found
    near = places.nearest(talk.session, kind.key, area.id if area else None, point=point, limit=50)
    if not near:
        talk.say("places/none", label=kind.label, more=False, options=[Do("human")])
        return
    named = [one for one in near if bare(one.place.name) in bare(text)]
    show_menu(talk, (named or near)[0].place, _day_of(talk, text))


@action("place_menu")
def menu_of(talk: Talk, place: int, day: str) -> None:
    """The menu of one canteen on a day."""
    found = places.get(talk.session, place)
    if found is not None:
        show_menu(talk, found, date.fromisoformat(day))


def show_menu(talk: Talk, place: Place, day: date) -> None:
    """What it serves on a day; else that it is not said yet, with hours and telephone."""
    row = places.day_of(talk.session, place.id, day)
    today = talk.now.astimezone(talk.zone).date()
    tomorrow = today + timedelta(days=1)
    other, key = (today, "places.today") if day == tomorrow else (tomorrow, "places.tomorrow")
    label = talk.word("places.another_day").format(day=talk.word(key))
    options = [
        Do("place_menu", {"place": place.id, "day": other.isoformat()}, label),
        Do("place", {"place": place.id}, place.name),
        Do("places_list", {"kind": place.kind, "area": talk.person.home_id, "point": [], "skip": 0},
           talk.word("places.other_canteens")),
    ]  # fmt: skip
    near = places.seen_from(talk.session, place, talk.person.home_id)
    talk.say(
        "places/menu", one=view(talk, near), text=row.text if row else "",
        day=day, day_word=day_word(talk, day), calls=calls_of(place), options=options,
    )  # fmt: skip
