"""A resident asks about a notice (停水到几点, 这个通知假的吧): it is said again as it stands, who
sent it and when, and what it leaves open can be asked of the grid worker.

the words ──the newest notice that they are about──▶ said again ─▶ 帮我问 ▶ a ticket of 转人工
                                                            └▶ 是另外的事 ▶ as if there were none
"""

from __future__ import annotations

from datetime import timedelta

from handlers import relay
from handlers.permits import is_staff
from handlers.registry import HANDLERS, action
from handlers.residents.meant import asked_for
from handlers.residents.services import REQUEST
from handlers.talk import Do, Talk
from storage import areas, posts, tickets
from storage.meaning import dangers_in
from storage.meaning.notice_questions import ABOUT, DOUBT, asks_of, is_about, topics_of
from storage.notices import ledger, replies
from storage.notices.tables import Notice, Receipt
from storage.people import Person
from storage.posts import Role
from storage.texts import joined
from storage.tickets import Ticket
from storage.understanding import QUIET
from storage.understanding import named as named_plainly

ASKED_WITHIN = timedelta(days=7)
"""How long after a notice what is asked may be about it."""
WEAK_WITHIN = timedelta(days=1)
"""The same of words that do not say what they are about."""
LOOKED_AT = 4
"""The newest notices of a home, of which one may be meant."""


def heard(talk: Talk, words: relay.Words) -> bool:
    """Whether words said outside any talk ask about a notice, and it was said again. What tells of
    danger or names something to do does not; nor does what a ticket's worker was asked."""
    text = words["text"]
    asks, named = asks_of(text)
    if not asks or words["media"] or words["location"] or is_staff(talk):
        return False
    if dangers_in(text) or (not named and _leads_elsewhere(talk, words, asks)):
        return False
    found = _meant(talk, text, asks, named)
    if found is not None:
        say_again(talk, found, words, doubt=asks == DOUBT)
    elif asks == DOUBT and named:
        talk.say("notice/asked_none", options=[Do("ask_of_notice", {"notice": 0, "story": words})])
    return found is not None or (asks == DOUBT and named)


def _leads_elsewhere(talk: Talk, words: relay.Words, asks: str) -> bool:
    """Whether the words ask for something there is, and only share some with a notice: 食堂吃啥子
    after a notice that told of the canteen."""
    if named_plainly(words["text"]):
        return True
    if asks != ABOUT or topics_of(words["text"]):
        return False
    meant = asked_for(talk, words)
    return {meant.acts, meant.guess} - {"", REQUEST, "my_requests", *QUIET} != set()


def _meant(talk: Talk, text: str, asks: str, named: bool) -> Receipt | None:
    """The receipt of the notice that is asked about."""
    threads = relay.threads(talk)
    if asks == ABOUT and any(is_about(text, one.text) for one in threads):
        return None  # it may be meant for what they told themselves
    weak = asks != ABOUT and not named
    within = WEAK_WITHIN if weak else ASKED_WITHIN
    for receipt, told in replies.had(talk.session, talk.person, talk.now - within, LOOKED_AT):
        if weak and any(_spoken_since(talk, one, receipt) for one in threads):
            return None
        if asks != ABOUT or is_about(text, told):
            return receipt
    return None


def _spoken_since(talk: Talk, ticket: Ticket, receipt: Receipt) -> bool:
    """Whether something was said of a matter of the speaker's since the notice came."""
    last = tickets.last_event(talk.session, ticket.id, relay.SAID_BY_THEM)
    came = receipt.settled_at
    return last is not None and came is not None and last.at > came


def asks(talk: Talk, receipt: Receipt, words: relay.Words) -> bool:
    """Whether words with which a notice is quoted ask something of it."""
    asked, _ = asks_of(words["text"])
    text = talk.session.get_one(Notice, receipt.notice_id).text
    about = asked != ABOUT or is_about(words["text"], text)
    return bool(asked) and about and not words["media"]


def say_again(talk: Talk, receipt: Receipt, words: relay.Words, *, doubt: bool = False) -> None:
    """The notice as it stands now, who sent it and when, and the ways on."""
    notice = talk.session.get_one(Notice, receipt.notice_id)
    there = {"notice": notice.id, "story": words}
    options = [Do("ask_of_notice", there)]
    if notice.wants_ack and receipt.acknowledged_at is None:
        options.append(Do("acknowledge", {"notice": notice.id}))
    options.append(Do("another", {"story": words}))
    worker = _worker(talk)
    talk.say(
        "notice/asked_of", text=notice.text, corrected=notice.text_version > 1, doubt=doubt,
        from_whom=areas.title(talk.session, areas.get(talk.session, notice.area_id)),
        at=receipt.settled_at, worker=worker.name if worker else "", media=notice.files,
        options=options,
    )  # fmt: skip


def _worker(talk: Talk) -> Person | None:
    """The grid worker of the speaker's home."""
    home = talk.person.home_id
    post = posts.serving(talk.session, Role.GRID_WORKER, home, talk.now) if home else None
    return talk.session.get_one(Person, post.person_id) if post else None


@action("ask_of_notice")
def ask_of_notice(talk: Talk, notice: int, story: relay.Words) -> None:
    """What a notice leaves open goes to a person, with the notice it is about."""
    if notice and ledger.receipt_of(talk.session, notice, talk.person) is None:
        talk.say("notice/not_for_you")
        return
    text = talk.session.get_one(Notice, notice).text if notice else ""
    about = talk.word("notice_question.about").format(number=notice, text=text) if notice else ""
    HANDLERS.commands["human"](talk, {**story, "text": joined([story["text"], about])})
