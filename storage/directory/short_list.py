"""The short list that one search shows: what fits, verified, nearest, open, whose turn it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.directory import Hit, search
from storage.directory.care import Freshness, freshness
from storage.directory.referrals import Ratings, ratings
from storage.directory.rotation import EntryShowing, showed, turns
from storage.entries import Entry

POOL = 400
"""So many of what fits best and nearest are considered; a county's trade has fewer."""
FINE = 2
"""Decimals of a score: what differs only behind them fits equally well."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry as a resident reads it.

    compound: where it stands, empty for the whole county. distance: 0 same compound, 1 same
    community, 2 elsewhere; None where the reader's home is not known. open_now: None when its hours
    cannot be read. ratings: None while too few have rated it.
    """

    id: int
    name: str
    category: str
    phone: str
    offers: str
    address: str
    hours: str
    compound: str
    distance: int | None
    open_now: bool | None
    verified_on: date | None
    freshness: Freshness
    ratings: Ratings | None


@dataclass(frozen=True, slots=True)
class ShortList:
    """The entries to show, in order. more: others fit that were not shown yet. anew: all had been
    shown, so it begins again."""

    entries: list[Listed]
    more: bool
    anew: bool = False


class _Care(NamedTuple):
    """What decides about an entry besides how well it fits."""

    verified_on: date | None
    down_since: datetime | None
    turn: int


def short_list(
    session: Session,
    text: str,
    *,
    home: int | None,
    now: datetime,
    zone: ZoneInfo,
    seen: Collection[int] = (),
    limit: int = 3,
) -> ShortList:
    """The next entries for what `text` asks for, written down as shown; empty when nothing fits.

    home: the area the reader lives in. seen: what they were shown for it already (换一批); where
    that is all there is, it begins again. Order: how well it fits; those not verified for long
    last; the nearest first; those open now before those closed; then whose turn it is (`rotation`).
    """
    hits = search(session, text, near=home, now=now, zone=zone, limit=POOL, rotate={})
    if len(hits) == POOL:  # there may be more equals than are considered: those whose turn it is
        known = turns(session)
        hits = search(session, text, near=home, now=now, zone=zone, limit=POOL, rotate=known)
    care = _care(session, [hit.entry_id for hit in hits])
    today = now.astimezone(zone).date()
    fresh = {entry_id: freshness(one.verified_on, today) for entry_id, one in care.items()}

    def order(hit: Hit) -> tuple[float, bool, int, bool, int, int]:
        stale = fresh[hit.entry_id] is not Freshness.FRESH
        distance = 0 if hit.distance is None else hit.distance
        return (
            -round(hit.score, FINE), stale, distance, hit.open_now is False,
            care[hit.entry_id].turn, hit.entry_id,
        )  # fmt: skip

    fit = [
        hit
        for hit in hits
        if hit.entry_id in care
        and care[hit.entry_id].down_since is None
        and fresh[hit.entry_id] is not Freshness.EXPIRED
    ]
    left = [hit for hit in fit if hit.entry_id not in seen]
    anew = bool(fit) and not left
    ordered = sorted(fit if anew else left, key=order)
    chosen = ordered[:limit]
    showed(session, [hit.entry_id for hit in chosen])
    return ShortList(_listed(session, chosen, today), len(fit) > len(chosen), anew)


def _care(session: Session, ids: Sequence[int]) -> dict[int, _Care]:
    rows = session.execute(
        select(Entry.id, Entry.verified_on, Entry.down_since, EntryShowing.turn)
        .outerjoin(EntryShowing, EntryShowing.entry_id == Entry.id)
        .where(Entry.id.in_(ids))
    )
    return {row.id: _Care(row.verified_on, row.down_since, row.turn or 0) for row in rows}


def _listed(session: Session, hits: Sequence[Hit], today: date) -> list[Listed]:
    ids = [hit.entry_id for hit in hits]
    entries = {e.id: e for e in session.scalars(select(Entry).where(Entry.id.in_(ids)))}
    rated = ratings(session, ids)
    return [_one(entries[hit.entry_id], hit, today, rated.get(hit.entry_id)) for hit in hits]


def _one(entry: Entry, hit: Hit, today: date, rated: Ratings | None) -> Listed:
    return Listed(
        id=entry.id,
        name=entry.name,
        category=entry.category,
        phone=entry.phone,
        offers=entry.offers,
        address=entry.address,
        hours=entry.hours,
        compound=hit.compound,
        distance=hit.distance,
        open_now=hit.open_now,
        verified_on=entry.verified_on,
        freshness=freshness(entry.verified_on, today),
        ratings=rated,
    )
