"""What thousands of programs in one process may share, and what they need not wait for.

None of it changes what a program does: statements are compiled once for all databases of a kind,
SQLite does not wait for the disk, and memory is laid aside once for all tests. That commits outlast
a crash, and what one program's start does, is tested where programs are killed
(tests/reliability).
"""

from __future__ import annotations

import gc
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.util import LRUCache

from storage import database
from storage.vault import Vault

_first: dict[str, Engine] = {}


def open_engine(url: str, vault: Vault, **more: Any) -> Engine:
    """`storage.database.open_engine`, for tests in which nothing dies."""
    engine = share_statements(database.open_engine(url, vault, **more))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _do_not_wait)
    return engine


def share_statements(engine: Engine) -> Engine:
    """Let it use what was compiled for the first engine of its kind; all have one vault's keys."""
    first = _first.setdefault(engine.dialect.name, engine)
    if first is engine:
        with engine.connect():  # from here on its dialect knows the server
            pass
        engine._compiled_cache = LRUCache(3000)
    engine.dialect = first.dialect
    engine._compiled_cache = first._compiled_cache
    return engine


def _do_not_wait(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def lay_memory_aside() -> None:
    """Once, when everything is imported: a program that ends must not leave its memory behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
