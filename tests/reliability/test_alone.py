"""One program on a SQLite file: a second one is refused in words, and commands go on working."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage.alone import Alone, NotAlone
from storage.database import open_engine
from storage.vault import Vault
from tests.reliability.program import Program
from tests.reliability.street import settle


@pytest.fixture
def engine(sqlite_url: str, vault: Vault) -> Engine:
    """A street on SQLite."""
    engine = open_engine(sqlite_url, vault)
    settle(engine, 2)
    return engine


async def command(env: dict[str, str], *words: str) -> tuple[int, str]:
    """Run `python -m bot ...`: its exit code and all it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, env=env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode or 0, said.decode()


async def test_a_second_program_is_refused(
    engine: Engine, sqlite_url: str, tmp_path: Path, key_file: Path
) -> None:
    program = Program(tmp_path, engine, sqlite_url, key_file)
    env = os.environ | {
        "DATABASE_URL": sqlite_url,
        "KEY_FILE": str(key_file),
        "WEB_PORT": "0",
    }
    try:
        await program.start()
        async with asyncio.timeout(60):
            while "家门口已经启动" not in program.told():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        code, said = await command(env, "run")
        assert code == 1
        assert "已经有一个家门口在用这个数据库" in said
        assert "Traceback" not in said
        code, said = await command(env, "stats", "--from", "2026-01-01", "--to", "2026-12-31")
        assert code == 0, said
        # What a dead one held is free: no file has to be deleted by hand.
        await program.kill()
        await program.start()
        async with asyncio.timeout(60):
            while program.told().count("家门口已经启动") < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await program.stop()
    finally:
        await program.abandon()
        engine.dispose()


async def test_a_part_of_it_needs_postgresql(sqlite_url: str, key_file: Path) -> None:
    env = os.environ | {"DATABASE_URL": sqlite_url, "KEY_FILE": str(key_file)}
    code, said = await command(env, "run", "--role", "worker")
    assert code == 1
    assert "--role worker" in said
    assert "PostgreSQL" in said


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.db"
    first = Alone(path)
    with pytest.raises(NotAlone):
        Alone(path)
    other_name = tmp_path / "b.db"
    path.touch()
    other_name.symlink_to(path)
    with pytest.raises(NotAlone):
        Alone(other_name)
    first.let_go()
    Alone(other_name).let_go()


def test_a_child_that_lives_on_does_not_keep_it(tmp_path: Path) -> None:
    alone = Alone(tmp_path / "a.db")
    child = os.posix_spawn(
        sys.executable, [sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ)
    )
    try:
        alone.let_go()
        Alone(tmp_path / "a.db").let_go()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
