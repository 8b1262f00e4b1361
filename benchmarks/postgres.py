"""The conversation of `benchmarks.conversation` on PostgreSQL, every commit on the disk."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from benchmarks.conversation import ROUNDS, bare, ours, quiet, row_of, settle
from benchmarks.table import Row
from tests.postgres import PostgresServer

MUST = 0.20


def rows() -> list[Row]:
    """As `benchmarks.conversation.rows`; the server is the tests' own, with its settings safe."""
    quiet()
    mine, theirs = [], []
    server = PostgresServer({})
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            settle(folder, server.create(name="settled"))
            for _ in range(ROUNDS):
                theirs.append(asyncio.run(bare()))
                url = server.create(template="settled")
                mine.append(asyncio.run(ours(folder, url)))
                server.drop(url)
    finally:
        server.stop()
    return [row_of("the same on PostgreSQL", mine, theirs, MUST)]
