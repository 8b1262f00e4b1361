"""The storage worker: runs what a message causes, one message one transaction.

Jobs that wait for nobody share transactions: a thread puts everything that is waiting into one
(group commit, `storage/batches.py`). On SQLite these are all jobs. On PostgreSQL it is what is
given with `together`; the others, and what a shared transaction could not do just now, have
transactions of their own on a few threads side by side. Jobs of one key (one chat) keep their order
either way. A job is a plain function of a session. It may run twice (a deadlock, a row that two
made at once, another job's failure), so it must have no effect outside its session. `run` returns
only after the commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar
from zlib import crc32

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from storage import batches
from storage.batches import Outcome, Work
from storage.outages import Outages

T = TypeVar("T")
Job = Callable[[Session], T]

MOST_PER_COMMIT = 64
AHEAD = "outbox"
"""Jobs of this key go before all others that wait for the shared transaction: what was begun is
ended before more is begun. Behind the messages that came meanwhile, answers that are ready would
wait for all of them, and when more came than can be done nobody would get one."""
SPAN = 0.2
"""Seconds after which a shared transaction begins no other job. All that it did waits so long for
its commit, and is lost where the program is killed before it: one that lived shorter than its first
transaction would never get on. On PostgreSQL other processes wait for what it holds: less than they
do (`turns.A_MOMENT`)."""


@dataclass(slots=True)
class _Task:
    work: Work
    done: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    apart: bool = False
    """Taken out of a shared transaction: what has its key follows it."""

    def settle(self, outcome: Outcome) -> None:
        """Give the waiter what came of it; on the waiter's loop."""
        if self.done.done():  # the waiter may have been cancelled
            return
        failure = outcome.error
        if isinstance(failure, StopIteration):  # a future refuses it, and the waiter would hang
            failure = RuntimeError(f"a job let {failure!r} escape")
        if failure is not None:
            self.done.set_exception(failure)
        else:
            self.done.set_result(outcome.result)


Settled = tuple[_Task, Outcome]
_Queue = SimpleQueue[_Task | None]


def _tell(settled: list[Settled]) -> None:
    """Give every waiter what came of its job, each loop woken once."""

    def tell(here: list[Settled]) -> None:
        for task, outcome in here:
            task.settle(outcome)

    for loop in {task.loop for task, _ in settled}:
        here = [one for one in settled if one[0].loop is loop]
        # A loop that was closed meanwhile has nobody waiting, and must not take this thread along.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, here)


class WorkerClosed(RuntimeError):
    """The program is ending; nothing was done."""


class StorageWorker:
    """Threads that write, and one that reads, behind two awaitable calls."""

    def __init__(self, engine: Engine, *, writers: int = 4) -> None:
        self._engine = engine
        self._closed = False
        self._outages = Outages()
        sqlite = engine.dialect.name == "sqlite"
        self._span = SPAN
        # One thread: two, one for chats and one for the outbox, took a fifth more of the processor,
        # and shared transactions side by side would meet at the same rows.
        self._shared: _Queue = SimpleQueue()
        self._alone: list[_Queue] = [SimpleQueue() for _ in range(0 if sqlite else writers)]
        self._reads: _Queue = SimpleQueue()
        self._apart: Counter[str] = Counter()
        self._apart_lock = threading.Lock()
        self._threads = [
            self._thread(self._share, self._shared),
            *(self._thread(self._one_by_one, queue) for queue in self._alone),
            self._thread(self._read_loop, self._reads),
        ]
        for thread in self._threads:
            thread.start()

    def _thread(self, loop: Callable[[_Queue], None], queue: _Queue) -> threading.Thread:
        name = f"storage{loop.__name__}"
        return threading.Thread(target=loop, args=(queue,), name=name, daemon=True)

    async def run(self, job: Job[T], *, key: str = "", turn: str = "", together: bool = False) -> T:
        """Run `job` in a transaction; its result, after the commit.

        key: jobs of equal key, and equal `together`, run in the order they were given. turn: what
        no other process may be doing meanwhile (`storage.turns`). together: it is short and waits
        for nobody itself, so it may share its transaction with others. Raises what the job raised
        (then nothing of it is kept), sqlalchemy.exc.SQLAlchemyError when the commit failed, or
        WorkerClosed after `close`.
        """
        shares = together or not self._alone
        queue = self._shared if shares else self._of(key)
        with self._heard("write"):
            result: T = await self._submit(queue, Work(job, key, turn))
        return result

    def _of(self, key: str) -> _Queue:
        return self._alone[crc32(key.encode()) % len(self._alone)]

    async def read(self, job: Job[T]) -> T:
        """Run `job` on a read-only session of its own thread; never holds up a message."""
        with self._heard("read"):
            result: T = await self._submit(self._reads, Work(job))
        return result

    async def read_apart(self, job: Job[T]) -> T:
        """Run `job` on a read-only session of a thread of its own: for what takes seconds, which
        would hold up `read`."""
        with self._heard("read"):
            return await asyncio.to_thread(self._read_once, job)

    async def run_apart(self, job: Job[T]) -> T:
        """Run `job` in a transaction on a thread of its own, where no other job is waited for. Not
        on SQLite, which has one writer. Raises as `run`, and repeats nothing."""
        with self._heard("write"):
            return await asyncio.to_thread(self._run_once, job)

    @contextlib.contextmanager
    def _heard(self, what: str) -> Iterator[None]:
        """The log hears when the database goes, and when it is back."""
        try:
            yield
        except Exception as error:
            self._outages.failed(what, error)
            raise
        self._outages.went_well(what)

    def _run_once(self, job: Job[T]) -> T:
        with Session(self._engine) as session, session.begin():
            return job(session)

    def _read_once(self, job: Job[T]) -> T:
        with _read_only(self._engine) as connection, Session(connection) as session:
            return job(session)

    async def _submit(self, queue: _Queue, work: Work) -> Any:
        if self._closed:
            raise WorkerClosed("the storage worker is closed")
        loop = asyncio.get_running_loop()
        task = _Task(work, loop.create_future(), loop)
        queue.put(task)
        return await task.done

    def close(self) -> None:
        """Finish what is queued and stop the threads; what comes later is refused."""
        self._closed = True
        self._shared.put(None)
        self._threads[0].join(timeout=30)  # it may still put something off
        for queue in (*self._alone, self._reads):
            queue.put(None)
        for thread in self._threads:
            thread.join(timeout=30)

    def _share(self, queue: _Queue) -> None:
        waiting: list[_Task] = []
        while (batch := self._next_batch(queue, waiting)) is not None:
            tasks = [task for task in batch if not self._follows(task)]
            if not tasks:
                continue
            works = [task.work for task in tasks]
            try:
                outcomes = batches.together(self._engine, works, self._span)
            except BaseException as error:
                _tell([(task, Outcome(error=error)) for task in tasks])
                continue
            waiting[:0] = tasks[len(outcomes) :]
            settled = []
            for task, outcome in zip(tasks, outcomes, strict=False):
                if outcome is None:
                    self._set_apart(task)
                else:
                    settled.append((task, outcome))
            _tell(settled)

    def _next_batch(self, queue: _Queue, left: list[_Task]) -> list[_Task] | None:
        """What is to be tried next of what was left and of everything that is waiting now, in its
        order but what goes `AHEAD`; a lone job waits for no others. None at the end."""
        if not left:
            first = queue.get()
            if first is None:
                return None
            left.append(first)
        while True:
            try:
                following = queue.get_nowait()
            except Empty:
                break
            if following is None:
                queue.put(None)
                break
            left.append(following)
        left.sort(key=lambda task: task.work.key != AHEAD)  # keeps the order otherwise
        batch = left[:MOST_PER_COMMIT]
        del left[:MOST_PER_COMMIT]
        return batch

    def _follows(self, task: _Task) -> bool:
        """Whether something of its key was set apart and is not done yet; then so is this."""
        if not self._apart[task.work.key]:  # only this thread puts something of this key there
            return False
        self._set_apart(task)
        return True

    def _set_apart(self, task: _Task) -> None:
        key = task.work.key
        task.apart = True
        with self._apart_lock:
            self._apart[key] += 1
        self._of(key).put(task)

    def _one_by_one(self, queue: _Queue) -> None:
        while (task := queue.get()) is not None:
            try:
                outcome = batches.alone(self._engine, task.work)
            except BaseException as error:
                outcome = Outcome(error=error)
            if task.apart:
                with self._apart_lock:
                    self._apart[task.work.key] -= 1
                    self._apart += Counter()  # forgets what has come to nothing
            _tell([(task, outcome)])

    def _read_loop(self, queue: _Queue) -> None:
        while (task := queue.get()) is not None:
            try:
                outcome = Outcome(self._read_once(task.work.job))
            except BaseException as error:
                outcome = Outcome(error=error)
            _tell([(task, outcome)])


@contextlib.contextmanager
def _read_only(engine: Engine) -> Iterator[Connection]:
    """A connection that cannot write, and that writes again once it is back in the pool."""
    if engine.dialect.name != "sqlite":
        with engine.connect().execution_options(postgresql_readonly=True) as connection:
            yield connection
            connection.commit()  # the driver forgets its prepared statements with a ROLLBACK
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


def answers(engine: Engine) -> None:
    """Ask the database for nothing. Raises sqlalchemy.exc.SQLAlchemyError when it is not there."""
    with engine.connect().execution_options(reads=True) as connection:
        connection.execute(text("SELECT 1"))
