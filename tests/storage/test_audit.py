"""The audit log: one chain whoever writes, nothing of what was undone, every tampering found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from storage import audit, people
from storage.people import Person
from storage.worker import StorageWorker


def noted(session: Session, now: datetime, count: int = 5) -> None:
    for number in range(1, count + 1):
        audit.note(session, now + timedelta(seconds=number), number, "card", "ticket:1")
    session.commit()


def test_lines_stand_in_a_chain(session: Session, now: datetime) -> None:
    noted(session, now)
    noted(session, now)
    chain = audit.verify(session)
    assert chain.whole
    assert (chain.lines, chain.hash) == (10, audit.newest_lines(session, 1)[0].hash)
    assert audit.verify(session, newest=3).whole
    assert audit.verify(session, newest=3).lines == 3


def test_an_empty_log_is_whole(session: Session) -> None:
    assert audit.verify(session).whole
    assert audit.verify(session, newest=10).whole


def test_what_is_undone_leaves_no_line(session: Session, now: datetime) -> None:
    def note(actor: int) -> None:
        audit.note(session, now, actor, "card", "ticket:1")

    note(1)
    undone = session.begin_nested()
    note(2)
    with session.begin_nested():
        note(3)
    undone.rollback()
    with session.begin_nested():
        note(4)
        session.add(Person(name="甲", created_at=now))
        session.flush()
    note(5)
    session.commit()
    note(6)
    session.rollback()
    session.commit()
    assert [line.actor_id for line in audit.newest_lines(session, 9)] == [5, 4, 1]
    assert audit.verify(session).whole


def test_a_session_that_is_closed_leaves_no_line(engine: Engine, now: datetime) -> None:
    session = Session(engine)
    audit.note(session, now, 1, "card", "ticket:1")
    session.execute(text("SELECT 1"))
    session.close()
    session.commit()
    assert audit.count(session) == 0
    session.close()


TAMPERING: dict[str, tuple[str, int | None]] = {
    "an actor changed": ("UPDATE audit SET actor_id = 9 WHERE id = {2}", 2),
    "an actor taken away": ("UPDATE audit SET actor_id = NULL WHERE id = {2}", 2),
    "a time changed": ("UPDATE audit SET at = '2026-11-23 00:00:00+00' WHERE id = {2}", 2),
    "a subject changed": ("UPDATE audit SET subject = 'ticket:2' WHERE id = {2}", 2),
    "a reason changed": ("UPDATE audit SET reason = 'call' WHERE id = {2}", 2),
    "a hash changed": ("UPDATE audit SET hash = 'x' WHERE id = {2}", 2),
    "the first removed": ("DELETE FROM audit WHERE id = {1}", 2),
    "one in the middle removed": ("DELETE FROM audit WHERE id = {3}", 4),
    "the last removed": ("DELETE FROM audit WHERE id = {5}", None),
    "all removed": ("DELETE FROM audit", None),
    "one put in": (
        "INSERT INTO audit (id, at, actor_id, action, subject, reason, hash)"
        " SELECT id + 100, at, actor_id, action, subject, reason, hash FROM audit WHERE id = {5}",
        105,
    ),
    "the head's line changed": ("UPDATE audit_head SET line_id = {4}", None),
    "the head's hash changed": ("UPDATE audit_head SET hash = 'x'", None),
    "the head removed": ("DELETE FROM audit_head", None),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_is_found(session: Session, now: datetime, how: str) -> None:
    noted(session, now)
    assert audit.verify(session).whole
    statement, broken_at = TAMPERING[how]
    first = audit.newest_lines(session, 5)[-1].id
    assert first == 1
    session.execute(text(statement.format(*range(6))))
    session.expire_all()
    chain = audit.verify(session)
    assert not chain.whole
    assert chain.broken_at == broken_at
    if broken_at is None:
        assert chain.cut


def test_the_newest_lines_are_verified_by_the_one_before(session: Session, now: datetime) -> None:
    noted(session, now, 10)
    session.execute(text("UPDATE audit SET actor_id = 99 WHERE id = 2"))
    session.expire_all()
    assert audit.verify(session, newest=5).whole, "an old line is not looked at"
    assert audit.verify(session).broken_at == 2
    session.execute(text("DELETE FROM audit WHERE id = 7"))
    assert audit.verify(session, newest=5).broken_at == 8


async def test_many_who_write_at_once(engine: Engine, now: datetime) -> None:
    """Jobs of many chats, each with a row of its own and lines before and after changing it."""
    with Session(engine) as session, session.begin():
        persons = [Person(name=f"{n}", created_at=now) for n in range(8)]
        session.add_all(persons)
        session.flush()
        ids = [person.id for person in persons]
    worker = StorageWorker(engine)

    def job(first: int, second: int, number: int) -> Callable[[Session], None]:
        def do(session: Session) -> None:
            audit.note(session, now, number, "card", f"ticket:{first}")
            session.get_one(Person, first).name = f"{number}"
            session.flush()
            audit.note(session, now, number, "phone", f"ticket:{first}")
            # Locked in the order of ids, as tickets are: the log adds no order of its own.
            if second > first:
                session.get_one(Person, second).name = f"{number}"

        return do

    jobs = [
        worker.run(job(ids[n % 8], ids[(n * 3) % 8], n), key=f"chat:{n % 16}") for n in range(160)
    ]
    await asyncio.gather(*jobs)
    worker.close()
    with Session(engine) as session:
        chain = audit.verify(session)
        assert chain.whole
        assert chain.lines == 320
        lines = audit.newest_lines(session, 320)
        # What one message caused stands together.
        pairs = zip(lines[::2], lines[1::2], strict=True)
        assert all((b.actor_id, b.action) == (a.actor_id, "card") for a, b in pairs)


def test_a_merge_of_people_changes_no_line(session: Session, now: datetime) -> None:
    first, second = Person(name="", created_at=now), Person(name="王某", created_at=now)
    session.add_all([first, second])
    session.flush()
    audit.note(session, now, first.id, "card", "ticket:1")
    session.commit()
    old, into = first.id, second.id
    audit.note(session, now, into, "merged", f"person:{old}")
    people.merge(session, first, second)
    session.commit()
    assert audit.verify(session).whole
    assert [line.actor_id for line in audit.lines_about(session, "ticket:1", 9)] == [old]
    assert audit.who_now(session, old) == into
    assert audit.names_before(session, into) == {old, into}
    found = audit.lines_of(session, audit.names_before(session, into), 9)
    assert [line.action for line in found] == ["merged", "card"]
