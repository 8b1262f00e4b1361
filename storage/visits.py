"""Visits (巡访): when somebody of the county's side was at a door."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base


class Visit(Base):
    """One visit to a household. person_id: who visited."""

    __tablename__ = "visits"
    __table_args__ = (Index("ix_visits_household_id_at", "household_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


def note(session: Session, household_id: int, person_id: int, at: datetime) -> Visit:
    """Write a visit down."""
    visit = Visit(household_id=household_id, person_id=person_id, at=at)
    session.add(visit)
    session.flush()
    return visit
