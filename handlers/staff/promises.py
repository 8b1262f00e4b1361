"""我晚点来看, right after 接单: it can be for nobody but the resident, and goes to them."""

from __future__ import annotations

from datetime import timedelta

from handlers import relay
from handlers.relay import Words
from handlers.staff.said import own_matters
from handlers.talk import Talk
from storage import tickets, work_words
from storage.tickets import Status, Ticket

LATELY = timedelta(minutes=30)
"""For how long what is promised is of the matter just taken on, or just spoken of."""


def heard(talk: Talk, words: Words, threads: list[Ticket]) -> bool:
    """Whether a worker with one matter alone, just taken on, says when they come or asks whether
    somebody is at home; then the resident was told. With several it is asked which."""
    mine = own_matters(talk, threads)
    if len(threads) != 1 or len(mine) != 1 or mine[0].status != Status.CLAIMED:
        return False
    if words["media"] or words["location"] or not work_words.for_the_resident(words["text"]):
        return False
    last = tickets.last_event(talk.session, mine[0].id, ("claimed", "replied", "stepped_in"))
    if last is None or last.actor_id != talk.person.id or talk.now - last.at > LATELY:
        return False
    relay.to_filer(talk, mine[0].id, words)
    return True
