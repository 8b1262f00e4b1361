"""Putting the sample into a database: everything in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, insert, select, text
from sqlalchemy.orm import Session

from storage import audit
from storage.areas import Area, Household
from storage.audit import AuditLine
from storage.base import Base
from storage.directory import mark_changed
from storage.entries import Entry
from storage.people import Person
from storage.posts import Post
from storage.rota import RotaRow
from storage.sample import places
from storage.sample.exchange import add_listings
from storage.sample.plan import Planner, Row, ScaleName
from storage.sample.rota import rota_of
from storage.vault import Vault

Progress = Callable[[int, int, str], None]
CHUNK = 2000
"""Rows to one statement: small enough to move a progress bar, large enough to cost nothing."""

MARK = "sample"


class NotEmpty(Exception):
    """The database already has areas that are not this very sample."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was loaded. loaded is False when the same sample was there already."""

    loaded: bool
    areas: int
    households: int
    people: int
    posts: int
    entries: int


def make(
    engine: Engine,
    vault: Vault,
    scale: ScaleName,
    seed: int,
    now: datetime,
    progress: Progress = lambda done, total, what: None,
) -> Made:
    """Load the sample of this scale and seed into a migrated database that has no areas.

    The same scale and seed give the same rows (a fresh database given), but for the ciphertext of
    what is sealed. now: when its people were written down and consented. progress: told how many of
    how many rows are in, and of what (``areas``, ``households``, ``people``, ``posts``,
    ``entries``). Loading the very sample that is there does nothing. Raises NotEmpty.
    """
    subject = f"{scale}:{seed}"
    with engine.begin() as connection:
        if connection.scalar(select(func.count()).select_from(Area)):
            if not _is_there(connection, subject):
                raise NotEmpty
            return _counted(connection, loaded=False)
        first_person = (connection.scalar(select(func.max(Person.id))) or 0) + 1
        rows = Planner(scale, seed, vault, now, first_person).plan()
        # Posts and entries get their ids from the database: someone may have been there before.
        for post in rows.posts:
            del post["id"]
        batches: list[tuple[type[Base], list[Row]]] = [
            (Area, rows.areas),
            (Household, rows.households),
            (Person, rows.people),
            (Post, rows.posts),
            (Entry, rows.entries),
            (RotaRow, rota_of(rows.posts)),
        ]
        _insert(connection, batches, progress)
        places.fill(connection, rows, scale, now)
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            audit.note(session, now, None, MARK, subject)
            mark_changed(session)
            add_listings(session, [one for one in rows.people if one["home_id"]], now)
            session.commit()
        _settle(connection)
        return _counted(connection, loaded=True)


def _insert(
    connection: Connection, batches: list[tuple[type[Base], list[Row]]], progress: Progress
) -> None:
    total = sum(len(rows) for _, rows in batches)
    done = 0
    for table, rows in batches:
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            connection.execute(insert(table), chunk)
            done += len(chunk)
            progress(done, total, table.__tablename__)


def _settle(connection: Connection) -> None:
    """Let the database's own counters and statistics know what came in past them."""
    if connection.dialect.name == "postgresql":
        for table in ("areas", "people"):
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"  # noqa: S608
                    f" (SELECT max(id) FROM {table}))"
                )
            )
    connection.execute(text("ANALYZE"))


def _is_there(connection: Connection, subject: str) -> bool:
    return bool(
        connection.scalar(
            select(func.count())
            .select_from(AuditLine)
            .where(AuditLine.action == MARK, AuditLine.subject == subject)
        )
    )


def _counted(connection: Connection, *, loaded: bool) -> Made:
    def number(table: type[Base]) -> int:
        return connection.scalar(select(func.count()).select_from(table)) or 0

    return Made(
        loaded, number(Area), number(Household), number(Person), number(Post), number(Entry)
    )
