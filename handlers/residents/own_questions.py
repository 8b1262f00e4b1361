"""The questions that a service's rule asks besides what all services ask."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from handlers.matching import number_in
from handlers.questions import (
    Json,
    Option,
    Partly,
    Photos,
    Pick,
    Question,
    Reading,
    Text,
)
from handlers.talk import Talk
from storage import rules
from storage.rules import Service

if TYPE_CHECKING:
    from handlers.talk import Said

Asked = list[list[str]]
"""[what was asked, what was answered], in the order of the rule; what was skipped is left out."""

MOST_CHARACTERS = 300
MOST_BUTTONS = 9
"""Up to this number a bare one is more likely meant for a button than a door or a count."""


def ask_own(talk: Talk, service: Service, what: dict[str, Any]) -> Asked:
    """Ask what the rule asks. Photos go to what was told, so they have no line of their own."""
    found: Asked = []
    for one in service.questions:
        key = f"{service.key}:{one.key}"
        if one.kind == "photos":
            shown = len(what["media"]) if not what["voice"] else 0
            question = Photos("request/own_photos", optional=one.optional, ask_for=one.ask)
            talk.ask(key, question, assume=shown or None)
            continue
        answer = talk.ask(key, _question(talk, one))
        if answer:
            found.append([one.ask.rstrip("?\N{FULLWIDTH QUESTION MARK}"), answer])
    return found


class InWords(Text):
    """Words; the bare number of a button that is gone (1) is asked about once, and taken when it is
    said again."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        text = said.text.strip()
        small = (number_in(text) or MOST_BUTTONS + 1) <= MOST_BUTTONS
        counts = any(word in self.facts["ask_for"] for word in talk.words("heard.counts"))
        if picked or not small or counts or draft == text:
            return super().read(said, picked, talk, draft)
        return Partly(text, replace(self.prompt(talk, None), block="again"))


def _question(talk: Talk, one: rules.Asked) -> Question[Any]:
    facts: dict[str, Any] = {"ask_for": one.ask, "pick": one.kind == "pick"}
    if one.kind == "text":
        return InWords("request/own", most=MOST_CHARACTERS, optional=one.optional, **facts)
    options = [Option(choice, choice) for choice in one.choices]
    if one.optional:
        options.append(Option("", talk.word("choice.skip")))
    return Pick("request/own", options, optional=one.optional, **facts)
