"""Whose turn it is: among equals, whoever was shown longest ago comes first.

Nobody buys rank, and no rating moves it. Every showing gets the next number of one count, so the
order is the same on every machine. Of n equals shown k at a time, no two are ever shown more than
one time apart: it is a ring. Who is new comes first once, and then waits like the others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ForeignKey, Index, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base


class EntryShowing(Base):
    """How often an entry was shown, and the number of its last showing."""

    __tablename__ = "entry_showings"
    __table_args__ = (Index("ix_entry_showings_turn", "turn"),)

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("entries.id"), primary_key=True, autoincrement=False
    )
    times: Mapped[int] = mapped_column(default=0)
    turn: Mapped[int] = mapped_column(default=0)


def showed(session: Session, entry_ids: Sequence[int]) -> None:
    """These were shown just now, in this order."""
    newest = session.scalar(select(func.max(EntryShowing.turn))) or 0
    turn = {entry_id: newest + nth for nth, entry_id in enumerate(entry_ids, 1)}
    for entry_id in sorted(turn):  # everybody takes rows in one order: no deadlock
        row = _row(session, entry_id)
        row.times, row.turn = row.times + 1, turn[entry_id]
    session.flush()


def _row(session: Session, entry_id: int) -> EntryShowing:
    """The entry's row, held until the transaction ends; made when it was never shown."""
    row = session.get(EntryShowing, entry_id, with_for_update=True, populate_existing=True)
    if row is not None:
        return row
    try:
        with session.begin_nested():
            row = EntryShowing(entry_id=entry_id, times=0, turn=0)
            session.add(row)
        return row
    except IntegrityError:  # another chat was shown it at the same moment
        return session.get_one(EntryShowing, entry_id, with_for_update=True)


def turns(session: Session) -> dict[int, int]:
    """The number of the last showing of every entry that was ever shown: the lowest is next."""
    rows = session.execute(select(EntryShowing.entry_id, EntryShowing.turn))
    return {row.entry_id: row.turn for row in rows}


def shown_times(session: Session, entry_ids: Collection[int]) -> dict[int, int]:
    """How often each was shown."""
    rows = session.execute(
        select(EntryShowing.entry_id, EntryShowing.times).where(
            EntryShowing.entry_id.in_(list(entry_ids))
        )
    )
    return dict.fromkeys(entry_ids, 0) | {row.entry_id: row.times for row in rows}
