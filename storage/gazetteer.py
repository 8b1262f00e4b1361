"""How well a place's name fits what someone typed: near-names, pinyin, a dialect's ear."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz

from storage.names import bare, pinyin, sounds

GOOD_ENOUGH = 62.0
"""Below this, two names of four characters share fewer than half of them."""


@dataclass(frozen=True, slots=True)
class Query:
    """What someone typed, prepared once: its bare text, its pinyin, and how that sounds."""

    text: str
    full: str
    heard: str
    latin: bool

    @classmethod
    def of(cls, text: str) -> Query:
        """The query behind a typed `text`."""
        words = bare(text)
        full = pinyin(words)[0]
        return cls(words, full, sounds(full), words.isascii())


@dataclass(frozen=True, slots=True)
class Place:
    """What a place is found by."""

    name: str
    pinyin: str
    initials: str


def score(query: Query, place: Place) -> float:
    """How well a name fits, 0 to 100: the exact name, parts of it, what sounds like it."""
    name = bare(place.name)
    if query.text == name:
        return 100.0
    if query.latin:
        return _latin_score(query, place)
    best = 0.0
    if name.startswith(query.text):
        best = 96.0
    elif query.text in name:
        best = 93.0
    elif len(name) > 1 and name in query.text:
        best = 90.0
    if query.full == place.pinyin:
        best = max(best, 95.0)
    heard = sounds(place.pinyin)
    if query.heard == heard:
        best = max(best, 92.0)
    elif len(query.text) > 1 and heard.startswith(query.heard):
        best = max(best, 88.0)
    best = max(best, 0.95 * fuzz.ratio(query.text, name))
    best = max(best, 0.80 * fuzz.partial_ratio(query.text, name) if len(query.text) > 2 else 0)
    # Two names of the same ending (花园, 小区) sound half alike, so sound weighs less than sight.
    return max(best, 0.85 * fuzz.ratio(query.heard, heard))


def _latin_score(query: Query, place: Place) -> float:
    heard = sounds(place.pinyin)
    if query.text == place.pinyin:
        return 98.0
    if query.text == place.initials:
        return 97.0
    if query.heard == heard:
        return 95.0
    if len(query.text) > 1 and place.pinyin.startswith(query.text):
        return 93.0
    if len(query.text) > 1 and place.initials.startswith(query.text):
        return 91.0
    if len(query.text) > 2 and (heard.startswith(query.heard) or query.text in place.pinyin):
        return 88.0
    return max(
        0.85 * fuzz.ratio(query.heard, heard),
        0.75 * fuzz.partial_ratio(query.heard, heard) if len(query.text) > 4 else 0,
    )
