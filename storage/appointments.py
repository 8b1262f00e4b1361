"""When the program is next to see to a person by itself: the morning briefing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base

BRIEFING = "briefing"


class Appointment(Base):
    """One person is to be seen to at that moment. Only who may need it has a row."""

    __tablename__ = "appointments"
    __table_args__ = (Index("ix_appointments_what_at", "what", "at"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    what: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime]


def enrol(session: Session, person_id: int, what: str, at: datetime) -> None:
    """See to the person from `at` on; who has an appointment already keeps it."""
    if session.get(Appointment, (person_id, what)) is None:
        session.add(Appointment(person_id=person_id, what=what, at=at))


def due(session: Session, what: str, now: datetime, limit: int = 200) -> list[int]:
    """The people whose appointment has come, the longest waiting first."""
    return list(
        session.scalars(
            select(Appointment.person_id)
            .where(Appointment.what == what, Appointment.at <= now)
            .order_by(Appointment.at, Appointment.person_id)
            .limit(limit)
        )
    )


def of(session: Session, person_id: int, what: str) -> Appointment | None:
    """The person's appointment, if there is one."""
    return session.get(Appointment, (person_id, what))


def drop(session: Session, appointment: Appointment) -> None:
    """There is nothing to see to any more."""
    session.delete(appointment)
    session.flush()
