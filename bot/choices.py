"""What typed words pick: a choice of the last message, or a word that the templates list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import amending
from bot.turn import Turn
from handlers.matching import choose, number_in
from storage import outbox
from storage.names import simplify


def bare(text: str) -> str:
    """Words without what people put around them: simplified, no spaces, no closing mark."""
    return simplify(text).strip(" 。.!！~,，?？、/").replace(" ", "")


def by_word(section: Mapping[str, list[str]]) -> dict[str, str]:
    """Each word of a section of templates/words.toml, bare, and the name that it stands under."""
    return {bare(word): name for name, words in section.items() for word in words if bare(word)}


def meanings(section: Mapping[str, list[str]]) -> dict[str, frozenset[str]]:
    """Each word of a section and every label that it may stand for, both bare: 对 says yes to what
    was asked, whatever that was."""
    found: dict[str, set[str]] = {}
    for label, words in section.items():
        for word in filter(None, map(bare, words)):
            found.setdefault(word, set()).add(bare(label))
    return {word: frozenset(labels) for word, labels in found.items()}


def typed_choice(
    turn: Turn, meant: Mapping[str, frozenset[str]]
) -> tuple[int, dict[str, Any]] | None:
    """The choice of the last message that a number or a label names exactly, and its message's ref.

    meant: other words for labels, both bare.
    """
    ref = turn.conversation.asked_ref
    if ref is None or not turn.said.text:
        return None
    stands = outbox.as_it_stands(turn.session, ref)
    if stands is None:
        return None
    choices: list[dict[str, Any]] = stands.get("choices", [])
    index = _named(turn.said.text, [bare(choice["label"]) for choice in choices], meant)
    if index is None:
        return None
    choice = choices[index]
    return ref, {**choice, "args": amending.fresh(turn, choice["args"])}


def _named(text: str, labels: list[str], meant: Mapping[str, frozenset[str]]) -> int | None:
    if number_in(text) is not None:
        return choose(text, labels)
    # A platform's own keyboard sends a button's whole caption, number and all, as text.
    word = bare(text)
    same = [
        i
        for i, label in enumerate(labels)
        if word in (label, f"{i + 1}{label}") or label in meant.get(word, ())
    ]
    return same[0] if len(same) == 1 else None
