"""One message, one transaction: in order, shared commits, no failure that spreads or hides."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any
from zlib import crc32

import pytest
from sqlalchemy import Engine, event, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from storage.database import open_engine
from storage.people import Person
from storage.vault import Vault
from storage.worker import StorageWorker, answers

Say = Callable[[str], Callable[[Session], int]]


@pytest.fixture
async def worker(engine: Engine) -> AsyncIterator[StorageWorker]:
    worker = StorageWorker(engine)
    yield worker
    worker.close()


@pytest.fixture
def add(now: datetime) -> Say:
    """A job that adds a person of this name and returns its id."""

    def named(name: str) -> Callable[[Session], int]:
        def job(session: Session) -> int:
            person = Person(name=name, created_at=now)
            session.add(person)
            session.flush()
            return person.id

        return job

    return named


def names(engine: Engine) -> list[str]:
    """What another connection sees."""
    with engine.connect().execution_options(reads=True) as connection:
        return list(connection.scalars(select(Person.name).order_by(Person.id)))


class Gate:
    """A job that holds its thread until told to go, so that others gather behind it."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.go = threading.Event()

    def __call__(self, _session: Session) -> None:
        self.reached.set()
        assert self.go.wait(20)


@contextlib.asynccontextmanager
async def held(
    worker: StorageWorker, key: str = "", *, together: bool = False
) -> AsyncIterator[None]:
    """Jobs given inside gather behind a gate and, on SQLite or `together`, go into one batch."""
    gate = Gate()
    first = asyncio.ensure_future(worker.run(gate, key=key, together=together))
    await asyncio.to_thread(gate.reached.wait, 20)
    try:
        yield
        await asyncio.sleep(0)
    finally:
        gate.go.set()
        await first


async def test_jobs_of_one_key_keep_their_order(worker: StorageWorker, engine: Engine) -> None:
    seen: dict[str, list[int]] = {}

    def job(key: str, number: int) -> Callable[[Session], None]:
        def inner(session: Session) -> None:
            if number % 7 == 0:
                time.sleep(0.002)
            seen.setdefault(key, []).append(number)

        return inner

    await asyncio.gather(
        *(worker.run(job(f"chat{k}", n), key=f"chat{k}") for n in range(40) for k in range(10))
    )
    assert seen == {f"chat{k}": list(range(40)) for k in range(10)}


async def test_a_result_means_committed(worker: StorageWorker, engine: Engine, add: Say) -> None:
    for number in range(20):
        given = await worker.run(add(f"{number}"), key=str(number))
        with engine.connect().execution_options(reads=True) as other:
            found = other.scalars(select(Person.name).where(Person.id == given)).one()
        assert found == str(number)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("how", ["raises", "bad sql", "constraint", "stop iteration", "rolls back"])
async def test_a_failing_job_fails_alone(
    worker: StorageWorker, engine: Engine, add: Say, now: datetime, how: str, together: bool
) -> None:
    def bad(session: Session) -> None:
        session.add(Person(name="bad", created_at=now))
        session.flush()
        if how == "raises":
            raise LookupError("no such thing")
        if how == "bad sql":
            session.execute(text("SELECT * FROM no_such_table"))
        if how == "constraint":
            session.add(Person(name="worse", home_id=404, created_at=now))
            session.flush()
        if how == "stop iteration":
            next(iter([]))
        session.rollback()

    kinds = {
        "raises": LookupError,
        "bad sql": DBAPIError,
        "constraint": IntegrityError,
        "stop iteration": RuntimeError,
    }
    async with held(worker, "one", together=together):
        given = [
            asyncio.ensure_future(worker.run(job, key="one", together=together))
            for job in (add("a"), add("b"), bad, add("c"))
        ]
    a, b, failed, c = await asyncio.wait_for(asyncio.gather(*given, return_exceptions=True), 20)
    assert isinstance(a, int)
    assert isinstance(b, int)
    assert isinstance(c, int)
    assert failed is None if how == "rolls back" else isinstance(failed, kinds[how])
    assert names(engine) == ["a", "b", "c"]
    assert isinstance(await worker.run(add("d"), key="one"), int), "the thread lives on"


async def test_what_stands_behind_a_failure_is_done_once(
    worker: StorageWorker, engine: Engine, add: Say
) -> None:
    """Only what came before it was undone with it."""
    done: list[str] = []

    def job(name: str) -> Callable[[Session], None]:
        def run(session: Session) -> None:
            done.append(name)
            if name == "b":
                raise ValueError(name)
            add(name)(session)

        return run

    async with held(worker, together=True):
        given = [
            asyncio.ensure_future(worker.run(job(name), key=name, together=True)) for name in "abcd"
        ]
    outcomes = await asyncio.gather(*given, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), ValueError, *[type(None)] * 2]
    assert done == ["a", "b", "a", "b", "c", "d"]
    assert names(engine) == ["a", "c", "d"]


async def test_a_shared_transaction_comes_to_an_end(
    worker: StorageWorker, engine: Engine, add: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much waits: a program that was killed before its end would have done nothing."""
    monkeypatch.setattr(worker, "_span", 0.0)
    committed: list[list[str]] = []
    event.listen(engine, "commit", lambda _connection: committed.append([]))
    async with held(worker, together=True):
        given = [asyncio.ensure_future(worker.run(add(n), key=n, together=True)) for n in "abcd"]
    await asyncio.gather(*given)
    assert len(committed) == 5, "the gate's, and each its own"


async def test_sqlite_shares_commits(sqlite_url: str, vault: Vault, add: Say) -> None:
    engine = open_engine(sqlite_url, vault)
    counted: list[None] = []
    event.listen(engine, "commit", lambda _connection: counted.append(None))
    worker = StorageWorker(engine)
    async with held(worker):
        given = [asyncio.ensure_future(worker.run(add(str(n)))) for n in range(100)]
    await asyncio.gather(*given)
    worker.close()
    # The gate's own commit, then 64 and 36 jobs.
    assert len(counted) == 3
    assert names(engine) == [str(n) for n in range(100)]
    engine.dispose()


async def test_a_commit_that_fails_reaches_everyone(
    worker: StorageWorker, engine: Engine, add: Say
) -> None:
    broken = True
    tried: list[None] = []

    def power_cut(_connection: Any) -> None:
        tried.append(None)
        if broken and len(tried) > 1:  # the first is the gate's
            raise OperationalError("COMMIT", None, Exception("disk I/O error"))

    async with held(worker, "one"):
        given = [asyncio.ensure_future(worker.run(add(str(n)), key="one")) for n in range(5)]
        await asyncio.sleep(0)
        event.listen(engine, "commit", power_cut)
    outcomes = await asyncio.wait_for(asyncio.gather(*given, return_exceptions=True), 20)
    assert [type(outcome) for outcome in outcomes] == [OperationalError] * 5
    assert names(engine) == []
    broken = False
    await worker.run(add("after"), key="one")
    assert names(engine) == ["after"]


async def test_postgresql_runs_chats_side_by_side(postgres_url: str, vault: Vault) -> None:
    engine = open_engine(postgres_url, vault)
    worker = StorageWorker(engine, writers=4)
    meeting = threading.Barrier(2, timeout=10)
    keys = {hash_of(worker, str(n)): str(n) for n in range(50)}
    assert len(keys) == 4
    one, two = list(keys.values())[:2]
    await asyncio.gather(
        worker.run(lambda _s: meeting.wait(), key=one),
        worker.run(lambda _s: meeting.wait(), key=two),
    )
    worker.close()
    engine.dispose()


def hash_of(worker: StorageWorker, key: str) -> int:
    return crc32(key.encode()) % len(worker._alone)


async def test_a_deadlock_is_tried_again(postgres_url: str, vault: Vault, add: Say) -> None:
    engine = open_engine(postgres_url, vault)
    worker = StorageWorker(engine, writers=4)
    first, second = await worker.run(add("first")), await worker.run(add("second"))
    meeting = threading.Barrier(2, timeout=10)
    runs: list[int] = []

    def touch(one: int, other: int) -> Callable[[Session], None]:
        met = False

        def job(session: Session) -> None:
            nonlocal met
            runs.append(one)
            session.execute(text("SET LOCAL deadlock_timeout = '50ms'"))
            for step, person in enumerate((one, other)):
                name = Person.name + "+"
                session.execute(update(Person).where(Person.id == person).values(name=name))
                if step == 0 and not met:
                    met = True
                    meeting.wait()

        return job

    keys = list({hash_of(worker, str(n)): str(n) for n in range(50)}.values())
    await asyncio.gather(
        worker.run(touch(first, second), key=keys[0]),
        worker.run(touch(second, first), key=keys[1]),
    )
    assert len(runs) == 3, "one of the two ran twice"
    assert sorted(names(engine)) == ["first++", "second++"]
    worker.close()
    engine.dispose()


async def test_closing_finishes_what_is_queued(engine: Engine, add: Say) -> None:
    worker = StorageWorker(engine)
    given = [asyncio.ensure_future(worker.run(add(str(n)), key=str(n))) for n in range(150)]
    await asyncio.sleep(0)
    worker.close()
    assert len(set(await asyncio.gather(*given))) == 150
    assert len(names(engine)) == 150
    assert not [thread for thread in worker._threads if thread.is_alive()]
    with pytest.raises(RuntimeError, match="closed"):
        await asyncio.wait_for(worker.run(add("late")), 5)
    worker.close()


async def test_a_read_cannot_write(worker: StorageWorker, engine: Engine, add: Say) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        await worker.read(add("x"))
    assert names(engine) == []
    for _ in range(12):  # the connection that refused goes back to the pool and writes again
        await worker.run(add("y"))
        assert await worker.read(lambda s: s.scalars(select(Person.name)).first()) == "y"


async def test_a_read_that_fails_leaves_no_read_only_connection(
    worker: StorageWorker, engine: Engine, add: Say
) -> None:
    def fail(session: Session) -> None:
        session.execute(select(Person.id))
        raise LookupError

    for _ in range(6):
        with pytest.raises(LookupError):
            await worker.read(fail)
    with contextlib.ExitStack() as stack:  # every connection the pool holds can write
        connections = [stack.enter_context(engine.connect()) for _ in range(4)]
        for number, connection in enumerate(connections):
            connection.exec_driver_sql(
                "INSERT INTO people (id, name, phone_proven, created_at)"
                f" VALUES ({number}, 'z', false, '2026-11-23 10:00:00')"
            )
            connection.commit()


async def test_a_long_read_does_not_hold_up_a_message(
    worker: StorageWorker, engine: Engine, add: Say
) -> None:
    gate = Gate()

    def read(session: Session) -> int:
        before = len(session.scalars(select(Person.id)).all())
        gate(session)
        return before

    reading = asyncio.ensure_future(worker.read(read))
    await asyncio.to_thread(gate.reached.wait, 10)
    await asyncio.wait_for(worker.run(add("meanwhile")), 5)
    assert names(engine) == ["meanwhile"]
    gate.go.set()
    assert await reading == 0


async def test_a_locked_file_is_told_and_then_forgotten(
    sqlite_url: str, vault: Vault, add: Say
) -> None:
    engine = open_engine(sqlite_url, vault)

    @event.listens_for(engine, "connect")
    def impatient(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA busy_timeout=200")

    worker = StorageWorker(engine)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    given = [worker.run(add(str(n))) for n in range(3)]
    outcomes = await asyncio.wait_for(asyncio.gather(*given, return_exceptions=True), 10)
    assert [type(outcome) for outcome in outcomes] == [OperationalError] * 3
    other.execute("ROLLBACK")
    other.close()
    await worker.run(add("after"))
    assert names(engine) == ["after"]
    worker.close()
    engine.dispose()


async def test_a_full_disk_fails_the_batch_and_loses_nothing_told(
    sqlite_url: str, vault: Vault, add: Say
) -> None:
    """SQLite undoes the whole transaction by itself: nobody of that batch may be told "kept"."""
    engine = open_engine(sqlite_url, vault)
    worker = StorageWorker(engine)
    await worker.run(add("before"))

    def undone(session: Session) -> None:
        session.flush()
        raw: Any = session.connection().connection.dbapi_connection
        raw.execute("ROLLBACK")  # what SQLITE_FULL does
        raise OperationalError("INSERT", None, sqlite3.OperationalError("disk is full"))

    async with held(worker):
        given = [asyncio.ensure_future(worker.run(job)) for job in (add("a"), undone, add("b"))]
    outcomes = await asyncio.wait_for(asyncio.gather(*given, return_exceptions=True), 10)
    assert all(isinstance(outcome, Exception) for outcome in outcomes)
    assert names(engine) == ["before"]
    await worker.run(add("after"))
    assert names(engine) == ["before", "after"]
    worker.close()
    engine.dispose()


async def test_a_waiter_that_left_harms_nobody(
    worker: StorageWorker, engine: Engine, add: Say
) -> None:
    async with held(worker, "one"):
        gone = asyncio.ensure_future(worker.run(add("gone"), key="one"))
        stays = asyncio.ensure_future(worker.run(add("stays"), key="one"))
        await asyncio.sleep(0)
        gone.cancel()
    assert isinstance(await stays, int)
    assert names(engine) == ["gone", "stays"], "a job once given is done"


def test_a_loop_that_closed_does_not_take_the_thread_along(engine: Engine, add: Say) -> None:
    worker = StorageWorker(engine)
    gate = Gate()

    async def leave() -> None:
        waiting = asyncio.ensure_future(worker.run(gate))
        await asyncio.to_thread(gate.reached.wait, 10)
        waiting.cancel()

    asyncio.run(leave())
    gate.go.set()
    assert isinstance(asyncio.run(asyncio.wait_for(worker.run(add("next")), 10)), int)
    worker.close()


async def test_a_database_that_went_away_is_told_and_comes_back(
    postgres_url: str, vault: Vault, add: Say
) -> None:
    engine = open_engine(postgres_url, vault)
    worker = StorageWorker(engine)

    def cut(session: Session) -> None:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(OperationalError):
        await asyncio.wait_for(worker.run(cut), 10)
    await worker.run(add("after"))
    assert names(engine) == ["after"]
    worker.close()
    engine.dispose()


def test_answers(engine: Engine, vault: Vault) -> None:
    answers(engine)
    nowhere = open_engine("postgresql://x@/x?host=/nonexistent", vault)
    with pytest.raises(OperationalError):
        answers(nowhere)
