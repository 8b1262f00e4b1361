"""How every process learns that the directory changed: one row that is renewed with each change."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import event, func, insert, inspect, select, update
from sqlalchemy.orm import Session

from storage.directory.tables import DirectoryMark, NeedWord
from storage.entries import Entry

SEARCHED = ("category", "name", "offers", "area_id", "hours")
"""The columns of an entry that the index holds."""

Version = tuple[str | None, int | None]


def version(session: Session) -> Version:
    """What an index is compared by: the mark, and the newest entry in case rows came in past it."""
    newest = select(func.max(Entry.id)).scalar_subquery()
    mark = select(DirectoryMark.mark).where(DirectoryMark.id == 1).scalar_subquery()
    row = session.execute(select(mark, newest)).one()
    return row[0], row[1]


def mark_changed(session: Session) -> None:
    """Let every process read the directory anew. For who writes entries past the ORM.

    The mark is a token and not a number: a number that was rolled back would come again for
    another change.
    """
    mark = secrets.token_hex(16)
    done = session.execute(update(DirectoryMark).where(DirectoryMark.id == 1).values(mark=mark))
    if not done.rowcount:  # type: ignore[attr-defined]
        session.execute(insert(DirectoryMark).values(id=1, mark=mark))


def _is_searched(row: object, *, new: bool) -> bool:
    if isinstance(row, NeedWord):
        return True
    if not isinstance(row, Entry):
        return False
    state = inspect(row)
    return new or any(state.attrs[name].history.has_changes() for name in SEARCHED)


@event.listens_for(Session, "before_flush")
def _renew(session: Session, _context: Any, _instances: Any) -> None:
    changed = (
        any(_is_searched(row, new=True) for row in session.new)
        or any(_is_searched(row, new=True) for row in session.deleted)
        or any(_is_searched(row, new=False) for row in session.dirty)
    )
    if changed:
        mark_changed(session)
