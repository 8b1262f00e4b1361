"""发通知: an admin writes one, chooses whom, sees how many and how it looks, and lets it go.

what (or a ready-made text) ─▶ whom ─▶ (which) ─▶ 已阅? ─▶ when ─▶ a copy to themself,
the count, confirm ──many──▶ a second admin ─▶ it waits for its time
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from handlers.admins.notice_approval import ask_second_admins, second_admins
from handlers.admins.notice_audience import choose_audience, in_words
from handlers.admins.notice_board import show_board
from handlers.admins.notice_when import SendIt, ask_when, start_at
from handlers.admins.notice_words import Words
from handlers.permits import may_somewhere
from handlers.questions import Confirm, Json, Option, Pick, Story
from handlers.registry import action, command, conversation
from handlers.talk import Do, Talk
from storage import areas, inbox, permissions, versions
from storage.areas import Area
from storage.notices import audience, course, settings

JUST_NOW = timedelta(minutes=15)
"""How long before 发通知 something may have come that is to be sent on."""
LOOKED_AT = 5
"""The newest messages of the chat among which it is looked for, this one too."""
A_NOTICE = 12
"""Characters of a message that may be a notice."""


class Nobody(Pick):
    """Whom it is for turned out to be nobody: only 修改, 返回 and 取消 lead on."""

    editable = True


@command("notice")
def open_notice(talk: Talk) -> None:
    """发通知; what was sent just before may be what it is to say."""
    told = told_before(talk)
    talk.begin("notice", **({"told": told} if told else {}))


def told_before(talk: Talk) -> dict[str, Json] | None:
    """What came in this chat shortly before and went to nobody: a message from elsewhere."""
    here = (talk.account.channel, talk.account.chat)
    rows = inbox.latest(talk.session, *here, talk.now - JUST_NOW, LOOKED_AT)[1:]
    for row in rows:
        album = [one for one in rows if one is row or (row.group and one.group == row.group)]
        text = "\n".join(one.payload["text"] for one in reversed(album) if one.payload["text"])
        files = [media for one in reversed(album) for media in one.payload["files"]]
        if row.payload.get("pressed") or (len(text) < A_NOTICE and not files):
            continue
        known = [(*here, one.message_id) for one in album if one.message_id]
        if any(_has_gone_elsewhere(talk, *one) for one in known):
            return None
        said = {one.message_id: one.payload["text"] for one in album if one.message_id}
        return {**Story.empty(), "text": text, "media": files, "from": said}
    return None


def _has_gone_elsewhere(talk: Talk, channel: str, chat: str, message_id: str) -> bool:
    """Whether a message was for a matter, or is a notice already."""
    if versions.said_in(talk.session, channel, chat, message_id):
        return True
    return course.said_in(talk.session, talk.person.id, channel, chat, message_id) is not None


@conversation("notice")
def write_notice(talk: Talk) -> None:
    """From the first word to the notice that waits for its time."""
    if not may_somewhere(talk, "notice"):
        talk.refuse("desk/not_allowed")
        return
    told = talk.args.get("told")
    if told:
        question = Confirm(
            "notice/forwarded", yes="take_it", no="take_not", text=told["text"],
            files=len(told["media"]),
        )  # fmt: skip
        told = told if talk.ask("told", question) else None
    what = talk.ask("what", Words("notice/what", forms=True), assume=told)
    under = _in_whose_name(talk)
    chosen = choose_audience(talk, under)
    wants_ack = talk.ask("ack", Confirm("notice/ack", yes="ask_ack", no="no_ack"))
    start = ask_when(talk)
    asks = settings.asks_for_replies(what["text"])
    wants_reply = talk.ask(
        "reply", Confirm("notice/reply", yes="gathers", no="gathers_not"), assume=asks
    )
    once = talk.ask("once", Confirm("notice/once", yes="once", no="not_once"), assume=False)
    whom = in_words(talk, chosen)
    for turn in itertools.count():
        size = audience.size(talk.session, chosen, talk.now, emergency=start.emergency)
        if not size.all:
            talk.ask("nobody", Nobody("notice/nobody", [], whom=whom))
        many = settings.needs_approval(size.all)
        if turn == 0:
            show_sample(talk, what, under, emergency=start.emergency, wants_ack=wants_ack)
        question = SendIt(
            "notice/confirm", yes="send_it", no="send_not", summary=True, whom=whom, size=size,
            wants_ack=wants_ack, wants_reply=wants_reply, once=once, staff=bool(chosen.roles),
            emergency=start.emergency,
            at=start.at if start.at > talk.now else None, moved=start.moved, many=many,
            seconds=second_admins(talk, under.id, talk.person.id) if many else [],
            files=len(what["media"]), lost=what.get("lost", 0),
        )  # fmt: skip
        answer: Json = talk.ask(f"confirm-{turn}" if turn else "confirm", question)
        if not isinstance(answer, str):
            break
        start = start_at(talk, datetime.fromisoformat(answer))
    if not answer:
        talk.say("notice/dropped")
        return
    notice = course.write(
        talk.session, author_id=talk.person.id, area_id=under.id, text=what["text"],
        files=what["media"], audience=chosen, starts_at=start.at, now=talk.now,
        wants_ack=wants_ack, wants_reply=wants_reply, source=source_of(talk, what),
        emergency=start.emergency, once=once, needs_approval=many,
    )  # fmt: skip
    if many:
        asked = ask_second_admins(talk, notice)
        talk.say("notice/waits", number=notice.id, asked=asked)
    show_board(talk, notice)


def source_of(talk: Talk, what: dict[str, Json]) -> dict[str, Json]:
    """Which messages of this chat said the words, so that an edit of one leads to a correction."""
    address = {"channel": talk.account.channel, "chat": talk.account.chat}
    return {**address, "from": what.get("from", {})}


def show_sample(
    talk: Talk, what: dict[str, Json], under: Area, *, emergency: bool, wants_ack: bool,
    corrected: bool = False,
) -> None:  # fmt: skip
    """What one of them will get, sent to the speaker, exactly as it will look."""
    talk.say(
        "notice/notice", text=what["text"], from_whom=areas.title(talk.session, under),
        emergency=emergency, corrected=corrected, media=what["media"],
        options=[Do("try_notice", {}, talk.word("do.acknowledge"))] if wants_ack else [],
    )  # fmt: skip


@action("try_notice")
def try_notice(talk: Talk) -> None:
    """我看过了 under the copy that went to the author alone."""
    talk.say("notice/only_a_sample")


def _in_whose_name(talk: Talk) -> Area:
    """The area it is written for; asked where the speaker has several, none within another."""
    ids = permissions.areas_for(talk.session, "notice", talk.person.id, talk.now)
    found = [areas.get(talk.session, one) for one in ids]
    widest = [
        area
        for area in found
        if not any(area.id != one.id and area.path.startswith(one.path) for one in found)
    ]
    if len(widest) == 1:
        return widest[0]
    titles = areas.titles(talk.session, widest)
    options = [Option(area.id, titles[area.id]) for area in widest]
    return areas.get(talk.session, talk.ask("under", Pick("notice/under", options)))
