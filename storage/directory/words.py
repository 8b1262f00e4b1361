"""What admins teach the search, and the list they learn it from: what was not found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.directory.tables import LONGEST_MISS, LONGEST_WORD, MissedSearch, NeedWord
from storage.names import bare

SHORTEST = 2
"""A single character stands in too many other words."""


def teach(session: Session, word: str, category: str, *, by: int | None, now: datetime) -> NeedWord:
    """Let `word` mean a category from now on; a word that is known changes its meaning.

    category: a need's key or title, or a 类别 that stands in the directory. by: a person's id.
    Raises ValueError for a word of fewer than two characters, or without a category.
    """
    key, category = bare(word)[:LONGEST_WORD], category.strip()[:32]
    if len(key) < SHORTEST or not category:
        raise ValueError("a word needs two characters and a category")
    row = session.get(NeedWord, key)
    if row is None:
        row = NeedWord(word=key, category=category, taught_by=by, taught_at=now)
        session.add(row)
    else:
        row.category, row.taught_by, row.taught_at = category, by, now
    session.flush()
    return row


def forget(session: Session, word: str) -> bool:
    """Take a taught word back; whether there was one."""
    row = session.get(NeedWord, bare(word)[:LONGEST_WORD])
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def taught(session: Session) -> list[NeedWord]:
    """All taught words, newest first."""
    return list(
        session.scalars(select(NeedWord).order_by(NeedWord.taught_at.desc(), NeedWord.word))
    )


def note_miss(session: Session, text: str, *, now: datetime) -> None:
    """Count words that found nothing; what is no word at all is not counted."""
    key = bare(text)[:LONGEST_MISS]
    if not key:
        return
    row = session.scalars(select(MissedSearch).where(MissedSearch.text == key)).first()
    if row is None:
        session.add(MissedSearch(text=key, times=1, last_at=now))
    else:
        # Once settled and missed again: it is to be looked at again.
        row.times, row.last_at, row.settled_at = row.times + 1, now, None
    session.flush()


def misses(session: Session, limit: int = 20) -> list[MissedSearch]:
    """What is most often searched for in vain and not settled yet."""
    return list(
        session.scalars(
            select(MissedSearch)
            .where(MissedSearch.settled_at.is_(None))
            .order_by(MissedSearch.times.desc(), MissedSearch.last_at.desc(), MissedSearch.id)
            .limit(limit)
        )
    )


def settle(session: Session, miss_id: int, *, now: datetime) -> None:
    """An admin dealt with it: taught a word, or threw it away."""
    row = session.get(MissedSearch, miss_id)
    if row is not None:
        row.settled_at = now
        session.flush()
