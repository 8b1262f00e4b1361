"""An answer leaves from the transaction of the message that it answers: what may go wrong there."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.handover import Job
from bot.messages import Address
from storage import outbox
from storage.outbox import OutState
from tests.reliability.office import LONG_AGO, Office

HERE = Address("telegram", "1")


def saying(*texts: str, chat: str = "1", **more: Any) -> Job:
    """A message's job, which answers with these."""

    def job(session: Session) -> None:
        for text in texts:
            outbox.queue(
                session, channel="telegram", chat=chat, payload={"text": text}, now=LONG_AGO, **more
            )

    return job


async def hears(office: Office, job: Job) -> None:
    """A message comes in chat 1."""
    await office.delivery.handover.run(job, HERE, system_clock(), key="telegram:1")


async def test_nobody_looks_at_the_outbox_for_an_answer(office: Office) -> None:
    """Delivery does not run here: each answer is taken by the one before it, changes too."""
    await hears(office, saying("a", "b"))
    await office.done()
    first = office.rows()[0].id
    await hears(office, saying("A", edits=first))
    await hears(office, saying("c"))
    await office.done()
    assert office.line.stands["1"] == ["A", "b", "c"]
    assert [row.attempts for row in office.rows()] == [1, 1, 1, 1]
    assert not any(office.uncertain())


async def test_what_waits_in_the_chat_goes_first(office: Office) -> None:
    office.queue("before")
    await hears(office, saying("after"))
    await office.done()
    assert office.line.stands["1"] == ["before", "after"]


async def test_nothing_is_taken_beside_what_is_on_its_way(office: Office) -> None:
    arrives = asyncio.Event()

    async def slowly() -> None:
        await arrives.wait()

    office.line.faults["1"].append(slowly)
    await hears(office, saying("slow"))
    await office.until(lambda: office.line.tried == ["slow"])
    await hears(office, saying("next"))
    assert office.states() == [OutState.SENDING, OutState.QUEUED]
    arrives.set()
    await office.done()
    assert office.line.tried == ["slow", "next"]


async def test_what_is_no_answer_or_is_for_later_is_left_to_delivery(office: Office) -> None:
    await hears(office, saying("notice", priority=4))
    await hears(office, saying("tomorrow", not_before=system_clock().replace(year=2099)))
    assert office.states() == [OutState.QUEUED] * 2
    assert office.line.tried == []


async def test_a_channel_that_rests_is_not_handed_anything(office: Office) -> None:
    office.delivery._rests.pause("telegram", 0.05)
    await hears(office, saying("a"))
    assert office.states() == [OutState.QUEUED]
    office.start()
    await office.done()
    assert office.line.stands["1"] == ["a"]


async def test_a_commit_of_which_nothing_is_heard_sends_the_answer_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands as on its way in the database, and nobody has it in hand."""
    run = office.worker.run

    async def cut(job: Any, **more: Any) -> None:
        await run(job, **more)
        monkeypatch.undo()
        raise OperationalError("COMMIT", None, Exception("gone"), connection_invalidated=True)

    office.start()
    monkeypatch.setattr(office.worker, "run", cut)
    with pytest.raises(OperationalError):
        await hears(office, saying("a"))
    await office.done()
    assert office.line.tried == ["a"]
    assert not any(office.uncertain()), "none of it had left"


async def test_a_platform_that_hangs_up_does_not_keep_the_answer_back(office: Office) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def job(session: Session) -> None:
        saying("a")(session)
        begun.set()
        goes_on.wait(10)

    waiting = asyncio.create_task(hears(office, job))
    await asyncio.to_thread(begun.wait, 10)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    goes_on.set()
    await office.until(lambda: office.states() == [OutState.SENT])
    assert office.line.stands["1"] == ["a"]


async def test_stopping_waits_for_what_was_promised(office: Office) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def job(session: Session) -> None:
        saying("a")(session)
        begun.set()
        goes_on.wait(10)

    office.start()
    hearing = asyncio.create_task(hears(office, job))
    await asyncio.to_thread(begun.wait, 10)
    stopping = asyncio.create_task(office.delivery.stop())
    await asyncio.sleep(0.01)
    goes_on.set()
    await asyncio.gather(hearing, stopping)
    assert office.states() == [OutState.SENT]


async def test_a_message_that_fails_takes_nothing(office: Office) -> None:
    def job(session: Session) -> None:
        saying("a")(session)
        raise ValueError("a fault of ours")

    with pytest.raises(ValueError, match="of ours"):
        await hears(office, job)
    assert office.states() == []
    await hears(office, saying("b"))
    await office.done()
    assert office.line.stands["1"] == ["b"]
