"""拆开: one of the tickets that were joined is a matter of its own."""

from __future__ import annotations

from handlers import joining
from handlers.permits import entitled
from handlers.questions import Option, Pick
from handlers.registry import action, conversation
from handlers.talk import Talk
from handlers.views import name_of
from storage import joining as stored
from storage import tickets
from storage.tickets import Ticket, TicketChanged

BRIEF = 16
"""Characters of a ticket's words on a button."""


@action("split")
def split(talk: Talk, ticket: int) -> None:
    """拆开: asks which."""
    if entitled(talk, ticket, "split") is not None:
        talk.begin("split", ticket=ticket)


@conversation("split")
def take_apart(talk: Talk) -> None:
    """Which of them; it gets its own owner, and its resident hears so."""
    number = talk.args["ticket"]
    master = entitled(talk, number, "split")
    if master is None:
        return
    carried = stored.carried(talk.session, number)
    if not carried:
        talk.say("staff/nothing_to_split", number=number)
        return
    options = [Option(one.id, _label(talk, one)) for one in carried]
    picked = talk.ask("which", Pick("staff/split", options, number=number))
    one = tickets.get(talk.session, picked)
    if one is None or one.master_id != number:
        return
    try:
        receivers = joining.separate(talk, one, talk.person.id)
    except TicketChanged:
        talk.say("staff/nothing_to_split", number=number)
        return
    talk.tell(
        one.filer_id, "resident/separated", ticket=one.id, number=one.id, receivers=receivers,
        own=False,
    )  # fmt: skip
    talk.say("staff/split_done", number=one.id, receivers=receivers)


def _label(talk: Talk, one: Ticket) -> str:
    return f"{one.id} {name_of(talk.session, one.filer_id)} {one.text[:BRIEF]}".strip()
