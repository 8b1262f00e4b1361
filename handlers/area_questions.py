"""The questions about a place: which area, and which door in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.matching import choose, names_a_building, place_in
from handlers.questions import (
    Answered,
    Json,
    Missed,
    Option,
    Partly,
    Prompt,
    Question,
    Reading,
    Text,
    declines,
    says_nothing,
    says_there_is_none,
)
from storage import addresses, areas
from storage.areas import Area, Level
from storage.meaning.spots import building_in
from storage.names import bare, door_key, is_a_door

if TYPE_CHECKING:
    from handlers.talk import Said, Talk


class PickArea(Question[Area]):
    """An area below `under`: by number from a short list, or by typing a name, pinyin or part.

    A typed name may go deeper than the next level (a compound's name where the community was
    asked), down to `deepest`. Long lists are never shown: up to `FEW` are.

    unlisted: one may say that where they live is none of them; the answer is then `under` itself.
    """

    FEW = 8

    def __init__(
        self, name: str, /, under: Area, *, deepest: Level, unlisted: bool = False, **facts: Any
    ) -> None:
        super().__init__(name, **facts)
        self._under = under
        self._deepest = deepest
        self._unlisted = unlisted

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        choices = areas.children(talk.session, self._under.id)
        few = choices if len(choices) <= self.FEW else []
        facts = {**self.facts, "count": len(choices), "under": self._under.name, "few": bool(few)}
        options = [Option(a.id, a.name) for a in few]
        return Prompt(facts=facts, options=options, aside=self._way_out(talk))

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        choices = areas.children(talk.session, self._under.id)
        text = addresses.to_the_building(place_in(said.text))
        index = choose(text, [area.name for area in choices])
        found = self._find(text, talk)
        if self._unlisted and index is None and self._is_none_of_them(said.text, talk):
            return Answered(self._under.id)
        deeper = bool(found) and found[0].level == Level.BUILDING
        if index is not None and not deeper:
            return Answered(choices[index].id)
        if not found:
            return Missed()
        if len(found) == 1 and not self._is_only_a_number(text, found[0]):
            return Answered(found[0].id)
        options = [Option(area.id, areas.title(talk.session, area)) for area in found]
        aside = self._way_out(talk)
        return Partly(draft, Prompt("narrow", self.facts, options, aside=aside))

    def _is_only_a_number(self, text: str, building: Area) -> bool:
        """Whether only the building's number was said, of whichever compound: 1栋 is no answer to
        the name of a compound that was not found."""
        above = self._under.level != Level.COMPOUND and building.level == Level.BUILDING
        return above and building.name_key == areas.area_key(Level.BUILDING, text)

    def _way_out(self, talk: Talk) -> list[Option]:
        key = "theirs_unlisted" if self.facts.get("name") else "unlisted"  # of whom it is asked
        return [Option(self._under.id, talk.word(f"choice.{key}"))] if self._unlisted else []

    def _is_none_of_them(self, text: str, talk: Talk) -> bool:
        plain = bare(text)
        return plain in talk.words("heard.unlisted")

    def takes_zero(self, said: Said, talk: Talk, draft: Json) -> bool:
        named = [area.name for area in areas.children(talk.session, self._under.id)]
        return choose(said.text, named) is not None

    def _find(self, text: str, talk: Talk) -> list[Area]:
        if not text.strip():
            return []
        found = addresses.find(talk.session, text, under=self._under, level=None, limit=5)
        order = list(Level)
        fits = [a for a in found if order.index(Level(a.level)) <= order.index(self._deepest)]
        if fits and fits[0].level == Level.BUILDING:
            # Who names a building has named the compound around it, and does not mean that.
            fits = [a for a in fits if a is fits[0] or not fits[0].path.startswith(a.path)]
        return fits

    def value(self, stored: Json, talk: Talk) -> Area:
        return areas.get(talk.session, stored)

    def holds(self, stored: Json, talk: Talk) -> bool:
        try:
            return areas.get(talk.session, stored).path.startswith(self._under.path)
        except areas.UnknownArea:
            return False

    def words(self, stored: Json, talk: Talk) -> str:
        return areas.title(talk.session, self.value(stored, talk))


class Door(Text):
    """A door: what has a number or a word of doors in it. What has none is asked about once, and
    taken when it is said again; "" where there is none (`no_door`).

    building: the one that it belongs to; words that name it as well are cut down to the door.
    """

    def __init__(self, name: str, /, *, most: int, **facts: Any) -> None:
        super().__init__(name, most=most, **facts)
        self._longest = most

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        none = Option("", talk.word("choice.no_door"))
        return Prompt("again" if draft else "ask", facts=self.facts, aside=[none])

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        text = said.text.strip()
        if declines(text, talk) or says_there_is_none(text, talk):
            return Answered("")
        door = addresses.door_after(text) or text
        if says_nothing(text, talk) or names_a_building(text) or not door_key(door):
            return Missed()
        again = isinstance(draft, str) and bare(draft) == bare(text)
        if again or is_a_door(door, talk.words("heard.door")):
            return Answered(door[: self._longest])
        if draft:
            return Missed()
        return Partly(text, Prompt("again", self.facts, aside=self.prompt(talk, None).aside))

    def holds(self, stored: str, talk: Talk) -> bool:
        return stored == "" or (bool(door_key(stored)) and not names_a_building(stored))

    def words(self, stored: Json, talk: Talk) -> str:
        return str(stored) or talk.word("choice.no_door")


def named_another(talk: Talk, building: Area) -> bool:
    """Whether the words that led to the compound of a building named another building in it: 2栋
    where the list has 3栋 alone. Never true of a compound or community."""
    if building.level != Level.BUILDING:
        return False
    for key in (*(f"in-{one}" for one in building.lineage[:-1]), "home"):
        for words in talk.came_in(key).values():
            number = building_in(words)
            if number and areas.area_key(Level.BUILDING, number) != building.name_key:
                return True
    return False


def door_said(talk: Talk, building: Area) -> str | None:
    """The door that was said in one breath with the building (莲花池花园3栋1单元302)."""
    for key in (*(f"in-{one}" for one in reversed(building.lineage[:-1])), "home"):
        for words in talk.came_in(key).values():
            door = addresses.door_after(place_in(words))
            if door and is_a_door(door, talk.words("heard.door")):
                return door
    return None
