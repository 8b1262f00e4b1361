"""The end of a ticket, in the resident's words: solved or not, how satisfied, and why.

resolved ──solved──▶ closed ──rate──▶ (a rating, and a remark if they like)
    ├──unsolved──▶ the next rung, a new round
    └──no word──▶ asked once more ──▶ lapsed (未回访)
"""

from __future__ import annotations

from typing import Any

from handlers import course
from handlers.permits import entitled
from handlers.questions import Text
from handlers.relay import point, tell_workers
from handlers.routing import bring, in_words, next_rung, reroute, why_unfit
from handlers.staff.cards import refresh_cards, send_card
from handlers.talk import Desk, Do, Talk, action, conversation
from handlers.views import kind_label, name_of
from storage import people, tickets
from storage.tickets import Status, Ticket, TicketChanged

SCORES = ("satisfied", "mostly", "unsatisfied")


def who_says(desk: Desk, ticket: Ticket) -> list[int]:
    """Whom to ask whether it is solved: whose matter it is; where they cannot be reached, who filed
    it for them. Never who worked on it: nobody checks their own work."""
    for person_id in (ticket.filer_id, ticket.reporter_id):
        if person_id is None or person_id == ticket.owner_id:
            continue
        if people.reach(desk.session, person_id, prefer_staff=False) is not None:
            return [person_id]
    return []


def ask_whether_solved(
    desk: Desk, ticket: Ticket, result: dict[str, Any], worker: str, *, again: bool = False
) -> bool:
    """Ask 已解决 / 未解决; False when there is nobody to be asked."""
    at = {"ticket": ticket.id, "version": ticket.version}
    told = False
    for person_id in who_says(desk, ticket):
        told = desk.tell(
            person_id,
            "resident/resolved",
            ticket=ticket.id,
            media=[] if again else result["media"],
            location=point(result),
            options=[Do("solved", at), Do("unsolved", at)],
            number=ticket.id,
            kind=kind_label(ticket),
            text=result["text"],
            name=worker,
            again=again,
            filer="" if person_id == ticket.filer_id else name_of(desk.session, ticket.filer_id),
        )
    return told


def ask_again(desk: Desk, ticket: Ticket) -> None:
    """Ask about the newest result once more."""
    resolved = tickets.last_event(desk.session, ticket.id, ["resolved"])
    if resolved is not None:
        story = {"text": resolved.text, "media": resolved.media, "location": None}
        worker = name_of(desk.session, resolved.actor_id)
        ask_whether_solved(desk, ticket, story, worker, again=True)


def _to_say(talk: Talk, number: int, action: str) -> Ticket | None:
    """The ticket, when the speaker may say how it ended; who worked on it may not."""
    ticket = entitled(talk, number, action)
    if ticket is not None and ticket.owner_id == talk.person.id:
        talk.say("staff/own_work", ticket=number, number=number)
        return None
    return ticket


def _answered(talk: Talk, ticket: Ticket) -> None:
    """It is not waiting for this answer: put the question afresh, or say what became of it."""
    if ticket.status == Status.RESOLVED:  # an old button
        ask_again(talk, ticket)
        return
    number = ticket.id
    talk.say("resident/answered_already", ticket=number, number=number, status=ticket.status)


@action("solved")
def solved(talk: Talk, ticket: int, version: int) -> None:
    """已解决: the ticket is closed; then a rating is asked for. Also after it had lapsed."""
    found = _to_say(talk, ticket, "solved")
    if found is None:
        return
    late = found.status == Status.LAPSED
    try:
        if found.status != Status.RESOLVED and not late:
            raise TicketChanged
        course.end(talk, found, Status.CLOSED, found.version if late else version)
    except TicketChanged:
        _answered(talk, found)
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
    """未解决: at once to the next rung, with the reason as soon as it is told."""
    found = _to_say(talk, ticket, "unsolved")
    if found is None:
        return
    late = found.status == Status.LAPSED
    if found.status != Status.RESOLVED and not late:
        _answered(talk, found)
        return
    if not late and found.version != version:
        _answered(talk, found)
        return
    reopen(talk, found)
    talk.begin("unsolved", ticket=found.id)


def reopen(talk: Talk, ticket: Ticket) -> None:
    """A new round on the next rung; on the same one where there is none above."""
    tickets.record(talk.session, ticket, "reopened", talk.person.id, talk.now)
    ticket.round += 1
    before = ticket.owner_id
    above = next_rung(talk, ticket)
    if above is not None:
        course.hand_to(talk, ticket, above, "reopened")
        refresh_cards(talk, ticket)
        bring(talk, ticket, [above])
        if before is not None:
            talk.tell(
                before, "staff/went_up", staff=True, ticket=ticket.id, number=ticket.id,
                owner=in_words(talk, above),
            )  # fmt: skip
        return
    course.reopen_here(talk, ticket)
    unfit = why_unfit(talk, ticket)
    if unfit:
        reroute(talk, ticket, unfit)
        return
    refresh_cards(talk, ticket)
    assert ticket.owner_id is not None
    send_card(talk, ticket, ticket.owner_id)


@conversation("unsolved")
def why_unsolved(talk: Talk) -> None:
    """What is still missing; may be skipped, the workers know already that it is open again."""
    number = talk.args["ticket"]
    ticket = entitled(talk, number, "unsolved")
    if ticket is None:
        return
    why = talk.ask("why", Text("resident/unsolved_why", most=500, optional=True, number=number))
    if why:
        tickets.record(talk.session, ticket, "supplemented", talk.person.id, talk.now, text=why)
    tell_workers(talk, ticket, "staff/unsolved", filer=talk.person.name, text=why)
    owner = name_of(talk.session, ticket.owner_id)
    talk.say("resident/reopened", ticket=number, number=number, owner=owner)


@action("rate")
def rate(talk: Talk, ticket: int, score: str) -> None:
    """A rating of the closed ticket's present round; rating again keeps both."""
    found = _to_say(talk, ticket, "rate")
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
