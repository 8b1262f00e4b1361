"""An edit of what became part of a ticket: a new version, told to the other side; the old stays."""

from __future__ import annotations

from typing import Any

from handlers import relay
from handlers.questions import Story
from handlers.registry import amended
from handlers.residents.danger import show_whom_to_call
from handlers.staff import visit_told
from handlers.staff.cards import refresh_cards
from handlers.talk import Do, Talk
from handlers.views import role_in
from storage import permissions, tickets, versions
from storage.notices import course, replies
from storage.notices.tables import NoticeState
from storage.texts import with_part
from storage.tickets import OPEN, Ticket, TicketEvent

FROM_FILER = ("opened", "supplemented")
TO_FILER = ("replied", "resolved")
PASSED_ON = ("transferred", "escalated", "returned", "whistled", "called_property")


@amended
def take_edit(talk: Talk) -> bool:
    """Every event that the message said gets its new version; False when no ticket keeps it."""
    ((message_id, words),) = talk.said.parts.items()
    address = (talk.account.channel, talk.account.chat)
    if _of_a_notice(talk, message_id, words) or visit_told.edited(talk):
        return True
    show_whom_to_call(talk, words)
    found = versions.said_in(talk.session, *address, message_id)
    taken = [_take(talk, event, message_id, words) for event in found]
    return any(taken)


def _of_a_notice(talk: Talk, message_id: str, words: str) -> bool:
    """The words of a notice lead to its correction; those of an answer to one are changed."""
    address = (talk.account.channel, talk.account.chat)
    if replies.amend(talk.session, *address, message_id, words):
        talk.say("notice/reply_changed", text=words)
        return True
    notice = course.said_in(talk.session, talk.person.id, *address, message_id)
    if notice is None or notice.source is None:
        return False
    text = with_part(notice.text, notice.source["from"], message_id, words)
    if notice.state == NoticeState.CANCELLED:
        talk.refuse("notice/not_now", number=notice.id, state=notice.state)
    elif text != notice.text:
        story = {
            **Story.empty(),
            "text": text,
            "from": {**notice.source["from"], message_id: words},
        }
        talk.begin("correct_notice", answers={"words": story}, notice=notice.id)
    return True


def _take(talk: Talk, event: TicketEvent, message_id: str, words: str) -> bool:
    """False when the speaker has no part in the ticket any more."""
    ticket = tickets.get(talk.session, event.ticket_id)
    if ticket is None or not permissions.allows(
        talk.session, "to_ticket", talk.person.id, ticket, talk.now
    ):
        return False
    of_place = message_id in event.detail.get("place_from", {})
    changed = _new_place if of_place else _new_words
    if changed(talk, ticket, event, message_id, words):
        refresh_cards(talk, ticket)
        told = _tell(talk, ticket, event, words, of_place)
        over = ticket.status not in OPEN
        story = relay.said_as_story(talk)
        talk.say(
            "desk/edited", ticket=ticket.id, number=ticket.id, text=words, over=over, told=told,
            options=[Do("new", {"story": story})] if over and words else [],
        )  # fmt: skip
    return True


def _new_place(talk: Talk, ticket: Ticket, event: TicketEvent, message_id: str, words: str) -> bool:
    if not words or words == ticket.place:
        return False
    ticket.place = words
    detail = {"of": event.id, "kind": event.kind, "place_from": {message_id: words}}
    _record(talk, ticket, words, detail)
    return True


def _new_words(talk: Talk, ticket: Ticket, event: TicketEvent, message_id: str, words: str) -> bool:
    before = versions.newest(talk.session, event).detail.get("from") or event.detail["from"]
    found = versions.edited_words(talk.session, event, message_id, words)
    if found is None:
        return False
    text, parts = found
    if event.kind == "opened":
        ticket.text = with_part(ticket.text, before, message_id, words)
    _record(talk, ticket, text, {"of": event.id, "kind": event.kind, "from": parts})
    return True


def _record(talk: Talk, ticket: Ticket, text: str, detail: dict[str, object]) -> None:
    tickets.record(
        talk.session, ticket, versions.EDITED, talk.person.id, talk.now, text=text, detail=detail
    )


def _tell(talk: Talk, ticket: Ticket, event: TicketEvent, words: str, of_place: bool) -> bool:
    """Tell whoever was told the old words; False when nobody had to be, or could be."""
    who = role_in(talk.session, ticket, talk.person.id) + talk.person.name
    about: dict[str, Any] = {"who": who, "text": words, "of_place": of_place}
    if event.kind in FROM_FILER and ticket.status in OPEN:
        relay.tell_workers(talk, ticket, "staff/edited", **about)
        return True
    if event.kind in TO_FILER:
        return relay.tell_filer(talk, ticket, "resident/edited", **about)
    receiver = event.detail.get("to")
    if event.kind in PASSED_ON and receiver and ticket.status in OPEN:
        return talk.tell(
            receiver, "staff/edited", staff=True, ticket=ticket.id, number=ticket.id, **about
        )
    return False
