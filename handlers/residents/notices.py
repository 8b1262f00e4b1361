"""What a resident does with a notice: 我看过了 (已阅), pressed or typed, and an answer to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from handlers import relay
from handlers.questions import Confirm, Story
from handlers.registry import HANDLERS, action, conversation
from handlers.residents import notice_questions
from handlers.residents.danger import show_whom_to_call
from handlers.talk import Do, Talk
from storage import areas, preferences, tickets
from storage.meaning import dangers_in
from storage.names import bare
from storage.notices import course, ledger, replies
from storage.notices.tables import Notice, Receipt
from storage.understanding import named as named_plainly

READ_WITHIN = timedelta(days=7)
"""How long after a notice 看过了 is meant for it."""
WEAK_WITHIN = timedelta(days=1)
"""How long 收到 and 好的 are, which may be meant for anything."""
ASKED_WITHIN = timedelta(days=3)
"""How long what is said out of the blue may be an answer to a notice that asks for one."""


@action("acknowledge")
def acknowledge(talk: Talk, notice: int) -> None:
    """Somebody of the household has seen it; once for each household."""
    receipt = ledger.receipt_of(talk.session, notice, talk.person)
    if receipt is None:
        talk.say("notice/not_for_you")
    elif ledger.acknowledge(talk.session, receipt, talk.now):
        talk.say("notice/acknowledged")
    else:
        talk.say("notice/acknowledged_already")


def heard(talk: Talk, words: relay.Words) -> bool:
    """Whether words said outside any talk are for a notice: 看过了, or an answer that one asks
    for. What may be meant for a ticket, or tells of danger, is not."""
    return _says_read(talk, words) or _may_answer(talk, words)


def _says_read(talk: Talk, words: relay.Words) -> bool:
    said = bare(words["text"])
    plain = said in talk.words("notice_heard.read")
    if words["media"] or not (plain or said in talk.words("notice_heard.perhaps_read")):
        return False
    receipt = replies.waits_for_word(talk.session, talk.person, talk.now - READ_WITHIN)
    if receipt is None or not (plain or _lately(talk, receipt)):
        return False
    acknowledge(talk, notice=receipt.notice_id)
    return True


def _lately(talk: Talk, receipt: Receipt) -> bool:
    """Whether it came a short while ago and no ticket has asked anything since."""
    came = receipt.settled_at
    return came is not None and talk.now - came < WEAK_WITHIN and not _asked_since(talk, came)


def _asked_since(talk: Talk, moment: datetime) -> bool:
    """Whether the other side of one of the speaker's tickets spoke after that."""
    for ticket in relay.threads(talk):
        last = tickets.last_event(talk.session, ticket.id, relay.SAID)
        if last is not None and last.actor_id != talk.person.id and last.at > moment:
            return True
    return False


def _may_answer(talk: Talk, words: relay.Words) -> bool:
    receipt = replies.waits_for_reply(talk.session, talk.person, talk.now - ASKED_WITHIN)
    if receipt is None or receipt.settled_at is None or not (words["text"] or words["media"]):
        return False
    if dangers_in(words["text"]) or named_plainly(words["text"]):
        return False
    if _asked_since(talk, receipt.settled_at) or _declined(talk, receipt.notice_id):
        return False
    talk.begin("notice_reply", answers={"what": words}, notice=receipt.notice_id)
    return True


def _key(notice: int) -> str:
    return f"no_reply:{notice}"


def _declined(talk: Talk, notice: int) -> bool:
    return bool(preferences.get(talk.session, talk.person.id, _key(notice)))


def quoted(talk: Talk, number: int) -> None:
    """Somebody answered a notice by quoting it: kept where it asks for that, asked about where it
    does not. Danger is a matter whatever it quotes."""
    words = relay.said_as_story(talk)
    receipt = ledger.receipt_of(talk.session, number, talk.person)
    said = bare(words["text"])
    read = f"{talk.word('notice_heard.read')} {talk.word('notice_heard.perhaps_read')}".split()
    if receipt is None or dangers_in(words["text"]):
        talk.said = replace(talk.said, notice=None)
        assert HANDLERS.otherwise is not None
        HANDLERS.otherwise(talk)
    elif said in read and not words["media"]:
        acknowledge(talk, notice=number)
    elif talk.session.get_one(Notice, number).wants_reply:
        _keep(talk, receipt, words)
    elif notice_questions.asks(talk, receipt, words):
        notice_questions.say_again(talk, receipt, words)
    else:
        talk.begin("notice_reply", answers={"what": words}, notice=number)


@conversation("notice_reply")
def answer(talk: Talk) -> None:
    """Whether what was said is meant for the notice; where it is not, it is heard as if there had
    been none."""
    number = talk.args["notice"]
    what = talk.ask("what", Story("notice/reply_what"))
    notice = talk.session.get_one(Notice, number)
    question = Confirm(
        "notice/is_reply", yes="is_reply", no="is_other", number=number, text=notice.text,
        said=what["text"],
    )  # fmt: skip
    meant = talk.ask("meant", question)
    receipt = ledger.receipt_of(talk.session, number, talk.person)
    if meant and receipt is not None:
        _keep(talk, receipt, what)
        return
    preferences.put(talk.session, talk.person.id, _key(number), True, talk.now)
    location = relay.point(what)
    talk.said = replace(
        talk.said, text=what["text"], media=tuple(what["media"]), location=location,
        parts=what.get("from", {}), notice=None,
    )  # fmt: skip
    assert HANDLERS.otherwise is not None
    HANDLERS.otherwise(talk)


def _keep(talk: Talk, receipt: Receipt, words: relay.Words) -> None:
    notice = talk.session.get_one(Notice, receipt.notice_id)
    address = (talk.account.channel, talk.account.chat)
    replies.keep(talk.session, receipt, talk.person, address, words, talk.now)
    ledger.acknowledge(talk.session, receipt, talk.now)  # who answers has read it
    course.draw_soon(notice, talk.now)
    show_whom_to_call(talk, words["text"])
    from_whom = areas.title(talk.session, areas.get(talk.session, notice.area_id))
    options = [Do("new", {"story": words})]
    talk.say("notice/reply_kept", from_whom=from_whom, options=options)
