"""Statements of the hot path, made once and run without SQLAlchemy's work for each execution.

SQLAlchemy still writes them, for either database, and still turns values and rows into what the
columns' types say; only what it decides anew at every execution is decided once. That takes four
fifths of a short statement's time (docs/speed.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Dialect, Select, Table, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """A statement as one dialect has it. binds: each parameter's name in the statement, the name we
    give it, its fixed value and what turns a value into the driver's. columns: what turns the
    driver's value into ours."""

    sql: str
    by_position: bool
    binds: tuple[tuple[str, str, Any, Convert | None], ...]
    columns: tuple[Convert | None, ...]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """What the driver is given."""
        given = [
            values.get(key, fixed) if turn is None else turn(values.get(key, fixed))
            for _, key, fixed, turn in self.binds
        ]
        if self.by_position:
            return given
        return {bind[0]: value for bind, value in zip(self.binds, given, strict=True)}

    def row(self, raw: Sequence[Any]) -> Row:
        """A row as our types have it."""
        return tuple(
            [
                value if turn is None else turn(value)
                for turn, value in zip(self.columns, raw, strict=True)
            ]
        )


class Prepared:
    """A statement whose text never changes: it has no list of values, and an INSERT or UPDATE
    names its parameters with `bindparam` and gives every column that has a default.

    Past the session: what is not flushed yet is not seen, and what it has loaded is not touched.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase) -> None:
        self._statement = statement

    def rows(self, session: Session, **values: Any) -> list[Row]:
        """Run it with these values; what it gives. Raises as SQLAlchemy does."""
        connection = session.connection()
        dialect = connection.dialect
        # Kept with the dialect, whose vault it uses, so that it ends with its engine.
        ready: dict[Prepared, _Made] = vars(dialect).setdefault("prepared", {})
        made = ready.get(self)
        if made is None:
            made = ready[self] = _make(self._statement, dialect)
        raw: Any = connection.connection.dbapi_connection
        try:
            cursor = raw.execute(made.sql, made.parameters(values))
            found = cursor.fetchall() if made.columns else []
        except dialect.loaded_dbapi.Error as error:
            gone = dialect.is_disconnect(error, raw, None)
            if gone:
                connection.invalidate(error)
            raise DBAPIError.instance(
                made.sql,
                None,
                error,
                dialect.loaded_dbapi.Error,
                hide_parameters=True,
                connection_invalidated=gone,
                dialect=dialect,
            ) from error
        return [made.row(one) for one in found]

    def first(self, session: Session, **values: Any) -> Row | None:
        """The first row, if there is any. Raises as SQLAlchemy does."""
        found = self.rows(session, **values)
        return found[0] if found else None


def parameters(table: Table, *, but: Sequence[str]) -> dict[str, BindParameter[Any]]:
    """For an INSERT: a parameter for each column of this table but these, of the column's name."""
    return {
        column.name: bindparam(column.name, type_=column.type)
        for column in table.columns
        if column.name not in but
    }


def _make(statement: Select[*tuple[Any, ...]] | UpdateBase, dialect: Dialect) -> _Made:
    compiled: Any = statement.compile(dialect=dialect)
    names = compiled.positiontup if compiled.positional else list(compiled.binds)
    binds = []
    for name in names:
        bind = compiled.binds[name]
        turn = bind.type.dialect_impl(dialect).bind_processor(dialect)
        binds.append((name, bind.key, bind.effective_value, turn))
    return _Made(
        sql=str(compiled),
        by_position=bool(compiled.positional),
        binds=tuple(binds),
        columns=tuple(_reader(column.type, dialect) for column in statement.exported_columns),
    )


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    made: Convert | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return made
