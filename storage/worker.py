"""The storage worker: runs what a message causes, one message one transaction.

On SQLite one thread writes; it puts every job that is waiting into one transaction (group commit),
so that a disk flush is shared; where one of them fails, all are done again with a savepoint each.
On PostgreSQL a few threads write side by side, and jobs of one key (one chat) always go to the same
thread, so they keep their order. A job is a plain function of a session. It may run twice (a
deadlock, a row that two made at once, another job's failure), so it must have no effect outside its
session. `run` returns only after the commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar
from zlib import crc32

from sqlalchemy import Connection, Engine, Transaction, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from storage.areas import Area

T = TypeVar("T")
Job = Callable[[Session], T]

MOST_PER_COMMIT = 64
TRIES = 5


@dataclass(slots=True)
class _Task:
    job: Job[Any]
    done: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop

    def settle(self, result: Any, failure: BaseException | None) -> None:
        """Give the waiter what came of it; on the waiter's loop."""
        if self.done.done():  # the waiter may have been cancelled
            return
        if isinstance(failure, StopIteration):  # a future refuses it, and the waiter would hang
            failure = RuntimeError(f"a job let {failure!r} escape")
        if failure is not None:
            self.done.set_exception(failure)
        else:
            self.done.set_result(result)


Settled = tuple[_Task, Any, BaseException | None]


def _tell(settled: list[Settled]) -> None:
    """Give every waiter what came of its job, each loop woken once."""

    def tell(here: list[Settled]) -> None:
        for task, result, failure in here:
            task.settle(result, failure)

    for loop in {task.loop for task, _, _ in settled}:
        here = [one for one in settled if one[0].loop is loop]
        # A loop that was closed meanwhile has nobody waiting, and must not take this thread along.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, here)


class WorkerClosed(RuntimeError):
    """The program is ending; nothing was done."""


class MessageSession(Session):
    """A session that holds on to what it loaded, so that one message reads a row once.

    The identity map is weak: without this a row that no variable names is fetched again each time.
    """

    def next_message(self) -> None:
        """Let go of what the last message loaded. Areas are kept: nearly every message asks for
        the same ones, and they change by this session alone while it has its transaction."""
        held: list[object] = self.info.get("held", [])
        self.info["held"] = [row for row in held if isinstance(row, Area)]
        held.clear()
        for row in list(self.identity_map.values()):
            if not isinstance(row, Area):  # somebody still names it
                self.expunge(row)


@event.listens_for(MessageSession, "loaded_as_persistent")
def _hold(session: Session, row: object) -> None:
    session.info.setdefault("held", []).append(row)


class _JobFailed(Exception):
    """What a job raised, before the commit; None where it took everything back."""

    def __init__(self, error: Exception | None) -> None:
        super().__init__()
        self.error = error


class StorageWorker:
    """Threads that write, and one that reads, behind two awaitable calls."""

    def __init__(self, engine: Engine, *, writers: int = 4) -> None:
        self._engine = engine
        self._closed = False
        sqlite = engine.dialect.name == "sqlite"
        self._most = MOST_PER_COMMIT if sqlite else 1
        self._queues: list[SimpleQueue[_Task | None]] = [
            SimpleQueue() for _ in range(1 if sqlite else writers)
        ]
        self._reads: SimpleQueue[_Task | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._write_loop, args=(q,), name=f"storage-{i}", daemon=True)
            for i, q in enumerate(self._queues)
        ]
        self._threads.append(
            threading.Thread(target=self._read_loop, name="storage-read", daemon=True)
        )
        for thread in self._threads:
            thread.start()

    async def run(self, job: Job[T], *, key: str = "") -> T:
        """Run `job` in a transaction of its own; its result, after the commit.

        key: jobs of equal key run in the order they were given. Raises what the job raised (then
        nothing of it is kept), sqlalchemy.exc.SQLAlchemyError when the commit failed, or
        WorkerClosed after `close`.
        """
        queue = self._queues[crc32(key.encode()) % len(self._queues)]
        result: T = await self._submit(queue, job)
        return result

    async def read(self, job: Job[T]) -> T:
        """Run `job` on a read-only session of its own thread; never holds up a message."""
        result: T = await self._submit(self._reads, job)
        return result

    async def read_apart(self, job: Job[T]) -> T:
        """Run `job` on a read-only session of a thread of its own: for what takes seconds, which
        would hold up `read`."""
        return await asyncio.to_thread(self._read_once, job)

    async def run_apart(self, job: Job[T]) -> T:
        """Run `job` in a transaction on a thread of its own, where no other job is waited for. Not
        on SQLite, which has one writer. Raises as `run`, and repeats nothing."""
        return await asyncio.to_thread(self._run_once, job)

    def _run_once(self, job: Job[T]) -> T:
        with Session(self._engine) as session, session.begin():
            return job(session)

    def _read_once(self, job: Job[T]) -> T:
        with _read_only(self._engine) as connection, Session(connection) as session:
            return job(session)

    async def _submit(self, queue: SimpleQueue[_Task | None], job: Job[Any]) -> Any:
        if self._closed:
            raise WorkerClosed("the storage worker is closed")
        loop = asyncio.get_running_loop()
        task = _Task(job, loop.create_future(), loop)
        queue.put(task)
        return await task.done

    def close(self) -> None:
        """Finish what is queued and stop the threads; what comes later is refused."""
        self._closed = True
        for queue in (*self._queues, self._reads):
            queue.put(None)
        for thread in self._threads:
            thread.join(timeout=30)

    def _write_loop(self, queue: SimpleQueue[_Task | None]) -> None:
        while (tasks := self._next_batch(queue)) is not None:
            try:
                self._commit(tasks)
            except BaseException as error:
                _tell([(task, None, error) for task in tasks])

    def _next_batch(self, queue: SimpleQueue[_Task | None]) -> list[_Task] | None:
        first = queue.get()
        if first is None:
            return None
        tasks = [first]
        while len(tasks) < self._most:
            try:
                following = queue.get_nowait()
            except Empty:
                break
            if following is None:
                queue.put(None)
                break
            tasks.append(following)
        return tasks

    def _commit(self, tasks: list[_Task]) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                outcomes = self._try(tasks)
                break
            except (OperationalError, IntegrityError) as error:
                # A deadlock, a serialisation failure, or a row that another message made at the
                # same moment undid it whole; a lost connection during the commit leaves it
                # unknown, and only a redelivery (deduplicated) may repeat that.
                if attempt == TRIES or not _worth_repeating(error):
                    raise
        _tell([(task, *outcome) for task, outcome in zip(tasks, outcomes, strict=True)])

    def _try(self, tasks: list[_Task]) -> list[tuple[Any, Exception | None]]:
        """Result or failure of each job, after the commit."""
        try:
            with self._engine.connect() as connection, connection.begin() as transaction:
                return [(result, None) for result in _all(connection, transaction, tasks)]
        except _JobFailed as failed:
            error = failed.error
        if len(tasks) == 1 and error is not None:
            if isinstance(error, OperationalError | IntegrityError):
                raise error
            return [(None, error)]
        # Which of them is to blame, and what the others would have done without it: once more.
        with self._engine.connect() as connection, connection.begin():
            return [self._one(connection, task) for task in tasks]

    def _one(self, connection: Connection, task: _Task) -> tuple[Any, Exception | None]:
        session = MessageSession(connection, join_transaction_mode="create_savepoint")
        try:
            with session, session.begin():
                result = task.job(session)
        except OperationalError as error:
            if _transaction_is_lost(connection, error):
                raise
            return None, error
        except IntegrityError as error:
            if _worth_repeating(error):
                raise
            return None, error
        except Exception as error:
            return None, error
        return result, None

    def _read_loop(self) -> None:
        while (task := self._reads.get()) is not None:
            try:
                with _read_only(self._engine) as connection, Session(connection) as session:
                    result = task.job(session)
            except BaseException as error:
                _tell([(task, None, error)])
            else:
                _tell([(task, result, None)])


def _all(connection: Connection, transaction: Transaction, tasks: list[_Task]) -> list[Any]:
    """The results of these jobs, done in one session one after the other, not committed yet.

    A savepoint and a session for each would cost a third of a short message. Raises _JobFailed;
    nothing may be kept then.
    """
    results = []
    session = MessageSession(
        connection, join_transaction_mode="rollback_only", expire_on_commit=False
    )
    with session:
        try:
            for task in tasks:
                results.append(task.job(session))
                session.flush()
                if not transaction.is_active:
                    raise _JobFailed(None)
                session.next_message()
            session.commit()  # the caller's transaction goes on
        except Exception as error:
            raise error if isinstance(error, _JobFailed) else _JobFailed(error) from error
    return results


@contextlib.contextmanager
def _read_only(engine: Engine) -> Iterator[Connection]:
    """A connection that cannot write, and that writes again once it is back in the pool."""
    if engine.dialect.name != "sqlite":
        with engine.connect().execution_options(postgresql_readonly=True) as connection:
            yield connection
        return
    with engine.connect().execution_options(reads=True) as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.rollback()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA query_only=OFF")
            connection.rollback()


def _transaction_is_lost(connection: Connection, error: OperationalError) -> bool:
    """Whether a job's failure undid more than the job: the whole transaction, or the connection."""
    if connection.dialect.name != "sqlite":
        return True  # the job is alone in its transaction, and `_commit` knows what to repeat
    if error.connection_invalidated or connection.invalidated:
        return True
    # A full disk, a read error or no memory make SQLite roll everything back by itself.
    raw: Any = connection.connection.dbapi_connection
    return not raw.in_transaction


def _worth_repeating(error: DBAPIError) -> bool:
    """Only PostgreSQL, where a job is alone in its transaction, has such states."""
    state = getattr(error.orig, "sqlstate", None)
    return state in ("40001", "40P01", "23505")


def answers(engine: Engine) -> None:
    """Ask the database for nothing. Raises sqlalchemy.exc.SQLAlchemyError when it is not there."""
    with engine.connect().execution_options(reads=True) as connection:
        connection.execute(text("SELECT 1"))
