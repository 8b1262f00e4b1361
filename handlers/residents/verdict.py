"""The end of a ticket, in the resident's words: solved or not, how satisfied, and why.

resolved ──solved──▶ closed ──rate──▶ (a rating, and a remark if they like)
    ├──unsolved──▶ the next rung, a new round
    └──no word──▶ asked once more ──▶ lapsed (未回访)
"""

from __future__ import annotations

from typing import Any

from handlers import course
from handlers.permits import entitled
from handlers.questions import (
    Answered,
    Json,
    Option,
    Prompt,
    Reading,
    Story,
    Text,
    declines,
)
from handlers.registry import HANDLERS, action, conversation
from handlers.relay import Words, add_words, point, said_as_story, tell_workers, verdicts
from handlers.residents.services import COMPLAINT, REQUEST
from handlers.routing import bring, in_words, next_rung, reroute, tell_admins, why_unfit
from handlers.staff.cards import refresh_cards, send_card
from handlers.talk import Desk, Do, Said, Talk
from handlers.views import called, kind_label, name_of
from storage import joining, people, ratings, tickets, versions
from storage.meaning import own_matters
from storage.tickets import Status, Ticket, TicketChanged
from storage.understanding import QUIET, named, understood

PRAISED = {"who"}
"""What a remark names in passing: 网格员人好."""
SCORES = ("satisfied", "mostly", "unsatisfied")


def who_says(desk: Desk, ticket: Ticket) -> list[int]:
    """Whom to ask whether it is solved: whose matter it is; where they cannot be reached, who filed
    it for them. Never who worked on it: nobody checks their own work."""
    for person_id in (ticket.filer_id, ticket.reporter_id):
        if person_id is None or did_it(desk, ticket, person_id):
            continue
        if people.reach(desk.session, person_id, prefer_staff=False) is not None:
            return [person_id]
    return []


def did_it(desk: Desk, ticket: Ticket, person_id: int) -> bool:
    """Whether a person has worked on the ticket, now or before: they cannot be its judge."""
    return person_id == ticket.owner_id or person_id in tickets.worked_on(desk.session, ticket.id)


def ask_whether_solved(
    desk: Desk, ticket: Ticket, result: dict[str, Any], worker: str, *, again: bool = False
) -> bool:
    """Ask 已解决 / 未解决; False when there is nobody to be asked."""
    told = False
    for person_id in who_says(desk, ticket):
        told = desk.tell(
            person_id,
            "resident/resolved",
            ticket=ticket.id,
            media=[] if again else result["media"],
            location=point(result),
            options=verdicts(ticket),
            number=ticket.id,
            kind=kind_label(ticket),
            text=result["text"],
            name=worker,
            again=again,
            filer="" if person_id == ticket.filer_id else called(desk.session, ticket),
        )
    return told


def ask_again(desk: Desk, ticket: Ticket) -> None:
    """Ask about the newest result once more."""
    resolved = tickets.last_event(desk.session, ticket.id, ["resolved"])
    if resolved is not None:
        words = versions.newest(desk.session, resolved).text
        story = {"text": words, "media": resolved.media, "location": None}
        worker = name_of(desk.session, resolved.actor_id)
        ask_whether_solved(desk, ticket, story, worker, again=True)


def _to_say(talk: Talk, number: int, action: str) -> Ticket | None:
    """The ticket, when the speaker may say how it ended. Who worked on it may not, and who filed it
    for somebody only where that one cannot be asked."""
    ticket = entitled(talk, number, action)
    if ticket is None:
        return None
    me = talk.person.id
    if did_it(talk, ticket, me):
        talk.say("staff/own_work", ticket=number, number=number)
        return None
    if me != ticket.filer_id and me not in who_says(talk, ticket):
        talk.say("resident/theirs_to_say", number=number, filer=called(talk.session, ticket))
        return None
    return ticket


def _answered(talk: Talk, ticket: Ticket) -> None:
    """It is not waiting for this answer: put the question afresh, or say what became of it."""
    number = ticket.id
    if ticket.status == Status.RESOLVED:  # an old button
        ask_again(talk, ticket)
    elif ticket.status == Status.LAPSED:
        talk.say("resident/lapsed", ticket=number, options=verdicts(ticket),
                 number=number, kind=kind_label(ticket))  # fmt: skip
    else:
        talk.say("resident/answered_already", ticket=number, number=number, status=ticket.status)


def _waits_for_it(ticket: Ticket, version: int) -> bool:
    """Whether a button of this version is about the present result; also after it had lapsed, which
    is one change later. A button of an earlier round is not."""
    if ticket.status == Status.RESOLVED:
        return version == ticket.version
    return ticket.status == Status.LAPSED and version in (ticket.version, ticket.version - 1)


@action("solved")
def solved(talk: Talk, ticket: int, version: int) -> None:
    """已解决: the ticket is closed; then a rating is asked for. Also after it had lapsed."""
    found = _to_say(talk, ticket, "solved")
    if found is None:
        return
    _close(talk, found, may=_waits_for_it(found, version))


def _close(talk: Talk, ticket: Ticket, *, may: bool) -> None:
    """End it with the resident's word and ask for a rating; where it may not be, or changed just
    now, say how it stands."""
    try:
        if not may:
            raise TicketChanged
        course.end(talk, ticket, Status.CLOSED, ticket.version)
    except TicketChanged:
        _answered(talk, ticket)
        return
    number = ticket.id
    tickets.record(talk.session, ticket, "solved", talk.person.id, talk.now)
    tell_workers(talk, ticket, "staff/solved", filer=talk.person.name)
    refresh_cards(talk, ticket)
    options = scores(talk, ticket)
    talk.say("resident/rate", ticket=number, number=number, again=False, options=options)


def may_be_closed(talk: Talk, ticket: Ticket) -> bool:
    """Whether the speaker's word that all is well closes it before the worker's: a matter with a
    kind, which somebody has, and which no other household waits for."""
    alone = not joining.carried(talk.session, ticket.id)
    return (
        ticket.status == Status.CLAIMED
        and ticket.kind is not None
        and alone
        and talk.person.id in who_says(talk, ticket)
    )


@action("mended")
def mended(talk: Talk, ticket: int) -> None:
    """已经好了, said before the worker's 办结: it is over with the resident's word."""
    found = _to_say(talk, ticket, "mended")
    if found is None:
        return
    if found.status in (Status.RESOLVED, Status.LAPSED):
        solved(talk, ticket, found.version)
        return
    _close(talk, found, may=may_be_closed(talk, found))


@action("unsolved")
def unsolved(talk: Talk, ticket: int, version: int, story: Words | None = None) -> None:
    """未解决: at once to the next rung, with the reason as soon as it is told.

    story: what was said of it already.
    """
    found = _to_say(talk, ticket, "unsolved")
    if found is None:
        return
    try:
        if not _waits_for_it(found, version):
            raise TicketChanged
        with talk.session.begin_nested():  # who comes second leaves nothing half done
            reopen(talk, found, talk.person.id)
    except TicketChanged:
        talk.session.refresh(found)
        _answered(talk, found)
        return
    if story is None:
        talk.begin("unsolved", ticket=found.id)
    else:
        add_words(talk, found, story)
        _tell_why(talk, found, story["text"], story["media"])


def reopen(talk: Desk, ticket: Ticket, person_id: int) -> None:
    """A new round on the next rung; on the same one where there is none above; an alarmed queue
    where nobody is left there either. Raises TicketChanged.

    person_id: whose word it was that it is not solved.
    """
    tickets.record(talk.session, ticket, "reopened", person_id, talk.now)
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
    else:
        course.reopen_here(talk, ticket)
        unfit = why_unfit(talk, ticket)
        if unfit:
            reroute(talk, ticket, unfit)
        elif before is not None:
            send_card(talk, ticket, before)
            tell_admins(talk, ticket)
    ticket.round += 1
    talk.session.flush()
    refresh_cards(talk, ticket)


class Why(Story):
    """What is still missing, in words, a photo or a voice; an empty story where it is skipped."""

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt(facts=self.facts, options=[Option(self.empty(), talk.word("choice.skip"))])

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        if not (said.media or said.location) and declines(said.text, talk):
            return Answered(self.empty())
        return super().read(said, picked, talk, draft)

    def holds(self, stored: Json, talk: Talk) -> bool:
        return isinstance(stored, dict)

    def unfinished(self, stored: Json) -> Json:
        return None


@conversation("unsolved")
def why_unsolved(talk: Talk) -> None:
    """What is still missing; may be skipped, the workers know already that it is open again."""
    number = talk.args["ticket"]
    ticket = entitled(talk, number, "unsolved")
    if ticket is None:
        return
    why = talk.ask("why", Why("resident/unsolved_why", number=number))
    if why["text"] or why["media"] or why["location"]:
        add_words(talk, ticket, why)
    _tell_why(talk, ticket, why["text"], why["media"])


def _tell_why(talk: Talk, ticket: Ticket, why: str, media: list[int]) -> None:
    tell_workers(talk, ticket, "staff/unsolved", media=media, filer=talk.person.name, text=why)
    owner = name_of(talk.session, ticket.owner_id)
    talk.say("resident/reopened", ticket=ticket.id, number=ticket.id, owner=owner, text="")


def scores(talk: Talk, ticket: Ticket) -> list[Do]:
    """The three buttons of a rating. seen: how many ratings there were when they were shown."""
    seen = len(ratings.of(talk.session, ticket.id))
    return [
        Do("rate", {"ticket": ticket.id, "score": score, "seen": seen}, talk.word(f"score.{score}"))
        for score in SCORES
    ]


@action("rate_again")
def rate_again(talk: Talk, ticket: int) -> None:
    """重新评价: the three buttons once more; what was said before stays beside it."""
    found = _to_say(talk, ticket, "rate_again")
    if found is not None and found.status == Status.CLOSED:
        options = scores(talk, found)
        talk.say("resident/rate", ticket=ticket, number=ticket, again=True, options=options)


@action("rate")
def rate(talk: Talk, ticket: int, score: str, seen: int = 0) -> None:
    """A rating of the closed ticket's present round; rating again keeps both, and the newest
    counts. The same button pressed twice is one rating."""
    found = _to_say(talk, ticket, "rate")
    if found is None or score not in SCORES or found.status != Status.CLOSED:
        return
    given = ratings.of(talk.session, ticket)
    mine = given[-1] if len(given) > seen else None
    if mine is not None and (mine.person_id, mine.score) == (talk.person.id, score):
        rating = mine
    else:
        rating = ratings.rate(talk.session, found, talk.person.id, score, talk.now)
        detail = {"score": score, "rating": rating.id}
        tickets.record(talk.session, found, "rated", talk.person.id, talk.now, detail=detail)
    if not rating.remark:
        talk.begin("remark", ticket=ticket, rating=rating.id, score=score)


@conversation("remark")
def remark(talk: Talk) -> None:
    """One sentence more, if they like."""
    facts = {"score": talk.args["score"], "number": talk.args["ticket"]}
    if entitled(talk, talk.args["ticket"], "rate") is None:
        return
    words = talk.ask("words", Text("resident/remark", most=300, optional=True, tells=True, **facts))
    if named(words) - QUIET - PRAISED:  # 我的诉求 is no remark
        assert HANDLERS.otherwise is not None
        HANDLERS.otherwise(talk)
        return
    if words:
        ratings.add_remark(talk.session, talk.args["rating"], talk.person.id, words)
    asks = _asks_for_more(words, talk.args["score"])
    options = (
        [Do("another", {"story": said_as_story(talk)}, talk.word("do.file_it"))] if asks else []
    )
    talk.say(
        "resident/thanks", ticket=talk.args["ticket"], words=words, asks=asks, options=options,
        **facts,
    )  # fmt: skip


def _asks_for_more(words: str, score: str) -> bool:
    """Whether a remark may tell of something to be done: it is kept as one, and can be filed."""
    meant = understood(words)
    blames = score == SCORES[-1] and COMPLAINT in meant.asks
    return bool(words) and (meant.acts == REQUEST or blames or own_matters.undone(words))
