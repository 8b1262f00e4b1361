"""What one transaction reads many times is read once, and again after this session changed it.

Only within a transaction: another process may change anything between two. What is remembered is
forgotten when the session writes to one of its tables, when something is rolled back, and at the
end of the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import chain
from typing import TypeVar, cast

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction

T = TypeVar("T")

_KEY = "remembered"
_OBJECTS = "remembered objects"
_Known = dict[tuple[str, ...], dict[Hashable, object]]


def once(
    session: Session,
    tables: tuple[str, ...],
    key: Hashable,
    read: Callable[[], T],
    *,
    objects: bool = False,
) -> T:
    """What `read` gives, which this transaction may know already.

    tables: those that all of it is read from. key: tells it from everything else of those. objects:
    it is of objects that the session lets go of after a message (`let_go`). Whoever gets it must
    not change it.
    """
    if not session.in_transaction():
        return read()
    known: _Known = session.info.setdefault(_OBJECTS if objects else _KEY, {})
    if known and _waits(session, tables):
        session.flush()  # as the query would, which also forgets
    of_tables = known.setdefault(tables, {})
    if key not in of_tables:
        of_tables[key] = read()
    return cast(T, of_tables[key])


def _waits(session: Session, tables: tuple[str, ...]) -> bool:
    """Whether something of these tables was changed and is not written yet."""
    changed = chain(session.new, session.dirty, session.deleted)
    return any(row.__tablename__ in tables for row in changed)


def let_go(session: Session) -> None:
    """Forget what is of objects: the session lets go of them."""
    session.info.pop(_OBJECTS, None)


def forget(session: Session, table: str) -> None:
    """Something of this table was changed past the session."""
    for kept in (_KEY, _OBJECTS):
        known: _Known = session.info.get(kept, {})
        for tables in [one for one in known if table in one]:
            del known[tables]


def _forget_all(session: Session) -> None:
    session.info.pop(_KEY, None)
    let_go(session)


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, _context: UOWTransaction) -> None:
    if session.info.get(_KEY) or session.info.get(_OBJECTS):
        for row in chain(session.new, session.dirty, session.deleted):
            forget(session, row.__tablename__)


@event.listens_for(Session, "do_orm_execute")
def _before_bulk(state: ORMExecuteState) -> None:
    if state.is_select:
        return
    table = getattr(state.statement, "table", None)
    if table is None:  # plain SQL: it may be anything
        _forget_all(state.session)
    else:
        forget(state.session, table.name)


@event.listens_for(Session, "after_soft_rollback")
def _after_rollback(session: Session, _transaction: SessionTransaction) -> None:
    _forget_all(session)


@event.listens_for(Session, "after_transaction_end")
def _after_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        _forget_all(session)
