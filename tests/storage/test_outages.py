"""An outage of the database is one line when it begins and one when it ends."""

from __future__ import annotations

import asyncio

import pytest
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.clock import Ticker
from storage.outages import Outages
from storage.worker import StorageWorker, answers

GONE = OperationalError("SELECT 1", {}, Exception("the server closed the connection"))


class Seconds:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_of_failing_jobs_is_a_line_or_two() -> None:
    """It was 371 KB: each that met it said so, some with a traceback."""
    clock = Seconds()
    outages = Outages(clock)
    with structlog.testing.capture_logs() as logs:
        outages.went_well("write")
        for tenth in range(800):
            clock.now = tenth / 10
            outages.failed("write", GONE)
            outages.failed("read", GONE)
        outages.went_well("read")
        assert logs[-1]["event"] == "database is away", "it still cannot be written to"
        outages.went_well("write")
        outages.went_well("write")
    assert [line["event"] for line in logs] == [*["database is away"] * 2, "database is back"]
    assert [line["failed"] for line in logs] == [1, 1201, 1600]
    assert logs[-1]["after"] == 79.9


def test_what_fails_and_goes_well_by_turns_fills_no_log() -> None:
    """On a full disk what writes little goes through."""
    clock = Seconds()
    outages = Outages(clock)
    with structlog.testing.capture_logs() as logs:
        for tenth in range(600):
            clock.now = tenth / 10
            outages.failed("write", GONE)
            outages.went_well("write")
    assert len(logs) <= 12


def test_a_fault_of_ours_is_no_outage() -> None:
    outages = Outages(Seconds())
    with structlog.testing.capture_logs() as logs:
        outages.failed("write", ValueError("a bug"))
        outages.went_well("write")
    assert logs == []


async def test_who_meets_an_outage_leaves_it_to_the_worker_to_say(engine: Engine) -> None:
    worker = StorageWorker(engine)
    gone, done = [GONE, GONE, GONE], asyncio.Event()

    def job(session: Session) -> None:
        if gone:
            raise gone.pop()

    async def duty() -> None:
        await worker.run(job)
        done.set()

    async def broken() -> None:
        raise KeyError("a bug")

    ticker = Ticker([duty, broken], pause=0.01)
    with structlog.testing.capture_logs() as logs:
        ticking = asyncio.create_task(ticker.run())
        async with asyncio.timeout(20):
            await done.wait()
        ticker.stop()
        await ticking
        await worker.read(lambda session: answers(engine))
    worker.close()
    told = [line for line in logs if line["event"] != "duty failed"]
    assert [line["event"] for line in told] == ["database is away", "database is back"]
    failed = [line for line in logs if line["event"] == "duty failed"]
    assert {line["duty"] for line in failed} == {"broken"}


@pytest.mark.parametrize("way", ["run", "read"])
async def test_reading_and_writing_are_heard_of(engine: Engine, way: str) -> None:
    worker = StorageWorker(engine)

    def job(session: Session) -> None:
        raise GONE

    with structlog.testing.capture_logs() as logs, pytest.raises(OperationalError):
        await getattr(worker, way)(job)
    worker.close()
    assert [line["event"] for line in logs] == ["database is away"]
