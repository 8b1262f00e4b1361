"""Counting: every figure of a report in two queries, and the tickets behind any of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, false, func, not_, select
from sqlalchemy.orm import Session

from storage.figures.dialects import seconds_between
from storage.figures.measures import KEYS, MISSED, PARTS, RATES, RUNG, SHARES, figures, rung
from storage.figures.scope import Scope, known, matters
from storage.rules import OPEN
from storage.ticket_tables import Ticket, TicketStage

LEVELS = ("building", "grid", "compound", "community", "county", "legal")
"""The rungs in the order they are shown; others stand behind them."""


@dataclass(slots=True)
class Count:
    """One figure. share: top of n, None when n is 0. silent_share: how many of those who were
    asked gave no answer, None when nobody was asked."""

    n: int = 0
    top: int = 0
    silent: int = 0

    @property
    def share(self) -> float | None:
        return self.top / self.n if self.n else None

    def silent_share(self, key: str) -> float | None:
        """response: of n (silence is part of what was due); else of n and the silent together."""
        asked = self.n if key == "response" else self.n + self.silent
        return self.silent / asked if asked else None

    def add(self, other: Count) -> None:
        """Count these too."""
        self.n += other.n
        self.top += other.top
        self.silent += other.silent


@dataclass(slots=True)
class Counts:
    """Every figure of some tickets, by key, and how often they were transferred in all."""

    of: dict[str, Count] = field(default_factory=lambda: {key: Count() for key in KEYS})
    transfers: int = 0

    def __getitem__(self, key: str) -> Count:
        return self.of[key]

    def add(self, other: Counts) -> None:
        """Count these too."""
        for key, count in other.of.items():
            self.of[key].add(count)
        self.transfers += other.transfers


@dataclass(frozen=True, slots=True)
class RungFigure:
    """settled: how many matters were settled on this rung, of `of` (see `measures.rung`).

    hours: the median of how long a matter was on it in all, in plain hours (nights and holidays
    too), over the `stays` matters that have left it or were settled on it; None when there are
    none.
    """

    level: str
    settled: int
    of: int
    hours: float | None
    stays: int


@dataclass(slots=True)
class Report:
    """A period's figures: the whole, and by area (the children of the scope's), service, worker.

    by_area: key 0 is what lies in the scope's area itself. by_worker: key 0 is nobody's.
    """

    scope: Scope
    at: datetime
    whole: Counts
    by_area: dict[int, Counts]
    by_service: dict[str, Counts]
    by_worker: dict[int, Counts]
    rungs: list[RungFigure]


def report(session: Session, scope: Scope, at: datetime) -> Report:
    """All figures of a scope as they stand at `at`. Raises storage.areas.UnknownArea."""
    rows = known(session, scope)
    whole = Counts()
    by_area: dict[int, Counts] = {}
    by_service: dict[str, Counts] = {}
    by_worker: dict[int, Counts] = {}
    settled: dict[str, int] = {}
    for row in session.execute(_counted(rows, at)):
        counts = _read(row[4:])
        whole.add(counts)
        by_area.setdefault(int(row.child or 0), Counts()).add(counts)
        by_service.setdefault(row.service, Counts()).add(counts)
        by_worker.setdefault(row.worker or 0, Counts()).add(counts)
        if row.level is not None:
            settled[row.level] = settled.get(row.level, 0) + counts["on_time"].n
    rungs = _rungs(session, scope, settled)
    return Report(scope, at, whole, by_area, by_service, by_worker, rungs)


def count(session: Session, scope: Scope, at: datetime) -> Counts:
    """The figures of a scope as a whole: to compare periods with."""
    rows = known(session, scope)
    return _read(session.execute(select(*_sums(rows, at))).one())


def tickets(
    session: Session,
    scope: Scope,
    key: str,
    part: str,
    at: datetime,
    *,
    offset: int = 0,
    limit: int | None = None,
) -> list[int]:
    """The tickets that make up a part of a figure, newest first.

    key: one of `KEYS`, or ``rung:<level>``. part: one of `PARTS`, or ``missed`` (n without top).
    Raises KeyError for any other.
    """
    if part not in (*PARTS, MISSED):
        raise KeyError(part)
    rows = known(session, scope)
    level = key.removeprefix(RUNG) if key.startswith(RUNG) else None
    figure = figures(rows, at)[key] if level is None else rung(rows, level)
    missed = and_(figure.n, not_(func.coalesce(figure.top, false())))
    wanted = missed if part == MISSED else getattr(figure, part)
    query = select(rows.c.id).where(wanted).order_by(rows.c.id.desc())
    return list(session.scalars(query.offset(offset).limit(limit)))


@dataclass(frozen=True, slots=True)
class Listed:
    """A ticket as a list may name it to whoever may read figures: nothing of whose it is."""

    id: int
    service: str
    kind: str | None
    status: str
    urgent: bool
    overdue: bool
    opened_at: datetime
    area_id: int
    level: str | None
    word: str | None
    score: str | None
    excluded: bool


def listing(session: Session, scope: Scope) -> tuple[list[Listed], int]:
    """Every ticket of a scope that is open to see, oldest first, and how many others there are.

    What is private, confidential or a complaint about a worker is only counted.
    """
    rows = known(session, scope)
    columns = [rows.c[name] for name in Listed.__slots__ if name not in ("opened_at", "area_id")]
    open_to_see = and_(Ticket.privacy == OPEN, Ticket.about_id.is_(None))
    query = select(*columns, Ticket.opened_at, Ticket.area_id).join(Ticket, Ticket.id == rows.c.id)
    found = [
        Listed(**row._mapping)
        for row in session.execute(query.where(open_to_see).order_by(rows.c.id))
    ]
    whole = session.scalar(select(func.count()).select_from(rows)) or 0
    return found, whole - len(found)


def _sums(rows: CTE, at: datetime) -> list[ColumnElement[int]]:
    of = figures(rows, at)
    sums = [
        func.coalesce(func.sum(case((getattr(of[key], part), 1), else_=0)), 0)
        for key in KEYS
        for part in _parts(key)
    ]
    matter = of["opened"].n
    transfers = case((matter, rows.c.transfers), else_=0)
    return [*sums, func.coalesce(func.sum(transfers), 0)]


def _parts(key: str) -> Sequence[str]:
    """The parts that a figure has: a plain count has only n."""
    return PARTS if key in RATES else PARTS[:2] if key in SHARES else PARTS[:1]


def _counted(rows: CTE, at: datetime) -> Select[Any]:
    c = rows.c
    groups = (c.child, c.service, c.worker, c.level)
    return select(*groups, *_sums(rows, at)).group_by(*groups)


def _read(sums: Iterable[Any]) -> Counts:
    values = [int(value) for value in sums]
    counts = Counts()
    counts.transfers = values.pop()
    found = iter(values)
    for key in KEYS:
        counts.of[key] = Count(**{part: next(found) for part in _parts(key)})
    return counts


def _rungs(session: Session, scope: Scope, settled: dict[str, int]) -> list[RungFigure]:
    medians = _medians(session, scope)
    whole = sum(settled.values())
    return [
        RungFigure(level, settled.get(level, 0), whole, *medians.get(level, (None, 0)))
        for level in sorted(set(settled) | set(medians), key=_place)
    ]


def _place(level: str) -> tuple[int, str]:
    return (LEVELS.index(level) if level in LEVELS else len(LEVELS), level)


def _medians(session: Session, scope: Scope) -> dict[str, tuple[float, int]]:
    """By level: the median hours of a matter on it, and how many matters that is of."""
    rows = matters(session, scope)
    still = case((TicketStage.until.is_(None), 1), else_=0)
    stays = (
        select(
            TicketStage.level,
            func.sum(seconds_between(TicketStage.since, TicketStage.until)).label("seconds"),
        )
        .join(rows, rows.c.id == TicketStage.ticket_id)
        .group_by(TicketStage.ticket_id, TicketStage.level)
        .having(func.sum(still) == 0)
        .subquery("stays")
    )
    ranked = select(
        stays.c.level,
        stays.c.seconds,
        func.row_number().over(partition_by=stays.c.level, order_by=stays.c.seconds).label("place"),
        func.count().over(partition_by=stays.c.level).label("number"),
    ).subquery("ranked")
    # Of an even number the two in the middle, of an odd one the one.
    middle = ranked.c.place.in_(((ranked.c.number + 1) // 2, (ranked.c.number + 2) // 2))
    query = (
        select(ranked.c.level, func.avg(ranked.c.seconds), func.max(ranked.c.number))
        .where(middle)
        .group_by(ranked.c.level)
    )
    return {level: (float(mean) / 3600, n) for level, mean, n in session.execute(query)}
