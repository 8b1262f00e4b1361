"""Memory at rest with the county loaded, and from the start to the first answer.

    python -m benchmarks.at_rest ours FOLDER DATABASE     # prints MiB and seconds
    python -m benchmarks.at_rest bare

Each is a process of its own, timed from before it imports anything. The rival is aiogram with one
echo handler. Both answer through `benchmarks.stub`.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.table import Row

ROUNDS = 5
MEMORY, START = 3.0, 3.0
"""Times the rival's memory; seconds."""


def rows() -> list[Row]:
    """Memory, and the start."""
    from benchmarks import county

    folder, _, path = county.counties()
    mine = [_process("ours", str(folder), str(path)) for _ in range(ROUNDS)]
    theirs = [_process("bare") for _ in range(ROUNDS)]
    memory, bare_memory = (median(one[0] for one in side) for side in (mine, theirs))
    start, bare_start = (median(one[1] for one in side) for side in (mine, theirs))
    return [
        Row(
            "memory at rest, the county loaded",
            f"{memory:.0f} MiB",
            f"{bare_memory:.0f} MiB (bare aiogram)",
            f"{memory / bare_memory:.2f}",
            f"≤ {MEMORY:g} ×",
            memory <= MEMORY * bare_memory,
        ),
        Row(
            "from the process's start to its first answer",
            f"{start:.2f} s",
            f"{bare_start:.2f} s (bare aiogram)",
            f"{start / bare_start:.2f}",
            f"≤ {START:g} s",
            start <= START,
        ),
    ]


def _process(*args: str) -> tuple[float, float]:
    """MiB and seconds of one process."""
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.at_rest", *args],
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return found["mib"], found["answered"] - began


def _mib() -> float:
    """What this process holds in memory just now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def _bare() -> float:
    from aiogram import Bot
    from aiogram.types import Update

    from benchmarks.chats import Chat
    from benchmarks.echo import echo_dispatcher
    from benchmarks.stub import StubSession

    dispatcher, bot = echo_dispatcher(), Bot("1001:resident", session=StubSession())

    async def feed(update: dict[str, Any]) -> None:
        await dispatcher.feed_update(bot, Update.model_validate(update, context={"bot": bot}))

    await Chat(1, feed).says("你好")
    return time.time()


async def _ours(folder: str, database: str) -> float:
    import bot.channels.telegram_aiogram as adapter
    from benchmarks.chats import Chat
    from benchmarks.program import HOOK, running, settings
    from benchmarks.stub import StubSession

    began = time.time()
    chats: dict[int, Chat] = {}
    StubSession.shows = staticmethod(lambda chat, message: chats[chat].shows(message))
    adapter.Session = StubSession  # type: ignore[misc]
    async with running(settings(Path(folder), f"sqlite:///{database}", **HOOK)) as app:
        number = int(began)  # nobody's yet: what comes twice is answered once
        stranger = chats[number] = Chat(number, app.channels["telegram"]._take)  # type: ignore[attr-defined]
        await stranger.says("你好")
        async with asyncio.timeout(30):
            while not stranger.heard:
                stranger.news.clear()
                await stranger.news.wait()
        answered = time.time()
        await asyncio.sleep(2)
        print(json.dumps({"mib": _mib(), "answered": answered}))
    return answered


def main() -> None:
    """One process."""
    if sys.argv[1] == "bare":
        answered = asyncio.run(_bare())
        print(json.dumps({"mib": _mib(), "answered": answered}))
    else:
        asyncio.run(_ours(*sys.argv[2:4]))


if __name__ == "__main__":
    main()
