"""Referrals that were taken (我打过了), and how it was: only who took one may rate, once for each.

Ratings change no order. They are shown as a count of people from a few people on, the newest of
each person, so that nobody can make three out of one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base
from storage.directory.settings import upkeep

SCORES = ("good", "fair", "bad")
AGAIN = timedelta(days=1)
"""Who says within a day that they called the same one again has taken one referral."""


class Referral(Base):
    """Somebody took what the directory gave them. asked_at: they were asked how it was."""

    __tablename__ = "referrals"
    __table_args__ = (Index("ix_referrals_asked_at", "asked_at", "taken_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    taken_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    score: Mapped[str | None] = mapped_column(String(8))
    rated_at: Mapped[datetime | None]


def take(session: Session, entry_id: int, person_id: int, now: datetime) -> Referral:
    """The person took this one; the same within a day is the same referral."""
    known = session.scalars(
        select(Referral)
        .where(Referral.entry_id == entry_id, Referral.person_id == person_id)
        .where(Referral.taken_at > now - AGAIN)
        .order_by(Referral.id.desc())
    ).first()
    if known is not None:
        return known
    referral = Referral(entry_id=entry_id, person_id=person_id, taken_at=now)
    session.add(referral)
    session.flush()
    return referral


def of(session: Session, referral_id: int, person_id: int) -> Referral | None:
    """A referral, if it is this person's."""
    found = session.get(Referral, referral_id, with_for_update=True, populate_existing=True)
    return found if found is not None and found.person_id == person_id else None


def rate(session: Session, referral: Referral, score: str, now: datetime) -> None:
    """How it was; said again, the newest counts."""
    if score not in SCORES:
        raise ValueError(score)
    referral.score, referral.rated_at = score, now
    session.flush()


def to_ask(session: Session, now: datetime, limit: int = 200) -> list[int]:
    """The referrals whose taker is to be asked how it was: neither asked nor rated, long enough
    ago and not too long."""
    rule = upkeep()
    query = (
        select(Referral.id)
        .where(Referral.asked_at.is_(None), Referral.score.is_(None))
        .where(Referral.taken_at <= now - timedelta(hours=rule.ask_after_hours))
        .where(Referral.taken_at > now - timedelta(days=rule.ask_until_days))
    )
    return list(session.scalars(query.order_by(Referral.id).limit(limit)))


@dataclass(frozen=True, slots=True)
class Ratings:
    """How many people say good, fair and bad of an entry."""

    good: int = 0
    fair: int = 0
    bad: int = 0

    @property
    def people(self) -> int:
        """How many have rated it."""
        return self.good + self.fair + self.bad


def ratings(session: Session, entry_ids: Collection[int]) -> dict[int, Ratings]:
    """Of those that enough people have rated: how they did, the newest word of each person."""
    rows = session.execute(
        select(Referral.entry_id, Referral.person_id, Referral.score)
        .where(Referral.entry_id.in_(list(entry_ids)), Referral.score.is_not(None))
        .order_by(Referral.rated_at, Referral.id)
    )
    newest: dict[int, dict[int, str]] = {}
    for entry_id, person_id, score in rows:
        newest.setdefault(entry_id, {})[person_id] = score or ""
    return {
        entry_id: Ratings(*([*said.values()].count(score) for score in SCORES))
        for entry_id, said in newest.items()
        if len(said) >= upkeep().ratings_shown_from
    }
