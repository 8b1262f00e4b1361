"""我的诉求: a resident's tickets, each with its timeline, and 补充, 催办, 撤回."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from handlers import joining
from handlers.mediation.outcome import call_off
from handlers.permits import entitled, parties_who_may_get
from handlers.questions import Confirm, Story
from handlers.registry import action, conversation
from handlers.relay import Words, tell_workers, to_workers, verdicts
from handlers.residents import blame
from handlers.residents.services import NOT_OFFERED
from handlers.residents.verdict import did_it
from handlers.staff.cards import refresh_cards
from handlers.talk import Do, Talk
from handlers.views import (
    TicketView,
    called,
    kind_label,
    name_of,
    one_of_many,
    remarks,
    role_in,
    view,
)
from storage import joining as stored
from storage import rules, tickets
from storage.names import bare
from storage.tickets import OPEN, UNDER_WAY, Status, Ticket, TicketChanged, TicketEvent

NUDGE_PAUSE = timedelta(minutes=30)
"""How long a worker is left in peace after a 催办."""
SHOWN = 8
INTERNAL = (
    "alarmed", "unreached", "skipped", "noted", "warned", "called_step_in", "mended",
    "joined_by", "many_homes", "inherited", "other_said", "extension_asked",
    "extension_refused", "hurried",
)  # fmt: skip
"""Events that are the county's own business, not the resident's."""
FOR_COLLEAGUES = ("transferred", "escalated", "returned", "assigned", "whistled", "called_property")
"""Events whose words one worker wrote for another."""


@conversation("my_requests")
def my_requests(talk: Talk) -> None:
    """The newest tickets, one button each. `talk.args` may have the words that asked for them."""
    story = {"story": talk.args["story"]} if "story" in talk.args else {}
    found = tickets.of_filer(talk.session, talk.person.id, open_only=False, limit=SHOWN)
    if _does_at_once(talk, found):
        return
    lines = [_line(talk, ticket) for ticket in found]
    choices = [
        Do("my_request", {"ticket": line.number, **story}, one_of_many(talk, line))
        for line in lines
    ]
    talk.say("resident/list", tickets=lines, options=choices)


def _does_at_once(talk: Talk, found: list[Ticket]) -> bool:
    """Whether it was opened by what is to be done (撤回, 催办, 补充) and there is one matter to do
    it with; then that was begun."""
    said = bare(talk.said.text)
    doing = next((one for one in DOING if said in talk.words(f"my_requests.{one}")), "")
    under_way = [one for one in found if one.status in (*UNDER_WAY, Status.JOINED)]
    if not doing or len(under_way) != 1 or any(one.status == Status.RESOLVED for one in found):
        return False
    DOING[doing](talk, under_way[0].id)
    return True


def _line(talk: Talk, ticket: Ticket) -> TicketView:
    """One line of the list; what was said in a careful talk is not for who looks on."""
    line = view(talk.session, ticket, door=False)
    if ticket.service in NOT_OFFERED and ticket.privacy == rules.CONFIDENTIAL:
        return replace(line, text=talk.word("careful_contact.hidden"))
    return line


@action("my_request")
def show(talk: Talk, ticket: int, story: Words | None = None) -> None:
    """One ticket from its first word to now. story: the words that asked for it, which may be for
    the worker after all."""
    found = entitled(talk, ticket, "my_request")
    if found is None:
        return
    shown = [e for e in tickets.events(talk.session, ticket) if _may_read(talk, found, e)]
    shown = sorted([*shown, *_while_joined(talk, found)], key=lambda event: event.id)
    said = remarks(talk.session, ticket)
    timeline: list[dict[str, Any]] = [
        {
            "at": event.at,
            "kind": event.kind,
            "who": _who(talk, found, event.actor_id),
            "own": event.actor_id == talk.person.id,
            "role": role_in(talk.session, found, event.actor_id),
            "text": _words(event, said),
            "photos": len(event.media),
            "to": event.detail.get("unit") or name_of(talk.session, event.detail.get("to")),
            "score": event.detail.get("score", ""),
            "why": event.detail.get("why", ""),
        }
        for event in shown
    ]
    talk.say(
        "resident/timeline",
        ticket=ticket,
        t=view(talk.session, found, door=False),
        timeline=timeline,
        asked=story is not None and found.status in tickets.UNDER_WAY,
        options=[
            *_choices(found),
            Do("who_looked", {"ticket": ticket}),
            *_pass_on(talk, found, story),
        ],
    )


def _pass_on(talk: Talk, ticket: Ticket, story: Words | None) -> list[Do]:
    """The words go to who has it: a button, where there are any and it is not over."""
    if not story or ticket.status not in OPEN:
        return []
    there = {"ticket": ticket.id, "story": story}
    return [Do("to_ticket", there, talk.word("do.pass_on"))]


PROGRESS = ("claimed", "replied", "transferred", "escalated", "returned", "climbed", "stepped_in")
"""What the workers do with a ticket that others joined: theirs to know as well."""


def _while_joined(talk: Talk, ticket: Ticket) -> list[TicketEvent]:
    """What the workers did with the ticket that carried this one, while it did."""
    found: list[TicketEvent] = []
    own = tickets.events(talk.session, ticket.id)
    for start in own:
        if start.kind != "joined":
            continue
        ends = [e.id for e in own if e.id > start.id and e.kind in ENDS_OF_JOINING]
        found += [
            event
            for event in tickets.events(talk.session, start.detail["master"])
            if event.kind in PROGRESS and start.id < event.id < min(ends, default=event.id + 1)
        ]
    return found


ENDS_OF_JOINING = ("joined", "separated", "inherited", "resolved", "withdrawn", "disowned")


def _words(event: TicketEvent, remarks: dict[int, str]) -> str:
    """What was said with it; not what one worker wrote for another."""
    if event.kind in FOR_COLLEAGUES:
        return ""
    return event.text or remarks.get(event.detail.get("rating", 0), "")


def _may_read(talk: Talk, ticket: Ticket, event: TicketEvent) -> bool:
    """Not the county's own business; and who filed it for somebody does not read what that one and
    the worker say to each other."""
    if event.kind in INTERNAL or event.detail.get("kind") in INTERNAL:
        return False
    theirs = event.actor_id == ticket.filer_id and event.kind == "supplemented"
    return talk.person.id == ticket.filer_id or not theirs


def _who(talk: Talk, ticket: Ticket, actor_id: int | None) -> str:
    """What who did it is called; whose matter it is, by the name that its reporter knows."""
    return (
        called(talk.session, ticket)
        if actor_id == ticket.filer_id
        else name_of(talk.session, actor_id)
    )


def _choices(ticket: Ticket) -> list[Do]:
    if ticket.status in (Status.RESOLVED, Status.LAPSED):
        return verdicts(ticket)
    if ticket.status == Status.CLOSED:
        return [Do("rate_again", {"ticket": ticket.id})]
    if ticket.status == Status.JOINED:
        names = ("supplement", "nudge", "withdraw", "not_same")
        return [Do(name, {"ticket": ticket.id}) for name in names]
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
    if entitled(talk, number, "supplement") is None:
        return
    words = talk.ask("words", Story("resident/supplement", number=number))
    ticket = entitled(talk, number, "supplement")
    if ticket is None:
        return
    if ticket.status in OPEN and blame.may_blame(talk, words["text"], [ticket]):
        blame.ask(talk, words, ticket)
    else:
        to_workers(talk, ticket, words)  # one that ended meanwhile gives the words back


@action("nudge")
def nudge(talk: Talk, ticket: int) -> None:
    """催办: the worker is reminded, at most once in `NUDGE_PAUSE`."""
    found = _still_open(talk, ticket, "nudge")
    if found is None:
        return
    last = tickets.last_event(talk.session, ticket, ["nudged"])
    owner = name_of(talk.session, stored.carrier(talk.session, found).owner_id)
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
    begin_withdrawal(talk, ticket)


def begin_withdrawal(talk: Talk, number: int, story: Words | None = None) -> None:
    """Ask whether they are sure. story: their own words that it is not wanted any more."""
    if _may_withdraw(talk, number) is not None:
        talk.begin("withdraw", ticket=number, **({"story": story} if story else {}))


def _may_withdraw(talk: Talk, number: int) -> Ticket | None:
    """The ticket, if it is open; who works on what they filed for another cannot drop it."""
    found = _still_open(talk, number, "withdraw")
    if found is None or talk.person.id == found.filer_id:
        return found
    if did_it(talk, found, talk.person.id):
        filer = called(talk.session, found)
        talk.say("resident/not_yours_to_withdraw", number=number, filer=filer)
        return None
    return found


def _facts(talk: Talk, number: int) -> dict[str, Any]:
    """Which matter it is, for who has told of several things in it; what was said in a careful talk
    is not for who looks on."""
    found = tickets.get(talk.session, number)
    if found is None or talk.person.id != found.filer_id:
        return {"number": number, "kind": "", "about": ""}
    line = _line(talk, found)
    return {"number": number, "kind": line.kind, "about": line.text}


@conversation("withdraw")
def take_it_back(talk: Talk) -> None:
    """Sure? Then it is over, and the workers' cards say so."""
    number = talk.args["ticket"]
    story = talk.args.get("story")
    said = story["text"] if story else ""
    sure = Confirm(
        "resident/withdraw", yes="withdraw", no="keep", text=said, **_facts(talk, number)
    )
    if not talk.ask("sure", sure):
        kept = tickets.get(talk.session, number)
        options = _pass_on(talk, kept, story) if kept else []
        talk.say("resident/kept", ticket=number, number=number, options=options)
        return
    ticket = _may_withdraw(talk, number)
    if ticket is None:
        return
    try:
        heir = joining.withdraw(talk, ticket)
    except TicketChanged:
        talk.say("resident/over", number=number)
        return
    tickets.record(talk.session, ticket, "withdrawn", talk.person.id, talk.now)
    call_off(talk, ticket)
    refresh_cards(talk, ticket)
    if heir is not None:
        joining.tell_of_heir(talk, ticket, heir)
    else:
        for party in parties_who_may_get(talk, ticket):
            talk.tell(
                party, "staff/withdrawn", staff=True, ticket=number, number=number,
                filer=talk.person.name,
            )  # fmt: skip
    for other in {ticket.filer_id, ticket.reporter_id} - {talk.person.id, None}:
        assert other is not None
        talk.tell(
            other, "behalf/withdrawn", ticket=number, number=number,
            who=called(talk.session, ticket) if other == ticket.reporter_id else talk.person.name,
        )  # fmt: skip
    talk.say("resident/withdrawn", ticket=number, number=number)


DOING: dict[str, Callable[[Talk, int], None]] = {
    "supplement": supplement, "nudge": nudge, "withdraw": withdraw,
}  # fmt: skip
"""What can be asked for by its word alone."""
