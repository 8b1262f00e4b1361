"""One message being handled: the `Talk` that handlers see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from bot import held, puzzled, speaking
from bot.office import Office
from bot.wording import Wording
from handlers.area_questions import PickArea
from handlers.matching import number_in
from handlers.permits import is_staff
from handlers.questions import Answered, Missed, Option, Partly, Prompt, Question, Story
from handlers.talk import Do, Group, Said, Talk
from storage import conversations
from storage.binding import bind
from storage.conversations import Bookmark
from storage.people import Account, Person

T = TypeVar("T")
_NOT_YET = object()

A_REMARK = 4
"""From how many characters on words that answer nothing may belong to what was told before."""
MOST_UNREAD = 6
"""Of the words that answered nothing, so many of the newest are kept."""
MOST_PARKED = 5
"""Conversations laid aside in one chat; who begins a sixth has forgotten the first."""
EXITS = ("back", "cancel", "human")


def _exits(question: Question[Any]) -> tuple[str, ...]:
    """The ways out that stand under a question."""
    if not question.leaves:
        return ()
    return ("edit", *EXITS) if question.editable else EXITS


class Put(Exception):
    """The run ended: `question` is to be put as `prompt` says."""

    def __init__(self, key: str, question: Question[Any], prompt: Prompt, missed: bool) -> None:
        super().__init__(key)
        self.key = key
        self.question = question
        self.prompt = prompt
        self.missed = missed


class Again(Exception):
    """An earlier answer grew by what was said: run once more over the answers as they are now."""


class Turn(Office, Talk):
    """A message, the chat it came in, and what has been answered there so far.

    heard: what was said has been used; a question reached after that is put, not answered.
    running, live: inside a conversation, what stands before the newest answer was said before.
    newest: the key of the answer given just now, in a run that was begun again.
    assumed: answers taken for given. reopened: those of them that are to be asked after all.
    unread: words that answered nothing, for a person who takes over.
    before: the answers as they were when 修改 chose one, and which it chose.
    held: what was shown and no question could take (`bot/held.py`). careful: the talk under way is.
    """

    def __init__(
        self, session: Session, account: Account, said: Said, now: datetime, wording: Wording
    ) -> None:
        super().__init__(session, now, wording)
        self.account = account
        self.person: Person = account.person
        self.speaker = account.person_id
        self.group: Group | None = None
        self.said = said
        self.conversation: Bookmark = conversations.of(session, account.id, now)
        self.heard = True
        self.newest = ""
        self.running = False
        self.live = True
        self.picked: tuple[str, Option] | None = None
        self.asked: list[tuple[str, Question[Any]]] = []
        self.next: tuple[str, dict[str, Any], dict[str, Any]] | None = None
        self.assumed: dict[str, Any] = {}
        self.careful = False
        self._load()

    def _load(self) -> None:
        state = self.conversation.state or {}
        self.args: dict[str, Any] = dict(state.get("args", {}))
        self.answers: dict[str, Any] = dict(state.get("answers", []))
        self.draft: Any = state.get("draft")
        self.parked: list[dict[str, Any]] = list(state.get("parked", []))
        self.sources: dict[str, dict[str, str]] = dict(state.get("sources", {}))
        self.pressed_last: list[Any] | None = state.get("pressed_last")
        self.reopened: list[str] = list(state.get("reopened", []))
        self.unread: list[str] = list(state.get("unread", []))
        self.before: dict[str, Any] | None = state.get("before")
        self.held: dict[str, Any] | None = state.get("held")

    def save(self) -> None:
        """Write the answers back to the chat's row."""
        state: dict[str, Any] = {}
        if self.conversation.name:
            state = {"args": self.args, "answers": list(self.answers.items())}
            if self.sources:
                state["sources"] = self.sources
            if self.draft is not None:
                state["draft"] = self.draft
            if self.reopened:
                state["reopened"] = self.reopened
            if self.unread:
                state["unread"] = self.unread
            if self.before is not None:
                state["before"] = self.before
            if self.held is not None:
                state["held"] = self.held
        if self.parked:
            state["parked"] = self.parked
        if self.pressed_last:
            state["pressed_last"] = self.pressed_last
        self.conversation.state = state
        self.conversation.updated_at = self.now
        conversations.keep(self.session, self.conversation)

    def enter(self, name: str, args: dict[str, Any], answers: dict[str, Any]) -> None:
        """Make `name` this chat's conversation; one that is under way is parked."""
        if self.conversation.name and (self.answers or self.draft):
            self.park()
        self.conversation.name = name
        self.conversation.misses = 0
        self.args, self.answers, self.draft = args, answers, None
        self.sources, self.reopened, self.before, self.unread = {}, [], None, []
        self.asked.clear()

    def enter_anew(self) -> None:
        """Forget what was answered in the present conversation, and what of it was changed."""
        self.conversation.misses = 0
        self.answers, self.draft = {}, None
        self.sources, self.reopened, self.before, self.unread = {}, [], None, []
        self.asked.clear()

    def park(self) -> None:
        """Lay the present conversation aside, to be taken up again with 继续."""
        parked = {
            "name": self.conversation.name,
            "args": self.args,
            "answers": list(self.answers.items()),
            "draft": self.draft,
            "sources": self.sources,
            "before": self.before,
            "held": self.held,
        }
        self.held = None
        self.parked = [*self.parked, parked][-MOST_PARKED:]
        self.leave()

    def unpark(self) -> bool:
        """Take up what was laid aside last; False when nothing was."""
        if not self.parked:
            return False
        parked = self.parked.pop()
        self.enter(parked["name"], dict(parked["args"]), dict(parked["answers"]))
        self.draft, self.sources = parked["draft"], dict(parked.get("sources", {}))
        self.before, self.held = parked.get("before"), parked.get("held")
        return True

    def lay_aside(self) -> None:
        if self.conversation.name and (self.answers or self.draft):
            self.park()
            self.say("engine/parked")
        self.leave()

    def leave(self) -> None:
        """End the present conversation."""
        self.conversation.name = ""
        self.conversation.misses = 0
        self.args, self.answers, self.draft = {}, {}, None
        self.sources, self.reopened, self.before, self.unread = {}, [], None, []

    def forget_question(self, asked: int | None) -> None:
        """After the last answer a number picks nothing any more, unless something new was put."""
        if self.conversation.asked_ref == asked:
            self.conversation.asked_ref = None

    def ask(self, key: str, question: Question[T], assume: Any = None) -> T:
        stored = self.answers.get(key, _NOT_YET)
        given = assume is not None and stored is _NOT_YET and key not in self.reopened
        if given and question.holds(assume, self):
            self.asked.append((key, question))
            self.assumed[key] = assume
            return question.value(assume, self)
        if stored is not _NOT_YET and question.holds(stored, self):
            self.asked.append((key, question))
            self.live = self.live or key == self.newest
            return question.value(stored, self)
        if stored is not _NOT_YET:
            self.draft = question.unfinished(self.answers.pop(key))
        if not self.heard:
            self._hear(key, question)
            self.asked.append((key, question))
            return question.value(self.answers[key], self)
        raise Put(key, question, question.prompt(self, self.draft), missed=False)

    def _hear(self, key: str, question: Question[Any]) -> None:
        """Let the question read what was said; returns when it is answered."""
        self.heard = True
        picked = None
        if self.picked:
            picked_key, picked = self.picked
            if picked_key != key:
                raise Put(key, question, question.prompt(self, self.draft), missed=False)
        reading = question.read(self.said, picked, self, self.draft)
        if isinstance(reading, Answered) and question.holds(reading.value, self):
            self.answers[key] = reading.value
            self.sources.pop(key, None)
            kept = isinstance(question, Story) or reading.telling
            if picked is None and not kept and not self._by_number():
                self.sources[key] = dict(self.said.parts)
            self.draft = None
            self.conversation.misses = 0
            self.live = True
            late = self.said if reading.telling else replace(self.said, text="", parts={})
            if not isinstance(question, Story) and self._add_to_story(late):
                self.newest = key
                raise Again
            self._hold_back(question, late)
            return
        if isinstance(reading, Partly):
            self.draft = reading.draft
            self.conversation.misses = 0
            if not (reading.telling and self._add_to_story(self.said)):
                self._hold_back(question, self.said)
            raise Put(key, question, reading.prompt, missed=False)
        seen = self.said.media or self.said.location
        if isinstance(reading, Missed) and seen and self._add_to_story(self.said):
            self.conversation.misses = 0
            raise Again
        if held.keep(self, self.said):
            raise Put(key, question, question.prompt(self, self.draft), missed=False)
        if self.said.text and not self.silent:
            self.unread = [*self.unread, self.said.text][-MOST_UNREAD:]
        raise Put(key, question, question.prompt(self, self.draft), missed=True)

    def _hold_back(self, question: Question[Any], said: Said) -> None:
        """Files that came with words which answered a question that takes no files."""
        if said.media and not question.takes_files:
            held.keep(self, replace(said, text="", parts={}, location=None))

    def _by_number(self) -> bool:
        return number_in(self.said.text) is not None

    def _add_to_story(self, said: Said) -> bool:
        """Photos or a voice that come late belong to what was told before, not to this question."""
        told = self.story()
        if told is None or not (said.text or said.media or said.location):
            return False
        key, story = told
        self.answers[key] = story.add(self.answers[key], said)
        self.live = True
        if said.media or said.location:
            self.say("engine/added")
        return True

    def story(self) -> tuple[str, Story] | None:
        """The answered question of this run that can take more words and photos."""
        return next(((k, q) for k, q in self.asked if isinstance(q, Story)), None)

    def reopen(self, keys: Sequence[str]) -> None:
        """Forget these answers, so that the questions are asked anew; the assumed ones too. What
        they were is kept until they are given anew (`leave_change`)."""
        known = {"answers": list(self.answers.items()), "reopened": list(self.reopened)}
        self.before = {**known, "keys": list(keys)}
        for key in keys:
            if self.answers.pop(key, _NOT_YET) is _NOT_YET and key not in self.reopened:
                self.reopened.append(key)

    def leave_change(self) -> bool:
        """Go back to the answers as they were before 修改; False when nothing is being changed."""
        before, self.before = self.before, None
        if before is None or all(key in self.answers for key in before["keys"]):
            return False
        self.answers, self.reopened = dict(before["answers"]), list(before["reopened"])
        self.draft = None
        return True

    def forget_newest(self) -> None:
        """Forget the answer to the last question that was asked, wherever 修改 put it since."""
        asked = [key for key, _ in self.asked if key in self.answers]
        if asked:
            del self.answers[asked[-1]]
        else:
            self.answers.popitem()

    def leave_reopened(self) -> bool:
        """Go back to what was assumed, where that was asked after all; False when it was not."""
        kept = [key for key in self.reopened if key in self.answers]
        found, self.reopened = kept != self.reopened, kept
        return found

    def put(self, put: Put, elsewhere: Sequence[Do] = ()) -> None:
        """Put a question: after a miss in other words, after more with ways to begin anew and to a
        person (`bot/puzzled.py`).

        elsewhere: where the words that were no answer may have been meant to lead. They stand
        among the ways out, without a number: a number means the same from turn to turn.
        """
        misses, shown = puzzled.missed(self, put)
        self.conversation.misses = misses
        options = [
            speaking.choice(Do("answer", {"key": put.key, "value": o.value}), o.label)
            for o in put.prompt.options
        ]
        strayed = shown in puzzled.IN_OTHER_WORDS
        block = "again" if strayed else put.prompt.block
        text = self.wording.render(put.question.name, dict(put.prompt.facts), block)
        if shown in puzzled.LED_IN:
            facts = {"question": text, "misses": misses, "most": len(options)}
            facts["number"] = number_in(self.said.text)
            facts["staff"] = is_staff(self)
            text = self.wording.render(f"engine/{shown}", facts)
        aside = [
            speaking.choice(Do("answer", {"key": put.key, "value": o.value}), o.label)
            for o in put.prompt.aside
        ]
        aside += [speaking.choice(do, do.label or "") for do in elsewhere if strayed]
        if strayed and len(self.said.text.strip()) >= A_REMARK and self.story():
            story = Story("").add(None, replace(self.said, media=(), voices=(), location=None))
            add = Do("append", {"story": story})
            aside.append(speaking.choice(add, self.word("do.append")))
        exits = _exits(put.question)
        if misses >= puzzled.SAID_TWICE and exits:
            exits = ("restart", *exits)
        ref = speaking.queue(
            self.session,
            self.account,
            self.now,
            text=text,
            choices=options,
            exits=[*aside, *(speaking.choice(Do(name), self.word(f"do.{name}")) for name in exits)],
            asks_contact=put.prompt.asks_contact,
            asks_location=put.prompt.asks_location,
            labels={key: self.word(f"share.{key}") for key in ("contact", "location")},
        )
        speaking.listen_for(self.session, self.account, ref, self.now, pushed=False)

    def say(
        self,
        name: str,
        /,
        *,
        ticket: int | None = None,
        options: Sequence[Do] = (),
        media: Sequence[int] = (),
        location: tuple[float, float] | None = None,
        calls: Sequence[tuple[str, str]] = (),
        **facts: Any,
    ) -> None:
        if self.running and not self.live:
            return  # said when this point was first reached
        self._send(
            self.account, name, options, facts, pushed=False,
            ticket=ticket, files=media, location=location, calls=calls,
        )  # fmt: skip

    def _asked_in(self, account: Account) -> bool:
        return account.id == self.account.id and not self.conversation.name

    def _chat_of(self, person_id: int) -> Account | None:
        return self.account if person_id == self.person.id else super()._chat_of(person_id)

    def refuse(self, name: str, /, **facts: Any) -> None:
        self._send(self.account, name, (), facts, pushed=False)

    def begin(self, name: str, /, answers: Mapping[str, Any] | None = None, **args: Any) -> None:
        self.next = (name, args, dict(answers or {}))

    def become(self, person: Person) -> None:
        bind(self.session, self.account, person)
        self.session.refresh(self.account)
        self.person = self.account.person
        self.speaker = self.person.id

    def answered(self, key: str) -> Any:
        return self.answers.get(key)

    def came_in(self, key: str) -> dict[str, str]:
        stored = self.answers.get(key)
        if isinstance(stored, dict) and "from" in stored:
            return dict(stored["from"])
        return dict(self.sources.get(key, {}))

    def place_so_far(self) -> int | None:
        places = [
            self.answers[key] for key, q in self.asked
            if isinstance(q, PickArea) and key in self.answers
        ]  # fmt: skip
        return int(places[-1]) if places else None

    @property
    def under_way(self) -> str:
        return self.conversation.name

    def so_far(self) -> list[str]:
        return [
            f"{self.wording.render(question.name, question.facts, 'title')}："
            f"{question.words(self.answers.get(key, self.assumed.get(key)), self)}"
            for key, question in self.asked
        ] + [word for word in self.unread if number_in(word) is None]

    def shown_so_far(self) -> dict[str, Any]:
        told = self.story()
        found = self.answers[told[0]] if told else self.draft
        return found if isinstance(found, dict) and "media" in found else self.held or Story.empty()
