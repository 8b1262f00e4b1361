"""Which open matter words belong to, asked and never guessed, with what else they may be."""

from __future__ import annotations

from handlers import relay
from handlers.mediation import spoken
from handlers.registry import action
from handlers.residents import blame
from handlers.residents.meant import asked_for, what_is_meant
from handlers.residents.services import REQUEST
from handlers.residents.targets import way_to
from handlers.staff import said
from handlers.talk import Do, Talk
from handlers.views import kind_label, name_of
from storage.tickets import Ticket

MOST_THREADS = 6
"""Tickets that are offered at once; more do not fit on a phone's screen."""
ABOUT_TICKETS = (REQUEST, "my_requests")
"""What is meant by words that go to a ticket, or begin one."""
FEW_THREADS = 5
"""Tickets beside which there is room for something else that may be meant."""


@action("new")
def new_request(talk: Talk, story: relay.Words) -> None:
    """The words belong to no ticket there is: a new one, begun with them."""
    talk.begin("request", answers={"what": story})


@action("another")
def another(talk: Talk, story: relay.Words, but: int = 0) -> None:
    """It was not what was asked about: which matter it is, by buttons that say whom they reach.

    but: the ticket that it is not about.
    """
    threads = [one for one in relay.threads(talk) if one.id != but]
    meant = asked_for(talk, story)
    if threads:
        ask_which(talk, story, but=but)
    elif meant.asks and not but:
        what_is_meant(talk, story, meant)
    else:
        talk.begin("request", answers={"what": story})


def ask_which(talk: Talk, words: relay.Words, page: int = 0, but: int = 0) -> None:
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
    options += [] if page or but else spoken.ways(talk, words)
    options.append(Do("new", {"story": words}))
    talk.say(
        "desk/which", text=words["text"], options=options, many=len(found) > MOST_THREADS,
        example=found[0].id if found else "",
    )  # fmt: skip


@action("more_threads")
def more_threads(talk: Talk, story: relay.Words, page: int) -> None:
    """更多: the next tickets that the words could belong to."""
    ask_which(talk, story, page)


def _which_label(talk: Talk, ticket: Ticket, among: list[Ticket]) -> str:
    """What tells a ticket from the others: its kind; its first words where that is the same."""
    own = relay.asked_it(ticket, talk.person.id)
    label = talk.word("do.to_own" if own else "do.to_other").format(
        number=ticket.id,
        kind=kind_label(ticket) or talk.word("desk.a_talk"),
        filer=name_of(talk.session, ticket.filer_id),
    )
    return relay.told_apart(talk, label, ticket, among)
