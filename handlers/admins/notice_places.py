"""Several places in one answer: 莲花池社区和桂花社区, 莲花池花园3栋、5栋."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.area_questions import PickArea
from handlers.matching import place_in
from handlers.questions import (
    Answered,
    Json,
    Option,
    Partly,
    Prompt,
    Question,
    Reading,
)
from handlers.talk import Said, Talk
from storage import addresses, areas
from storage.areas import Area, Level
from storage.names import bare


@dataclass(frozen=True, slots=True)
class _Found:
    """One of the names, and what it may be."""

    name: str
    areas: Sequence[Area]


class PickAreas(Question[list[Area]]):
    """One area below `under` or several; one alone is asked for as `PickArea` does."""

    def __init__(self, name: str, /, under: Area) -> None:
        super().__init__(name)
        self._under = under
        self._one = PickArea(name, under, deepest=Level.BUILDING)

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return self._one.prompt(talk, draft)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered([picked.value])
        several = self._several(said.text, talk)
        if not several:
            reading = self._one.read(said, None, talk, draft)
            if not isinstance(reading, Answered):
                return reading
            return self._no_door(said, reading.value, talk) or Answered([reading.value])
        for one in several:
            if len(one.areas) != 1:
                block = "which_of" if one.areas else "unknown"
                titles = [areas.title(talk.session, area) for area in one.areas]
                facts = {"name": one.name, "titles": titles, "under": self._under.name}
                return Partly(None, Prompt(block, facts))
        return Answered(list(dict.fromkeys(one.areas[0].id for one in several)))

    def _no_door(self, said: Said, area_id: int, talk: Talk) -> Partly | None:
        """Of a door that was named: no notice goes to one alone: the building is asked."""
        there = areas.get(talk.session, area_id)
        if there.level != Level.BUILDING or not addresses.door_after(place_in(said.text)):
            return None
        whole = Option(there.id, areas.title(talk.session, there))
        return Partly(None, Prompt("no_door", self.facts, [whole]))

    def _several(self, text: str, talk: Talk) -> list[_Found]:
        """The places that `text` joins; none where it names one, whose name may hold 和."""
        marks, words = talk.word("notice.place_marks"), talk.words("notice.place_words")
        parts = [part for part in re.split(f"[{marks}]+", text.strip()) if part]
        if len(parts) == 1:
            parts = self._cut(parts[0], words, talk)
        if len(parts) < 2:
            return []
        found: list[_Found] = []
        near = self._under
        for part in parts:
            known = self._find(part, near, talk) or self._find(part, self._under, talk)
            found.append(_Found(part, known))
            if len(known) == 1 and known[0].parent_id and known[0].level == Level.BUILDING:
                near = areas.get(talk.session, known[0].parent_id)
        return found

    def _cut(self, text: str, words: Sequence[str], talk: Talk) -> list[str]:
        """`text` cut at one of `words` with a place on both sides of it, or one in front that is
        named in full."""
        for match in re.finditer("|".join(map(re.escape, words)), text):
            left, right = text[: match.start()], text[match.end() :]
            before = self._find(left, self._under, talk) if left and right else []
            if not before:
                after = self._find(right, self._under, talk) if left else []
                if self._in_full(right, after, talk) and not self._is_called(text, talk):
                    return [left, right]  # the one in front is not there, which is to be said
                continue
            near = areas.get(talk.session, before[0].parent_id or self._under.id)
            rest = self._cut(right, words, talk)
            after = self._find(right, near, talk) or self._find(right, self._under, talk)
            if len(rest) > 1 or after or self._in_full(left, before, talk):
                return [left, *rest]
        return [text]

    def _is_called(self, text: str, talk: Talk) -> bool:
        return self._in_full(text, self._find(text, self._under, talk), talk)

    def _in_full(self, name: str, found: Sequence[Area], talk: Talk) -> bool:
        titles = areas.titles(talk.session, found)
        return any(bare(name) in (bare(one.name), bare(titles[one.id])) for one in found)

    def _find(self, name: str, under: Area, talk: Talk) -> list[Area]:
        found = addresses.find(talk.session, name, under=under, level=None, limit=5)
        exact = [one for one in found if self._in_full(name, [one], talk)]
        if exact:
            return exact
        if found and found[0].level == Level.BUILDING:  # who names a building means no more
            return [
                one for one in found if one is found[0] or not found[0].path.startswith(one.path)
            ]
        return found

    def value(self, stored: Json, talk: Talk) -> list[Area]:
        return [areas.get(talk.session, one) for one in stored]

    def holds(self, stored: Json, talk: Talk) -> bool:
        return bool(stored) and all(self._one.holds(one, talk) for one in stored)

    def words(self, stored: Json, talk: Talk) -> str:
        return talk.word("notice.and").join(self._one.words(one, talk) for one in stored)
