"""Words, photos and voice between a resident and the worker, each on their own ticket."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from handlers import course
from handlers.permits import entitled, may, parties_who_may_get
from handlers.questions import Story
from handlers.registry import action
from handlers.staff import team_card
from handlers.staff.cards import may_take
from handlers.talk import Desk, Do, Talk
from handlers.views import kind_label, name_of, role_in
from storage import called_in, joining, tickets, versions, work_words
from storage.services import likely
from storage.tickets import OPEN, Status, Ticket, TicketEvent
from storage.versions import Origin

Words = dict[str, Any]
"""A story, as `handlers.questions.Story` gives it."""

HUMAN = "human"
"""The service of who asked for a person."""
HINT = 10
"""Characters of a ticket's words that fit on a button beside its number and kind."""
MUCH = 4
"""From this much in common on (`work_words.in_common`) words speak of a ticket's own."""
SAID = ("replied", "supplemented")
SAID_BY_THEM = ("opened", *SAID)
A_MOMENT = timedelta(minutes=10)
"""For how long who has just spoken of a matter goes on with it."""


def said_as_story(talk: Talk) -> Words:
    """What was said just now, in the form conversations keep it."""
    said = talk.said
    return Story("").add(None, said)


def origin(talk: Talk, messages: Mapping[str, str], **place: Mapping[str, str]) -> Origin:
    """The messages of this chat that said something, as an event keeps them. place: the one that
    named the place, where it was one of its own."""
    return Origin(talk.account.channel, talk.account.chat, messages, **place)


def verdicts(ticket: Ticket) -> list[Do]:
    """The buttons 已解决 and 未解决, good for the result as it stands."""
    at = {"ticket": ticket.id, "version": ticket.version}
    return [Do("solved", at), Do("unsolved", at)]


def add_words(talk: Talk, ticket: Ticket, words: Words) -> None:
    """Keep a resident's words with the ticket, once."""
    if not said_already(talk, ticket, words):
        _record(talk, ticket, "supplemented", words)


def _record(talk: Talk, ticket: Ticket, kind: str, words: Words) -> TicketEvent:
    return tickets.record(
        talk.session,
        ticket,
        kind,
        talk.person.id,
        talk.now,
        text=words["text"],
        media=words["media"],
        detail={"location": words["location"]} if words["location"] else {},
        origin=origin(talk, words.get("from", {})),
    )


def said_already(talk: Talk, ticket: Ticket, words: Words) -> bool:
    """Whether the ticket has all of these messages: a button of which was pressed twice."""
    messages = words.get("from", {})
    address = (talk.account.channel, talk.account.chat)
    of = [versions.said_in(talk.session, *address, one) for one in messages]
    return bool(of) and all(any(e.ticket_id == ticket.id for e in events) for events in of)


def point(words: Words) -> tuple[float, float] | None:
    """The place in a story, if one was sent."""
    found = words["location"]
    return (found[0], found[1]) if found else None


def serves(talk: Talk, ticket: Ticket) -> bool:
    """Whether the speaker is on the workers' side of the ticket."""
    return may(talk, ticket, "reply")


def asked_it(ticket: Ticket, person_id: int) -> bool:
    """Whether the person is on the resident's side: it is their matter, or they filed it."""
    return person_id in (ticket.filer_id, ticket.reporter_id)


def tell_filer(desk: Desk, ticket: Ticket, name: str, /, **more: Any) -> bool:
    """Tell whose matter it is, who filed it for them, and everyone who joined it, each under their
    own number; False when neither of the first two has a chat.

    `more` is what `Desk.tell` takes; the number and the kind are always among the facts.
    """
    reached = _tell_side(desk, ticket, name, more)
    for one in joining.carried(desk.session, ticket.id):
        _tell_side(desk, one, name, more)
    return reached


def _tell_side(desk: Desk, ticket: Ticket, name: str, more: dict[str, Any]) -> bool:
    facts = {"number": ticket.id, "kind": kind_label(ticket), **more}
    reached = desk.tell(ticket.filer_id, name, ticket=ticket.id, **facts)
    if ticket.reporter_id not in (None, ticket.filer_id, ticket.owner_id):
        assert ticket.reporter_id is not None
        reached = desk.tell(ticket.reporter_id, name, ticket=ticket.id, **facts) or reached
    return reached


def to_ticket(talk: Talk, number: int, words: Words) -> bool:
    """Hand words on to the other side of a ticket; False when the speaker has no part in it."""
    ticket = tickets.get(talk.session, number)
    if ticket is None or not may(talk, ticket, "to_ticket"):
        return False
    if serves(talk, ticket) and ticket.filer_id != talk.person.id:
        to_filer(talk, number, words)
    elif may(talk, ticket, "supplement"):
        to_workers(talk, ticket, words)
    else:
        return False
    return True


def to_filer(talk: Talk, number: int, words: Words) -> None:
    """A worker's words to the resident. The first one to an unclaimed ticket is no claim."""
    ticket = tickets.get(talk.session, number)
    if ticket is None or not serves(talk, ticket):
        entitled(talk, number, "reply")  # says that it is not theirs
        return
    _record(talk, ticket, "replied", words)
    if ticket.answered_at is None:
        ticket.answered_at = talk.now
    course.responded(talk, ticket)
    about = {
        "media": words["media"],
        "location": point(words),
        "name": talk.person.name,
        "role": role_in(talk.session, ticket, talk.person.id),
        "text": words["text"],
    }
    told = tell_filer(talk, ticket, "resident/reply", **about)
    if not talk.group:  # what was said in the group stands there already
        team_card.thread(
            talk, ticket, "team/replied", media=words["media"], name=talk.person.name,
            text=words["text"],
        )  # fmt: skip
    if ticket.owner_id not in (None, talk.person.id):
        assert ticket.owner_id is not None
        talk.tell(
            ticket.owner_id, "staff/colleague_replied", staff=True, ticket=ticket.id,
            number=ticket.id, **about,
        )  # fmt: skip
    talk.say(
        "staff/replied",
        options=_done_too(talk, ticket, words),
        ticket=ticket.id,
        number=ticket.id,
        filer=name_of(talk.session, ticket.filer_id),
        told=told,
        others=len(joining.carried(talk.session, ticket.id)),
    )


def _done_too(talk: Talk, ticket: Ticket, words: Words) -> list[Do]:
    """Who tells the resident that it is done may close it with the same words."""
    mine = ticket.owner_id == talk.person.id and ticket.status == Status.CLAIMED
    if not mine or not work_words.says_done(words["text"]):
        return []
    label = talk.word("do.resolve_one").format(number=ticket.id)
    return [Do("resolve_with", {"ticket": ticket.id, "story": words}, label)]


def to_workers(
    talk: Talk, ticket: Ticket, words: Words, *, guessed: bool = False, mended: bool = False
) -> None:
    """A resident's words to whoever has the ticket; to all who were offered it while nobody has.

    guessed: the resident did not say which ticket; they are given a way to say it was another.
    mended: they said that all is well, and may close it.
    """
    if ticket.status not in OPEN:
        talk.say("resident/closed_already", number=ticket.id, options=[Do("new", {"story": words})])
        return
    event = _record(talk, ticket, "supplemented", words)
    course.resume(talk, joining.carrier(talk.session, ticket))
    asked = ticket.status == Status.RESOLVED and ticket.filer_id == talk.person.id
    if asked:  # they said something, if not yet that: the time in which to answer begins anew
        course.wait_for_the_answer(talk, ticket)
    told = tell_workers(
        talk,
        ticket,
        "staff/supplement",
        media=words["media"],
        location=point(words),
        filer=talk.person.name,
        kind=kind_label(ticket),
        text=words["text"],
    )
    team_card.thread(talk, ticket, "team/supplement", media=words["media"], text=words["text"])
    undo = [Do("not_this", {"ticket": ticket.id, "event": event.id, "story": words})]
    first = [Do("mended", {"ticket": ticket.id})] if mended else verdicts(ticket) if asked else []
    options = [*first, *(undo if guessed else [])]
    talk.say(
        "resident/supplemented",
        ticket=ticket.id,
        number=ticket.id,
        kind=kind_label(ticket),
        owner=name_of(talk.session, _who_reads(talk, ticket, told)),
        asked=asked,
        mended=mended,
        options=options,
    )


def _who_reads(talk: Talk, ticket: Ticket, told: list[int]) -> int | None:
    """Whom the resident hears of: whose it is, but not one whom nothing reaches."""
    owner = joining.carrier(talk.session, ticket).owner_id
    return owner if owner in told else next(iter(told), None)


def tell_workers(
    desk: Desk,
    ticket: Ticket,
    name: str,
    /,
    *,
    media: list[int] | None = None,
    location: tuple[float, float] | None = None,
    **facts: Any,
) -> list[int]:
    """Tell the owner, or everyone who may take the ticket while nobody has claimed it, not who had
    it before; of a joined one, those of its master. An answer goes to the one resident only. Who
    was reached."""
    carrier = joining.carrier(desk.session, ticket)
    if carrier.status == Status.WAITING or carrier.owner_id is None:
        known = parties_who_may_get(desk, carrier)
        people = [one for one in known if may_take(desk, carrier, one)] or known
    else:
        people = [carrier.owner_id]
    answer = Do("reply", {"ticket": ticket.id, "version": ticket.version})
    return [
        person_id
        for person_id in people
        if desk.tell(
            person_id,
            name,
            staff=True,
            ticket=ticket.id,
            media=media or [],
            location=location,
            number=ticket.id,
            master=carrier.id if carrier.id != ticket.id else 0,
            options=[answer] if ticket.status in OPEN else [],
            **facts,
        )
    ]


def threads(talk: Talk) -> list[Ticket]:
    """The open tickets that a plain message of the speaker could belong to, those first in
    which something happened last; behind them those they were only called in for."""
    found = tickets.threads(talk.session, talk.person.id)
    known = {ticket.id for ticket in found}
    called = called_in.open_ones(talk.session, talk.person.id)
    found += [ticket for ticket in called if ticket.id not in known]
    return [ticket for ticket in found if may(talk, ticket, "to_ticket")]


def likeliest_first(among: list[Ticket], text: str) -> list[Ticket]:
    """Those whose number, own words or kind is named before the others; otherwise as they came."""
    named = {int(digits) for digits in re.findall(r"\d{1,9}", text)}
    kinds = {kind.key for kind in likely(text)}

    def rank(one: Ticket) -> tuple[bool, bool, bool]:
        alike = work_words.in_common(text, one.text) >= MUCH
        return (one.id not in named, not alike, one.kind not in kinds)

    return sorted(among, key=rank)


def told_apart(talk: Talk, label: str, ticket: Ticket, among: list[Ticket]) -> str:
    """A ticket's button; with its first words where another of them is of the same kind."""
    alike = [one for one in among if one.kind == ticket.kind]
    words = ticket.text.split("\n")[0].strip()
    if len(alike) < 2 or not words:
        return label
    hint = words if len(words) <= HINT else f"{words[:HINT]}…"
    return talk.word("do.to_hinted").format(label=label, hint=hint)


def waits_for_speaker(talk: Talk, ticket: Ticket) -> bool:
    """Whether the other side spoke last, so that a plain message is most likely the answer: to a
    worker the resident, not a colleague. Who was only called in is never spoken to by residents."""
    if called_in.is_called_in(talk.session, ticket, talk.person.id):
        return False
    last = tickets.last_event(talk.session, ticket.id, SAID)
    carrier = joining.carrier(talk.session, ticket)
    if carrier.id != ticket.id:
        to_all = tickets.last_event(talk.session, carrier.id, ["replied"])
        if to_all is not None and (last is None or to_all.id > last.id):
            last = to_all
    others = "replied" if asked_it(ticket, talk.person.id) else "supplemented"
    return last is not None and last.kind == others and last.actor_id != talk.person.id


def goes_on(talk: Talk, found: list[Ticket], text: str) -> bool:
    """Whether the speaker is in the middle of telling the first of these: they asked for a person,
    who is to hear what they say, or they added to the only one a moment ago."""
    if not found or not asked_it(found[0], talk.person.id):
        return False
    latest = tickets.last_event(talk.session, found[0].id, SAID_BY_THEM)
    lately = latest is not None and talk.now - latest.at <= A_MOMENT
    if found[0].service == HUMAN:
        return lately or len(found) == 1
    kinds = {kind.key for kind in likely(text)}
    added = latest is not None and (latest.kind, latest.actor_id) == (
        "supplemented",
        talk.person.id,
    )
    return len(found) == 1 and lately and added and (not kinds or found[0].kind in kinds)


@action("to_ticket")
def put_on_ticket(talk: Talk, ticket: int, story: Words) -> None:
    """The speaker said which ticket the message belongs to."""
    found = tickets.get(talk.session, ticket)
    if found is not None and said_already(talk, found, story):
        talk.say("desk/said_already", ticket=ticket, number=ticket)
    elif not to_ticket(talk, ticket, story):
        entitled(talk, ticket, "to_ticket")  # says that it is not theirs


@action("not_this")
def take_back(talk: Talk, ticket: int, event: int, story: Words) -> None:
    """It did not belong to that ticket: say so there, once, and start a new request with it."""
    found = entitled(talk, ticket, "not_this")
    if found is None:
        return
    said = {one.id: one.actor_id for one in tickets.events(talk.session, ticket)}
    if said.get(event) != talk.person.id:
        return
    earlier = tickets.last_event(talk.session, ticket, ["taken_back"])
    if earlier is None or earlier.detail.get("event") != event:
        tickets.record(
            talk.session, found, "taken_back", talk.person.id, talk.now, detail={"event": event}
        )
        versions.forget(talk.session, event)
        tell_workers(talk, found, "staff/taken_back", filer=talk.person.name)
    talk.begin("request", answers={"what": story})
