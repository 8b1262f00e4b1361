"""Entries that are right: verified, reported (报错), taken down, put back.

An entry is verified on a day. Long after that it is shown last, then not at all, until somebody
verifies it again. When enough different people report it, it is shown to nobody until somebody
looks. Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, distinct, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.areas import Area
from storage.base import Base, Sealed
from storage.directory.settings import upkeep
from storage.entries import Entry

REASONS = ("unreachable", "closed", "price", "other")
"""What may be wrong with an entry, see ``[report_reason]`` in templates/words.toml."""


class EntryReport(Base):
    """Somebody said that an entry is wrong. words: theirs, for `other`. settled_at: somebody has
    looked at the entry since."""

    __tablename__ = "entry_reports"
    __table_args__ = (Index("ix_entry_reports_open", "settled_at", "entry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(Sealed, default="")
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Freshness(StrEnum):
    """How long ago an entry was verified. Never: nobody is known to have; it is shown last."""

    FRESH = "fresh"
    STALE = "stale"
    NEVER = "never"
    EXPIRED = "expired"


def freshness(verified_on: date | None, today: date) -> Freshness:
    """How an entry verified on that day stands today (storage/data/directory/upkeep.toml)."""
    if verified_on is None:
        return Freshness.NEVER
    days = (today - verified_on).days
    if days >= upkeep().left_out_after_days:
        return Freshness.EXPIRED
    return Freshness.STALE if days >= upkeep().stale_after_days else Freshness.FRESH


def is_shown(entry: Entry, today: date) -> bool:
    """Whether residents may be given this entry at all."""
    return entry.down_since is None and freshness(entry.verified_on, today) is not Freshness.EXPIRED


def hidden(session: Session, today: date) -> set[int]:
    """The ids of the entries that nobody may be given: taken down, or verified too long ago."""
    expired = today - timedelta(days=upkeep().left_out_after_days)
    rows = select(Entry.id).where(or_(Entry.down_since.is_not(None), Entry.verified_on <= expired))
    return set(session.scalars(rows))


def find(session: Session, entry_id: int) -> Entry | None:
    """The entry of this id."""
    return session.get(Entry, entry_id)


def held(session: Session, entry_id: int) -> Entry | None:
    """The entry of this id, held until the transaction ends."""
    return session.get(Entry, entry_id, with_for_update=True, populate_existing=True)


def stamp(entry: Entry) -> str:
    """How an entry stood when a button was made: another one when somebody has seen to it since."""
    return f"{entry.verified_on}/{entry.down_since is not None}/{entry.phone}"


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of a report. people: how many have reported it and nobody looked yet. taken_down:
    this report is the one by which it was."""

    people: int
    taken_down: bool


def report(
    session: Session, entry: Entry, person_id: int, reason: str, words: str, now: datetime
) -> Reported:
    """Somebody says that an entry is wrong; who says it again before anybody looked counts once.

    entry: as `held` gives it, so that of two reports at once both count.
    """
    if reason not in REASONS:
        raise ValueError(reason)
    known = session.scalars(_open(entry.id).where(EntryReport.person_id == person_id)).first()
    if known is not None:
        known.reason, known.words, known.at = reason, words, now
    else:
        session.add(
            EntryReport(entry_id=entry.id, person_id=person_id, reason=reason, words=words, at=now)
        )
    session.flush()
    people = who_reported(session, entry.id)
    taken_down = entry.down_since is None and people >= upkeep().reports_to_take_down
    if taken_down:
        entry.down_since = now
        session.flush()
    return Reported(people, taken_down)


def _open(entry_id: int) -> Select[EntryReport]:
    return select(EntryReport).where(
        EntryReport.entry_id == entry_id, EntryReport.settled_at.is_(None)
    )


def who_reported(session: Session, entry_id: int) -> int:
    """How many different people have reported it since somebody last looked."""
    query = select(func.count(distinct(EntryReport.person_id))).where(
        EntryReport.entry_id == entry_id, EntryReport.settled_at.is_(None)
    )
    return session.scalar(query) or 0


def open_reports(session: Session, entry_id: int) -> list[EntryReport]:
    """What was said about it since somebody last looked, oldest first."""
    return list(session.scalars(_open(entry_id).order_by(EntryReport.id)))


def verify(session: Session, entry: Entry, today: date, now: datetime) -> None:
    """Somebody looked, and it is right: it is shown again, and what was reported is settled."""
    entry.verified_on, entry.down_since = today, None
    _settle(session, entry.id, now)


def take_down(session: Session, entry: Entry, now: datetime) -> None:
    """Somebody looked, and it is not to be shown."""
    entry.down_since = now
    _settle(session, entry.id, now)


def change_phone(session: Session, entry: Entry, phone: str, today: date, now: datetime) -> bool:
    """It has another number, and is right with it; False when that very entry is there already.

    phone: as `normal_phone(..., services=True)` gives it.
    """
    twin = select(Entry.id).where(
        Entry.category == entry.category, Entry.name == entry.name, Entry.phone == phone
    )
    if session.scalar(twin.where(Entry.id != entry.id).limit(1)) is not None:
        return False
    entry.phone = phone
    verify(session, entry, today, now)
    return True


def _settle(session: Session, entry_id: int, now: datetime) -> None:
    session.flush()
    session.execute(
        update(EntryReport)
        .where(EntryReport.entry_id == entry_id, EntryReport.settled_at.is_(None))
        .values(settled_at=now)
    )


@dataclass(frozen=True, slots=True)
class Wanting:
    """An entry that somebody should look at. people: how many reported it. down: nobody sees it."""

    entry: Entry
    people: int
    freshness: Freshness

    @property
    def down(self) -> bool:
        """Whether it was taken down."""
        return self.entry.down_since is not None


def wanting(
    session: Session, paths: Sequence[str], whole_county: bool, today: date, limit: int = 500
) -> list[Wanting]:
    """The entries of these areas and below that want looking at: reported, taken down, or verified
    too long ago. Those most people reported come first, then those taken down, then the oldest.

    whole_county: also what stands for no area. At most `limit`.
    """
    reports = (
        select(EntryReport.entry_id, func.count(distinct(EntryReport.person_id)).label("people"))
        .where(EntryReport.settled_at.is_(None))
        .group_by(EntryReport.entry_id)
        .subquery()
    )
    stale = today - timedelta(days=upkeep().stale_after_days)
    people = func.coalesce(reports.c.people, 0)
    where = [Area.path.startswith(path) for path in paths]
    if whole_county:
        where.append(Entry.area_id.is_(None))
    rows = session.execute(
        select(Entry, people)
        .outerjoin(reports, reports.c.entry_id == Entry.id)
        .outerjoin(Area, Area.id == Entry.area_id)
        .where(or_(*where))
        .where(or_(people > 0, Entry.down_since.is_not(None), Entry.verified_on <= stale))
        .order_by(people.desc(), Entry.down_since.is_(None), Entry.verified_on, Entry.id)
        .limit(limit)
    )
    return [Wanting(entry, count, freshness(entry.verified_on, today)) for entry, count in rows]
