"""One at a time across processes: what must not be done by two of them at the same moment.

On PostgreSQL an advisory lock that ends with the transaction; whoever comes second waits, and then
sees all that the first has written. On SQLite there is one writer anyway.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from hashlib import blake2b

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, bindparam, func, select

PATIENCE = timedelta(seconds=30)
"""How long a process may stand still while others wait for it: what a message takes between two
statements is a thousandth of that."""
A_MOMENT = timedelta(milliseconds=500)
"""How long a transaction of many jobs waits for a row: another such is over sooner, unless they
wait for each other."""


def hurried(patience: timedelta) -> ColumnElement[str]:
    """For the columns of a query on PostgreSQL: from now on the database ends this transaction when
    its process says nothing for so long. The process may be frozen, or its machine cut off, and
    nobody would be told for hours."""
    return func.set_config("idle_in_transaction_session_timeout", _milliseconds(patience), True)


def _milliseconds(span: timedelta) -> str:
    return str(int(span.total_seconds() * 1000))


def take(connection: Connection, key: str) -> None:
    """Wait until nobody else has this key, and keep it until the transaction ends.

    To be the first thing in its transaction, and the only key: then nobody waits in a circle.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE, {"number": _number(key)})


_TAKE = select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger)), hurried(PATIENCE))


def take_free(connection: Connection, keys: Collection[str]) -> set[str]:
    """Those of the keys that nobody else has, kept until the transaction ends. Only on PostgreSQL.

    From now on the transaction waits for nothing longer than `A_MOMENT`. So it may hold many keys
    and rows in any order: it waits in no circle for long.
    """
    numbers = {_number(key): key for key in keys}
    got = connection.execute(_TAKE_FREE, {"numbers": list(numbers)}).scalar_one()
    return {numbers[number] for number in got}


_EACH = (
    func.unnest(bindparam("numbers", type_=ARRAY(BigInteger)))
    .table_valued("number")
    .render_derived()
)
_TAKE_FREE = select(
    func.array(
        select(_EACH.c.number)
        .where(func.pg_try_advisory_xact_lock(_EACH.c.number))
        .scalar_subquery()
    ),
    hurried(PATIENCE),
    func.set_config("lock_timeout", _milliseconds(A_MOMENT), True),
)


def hold(connection: Connection, key: str) -> None:
    """The same until `release`, over any number of transactions of this connection."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_lock(_number(key))))
        connection.commit()


def release(connection: Connection, key: str) -> None:
    """Give back what `hold` took."""
    if connection.dialect.name == "postgresql":
        connection.rollback()
        connection.execute(select(func.pg_advisory_unlock(_number(key))))
        connection.commit()


def _number(key: str) -> int:
    """PostgreSQL knows such locks by 64 bits: two keys in 10^9 meet less than once in ten, and
    then only wait for each other."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), signed=True)
