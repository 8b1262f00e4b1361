"""Words that may be a complaint about a worker: asked about, before they reach that very worker."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.registry import HANDLERS
from handlers.relay import Words, asked_it, waits_for_speaker
from handlers.residents.services import COMPLAINT
from handlers.residents.targets import way_to
from handlers.talk import Do, Talk
from handlers.views import name_of
from storage import joining, posts, staff_names, tickets
from storage.meaning import blame
from storage.posts import Role
from storage.tickets import Ticket

AROUND = (
    Role.GRID_WORKER,
    Role.LIAISON,
    Role.BUILDING_STEWARD,
    Role.PROPERTY_MANAGER,
    Role.COMPOUND_SECRETARY,
    Role.SOCIAL_WORKER,
    Role.COMMUNITY_COMMITTEE,
    Role.COMMUNITY_OFFICER,
)
"""Whom a resident meets: the first who may be meant."""


def may_blame(talk: Talk, text: str, threads: list[Ticket]) -> bool:
    """Whether these words may be a complaint about somebody who serves here. Nobody's name is
    looked up unless there is a word of complaint."""
    if COMPLAINT not in HANDLERS.conversations or not blame.blames(text):
        return False
    if any(not asked_it(one, talk.person.id) for one in threads):
        return False  # a worker among workers
    spoken_to = len(threads) == 1 and waits_for_speaker(talk, threads[0])
    called = list(_called(talk, text, threads))
    return blame.blamed(text, called, to_them=spoken_to, at_work=bool(threads))


def about_whom(talk: Talk, text: str) -> int | None:
    """The one worker whom the words name in full; None for nobody, and for several."""
    named = staff_names.meant(talk.session, text, talk.now)
    others = [one.id for one in named if one.id != talk.person.id]
    return others[0] if len(others) == 1 else None


def tells_nothing(talk: Talk, text: str) -> bool:
    """Whether the words only say whom a complaint is about, and not yet what happened."""
    named = [one.name for one in staff_names.meant(talk.session, text, talk.now)]
    return blame.only_names(text, named)


def tells_a_little(talk: Talk, text: str) -> bool:
    """Whether they say something of it besides: 骂我 of 李建国骂我, which is kept."""
    named = [one.name for one in staff_names.meant(talk.session, text, talk.now)]
    return bool(blame.besides_names(text, named))


def _called(talk: Talk, text: str, threads: list[Ticket]) -> Iterator[str]:
    """What workers are called: everybody's name that stands in the words, and what those who serve
    the doorstep or have a matter of the speaker's are called by their surname."""
    for one in staff_names.meant(talk.session, text, talk.now):
        yield one.name
    for person_id in sorted(_near(talk, threads)):
        name = name_of(talk.session, person_id)
        yield name
        yield from blame.by_surname(name)


def _near(talk: Talk, threads: list[Ticket]) -> set[int]:
    found = {one for ticket in threads for one in tickets.worked_on(talk.session, ticket.id)}
    found |= {joining.carrier(talk.session, ticket).owner_id or 0 for ticket in threads}
    if talk.person.home_id is not None:
        serving = posts.serving_all(talk.session, AROUND, talk.person.home_id, talk.now)
        found |= {one.person_id for one in serving}
    return found - {0, talk.person.id}


def ask(talk: Talk, words: Words, to: Ticket | None = None) -> None:
    """Is it a complaint? 补充 is not among the answers. to: the ticket they were said to, so that
    they may go there all the same, by a button that says to whom."""
    options = [way_to(talk, COMPLAINT, words)]
    if to is not None:
        there = {"ticket": to.id, "story": words}
        options.append(Do("to_ticket", there, to_them(talk, to)))
    options.append(Do("another", {"story": words}))
    talk.say("complaint/meant", text=words["text"], options=options)


def to_them(talk: Talk, ticket: Ticket) -> str:
    """The label of the button that sends words to who has a ticket, saying to whom."""
    owner = joining.carrier(talk.session, ticket).owner_id
    key = "do.to_named" if owner else "do.to_whoever"
    return talk.word(key).format(owner=name_of(talk.session, owner), number=ticket.id)
