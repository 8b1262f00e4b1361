"""What was said outside any conversation: whom it is for, the plainest first."""

from __future__ import annotations

import re

from handlers import looks, relay
from handlers.admins import for_residents, notice_said
from handlers.admins import people as staff_people
from handlers.matching import addressed
from handlers.mediation import spoken
from handlers.permits import is_staff
from handlers.registry import HANDLERS
from handlers.relay import Words
from handlers.residents import (
    about,
    blame,
    canteen,
    emergency,
    entry_said,
    in_a_row,
    notice_questions,
    notices,
    own_matters,
    places,
    who,
)
from handlers.residents.danger import show_whom_to_call
from handlers.residents.meant import ANSWER, MENU, THANKS, asked_for, what_is_meant
from handlers.residents.menu import menu
from handlers.residents.services import COMPLAINT, REQUEST, begun_by
from handlers.residents.targets import lead_to
from handlers.staff import (
    aside,
    asked_figures,
    duty_list,
    errand,
    find,
    hurry,
    leave,
    leave_of_others,
    looked_after,
    promises,
    remark,
    said,
    visit_told,
    visits,
)
from handlers.talk import Talk
from handlers.which import ask_which
from storage import tickets
from storage.kin import told_for_another, written_for
from storage.meaning.everyday import asks_nothing
from storage.names import bare
from storage.services import likely
from storage.tickets import Ticket
from storage.understanding import QUIET, Understood, several
from storage.understanding import named as named_plainly

CODE_LIKE = re.compile(r"(?=.*[0-9])(?=.*[A-Z])[A-Z0-9]{8}")
"""A text that was meant as an invitation code."""
ASKERS = (
    aside.opened, entry_said.asked_for, about.asked_for, looks.asked_for, visit_told.asked_for,
    visits.asked_for, hurry.asked_for, find.asked_for, asked_figures.asked_for, canteen.posted,
    leave_of_others.asked_for, leave.asked_for, for_residents.asked_for, notice_said.asked_for,
    staff_people.asked_for, looked_after.asked_for, duty_list.asked_for, spoken.answered,
)  # fmt: skip
"""Who knows at once that words are for them, and then sees to them."""
A_MATTER = 3
"""Characters from which on what is said besides for whom it is tells of something."""
A_SENTENCE = 6
"""From how many characters on a message that fits nothing is taken for something to tell."""


def free_words(talk: Talk) -> None:
    """Hear what was said just now, wherever it leads."""
    words = relay.said_as_story(talk)
    if _of_need(talk, words) or notice_questions.heard(talk, words):
        return
    if _asks_us(talk, words) or notices.heard(talk, words):
        return
    threads = relay.threads(talk)
    if errand.heard(talk, words, threads) or said.heard(talk, words, threads):
        return
    if promises.heard(talk, words, threads):
        return
    # What begins a request shows the numbers there.
    danger = bool(threads) and show_whom_to_call(talk, words["text"])
    if to_the_number(talk, anywhere=False) or _plainly(talk, words, threads, danger):
        return
    meant = asked_for(talk, words)
    if _goes_on(talk, words, threads, meant, danger) or _is_enough(talk, words, threads, meant):
        return
    _leads_on(talk, words, threads, meant)


def _of_need(talk: Talk, words: Words) -> bool:
    """Whether somebody is in danger, or needs help for another; then it was begun."""
    text = words["text"]
    filed = emergency.has_called(talk)
    if filed is not None:
        relay.to_workers(talk, filed, words)
    elif emergency.unclear(talk):
        talk.begin("danger_or_not", answers={"what": words})
    elif emergency.cries(talk, text) and not (is_staff(talk) and relay.threads(talk)):
        emergency.answer(talk, words)
    elif told_for_another(text):
        show_whom_to_call(talk, text)
        talk.begin("on_behalf", answers={"what": words}, told=True)
    else:
        return _writes_for_another(talk, words)
    return True


def _writes_for_another(talk: Talk, words: Words) -> bool:
    """Whether they only hold the phone for somebody (我奶奶叫我写的), and it was begun: what it is,
    if that is not told yet, and whose home it is about."""
    found = written_for(words["text"])
    if found is None or any(relay.waits_for_speaker(talk, one) for one in relay.threads(talk)):
        return False
    whom = {"who": found.who, "of_family": found.of_family}
    if len(found.rest) < A_MATTER and not (words["media"] or words["location"]):
        talk.begin("request", writes_for=whom)
    else:
        show_whom_to_call(talk, words["text"])
        talk.begin("request", answers={"what": words}, writes_for=whom)
    return True


def _asks_us(talk: Talk, words: Words) -> bool:
    """Whether it was for one of `ASKERS`, or 继续 with nothing laid aside."""
    text = words["text"]
    if words["media"]:
        if visits.asked_for(talk, text):
            return True
    elif any(one(talk, text) for one in ASKERS):
        return True
    if bare(text) in talk.words("commands.resume"):
        menu(talk)
        return True
    return False


def to_the_number(talk: Talk, *, anywhere: bool) -> bool:
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
        if own_matters.heard(talk, words, [ticket] if ticket.status in tickets.OPEN else []):
            pass
        elif ticket.status in tickets.OPEN and blame.may_blame(talk, words["text"], [ticket]):
            blame.ask(talk, words, ticket)
        else:
            relay.to_workers(talk, ticket, words, guessed=not named.plainly)
        return True
    return relay.to_ticket(talk, ticket.id, words)


def _plainly(talk: Talk, words: Words, threads: list[Ticket], danger: bool) -> bool:
    """Whether the words say plainly what they are about, and it was answered or begun."""
    text = words["text"]
    if not threads and said.without_a_matter(talk, words):
        return True
    alone = not (words["media"] or words["location"])
    named = begun_by(talk, text) if alone else None
    if named is not None:
        lead_to(talk, named.key)
        return True
    if _of_the_workers_or_what_they_do(talk, words, threads, danger):
        return True
    if in_a_row.told_nothing(talk, words, threads):
        return True
    if alone and who.shown_by_name(talk, text):
        return True
    for target, means in (("who", who.means), ("places", places.means)):
        if alone and len(several(text)) < 2 and means(talk, text):  # two things are asked about
            lead_to(talk, target, words)
            return True
    return False


def _of_the_workers_or_what_they_do(
    talk: Talk, words: Words, threads: list[Ticket], danger: bool
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


def _goes_on(
    talk: Talk, words: Words, threads: list[Ticket], meant: Understood, danger: bool
) -> bool:
    """Whether it goes on with a matter that is open, and went there; never to who it may be
    about."""
    text = words["text"]
    waiting = len(threads) == 1 and relay.waits_for_speaker(talk, threads[0])
    going_on = not danger and _for_nobody_else(meant, text) and relay.goes_on(talk, threads, text)
    if not (waiting or going_on) or COMPLAINT in (meant.acts, *meant.asks):
        return False
    only = threads[0]
    if relay.asked_it(only, talk.person.id):
        relay.to_workers(talk, only, words, guessed=True)
    else:
        relay.to_filer(talk, only.id, words)
    return True


def _for_nobody_else(meant: Understood, text: str) -> bool:
    """Whether the words lead nowhere by themselves, so that they may belong to a matter."""
    return meant.acts in ("", REQUEST) or bool(asks_nothing(text) and not named_plainly(text))


def _is_enough(talk: Talk, words: Words, threads: list[Ticket], meant: Understood) -> bool:
    """Whether it begins nothing (thanks, a wrong code, 菜单, 好 where nothing was asked), and was
    answered."""
    text = words["text"]
    plain = named_plainly(text)
    thanks = text.strip(" 。.!！~") in talk.words("heard.thanks")
    if thanks or (meant.acts == THANKS and (not threads or plain)):
        talk.say("desk/thanks")
    elif CODE_LIKE.fullmatch(text):
        talk.say("desk/code_unknown")
    elif not (text or words["media"] or words["location"]):
        talk.say("desk/nothing_to_read")
        menu(talk)
    elif meant.acts == MENU and (not threads or plain):
        if not plain:  # a guess: what was said may have been something else
            talk.say("desk/not_understood", text=text)
        menu(talk)
    elif meant.acts == ANSWER and not threads:
        talk.say("desk/nothing_asked")
        menu(talk)
    else:
        return False
    return True


def _leads_on(talk: Talk, words: Words, threads: list[Ticket], meant: Understood) -> None:
    """Begin what is meant, or ask."""
    text = words["text"]
    if meant.acts not in ("", REQUEST, *QUIET):
        _begin_named(talk, meant.acts, words)
    elif threads and (filed := emergency.lately(talk)) is not None and not is_staff(talk):
        relay.to_workers(talk, filed, words, guessed=True)
    elif threads and (text or words["media"]):
        ask_which(talk, in_a_row.with_what_waits(talk, words, threads))
    elif not named_plainly(text) and spoken.offered(talk, words):
        pass
    elif meant.acts == REQUEST and named_plainly(text):
        talk.begin("request")
    elif meant.asks:
        if not threads:
            show_whom_to_call(talk, text)
        what_is_meant(talk, words, meant)
    elif words["media"] or words["location"] or _worth_telling(text):
        if not remark.asked(talk, words):
            talk.begin("request", answers={"what": words})
    elif bare(text) in talk.words("heard.things"):
        talk.begin("request", thing=bare(text))
    else:
        talk.say("desk/not_understood", text=text)
        menu(talk)


def _begin_named(talk: Talk, target: str, words: Words) -> None:
    """Begin what was asked for by its name. An opening reads the words for more; they are no
    matter yet that could be filed."""
    lead_to(talk, target, words if target in HANDLERS.openings else None)


def _worth_telling(text: str) -> bool:
    told = sum(character.isalpha() for character in text)
    return bool(likely(text)) or told >= A_SENTENCE
