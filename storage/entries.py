"""The directory of services around the corner (便民服务信息)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base
from storage.names import bare


class Entry(Base):
    """One shop or service. Its phone is public by intent: it is published to be called.

    verified_on: the day on which somebody last saw to it that it is right; None where nobody is
    known to have. down_since: it is shown to nobody from then on, until somebody looks.
    """

    __tablename__ = "entries"
    __table_args__ = (UniqueConstraint("category", "name", "phone"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(128), default="")
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    offers: Mapped[str] = mapped_column(String(256), default="")
    hours: Mapped[str] = mapped_column(String(64), default="")
    verified_on: Mapped[date | None]
    down_since: Mapped[datetime | None]


def named_in(session: Session, text: str) -> list[Entry]:
    """The entries whose name stands in `text` in full, those with the longest name."""
    said = bare(text)
    rows = session.execute(select(Entry.id, Entry.name).where(Entry.down_since.is_(None))).all()
    found = [
        (len(name), one.id) for one in rows if len(name := bare(one.name)) > 2 and name in said
    ]
    longest = max(found, default=(0, 0))[0]
    ids = [entry_id for length, entry_id in found if length == longest]
    return list(session.scalars(select(Entry).where(Entry.id.in_(ids)).order_by(Entry.id)))


Outcome = Literal["added", "changed", "unchanged"]


def set_entry(
    session: Session,
    *,
    category: str,
    name: str,
    phone: str,
    address: str = "",
    area_id: int | None = None,
    offers: str = "",
    hours: str = "",
    verified_on: date | None = None,
) -> tuple[Entry, Outcome]:
    """Write one service down; the same category, name and phone is the same service, changed.

    phone: as `normal_phone(..., services=True)` gives it. verified_on: None leaves it alone.
    Gives the row and what became of it.
    """
    facts: dict[str, str | int | date | None] = {
        "address": address[:128],
        "area_id": area_id,
        "offers": offers[:256],
        "hours": hours[:64],
        **({"verified_on": verified_on} if verified_on else {}),
    }
    entry = session.scalars(
        select(Entry).where(Entry.category == category, Entry.name == name, Entry.phone == phone)
    ).first()
    if entry is None:
        entry = Entry(category=category, name=name, phone=phone, **facts)
        session.add(entry)
        session.flush()
        return entry, "added"
    outcome: Outcome = "unchanged"
    for field, value in facts.items():
        if getattr(entry, field) != value:
            setattr(entry, field, value)
            outcome = "changed"
    session.flush()
    return entry, outcome
