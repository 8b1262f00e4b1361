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

from handlers.matching import choose, negated, number_in
from storage.meaning.leaving import leaves
from storage.names import simplify
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
    """How to put a question: which block of its template, with which facts and choices.

    aside: choices without a number, for where numbers mean something else (3 is 3栋).
    """

    block: str = "ask"
    facts: Mapping[str, Any] = field(default_factory=dict)
    options: Sequence[Option] = ()
    asks_contact: bool = False
    asks_location: bool = False
    aside: Sequence[Option] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """It was answered; `value` is what to store. telling: the words told more of the matter too,
    and are added to the story."""

    value: Json
    telling: bool = False


@dataclass(frozen=True, slots=True)
class Partly:
    """A part was given: keep `draft` and put the question as `prompt` says. telling: as above."""

    draft: Json
    prompt: Prompt
    telling: bool = False


@dataclass(frozen=True, slots=True)
class Missed:
    """It made no sense as an answer."""


Reading = Answered | Partly | Missed


A_FEW_WORDS = 8
"""Characters of a short refusal; more of them say something of their own."""
MOST_FILES = 30
"""Files of one story. Nine photos are what people are told; who sends more loses none of them."""


class Question(ABC, Generic[T]):
    """One question, named by its template. editable: it offers 修改 among the ways out. leaves: the
    ways out stand under it. counts: it waits for a number, so that 0 is meant for it and does not
    call a person. tells: it takes a tale, in which words of danger are part of the answer.
    takes_files: a photo or a voice may be the answer."""

    editable = False
    leaves = True
    counts = False
    tells = False
    takes_files = False

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

    def takes_word(self, word: str, talk: Talk) -> bool:
        """Whether a word that works at any point is an answer here."""
        return False

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
        if self._optional and declines(text, talk):
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
        self.known = [*options, *unshown]

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt(facts=self.facts, options=self.options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        index = choose(said.text, [option.label for option in self.options])
        if index is not None:
            return Answered(self.options[index].value)
        plain = agreement(said.text, talk) if self._guess else None
        if plain == 1 and leaves(said.text, nothing_else=True):
            return Missed()  # 不要了 is no 都不是
        if plain is not None:
            return Answered((self.options[0] if plain == 0 else self.options[-1]).value)
        if number_in(said.text) is not None:
            return Missed()  # a number means what is shown, never something further down a list
        index = choose(said.text, [option.label for option in self.known])
        return Missed() if index is None else Answered(self.known[index].value)

    def holds(self, stored: Json, talk: Talk) -> bool:
        return any(option.value == stored for option in self.known)

    def words(self, stored: Json, talk: Talk) -> str:
        return next((o.label for o in self.known if o.value == stored), str(stored))


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
        if bare in talk.words(key):
            return index
    return None


def declines(text: str, talk: Talk) -> bool:
    """Whether an optional question is passed over: 跳过, or a plain no (没有, 不用, 不晓得 ...)."""
    plain = simplify(text).strip(" 。.!！~,，?？").replace(" ", "")
    passed = plain in talk.words("heard.passes")
    return passed or choose(text, [talk.word("choice.skip")]) == 0 or agreement(text, talk) == 1


def says_there_is_none(text: str, talk: Talk) -> bool:
    """Whether it says so of what was asked for: 没得电话, 不想说, 不记得号码."""
    plain = simplify(text).replace(" ", "")
    return len(plain) <= A_FEW_WORDS and plain.startswith(tuple(talk.words("heard.begins_none")))


def says_nothing(text: str, talk: Talk) -> bool:
    """Whether there is nothing in it to go by: marks alone, thanks, a hum."""
    plain = simplify(text).strip(" 。.!！~,，?？、/").replace(" ", "")
    if not any(character.isalnum() for character in plain):
        return True
    return plain in f"{talk.word('heard.thanks')} {talk.word('heard.hum')}".split()


class Story(Question[dict[str, Json]]):
    """What happened, in words, files (up to `most`), voice and a place, together or one by one.

    The answer is {"text", "media": [ids], "voice": whether one of them is a voice message,
    "location": [latitude, longitude] | None, "from": {message id: its words}}. Words or a voice
    message are enough to go on; later photos of the same conversation are added to it. A story of
    before edits were understood has no "from".
    """

    tells = True
    takes_files = True

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

    takes_files = True

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
        return Answered(0) if self._optional and declines(said.text, talk) else Missed()


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
        none = declines(said.text, talk) or says_there_is_none(said.text, talk)
        return Answered("") if none else Missed()

    def words(self, stored: Json, talk: Talk) -> str:
        return masked(stored["phone"]) if stored else talk.word("choice.skip")
