"""The first and the last word: the menu, help by a person, and what no conversation waited for."""

from __future__ import annotations

import re

from handlers import looks, relay
from handlers.admins import notice_said
from handlers.admins import people as staff_people
from handlers.matching import addressed
from handlers.permits import entitled, is_staff
from handlers.registry import HANDLERS, action, command, otherwise, recognise
from handlers.residents import (
    about,
    blame,
    canteen,
    emergency,
    in_a_row,
    notices,
    own_matters,
    places,
    who,
)
from handlers.residents.danger import show_whom_to_call
from handlers.residents.meant import ANSWER, MENU, THANKS, asked_for, what_is_meant
from handlers.residents.menu import menu
from handlers.residents.services import (
    COMPLAINT,
    REQUEST,
    begun_by,
    service_so_far,
)
from handlers.residents.targets import lead_to, way_to
from handlers.routing import admins_hear, offer
from handlers.staff import aside, asked_figures, find, leave, leave_of_others, said, visits
from handlers.staff.binding import use_code, use_contact, welcome_staff
from handlers.staff.replying import is_command
from handlers.talk import Do, Talk
from handlers.views import kind_label, name_of
from storage import areas, mentions, people, rules, tickets
from storage.kin import told_for_another
from storage.meaning import dangers_in
from storage.meaning.everyday import asks_nothing
from storage.names import bare
from storage.rules import Service
from storage.services import likely
from storage.tickets import Ticket
from storage.understanding import QUIET, Understood
from storage.understanding import named as named_plainly

CODE_LIKE = re.compile(r"(?=.*[0-9])(?=.*[A-Z])[A-Z0-9]{8}")
CODE = re.compile(r"[A-Za-z0-9]{8}")
"""The shape of an invitation code (storage.invitations), and of a text that was meant as one."""
MOST_THREADS = 6
"""Tickets that are offered at once; more do not fit on a phone's screen."""
ABOUT_TICKETS = (REQUEST, "my_requests")
"""What is meant by words that go to a ticket, or begin one."""
FEW_THREADS = 5
"""Tickets beside which there is room for something else that may be meant."""
ASKERS = (
    aside.opened, about.asked_for, looks.asked_for, visits.asked_for, find.asked_for,
    asked_figures.asked_for, canteen.posted, leave_of_others.asked_for, leave.asked_for,
    notice_said.asked_for, staff_people.asked_for,
)  # fmt: skip
"""Who knows at once that words are for them, and then sees to them."""
A_SENTENCE = 6
"""From how many characters on a message that fits nothing is taken for something to tell."""


@action("new")
def new_request(talk: Talk, story: relay.Words) -> None:
    """The words belong to no ticket there is: a new one, begun with them."""
    talk.begin("request", answers={"what": story})


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
    said = talk.place_so_far() or (named.id if named else None)
    area_id = talk.person.home_id or said or (county.id if county else None)
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
    """An invitation code counts wherever it is typed, and so does "#12 ..."."""
    text = talk.said.text.strip()
    if CODE.fullmatch(text) is not None and use_code(talk, text):
        return True
    return talk.said.ticket is None and _to_the_number(talk, anywhere=True)


def _to_the_number(talk: Talk, *, anywhere: bool) -> bool:
    """Words that begin with a ticket's number go there, if the speaker has part in it.

    anywhere: in the middle of something else, where 12号 may be a place and only #12 is plain.
    """
    named = addressed(talk.said.text)
    ticket = tickets.get(talk.session, named.number) if named else None
    if named is None or ticket is None or (anywhere and not named.plainly):
        return False
    words = relay.said_as_story(talk)
    mine = relay.threads(talk)
    if said.heard(talk, words, mine) or said.of_ticket(talk, ticket, words):
        return True  # 2号办好了 is no word for the resident
    if relay.asked_it(ticket, talk.person.id):
        if ticket.status in tickets.OPEN and blame.may_blame(talk, words["text"], [ticket]):
            blame.ask(talk, words, ticket)
        else:
            relay.to_workers(talk, ticket, words, guessed=not named.plainly)
        return True
    return relay.to_ticket(talk, ticket.id, words)


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
        _free_words(talk)


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
    _free_words(talk)
    return True


def _blames(talk: Talk, number: int, text: str) -> bool:
    """Whether a reply to what shows a matter of the speaker's may be a complaint about a worker."""
    found = tickets.get(talk.session, number)
    mine = found is not None and relay.asked_it(found, talk.person.id)
    return mine and found is not None and blame.may_blame(talk, text, [found])


def _for_nobody_else(meant: Understood, text: str) -> bool:
    """Whether the words lead nowhere by themselves, so that they may belong to a matter."""
    return meant.acts in ("", REQUEST) or bool(asks_nothing(text) and not named_plainly(text))


def _free_words(talk: Talk) -> None:
    words = relay.said_as_story(talk)
    text = words["text"]
    filed = emergency.has_called(talk)
    if filed is not None:
        relay.to_workers(talk, filed, words)
        return
    if emergency.unclear(talk):
        talk.begin("danger_or_not", answers={"what": words})
        return
    if emergency.cries(talk, text) and not (is_staff(talk) and relay.threads(talk)):
        emergency.answer(talk, words)
        return
    if told_for_another(text):
        show_whom_to_call(talk, text)
        talk.begin("on_behalf", answers={"what": words}, told=True)
        return
    if words["media"]:
        if visits.asked_for(talk, text):
            return
    elif any(one(talk, text) for one in ASKERS):
        return
    if bare(text) in talk.word("commands.resume").split():  # and nothing was laid aside
        menu(talk)
        return
    if notices.heard(talk, words):
        return
    threads = relay.threads(talk)
    if said.heard(talk, words, threads):
        return
    # What begins a request shows the numbers there.
    danger = bool(threads) and show_whom_to_call(talk, text)
    if _to_the_number(talk, anywhere=False):
        return
    if not threads and said.without_a_matter(talk, words):
        return
    alone = not (words["media"] or words["location"])
    named = begun_by(talk, text) if alone else None
    if named is not None:
        lead_to(talk, named.key)
        return
    if _of_the_workers_or_what_they_do(talk, words, threads, danger):
        return
    if in_a_row.told_nothing(talk, words, threads):
        return
    if alone and who.means(talk, text):
        lead_to(talk, "who", words)
        return
    if alone and places.means(talk, text):
        lead_to(talk, "places", words)
        return
    meant = asked_for(talk, words)
    waiting = len(threads) == 1 and relay.waits_for_speaker(talk, threads[0])
    going_on = not danger and _for_nobody_else(meant, text) and relay.goes_on(talk, threads, text)
    # Never to who it may be about.
    if (waiting or going_on) and COMPLAINT not in (meant.acts, *meant.asks):
        only = threads[0]
        if relay.asked_it(only, talk.person.id):
            relay.to_workers(talk, only, words, guessed=True)
        else:
            relay.to_filer(talk, only.id, words)
    elif text.strip(" 。.!！~") in talk.word("heard.thanks").split() or (
        meant.acts == THANKS and (not threads or named_plainly(text))
    ):
        talk.say("desk/thanks")
    elif CODE_LIKE.fullmatch(text):
        talk.say("desk/code_unknown")
    elif not (text or words["media"] or words["location"]):
        talk.say("desk/nothing_to_read")
        menu(talk)
    elif meant.acts == MENU and (not threads or named_plainly(text)):
        if not named_plainly(text):  # a guess: what was said may have been something else
            talk.say("desk/not_understood", text=words["text"])
        menu(talk)
    elif meant.acts == ANSWER and not threads:
        talk.say("desk/nothing_asked")
        menu(talk)
    elif meant.acts not in ("", REQUEST, *QUIET):
        _begin_named(talk, meant.acts, words)
    elif threads and (filed := emergency.lately(talk)) is not None and not is_staff(talk):
        relay.to_workers(talk, filed, words, guessed=True)
    elif threads and (words["text"] or words["media"]):
        _ask_which(talk, in_a_row.with_what_waits(talk, words, threads))
    elif meant.acts == REQUEST and named_plainly(text):
        talk.begin("request")
    elif meant.asks:
        if not threads:
            show_whom_to_call(talk, text)
        what_is_meant(talk, words, meant)
    elif words["media"] or words["location"] or _worth_telling(words["text"]):
        talk.begin("request", answers={"what": words})
    else:
        talk.say("desk/not_understood", text=words["text"])
        menu(talk)


def _of_the_workers_or_what_they_do(
    talk: Talk, words: relay.Words, threads: list[Ticket], danger: bool
) -> bool:
    """Whether the words complained of a worker, or spoke of what the speaker has open, and were
    answered as that."""
    if blame.may_blame(talk, words["text"], threads):
        if not threads:
            show_whom_to_call(talk, words["text"])
        spoken_to = len(threads) == 1 and relay.waits_for_speaker(talk, threads[0])
        blame.ask(talk, words, threads[0] if spoken_to else None)
        return True
    return not danger and own_matters.heard(talk, words, threads)


@action("another")
def another(talk: Talk, story: relay.Words, but: int = 0) -> None:
    """It was not what was asked about: which matter it is, by buttons that say whom they reach.

    but: the ticket that it is not about.
    """
    threads = [one for one in relay.threads(talk) if one.id != but]
    meant = asked_for(talk, story)
    if threads:
        _ask_which(talk, story, but=but)
    elif meant.asks and not but:
        what_is_meant(talk, story, meant)
    else:
        talk.begin("request", answers={"what": story})


def _begin_named(talk: Talk, target: str, words: relay.Words) -> None:
    """Begin what was asked for by its name. An opening reads the words for more; they are no
    matter yet that could be filed."""
    lead_to(talk, target, words if target in HANDLERS.openings else None)


def _worth_telling(text: str) -> bool:
    told = sum(character.isalpha() for character in text)
    return bool(likely(text)) or told >= A_SENTENCE


def _ask_which(talk: Talk, words: relay.Words, page: int = 0, but: int = 0) -> None:
    """With open tickets a plain message is asked about, never guessed; whether it asks for
    something else is part of the question. but: one that it is not about."""
    threads = [one for one in relay.threads(talk) if one.id != but]
    found = relay.likeliest_first(threads, words["text"])
    plainly = blame.may_blame(talk, words["text"], threads)
    shown = found[page * MOST_THREADS : (page + 1) * MOST_THREADS]
    options = [
        Do(
            "to_ticket",
            {"ticket": one.id, "story": words},
            blame.to_them(talk, one) if plainly else _which_label(talk, one, found),
        )
        for one in shown
    ]
    options += said.with_a_photo(talk, words, shown) or said.as_a_note(talk, words, shown)
    if len(found) > (page + 1) * MOST_THREADS:
        more = {"story": words, "page": page + 1}
        options.append(Do("more_threads", more, talk.word("do.more")))
    room = len(shown) <= FEW_THREADS and not said.is_of_work(talk, words, threads)
    meant = asked_for(talk, words).asks[:1] if room else ()
    options += [way_to(talk, one, words) for one in meant if one not in ABOUT_TICKETS]
    options.append(Do("new", {"story": words}))
    talk.say(
        "desk/which", text=words["text"], options=options, many=len(found) > MOST_THREADS,
        example=found[0].id if found else "",
    )  # fmt: skip


@action("more_threads")
def more_threads(talk: Talk, story: relay.Words, page: int) -> None:
    """更多: the next tickets that the words could belong to."""
    _ask_which(talk, story, page)


def _which_label(talk: Talk, ticket: Ticket, among: list[Ticket]) -> str:
    """What tells a ticket from the others: its kind; its first words where that is the same."""
    own = relay.asked_it(ticket, talk.person.id)
    label = talk.word("do.to_own" if own else "do.to_other").format(
        number=ticket.id,
        kind=kind_label(ticket) or talk.word("desk.a_talk"),
        filer=name_of(talk.session, ticket.filer_id),
    )
    return relay.told_apart(talk, label, ticket, among)
