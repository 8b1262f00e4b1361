"""The kinds of questions a conversation may ask, and how each reads what was said.

A question's words are the blocks of its template: ``ask``, ``again`` (the same in other words),
``title`` (its name in the list of what can be changed) and, for some, ``more`` or ``narrow``.
Answers are plain JSON values, so they outlive the program that asked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from handlers.matching import choose, negated, number_in, place_in
from storage import areas
from storage.areas import Area, Level
from storage.phones import masked, normal_phone
from storage.texts import joined, with_part

if TYPE_CHECKING:
    from handlers.talk import Said, Talk

T = TypeVar("T")
Json = Any


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what it means and the words for it."""

    value: Json
    label: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """How to put a question: which block of its template, with which facts and choices."""

    block: str = "ask"
    facts: Mapping[str, Any] = field(default_factory=dict)
    options: Sequence[Option] = ()
    asks_contact: bool = False
    asks_location: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """It was answered; `value` is what to store."""

    value: Json


@dataclass(frozen=True, slots=True)
class Partly:
    """A part was given: keep `draft` and put the question as `prompt` says."""

    draft: Json
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Missed:
    """It made no sense as an answer."""


Reading = Answered | Partly | Missed


MOST_FILES = 30
"""Files of one story. Nine photos are what people are told; who sends more loses none of them."""


class Question(ABC, Generic[T]):
    """One question, named by its template. editable: it offers 修改 among the ways out. leaves: the
    ways out stand under it. counts: it waits for a number, so that 0 is meant for it and does not
    call a person. tells: it takes a tale, in which words of danger are part of the answer."""

    editable = False
    leaves = True
    counts = False
    tells = False

    def __init__(self, name: str, /, **facts: Any) -> None:
        self.name = name
        self.facts = facts

    @abstractmethod
    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        """How it is put."""

    @abstractmethod
    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        """What `said` (or the choice that was picked) answers."""

    def value(self, stored: Json, talk: Talk) -> T:
        """What `ask` returns for a stored answer."""
        result: T = stored
        return result

    def holds(self, stored: Json, talk: Talk) -> bool:
        """Whether a stored answer still makes sense; when not, the question is asked again."""
        return True

    def unfinished(self, stored: Json) -> Json:
        """What of an answer that does not hold is kept as a half-given one."""
        return None

    def words(self, stored: Json, talk: Talk) -> str:
        """The answer in plain words, for a person who takes over."""
        return str(stored)

    def takes_zero(self, said: Said, talk: Talk, draft: Json) -> bool:
        """Whether a bare 0 (`said`) is meant for it."""
        return self.counts or not isinstance(self.read(said, None, talk, draft), Missed)


class Text(Question[str]):
    """Free words, up to `most` characters; `optional` adds a choice to skip (answer "")."""

    def __init__(
        self,
        name: str,
        /,
        *,
        most: int = 1000,
        optional: bool = False,
        counts: bool = False,
        tells: bool = False,
        **facts: Any,
    ) -> None:
        super().__init__(name, optional=optional, **facts)
        self.tells = tells
        self._most = most
        self._optional = optional
        self.counts = counts

    def takes_zero(self, said: Said, talk: Talk, draft: Json) -> bool:
        return self.counts

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        skip = [Option("", talk.word("choice.skip"))] if self._optional else []
        return Prompt(facts=self.facts, options=skip)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        text = said.text.strip()
        if self._optional and _declines(text, talk):
            return Answered("")
        return Answered(text[: self._most]) if text else Missed()


class Pick(Question[Json]):
    """One of `options`. unshown: more that are understood when typed, though no button has them.

    guess: it asks whether the first option is right, so a plain yes takes that and a plain no the
    last.
    """

    def __init__(
        self,
        name: str,
        /,
        options: Sequence[Option],
        unshown: Sequence[Option] = (),
        *,
        guess: bool = False,
        **facts: Any,
    ) -> None:
        super().__init__(name, **facts)
        self.options = options
        self._guess = guess
        self._known = [*options, *unshown]

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt(facts=self.facts, options=self.options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        index = choose(said.text, [option.label for option in self.options])
        if index is not None:
            return Answered(self.options[index].value)
        plain = agreement(said.text, talk) if self._guess else None
        if plain is not None:
            return Answered((self.options[0] if plain == 0 else self.options[-1]).value)
        if number_in(said.text) is not None:
            return Missed()  # a number means what is shown, never something further down a list
        index = choose(said.text, [option.label for option in self._known])
        return Missed() if index is None else Answered(self._known[index].value)

    def holds(self, stored: Json, talk: Talk) -> bool:
        return any(option.value == stored for option in self._known)

    def words(self, stored: Json, talk: Talk) -> str:
        return next((o.label for o in self._known if o.value == stored), str(stored))


class Confirm(Question[bool]):
    """Yes or no; the words for both are ``choice.<yes>`` and ``choice.<no>`` of words.toml.

    summary: it shows all that was answered, so it comes with a button to change something.
    """

    def __init__(
        self, name: str, /, *, yes: str = "yes", no: str = "no", summary: bool = False, **facts: Any
    ) -> None:
        super().__init__(name, **facts)
        self.editable = summary
        self._yes = yes
        self._no = no

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        options = [
            Option(True, talk.word(f"choice.{self._yes}")),
            Option(False, talk.word(f"choice.{self._no}")),
        ]
        return Prompt(facts=self.facts, options=options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        labels = [talk.word(f"choice.{self._yes}"), talk.word(f"choice.{self._no}")]
        index = choose(said.text, labels)
        if index is None:
            index = agreement(said.text, talk)
        if index is None and labels[0] in said.text and negated(said.text, labels[0]):
            index = 1
        return Missed() if index is None else Answered(index == 0)

    def words(self, stored: Json, talk: Talk) -> str:
        return talk.word(f"choice.{self._yes if stored else self._no}")


def agreement(text: str, talk: Talk) -> int | None:
    """0 for a plain yes (对, 好的, 是的 ...), 1 for a plain no, None for anything else."""
    bare = text.strip(" 。.!！~,，").lower()
    for index, key in enumerate(("agreement.yes", "agreement.no")):
        if bare in talk.word(key).split():
            return index
    return None


def _declines(text: str, talk: Talk) -> bool:
    """Whether an optional question is passed over: 跳过, or a plain no (没有, 不用 ...)."""
    return choose(text, [talk.word("choice.skip")]) == 0 or agreement(text, talk) == 1


class Story(Question[dict[str, Json]]):
    """What happened, in words, files (up to `most`), voice and a place, together or one by one.

    The answer is {"text", "media": [ids], "voice": whether one of them is a voice message,
    "location": [latitude, longitude] | None, "from": {message id: its words}}. Words or a voice
    message are enough to go on; later photos of the same conversation are added to it. A story of
    before edits were understood has no "from".
    """

    tells = True

    def __init__(self, name: str, /, *, most: int = MOST_FILES, **facts: Any) -> None:
        super().__init__(name, **facts)
        self.most = most

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt("more" if draft else "ask", {**self.facts, "story": draft or self.empty()})

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if not (said.text.strip() or said.media or said.location):
            return Missed()
        story = self.add(draft, said)
        if self.holds(story, talk):
            return Answered(story)
        return Partly(story, self.prompt(talk, story))

    def takes_zero(self, said: Said, talk: Talk, draft: Json) -> bool:
        return False

    @staticmethod
    def empty() -> dict[str, Json]:
        """A story with nothing in it yet."""
        return {"text": "", "media": [], "voice": False, "location": None, "from": {}}

    def holds(self, stored: Json, talk: Talk) -> bool:
        return bool(stored["text"] or stored["voice"])

    def unfinished(self, stored: Json) -> Json:
        return stored

    def add(self, story: dict[str, Json] | None, said: Said) -> dict[str, Json]:
        """`story` with what was said put behind it."""
        story = story or self.empty()
        parts = {key: words.strip() for key, words in said.parts.items()}
        return {
            "text": joined([story["text"], said.text.strip()]),
            "media": [*story["media"], *said.media][: self.most],
            "voice": story["voice"] or bool(said.voices),
            "location": list(said.location) if said.location else story["location"],
            "from": {**story.get("from", {}), **parts},
        }

    @staticmethod
    def amend(story: dict[str, Json], message_id: str, words: str) -> dict[str, Json]:
        """`story` with the words of one of its messages replaced."""
        parts = story.get("from", {})
        text = with_part(story["text"], parts, message_id, words)
        return {**story, "text": text, "from": {**parts, message_id: words}}

    def words(self, stored: Json, talk: Talk) -> str:
        return str(stored.get("text", ""))


class Photos(Question[int]):
    """A photo or another file; the answer is how many came, 0 when it was skipped (`optional`).

    The files themselves are added to the story of the same conversation, as all late ones are.
    """

    def __init__(self, name: str, /, *, optional: bool = False, **facts: Any) -> None:
        super().__init__(name, optional=optional, **facts)
        self._optional = optional

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        skip = [Option(0, talk.word("choice.skip"))] if self._optional else []
        return Prompt(facts=self.facts, options=skip)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        if said.media:
            return Answered(len(said.media))
        return Answered(0) if self._optional and _declines(said.text, talk) else Missed()


class PickArea(Question[Area]):
    """An area below `under`: by number from a short list, or by typing a name, pinyin or part.

    A typed name may go deeper than the next level (a compound's name where the community was
    asked), down to `deepest`. Long lists are never shown: up to `FEW` are.
    """

    FEW = 8

    def __init__(self, name: str, /, under: Area, *, deepest: Level, **facts: Any) -> None:
        super().__init__(name, **facts)
        self._under = under
        self._deepest = deepest

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        choices = areas.children(talk.session, self._under.id)
        few = choices if len(choices) <= self.FEW else []
        facts = {**self.facts, "count": len(choices), "under": self._under.name, "few": bool(few)}
        return Prompt(facts=facts, options=[Option(a.id, a.name) for a in few])

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        choices = areas.children(talk.session, self._under.id)
        text = place_in(said.text)
        index = choose(text, [area.name for area in choices])
        found = self._find(text, talk)
        deeper = bool(found) and found[0].level == Level.BUILDING
        if index is not None and not deeper:
            return Answered(choices[index].id)
        if not found:
            return Missed()
        if len(found) == 1:
            return Answered(found[0].id)
        options = [Option(area.id, areas.title(talk.session, area)) for area in found]
        return Partly(draft, Prompt("narrow", self.facts, options))

    def takes_zero(self, said: Said, talk: Talk, draft: Json) -> bool:
        named = [area.name for area in areas.children(talk.session, self._under.id)]
        return choose(said.text, named) is not None

    def _find(self, text: str, talk: Talk) -> list[Area]:
        if not text.strip():
            return []
        found = areas.find(talk.session, text, under=self._under, level=None, limit=5)
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


class Phone(Question[Json]):
    """A phone number, shared or typed: {"phone", "proven"}; may be skipped (answer "")."""

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        skip = Option("", talk.word("choice.skip"))
        return Prompt(facts=self.facts, options=[skip], asks_contact=True)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        number = normal_phone(said.phone or said.text)
        if number:
            return Answered({"phone": number, "proven": bool(said.phone and said.phone_own)})
        return Answered("") if _declines(said.text, talk) else Missed()

    def words(self, stored: Json, talk: Talk) -> str:
        return masked(stored["phone"]) if stored else talk.word("choice.skip")
