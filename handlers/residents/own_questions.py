"""The questions that a service's rule asks besides what all services ask."""

from __future__ import annotations

from typing import Any

from handlers.questions import Option, Photos, Pick, Question, Text
from handlers.talk import Talk
from storage import rules
from storage.rules import Service

Asked = list[list[str]]
"""[what was asked, what was answered], in the order of the rule; what was skipped is left out."""

MOST_CHARACTERS = 300


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


def _question(talk: Talk, one: rules.Asked) -> Question[Any]:
    facts: dict[str, Any] = {"ask_for": one.ask, "pick": one.kind == "pick"}
    if one.kind == "text":
        return Text("request/own", most=MOST_CHARACTERS, optional=one.optional, **facts)
    options = [Option(choice, choice) for choice in one.choices]
    if one.optional:
        options.append(Option("", talk.word("choice.skip")))
    return Pick("request/own", options, optional=one.optional, **facts)
