"""A word from process to process, by PostgreSQL's LISTEN and NOTIFY: that there is something to do.

What is said may be lost (the line breaks, nobody listens), so nothing depends on it but how soon
somebody looks. Nobody's data is said: rows are named by their numbers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import psycopg
from psycopg import sql
from sqlalchemy import Engine

NAME = "jiamenkou"
BEAT = 20.0
"""Seconds after which a line on which nothing was heard is tried."""
PATIENCE = 10.0
"""Seconds after which a line that does not answer counts as broken."""

Line = psycopg.AsyncConnection[tuple[object, ...]]
Broken = (psycopg.Error, OSError, TimeoutError)


async def open_line(engine: Engine) -> Line:
    """A connection of one's own, for `listen` or for `say`. Raises one of `Broken`."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    async with asyncio.timeout(PATIENCE):
        line = await psycopg.AsyncConnection.connect(url, autocommit=True)
        # A word that a crash of the server loses would have been heard by nobody anyway.
        await line.execute("SET synchronous_commit = off")
        return line


async def say(line: Line, words: Sequence[str]) -> None:
    """Tell every process that listens; each word under 8,000 bytes. Raises one of `Broken`."""
    async with asyncio.timeout(PATIENCE):
        for word in words:
            await line.execute("SELECT pg_notify(%s, %s)", (NAME, word))


async def listen(line: Line) -> None:
    """From now on what is said is kept for `heard`. Raises one of `Broken`."""
    async with asyncio.timeout(PATIENCE):
        await line.execute(sql.SQL("LISTEN {}").format(sql.Identifier(NAME)))


async def heard(line: Line) -> AsyncIterator[str]:
    """What is said, as it comes, until the line breaks. Raises one of `Broken`."""
    while True:
        async for word in line.notifies(timeout=BEAT):
            yield word.payload
        async with asyncio.timeout(PATIENCE):
            await line.execute("SELECT 1")
