"""Who may send: one at a time, and who was first knows when it is no longer them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.channels.base import TryLater
from bot.clock import system_clock
from bot.leases import Leases
from bot.messages import Address
from bot.parcels import Room
from storage import outbox, senders
from storage.database import open_engine
from storage.outbox import OutState
from storage.vault import Vault
from tests.reliability.office import Office

BEAT, LEASE = 0.05, 0.4


@dataclass
class Pair:
    """Two processes' deliveries on one PostgreSQL; the second starts when it is told to."""

    first: Office
    second: Office


@pytest.fixture
async def pair(
    postgres_url: str, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Pair]:
    monkeypatch.setattr(senders, "BEAT", timedelta(seconds=BEAT))
    monkeypatch.setattr(senders, "LEASE", timedelta(seconds=LEASE))
    monkeypatch.setattr("bot.delivery.A_WINDOW", 0.05)
    monkeypatch.setattr("bot.sending.FIRST_WAIT", 0.01)
    offices = []
    for name in ("first", "second"):
        office = Office(open_engine(postgres_url, vault), vault, tmp_path / name)
        office.delivery.leases = Leases(
            office.worker, system_clock, name, office.names, prepares=True
        )
        offices.append(office)
    async with offices[0], offices[1]:
        yield Pair(*offices)
    for office in offices:
        office.engine.dispose()


def leases(office: Office) -> Leases:
    assert office.delivery.leases
    return office.delivery.leases


async def chosen(office: Office) -> None:
    """Wait until it may send."""
    async with asyncio.timeout(30):
        while not leases(office).holds("telegram"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def fenced(office: Office) -> list[str]:
    with Session(office.engine) as session:
        return leases(office).fenced(session, ["telegram"])


async def test_one_sends_and_the_other_stands_by(pair: Pair) -> None:
    pair.first.start()
    await chosen(pair.first)
    pair.second.start()
    pair.first.queue(*"abc")
    await pair.first.done()
    assert pair.first.line.stands["1"] == ["a", "b", "c"]
    assert pair.second.line.tried == []
    assert not leases(pair.second).holds("telegram")
    # It stops, and gives up what it held.
    await pair.first.stop()
    await leases(pair.first).let_go()
    pair.second.queue("d")
    await pair.second.done()
    assert pair.second.line.stands["1"] == ["d"]
    assert pair.second.uncertain() == [False] * 4


async def test_who_stood_still_claims_and_sends_nothing_afterwards(pair: Pair) -> None:
    first, second = pair.first, pair.second
    await leases(first).beat()
    leases(first).take_up(["telegram"])
    assert leases(first).holds("telegram")
    assert fenced(first) == ["telegram"]
    first.queue("a")
    with Session(first.engine) as session:
        parcels = first.delivery._take(session, system_clock(), [Room(("telegram",), 1)])
        assert len(parcels) == 1  # and not committed: it was cut here
    second.start()
    await chosen(second)
    assert not leases(first).holds("telegram")
    assert fenced(first) == []
    with Session(first.engine) as session:
        room = [Room(("telegram",), 9)]
        assert first.delivery._take(session, system_clock(), room) == []
    await second.done()
    assert second.line.stands["1"] == ["a"]
    assert first.line.tried == []


async def test_nothing_is_handed_over_before_what_was_under_way_is_taken_up(pair: Pair) -> None:
    """It was, when the leases were given to a delivery that had kept what it was made with: what
    was on its way just then stood as perhaps sent twice."""
    first, chat = pair.first, Address("telegram", "1")
    assert not first.delivery._may_hand(chat, 0)
    await leases(first).beat()
    assert not first.delivery._may_hand(chat, 0)
    first.delivery.handover._promised["telegram"] = 1
    await first.delivery._beat(leases(first))
    assert leases(first).fresh(), "what that takes is not known yet"
    first.delivery.handover._promised.clear()
    await first.delivery._beat(leases(first))
    assert first.delivery._may_hand(chat, 0)


async def test_who_stands_still_in_the_middle_of_a_claim_holds_nobody_up(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "PATIENCE", timedelta(seconds=0.5))
    first, second = pair.first, pair.second
    await leases(first).beat()
    leases(first).take_up(["telegram"])
    first.queue("a")
    with Session(first.engine) as session:
        assert first.delivery._take(session, system_clock(), [Room(("telegram",), 1)])
        second.start()
        await second.done()
        with pytest.raises(DBAPIError):
            session.commit()
    assert second.line.stands["1"] == ["a"]


async def test_what_the_other_had_on_its_way_is_taken_up(pair: Pair) -> None:
    first, second = pair.first, pair.second
    await leases(first).beat()
    leases(first).take_up(["telegram"])
    ref = first.queue("a", "b")
    with Session(first.engine) as session, session.begin():
        first.delivery._take(session, system_clock(), [Room(("telegram",), 1)])
    assert ref
    second.start()
    await second.done()
    assert second.line.stands["1"] == ["a", "b"]
    assert second.uncertain() == [True, False]


async def test_a_pause_is_respected_by_whoever_comes_next(pair: Pair) -> None:
    first, second = pair.first, pair.second
    first.start()
    first.line.faults["1"].append(TryLater(1.5))
    first.queue("a")
    await first.until(lambda: "telegram" in first.delivery._rests._until)
    await first.until(lambda: first.states() == [OutState.QUEUED])
    await first.stop()
    await leases(first).let_go()
    loop = asyncio.get_running_loop()
    ends = first.line.closed_to
    second.start()
    second.line.closed_to = ends
    await second.done()
    assert second.line.stands["1"] == ["a"]
    assert second.line.too_early == []
    assert loop.time() >= ends


async def test_a_pause_outlives_a_restart(engine: Engine, vault: Vault, tmp_path: Path) -> None:
    async with Office(engine, vault, tmp_path) as office:
        office.start()
        office.line.faults["1"].append(TryLater(60))
        office.queue("a")
        await office.until(lambda: "telegram" in office.delivery._rests._until)
        await office.until(lambda: office.states() == [OutState.QUEUED])
    async with Office(engine, vault, tmp_path) as office:
        await office.delivery.recover()
        assert set(office.delivery._rests.now()) == {"telegram"}
        with Session(engine) as session:
            (seconds,) = senders.rests(session, ["telegram", "other"], system_clock()).values()
            assert outbox.counts(session)[OutState.QUEUED] == 1
        assert 30 < seconds <= 60
