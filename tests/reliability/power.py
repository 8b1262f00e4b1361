"""Power cuts: of the database's log (SQLite's WAL) only what was synced is sure to be left.

python -m tests.reliability.power --cuts 1000

The program is held still at random moments while people talk, and its files are copied. From each
copy the log is cut at or after the end of what must have been synced by then, sometimes with
rubbish behind the cut, as a torn write leaves it. SQLite is opened on what is left: it must be
sound, and whatever anybody was told must be in it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from storage.database import migrate, open_engine
from storage.inbox import InboundMessage
from storage.tickets import Ticket
from storage.vault import Vault, open_vault
from tests.reliability.kills import TOKEN
from tests.reliability.program import CountingApi, Program
from tests.reliability.street import Ledger, Resident, settle

HEADER, FRAME_HEADER = 32, 24
"""Bytes. Source: sqlite.org/fileformat2.html, "The Write-Ahead Log"."""


@dataclass(slots=True)
class Still:
    """The files at one moment, and what people had been told by then."""

    database: Path
    log: Path
    told: dict[str, int]
    confirmed: int
    """How many updates the platform had been told are received."""


@dataclass(slots=True)
class Cuts:
    """What the cuts came to. lost: things acknowledged that are gone; unsound: broken databases."""

    made: int = 0
    tickets: int = 0
    lost: list[str] = field(default_factory=list)
    unsound: int = 0

    def __str__(self) -> str:
        return (
            f"{self.made} cuts, {self.tickets} tickets looked for,"
            f" {len(self.lost)} lost, {self.unsound} unsound"
        )


def commits_in(log: bytes) -> list[int]:
    """Where the commits of a log end, in bytes from its beginning.

    Frames that an earlier round of the log left behind have other salts and end it.
    """
    if len(log) < HEADER:
        return []
    page, salts = int.from_bytes(log[8:12], "big"), log[16:24]
    ends, at = [], HEADER
    while at + FRAME_HEADER + page <= len(log) and log[at + 8 : at + 16] == salts:
        commits = int.from_bytes(log[at + 4 : at + 8], "big") != 0
        at += FRAME_HEADER + page
        if commits:
            ends.append(at)
    return ends


def synced_in(log: bytes) -> int:
    """Up to which byte a log may have been synced: the end of its newest whole commit. What had not
    got so far when the program was held still had not been told to anybody either."""
    return next(iter(commits_in(log)[-1:]), 0)


async def stills(
    folder: Path, engine: Engine, url: str, key_file: Path, *, seed: int, wanted: int
) -> list[Still]:
    """Let a few people talk with the real program, and hold it still so often."""
    chance, ledger, found = random.Random(seed), Ledger(), list[Still]()
    database = Path(url.removeprefix("sqlite:///"))
    street = settle(engine, 4)
    async with CountingApi() as server:
        bot = server.bot(TOKEN)
        env = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_BASE": server.url, "TELEGRAM_RATE": "0"}
        program = Program(folder, engine, url, key_file, **env)
        users = [server.user(chat, bot=bot) for chat in street.residents]
        for worker in street.workers:
            server.user(worker, bot=bot)

        async def live(resident: Resident) -> None:
            while True:
                await resident.files()

        lives = [asyncio.create_task(live(Resident(user, ledger))) for user in users]
        try:
            await program.start()
            async with asyncio.timeout(60):
                while not ledger.filed:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            while len(found) < wanted:
                await asyncio.sleep(chance.uniform(0.02, 0.4))
                with program.held():
                    place = folder / f"still{len(found)}.db"
                    said = sum(not one.by_bot for user in users for one in user.chat)
                    pressed = len(bot.queries)
                    confirmed = said + pressed - len(bot.queue)
                    copy = Still(place, log_of(place), dict(ledger.filed), confirmed)
                    await asyncio.to_thread(shutil.copyfile, database, copy.database)
                    await asyncio.to_thread(shutil.copyfile, log_of(database), copy.log)
                found.append(copy)
        finally:
            for life in lives:
                life.cancel()
            await asyncio.gather(*lives, return_exceptions=True)
            await program.abandon()
    return found


def cut(still: Still, vault: Vault, folder: Path, cuts: Cuts, at: int, rubbish: bytes) -> None:
    """Open what a power cut would have left, and look for all that people were told."""
    left = folder / "left.db"
    shutil.copyfile(still.database, left)
    log_of(left).write_bytes(still.log.read_bytes()[:at] + rubbish)
    left.with_name("left.db-shm").unlink(missing_ok=True)
    engine = open_engine(f"sqlite:///{left}", vault)
    try:
        with Session(engine) as session:
            if session.scalar(text("PRAGMA integrity_check")) != "ok":
                cuts.unsound += 1
            there = {row.text: row.id for row in session.execute(select(Ticket.text, Ticket.id))}
            stored = session.scalar(select(func.count()).select_from(InboundMessage)) or 0
    finally:
        engine.dispose()
    cuts.made += 1
    cuts.tickets += len(still.told)
    cuts.lost += [words for words, number in still.told.items() if there.get(words) != number]
    if stored < still.confirmed:
        cuts.lost.append(f"{still.confirmed - stored} confirmed updates")


def cut_all(found: list[Still], vault: Vault, folder: Path, *, seed: int, each: int) -> Cuts:
    """Cut every still `each` times at or after its last sync."""
    chance, cuts = random.Random(seed), Cuts()
    for still in found:
        log = still.log.read_bytes()
        synced = synced_in(log)
        for _ in range(each):
            at = chance.randint(synced, len(log))
            torn = chance.randbytes(chance.randrange(9000)) if chance.random() < 0.5 else b""
            cut(still, vault, folder, cuts, at, torn)
    return cuts


def log_of(database: Path) -> Path:
    """The write-ahead log beside a database."""
    return database.with_name(database.name + "-wal")


def main() -> None:
    """Run it, print the figures; exit with 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--stills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jmk-power-") as name:
        folder = Path(name)
        url, key_file = f"sqlite:///{folder / 'town.db'}", folder / "town.key"
        vault = open_vault(key_file, create=True)
        engine = open_engine(url, vault)
        migrate(engine)
        found = asyncio.run(
            stills(folder, engine, url, key_file, seed=asked.seed, wanted=asked.stills)
        )
        engine.dispose()
        each = max(1, asked.cuts // asked.stills)
        cuts = cut_all(found, vault, folder, seed=asked.seed, each=each)
    print(cuts)
    raise SystemExit(bool(cuts.lost or cuts.unsound))


if __name__ == "__main__":
    main()
