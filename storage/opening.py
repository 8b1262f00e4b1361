"""Opening the house: database and key together, so that neither is used with a stranger."""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import Engine, exists, inspect, select

from storage.areas import Area
from storage.database import migrate, open_engine, sqlite_file, try_opening_sealed
from storage.people import Person
from storage.vault import Vault, open_vault


def open_database(url: str, key_file: Path) -> tuple[Engine, Vault]:
    """The database brought up to date, and the vault that opens what is sealed in it.

    A key is made only where there is nothing yet that it would fail to open. Raises
    storage.vault.KeyFileError when the key is lost or another one, and SQLAlchemyError.
    """
    vault = open_vault(key_file, create=not key_file.exists() and _is_unused(url))
    engine = open_engine(url, vault)
    migrate(engine)
    try_opening_sealed(engine)
    return engine, vault


def _is_unused(url: str) -> bool:
    """Whether nobody and no place is in the database yet."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return True
    engine = open_engine(url, Vault([Fernet.generate_key()], b"opens nothing"))
    try:
        if not inspect(engine).has_table(Person.__tablename__):
            return True
        with engine.connect() as connection:
            rows = [connection.scalar(select(exists().where(t.id > 0))) for t in (Person, Area)]
        return not any(rows)
    finally:
        engine.dispose()
