"""查单: a worker finds a ticket again by its number, a name, a place or words."""

from __future__ import annotations

import re
import unicodedata

from handlers import course
from handlers.matching import names_a_building
from handlers.permits import is_staff
from handlers.questions import Text
from handlers.registry import action, calls, conversation
from handlers.relay import asked_it, threads
from handlers.staff.tasks import PAGE, show_card
from handlers.talk import Do, Talk
from handlers.views import line_of, name_of, one_of_many
from storage import audit, finding, permissions, rules, tickets
from storage.names import bare
from storage.tickets import Ticket

MOST_WORDS = 60
"""Characters of a search; more than that is something to tell, not to look for."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether a worker's plain message looks for a ticket (12号, 找 12, 查 王桂英); then it is
    answered. 找 with anything but a number is not meant for tickets. A resident's 查 means their
    own matters."""
    if text in talk.words("open.find") and not is_staff(talk):
        talk.begin("my_requests")
        return True
    if _how_it_stands(talk, text):
        return True
    words = _wanted(talk, text)
    if words is None or not is_staff(talk):
        return False
    _answer(talk, words, 0)
    return True


def _how_it_stands(talk: Talk, text: str) -> bool:
    """Whether a worker asks who has a ticket or how far it is (1号谁在办), of one that is not their
    own wish; then the card, which says so, is shown."""
    plain = bare(text)
    asked = next((one for one in talk.words("find.states") if plain.endswith(one)), None)
    number = _number(talk, plain.removesuffix(asked)) if asked else None
    ticket = tickets.get(talk.session, number) if number is not None else None
    if ticket is None or not is_staff(talk) or asked_it(ticket, talk.person.id):
        return False
    if not permissions.allows(talk.session, "card", talk.person.id, ticket, talk.now):
        return False
    show_card(talk, ticket.id)
    return True


@calls
def by_number(talk: Talk) -> bool:
    """12号 from a worker is the ticket, where they may see it, before it is any choice."""
    text = unicodedata.normalize("NFKC", talk.said.text).strip()
    number = _number(talk, text)
    if number is None or not text.endswith(talk.word("find.number_mark")):
        return False
    ticket = tickets.get(talk.session, number)
    if ticket is None or not is_staff(talk):
        return False
    if not permissions.allows(talk.session, "card", talk.person.id, ticket, talk.now):
        return False
    show_card(talk, number)
    return True


def _wanted(talk: Talk, text: str) -> str | None:
    plain = unicodedata.normalize("NFKC", text).strip()
    if len(plain) > MOST_WORDS or "\n" in plain:
        return None
    mark = talk.word("find.number_mark")
    if plain.endswith(mark) and plain.removesuffix(mark).strip().isdecimal():
        return plain
    for verb in talk.words("find.verbs"):
        rest = plain.removeprefix(verb)
        if rest == plain:
            continue
        apart = rest[:1].isspace() or len(verb) > 1
        rest = rest.strip(" :,.")
        known = apart or _number(talk, rest) is not None or names_a_building(rest)
        if rest and (known or _is_of_somebody(talk, rest)):
            return rest
    for verb in talk.words("find.number_verbs"):
        rest = plain.removeprefix(verb).strip()
        if rest != plain and _number(talk, rest) is not None:
            return rest
    return None


def _is_of_somebody(talk: Talk, rest: str) -> bool:
    """Whether it is the name of a resident whose matter the speaker has: 查王桂英, not 查监控."""
    return any(name_of(talk.session, one.filer_id) == rest for one in threads(talk))


def _number(talk: Talk, words: str) -> int | None:
    match = re.fullmatch(r"#?(\d{1,9})\s*" + talk.word("find.number_mark") + "?", words)
    return int(match[1]) if match else None


@conversation("find")
def look_for(talk: Talk) -> None:
    """查 alone: asks what for."""
    words = talk.ask("words", Text("staff/find", most=MOST_WORDS))
    _answer(talk, words, 0)


@action("find")
def more_found(talk: Talk, words: str, page: int) -> None:
    """更多: the next page of the same search, made anew."""
    _answer(talk, words, page)


def _answer(talk: Talk, words: str, page: int) -> None:
    number = _number(talk, words)
    if number is not None:
        show_card(talk, number)  # says that it is not theirs where it is not
        return
    found = finding.search(talk.session, talk.person.id, words, talk.now)
    if len(found.numbers) == 1:
        show_card(talk, found.numbers[0])
        return
    shown = [_seen(talk, one) for one in found.numbers[page * PAGE : (page + 1) * PAGE]]
    lines = [line_of(talk, ticket, course.due_at(talk, ticket)) for ticket in shown]
    choices = [Do("card", {"ticket": line.t.number}, one_of_many(talk, line.t)) for line in lines]
    if len(found.numbers) > (page + 1) * PAGE:
        choices.append(Do("find", {"words": words, "page": page + 1}, talk.word("tasks.next")))
    talk.say(
        "staff/found",
        words=words,
        lines=lines,
        count=len(found.numbers),
        more=found.more,
        options=choices,
    )


def _seen(talk: Talk, number: int) -> Ticket:
    """A ticket of the result; that one kept from others was found is written down."""
    ticket = tickets.get(talk.session, number)
    assert ticket is not None
    if ticket.privacy != rules.OPEN:
        audit.note(talk.session, talk.now, talk.person.id, "find", f"ticket:{number}")
    return ticket
