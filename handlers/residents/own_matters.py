"""What a resident says of a matter of theirs in words of their own: how it stands, that it is not
wanted any more, that it is not done after all."""

from __future__ import annotations

from datetime import timedelta

from handlers.relay import Words, asked_it, to_workers, verdicts, waits_for_speaker
from handlers.residents.my_requests import begin_withdrawal, show
from handlers.residents.services import HUMAN
from handlers.residents.verdict import may_be_closed, who_says
from handlers.talk import Do, Talk
from handlers.views import kind_label, one_of_many, view
from storage import tickets, work_words
from storage.meaning import own_matters
from storage.meaning.own_matters import HOW, NO_NEED, WHEN, WITHDRAW
from storage.services import kinds, likely
from storage.texts import joined
from storage.tickets import Status, Ticket

LATELY = timedelta(days=14)
"""How long after it ended words that something is still not done are taken to be about it."""
LOOKED_AT = 5
"""The newest matters that may have ended lately."""
SHOWN = 6
A_WORD_IN_COMMON = 4
"""What two texts have in common that share a word of two characters (垃圾)."""


def heard(talk: Talk, words: Words, threads: list[Ticket]) -> bool:
    """Whether the words spoke of the speaker's own matters, and were answered as that."""
    if any(not asked_it(one, talk.person.id) for one in threads):
        return False  # they have matters of others, too
    text = words["text"]
    if own_matters.undone(text) and (
        _asked_whether_done(talk, words, threads) or (not threads and _told_again(talk, words))
    ):
        return True
    if threads and own_matters.mended(text) and _mended(talk, words, threads):
        return True
    says = own_matters.says(text) or (NO_NEED if own_matters.mended(text) else "")
    if not (says and threads) or words["media"] or words["location"]:
        return False
    fitting = _fitting(threads, text)
    if not fitting:
        return False
    only = fitting[0] if len(fitting) == 1 else None
    answers = len(threads) == 1 and waits_for_speaker(talk, threads[0])
    if says == WHEN and (answers or len(threads) > 1):
        return False  # for who spoke last, or for one of several
    if says in (HOW, WHEN):
        return _show_how_it_stands(talk, words, fitting)
    if says == NO_NEED and answers and only and only.status != Status.RESOLVED:
        return False  # what the worker asked is answered
    if says in (WITHDRAW, NO_NEED):
        _not_wanted(talk, words, fitting)
        return True
    return False


def _mended(talk: Talk, words: Words, threads: list[Ticket]) -> bool:
    """Whether one matter that somebody works on was said to be all right by now: they hear it, and
    it may be closed with that word."""
    if words["media"] or words["location"]:
        return False
    worked_on = [one for one in _fitting(threads, words["text"]) if one.status == Status.CLAIMED]
    if len(worked_on) != 1 or not may_be_closed(talk, worked_on[0]):
        return False
    to_workers(talk, worked_on[0], words, guessed=True, mended=True)
    return True


def _fitting(found: list[Ticket], text: str) -> list[Ticket]:
    """Those that the words can be about: whose number or kind they name, if they name any."""
    numbers = own_matters.numbers(text)
    if numbers:
        return [one for one in found if one.id in numbers]
    likeliest = {kind.key for kind in likely(text)}
    if likeliest:
        of_kind = [one for one in found if one.kind in likeliest]
        return of_kind or [
            one for one in found if work_words.in_common(text, one.text) >= A_WORD_IN_COMMON
        ]
    return [one for one in found if _hinted(one, text)] or found


def _hinted(ticket: Ticket, text: str) -> bool:
    """Whether the words hold one that a matter of its kind is told with, if a weak one."""
    kind = kinds().get(ticket.kind or "")
    return kind is not None and any(word in text for word in (*kind.words, *kind.weak))


def _show_how_it_stands(talk: Talk, words: Words, fitting: list[Ticket]) -> bool:
    if len(fitting) > 1:
        talk.begin("my_requests", story=words)
        return True
    if fitting[0].service == HUMAN:
        return False  # somebody talks with them there: let that one say
    show(talk, fitting[0].id, story=words)
    return True


def _told_again(talk: Talk, words: Words) -> bool:
    """Whether words that name nothing of their own (还在滴) say that what was closed a short while
    ago is not done after all; then it can be filed again, with what it was."""
    text = words["text"]
    of_kinds = {kind.key for kind in likely(text)}
    if words["media"] or words["location"] or len(of_kinds) == 1:
        return False
    if not own_matters.undone_after_all(text):
        return False
    found = _ended_lately(talk, Status.CLOSED)
    if of_kinds:
        found = [one for one in found if one.kind in of_kinds]
    fitting = [one for one in found if _hinted(one, text)] or found
    if not fitting or fitting[0].kind is None or fitting[0].filer_id != talk.person.id:
        return False
    was = fitting[0]
    about = talk.word("own_matters.was").format(number=was.id, text=was.text)
    story = {**words, "text": joined([text, about])}
    talk.say(
        "resident/closed_yet", number=was.id, kind=kind_label(was), text=text,
        options=[
            Do("new", {"story": story}, talk.word("do.file_again")),
            Do("another", {"story": words}),
        ],
    )  # fmt: skip
    return True


def _asked_whether_done(talk: Talk, words: Words, threads: list[Ticket]) -> bool:
    """Ask of the one matter that was said to be done, or that lapsed lately, whether it is not."""
    waiting = [one for one in threads if one.status == Status.RESOLVED]
    found = waiting or ([] if threads else _ended_lately(talk, Status.LAPSED))
    fitting = _fitting(found, words["text"])
    if len(fitting) != 1 or talk.person.id not in who_says(talk, fitting[0]):
        return False
    if threads and fitting[0].id != threads[0].id and fitting == found:
        return False  # something else is spoken of just now, and the words name neither
    ask_whether_done(talk, fitting[0], words, undone=True)
    return True


def _ended_lately(talk: Talk, status: Status) -> list[Ticket]:
    """What ended so a short while ago: nothing is over for who speaks of it now."""
    newest = tickets.of_filer(talk.session, talk.person.id, open_only=False, limit=LOOKED_AT)
    since = talk.now - LATELY
    return [
        one
        for one in newest
        if one.status == status and one.closed_at is not None and one.closed_at > since
    ]


def ask_whether_done(talk: Talk, ticket: Ticket, words: Words, *, undone: bool) -> None:
    """One question about what was said to be done, with the words kept for who goes on with it."""
    solved, unsolved = verdicts(ticket)
    options = [solved, unsolved]
    if undone:
        told = {**unsolved.args, "story": words}
        options = [
            Do("unsolved", told, talk.word("do.undone")),
            Do("solved", solved.args, talk.word("do.done")),
        ]
    options.append(Do("another", {"story": words, "but": ticket.id}))
    talk.say(
        "resident/done_yet", ticket=ticket.id, number=ticket.id, kind=kind_label(ticket),
        text=words["text"], undone=undone, options=options,
    )  # fmt: skip


def _not_wanted(talk: Talk, words: Words, fitting: list[Ticket]) -> None:
    """Nothing is taken back without a word: which one, then whether they are sure."""
    if len(fitting) > 1:
        options = [
            Do(
                "withdraw",
                {"ticket": one.id},
                one_of_many(talk, view(talk.session, one, door=False)),
            )
            for one in fitting[:SHOWN]
        ]
        options.append(Do("another", {"story": words}))
        talk.say("resident/withdraw_which", text=words["text"], options=options)
    elif fitting[0].status == Status.RESOLVED:
        ask_whether_done(talk, fitting[0], words, undone=False)
    else:
        begin_withdrawal(talk, fitting[0].id, words)
