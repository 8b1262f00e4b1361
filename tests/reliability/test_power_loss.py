"""When the power goes, nothing is lost that anybody was told of."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage.database import open_engine
from storage.vault import Vault
from tests.reliability.kills import TOKEN, settled
from tests.reliability.power import Cuts, commits_in, cut, cut_all, stills
from tests.reliability.program import CountingApi, Program
from tests.reliability.street import settle


@pytest.fixture
def on_disk(sqlite_url: str, vault: Vault) -> Iterator[Engine]:
    engine = open_engine(sqlite_url, vault)
    yield engine
    engine.dispose()


async def test_what_was_told_is_there_after_a_power_cut(
    sqlite_url: str, on_disk: Engine, tmp_path: Path, key_file: Path, vault: Vault
) -> None:
    found = await stills(tmp_path, on_disk, sqlite_url, key_file, seed=7, wanted=4)
    cuts = await asyncio.to_thread(cut_all, found, vault, tmp_path, seed=7, each=8)
    assert cuts.made == 32
    assert cuts.lost == []
    assert cuts.unsound == 0
    # The cuts do cut: further back, something that was told is gone.
    newest = found[-1]
    assert newest.told
    early = commits_in(newest.log.read_bytes())
    lost = Cuts()
    await asyncio.to_thread(cut, newest, vault, tmp_path, lost, early[0], b"")
    assert lost.lost


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
async def test_the_log_is_synced_before_every_reply(
    sqlite_url: str, on_disk: Engine, tmp_path: Path, key_file: Path
) -> None:
    trace = tmp_path / "calls.txt"
    wanted = "trace=pwrite64,fdatasync,fsync,sendto,sendmsg,write,writev"
    under = ("strace", "-D", "-f", "-y", "-s", "96", "-o", str(trace), "-e", wanted)
    street = settle(on_disk, 1)
    async with CountingApi() as server:
        user = server.user(street.residents[0], bot=server.bot(TOKEN))
        env = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_BASE": server.url, "TELEGRAM_RATE": "0"}
        program = Program(tmp_path, on_disk, sqlite_url, key_file, under=under, **env)
        try:
            await program.start()
            for _ in range(2):
                await user.sends("报修")
                await user.hears("您有什么事", 60)
                await settled(on_disk, server)
                await user.sends("取消")
                await user.hears("不办了", 60)
                await settled(on_disk, server)
            await program.stop()
        finally:
            await program.abandon()
    replies, unsynced = _replies_in(trace.read_text("utf-8", "replace"))
    assert replies >= 4
    assert unsynced == 0


def _replies_in(trace: str) -> tuple[int, int]:
    """How many messages left, and before how many the log was not synced since the one before, or
    something written to it was not."""
    replies = unsynced = 0
    dirty, synced_since = False, False
    syncing: set[str] = set()
    for line in trace.splitlines():
        thread, _, call = line.partition(" ")
        call = call.lstrip()
        if re.match(r"pwrite64\(\d+<[^>]*-wal>", call):
            dirty = True
        elif re.match(r"f(data)?sync\(\d+<[^>]*-wal>", call):
            if call.endswith("= 0"):
                dirty, synced_since = False, True
            else:
                syncing.add(thread)
        elif re.match(r"<\.\.\. f(data)?sync resumed>", call) and thread in syncing:
            syncing.discard(thread)
            dirty, synced_since = False, True
        elif "POST /bot" in call and "/sendMessage" in call:
            replies += 1
            unsynced += dirty or not synced_since
            synced_since = False
    return replies, unsynced
