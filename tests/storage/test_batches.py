"""Jobs that share a transaction on PostgreSQL: none is lost, repeated, or held up by another."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime

import pytest
from sqlalchemy import Engine, event, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage import turns
from storage.database import open_engine
from storage.people import Account, Person
from storage.vault import Vault
from storage.worker import AHEAD, MOST_PER_COMMIT, StorageWorker
from tests.storage.test_worker import Say, add, held, names

__all__ = ["add"]

Step = Callable[[Session], None]


@pytest.fixture
def county(postgres_url: str, vault: Vault) -> Iterator[Engine]:
    engine = open_engine(postgres_url, vault)
    yield engine
    engine.dispose()


@pytest.fixture
async def worker(county: Engine) -> AsyncIterator[StorageWorker]:
    worker = StorageWorker(county)
    yield worker
    await asyncio.to_thread(worker.close)


@pytest.fixture
async def other(postgres_url: str, vault: Vault) -> AsyncIterator[StorageWorker]:
    """Another process's."""
    engine = open_engine(postgres_url, vault)
    worker = StorageWorker(engine)
    yield worker
    await asyncio.to_thread(worker.close)
    engine.dispose()


async def heard(worker: StorageWorker, chat: str, job: Callable[[Session], object]) -> object:
    """As a message of this chat."""
    return await worker.run(job, key=chat, turn=f"chat:{chat}", together=True)


def mark(person: int, sign: str) -> Step:
    """A job that adds a sign to a person's name."""

    def job(session: Session) -> None:
        session.execute(update(Person).where(Person.id == person).values(name=Person.name + sign))

    return job


def then(*steps: Step) -> Step:
    """A job of several."""

    def job(session: Session) -> None:
        for step in steps:
            step(session)

    return job


def once(step: Callable[[], object]) -> Step:
    """A step that is left out when its job runs again."""
    done: list[bool] = []

    def job(_session: Session) -> None:
        if not done:
            done.append(True)
            step()

    return job


async def test_they_share_commits(
    county: Engine, worker: StorageWorker, add: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_span", 60.0)
    counted: list[None] = []
    async with held(worker, together=True):
        event.listen(county, "commit", lambda _connection: counted.append(None))
        most = MOST_PER_COMMIT
        given = [asyncio.ensure_future(heard(worker, f"{n}", add(f"{n}"))) for n in range(most + 5)]
    await asyncio.gather(*given)
    assert len(counted) == 3, "the gate's, a full one, and the rest"
    assert names(county) == [f"{n}" for n in range(most + 5)]


async def test_one_that_takes_long_is_not_waited_for_by_what_came_first(
    county: Engine, worker: StorageWorker, add: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a transaction of its own then, in the order in which they came."""
    monkeypatch.setattr(worker, "_span", 0.0)
    seen: list[list[str]] = []

    def looks(number: int) -> Step:
        def job(session: Session) -> None:
            seen.append(names(county))
            add(f"{number}")(session)

        return job

    async with held(worker, together=True):
        given = [asyncio.ensure_future(heard(worker, "one", looks(n))) for n in range(4)]
    await asyncio.gather(*given)
    assert seen == [[f"{n}" for n in range(most)] for most in range(4)]


async def test_what_was_begun_goes_before_what_begins(
    county: Engine, worker: StorageWorker, add: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind all messages that came meanwhile, answers stood ready and did not leave: at 200
    messages a second, which was too many, nobody got one for seven seconds."""
    monkeypatch.setattr(worker, "_span", 0.0)
    async with held(worker, together=True):
        given = [asyncio.ensure_future(heard(worker, "one", add(f"{n}"))) for n in range(70)]
        given += [asyncio.ensure_future(heard(worker, AHEAD, add(sent))) for sent in "ab"]
    await asyncio.gather(*given)
    assert names(county) == ["a", "b", *(f"{n}" for n in range(70))]


async def test_one_that_fails_takes_nobody_along(
    county: Engine, worker: StorageWorker, add: Say, now: datetime
) -> None:
    def raises(session: Session) -> None:
        add("bad")(session)
        raise LookupError

    def refused(session: Session) -> None:
        add("bad")(session)
        session.add(Person(name="worse", home_id=404, created_at=now))
        session.flush()

    def takes_back(session: Session) -> None:
        add("bad")(session)
        session.rollback()

    async with held(worker, together=True):
        jobs = [add("a"), raises, add("b"), refused, takes_back, add("c")]
        given = [asyncio.ensure_future(heard(worker, f"{n}", job)) for n, job in enumerate(jobs)]
    outcomes = await asyncio.wait_for(asyncio.gather(*given, return_exceptions=True), 20)
    assert [type(outcome) for outcome in outcomes] == [
        int, LookupError, int, IntegrityError, type(None), int
    ]  # fmt: skip
    assert names(county) == ["a", "b", "c"]


async def test_a_row_that_two_make_is_made_once(
    county: Engine, worker: StorageWorker, other: StorageWorker, add: Say, now: datetime
) -> None:
    """The one that comes second waits for no batch to end, runs again, and sees the row."""
    person = await worker.run(add("x"))
    assert isinstance(person, int)
    meeting = threading.Barrier(2, timeout=10)

    def meets(first: Step) -> Step:
        def job(session: Session) -> None:
            known = session.scalars(select(Account).where(Account.chat == "c")).first()
            first(session)
            if known is None:
                account = Account(
                    person_id=person, channel="web", chat="c", last_used_at=now, created_at=now
                )
                session.add(account)
                session.flush()

        return job

    waits = [once(meeting.wait), once(meeting.wait)]
    await asyncio.gather(
        *(heard(one, f"{n}", meets(waits[n])) for n, one in enumerate((worker, other)))
    )
    with county.connect() as connection:
        assert len(connection.scalars(select(Account.id)).all()) == 1


@pytest.mark.parametrize("deadlock", [False, True])
async def test_two_that_wait_for_each_others_rows(
    county: Engine, worker: StorageWorker, other: StorageWorker, add: Say, deadlock: bool
) -> None:
    """Whichever gives way is done again; what stood beside it is kept, once.

    deadlock: the database finds it before either has waited as long as it may.
    """
    one, two = await worker.run(add("one")), await worker.run(add("two"))
    meeting = threading.Barrier(2, timeout=10)

    def soon(session: Session) -> None:
        if deadlock:
            session.execute(text("SET LOCAL deadlock_timeout = '5ms'"))

    async def gives(process: StorageWorker, first: int, second: int, sign: str) -> None:
        async with held(process, together=True):
            given = [
                asyncio.ensure_future(heard(process, f"{sign}{n}", job))
                for n, job in enumerate(
                    (
                        add(f"{sign}before"),
                        then(soon, mark(first, sign), once(meeting.wait)),
                        mark(second, sign),
                        add(f"{sign}after"),
                    )
                )
            ]
        await asyncio.gather(*given)

    async with asyncio.timeout(30):
        await asyncio.gather(gives(worker, one, two, "+"), gives(other, two, one, "-"))
    kept = Counter(names(county))
    beside = ("+before", "+after", "-before", "-after")
    assert {name: kept.pop(name) for name in beside} == dict.fromkeys(beside, 1)
    assert [Counter(name[3:]) for name in kept] == [Counter("+-")] * 2


async def test_two_processes_take_the_same_chats_in_opposite_order(
    county: Engine, worker: StorageWorker, other: StorageWorker, add: Say
) -> None:
    people = [await worker.run(add(f"{n}:")) for n in range(6)]

    def job(number: int, sign: str) -> Step:
        def run(session: Session) -> None:
            name = session.scalar(select(Person.name).where(Person.id == people[number]))
            mark(people[(number * 5) % 6], "")(session)  # a card for somebody else's chat
            # In Python: what another one said of this chat meanwhile would be lost.
            session.execute(
                update(Person).where(Person.id == people[number]).values(name=f"{name}{sign}")
            )

        return run

    def gives(process: StorageWorker, order: list[int], sign: str) -> list[asyncio.Task[object]]:
        return [
            asyncio.ensure_future(heard(process, f"{number}", job(number, f"{sign}{turn}")))
            for turn in range(3)
            for number in order
        ]

    order = list(range(6))
    async with asyncio.timeout(60):
        await asyncio.gather(*gives(worker, order, "a"), *gives(other, order[::-1], "b"))
    for name in names(county):
        said = name.split(":")[1]
        signs = [said[at : at + 2] for at in range(0, len(said), 2)]
        assert [one for one in signs if one[0] == "a"] == ["a0", "a1", "a2"]
        assert [one for one in signs if one[0] == "b"] == ["b0", "b1", "b2"]


async def test_a_chat_that_must_wait_holds_up_no_other(
    county: Engine, worker: StorageWorker, add: Say
) -> None:
    with county.connect() as connection:
        turns.take(connection, "chat:held")  # by another process, which takes its time
        async with held(worker, together=True):
            waiting = [
                asyncio.ensure_future(heard(worker, "held", add(f"held{n}"))) for n in range(3)
            ]
            free = asyncio.ensure_future(heard(worker, "free", add("free")))
        await asyncio.wait_for(free, 10)
        waiting.append(asyncio.ensure_future(heard(worker, "held", add("held3"))))
        await asyncio.wait_for(heard(worker, "free", add("free again")), 10)
        assert not any(one.done() for one in waiting)
        connection.rollback()
    await asyncio.wait_for(asyncio.gather(*waiting), 10)
    assert names(county) == ["free", "free again", "held0", "held1", "held2", "held3"]
    await heard(worker, "held", add("at last"))
    assert not worker._apart, "nothing is remembered of a chat that waits no longer"


async def test_a_row_that_is_held_holds_up_no_other_chat(
    county: Engine, worker: StorageWorker, add: Say
) -> None:
    person = await worker.run(add("busy"))
    with county.begin() as connection:
        connection.execute(update(Person).where(Person.id == person).values(name="busy!"))
        async with held(worker, together=True):
            waits = asyncio.ensure_future(heard(worker, "one", mark(person, "+")))
            behind = asyncio.ensure_future(heard(worker, "one", add("behind")))
            free = asyncio.ensure_future(heard(worker, "two", add("free")))
        await asyncio.wait_for(free, 10)
        assert not waits.done()
        assert not behind.done()
    await asyncio.wait_for(asyncio.gather(waits, behind), 10)
    assert sorted(names(county)) == ["behind", "busy!+", "free"]


async def test_closing_finishes_what_waits(county: Engine, add: Say) -> None:
    worker = StorageWorker(county)
    with county.connect() as connection:
        turns.take(connection, "chat:held")
        given = [asyncio.ensure_future(heard(worker, "held", add(f"{n}"))) for n in range(3)]
        await heard(worker, "free", add("free"))
        closing = asyncio.ensure_future(asyncio.to_thread(worker.close))
        await asyncio.sleep(0)
        connection.rollback()
    await asyncio.wait_for(closing, 20)
    await asyncio.gather(*given)
    assert sorted(names(county)) == ["0", "1", "2", "free"]
    assert not [thread for thread in worker._threads if thread.is_alive()]
