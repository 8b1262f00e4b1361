"""附近场所: the kind by button, number or words; then the nearest, what, when, where, who."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from handlers.matching import choose, number_in
from handlers.permits import may_somewhere
from handlers.questions import Answered, Json, Missed, Option, Pick, Reading
from handlers.registry import action, conversation, opens
from handlers.residents.place_views import calls_of, map_link, view
from handlers.residents.whereabouts import where, words_of
from handlers.talk import Do, Said, Talk
from storage import areas, mentions, place_kinds, places
from storage.areas import Area
from storage.place_kinds import PlaceKind
from storage.places import Near
from storage.points import Point

AT_ONCE = 3
"""Places in one answer: what fits on a phone's screen in large type."""
FEW = 5
"""Kinds that are offered at once; the others stand behind 更多, and are understood when said."""
MORE = "more"
DAYS_SHOWN = 2
"""Days of which it is said what is on: mostly today and tomorrow."""
SURE = 2
"""Kinds that words may mean before it is asked which."""


def means(talk: Talk, text: str) -> bool:
    """Whether these words look for a kind of place, or ask what a canteen serves."""
    return place_kinds.asks_for_a_menu(text) or meant_kind(talk, text) is not None


def meant_kind(talk: Talk, text: str) -> PlaceKind | None:
    """The kind that is looked for, perhaps near a place that is named (荷香苑附近的食堂)."""
    if not place_kinds.meant(text):
        return None
    area = mentions.mentioned(talk.session, text)
    return place_kinds.looked_for(text, mentions.names_in(area, talk.session))


@opens("places")
def open_places(talk: Talk, story: dict[str, Any] | None) -> None:
    """The menu's 附近场所, or words that look for one."""
    text = words_of(story)
    if place_kinds.asks_for_a_menu(text):
        talk.begin("place_menu", text=text)
    else:
        talk.begin("places", text=text)


@conversation("places", own=True)
def find_places(talk: Talk) -> None:
    """Which kind, from where; then the nearest.

    args: text (the words that led here), kind (where it is clear), near (ask where they are, though
    their home is known).
    """
    text = talk.args.get("text", "")
    kind = ask_kind(talk, text)
    if kind is None:
        talk.say("places/none", label="", more=False, options=[Do("human")])
        return
    found = where(talk, "places/where", text, by_point=True, ask=talk.args.get("near", False))
    if found is not None:
        show_nearest(talk, kind, *found)


class PickKind(Pick):
    """One of the kinds that are shown, or any that is there, in the words people have for it."""

    def __init__(self, shown: list[Option], there: list[PlaceKind], **facts: Any) -> None:
        super().__init__(
            "places/kind", shown, [Option(kind.key, kind.label) for kind in there], **facts
        )
        self._there = there

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        index = choose(said.text, [option.label for option in self.options])
        if index is not None:
            return Answered(self.options[index].value)
        if number_in(said.text) is not None:
            return Missed()  # a number that no button has
        meant = [kind for kind in place_kinds.meant(said.text) if kind in self._there]
        return Answered(meant[0].key) if meant else Missed()


def ask_kind(talk: Talk, text: str) -> PlaceKind | None:
    """The kind: the one that was begun with or that the words mean, else the one that is picked.
    None where there are no places at all."""
    known = place_kinds.kinds()
    there = [kind for key, kind in known.items() if key in places.kinds_there(talk.session)]
    meant = [kind for kind in place_kinds.meant(text) if text]
    named = talk.args.get("kind") or (meant[0].key if len(meant) == 1 else None)
    if named in known:
        return known[named]
    if not there:
        return None
    several = [kind for kind in meant[:SURE] if kind in there]
    few = several if len(several) > 1 else there[:FEW]
    rest = [kind for kind in there if kind not in few]
    options = [Option(kind.key, kind.label) for kind in few]
    more = [Option(MORE, talk.word("places.other_kinds"))] if rest else []
    picked = talk.ask("kind", PickKind([*options, *more], there, kinds=few))
    if picked == MORE:
        others = [Option(kind.key, kind.label) for kind in rest]
        picked = talk.ask("any-kind", PickKind(others, there, kinds=rest))
    return known[picked]


def show_nearest(
    talk: Talk, kind: PlaceKind, area: Area | None, point: Point | None, skip: int = 0
) -> None:
    """The next few of a kind; one alone is shown whole."""
    found = places.nearest(
        talk.session, kind.key, area.id if area else None, point=point, limit=AT_ONCE + 1, skip=skip
    )
    seen = {"kind": kind.key, "area": area.id if area else None, "point": list(point or ())}
    if not found:
        talk.say("places/none", label=kind.label, more=skip > 0, options=[_other_kinds(talk)])
        return
    if len(found) == 1 and not skip:
        show_place(talk, found[0], by_point=point is not None)
        return
    shown = found[:AT_ONCE]
    options = [Do("place", {"place": one.place.id}, one.place.name) for one in shown]
    if len(found) > AT_ONCE:
        more = {**seen, "skip": skip + AT_ONCE}
        options.append(Do("places_list", more, talk.word("places.more")))
    if point is None:
        options.append(Do("places_near", {"kind": kind.key}, talk.word("places.near")))
    options.append(_other_kinds(talk))
    talk.say(
        "places/list", label=kind.label, by_point=point is not None,
        place=areas.title(talk.session, area) if area else "",
        found=[view(talk, one, by_point=point is not None) for one in shown], options=options,
    )  # fmt: skip


def _other_kinds(talk: Talk) -> Do:
    return Do("places_kinds", {}, talk.word("places.other_kind"))


def show_place(talk: Talk, near: Near, *, by_point: bool = False) -> None:
    """One place: what, when, where, who, what is on; its pin and link where the point is known."""
    place = near.place
    one = view(talk, near, by_point=by_point)
    today = talk.now.astimezone(talk.zone).date()
    options = []
    days = places.days_from(talk.session, place.id, today, DAYS_SHOWN)
    if may_somewhere(talk, "place_note", place.area_id):
        note = {"place": place.id, "area": place.area_id}
        options.append(Do("place_note", note, talk.word("places.note")))
    options.append(_other_kinds(talk))
    talk.say(
        "places/one", one=one, link=map_link(place), today=today,
        tomorrow=today + timedelta(days=1), days=days, menu=place_kinds.kinds()[place.kind].menu,
        location=place.point, calls=calls_of(place), options=options,
    )  # fmt: skip


@action("place")
def one_place(talk: Talk, place: int) -> None:
    """A place from a list; one that is there no longer is said to be gone."""
    found = places.get(talk.session, place)
    if found is None:
        talk.say("places/none", label="", more=False, options=[_other_kinds(talk)])
    else:
        show_place(talk, places.seen_from(talk.session, found, talk.person.home_id))


@action("places_list")
def more_places(talk: Talk, kind: str, area: int | None, point: list[float], skip: int) -> None:
    """换一批: the next few."""
    home = areas.get(talk.session, area) if area is not None else None
    there = (point[0], point[1]) if point else None
    show_nearest(talk, place_kinds.kinds()[kind], home, there, skip)


@action("places_near")
def near_me(talk: Talk, kind: str) -> None:
    """按我现在的位置找: asks where they are, though their home is known."""
    talk.begin("places", kind=kind, near=True)


@action("places_kinds")
def other_kinds(talk: Talk) -> None:
    """找别的地方: from the beginning."""
    talk.begin("places")
