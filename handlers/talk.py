"""The language handlers are written in: `Talk`, and what a person said.

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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
    ticket of the message that this one replies to; notice: the notice that it was. name: what the
    platform calls the person. parts: the platform's ids of the messages that it came in (an album
    is several), and the words of each.
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
    notice: int | None = None
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

    @abstractmethod
    def words(self, key: str) -> Sequence[str]:
        """The words of a list of `templates/words.toml`, as what is said is compared with them
        (`names.bare`)."""


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
