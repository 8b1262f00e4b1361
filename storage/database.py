"""Opening the database, SQLite or PostgreSQL by its URL alone, and migrating it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Text, create_engine, event, select, text, type_coerce
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    TimeoutError,
)
from sqlalchemy.orm import Session

import storage.tables  # noqa: F401  (fills the metadata)
from storage import guides, rules, turns
from storage.base import Base, Sealed, SealedJson, use_vault, vault_of
from storage.vault import Vault

MIGRATIONS = Path(__file__).parent / "migrations"

_SQLITE_OUTAGES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}
_POSTGRES_OUTAGES = {"08", "40", "53", "55", "57", "58"}
"""Classes of SQLSTATE: connection, rolled back, resources, locked, operator, system."""

MOST_PREPARED = 400
"""Statements that a connection keeps prepared: more than the driver's 100, as a talk has more."""


def open_engine(url: str, vault: Vault, *, pool_size: int = 8) -> Engine:
    """An engine for `url` whose sealed columns use `vault`.

    url: ``sqlite:///path`` or ``postgresql://...`` (psycopg 3). A SQLite file's folder is made.
    Raises sqlalchemy.exc.ArgumentError for anything else.
    """
    # hide_parameters: an error's words are logged, and the values would stand in them.
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _open_sqlite(str(parsed.database or ""), url)
    elif parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ArgumentError(f"{parsed.get_backend_name()}: only sqlite and postgresql are known")
    else:
        parsed = parsed.set(drivername="postgresql+psycopg")
        if "connect_timeout" not in parsed.query:  # by itself it waits for minutes
            parsed = parsed.update_query_dict({"connect_timeout": "10"})
        engine = create_engine(
            parsed,
            pool_size=pool_size,
            max_overflow=4,
            pool_pre_ping=True,
            pool_use_lifo=True,  # each connection prepares its own statements: use few of them
            hide_parameters=True,
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            connection.prepared_max = MOST_PREPARED

    use_vault(engine.dialect, vault)
    return engine


def _open_sqlite(path: str, url: str) -> Engine:
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        # What is not sealed (names, figures) is not for other users of the machine either; the
        # files SQLite puts beside this one take its mode.
        Path(path).touch(mode=0o600, exist_ok=True)
    engine = create_engine(
        url, connect_args={"check_same_thread": False, "timeout": 30}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions of its own: `begin` below says which kind.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-65536",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred BEGIN that turns into a write fails with "database is locked" under load.
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the database up (or, by name, down) to `revision`; all of it or nothing on SQLite.

    Of several processes that start at the same time one does it, and the others wait for it.
    """
    config = _config()
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection, _in_turn(connection):
        config.attributes["connection"] = connection
        current = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        # Nothing to do is most starts, and looking through a county's foreign keys takes a second.
        if (newest if revision == "head" else revision) != current:
            with _foreign_keys_apart(connection):
                if revision == "base" or (current and _is_before(revision, current)):
                    command.downgrade(config, revision)
                else:
                    command.upgrade(config, revision)
        if revision == "head":
            with Session(connection) as session, session.begin():
                rules.plant(session)
                guides.plant(session)


@contextlib.contextmanager
def _in_turn(connection: Connection) -> Iterator[None]:
    turns.hold(connection, "migrate")
    try:
        yield
    finally:
        turns.release(connection, "migrate")


@contextlib.contextmanager
def _foreign_keys_apart(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by copying and dropping it; what refers to it must not notice."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.dbapi_connection  # the pragma does nothing in a transaction
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise IntegrityError("PRAGMA foreign_key_check", None, ValueError(str(broken[:5])))
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=ON")


def _is_before(revision: str, current: str) -> bool:
    if revision == "head":
        return False
    script = ScriptDirectory.from_config(_config())
    earlier = {step.revision for step in script.iterate_revisions(current, "base")}
    return revision in earlier and revision != current


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """The revision the database has, and the newest one there is."""
    with engine.connect().execution_options(reads=True) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, ScriptDirectory.from_config(_config()).get_current_head()


def steps_behind(engine: Engine) -> int | None:
    """How many migrations the database lacks; None when it has no table yet.

    Raises LookupError when its revision is unknown: a newer program has migrated it.
    """
    current, _ = revisions(engine)
    if current is None:
        return None
    script = ScriptDirectory.from_config(_config())
    known = [step.revision for step in script.iterate_revisions("head", "base")]
    if current not in known:
        raise LookupError(current)
    return known.index(current)


def is_damaged(error: BaseException) -> bool:
    """Whether SQLite says that the file is no database, or a broken one."""
    orig = getattr(error, "orig", None)
    return getattr(orig, "sqlite_errorcode", None) in (
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
    )


def is_outage(error: BaseException) -> bool:
    """Whether it is the database that failed (gone, full, locked, read-only), not a statement.

    What an outage refused may succeed later unchanged; anything else will fail again.
    """
    if isinstance(error, TimeoutError):  # no free connection
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE_OUTAGES
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state == "25006" or state[:2] in _POSTGRES_OUTAGES
    return isinstance(error, OperationalError | InterfaceError)


def try_writing(engine: Engine) -> None:
    """Make a table and take it back. Raises sqlalchemy.exc.SQLAlchemyError when that is refused."""
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE jiamenkou_check (id INTEGER)"))
        connection.rollback()


def try_opening_sealed(engine: Engine) -> bool:
    """Open one sealed value of each column that has any; False when there is none.

    Raises storage.vault.KeyFileError when the key file is not the one they were sealed with.
    """
    vault = vault_of(engine.dialect)
    found = False
    with engine.connect().execution_options(reads=True) as connection:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Sealed | SealedJson):
                    raw = select(type_coerce(column, Text)).where(column.is_not(None)).limit(1)
                    if (token := connection.scalar(raw)) is not None:
                        vault.open(token)
                        found = True
    return found


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite URL; None for anything else. Raises ArgumentError as open_engine."""
    parsed = make_url(url)
    kept = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return Path(str(parsed.database)) if kept else None


def where(url: str) -> tuple[str, str]:
    """What kind of database `url` names, and where it is, with neither user nor password."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return "SQLite", str(parsed.database or ":memory:")
    host = parsed.host or parsed.query.get("host") or "localhost"
    return "PostgreSQL", f"{host}/{parsed.database or ''}"
