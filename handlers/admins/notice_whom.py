"""Whom a notice is for, pressed or typed: 莲花池花园3栋, 独居老人和残疾人, 党员, 大家."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers.admins.notice_places import PickAreas
from handlers.matching import choose, number_in
from handlers.questions import Answered, Json, Missed, Option, Partly, Pick, Prompt, Reading
from handlers.talk import Said, Talk
from storage.areas import Area
from storage.names import bare

EVERYONE, PLACE, GROUP, UNVISITED, FILED, STAFF = (
    "everyone", "place", "group", "unvisited", "filed", "staff",
)  # fmt: skip
LONGEST = 40
"""Characters in which somebody names whom they mean; more of them say something else."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The way that was chosen, and what was named with it at once; what was not is asked."""

    way: str
    areas: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    def key(self, key: str) -> str:
        """The key of a question that this may have answered: what was said of another choice
        does not answer it."""
        named = ".".join(map(str, (*self.areas, *self.names)))
        return f"{key}-{named}" if named else key


class Several(Pick):
    """One of `options`, or several that are typed with 、 or 和 between them, or all of them."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered([picked.value])
        if bare(said.text) in talk.words("notice.all_of_them"):
            return Answered([option.value for option in self.options])
        labels = [option.label for option in self.options]
        parts = [choose(part, labels) for part in _parts(said.text, talk)]
        if len(parts) > 1 and None not in parts:
            found = [self.options[one].value for one in parts if one is not None]
            return Answered(list(dict.fromkeys(found)))
        reading = super().read(said, None, talk, draft)
        return Answered([reading.value]) if isinstance(reading, Answered) else reading

    def holds(self, stored: Json, talk: Talk) -> bool:
        listed = isinstance(stored, list) and bool(stored)
        return listed and all(super(Several, self).holds(one, talk) for one in stored)

    def words(self, stored: Json, talk: Talk) -> str:
        return talk.word("notice.and").join(super(Several, self).words(one, talk) for one in stored)


class Whom(Pick):
    """The ways of choosing; who names places, groups or roles has chosen at once."""

    def __init__(
        self, options: Sequence[Option], under: Area, roles: Sequence[Option], groups: Sequence[str]
    ) -> None:
        super().__init__("notice/whom", options)
        self._under = under
        self._places = PickAreas("notice/place", under)
        self._of = {STAFF: list(roles), GROUP: [Option(one, one) for one in groups]}

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        if number_in(said.text) is not None or len(said.text) > LONGEST:
            return super().read(said, None, talk, draft)
        text = _plain(said.text, talk)
        found = self._in_a_word(bare(text), talk) or self._named(text, talk)
        there = Answered(found) if found else self._named_there(text, said, talk, draft)
        if there:
            return there
        # 党员 holds no more of the way to homes that no 党员 has been to than of any other.
        others = [one for one in self.options if one.value != UNVISITED]
        reading = Pick(self.name, others).read(said, None, talk, draft)
        if isinstance(reading, Answered):
            return reading
        return self._at(text, {"way": PLACE}, said, talk, draft) or Missed()

    def _in_a_word(self, said: str, talk: Talk) -> str:
        """The way that one word means: 大家, 全县, 没走访的."""
        everyone = talk.words("notice.everyone")
        if said in (*everyone, talk.word(f"notice.whole.{self._under.level}")):
            return EVERYONE
        if talk.word("notice.a_visit") in said:
            return UNVISITED
        return FILED if any(one in said for one in talk.words("notice.has_filed")) else ""

    def _named(self, text: str, talk: Talk) -> dict[str, Json] | None:
        """The roles or the groups that `text` names, and nothing else."""
        if bare(text) in talk.words("notice.all_staff"):
            return {"way": STAFF, "names": [one.value for one in self._of[STAFF]]}
        for way, options in self._of.items():
            found = [_called(part, options) for part in _parts(text, talk)]
            if found and all(found):
                return {"way": way, "names": list(dict.fromkeys(found))}
        return None

    def _named_there(self, text: str, said: Said, talk: Talk, draft: Json) -> Reading | None:
        """The same of a place that stands before them: 莲花池花园的独居老人, 3栋残疾人."""
        for cut in range(2, len(text) - 1):
            named = self._named(text[cut:], talk)
            if named:
                place = text[:cut].rstrip(talk.word("notice.of"))
                return self._at(place, named, said, talk, draft)
        return None

    def _at(
        self, place: str, chosen: dict[str, Json], said: Said, talk: Talk, draft: Json
    ) -> Reading | None:
        """What was chosen, of the places that are named; asked where one name means several."""
        where = self._places.read(replace(said, text=place), None, talk, None)
        if isinstance(where, Answered):
            return Answered({**chosen, "areas": where.value})
        if not (isinstance(where, Partly) and where.prompt.options):
            return None
        options = [
            Option({**chosen, "areas": [one.value]}, one.label) for one in where.prompt.options
        ]
        return Partly(draft, Prompt(where.prompt.block, self.facts, options))

    def takes_word(self, word: str, talk: Talk) -> bool:
        return talk.word("notice.a_visit") in word

    def value(self, stored: Json, talk: Talk) -> Any:
        """What was chosen, as `Chosen`."""
        if isinstance(stored, str):
            return Chosen(stored)
        return Chosen(stored["way"], tuple(stored.get("areas", ())), tuple(stored.get("names", ())))

    def holds(self, stored: Json, talk: Talk) -> bool:
        chosen = self.value(stored, talk)
        known = [option.value for option in self._of.get(chosen.way, [])]
        there = self._places.holds(list(chosen.areas), talk) if chosen.areas else True
        return (
            super().holds(chosen.way, talk) and there and all(one in known for one in chosen.names)
        )

    def words(self, stored: Json, talk: Talk) -> str:
        return super().words(self.value(stored, talk).way, talk)


def _parts(text: str, talk: Talk) -> list[str]:
    """What `text` joins with a mark or a word such as 和."""
    marks, words = talk.word("notice.place_marks"), talk.words("notice.place_words")
    joined = "|".join((f"[{marks}]+", *map(re.escape, words)))
    return [part for part in re.split(joined, text.strip()) if part]


def _called(part: str, options: Sequence[Option]) -> Json:
    """The value of the one option that is called so, or whose name ends so (党员); else None."""
    said = bare(part)
    names = [bare(option.label) for option in options]
    if said in names:
        return options[names.index(said)].value
    ending = [i for i, name in enumerate(names) if len(said) > 1 and name.endswith(said)]
    return options[ending[0]].value if len(ending) == 1 else None


def _plain(text: str, talk: Talk) -> str:
    """`text` without what people say around whom they mean (发给 ... 的住户)."""
    core = text.strip()
    for word in talk.words("notice.before_whom"):
        core = core.removeprefix(word)
    for word in talk.words("notice.after_whom"):
        core = core.removesuffix(word) if len(core) > len(word) + 1 else core
    return core
