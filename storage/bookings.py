"""Bookings (预约): a resident comes to somebody of the rota at one slot.

What it is about is sealed, and only who is booked reads it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Sealed
from storage.rota import FIRST_SLOT, RotaRow, Sitting, moment

REMIND_AT = 18 * 60
"""The minute of the evening before at which somebody is reminded."""
MOST_AT_ONCE = 3
"""Bookings one person may have ahead of them, so that nobody takes a whole day."""


class SlotTaken(Exception):
    """Somebody else was faster."""


class Booking(Base):
    """One talk that was booked. live: True, or NULL once it was cancelled, so that the slot can be
    booked again (NULLs are never equal)."""

    __tablename__ = "bookings"
    __table_args__ = (
        UniqueConstraint("rota_id", "starts_at", "live"),
        Index("ix_bookings_remind_at", "remind_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    starts_at: Mapped[datetime]
    about: Mapped[str] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]
    """When the resident is reminded; None when they were, or need not be."""
    live: Mapped[bool | None] = mapped_column(default=True)


def free_slots(session: Session, sitting: Sitting, now: datetime, zone: ZoneInfo) -> list[int]:
    """The minutes of the day at which a talk can still be booked."""
    first, last = moment(sitting.day, 0, zone), moment(sitting.day, 24 * 60, zone)
    taken = set(
        session.scalars(
            select(Booking.starts_at).where(
                Booking.rota_id == sitting.row.id,
                Booking.live.is_(True),
                Booking.starts_at >= first,
                Booking.starts_at < last,
            )
        )
    )
    return [
        minute
        for minute in sitting.row.starts()
        if (at := moment(sitting.day, minute, zone)) not in taken and at >= now + FIRST_SLOT
    ]


def take(
    session: Session,
    row: RotaRow,
    day: date,
    minute: int,
    person_id: int,
    about: str,
    now: datetime,
    zone: ZoneInfo,
) -> Booking:
    """Book a slot. Raises SlotTaken when somebody was faster: of two at once one wins."""
    starts_at = moment(day, minute, zone)
    evening = moment(day - timedelta(days=1), REMIND_AT, zone)
    booking = Booking(
        rota_id=row.id,
        person_id=person_id,
        starts_at=starts_at,
        about=about,
        made_at=now,
        remind_at=evening if evening > now else None,
        live=True,
    )
    try:
        with session.begin_nested():
            session.add(booking)
            session.flush()
    except IntegrityError:
        raise SlotTaken from None
    return booking


def get(session: Session, booking_id: int) -> Booking | None:
    """The booking of this number."""
    return session.get(Booking, booking_id)


def row_of(session: Session, booking: Booking) -> RotaRow:
    """The row of the rota that it is for."""
    return session.get_one(RotaRow, booking.rota_id)


def ahead(session: Session, person_id: int, now: datetime) -> list[Booking]:
    """What a resident has booked and is still to come, the next first."""
    return list(
        session.scalars(
            select(Booking)
            .where(Booking.person_id == person_id, Booking.live.is_(True), Booking.starts_at >= now)
            .order_by(Booking.starts_at)
        )
    )


def of_host(session: Session, host_id: int, since: datetime, until: datetime) -> list[Booking]:
    """Who comes to somebody of the rota between two moments, in order."""
    return list(
        session.scalars(
            select(Booking)
            .join(RotaRow, RotaRow.id == Booking.rota_id)
            .where(
                RotaRow.person_id == host_id,
                Booking.live.is_(True),
                Booking.starts_at >= since,
                Booking.starts_at < until,
            )
            .order_by(Booking.starts_at, Booking.id)
        )
    )


def cancel(session: Session, booking: Booking) -> bool:
    """Give the slot back; False when it was cancelled before."""
    if not booking.live:
        return False
    booking.live, booking.remind_at = None, None
    session.flush()
    return True


def to_remind(session: Session, now: datetime, limit: int = 50) -> list[int]:
    """The bookings of which the resident is to be reminded."""
    return list(
        session.scalars(
            select(Booking.id)
            .where(Booking.remind_at <= now, Booking.live.is_(True))
            .order_by(Booking.remind_at, Booking.id)
            .limit(limit)
        )
    )
