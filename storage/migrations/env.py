"""Alembic's entry: migrates the connection that `storage.database.migrate` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

import storage.tables  # noqa: F401  (fills the metadata)
from storage.base import Base, Moment, Sealed, SealedJson


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as SQLAlchemy's own: a migration must not change when they do."""
    if kind == "type" and isinstance(item, Sealed | SealedJson):
        return "sa.Text()"
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=True,
    render_item=plain_type,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
