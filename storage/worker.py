"""The storage worker: runs what a message causes, one message one transaction.

On SQLite one thread writes; it puts every job that is waiting into one commit, a savepoint each
(group commit), so that a disk flush is shared. On PostgreSQL a few threads write side by side, and
jobs of one key (one chat) always go to the same thread, so they keep their order. A job is a plain
function of a session. It may run twice (a deadlock, a serialisation failure), so it must have no
effect outside its session. `run` returns only after the commit.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar
from zlib import crc32

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

T = TypeVar("T")
Job = Callable[[Session], T]

MOST_PER_COMMIT = 64
TRIES = 5


@dataclass(slots=True)
class _Task:
    job: Job[Any]
    done: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop

    def succeed(self, result: Any) -> None:
        self._settle(lambda: self.done.set_result(result))

    def fail(self, error: BaseException) -> None:
        self._settle(lambda: self.done.set_exception(error))

    def _settle(self, settle: Callable[[], None]) -> None:
        def safely() -> None:
            if not self.done.done():  # the waiter may have been cancelled
                settle()

        self.loop.call_soon_threadsafe(safely)


class StorageWorker:
    """Threads that write, and one that reads, behind two awaitable calls."""

    def __init__(self, engine: Engine, *, writers: int = 4) -> None:
        self._engine = engine
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
        nothing of it is kept) or sqlalchemy.exc.SQLAlchemyError when the commit failed.
        """
        queue = self._queues[crc32(key.encode()) % len(self._queues)]
        result: T = await self._submit(queue, job)
        return result

    async def read(self, job: Job[T]) -> T:
        """Run `job` on a read-only session of its own thread; never holds up a message."""
        result: T = await self._submit(self._reads, job)
        return result

    async def _submit(self, queue: SimpleQueue[_Task | None], job: Job[Any]) -> Any:
        loop = asyncio.get_running_loop()
        task = _Task(job, loop.create_future(), loop)
        queue.put(task)
        return await task.done

    def close(self) -> None:
        """Finish what is queued and stop the threads."""
        for queue in (*self._queues, self._reads):
            queue.put(None)
        for thread in self._threads:
            thread.join(timeout=30)

    def _write_loop(self, queue: SimpleQueue[_Task | None]) -> None:
        while (tasks := self._next_batch(queue)) is not None:
            try:
                self._commit(tasks)
            except BaseException as error:
                for task in tasks:
                    task.fail(error)

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
                with self._engine.connect() as connection, connection.begin():
                    outcomes = [self._one(connection, task) for task in tasks]
                break
            except OperationalError as error:
                # A deadlock or serialisation failure undid it whole; a lost connection during the
                # commit leaves it unknown, and only a redelivery (deduplicated) may repeat that.
                if attempt == TRIES or not _worth_repeating(error):
                    raise
        for task, (result, failure) in zip(tasks, outcomes, strict=True):
            if failure is not None:
                task.fail(failure)
            else:
                task.succeed(result)

    def _one(self, connection: Connection, task: _Task) -> tuple[Any, Exception | None]:
        session = Session(connection, join_transaction_mode="create_savepoint", autoflush=True)
        try:
            with session, session.begin():
                result = task.job(session)
        except OperationalError:
            raise
        except Exception as error:
            return None, error
        return result, None

    def _read_loop(self) -> None:
        sqlite = self._engine.dialect.name == "sqlite"
        options: dict[str, Any] = {"reads": True} if sqlite else {"postgresql_readonly": True}
        while (task := self._reads.get()) is not None:
            try:
                with self._engine.connect().execution_options(**options) as connection:
                    if sqlite:
                        connection.exec_driver_sql("PRAGMA query_only=ON")
                        connection.rollback()
                    with Session(connection) as session:
                        result = task.job(session)
                    connection.rollback()
                    if sqlite:
                        connection.exec_driver_sql("PRAGMA query_only=OFF")
                        connection.rollback()
            except BaseException as error:
                task.fail(error)
            else:
                task.succeed(result)


def _worth_repeating(error: OperationalError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state in ("40001", "40P01")


def answers(engine: Engine) -> None:
    """Ask the database for nothing. Raises sqlalchemy.exc.SQLAlchemyError when it is not there."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
