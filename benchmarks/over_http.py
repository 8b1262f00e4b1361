"""Sending through aiogram to a server of its own process (`benchmarks.server`), in real seconds."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from benchmarks import households
from benchmarks.sending import UNEVEN, ours
from benchmarks.table import Row
from bot.app import TURN
from bot.channels.telegram_aiogram import TelegramChannel

TOKEN = "1001:" + "r" * 35
THOUSAND = 12000
"""Recipients of one round at 1,000 a second."""
AS_FAST_AS_IT_CAN = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What the server counted. cpu: part of one core that the sender took. memory: in MB."""

    rate: float
    refused: float
    early: int
    cpu: float
    memory: float


@contextmanager
def server(most: float, delay: tuple[float, float]) -> Iterator[str]:
    """A server's address."""
    command = [sys.executable, "-m", "benchmarks.server", "--most", str(most), "--delay"]
    process = subprocess.Popen(
        [*command, *map(str, delay)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait()


def ask(url: str) -> Any:
    """What the server knows."""
    with urlopen(url) as answer:
        return json.load(answer)


def send(recipients: int, rate: float, delay: tuple[float, float]) -> Sent:
    """Ours, to so many."""
    with server(rate, delay) as url, tempfile.TemporaryDirectory() as folder:
        computing = asyncio.run(_send(url, Path(folder), recipients, rate))
        counted = ask(f"{url}/stats")
        received = ask(f"{url}/received")
    assert len(received) == recipients
    assert all(sum(texts.values()) == 1 for texts in received.values())
    calls = counted["accepted"] + counted["refused"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Sent(
        counted["rate"], counted["refused"] / calls, counted["too_early"], computing, memory
    )


async def _send(url: str, folder: Path, recipients: int, rate: float) -> float:
    """Send them; the part of a core that it took."""
    sys.setswitchinterval(TURN)  # as the program has it
    engine = households.found(folder, recipients)
    notice = households.write_notice(engine)
    channel = TelegramChannel("telegram", TOKEN, api_base=url)
    began, spent = time.monotonic(), time.process_time()
    async with ours(engine, channel, rate, folder) as sending:
        while not await sending.finished(notice):  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        computing = (time.process_time() - spent) / (time.monotonic() - began)
    await channel.close()
    engine.dispose()
    return computing


def bare_loop(calls: int) -> float:
    """aiogram's bare sendMessage, one after the other, as fast as it goes; calls a second."""
    with server(AS_FAST_AS_IT_CAN, (0.0, 0.0)) as url:
        return asyncio.run(_bare_loop(url, calls))


async def _bare_loop(url: str, calls: int) -> float:
    async with AiohttpSession(api=TelegramAPIServer.from_base(url)) as session:
        bot = Bot(TOKEN, session=session)
        await bot.send_message(1, households.TEXT)
        began = time.monotonic()
        for number in range(calls):
            await bot.send_message(households.FIRST_CHAT + number, households.TEXT)
        return calls / (time.monotonic() - began)


def true_speed_rows(seconds: int, path: str, delay: tuple[float, float], must: float) -> list[Row]:
    """30 a second for that long."""
    sent = send(30 * seconds, 30, delay)
    share = sent.rate / 30
    return [
        Row(
            f"broadcast at true speed for {seconds} s through aiogram, {path}, share of the limit",
            f"{share:.3f}", "the limit 1.000", f"{share:.3f}", f">= {must}", share >= must,
        ),
        Row(
            "the same, calls refused (429); sent before retry_after ended",
            f"{sent.refused:.2%}; {sent.early}", "", "", "<= 0.1%; 0",
            sent.refused <= 0.001 and sent.early == 0,
        ),
        Row(
            "the same, computing and memory of the sending process (benchmark included)",
            f"{sent.cpu:.0%} of a core; {sent.memory:.0f} MB", "", "", "", None,
        ),
    ]  # fmt: skip


def thousand_rows(rounds: int) -> list[Row]:
    """1,000 a second with jitter, beside aiogram's bare loop, which takes turns with it."""
    done, bare = [], []
    for _ in range(rounds):
        bare.append(bare_loop(THOUSAND // 2))
        done.append(send(THOUSAND, 1000, UNEVEN))
    rate, loop = median(one.rate for one in done), median(bare)
    must = min(960.0, loop)
    return [
        Row(
            f"broadcast at 1,000/s, 20-80 ms of jitter, through aiogram ({THOUSAND} recipients)",
            f"{rate:.0f}/s",
            f"the limit 1,000/s; aiogram's bare sendMessage loop without delay {loop:.0f}/s",
            f"{rate / min(1000, loop):.2f}", f">= {must:.0f}/s", rate >= must,
        )
    ]  # fmt: skip
