"""The first and the last word: the menu, help by a person, and what no conversation waited for."""

from __future__ import annotations

from handlers import relay
from handlers.free_words import free_words, to_the_number
from handlers.permits import entitled, is_staff
from handlers.registry import command, otherwise, recognise
from handlers.residents import blame, emergency, notices
from handlers.residents.danger import show_whom_to_call
from handlers.residents.menu import menu
from handlers.residents.services import service_so_far
from handlers.routing import admins_hear, offer
from handlers.staff import said
from handlers.staff.binding import use_code, use_contact, welcome_staff
from handlers.staff.replying import is_command
from handlers.talk import Talk
from storage import areas, invitations, mentions, people, rules, tickets
from storage.meaning import dangers_in
from storage.rules import Service


def keep_what_was_told(talk: Talk) -> None:
    """A newcomer who agreed and then asked for a person: their name and number, for who helps."""
    if talk.answered("consent") is not True:
        return
    person, phone = talk.person, talk.answered("phone")
    person.consented_at = person.consented_at or talk.now
    person.name = talk.answered("name") or person.name
    if phone and not person.phone:
        people.set_phone(talk.session, person, phone["phone"], proven=False)


@command("human")
def human(talk: Talk, story: relay.Words | None = None) -> None:
    """转人工: a ticket with everything answered so far goes to the worker of the doorstep.

    story: what was said outside any talk, by who then asked for a person.
    """
    if talk.under_way == emergency.DANGER:
        emergency.with_a_person(talk)
        return
    told = story["text"] if story else "\n".join(talk.so_far())
    service = _service_of_help(talk)
    shown = story or talk.shown_so_far()
    keep_what_was_told(talk)
    county = areas.county(talk.session)
    named = mentions.mentioned(talk.session, told)
    there = talk.place_so_far() or (named.id if named else None)
    area_id = talk.person.home_id or there or (county.id if county else None)
    if area_id is None:
        talk.say("desk/nobody")
        return
    for known in tickets.of_filer(talk.session, talk.person.id, open_only=True):
        if known.service == service.key == "human" and not (told or shown["media"]):
            talk.say("desk/human_already", ticket=known.id, number=known.id)
            return
    ticket = tickets.open_ticket(
        talk.session,
        service=service,
        kind=None,
        text=told or talk.word("desk.asks_for_a_person"),
        media=shown["media"],
        place="",
        location=relay.point(shown),
        filer_id=talk.person.id,
        area_id=area_id,
        urgent=bool(dangers_in(told)),
        now=talk.now,
        origin=relay.origin(talk, shown.get("from", {})),
    )
    reached = offer(talk, ticket)
    helper = reached[0] if reached else ""
    admins = admins_hear(talk, ticket)
    talk.say("desk/human", ticket=ticket.id, number=ticket.id, helper=helper, admins=admins)


def _service_of_help(talk: Talk) -> Service:
    """That of 转人工; who was telling something confidential is helped by those who may know it."""
    service = service_so_far(talk)
    if service is not None and service.privacy == rules.CONFIDENTIAL:
        return service
    return rules.current(talk.session)["human"]


@recognise
def by_code(talk: Talk) -> bool:
    """An invitation code counts wherever it is typed, in a sentence or a link too, and so does
    "#12 ..."."""
    text = talk.said.text
    codes = invitations.codes_in(text)
    if any(use_code(talk, code) for code in codes):
        return True
    if codes and talk.word("heard.invitation") in text:
        talk.say("desk/code_unknown")
        return True
    return talk.said.ticket is None and to_the_number(talk, anywhere=True)


@otherwise
def anything_else(talk: Talk) -> None:
    """What was said outside any conversation."""
    now = talk.said
    if now.start is not None:
        _greet(talk, now.start)
    elif now.phone is not None:
        use_contact(talk, now.phone, now.phone_own)
    elif now.ticket is not None:
        _reply(talk, now.ticket)
    elif now.notice is not None:
        notices.quoted(talk, now.notice)
    else:
        free_words(talk)


def _greet(talk: Talk, payload: str) -> None:
    if payload and use_code(talk, payload):
        return
    if payload:
        talk.say("desk/code_unknown")
    if is_staff(talk):
        welcome_staff(talk)
    else:
        newcomer = talk.person.home_id is None
        name = "" if newcomer else talk.person.name
        talk.say("desk/welcome", name=name, newcomer=newcomer)
    menu(talk)


def _reply(talk: Talk, number: int) -> None:
    """A reply to a message that shows a ticket belongs to that ticket."""
    words = relay.said_as_story(talk)
    if emergency.cries(talk, words["text"]) and not is_staff(talk):
        show_whom_to_call(talk, words["text"])
    if not (words["text"] or words["media"] or words["location"]):
        menu(talk)
    elif _blames(talk, number, words["text"]):
        blame.ask(talk, words, tickets.get(talk.session, number))
    elif _to_us(talk, number, words):
        pass
    elif not relay.to_ticket(talk, number, words):
        entitled(talk, number, "to_ticket")  # says that it is not theirs


def _to_us(talk: Talk, number: int, words: relay.Words) -> bool:
    """Whether a worker's reply to a card is for us (办结, 查 王桂英), not for the resident."""
    found = tickets.get(talk.session, number)
    if found is None or not relay.serves(talk, found) or relay.asked_it(found, talk.person.id):
        return False
    if said.of_ticket(talk, found, words):
        return True
    if words["media"] or not is_command(talk, words["text"]):
        return False
    free_words(talk)
    return True


def _blames(talk: Talk, number: int, text: str) -> bool:
    """Whether a reply to what shows a matter of the speaker's may be a complaint about a worker."""
    found = tickets.get(talk.session, number)
    mine = found is not None and relay.asked_it(found, talk.person.id)
    return mine and found is not None and blame.may_blame(talk, text, [found])
