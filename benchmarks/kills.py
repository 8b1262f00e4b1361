"""What a kill loses: the two libraries' default polling beside this program, over one fake server.

python -m benchmarks.kills --kills 20 --rate 50

Thirty people write at a steady rate while the program is killed (SIGKILL) and started again. A
message is lost when nobody stored it, and doubled when it was stored twice.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import migrate, open_engine
from storage.inbox import InboundMessage
from storage.vault import open_vault
from tests.fake_bot_api import FakeBotApi
from tests.reliability.program import CountingApi
from tests.reliability.street import settle

TOKEN = "1001:" + "k" * 35
PEOPLE = 30
SHORTEST, LONGEST = 0.5, 2.0
"""Seconds that a program works before it is killed."""


async def feed(server: FakeBotApi, sent: list[str], rate: float) -> None:
    """People write, `rate` messages a second in all, until cancelled."""
    users = [server.user(101 + n, bot=server.bot(TOKEN)) for n in range(PEOPLE)]
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        words = f"第{len(sent) + 1}句"
        await users[len(sent) % PEOPLE].sends(words)
        sent.append(words)
        await asyncio.sleep(max(0.0, began + len(sent) / rate - loop.time()))


async def one(
    name: str,
    command: list[str],
    env: dict[str, str],
    server: CountingApi,
    stored: Callable[[], list[str]],
    asked: argparse.Namespace,
) -> None:
    """Run one program through its kills; print what was lost and what was doubled."""
    chance, sent = random.Random(asked.seed), list[str]()

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *command,
            env=os.environ | env,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

    feeding: asyncio.Task[None] | None = None
    for _ in range(asked.kills):
        process = await start()
        await server.called_again()
        feeding = feeding or asyncio.create_task(feed(server, sent, asked.rate))
        await asyncio.sleep(chance.uniform(SHORTEST, LONGEST))
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert feeding is not None
    feeding.cancel()
    process = await start()
    try:
        async with asyncio.timeout(300):
            while server.bot(TOKEN).queue or await _grows(stored):  # noqa: ASYNC110
                await asyncio.sleep(0.5)
    finally:
        process.terminate()
        await process.wait()
    found = Counter(stored())
    lost = sum(words not in found for words in sent)
    doubled = sum(found[words] - 1 for words in sent if words in found)
    print(
        f"{name:24} {asked.kills} kills, {len(sent)} messages: {lost} lost"
        f" ({lost / asked.kills:.1f} a kill), {doubled} stored twice"
        f" ({doubled / asked.kills:.1f} a kill)",
        flush=True,
    )


async def _grows(stored: Callable[[], list[str]]) -> bool:
    before = len(await asyncio.to_thread(stored))
    await asyncio.sleep(2)
    return len(await asyncio.to_thread(stored)) != before


async def bare(library: str, folder: Path, asked: argparse.Namespace) -> None:
    """One of the libraries, as its own pages say."""
    database = folder / f"{library}.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE said (words TEXT)")

    def stored() -> list[str]:
        with sqlite3.connect(database) as connection:
            return [row[0] for row in connection.execute("SELECT words FROM said")]

    async with CountingApi() as server:
        server.bot(TOKEN)
        command = [sys.executable, "-m", "benchmarks.bare_bot", library, server.url, TOKEN]
        await one(f"{library}, default", [*command, str(database)], {}, server, stored, asked)


async def ours(library: str, folder: Path, asked: argparse.Namespace) -> None:
    """This program, through one of the libraries."""
    url, key_file = f"sqlite:///{folder / f'ours-{library}.db'}", folder / "key"
    engine = open_engine(url, open_vault(key_file, create=True))
    migrate(engine)
    settle(engine, PEOPLE)

    def stored() -> list[str]:
        # Not as one who writes: the program has hardly a moment between two transactions.
        reading = engine.connect().execution_options(reads=True)
        with reading as connection, Session(connection) as session:
            rows = session.scalars(select(InboundMessage.payload))
            return [str(row.get("text", "")) for row in rows]

    async with CountingApi() as server:
        server.bot(TOKEN)
        env = {
            "DATABASE_URL": url,
            "KEY_FILE": str(key_file),
            "MEDIA_DIR": str(folder / "media"),
            "WEB_PORT": "0",
            "LOG_LEVEL": "ERROR",
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_LIBRARY": library,
            "TELEGRAM_API_BASE": server.url,
            "TELEGRAM_RATE": "0",
        }
        command = [sys.executable, "-m", "bot", "run"]
        await one(f"{library}, this program", command, env, server, stored, asked)
    engine.dispose()


def main() -> None:
    """All four, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rate", type=float, default=50, help="messages a second")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jmk-kills-") as name:
        for run in (bare, ours):
            for library in ("aiogram", "ptb"):
                asyncio.run(run(library, Path(name), asked))


if __name__ == "__main__":
    main()
