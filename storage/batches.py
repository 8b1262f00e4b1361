"""What the storage worker does with jobs: many in one transaction, or one in a transaction of its
own.

Many share the reads, the round trips and the flush to disk. On PostgreSQL such a transaction never
waits long for anybody: what another process holds just now is put off, to be done by itself, and so
is what lost a deadlock. Then no two of them wait for each other, and one chat that must wait holds
up no other.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Transaction, event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from storage import remembered, turns
from storage.areas import Area

Job = Callable[[Session], Any]

TRIES = 5
_AGAIN = ("40001", "40P01", "23505")
"""Serialisation failure, deadlock, a row that another one made at the same moment."""
_PUT_OFF = (*_AGAIN, "55P03")
"""And a lock that did not come in time."""


@dataclass(frozen=True, slots=True)
class Work:
    """A job. key: of equal key each is done after the one before. turn: what no other process may
    be doing meanwhile (`storage.turns`), if anything."""

    job: Job
    key: str = ""
    turn: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job, after the commit: a result, or an error, and then nothing is kept."""

    result: Any = None
    error: BaseException | None = None


class MessageSession(Session):
    """A session that holds on to what it loaded, so that one message reads a row once.

    The identity map is weak: without this a row that no variable names is fetched again each time.
    """

    def next_message(self) -> None:
        """Let go of what the last message loaded. Areas are kept: nearly every message asks for
        the same ones. What another process makes of them meanwhile is as if it came after."""
        held: list[object] = self.info.get("held", [])
        self.info["held"] = [row for row in held if isinstance(row, Area)]
        held.clear()
        remembered.let_go(self)
        for row in list(self.identity_map.values()):
            if not isinstance(row, Area):  # somebody still names it
                self.expunge(row)


@event.listens_for(MessageSession, "loaded_as_persistent")
def _hold(session: Session, row: object) -> None:
    session.info.setdefault("held", []).append(row)


class _JobFailed(Exception):
    """What the job at `index` raised, before the commit; None where it took everything back."""

    def __init__(self, index: int, error: Exception | None) -> None:
        super().__init__()
        self.index = index
        self.error = error


def alone(engine: Engine, work: Work) -> Outcome:
    """Do it in a transaction of its own, however long somebody else must be waited for.

    What undid it whole (a deadlock, a row that another message made at the same moment) is tried
    again. A connection that is lost during the commit leaves it unknown: only a redelivery, which
    is deduplicated, may repeat that, so it is raised.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return _alone(engine, work)
        except (OperationalError, IntegrityError) as error:
            if attempt == TRIES or _state(error) not in _AGAIN:
                raise
    raise AssertionError  # the last try returns or raises


def _alone(engine: Engine, work: Work) -> Outcome:
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            if work.turn:
                turns.take(connection, work.turn)
            outcome = _all(connection, transaction, [work])[0]
            assert outcome is not None
            return outcome
    except _JobFailed as failed:
        error = failed.error
    if error is None:
        with engine.connect() as connection, connection.begin():
            if work.turn:
                turns.take(connection, work.turn)
            return _one(connection, work)
    if isinstance(error, OperationalError | IntegrityError):
        raise error
    return Outcome(error=error)


def together(engine: Engine, works: Sequence[Work], span: float = math.inf) -> list[Outcome | None]:
    """Do them in one transaction; what came of each, after the commit.

    span: begin no other after so many seconds; the answer is then of the first ones only, as it is
    where one of them failed, which costs them a second transaction.
    None for what somebody else kept from being done just now, and for what comes after it with the
    same key: nothing of it is kept, and it is to be done by `alone`. Only on PostgreSQL. Raises
    what undid all of it.
    """
    waits: set[str] = set()  # keys
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            waits |= _hindered(connection, works)
            return _all(connection, transaction, works, waits, span)
    except _JobFailed as failed:
        error, failed_at = failed.error, failed.index
        if error is not None:
            if _state(error) in _PUT_OFF and failed.index < len(works):
                waits.add(works[failed.index].key)
            elif len(works) == 1:
                return [Outcome(error=error)]
    # What came before it would have been done without it: once more. What comes behind has time.
    works = works[: failed_at + 1]
    if all(work.key in waits for work in works):
        return [None] * len(works)
    try:
        with engine.connect() as connection, connection.begin():
            waits |= _hindered(connection, [work for work in works if work.key not in waits])
            return [_one_of(connection, work, waits) for work in works]
    except DBAPIError as error:
        if _state(error) not in _PUT_OFF:
            raise
        return [None] * len(works)


def _hindered(connection: Connection, works: Sequence[Work]) -> set[str]:
    """The keys of what somebody else is doing just now; the turns of the others are taken."""
    if connection.dialect.name != "postgresql":
        return set()
    got = turns.take_free(connection, {work.turn for work in works if work.turn})
    return {work.key for work in works if work.turn and work.turn not in got}


def _all(
    connection: Connection,
    transaction: Transaction,
    works: Sequence[Work],
    waits: Collection[str] = (),
    span: float = math.inf,
) -> list[Outcome | None]:
    """What came of these jobs, done in one session one after the other, not committed yet; None
    for those whose key waits. As many as begin within `span`.

    A savepoint and a session for each would cost a third of a short message. Raises _JobFailed;
    nothing may be kept then.
    """
    done: list[Outcome | None] = []
    until = time.monotonic() + span
    session = MessageSession(
        connection, join_transaction_mode="rollback_only", expire_on_commit=False
    )
    with session:
        try:
            for work in works:
                if work.key in waits:
                    done.append(None)
                    continue
                if done and time.monotonic() > until:
                    break
                result = work.job(session)
                session.flush()
                if not transaction.is_active:
                    raise _JobFailed(len(done), None)
                session.next_message()
                done.append(Outcome(result))
            session.commit()  # the caller's transaction goes on
        except _JobFailed:
            raise
        except Exception as error:
            raise _JobFailed(len(done), error) from error
    return done


def _one_of(connection: Connection, work: Work, waits: set[str]) -> Outcome | None:
    """`_one`, unless its key waits; where it cannot be done just now its key waits from now on."""
    if work.key in waits:
        return None
    outcome = _one(connection, work)
    if outcome.error is not None and _state(outcome.error) in _PUT_OFF:
        waits.add(work.key)
        return None
    return outcome


def _one(connection: Connection, work: Work) -> Outcome:
    """Do it in a savepoint. Raises what undid more than that."""
    session = MessageSession(connection, join_transaction_mode="create_savepoint")
    try:
        with session, session.begin():
            result = work.job(session)
    except Exception as error:
        if isinstance(error, DBAPIError) and _transaction_is_lost(connection, error):
            raise
        return Outcome(error=error)
    return Outcome(result)


def _transaction_is_lost(connection: Connection, error: DBAPIError) -> bool:
    """Whether a job's failure undid more than the job: the whole transaction, or the connection."""
    if error.connection_invalidated or connection.invalidated:
        return True
    if connection.dialect.name != "sqlite":
        return False  # going back to the savepoint mends everything else, a deadlock too
    # A full disk, a read error or no memory make SQLite roll everything back by itself.
    raw: Any = connection.connection.dbapi_connection
    return not raw.in_transaction


def _state(error: BaseException) -> str | None:
    """PostgreSQL's five letters for what went wrong."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)
