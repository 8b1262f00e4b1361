"""便民服务: what somebody looks for, a short list, and what they say about it afterwards.

    what ──▶ list ──▶ 换一批 │ 我打过了 ──▶ how was it │ 报错 ──▶ what is wrong
      └─▶ nothing found: other words, a neighbour (供需对接), or 转人工

Only who took a referral (我打过了) may rate it: at once, or when asked the next morning.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from handlers.questions import Option, Pick, Story, Text
from handlers.registry import action, conversation, daily, opens
from handlers.residents.danger import show_whom_to_call
from handlers.talk import Desk, Do, Talk
from storage import masking
from storage.directory import care, note_miss, referrals
from storage.directory.short_list import short_list
from storage.entries import Entry
from storage.meaning import dangers_in

LONGEST = 60
"""Characters of what somebody looks for; who tells a story is understood by its beginning."""
A_NEED = 16
"""From more characters on words tell more than what somebody needs, and are not kept."""
MOST_SEEN = 60
"""So many entries are remembered as shown; who wants more of one thing begins again."""


@opens("directory")
def open_directory(talk: Talk, story: dict[str, Any] | None) -> None:
    """找服务: with the words that asked for it, if there were any."""
    text = (story or {}).get("text", "").strip()
    talk.begin("directory", answers={"what": text[:LONGEST]} if text else None)


@conversation("directory", own=True)
def look_for(talk: Talk) -> None:
    """What they look for, and who has it."""
    text = talk.ask("what", Text("directory/what", most=LONGEST))
    show_whom_to_call(talk, text)
    show(talk, text, [])


def show(talk: Talk, text: str, seen: Sequence[int]) -> None:
    """The next entries for these words; where nothing fits, that, and other ways."""
    found = short_list(
        talk.session, text, home=talk.person.home_id, now=talk.now, zone=talk.zone, seen=seen
    )
    if not found.entries:
        _nothing(talk, text)
        return
    ids = [one.id for one in found.entries]
    shown = [*([] if found.anew else seen), *ids][-MOST_SEEN:]
    options = [Do("took_it", {"entries": ids})]
    if found.more:
        options.append(Do("others", {"text": text, "seen": shown}))
    options.append(Do("report_entry", {"entries": ids}))
    talk.say(
        "directory/list",
        text=text,
        entries=found.entries,
        anew=found.anew,
        again=bool(seen),
        today=talk.now.astimezone(talk.zone).date(),
        calls=[(one.name, one.phone) for one in found.entries],
        options=options,
    )


def _nothing(talk: Talk, text: str) -> None:
    """没找到: the words are counted, unless they are more than a need or may tell who said them."""
    is_a_need = len(text) <= A_NEED and masking.without_who(text) == text and not dangers_in(text)
    if is_a_need:
        note_miss(talk.session, text, now=talk.now)
    file = Do("new", {"story": {**Story.empty(), "text": text}}, talk.word("do.open_request"))
    options = [Do("look_again"), Do("ask_neighbours", {"text": text}), file, Do("human")]
    talk.say("directory/none", text=text, noted=is_a_need, options=options)


@action("others")
def others(talk: Talk, text: str, seen: list[int]) -> None:
    """换一批: also on an old list; what was taken down since is not shown any more."""
    show(talk, text, seen)


@action("look_again")
def look_again(talk: Talk) -> None:
    """换个说法: asks again what they look for."""
    talk.begin("directory")


# A referral that was taken, and how it was.


@action("took_it")
def took_it(talk: Talk, entries: list[int]) -> None:
    """我打过了: which one, if several were shown."""
    talk.begin("took_it", entries=entries)


@conversation("took_it")
def which_one(talk: Talk) -> None:
    """Which of them they called; then they may say how it was."""
    entry = which_of(talk, "directory/took_which")
    if entry is None:
        return
    referral = referrals.take(talk.session, entry.id, talk.person.id, talk.now)
    talk.say("directory/took", name=entry.name, options=_scores(talk, referral.id))


def which_of(talk: Talk, question: str) -> Entry | None:
    """The one of ``args["entries"]`` that is meant; None, and said so, where it is none of them."""
    known = [care.find(talk.session, one) for one in talk.args["entries"]]
    entries = {one.id: one for one in known if one is not None}
    if len(entries) == 1:
        return next(iter(entries.values()))
    options = [Option(one.id, one.name) for one in entries.values()]
    none = Option(0, talk.word("choice.none_called"))
    chosen = talk.ask("which", Pick(question, [*options, none]))
    if not chosen:
        talk.say("directory/none_called")
    return entries.get(chosen)


def _scores(desk: Desk, referral: int) -> list[Do]:
    return [
        Do("rate_referral", {"referral": referral, "score": one}, desk.word(f"rating.{one}"))
        for one in referrals.SCORES
    ]


@action("rate_referral")
def rate(talk: Talk, referral: int, score: str) -> None:
    """好 / 一般 / 不好, by one tap; pressed anew, the newest counts."""
    found = referrals.of(talk.session, referral, talk.person.id)
    if found is None:
        talk.say("desk/not_allowed")
        return
    referrals.rate(talk.session, found, score, talk.now)
    entry = care.find(talk.session, found.entry_id)
    wrong = [Do("report_entry", {"entries": [found.entry_id]})] if score == "bad" else []
    talk.say("directory/rated", name=entry.name if entry else "", score=score, options=wrong)


@daily("ask_how_it_was", at=time(10))
def ask_how_it_was(desk: Desk, of_the_day: bool) -> None:
    """Ask, once, whoever took a referral and did not say how it was."""
    for referral_id in referrals.to_ask(desk.session, desk.now):
        referral = desk.session.get_one(referrals.Referral, referral_id)
        referral.asked_at = desk.now
        entry = care.find(desk.session, referral.entry_id)
        if entry is not None:
            desk.tell(
                referral.person_id, "directory/how_was_it", name=entry.name,
                options=_scores(desk, referral.id),
            )  # fmt: skip
