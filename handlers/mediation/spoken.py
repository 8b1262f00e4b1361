"""What a side of a mediation says outside any talk: 我来, 几点来着, and what is for the mediator.

The side that did not file it has no ticket its words could go to: without this they would be lost,
or begin a matter of its own.
"""

from __future__ import annotations

from handlers import relay
from handlers.mediation.answers import answer_to, show_what_stands
from handlers.mediation.sides import as_side, tell_mediator_or_admins
from handlers.permits import is_staff
from handlers.registry import action
from handlers.relay import Words
from handlers.talk import Do, Talk
from handlers.views import name_of
from storage import mediations, sides, tickets
from storage.mediation_tables import Mediation
from storage.mediations import Subject

OTHER_SAID = "other_said"
"""The event of words for the mediator; they stand in its detail, for the mediator alone."""


def answered(talk: Talk, text: str) -> bool:
    """Whether a side answers what it was asked in its own words (我来, 同意), or asks when and
    where it is; then that was done. Who has several, or work in hand, presses the buttons."""
    found = mediations.of_person(talk.session, talk.person.id)
    if len(found) != 1 or (is_staff(talk) and relay.threads(talk)):
        return False
    mediation, _ = found[0]
    asked = _asked(talk, mediation)
    ticket = mediations.ticket_of(talk.session, mediation.id)
    if asked is None:
        return False
    subject, about = asked
    answer = sides.answer_in(text, subject)
    if answer:
        answer_to(talk, ticket.id, subject, about, answer)
    elif sides.asks_about_it(text) and subject == Subject.MEETING:
        show_what_stands(talk, ticket.id, subject)
    else:
        return False
    return True


def _asked(talk: Talk, mediation: Mediation) -> tuple[Subject, int] | None:
    """What the sides are asked just now: the newest follow-up, the agreement, or the meeting."""
    meeting = mediations.arranged(talk.session, mediation.id)
    agreement = mediations.agreement_of(talk.session, mediation.id)
    if agreement is not None and agreement.agreed_at is not None:
        due = mediations.follow_ups(talk.session, agreement.id)
        open_ones = [one.id for one in due if one.asked_at is not None and one.done_at is None]
        return (Subject.FOLLOW_UP, open_ones[-1]) if open_ones else None
    if agreement is not None:
        return Subject.AGREEMENT, agreement.id
    return (Subject.MEETING, meeting.id) if meeting is not None else None


def ways(talk: Talk, words: Words) -> list[Do]:
    """The buttons that take words to the mediator of who was asked to a table by them."""
    found = []
    for mediation, side in mediations.of_person(talk.session, talk.person.id):
        ticket = mediations.ticket_of(talk.session, mediation.id)
        if not side.filer and ticket.owner_id is not None:
            label = talk.word("do.tell_mediator").format(
                mediator=name_of(talk.session, ticket.owner_id)
            )
            found.append(Do("tell_mediator", {"ticket": ticket.id, "story": words}, label))
    return found


def offered(talk: Talk, words: Words) -> bool:
    """Whether the words may be for a mediator; then it is asked."""
    options = ways(talk, words)
    if not options:
        return False
    options.append(Do("new", {"story": words}))
    talk.say("mediation/for_the_mediator", text=words["text"], options=options)
    return True


@action("tell_mediator")
def tell_mediator(talk: Talk, ticket: int, story: Words) -> None:
    """Words, a photo or a voice for the mediator alone; they get them once."""
    found = as_side(talk, ticket, "tell_mediator")
    if found is None:
        return
    matter, _, side = found
    sent = story.get("from", {})
    known = [one for one in tickets.events(talk.session, ticket) if one.kind == OTHER_SAID]
    again = bool(sent) and any(one.detail.get("from") == sent for one in known)
    if not again:
        # Not in the event's text: whoever reads the story of the ticket is not the mediator.
        detail = {"text": story["text"], "media": story["media"], "from": sent}
        tickets.record(talk.session, matter, OTHER_SAID, None, talk.now, detail=detail)
        tell_mediator_or_admins(
            talk, matter, "mediation/word_from", options=[Do("mediation", {"ticket": ticket})],
            name=side.name, text=story["text"], media=story["media"],
        )  # fmt: skip
    mediator = name_of(talk.session, matter.owner_id)
    talk.say("mediation/taken_along", mediator=mediator, again=again)
