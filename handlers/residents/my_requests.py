"""我的诉求: a resident's tickets, each with its timeline, and 补充, 催办, 撤回."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from handlers import course
from handlers.permits import entitled
from handlers.questions import Confirm, Story
from handlers.relay import tell_workers, to_workers
from handlers.staff.cards import refresh_cards
from handlers.talk import Do, Talk, action, conversation
from handlers.views import kind_label, name_of, one_of_many, role_in, view
from storage import tickets
from storage.tickets import OPEN, Status, Ticket, TicketChanged

NUDGE_PAUSE = timedelta(minutes=30)
"""How long a worker is left in peace after a 催办."""
SHOWN = 8
INTERNAL = ("alarmed", "unreached", "skipped", "noted", "warned", "called_step_in", "mended")
"""Events that are the county's own business, not the resident's."""
FOR_COLLEAGUES = ("transferred", "escalated", "returned", "assigned", "whistled", "called_property")
"""Events whose words one worker wrote for another."""


@conversation("my_requests")
def my_requests(talk: Talk) -> None:
    """The newest tickets, one button each."""
    found = tickets.of_filer(talk.session, talk.person.id, open_only=False, limit=SHOWN)
    lines = [view(talk.session, ticket, door=False) for ticket in found]
    choices = [Do("my_request", {"ticket": line.number}, one_of_many(talk, line)) for line in lines]
    talk.say("resident/list", tickets=lines, options=choices)


@action("my_request")
def show(talk: Talk, ticket: int) -> None:
    """One ticket from its first word to now."""
    found = entitled(talk, ticket, "my_request")
    if found is None:
        return
    shown = [e for e in tickets.events(talk.session, ticket) if e.kind not in INTERNAL]
    timeline: list[dict[str, Any]] = [
        {
            "at": event.at,
            "kind": event.kind,
            "who": name_of(talk.session, event.actor_id),
            "own": event.actor_id == talk.person.id,
            "role": role_in(talk.session, found, event.actor_id),
            "text": "" if event.kind in FOR_COLLEAGUES else event.text,
            "photos": len(event.media),
            "to": event.detail.get("unit") or name_of(talk.session, event.detail.get("to")),
            "score": event.detail.get("score", ""),
        }
        for event in shown
    ]
    talk.say(
        "resident/timeline",
        ticket=ticket,
        t=view(talk.session, found, door=False),
        timeline=timeline,
        options=_choices(found),
    )


def _choices(ticket: Ticket) -> list[Do]:
    at = {"ticket": ticket.id, "version": ticket.version}
    if ticket.status == Status.RESOLVED:
        return [Do("solved", at), Do("unsolved", at)]
    if ticket.status in OPEN:
        return [Do(name, {"ticket": ticket.id}) for name in ("supplement", "nudge", "withdraw")]
    return []


def _still_open(talk: Talk, number: int, doing: str) -> Ticket | None:
    ticket = entitled(talk, number, doing)
    if ticket is not None and ticket.status not in OPEN:
        talk.say("resident/over", number=number)
        return None
    return ticket


@action("supplement")
def supplement(talk: Talk, ticket: int) -> None:
    """补充: asks what there is to add."""
    if _still_open(talk, ticket, "supplement") is not None:
        talk.begin("supplement", ticket=ticket)


@conversation("supplement")
def add_to_it(talk: Talk) -> None:
    """One question; the answer goes to whoever has the ticket."""
    number = talk.args["ticket"]
    words = talk.ask("words", Story("resident/supplement", number=number))
    ticket = _still_open(talk, number, "supplement")
    if ticket is not None:
        to_workers(talk, ticket, words)


@action("nudge")
def nudge(talk: Talk, ticket: int) -> None:
    """催办: the worker is reminded, at most once in `NUDGE_PAUSE`."""
    found = _still_open(talk, ticket, "nudge")
    if found is None:
        return
    last = tickets.last_event(talk.session, ticket, ["nudged"])
    owner = name_of(talk.session, found.owner_id)
    if last is not None and talk.now - last.at < NUDGE_PAUSE:
        talk.say("resident/nudged_already", ticket=ticket, at=last.at, owner=owner)
        return
    tickets.record(talk.session, found, "nudged", talk.person.id, talk.now)
    tell_workers(
        talk,
        found,
        "staff/nudged",
        filer=talk.person.name,
        kind=kind_label(found),
        opened_at=found.opened_at,
    )
    talk.say("resident/nudged", ticket=ticket, number=ticket, owner=owner)


@action("withdraw")
def withdraw(talk: Talk, ticket: int) -> None:
    """撤回: asks whether they are sure."""
    if _still_open(talk, ticket, "withdraw") is not None:
        talk.begin("withdraw", ticket=ticket)


@conversation("withdraw")
def take_it_back(talk: Talk) -> None:
    """Sure? Then it is over, and the workers' cards say so."""
    number = talk.args["ticket"]
    if not talk.ask("sure", Confirm("resident/withdraw", yes="withdraw", no="keep", number=number)):
        talk.say("resident/kept", number=number)
        return
    ticket = _still_open(talk, number, "withdraw")
    if ticket is None:
        return
    try:
        course.end(talk, ticket, Status.WITHDRAWN, ticket.version)
    except TicketChanged:
        talk.say("resident/over", number=number)
        return
    tickets.record(talk.session, ticket, "withdrawn", talk.person.id, talk.now)
    refresh_cards(talk, ticket)
    for party in tickets.parties(talk.session, number):
        talk.tell(
            party.person_id, "staff/withdrawn", staff=True, ticket=number, number=number,
            filer=talk.person.name,
        )  # fmt: skip
    talk.say("resident/withdrawn", ticket=number, number=number)
