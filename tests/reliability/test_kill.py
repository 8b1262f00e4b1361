"""Killed at any moment, the program loses nothing and repeats nothing but what it says it may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.database import open_engine
from storage.vault import Vault
from tests.reliability.kills import run_kills


@pytest.mark.parametrize("database", ["sqlite_url", "durable_postgres_url"])
async def test_nothing_is_lost_and_nothing_done_twice(
    database: str,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
    tmp_path: Path,
    key_file: Path,
    vault: Vault,
) -> None:
    url = request.getfixturevalue(database)
    engine = open_engine(url, vault)
    try:
        figures = await run_kills(tmp_path, engine, url, key_file, seed=20, kills=3, residents=6)
    finally:
        engine.dispose()
    record_property("figures", str(figures))
    print(figures)
    assert figures.kills >= 3
    assert figures.tickets >= 6
    assert figures.redeliveries > 0
