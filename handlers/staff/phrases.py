"""常用语: the worker's own quick replies, offered with 回复 and 办结 and changed in chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handlers.questions import Json, Option, Partly, Pick, Prompt, Reading, Story, Text
from handlers.registry import action, command, conversation
from handlers.talk import Do, Said, Talk
from storage import quick_replies
from storage.tickets import Status, Ticket

ADD, RESET = "+", "="
"""What is picked besides a reply: a new one, or all as they came. In a list, as no reply is."""


class Quick(Story):
    """A story that may also be given by one tap on a ready-made reply.

    photo: one must come with it, whatever was tapped.
    """

    def __init__(
        self, name: str, /, replies: Sequence[str], *, photo: bool = False, **facts: Any
    ) -> None:
        super().__init__(name, quick=bool(replies), photo=photo, **facts)
        self._replies = replies
        self._photo = photo

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        put = super().prompt(talk, draft)
        if draft and draft["text"]:
            return put
        return replace(put, options=[Option(reply, reply) for reply in self._replies])

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            said = Said(text=str(picked.value))
        reading = super().read(said, None, talk, draft)
        if isinstance(reading, Partly):
            return Partly(reading.draft, self.prompt(talk, reading.draft))
        return reading

    def holds(self, stored: Any, talk: Talk) -> bool:
        return super().holds(stored, talk) and (bool(stored["media"]) or not self._photo)


def to_reply(talk: Talk, ticket: Ticket | None) -> list[str]:
    """The speaker's quick replies to a resident, as fits where the ticket stands."""
    waiting = ticket is not None and ticket.status == Status.WAITING
    return quick_replies.of(talk.session, talk.person.id, "waiting" if waiting else "claimed")


def to_resolve(talk: Talk) -> list[str]:
    """The speaker's quick results."""
    return quick_replies.of(talk.session, talk.person.id, "resolve")


@command("quick_replies")
def my_quick_replies(talk: Talk) -> None:
    """常用语: which state's."""
    talk.begin("quick_replies")


@action("quick_of")
def of_one_state(talk: Talk, state: str) -> None:
    """Go on with the same state's."""
    talk.begin("quick_replies", answers={"state": state})


@conversation("quick_replies")
def change_them(talk: Talk) -> None:
    """Which state's, which one (or a new one), and what becomes of it."""
    states = [Option(one, talk.word(f"quick.{one}")) for one in quick_replies.STATES]
    state = talk.ask("state", Pick("staff/quick_state", states))
    kept = quick_replies.of(talk.session, talk.person.id, state)
    options = [Option(one, one) for one in kept]
    if len(kept) < quick_replies.MOST:
        options.append(Option([ADD], talk.word("quick.add")))
    options.append(Option([RESET], talk.word("quick.reset")))
    label = talk.word(f"quick.{state}")
    which = talk.ask(
        f"which-{state}",
        Pick("staff/quick_which", options, label=label, most=quick_replies.MOST),
    )
    if which == [RESET]:
        quick_replies.put(talk.session, talk.person.id, state, None, talk.now)
    elif which == [ADD]:
        new = talk.ask("new", Text("staff/quick_new", most=quick_replies.LONGEST, label=label))
        quick_replies.put(talk.session, talk.person.id, state, [*kept, new], talk.now)
    else:
        _change_one(talk, state, kept, which)
    now = quick_replies.of(talk.session, talk.person.id, state)
    talk.say(
        "staff/quick_kept",
        label=label,
        replies=now,
        options=[Do("quick_of", {"state": state}, talk.word("quick.again"))],
    )


def _change_one(talk: Talk, state: str, kept: list[str], which: str) -> None:
    ways = [Option(way, talk.word(f"quick.{way}")) for way in ("change", "drop")]
    way = talk.ask("way", Pick("staff/quick_way", ways, reply=which))
    if way == "drop":
        left = [one for one in kept if one != which]
    else:
        words = Text("staff/quick_change", most=quick_replies.LONGEST, reply=which)
        text = talk.ask("words", words)
        left = [text if one == which else one for one in kept]
    quick_replies.put(talk.session, talk.person.id, state, left, talk.now)
