"""Sending to everybody: how much of the platform's limit is used, beside what else one could write.

    python -m benchmarks.broadcast                            # short
    python -m benchmarks.broadcast --recipients 48000 --rounds 1
    python -m benchmarks.broadcast --true-speed 300           # also five minutes of real seconds

Time is skipped (see `skipping`) but for the runs at true speed and at 1,000 a second, which go
through aiogram to a server of its own process.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from benchmarks import households, over_http, skipping
from benchmarks.households import FIRST_CHAT
from benchmarks.platform import Platform
from benchmarks.sending import EVEN, UNEVEN, Line, leaky_bucket, ours, sleep_between
from benchmarks.table import Row
from bot.messages import Address
from storage import outbox
from storage.notices import course
from storage.notices.tables import Notice, Receipt

RECIPIENTS, ROUNDS = 3000, 5
COUNTY = 48_000
ANSWERING = 300
"""Skipped seconds in which residents are answered while a broadcast runs."""
ANSWERS_A_SECOND = 2.0
PATHS = (("even network", EVEN, 0.99), ("20-80 ms of jitter", UNEVEN, 0.925))


@dataclass(frozen=True, slots=True)
class Run:
    """One way, once. share: of the limit. refused: 429 as a part of the calls. early: calls before
    `retry_after` had passed. cpu: seconds of computing for each message."""

    share: float
    refused: float
    early: int
    cpu: float = 0.0


def skipped(way: str, recipients: int, rate: float, delay: tuple[float, float]) -> Run:
    """Send so many in this way, in skipped time."""
    platform = Platform(rate)
    line = Line(platform, delay)
    chats = [str(FIRST_CHAT + n) for n in range(recipients)]
    others: dict[str, Callable[[], Awaitable[None]]] = {
        "sleep": lambda: sleep_between(line, chats, rate),
        "bucket": lambda: leaky_bucket(line, chats, rate),
    }
    spent = 0.0
    if way == "ours":
        with tempfile.TemporaryDirectory() as folder:
            spent = skipping.run(_send_ours(Path(folder), line, recipients, rate))
    else:
        skipping.run(_awaited(others[way]))
    assert platform.accepted == recipients
    assert all(times == 1 for times in platform.received.values())
    return Run(platform.rate / rate, platform.part_refused, platform.too_early, spent / recipients)


async def _awaited(job: Callable[[], Awaitable[None]]) -> None:
    await job()


async def _send_ours(folder: Path, line: Line, recipients: int, rate: float) -> float:
    """Send them; seconds of computing."""
    engine = households.found(folder, recipients)
    notice = households.write_notice(engine)
    began = time.process_time()
    async with ours(engine, line, rate, folder) as sending:
        while not await sending.finished(notice):  # noqa: ASYNC110
            await asyncio.sleep(1)
    spent = time.process_time() - began
    engine.dispose()
    return spent


async def _answers(folder: Path, line: Line, seconds: int, *, broadcast: bool) -> list[float]:
    """Queue an answer now and then for that long; how long each took to leave, in seconds.

    Some are two in a row for one chat, so that it is seen whether their order is kept.
    """
    engine = households.found(folder, 30 * seconds + 100)
    if broadcast:
        households.write_notice(engine)
    loop, chance = asyncio.get_running_loop(), Random(3)
    asked: dict[str, float] = {}
    wanted: dict[str, list[str]] = {}
    async with ours(engine, line, 30, folder) as sending:
        await asyncio.sleep(3)
        for number in range(int(seconds * ANSWERS_A_SECOND) - 6):
            await asyncio.sleep(chance.expovariate(ANSWERS_A_SECOND))
            chat = str(FIRST_CHAT + chance.randrange(30 * seconds))
            words = [f"answer {number}.{part}" for part in range(1 + (number % 5 == 0))]

            now = sending.delivery.clock()

            def job(
                session: Session, chat: str = chat, words: list[str] = words, now: datetime = now
            ) -> None:
                for said in words:
                    outbox.queue(
                        session, channel=line.name, chat=chat, payload={"text": said}, now=now
                    )

            asked[words[0]] = loop.time()
            wanted.setdefault(chat, []).extend(words)
            here = Address(line.name, chat)
            if not await sending.delivery.handover.run(job, here, now, key=chat):
                sending.delivery.wake()
        await asyncio.sleep(5)
    engine.dispose()
    assert line.order == wanted, "an answer was lost, doubled or out of order"
    return sorted(line.answered[said] - at for said, at in asked.items())


def answers(seconds: int) -> tuple[float, float]:
    """The 99th part of a hundred of answers' waiting, with a broadcast and without, in seconds."""
    found = []
    for broadcast in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            line = Line(Platform(30), EVEN)
            waits = skipping.run(_answers(Path(folder), line, seconds, broadcast=broadcast))
        found.append(waits[int(0.99 * (len(waits) - 1))])
    return found[0], found[1]


def freezing(rounds: int) -> tuple[float, float]:
    """Seconds for freezing 48,000, and for a plain INSERT of the same rows; medians."""
    took: tuple[list[float], list[float]] = [], []
    with tempfile.TemporaryDirectory() as folder:
        engine = households.found(Path(folder), COUNTY)
        for _ in range(rounds):
            ref = households.write_notice(engine)
            with Session(engine) as session:
                notice = session.get_one(Notice, ref)
                began = time.perf_counter()
                course.start(session, notice, notice.starts_at)
                session.commit()
                took[0].append(time.perf_counter() - began)
                rows = [
                    dict(row) for row in session.execute(text("SELECT * FROM receipts")).mappings()
                ]
                for row in rows:
                    del row["id"]
                session.execute(delete(Receipt))
                session.commit()
                names = list(rows[0])
                plain = text(
                    f"INSERT INTO receipts ({', '.join(names)})"
                    f" VALUES ({', '.join(':' + name for name in names)})"
                )
                began = time.perf_counter()
                session.execute(plain, rows)
                session.commit()
                took[1].append(time.perf_counter() - began)
                session.execute(delete(Receipt))
                session.execute(delete(Notice))
                session.commit()
        engine.dispose()
    return median(took[0]), median(took[1])


def rows(recipients: int = RECIPIENTS, rounds: int = ROUNDS, true_speed: int = 0) -> list[Row]:
    """Every figure beside its rival of the same run."""
    found: list[Row] = []
    for path, delay, must in PATHS:
        runs: dict[str, list[Run]] = {"ours": [], "sleep": [], "bucket": []}
        for _ in range(rounds):
            for way, done in runs.items():
                done.append(skipped(way, recipients, 30, delay))
        found += _compared(f"{recipients} recipients at 30/s, {path}", runs, must)
    found.append(_answers_row())
    found.append(_freezing_row(rounds))
    for path, delay, must in PATHS if true_speed else ():
        found += over_http.true_speed_rows(true_speed, path, delay, must)
    found += over_http.thousand_rows(rounds)
    return found


def _compared(what: str, runs: dict[str, list[Run]], must: float) -> list[Row]:
    share = {way: median(run.share for run in done) for way, done in runs.items()}
    refused = {way: median(run.refused for run in done) for way, done in runs.items()}
    early = max(run.early for run in runs["ours"])
    rivals = (
        f"the limit 1.000; send and sleep 1/30 {share['sleep']:.3f}; leaky bucket as in aiolimiter,"
        f" 429 honoured {share['bucket']:.3f}"
    )
    return [
        Row(
            f"broadcast, {what}, share of the limit", f"{share['ours']:.3f}", rivals,
            f"{share['ours']:.3f}", f">= {must}", share["ours"] >= must,
        ),
        Row(
            "the same, calls refused (429); sent before retry_after ended",
            f"{refused['ours']:.2%}; {early}", f"leaky bucket {refused['bucket']:.2%}", "",
            "<= 0.1%; 0", refused["ours"] <= 0.001 and early == 0,
        ),
        Row(
            "the same, computing for each message (storage included, transport not)",
            f"{1000 * median(run.cpu for run in runs['ours']):.1f} ms", "", "", "", None,
        ),
    ]  # fmt: skip


def _answers_row() -> Row:
    with_it, without = answers(ANSWERING)
    return Row(
        "a resident's reply while a broadcast runs, queued to arrived, p99 (300 s, order per chat"
        " kept)",
        f"{1000 * with_it:.0f} ms", f"without the broadcast {1000 * without:.0f} ms",
        f"+{1000 * (with_it - without):.0f} ms", "<= +67 ms", with_it - without <= 0.067,
    )  # fmt: skip


def _freezing_row(rounds: int) -> Row:
    freeze, plain = freezing(rounds)
    return Row(
        "freezing the audience and writing its 48,000 rows",
        f"{freeze:.2f} s", f"plain INSERT of the same rows {plain:.2f} s",
        f"{freeze / plain:.2f}", "<= 3", freeze <= 3 * plain,
    )  # fmt: skip


def memory() -> str:
    """The most memory that this process had, in words."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipients", type=int, default=RECIPIENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--true-speed", type=int, default=0, metavar="SECONDS")
    asked = parser.parse_args()
    for row in rows(asked.recipients, asked.rounds, asked.true_speed):
        print(" | ".join(row.cells()), flush=True)


if __name__ == "__main__":
    main()
