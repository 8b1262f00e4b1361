"""What typed words pick: a choice of the last message, or a word that the templates list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import amending
from bot.turn import Turn
from bot.wording import unwrapped
from handlers.matching import choose, number_in, number_of_a_ticket
from storage import outbox, tickets


def by_word(section: Mapping[str, list[str]]) -> dict[str, str]:
    """Each word of a section of templates/words.toml, unwrapped, and the name it stands under."""
    return {
        unwrapped(word): name
        for name, words in section.items()
        for word in words
        if unwrapped(word)
    }


def meanings(section: Mapping[str, list[str]]) -> dict[str, frozenset[str]]:
    """Each word of a section and every label that it may stand for, unwrapped: 对 says yes to what
    was asked, whatever that was."""
    found: dict[str, set[str]] = {}
    for label, words in section.items():
        for word in filter(None, map(unwrapped, words)):
            found.setdefault(word, set()).add(unwrapped(label))
    return {word: frozenset(labels) for word, labels in found.items()}


def typed_choice(
    turn: Turn, meant: Mapping[str, frozenset[str]]
) -> tuple[int, dict[str, Any]] | None:
    """The choice of the last message that a number or a label names exactly, and its message's ref.

    meant: other words for labels, both unwrapped.
    """
    ref = turn.conversation.asked_ref
    if ref is None or not turn.said.text:
        return None
    stands = outbox.as_it_stands(turn.session, ref)
    if stands is None:
        return None
    choices: list[dict[str, Any]] = stands.get("choices", [])
    labels = [unwrapped(choice["label"]) for choice in choices]
    index = _named(turn.said.text, labels, meant)
    if index is None and (words := _without_thanks(turn)):
        index = _named(words, labels, meant)
    if index is None:  # what stands there without a number goes by its label alone
        choices = stands.get("exits", [])
        index = _labelled(turn.said.text, [unwrapped(choice["label"]) for choice in choices])
    if index is None:
        return None
    choice = choices[index]
    return ref, {**choice, "args": amending.fresh(turn, choice["args"])}


def _without_thanks(turn: Turn) -> str:
    """What is said besides thanks (亮了 谢谢); empty where there are none, or nothing else is."""
    said = unwrapped(turn.said.text)
    for thanks in sorted(map(unwrapped, turn.words("heard.thanks")), key=len, reverse=True):
        rest = said.removesuffix(thanks).removeprefix(thanks)
        if thanks and rest != said:
            return "" if number_in(rest) is not None else rest
    return ""


def choices_by_place(turn: Turn) -> list[dict[str, Any]]:
    """The choices of the last message, where 2号 was said and may mean the second of them; none
    where the speaker has part in a ticket of that number."""
    number = number_of_a_ticket(turn.said.text)
    ref = turn.conversation.asked_ref
    if number is None or ref is None or _has_part(turn, number):
        return []
    stands = outbox.as_it_stands(turn.session, ref) or {}
    choices: list[dict[str, Any]] = stands.get("choices", [])
    by_place = [one for one in choices if not one["label"][:1].isdigit()]
    return choices if 0 < number <= len(choices) and by_place == choices else []


def _has_part(turn: Turn, number: int) -> bool:
    ticket = tickets.get(turn.session, number)
    if ticket is None:
        return False
    of = (ticket.filer_id, ticket.reporter_id)
    return turn.person.id in of or tickets.is_party(turn.session, number, turn.person.id)


def _named(text: str, labels: list[str], meant: Mapping[str, frozenset[str]]) -> int | None:
    if number_in(text) is not None:
        return choose(text, labels)
    # A platform's own keyboard sends a button's whole caption, number and all, as text.
    word = unwrapped(text)
    same = [
        i
        for i, label in enumerate(labels)
        if word in (label, f"{i + 1}{label}") or label in meant.get(word, ())
    ]
    return same[0] if len(same) == 1 else None


def _labelled(text: str, labels: list[str]) -> int | None:
    word = unwrapped(text)
    return labels.index(word) if labels.count(word) == 1 else None
