"""When each daily duty was last done, so that neither a restart nor a second process repeats it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base


class DutyRun(Base):
    """The last run of a duty. slot: the moment that it was due; at: when it was done."""

    __tablename__ = "duty_runs"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    slot: Mapped[datetime]
    at: Mapped[datetime]


def last(session: Session, name: str) -> DutyRun | None:
    """The last run of this duty."""
    return session.get(DutyRun, name, populate_existing=True)


def take(session: Session, name: str, slot: datetime, now: datetime) -> bool:
    """Write down that the duty's run of `slot` is being done; False when somebody did it before.

    Of two processes one gets True: the other waits for the first one's transaction, and then finds
    the slot taken.
    """
    taken = session.execute(
        update(DutyRun)
        .where(DutyRun.name == name, DutyRun.slot < slot)
        .values(slot=slot, at=now)
        .returning(DutyRun.name)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is not None:
        return True
    if session.get(DutyRun, name) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(DutyRun(name=name, slot=slot, at=now))
            session.flush()
    except IntegrityError:
        return False
    return True
