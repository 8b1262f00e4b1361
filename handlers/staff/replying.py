"""回复: a worker's words to a resident, and what is done with words that are no reply.

What is written goes to the resident as it is, so a command (查 王桂英, 请假) is done and not sent,
and what may have been meant for something else is shown first, with whom it would go to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from handlers import relay
from handlers.matching import addressed, number_in
from handlers.permits import entitled, may
from handlers.questions import Answered, Json, Missed, Option, Pick, Reading
from handlers.registry import HANDLERS, action, conversation
from handlers.staff import visits
from handlers.staff.phrases import Quick, to_reply
from handlers.staff.work import say_it_goes_on_alone
from handlers.talk import Said, Talk
from handlers.views import name_of
from storage import joining, tickets, work_words
from storage.leave_words import leave_in
from storage.names import bare
from storage.tickets import Ticket

A_WHILE = timedelta(minutes=30)
"""After this long it may be forgotten that 回复 is open: what is written is shown first."""
OPENED = ("leave", "back_to_work", "find", "unassigned", "visit")
"""What a worker opens by its word (``[open]``), also where a reply is asked for."""
COMMANDS = ("resolve", "reply", "wait", "phone", "note", "story", "whistle")
"""What a worker says to us of a matter, and never to a resident (storage.work_words)."""
DOUBTFUL = ("escalate", "return", "later", "transfer", "missent", "call_property")
"""What may be said to either."""
SEND, DROP, ANEW = "send", "drop", "anew"


@action("reply")
def reply(talk: Talk, ticket: int, version: int) -> None:
    """回复: asks what to say."""
    if entitled(talk, ticket, "reply") is not None:
        say_it_goes_on_alone(talk, ticket)
        talk.begin("reply", ticket=ticket, since=talk.now.isoformat())


def is_command(talk: Talk, text: str) -> bool:
    """Whether a worker's words are for us, whatever question is open: 查 王桂英, 请假三天, 办结; or
    of several matters, so that no one resident is to read them (1号好了，2号明天去)."""
    if work_words.looks_for(text) or leave_in(text, talk.now.astimezone(talk.zone).date()):
        return True
    said = work_words.said_of_work(text)
    if (said is not None and said.kind in COMMANDS) or work_words.note_in(text):
        return True
    if work_words.pieces_of(text, {one.id for one in relay.threads(talk)}):
        return True
    if visits.is_of_a_visit(talk, text) or is_list_of_theirs(talk, text):
        return True
    return opened_by(talk, text) is not None


def is_list_of_theirs(talk: Talk, text: str) -> bool:
    """Whether it asks for whom a worker looks after, or for the rota, in so many words."""
    listed = ("looked_after.asked", "duty_list.asked")
    return any(bare(text) in talk.words(key) for key in listed)


def opened_by(talk: Talk, text: str) -> str | None:
    """The name of what a worker opens by this word."""
    word = bare(text)
    return next((n for n in OPENED if word in talk.words(f"open.{n}")), None)


def do_command(talk: Talk, text: str) -> None:
    """Do what the words ask for, as if nothing had been open."""
    name = opened_by(talk, text)
    if name is None:
        assert HANDLERS.otherwise is not None
        HANDLERS.otherwise(talk)
    elif name in HANDLERS.conversations:
        talk.begin(name)
    else:
        assert HANDLERS.permit is not None
        if HANDLERS.permit(talk, name, {}):
            HANDLERS.commands[name](talk)


class Verbatim(Quick):
    """A story that goes to the resident word for word; a worker's command is none (`aside`).

    own: what was asked for already (``[whole]`` of work_words.toml), and is no answer either.
    """

    own = "reply"

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        text = said.text.strip()
        if picked is None and text and not (said.media or said.location):
            meant = work_words.said_of_work(text)
            if number_in(text) is not None or (meant is not None and meant.kind == self.own):
                return Missed()  # a number of nothing that was shown, or the button's word again
            if is_command(talk, text):
                return Answered({**self.add(None, said), "aside": True})
        return super().read(said, picked, talk, draft)

    def holds(self, stored: Any, talk: Talk) -> bool:
        return bool(stored.get("aside")) or super().holds(stored, talk)


class Reply(Verbatim):
    """What to say to a resident; `doubt`: why it is shown before it goes."""

    def __init__(
        self, name: str, /, replies: Sequence[str], ticket: Ticket, since: str, **facts: Any
    ) -> None:
        super().__init__(name, replies, number=ticket.id, **facts)
        self._ticket = ticket
        self._since = since

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        reading = super().read(said, picked, talk, draft)
        if picked or not isinstance(reading, Answered) or reading.value.get("aside"):
            return reading
        doubt = self._doubt(talk, reading.value["text"])
        return Answered({**reading.value, "doubt": doubt}) if doubt else reading

    def _doubt(self, talk: Talk, text: str) -> str:
        named = addressed(text)
        said = work_words.said_of_work(text)
        if named is not None and named.number != self._ticket.id:
            return "number"
        if work_words.perhaps_looks_for(text) or (said is not None and said.kind in DOUBTFUL):
            return "command"
        if _names_another(talk, self._ticket, text):
            return "name"
        long_ago = self._since and talk.now - datetime.fromisoformat(self._since) > A_WHILE
        return "late" if long_ago else ""


def _names_another(talk: Talk, ticket: Ticket, text: str) -> bool:
    """Whether the words name the resident of another matter of the speaker's: who reads them is
    not to learn of that one."""
    filers = {one.filer_id for one in relay.threads(talk)} - {ticket.filer_id, talk.person.id}
    own = name_of(talk.session, ticket.filer_id)
    names = {name_of(talk.session, one) for one in filers} - {own}
    return any(len(name) > 1 and name in text for name in names)


class SendIt(Pick):
    """Whether it is to go to the resident; whatever else is said is heard as if nothing had been
    asked, and nothing goes."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        reading = super().read(said, picked, talk, draft)
        told = said.text and number_in(said.text) is None
        return Answered(ANEW) if isinstance(reading, Missed) and told else reading

    def holds(self, stored: Json, talk: Talk) -> bool:
        return stored == ANEW or super().holds(stored, talk)


@conversation("reply", verbatim=True)
def write_reply(talk: Talk) -> None:
    """One question, and its answer goes to the resident; asked about once where it is no plain
    answer."""
    number = talk.args["ticket"]
    ticket = entitled(talk, number, "reply")
    if ticket is None:
        return
    filer = name_of(talk.session, ticket.filer_id)
    others = len(joining.carried(talk.session, number))
    replies = to_reply(talk, ticket)
    since = talk.args.get("since", "")
    question = Reply("staff/reply", replies, ticket, since, filer=filer, others=others)
    story = talk.ask("words", question)
    if story.get("aside"):
        talk.say("staff/reply_laid_aside", ticket=number, number=number, filer=filer)
        do_command(talk, story["text"])
        return
    way = _asked_where(talk, ticket, story, filer) if story.get("doubt") else SEND
    if way == SEND:
        relay.to_filer(talk, number, story)
    elif way == DROP:
        talk.say("staff/reply_dropped", ticket=number, number=number, filer=filer)
    elif way == ANEW:
        talk.say("staff/reply_laid_aside", ticket=number, number=number, filer=filer)
        do_command(talk, talk.said.text)
    elif isinstance(way, int):
        relay.to_filer(talk, way, story)
    else:
        do_command(talk, story["text"])


def _asked_where(talk: Talk, ticket: Ticket, story: relay.Words, filer: str) -> Any:
    """To whom the words are to go: SEND, another ticket's number, DROP, or something else said."""
    text = story["text"]
    options = [Option(SEND, talk.word("reply_sure.send").format(filer=filer, number=ticket.id))]
    named = addressed(text)
    other = tickets.get(talk.session, named.number) if named else None
    if other is not None and other.id != ticket.id and may(talk, other, "reply"):
        label = talk.word("reply_sure.send")
        who = name_of(talk.session, other.filer_id)
        options.insert(0, Option(other.id, label.format(filer=who, number=other.id)))
    if story["doubt"] == "command":
        options.append(Option("command", talk.word("reply_sure.command")))
    options.append(Option(DROP, talk.word("reply_sure.drop")))
    return talk.ask(
        "sure",
        SendIt("staff/reply_sure", options, text=text, filer=filer, number=ticket.id,
               why=story["doubt"]),
    )  # fmt: skip
