"""Which process does what only one may do at a time, whatever the number of processes: sending
through a channel, asking a platform for updates, doing what falls due.

A process holds such a thing, called a channel here, for `LEASE` and renews it every `BEAT`; when it
dies, another takes over once the lease has run out, within `LEASE` and two `BEAT`s. Both are
measured by the database's own clock, so that a machine whose clock is wrong takes nothing away.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import String, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import remembered, turns
from storage.base import Base

LEASE, BEAT = timedelta(seconds=3), timedelta(seconds=1)
PATIENCE = timedelta(seconds=3)
"""How long a process may stand still within a transaction that keeps others from a lease, before
the database ends it: of one that is frozen or cut off nobody else would tell it."""


class Sender(Base):
    """The process that sends through a channel; nobody has it where `holder` is empty.

    until: when its lease ends. rests_until: before that the platform wants nothing sent (a 429),
    whoever sends.
    """

    __tablename__ = "senders"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]
    rests_until: Mapped[datetime | None]


def hold(session: Session, channel: str, holder: str, now: datetime) -> bool:
    """Take or renew a channel for `LEASE`; False while somebody else holds it.

    now: this machine's time, used where the database has no clock of its own (SQLite, which has one
    process anyway).
    """
    at = _time(session, now)
    row = session.get(Sender, channel, with_for_update=True, populate_existing=True)
    if row is None:
        try:
            with session.begin_nested():
                session.add(Sender(channel=channel, holder=holder, until=at + LEASE))
                session.flush()
        except IntegrityError:
            return False
        return True
    if row.holder != holder and row.until > at:
        return False
    row.holder, row.until = holder, at + LEASE
    session.flush()
    return True


def let_go(session: Session, channel: str, holder: str, now: datetime) -> None:
    """Give a channel up, so that another process need not wait for the lease's end."""
    row = session.get(Sender, channel, with_for_update=True, populate_existing=True)
    if row is not None and row.holder == holder:
        row.until = _time(session, now)
        session.flush()


def rest(session: Session, channel: str, seconds: float, now: datetime) -> None:
    """Remember that the platform asked for a pause: who sends next respects it too."""
    at = _time(session, now)
    until = at + timedelta(seconds=seconds)
    row = session.get(Sender, channel, with_for_update=True, populate_existing=True)
    if row is None:
        session.add(Sender(channel=channel, holder="", until=at, rests_until=until))
    else:
        row.rests_until = max(until, row.rests_until or until)
    session.flush()


def rests(session: Session, channels: Collection[str], now: datetime) -> dict[str, float]:
    """For how many seconds more nothing may be sent, by channel; only those that must rest."""
    at = _time(session, now)
    rows = session.scalars(select(Sender).where(Sender.channel.in_(channels)))
    left = {row.channel: (row.rests_until or at) - at for row in rows}
    return {channel: wait.total_seconds() for channel, wait in left.items() if wait > timedelta()}


def still(session: Session, channels: Collection[str], holder: str) -> list[str]:
    """Those of the channels that nobody has taken from `holder`, nor takes before this transaction
    ends: who takes over waits for it, and then sees what it has written. Asked once in a
    transaction, however many jobs share it: what is locked stays so to its end."""
    key = (holder, *sorted(channels))
    return remembered.once(
        session, (Sender.__tablename__,), key, lambda: _still(session, channels, holder)
    )


def _still(session: Session, channels: Collection[str], holder: str) -> list[str]:
    query = select(Sender.channel, turns.hurried(PATIENCE)).where(
        Sender.channel.in_(channels), Sender.holder == holder
    )
    # In one order, or two processes wait for each other.
    locked = query.order_by(Sender.channel).with_for_update(read=True)
    return [channel for channel, _ in session.execute(locked)]


def holder_of(session: Session, channel: str, now: datetime) -> str | None:
    """Who sends through a channel just now."""
    row = session.get(Sender, channel, populate_existing=True)
    return row.holder if row is not None and row.until > _time(session, now) else None


def _time(session: Session, now: datetime) -> datetime:
    if session.get_bind().dialect.name == "sqlite":
        return now
    row = session.execute(select(func.clock_timestamp(), turns.hurried(PATIENCE))).one()
    found: datetime = row[0]
    return found
