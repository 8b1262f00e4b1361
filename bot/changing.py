"""修改: what of a talk can be changed, shown as choices, and asked for in other words."""

from __future__ import annotations

from bot.turn import Turn
from bot.wording import Wording, unwrapped
from handlers.talk import Do
from storage import outbox


def changeable(turn: Turn, wording: Wording) -> list[Do]:
    """The answered questions by their titles; those of one title are changed together."""
    titled: dict[str, list[str]] = {}
    for key, question in turn.asked:
        title = wording.render(question.name, question.facts, "title")
        titled.setdefault(title, []).append(key)
    return [Do("change", {"keys": keys}, title) for title, keys in titled.items()]


def shows_changeable(turn: Turn) -> bool:
    """Whether the last message was the list of what can be changed."""
    return _stands(turn, "choices", "change")


def wants_a_change(turn: Turn) -> bool:
    """Whether it says of a summary that something in it is not right: 不对 is no 先不报了."""
    wrong = unwrapped(turn.said.text) in turn.words("heard.wrong") and not turn.said.media
    return wrong and _stands(turn, "exits", "edit")


def _stands(turn: Turn, where: str, do: str) -> bool:
    ref = turn.conversation.asked_ref
    stands = outbox.as_it_stands(turn.session, ref) if ref is not None else None
    return any(choice["do"] == do for choice in (stands or {}).get(where, []))
