"""报错: an entry is wrong. When enough people say so it is taken down, and somebody is to look."""

from __future__ import annotations

from handlers.admins.directory import ask_to_look
from handlers.questions import Option, Pick, Text
from handlers.registry import action, conversation
from handlers.residents.directory import which_of
from handlers.talk import Talk
from storage.directory import care


@action("report_entry")
def report_entry(talk: Talk, entries: list[int]) -> None:
    """报错: which one, if several were shown, and what is wrong."""
    talk.begin("report_entry", entries=entries)


@conversation("report_entry")
def say_what_is_wrong(talk: Talk) -> None:
    """Which, what; one person counts once."""
    chosen = which_of(talk, "directory/report_which")
    if chosen is None:
        return
    options = [Option(key, talk.word(f"report_reason.{key}")) for key in care.REASONS]
    reason = talk.ask("reason", Pick("directory/report_reason", options, name=chosen.name))
    words = talk.ask("words", Text("directory/report_words", most=200)) if reason == "other" else ""
    entry = care.held(talk.session, chosen.id)
    if entry is None:
        return
    was_down = entry.down_since is not None
    came = care.report(talk.session, entry, talk.person.id, reason, words, talk.now)
    if came.taken_down:
        ask_to_look(talk, entry, came.people)
    talk.say("directory/reported", name=entry.name, taken_down=came.taken_down, was_down=was_down)
