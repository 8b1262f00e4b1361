"""What each person set for themselves: quiet hours, quick replies, what was last sent to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, SealedJson


class Preference(Base):
    """One thing a person set, by its key; sealed, for some of it is their own words."""

    __tablename__ = "preferences"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[Any] = mapped_column(SealedJson)
    set_at: Mapped[datetime]


def get(session: Session, person_id: int, key: str) -> Any:
    """What the person set under `key`, or None."""
    row = session.get(Preference, (person_id, key))
    return row.value if row is not None else None


def put(session: Session, person_id: int, key: str, value: Any, now: datetime) -> None:
    """Set it; None takes it away."""
    row = session.get(Preference, (person_id, key))
    if row is None:
        if value is not None:
            session.add(Preference(person_id=person_id, key=key, value=value, set_at=now))
    elif value is None:
        session.delete(row)
    else:
        row.value, row.set_at = value, now
    session.flush()
