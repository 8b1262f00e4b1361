"""The end of a ticket, in the resident's words: solved or not, how satisfied, and why.

resolved ──solved──▶ closed ──rate──▶ (a rating, and a remark if they like)
    └──unsolved──▶ claimed again, the next round
"""

from __future__ import annotations

from typing import Any

from handlers.questions import Text
from handlers.relay import point, tell_workers
from handlers.staff.cards import refresh_cards, send_card
from handlers.talk import Do, Talk, action, conversation
from handlers.views import kind_label, name_of
from storage import tickets
from storage.tickets import Status, Ticket, TicketChanged

SCORES = ("satisfied", "mostly", "unsatisfied")


def ask_whether_solved(talk: Talk, ticket: Ticket, result: dict[str, Any], worker: str) -> bool:
    """Ask the filer 已解决 / 未解决; False when they have no chat to be asked in."""
    at = {"ticket": ticket.id, "version": ticket.version}
    return talk.tell(
        ticket.filer_id,
        "resident/resolved",
        ticket=ticket.id,
        media=result["media"],
        location=point(result),
        options=[Do("solved", at), Do("unsolved", at)],
        number=ticket.id,
        kind=kind_label(ticket),
        text=result["text"],
        name=worker,
    )


def ask_again(talk: Talk, ticket: Ticket) -> None:
    """Ask about the newest result once more."""
    resolved = tickets.last_event(talk.session, ticket.id, ["resolved"])
    if resolved is not None:
        story = {"text": resolved.text, "media": resolved.media, "location": None}
        ask_whether_solved(talk, ticket, story, name_of(talk.session, resolved.actor_id))


def _filed_by_speaker(talk: Talk, number: int) -> Ticket | None:
    ticket = tickets.get(talk.session, number)
    if ticket is None or ticket.filer_id != talk.person.id:
        talk.say("resident/not_yours", number=number)
        return None
    return ticket


def _move_on(talk: Talk, number: int, version: int, **changes: Any) -> Ticket | None:
    """Change a resolved ticket of the speaker; says so when it was answered before."""
    ticket = _filed_by_speaker(talk, number)
    if ticket is None:
        return None
    try:
        if ticket.status != Status.RESOLVED:
            raise TicketChanged
        tickets.advance(talk.session, ticket, version, **changes)
    except TicketChanged:
        if ticket.status == Status.RESOLVED:  # an old button: put the question afresh
            ask_again(talk, ticket)
            return None
        talk.say("resident/answered_already", ticket=number, number=number, status=ticket.status)
        return None
    return ticket


@action("solved")
def solved(talk: Talk, ticket: int, version: int) -> None:
    """已解决: the ticket is closed; then a rating is asked for."""
    found = _move_on(talk, ticket, version, status=Status.CLOSED, closed_at=talk.now)
    if found is None:
        return
    tickets.record(talk.session, found, "solved", talk.person.id, talk.now)
    tell_workers(talk, found, "staff/solved", filer=talk.person.name)
    refresh_cards(talk, found)
    choices = [
        Do("rate", {"ticket": found.id, "score": score}, talk.word(f"score.{score}"))
        for score in SCORES
    ]
    talk.say("resident/rate", ticket=found.id, number=found.id, options=choices)


@action("unsolved")
def unsolved(talk: Talk, ticket: int, version: int) -> None:
    """未解决: back to the worker at once, with the reason as soon as it is told."""
    found = _move_on(talk, ticket, version, status=Status.CLAIMED, resolved_at=None)
    if found is None:
        return
    found.round += 1
    tickets.record(talk.session, found, "reopened", talk.person.id, talk.now)
    refresh_cards(talk, found)
    if found.owner_id is not None:
        send_card(talk, found, found.owner_id)
    talk.begin("unsolved", ticket=found.id)


@conversation("unsolved")
def why_unsolved(talk: Talk) -> None:
    """What is still missing; may be skipped, the worker knows already that it is open again."""
    number = talk.args["ticket"]
    ticket = _filed_by_speaker(talk, number)
    if ticket is None:
        return
    why = talk.ask("why", Text("resident/unsolved_why", most=500, optional=True, number=number))
    if why:
        tickets.record(talk.session, ticket, "supplemented", talk.person.id, talk.now, text=why)
    tell_workers(talk, ticket, "staff/unsolved", filer=talk.person.name, text=why)
    talk.say("resident/reopened", ticket=number, number=number)


@action("rate")
def rate(talk: Talk, ticket: int, score: str) -> None:
    """A rating of the closed ticket's present round; rating again keeps both."""
    found = _filed_by_speaker(talk, ticket)
    if found is None or score not in SCORES or found.status != Status.CLOSED:
        return
    rating = tickets.rate(talk.session, found, talk.person.id, score, talk.now)
    tickets.record(talk.session, found, "rated", talk.person.id, talk.now, detail={"score": score})
    talk.begin("remark", ticket=ticket, rating=rating.id, score=score)


@conversation("remark")
def remark(talk: Talk) -> None:
    """One sentence more, if they like."""
    facts = {"score": talk.args["score"], "number": talk.args["ticket"]}
    words = talk.ask("words", Text("resident/remark", most=300, optional=True, **facts))
    if words:
        tickets.add_remark(talk.session, talk.args["rating"], talk.person.id, words)
    talk.say("resident/thanks", ticket=talk.args["ticket"], **facts)
