"""A program that is told to stop ends, also when the database is there and says nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from storage.database import migrate, open_engine
from storage.vault import Vault
from tests.postgres import PostgresServer

PATIENT = """
import bot.commands.run
bot.commands.run.LONGEST_STOP = 2.0
from bot.__main__ import app
app(["run"])
"""


@pytest.fixture
def server() -> PostgresServer:
    """One of its own: it stands still for a while."""
    return PostgresServer({})


async def test_a_database_that_hangs_does_not_keep_it_from_stopping(
    server: PostgresServer, vault: Vault, key_file: Path, tmp_path: Path
) -> None:
    try:
        url = server.create()
        engine = open_engine(url, vault)
        await asyncio.to_thread(migrate, engine)
        engine.dispose()
        env = os.environ | {"DATABASE_URL": url, "KEY_FILE": str(key_file), "WEB_PORT": "0"}
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PATIENT, env=env, cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert program.stdout
        async with asyncio.timeout(60):
            while "Ctrl-C" not in (line := await program.stdout.readline()).decode():
                assert line
        with server.frozen():
            await asyncio.sleep(1.2)  # the next look at the database hangs
            program.send_signal(signal.SIGTERM)
            said = (await asyncio.wait_for(program.stdout.read(), 30)).decode()
            assert await program.wait() == 1
        assert "stopped by force" in said
    finally:
        server.stop()
