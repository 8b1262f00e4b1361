"""A broadcast by the real program that is killed again and again, its ledger held against what the
server received.

The server is `benchmarks.server`, a process of its own that counts every message; the households
are `benchmarks.households`.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from benchmarks import households
from benchmarks.over_http import ask, server
from storage.notices.tables import Notice, NoticeState, Receipt, ReceiptState
from storage.outbox import OutboundMessage
from tests.reliability.program import Program

TOKEN = "1001:" + "r" * 35
ROUND_TRIP = 0.05
"""Seconds that a message takes to the server; its answer comes back at once."""
RESTART = 1.0
"""Seconds between two acknowledgements that only a kill explains."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one broadcast came to.

    missing: of the audience, those whom nothing reached though they are not listed as unreached.
    unlisted: who got it more than once without being listed as uncertain. interval: mean seconds
    between two acknowledgements.
    """

    database: str
    recipients: int
    kills: int
    sent: int
    failed: int
    blocked: int
    missing: int
    disagree: int
    repeated: int
    unlisted: int
    uncertain: int
    rate: float
    interval: float
    refused: int
    too_early: int
    once: bool

    @property
    def allowed(self) -> float:
        """Repeats that the kills may cost."""
        return 1.2 * self.rate * (ROUND_TRIP + self.interval / 2) * self.kills

    def __str__(self) -> str:
        mode = ", each at most once" if self.once else ""
        return (
            f"{self.database}{mode}: {self.recipients} recipients at {self.rate:.0f}/s,"
            f" {self.kills} kills: {self.sent} sent, {self.failed} failed, {self.blocked} blocked,"
            f" {self.missing} left out, {self.disagree} disagree, {self.repeated} repeated (allowed"
            f" {self.allowed:.1f}; {self.unlisted} not listed), {self.uncertain} uncertain,"
            f" {1000 * self.interval:.0f} ms between acknowledgements, {self.refused} times 429,"
            f" {self.too_early} too early"
        )


async def send_and_kill(
    folder: Path,
    engine: Engine,
    url: str,
    key_file: Path,
    *,
    recipients: int,
    rate: float,
    kills: int,
    once: bool = False,
    seed: int = 1,
    longest: float = 2.0,
    patience: float = 300.0,
    faults: dict[str, Any] | None = None,
    trouble: Callable[[Program], Awaitable[None]] | None = None,
) -> Sent:
    """Send to so many, killing the program so often; what it came to.

    longest: seconds of sending before a kill. patience: seconds until it must be over. faults: see
    `benchmarks.server.Faults`. trouble: what is done to it once while it sends.
    """
    chance = random.Random(seed)
    households.settle(engine, recipients)
    notice = households.write_notice(engine, once=once, emergency=True)
    with server(rate, (ROUND_TRIP, ROUND_TRIP)) as address:
        if faults:
            await asyncio.to_thread(_set, address, faults)
        env = {
            "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_BASE": address, "TELEGRAM_RATE": str(rate),
        }  # fmt: skip
        program = Program(folder, engine, url, key_file, **env)
        until = time.monotonic() + patience
        try:
            await program.start()
            for _ in range(kills):
                await _sends_more(address, until, notice, engine)
                await asyncio.sleep(chance.uniform(0.0, longest))
                if _is_done(engine, notice):
                    break
                await program.kill()
                await program.start()
            if trouble is not None:
                await _sends_more(address, until, notice, engine)
                await trouble(program)
            while not await asyncio.to_thread(_is_done, engine, notice):
                if time.monotonic() > until:
                    raise TimeoutError(f"not over: {ask(address + '/stats')}\n{program.told()}")
                await asyncio.sleep(0.2)
            await program.stop()
        finally:
            await program.abandon()
        counted = await asyncio.to_thread(ask, f"{address}/stats")
        received = await asyncio.to_thread(ask, f"{address}/received")
    return _compare(engine, received, counted, recipients, program.kills, rate, once)


def _set(address: str, faults: dict[str, Any]) -> None:
    body = json.dumps(faults).encode()
    with urlopen(Request(f"{address}/faults", body, {"Content-Type": "application/json"})):
        pass


async def _sends_more(address: str, until: float, notice: int, engine: Engine) -> None:
    """Wait until another message arrives, or all is over."""
    before = (await asyncio.to_thread(ask, f"{address}/stats"))["accepted"]
    while (await asyncio.to_thread(ask, f"{address}/stats"))["accepted"] == before:
        if time.monotonic() > until or _is_done(engine, notice):
            return
        await asyncio.sleep(0.05)


def _is_done(engine: Engine, notice: int) -> bool:
    with Session(engine) as session:
        state = session.scalar(select(Notice.state).where(Notice.id == notice))
    return state == NoticeState.DONE


def _compare(
    engine: Engine,
    received: dict[str, dict[str, int]],
    counted: dict[str, Any],
    recipients: int,
    kills: int,
    rate: float,
    once: bool,
) -> Sent:
    times = {chat: sum(texts.values()) for chat, texts in received.items()}
    with Session(engine) as session:
        receipts = [one for one in session.scalars(select(Receipt)) if one.chat]
        listed = {row.chat for row in session.scalars(select(OutboundMessage)) if row.uncertain} | {
            one.chat for one in receipts if one.uncertain
        }
    assert len(receipts) == recipients
    states = Counter(one.state for one in receipts)
    moments = sorted({one.settled_at for one in receipts if one.settled_at})
    gaps = [(b - a).total_seconds() for a, b in pairwise(moments)]
    gaps = [gap for gap in gaps if gap < RESTART] or [0.0]
    reached = {one.chat for one in receipts if one.state == ReceiptState.SENT}
    unsure = {one.chat for one in receipts if one.uncertain}
    return Sent(
        database=engine.dialect.name,
        recipients=recipients,
        kills=kills,
        sent=states[ReceiptState.SENT],
        failed=states[ReceiptState.FAILED],
        blocked=states[ReceiptState.BLOCKED],
        missing=sum(one.state in (ReceiptState.QUEUED, ReceiptState.HANDED) for one in receipts),
        disagree=sum(chat not in times for chat in reached)
        + sum(chat not in reached and chat not in unsure for chat in times),
        repeated=sum(number - 1 for number in times.values()),
        unlisted=sum(number > 1 and chat not in listed for chat, number in times.items()),
        uncertain=len(unsure),
        rate=rate,
        interval=sum(gaps) / len(gaps),
        refused=counted["refused"],
        too_early=counted["too_early"],
        once=once,
    )
