"""What SQLite and PostgreSQL say in different words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class seconds_between(FunctionElement[int]):
    """Whole seconds from one moment to a later one."""

    type = BigInteger()
    inherit_cache = True


class first_part(FunctionElement[str]):
    """The part of a path before its first ``/``."""

    type = String()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _sqlite_seconds(element: Any, compiler: Any, **kw: Any) -> str:
    first, second = (compiler.process(one, **kw) for one in element.clauses)
    return f"CAST(ROUND((julianday({second}) - julianday({first})) * 86400.0) AS INTEGER)"


@compiles(seconds_between)
def _seconds(element: Any, compiler: Any, **kw: Any) -> str:
    first, second = (compiler.process(one, **kw) for one in element.clauses)
    return f"CAST(ROUND(EXTRACT(EPOCH FROM ({second} - {first}))) AS BIGINT)"


@compiles(first_part, "sqlite")
def _sqlite_part(element: Any, compiler: Any, **kw: Any) -> str:
    (path,) = (compiler.process(one, **kw) for one in element.clauses)
    (again,) = (compiler.process(one, **kw) for one in element.clauses)
    return f"substr({path}, 1, instr({again}, '/') - 1)"


@compiles(first_part)
def _part(element: Any, compiler: Any, **kw: Any) -> str:
    (path,) = (compiler.process(one, **kw) for one in element.clauses)
    return f"split_part({path}, '/', 1)"
