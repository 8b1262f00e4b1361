"""Several things in one message: what is done now is one of them, and the others are not lost."""

from __future__ import annotations

from typing import Any

from handlers.questions import Story
from handlers.registry import HANDLERS
from handlers.residents.targets import there_is, way_to
from handlers.talk import Do, Talk
from storage.tickets import Ticket
from storage.understanding import other_matters, several

LONGEST = 12
"""Characters of somebody's words on a button."""


def _hint(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\N{HORIZONTAL ELLIPSIS}"


def offer_apart(talk: Talk, ticket: Ticket, text: str) -> None:
    """Three matters in one message are one ticket: say so, and offer each of the others."""
    label = talk.word("do.file_apart")
    options = [
        Do("new", {"story": {**Story.empty(), "text": one}}, label.format(words=_hint(one)))
        for one in other_matters(text)
    ]
    if options:
        talk.say(
            "request/more_matters", ticket=ticket.id, number=ticket.id, several=len(options) > 1,
            options=options,
        )  # fmt: skip


def keep_the_others(talk: Talk, picked: str, what: dict[str, Any]) -> dict[str, Any]:
    """What else the words asked for, on a button each, before the one that was picked begins; and
    the words that are for that one: its own part, where it looks something up."""
    parts = several(what["text"])
    if picked not in parts:
        return what
    options = [
        way_to(
            talk,
            key,
            {**Story.empty(), "text": words},
            talk.word("do.say_apart").format(words=_hint(words)),
        )
        for key, words in parts.items()
        if key != picked and there_is(talk, key)
    ]
    if not options:
        return what
    talk.say("desk/one_by_one", options=options)
    return {**what, "text": parts[picked]} if picked in HANDLERS.openings else what
