"""The language handlers are written in: `Talk`, the questions, and where handlers are registered.

A conversation is a plain function that reads from top to bottom::

    @conversation("request")
    def raise_request(talk: Talk) -> None:
        what = talk.ask("what", Story("request/what"))
        kind = talk.ask("kind", Pick("request/kind", kinds_like(what)))
        ...

Every message runs it again from the top: a question that is answered returns at once, the first
one that is not is put to the person, and the run ends there. So only the answers are stored; what
has an effect stands after the last question. The engine that does this is `bot/conversation.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from handlers.questions import Question
from storage.people import Account, Person
from storage.teams import TeamChat

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said in one message, apart from any platform.

    media: ids of stored files. location: (latitude, longitude). phone: a shared number, and
    whether the platform vouches that it is theirs. start: a deep link's payload. ticket: the
    ticket of the message that this one replies to. name: what the platform calls the person.
    parts: the platform's ids of the messages that it came in (an album is several), and the words
    of each.
    """

    text: str = ""
    media: tuple[int, ...] = ()
    voices: tuple[int, ...] = ()
    """Those of `media` that are voice messages: words that the program cannot read."""
    location: tuple[float, float] | None = None
    phone: str | None = None
    phone_own: bool = False
    start: str | None = None
    ticket: int | None = None
    name: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Do:
    """A button that does something: an action's name and what it is given.

    label: the words on it; where None, `templates/words.toml` has them under ``[do]``.
    """

    action: str
    args: Mapping[str, Any] = field(default_factory=dict)
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A group chat, by channel and the platform's id."""

    channel: str
    chat: str


class Desk(ABC):
    """The ways to write to people: what a message has, and what falls due without one."""

    session: Session
    now: datetime
    zone: ZoneInfo
    """The time zone that people here live by."""
    speaker: int | None
    """Whose message this is; None where something fell due by itself."""

    @abstractmethod
    def tell(
        self,
        person_id: int,
        name: str,
        /,
        *,
        staff: bool = False,
        ticket: int | None = None,
        card: bool = False,
        options: Sequence[Do] = (),
        media: Sequence[int] = (),
        location: tuple[float, float] | None = None,
        calls: Sequence[tuple[str, str]] = (),
        at_once: bool = False,
        **facts: Any,
    ) -> bool:
        """Say it to somebody else, in the chat they used last; False when they have none, or may
        have nothing of `ticket`.

        staff: it is a worker's: prefer the workers' own bot, and let what is not urgent wait for
        the end of their quiet hours. card: it is that person's task card for `ticket`. calls:
        (name, number) to tap. at_once: quiet hours or not.
        """

    @abstractmethod
    def put_up(
        self,
        person_id: int,
        name: str,
        /,
        *,
        options: Sequence[Do] = (),
        media: Sequence[int] = (),
        **facts: Any,
    ) -> int | None:
        """Say it at once, whatever the hour: to who speaks in their present chat, to others in the
        one they used last. The ref of what will stand there (for `redraw`); None without a chat.
        """

    @abstractmethod
    def tell_team(
        self,
        team: TeamChat,
        name: str,
        /,
        *,
        ticket: int | None = None,
        urgent: bool = True,
        answers: int | None = None,
        options: Sequence[Do] = (),
        media: Sequence[int] = (),
        **facts: Any,
    ) -> int:
        """Say it in a team's group; the ref of what will stand there.

        urgent: not for the morning. answers: the ref of the message there that it answers.
        """

    @abstractmethod
    def bring_forward(self, ticket: int) -> bool:
        """Let what waits for the speaker's morning about a ticket come now.

        Whether its card was among it; where it was not, or nobody speaks, nothing is changed.
        """

    @abstractmethod
    def redraw(self, ref: int, name: str, /, *, options: Sequence[Do] = (), **facts: Any) -> bool:
        """Change a message that was sent (an outbox id) to what the template says now; False when
        it says that already."""

    @abstractmethod
    def word(self, key: str) -> str:
        """A word or label of `templates/words.toml`, by its dotted key."""


class Talk(Desk):
    """One message being handled: who speaks, what is known, and the ways to answer."""

    account: Account
    person: Person
    said: Said
    args: dict[str, Any]
    """What the conversation was begun with."""
    group: Group | None
    """The group in which it was said; what answers the speaker goes to their own chat."""

    @abstractmethod
    def ask(self, key: str, question: Question[T], assume: Any = None) -> T:
        """The answer to `question`: at once if it was given, else the run ends with it put.

        assume: a stored answer that holds until they say otherwise: the question is put only when
        修改 chooses it (or when the answer makes no sense).
        """

    @abstractmethod
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
        """Say the template `name` to the person who speaks. calls: (name, number) to tap.

        Where it stands between two questions it is said once, when it is first reached.
        """

    @abstractmethod
    def refuse(self, name: str, /, **facts: Any) -> None:
        """Say why it does not go on, before or between questions too: what ends a conversation
        that was under way is said whenever it happens."""

    @abstractmethod
    def begin(self, name: str, /, answers: Mapping[str, Any] | None = None, **args: Any) -> None:
        """Start another conversation after this run, with some answers already given."""

    @abstractmethod
    def lay_aside(self) -> None:
        """Leave the conversation under way for something else; says so where anything was
        answered, and 继续 takes it up again."""

    @abstractmethod
    def become(self, person: Person) -> None:
        """From here on the speaker is `person` (an invitation or a shared number proved it)."""

    @abstractmethod
    def answered(self, key: str) -> Any:
        """The stored answer to a question of the present conversation, or None."""

    @abstractmethod
    def came_in(self, key: str) -> dict[str, str]:
        """The messages that answered a question: the platform's id of each, and its words."""

    @abstractmethod
    def place_so_far(self) -> int | None:
        """The deepest area that was answered in the conversation this message interrupts."""

    @property
    @abstractmethod
    def under_way(self) -> str:
        """The name of the conversation that this message finds under way; empty for none."""

    @abstractmethod
    def so_far(self) -> list[str]:
        """What was answered in the conversation that this message interrupts, in plain words."""

    @abstractmethod
    def shown_so_far(self) -> dict[str, Any]:
        """The photos, voice and place given in that conversation, in the form of a story."""


Opening = Callable[[Talk, dict[str, Any] | None], None]
"""Takes the talk, and what was said as a story (`handlers.relay.Words`); None from a button."""

Conversation = Callable[[Talk], None]
Action = Callable[..., None]
"""Takes the talk and the button's args by keyword."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What is looked after without anybody speaking.

    due: the ids of what is due now, read without writing. do: sees to one of them, in a
    transaction of its own; what it did must make `due` leave the id out.
    """

    due: Callable[[Session, datetime], Sequence[int]]
    do: Callable[[Desk, int], None]


@dataclass(frozen=True, slots=True)
class Daily:
    """What is done once a day, at a time of day where people live, in one transaction.

    at_start: also soon after the program starts, unless it was done a moment ago. do: gets whether
    it is the daily run. A day on which the program did not run then is made up for at its start.
    """

    at: time
    at_start: bool
    do: Callable[[Desk, bool], None]


@dataclass(slots=True)
class Handlers:
    """Everything that can answer, by name. Filled by the decorators when modules are imported."""

    conversations: dict[str, Conversation] = field(default_factory=dict)
    careful: set[str] = field(default_factory=set)
    """Conversations in which every word is an answer: no 返回, no menu, no command."""
    actions: dict[str, Action] = field(default_factory=dict)
    openings: dict[str, Opening] = field(default_factory=dict)
    """What the menu offers and free words may mean, named like ``[opening]`` in
    templates/words.toml."""
    commands: dict[str, Action] = field(default_factory=dict)
    """Named like the keys of ``[commands]`` in templates/words.toml."""
    duties: dict[str, Duty] = field(default_factory=dict)
    dailies: dict[str, Daily] = field(default_factory=dict)
    otherwise: Action | None = None
    """Gets what no conversation was waiting for."""
    calls: Callable[[Talk], bool] | None = None
    """Asked before a number picks a choice: whether the words call a ticket by its own number."""
    in_group: Callable[[Talk, dict[str, Any] | None], None] | None = None
    """Gets what was said in a group; of a press (the button's arguments) before it acts."""
    permit: Callable[[Talk, str, dict[str, Any]], bool] | None = None
    """Asked before every action and handler's command: whether the speaker may; says why not."""
    amended: Callable[[Talk], bool] | None = None
    """Gets every message that was edited after it was handled: whether a ticket keeps it."""
    signs: Callable[[Talk], bool] | None = None
    """Gets every message before anything is done with it: whether its words begin a careful talk,
    whatever else is going on."""
    elsewhere: Callable[[Talk], Sequence[Do]] | None = None
    """Gets words that are no answer to the open question: the buttons for what they may ask for."""
    recognise: Callable[[Talk], bool] | None = None
    """Gets every message first: whether its words prove who speaks, at any point of anything."""


HANDLERS = Handlers()


def conversation(name: str, *, careful: bool = False) -> Callable[[Conversation], Conversation]:
    """Register a conversation. Its opening words are ``[open]`` in templates/words.toml.

    careful: see `Handlers.careful`; its questions must understand whatever is said.
    """

    def register(function: Conversation) -> Conversation:
        HANDLERS.conversations[name] = function
        if careful:
            HANDLERS.careful.add(name)
        return function

    return register


def action(name: str) -> Callable[[Action], Action]:
    """Register what a button does. It must check who presses, and change nothing twice."""

    def register(function: Action) -> Action:
        HANDLERS.actions[name] = function
        return function

    return register


def opens(name: str) -> Callable[[Opening], Opening]:
    """Register one thing to ask for: it is begun by its button, or by words that mean it."""

    def register(function: Opening) -> Opening:
        HANDLERS.openings[name] = function
        return function

    return register


def command(name: str) -> Callable[[Action], Action]:
    """Register a word that works at any point."""

    def register(function: Action) -> Action:
        HANDLERS.commands[name] = function
        return function

    return register


def duty(
    name: str, due: Callable[[Session, datetime], Sequence[int]]
) -> Callable[[Callable[[Desk, int], None]], Callable[[Desk, int], None]]:
    """Register what falls due by itself: see `Duty`."""

    def register(function: Callable[[Desk, int], None]) -> Callable[[Desk, int], None]:
        HANDLERS.duties[name] = Duty(due, function)
        return function

    return register


def daily(
    name: str, at: time, *, at_start: bool = False
) -> Callable[[Callable[[Desk, bool], None]], Callable[[Desk, bool], None]]:
    """Register what is done once a day: see `Daily`."""

    def register(function: Callable[[Desk, bool], None]) -> Callable[[Desk, bool], None]:
        HANDLERS.dailies[name] = Daily(at, at_start, function)
        return function

    return register


def signs(function: Callable[[Talk], bool]) -> Callable[[Talk], bool]:
    """Register who looks for signs of a danger that has a careful talk of its own."""
    HANDLERS.signs = function
    return function


def recognise(function: Callable[[Talk], bool]) -> Callable[[Talk], bool]:
    """Register who looks for proof of identity in any words."""
    HANDLERS.recognise = function
    return function


def amended(function: Callable[[Talk], bool]) -> Callable[[Talk], bool]:
    """Register who sees to edits of what stands in tickets."""
    HANDLERS.amended = function
    return function


def calls(function: Callable[[Talk], bool]) -> Callable[[Talk], bool]:
    """Register who answers words that call a ticket by its number."""
    HANDLERS.calls = function
    return function


def elsewhere(function: Callable[[Talk], Sequence[Do]]) -> Callable[[Talk], Sequence[Do]]:
    """Register who offers the way to what was said in the middle of something else."""
    HANDLERS.elsewhere = function
    return function


def in_group(
    function: Callable[[Talk, dict[str, Any] | None], None],
) -> Callable[[Talk, dict[str, Any] | None], None]:
    """Register who hears what is said in groups."""
    HANDLERS.in_group = function
    return function


def permit(
    function: Callable[[Talk, str, dict[str, Any]], bool],
) -> Callable[[Talk, str, dict[str, Any]], bool]:
    """Register who says whether an action is allowed."""
    HANDLERS.permit = function
    return function


def otherwise(function: Action) -> Action:
    """Register who answers when no conversation is waiting."""
    HANDLERS.otherwise = function
    return function
