"""The outbox's sender: stopping, a database that goes away, and what cannot be read."""

from __future__ import annotations

import asyncio
from itertools import count
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

import bot.delivery
from bot.channels.base import Blocked, TryLater, Unreachable
from storage.media import File, remember
from storage.outbox import OutboundMessage, OutState
from tests.reliability.office import Office

NO_CONNECTION = Unreachable("refused", maybe_sent=False)
CUT = Unreachable("cut", maybe_sent=True)


async def test_a_database_that_goes_away_for_a_while(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rounds, notes and claims whose commit is in doubt: all are taken up again.

    By a seeded chance, not every third: then each try of one note could be the third for ever.
    """
    from sqlalchemy.exc import OperationalError

    run, turns, chance = office.worker.run, count(), Random(7)

    async def flaky(job: object, **more: Any) -> object:
        turn, what = next(turns), chance.randrange(3)
        if what == 1:
            raise OperationalError("gone before", {}, Exception())
        result = await run(job, **more)  # type: ignore[arg-type]
        if what == 2 and turn < 30:
            raise OperationalError("committed, but nobody heard", {}, Exception())
        return result

    monkeypatch.setattr(office.worker, "run", flaky)
    for chat in "123":
        office.queue("a", "b", "c", chat=chat)
    office.start()
    await office.done()
    assert office.line.stands == {chat: ["a", "b", "c"] for chat in "123"}
    assert not any(office.uncertain()), "what was claimed but never handed over did not leave"


async def test_a_note_that_cannot_be_written_whole_is_written_short(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the chat would wait for ever, its message neither sent nor unsent."""

    def broken(*_: object) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(bot.delivery, "note", broken)
    office.queue("a", "b")
    office.start()
    await office.done()
    assert office.line.stands["1"] == ["a", "b"]


async def test_stop_finishes_what_is_under_way_and_leaves_the_rest(office: Office) -> None:
    on_its_way, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        on_its_way.set()
        await go_on.wait()

    office.queue("a", "b")
    office.line.faults["1"].append(slow)
    office.start()
    await on_its_way.wait()
    stopping = asyncio.create_task(office.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    assert office.states() == [OutState.SENT, OutState.QUEUED]
    assert office.line.stands["1"] == ["a"]


async def test_stop_in_the_middle_of_a_claim_leaves_nothing_marked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a round has marked when the program stops is still sent, not left in doubt."""
    run, claiming, go_on = office.worker.run, asyncio.Event(), asyncio.Event()

    async def slow(job: object, **more: Any) -> object:
        result = await run(job, **more)  # type: ignore[arg-type]
        claiming.set()
        await go_on.wait()
        return result

    monkeypatch.setattr(office.worker, "run", slow)
    office.queue("a")
    office.start()
    await claiming.wait()
    stopping = asyncio.create_task(office.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    assert office.states() == [OutState.SENT]


async def test_stop_does_not_wait_for_ever(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.delivery, "LONGEST_GOODBYE", 0.05)
    on_its_way = asyncio.Event()

    async def never() -> None:
        on_its_way.set()
        await asyncio.Event().wait()

    office.queue("a")
    office.line.faults["1"].append(never)
    office.start()
    await on_its_way.wait()
    await office.stop()
    assert office.states() == [OutState.SENDING]
    assert await office.delivery.recover() == 1


async def test_what_cannot_be_opened_is_set_aside_alone(office: Office) -> None:
    with_photo = {"files": [photo(office, "web", "nowhere")]}
    for chat in "123":
        office.queue("a", chat=chat)
    office.queue("photo", chat="4", payload=with_photo)
    office.queue("after", chat="4")
    with office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET payload = 'gAAAA' WHERE chat = '2'")
    office.start()
    await office.done()
    sent, failed = OutState.SENT, OutState.FAILED
    assert office_states(office) == [sent, failed, sent, failed, sent]


async def test_a_damaged_file_fails_only_its_message(office: Office, tmp_path: object) -> None:
    office.delivery.folder._folder.mkdir()
    (office.delivery.folder._folder / "abc").write_bytes(b"not sealed with our key")
    office.queue("photo", payload={"files": [photo(office, "web", "abc")]})
    office.queue("after")
    office.start()
    await office.done()
    assert office.states() == [OutState.FAILED, OutState.SENT]
    assert office.rows()[0].attempts == 1, "it will never open"
    assert office.uncertain() == [False, False]


async def test_trouble_with_a_file_is_not_the_receivers(office: Office) -> None:
    """The bot that took the photo may not fetch it: the one who should see it did nothing."""
    office.person()
    other = office.lines["other"]
    other.fetch_fault = Blocked("bot was blocked")
    office.queue("photo", payload={"files": [photo(office, "other", "f1")]})
    office.queue("after")
    office.start()
    await office.done()
    assert office.states() == [OutState.FAILED, OutState.SENT]
    assert office.account().blocked_at is None


async def test_a_429_for_a_file_pauses_the_channel_of_the_file(office: Office) -> None:
    other = office.lines["other"]
    other.fetch_fault = TryLater(0.2)
    office.queue("photo", payload={"files": [photo(office, "other", "f1")]})
    for chat in "23":
        office.queue("a", chat=chat)
    office.start()
    await office.until(lambda: office.states()[1:] == [OutState.SENT] * 2)
    assert "other" in office.delivery._rests.now()
    assert "telegram" not in office.delivery._rests.now()
    other.fetch_fault = None
    await office.done()
    assert other.too_early == []
    assert office.uncertain()[0] is False


async def test_two_processes_never_send_the_same_message(office: Office) -> None:
    """Both may look at the outbox at once; each message is taken by one."""
    async with Office(office.engine, office.vault, office.folder) as second:
        second.lines["telegram"].stands = office.line.stands
        for chat in range(30):
            office.queue("a", "b", "c", chat=str(chat))
        office.start()
        second.start()
        await office.done()
    assert office.line.stands == {str(chat): ["a", "b", "c"] for chat in range(30)}


def photo(office: Office, origin: str, ref: str) -> int:
    with Session(office.engine) as session, session.begin():
        return remember(session, (File("photo", origin, ref),))[0]


def office_states(office: Office) -> list[str]:
    """`states`, where one row's payload is broken; then that row goes, so that nothing trips."""
    states = office.states()
    with Session(office.engine) as session, session.begin():
        session.execute(delete(OutboundMessage).where(OutboundMessage.chat == "2"))
    return states
