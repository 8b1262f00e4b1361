"""Where handlers are registered: what answers, what falls due, and who is asked on the way.

The decorators fill `HANDLERS` when the modules are imported; the engine looks there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from sqlalchemy.orm import Session

from handlers.questions import Question
from handlers.talk import Desk, Do, Talk

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
    verbatim: set[str] = field(default_factory=set)
    """Conversations whose words go to somebody as they are: who presses anything else meanwhile
    has left them, so that the next words do not go there by mistake."""
    own: set[str] = field(default_factory=set)
    """Conversations in which somebody asks for something of their own: words that say it is not
    wanted any more, or not now, end them (`bot/leaving.py`)."""
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
    allows: Callable[[Talk, str], bool] | None = None
    """Whether the speaker may begin it, asked without a word: 没人管的, said by a resident, opens
    no list of a worker's, and is heard like any words."""
    amended: Callable[[Talk], bool] | None = None
    """Gets every message that was edited after it was handled: whether a ticket keeps it."""
    signs: Callable[[Talk], bool] | None = None
    """Gets every message before anything is done with it: whether its words begin a careful talk,
    whatever else is going on."""
    danger: Callable[[Talk, Callable[[], Question[Any] | None]], bool] | None = None
    """Gets every message that another talk would take, before it does, and how to learn which
    question is open: whether its words tell of danger, and have been answered."""
    elsewhere: Callable[[Talk], Sequence[Do]] | None = None
    """Gets words that are no answer to the open question: the buttons for what they may ask for."""
    aside: Callable[[Talk], bool] | None = None
    """Gets words that are no answer to the open question, before it is put again: whether they ask
    for something else and were answered as that; the talk under way is then laid aside."""
    recognise: Callable[[Talk], bool] | None = None
    """Gets every message first: whether its words prove who speaks, at any point of anything."""


HANDLERS = Handlers()


def conversation(
    name: str, *, careful: bool = False, verbatim: bool = False, own: bool = False
) -> Callable[[Conversation], Conversation]:
    """Register a conversation. Its opening words are ``[open]`` in templates/words.toml.

    careful: see `Handlers.careful`; its questions must understand whatever is said. verbatim, own:
    see `Handlers.verbatim` and `Handlers.own`.
    """

    def register(function: Conversation) -> Conversation:
        HANDLERS.conversations[name] = function
        if careful:
            HANDLERS.careful.add(name)
        if verbatim:
            HANDLERS.verbatim.add(name)
        if own:
            HANDLERS.own.add(name)
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


def danger(
    function: Callable[[Talk, Callable[[], Question[Any] | None]], bool],
) -> Callable[[Talk, Callable[[], Question[Any] | None]], bool]:
    """Register who looks for danger in the middle of other talks."""
    HANDLERS.danger = function
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


def aside(function: Callable[[Talk], bool]) -> Callable[[Talk], bool]:
    """Register who does what was asked for in the middle of something else."""
    HANDLERS.aside = function
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
