"""Which doorstep is meant: the one that was named, one's home, or the one that is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from handlers.area_questions import PickArea
from handlers.matching import choose
from handlers.questions import (
    Answered,
    Json,
    Missed,
    Option,
    Prompt,
    Question,
    Reading,
)
from handlers.talk import Talk
from storage import areas, mentions
from storage.areas import Area, Level
from storage.points import Point, on_earth

if TYPE_CHECKING:
    from handlers.talk import Said

NOT_SAID = "home"
"""The answer that begins 我的住址 instead."""


class Whereabouts(Question[Json]):
    """A community, compound or building by name; `by_point`: also a place that is sent.

    The answer is an area's id, [latitude, longitude], or `NOT_SAID`.
    """

    def __init__(self, name: str, /, under: Area, *, by_point: bool) -> None:
        super().__init__(name)
        self._by_name = PickArea(name, under, deepest=Level.BUILDING)
        self._by_point = by_point

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        options = [] if talk.person.home_id else [Option(NOT_SAID, talk.word("whereabouts.settle"))]
        return Prompt(options=options, asks_location=self._by_point)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        if said.location is not None:
            known = self._by_point and on_earth(said.location)
            return Answered(list(said.location)) if known else Missed()
        named = mentions.mentioned(talk.session, said.text)
        if named is not None:
            return Answered(named.id)
        if choose(said.text, [talk.word("whereabouts.settle")]) == 0:
            return Answered(NOT_SAID)
        return self._by_name.read(said, picked, talk, draft)

    def holds(self, stored: Json, talk: Talk) -> bool:
        return not isinstance(stored, int) or self._by_name.holds(stored, talk)

    def words(self, stored: Json, talk: Talk) -> str:
        if isinstance(stored, int):
            return self._by_name.words(stored, talk)
        return talk.word("whereabouts.settle" if stored == NOT_SAID else "whereabouts.sent")


def where(
    talk: Talk, template: str, text: str, *, by_point: bool = False, ask: bool = False
) -> tuple[Area | None, Point | None] | None:
    """The area and, if one was sent, the point that somebody means; None when the talk goes on in
    another way (they tell where they live first, or there is no county yet).

    text: their words, which may name a place. ask: though their home is known.
    """
    county = areas.county(talk.session)
    if county is None:
        talk.say("arrival/no_county")
        return None
    named = mentions.mentioned(talk.session, text) if text else None
    home = areas.get(talk.session, talk.person.home_id) if talk.person.home_id else None
    if named is not None:
        return named, None
    if home is not None and not ask:
        return home, None
    said = talk.ask("where", Whereabouts(template, county, by_point=by_point))
    if said == NOT_SAID:
        talk.begin("arrival")
        return None
    if isinstance(said, list):
        return home, (said[0], said[1])
    return areas.get(talk.session, said), None


def words_of(story: Mapping[str, Any] | None) -> str:
    """The words of a story that led here; empty from a button."""
    return str(story["text"]) if story else ""
