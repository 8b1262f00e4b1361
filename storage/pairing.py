"""Which offers may answer a need, and the other way round: by what the words are about, nearby."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

from rapidfuzz import fuzz
from sqlalchemy.orm import Session

from storage import areas, exchange
from storage.directory import needs
from storage.exchange import Listing, Side
from storage.names import bare

SAME_NEED = 35.0
"""What it adds that the directory's lexicon takes both for one need. Its needs are wide (lessons of
any kind are one), so that alone is not enough."""
SURE = 0.6
"""From which score on the lexicon's guess at a need counts."""


def partners(session: Session, listing: Listing, now: datetime) -> list[Listing]:
    """The open listings of the other side that fit well enough to be introduced, best first: how
    well they fit, then the nearest, then who has waited longest."""
    other = Side.NEED if listing.side == Side.OFFER else Side.OFFER
    standing = exchange.open_listings(session, other, now, listing.person_id)
    scored = [(fit(session, listing.text, one.text), one) for one in standing]
    good = [(points, one) for points, one in scored if points >= exchange.rules().alike_from]
    good.sort(
        key=lambda pair: (
            -round(pair[0], -1),
            apart(session, listing.area_id, pair[1].area_id),
            pair[1].id,
        )
    )
    return [one for _, one in good][: exchange.rules().most_introductions]


def apart(session: Session, one: int, other: int) -> int:
    """How far two compounds are from each other: 0 for the same, 1 for one community, 2 farther."""
    if one == other:
        return 0
    mine, theirs = areas.get(session, one), areas.get(session, other)
    return 1 if mine.lineage[:2] == theirs.lineage[:2] else 2


def fit(session: Session, one: str, other: str) -> float:
    """How well an offer and a need go together; see `alike_from` for what is enough.

    Compared is what is left without the words around the matter: how alike that is, or what they
    share of it, whichever is more; and whether the directory's lexicon takes both for one need.
    """
    first, second = _core(one), _core(other)
    shared = _shared(first, second)
    alike = fuzz.partial_ratio(first, second) if shared >= exchange.rules().word_worth else 0.0
    same = _need(session, one) & _need(session, other)
    return max(alike, shared) + (SAME_NEED if same else 0.0)


def _shared(one: str, other: str) -> int:
    """What the pairs of characters that stand in both are worth; no character counts twice. Pairs
    that say little are worth less, however many there are never as much as one that says it."""
    rules, at = exchange.rules(), 0
    strong, weak = 0, False
    while at < len(one) - 1:
        pair = one[at : at + 2]
        if pair not in other:
            at += 1
            continue
        strong += pair not in rules.weak
        weak = weak or pair in rules.weak
        at += 2
    return strong * rules.word_worth + weak * rules.weak_worth


def _need(session: Session, text: str) -> set[str]:
    return {key for key, score in needs(session, text)[:1] if score >= SURE}


@cache
def _around() -> re.Pattern[str]:
    words = sorted(exchange.rules().around, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


def _core(text: str) -> str:
    return _around().sub("", bare(text))
