"""Several messages in a row: a voice, a photo and a word, before anybody pressed which matter they
are about. And the little that tells nothing: marks, the word of a button that is gone."""

from __future__ import annotations

from datetime import timedelta

from handlers.matching import number_in
from handlers.questions import agreement
from handlers.relay import Words, asked_it, waits_for_speaker
from handlers.residents.careful import added
from handlers.residents.menu import menu
from handlers.residents.my_requests import show
from handlers.talk import Talk
from storage import conversations, outbox, versions
from storage.names import bare
from storage.outbox import OutboundMessage
from storage.services import likely
from storage.tickets import Status, Ticket

A_MOMENT = timedelta(minutes=10)
"""How long what was said waits for what is said next, to go along with it."""
KEEPS = {"to_ticket", "new"}
"""The choices of the question which matter is meant."""


def with_what_waits(talk: Talk, words: Words, threads: list[Ticket]) -> Words:
    """`words` behind those of the last question which matter is meant, where that stands
    unanswered: one press is for all of them, and nothing is left behind. Where there are several
    matters, two sentences may be about two of them: only a photo or a voice goes along there."""
    waiting = _waiting(talk)
    if waiting is None:
        return words
    if set(waiting["from"]) & set(words.get("from", {})):
        return words  # the same message: another page of the same question
    if len(threads) > 1 and waiting["text"] and words["text"]:
        return words
    kinds = [{kind.key for kind in likely(one["text"])} for one in (waiting, words)]
    if all(kinds) and not kinds[0] & kinds[1]:
        return words  # something else is told
    return added(waiting, words)


def _waiting(talk: Talk) -> Words | None:
    """The words that the last question keeps, a short while ago, and that no matter has."""
    ref = conversations.of(talk.session, talk.account.id, talk.now).asked_ref
    row = talk.session.get(OutboundMessage, ref) if ref is not None else None
    if ref is None or row is None or talk.now - row.created_at > A_MOMENT:
        return None
    choices = (outbox.as_it_stands(talk.session, ref) or {}).get("choices", [])
    if not {choice["do"] for choice in choices} >= KEEPS:
        return None
    story: Words = next(one["args"]["story"] for one in choices if one["do"] in KEEPS)
    address = (talk.account.channel, talk.account.chat)
    messages = story.get("from", {})
    used = any(versions.said_in(talk.session, *address, one) for one in messages)
    return story if messages and not used else None


def told_nothing(talk: Talk, words: Words, threads: list[Ticket]) -> bool:
    """Whether it was a mark, a bare number or the word of a button, where no worker waits for a
    word; then it is answered, and goes to nobody."""
    text = words["text"]
    mine = threads and all(asked_it(one, talk.person.id) for one in threads)
    if not mine or not text or words["media"] or words["location"]:
        return False
    if any(one.status == Status.RESOLVED or waits_for_speaker(talk, one) for one in threads):
        return False
    marks = not bare(text)
    button = bare(text) in talk.words("heard.buttons")
    answers = number_in(text) is not None or agreement(text, talk) is not None
    if marks and len(threads) == 1 and any(one in text for one in "?？"):
        show(talk, threads[0].id)
    elif marks or button or answers:
        talk.say("desk/nothing_asked")
        menu(talk)
    else:
        return False
    return True
