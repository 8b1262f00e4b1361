"""办结: a matter is done, in a word and a photo; taken back by one tap where it was a slip."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from handlers import course, relay
from handlers.permits import entitled
from handlers.questions import Answered, Json, Option, Pick, Reading
from handlers.registry import action, conversation
from handlers.relay import Words
from handlers.residents.verdict import ask_whether_solved
from handlers.staff.cards import refresh_cards
from handlers.staff.phrases import to_resolve
from handlers.staff.replying import Verbatim, do_command
from handlers.staff.work import can_work, say_it_goes_on_alone, say_who_has_it, take
from handlers.talk import Do, Said, Talk
from storage import tickets, work_words
from storage.tickets import Status, Ticket, TicketChanged

UNDO_WITHIN = timedelta(hours=1)
"""How long 办结 can be taken back; after that the resident's 未解决 goes on with it."""


@action("resolve")
def resolve(talk: Talk, ticket: int, version: int) -> None:
    """办结: asks how it was solved."""
    found = entitled(talk, ticket, "resolve")
    if found is not None and can_work(talk, found):
        say_it_goes_on_alone(talk, ticket)
        talk.begin("resolve", ticket=ticket)


@action("resolve_with")
def resolve_with(talk: Talk, ticket: int, story: Words) -> None:
    """办结 with what was said already; where a photo is still wanted that is asked for."""
    found = entitled(talk, ticket, "resolve_with")
    if found is not None and can_work(talk, found, story):
        talk.begin("resolve", answers={"result": story}, ticket=ticket)


class Result(Verbatim):
    """How it was solved; `unfinished`: what was written says that it is not."""

    own = "resolve"

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked is None and not said.media and work_words.says_unfinished(said.text):
            return Answered({**self.add(None, said), "unfinished": True})
        reading = super().read(said, picked, talk, draft)
        if picked is None and isinstance(reading, Answered):
            unsure = not reading.value.get("aside") and _unsure(reading.value["text"])
            return Answered({**reading.value, "unsure": True}) if unsure else reading
        return reading

    def holds(self, stored: Any, talk: Talk) -> bool:
        return bool(stored.get("unfinished")) or super().holds(stored, talk)


def _unsure(text: str) -> bool:
    """Whether it may be no result: 明天再去, 收到, 转给周敏."""
    said = work_words.said_of_work(text)
    other = said is not None and said.kind != work_words.DONE
    return other or work_words.perhaps_unfinished(text)


@conversation("resolve", verbatim=True)
def write_result(talk: Talk) -> None:
    """The result in a sentence, with photos where there are; then the resident is asked."""
    number = talk.args["ticket"]
    ticket = entitled(talk, number, "resolve")
    if ticket is None:
        return
    photo = course.rule_of(talk, ticket).photo
    question = Result("staff/result", to_resolve(talk), photo=photo, number=number)
    result = talk.ask("result", question)
    if result.get("aside"):
        talk.say("staff/not_resolved", ticket=number, number=number)
        do_command(talk, result["text"])
        return
    if result.get("unfinished") or (result.get("unsure") and not _is_done(talk, result["text"])):
        card = [Do("card", {"ticket": number})]
        talk.say("staff/not_resolved", ticket=number, number=number, options=card)
        return
    if not can_work(talk, ticket, result) or not take(talk, ticket, result):
        return
    said = relay.origin(talk, talk.came_in("result"))
    try:
        joined = course.resolve(talk, ticket, talk.person.id, result, said)
    except TicketChanged:
        say_who_has_it(talk, ticket)
        return
    refresh_cards(talk, ticket)
    told = ask_whether_solved(talk, ticket, result, talk.person.name)
    for one in joined:
        ask_whether_solved(talk, one, result, talk.person.name)
    say_resolved(talk, ticket, told, len(joined))


def _is_done(talk: Talk, text: str) -> bool:
    """Asks once, where the words may say that it is not done yet."""
    options = [Option(done, talk.word(f"result_sure.{done}")) for done in ("done", "not_done")]
    number = talk.args["ticket"]
    sure: str = talk.ask("sure", Pick("staff/result_sure", options, text=text, number=number))
    return sure == "done"


def say_resolved(talk: Talk, ticket: Ticket, told: bool, others: int) -> None:
    """Tell the worker that it is done, with the way back."""
    undo = Do("undo_resolve", {"ticket": ticket.id, "version": ticket.version})
    talk.say(
        "staff/resolved", ticket=ticket.id, number=ticket.id, told=told, others=others,
        options=[undo],
    )  # fmt: skip


@action("undo_resolve")
def undo_resolve(talk: Talk, ticket: int, version: int) -> None:
    """撤回办结: it was not done. It stays in its story that it was said, and the resident hears."""
    found = entitled(talk, ticket, "undo_resolve")
    if found is None:
        return
    done = tickets.last_event(talk.session, ticket, ["resolved"])
    mine = done is not None and done.actor_id == talk.person.id
    if found.status != Status.RESOLVED or found.version != version or not mine:
        say_who_has_it(talk, found)
        return
    if done is not None and talk.now - done.at > UNDO_WITHIN:
        talk.say("staff/undo_too_late", ticket=ticket, number=ticket)
        return
    try:
        course.undo(talk, found, talk.person.id)
    except TicketChanged:
        say_who_has_it(talk, found)
        return
    refresh_cards(talk, found)
    told = relay.tell_filer(talk, found, "resident/undone", owner=talk.person.name)
    card = [Do("card", {"ticket": ticket})]
    talk.say("staff/undone", ticket=ticket, number=ticket, told=told, options=card)
