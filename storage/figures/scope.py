"""Which tickets a report is about, and what is known of each that figures are counted from."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    Subquery,
    and_,
    case,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from storage import areas
from storage.areas import Area
from storage.figures.dialects import first_part, seconds_between
from storage.people import Person
from storage.ticket_tables import (
    Status,
    Ticket,
    TicketEvent,
    TicketExclusion,
    TicketRating,
    TicketStage,
)

SETTINGS = Path(__file__).parents[1] / "data" / "figures.toml"
TICKET_COLUMNS = (
    "id", "service", "kind", "status", "round", "urgent", "overdue", "alarmed_at", "resolved_at",
    "response_due_at", "responded_at", "master_id",
)  # fmt: skip
WORDS = ("solved", "reopened")
"""The events by which a resident says whether it is solved."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The fields of storage/data/figures.toml."""

    mostly_counts: bool
    repeat_days: int


@cache
def settings() -> Settings:
    """What figures are counted by, read once."""
    return Settings(**tomllib.loads(SETTINGS.read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class Scope:
    """Tickets opened from `since` until (not including) `until`.

    area_id: in this area or beneath it; None: anywhere. worker: whose they are now or were last.
    """

    since: datetime
    until: datetime
    area_id: int | None = None
    service: str | None = None
    kind: str | None = None
    worker: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a button or a job."""
        return asdict(self) | {"since": self.since.isoformat(), "until": self.until.isoformat()}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Scope:
        """What `as_json` gave."""
        since, until = (datetime.fromisoformat(plain[name]) for name in ("since", "until"))
        return cls(**{**plain, "since": since, "until": until})


def excluded_ids() -> Select[int]:
    """The tickets that two people have left out of the figures."""
    return select(TicketExclusion.ticket_id).where(
        TicketExclusion.confirmed_at.is_not(None), TicketExclusion.ended_at.is_(None)
    )


def known(session: Session, scope: Scope) -> CTE:
    """One row for each ticket of the scope, withdrawn, joined and excluded ones too.

    child: the area right under the scope's in which it lies, 0 for the area's own; worker: its
    owner, of a joined one the master's; word: the resident's last word; score: the newest rating
    of its present round; level: the rung it stood on last; again: the same household had a matter
    of the same kind in the `Settings.repeat_days` before.
    """
    filed = _filed(scope)
    t = filed.c
    master, last = aliased(Ticket), aliased(TicketStage)
    handling = _handling(scope)
    root = areas.county(session) if scope.area_id is None else areas.get(session, scope.area_id)
    prefix = root.path if root is not None else "/"
    beneath = func.substr(Area.path, len(prefix) + 1)
    child = case((Area.path == prefix, literal("")), else_=first_part(beneath))
    again = seconds_between(t.earlier, t.opened_at) <= settings().repeat_days * 86400
    query = (
        select(
            *(t[name] for name in TICKET_COLUMNS),
            master.status.label("master_status"),
            func.coalesce(t.owner_id, master.owner_id).label("worker"),
            type_coerce(child, String).label("child"),
            t.home_id,
            t.id.in_(excluded_ids()).label("excluded"),
            _last_word(t.id).label("word"),
            _score(t.id, t.round).label("score"),
            last.level.label("level"),
            func.coalesce(handling.c.transfers, 0).label("transfers"),
            func.coalesce(handling.c.returns, 0).label("returns"),
            func.coalesce(handling.c.alarms, 0).label("alarms"),
            func.coalesce(handling.c.extensions, 0).label("extensions"),
            and_(t.earlier.is_not(None), again).label("again"),
        )
        .join(Area, Area.id == t.area_id)
        .outerjoin(master, master.id == t.master_id)
        .outerjoin(handling, handling.c.ticket_id == t.id)
        .outerjoin(last, last.id == handling.c.last_id)
        .where(t.opened_at >= scope.since)
    )
    if scope.area_id is not None:
        query = query.where(Area.path.like(f"{prefix}%"))
    if scope.service is not None:
        query = query.where(t.service == scope.service)
    if scope.kind is not None:
        query = query.where(t.kind == scope.kind)
    if scope.worker is not None:
        query = query.where(func.coalesce(t.owner_id, master.owner_id) == scope.worker)
    # Made once: otherwise each sum over it would look everything up anew.
    return query.cte("known").prefix_with("MATERIALIZED")


def matters(session: Session, scope: Scope) -> Subquery:
    """The ids of a scope's matters (see `measures`), without what `known` looks up of each."""
    query = (
        select(Ticket.id)
        .join(Area, Area.id == Ticket.area_id)
        .where(
            Ticket.opened_at >= scope.since,
            Ticket.opened_at < scope.until,
            Ticket.status != Status.WITHDRAWN,
            Ticket.master_id.is_(None),
            Ticket.id.not_in(excluded_ids()),
        )
    )
    if scope.area_id is not None:
        query = query.where(Area.path.like(f"{areas.get(session, scope.area_id).path}%"))
    if scope.service is not None:
        query = query.where(Ticket.service == scope.service)
    if scope.kind is not None:
        query = query.where(Ticket.kind == scope.kind)
    if scope.worker is not None:
        query = query.where(Ticket.owner_id == scope.worker)
    return query.subquery("matters")


def _last_word(ticket_id: ColumnElement[int]) -> ScalarSelect[str]:
    return (
        select(TicketEvent.kind)
        .where(TicketEvent.ticket_id == ticket_id, TicketEvent.kind.in_(WORDS))
        .order_by(TicketEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _score(ticket_id: ColumnElement[int], number: ColumnElement[int]) -> ScalarSelect[str]:
    return (
        select(TicketRating.score)
        .where(TicketRating.ticket_id == ticket_id, TicketRating.round == number)
        .order_by(TicketRating.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _handling(scope: Scope) -> Subquery:
    """Through whose hands each ticket went. Nothing happens to one before it is opened."""

    def times(cause: str) -> Any:
        return func.sum(case((TicketStage.cause == cause, 1), else_=0))

    return (
        select(
            TicketStage.ticket_id,
            func.max(TicketStage.id).label("last_id"),
            times("transferred").label("transfers"),
            times("returned").label("returns"),
            times("alarmed").label("alarms"),
            times("extended").label("extensions"),
        )
        .where(TicketStage.since >= scope.since)
        .group_by(TicketStage.ticket_id)
        .subquery("handling")
    )


def _filed(scope: Scope) -> Subquery:
    """Every ticket of the time, wherever it lies, and of the days before that repeats look back to.

    home_id: the filer's household. earlier: when that household's matter of the same kind before
    this one was opened. Found by one pass in order of time: looking for each ticket's forerunner
    by itself took minutes at 100,000 tickets where the database misjudged which index to use.
    """
    counts = and_(
        Person.home_id.is_not(None),
        Ticket.kind.is_not(None),
        Ticket.status != Status.WITHDRAWN,
        Ticket.master_id.is_(None),
        Ticket.id.not_in(excluded_ids()),
    )
    earlier = func.lag(Ticket.opened_at).over(
        partition_by=(Person.home_id, Ticket.kind, counts),
        order_by=(Ticket.opened_at, Ticket.id),
    )
    columns = [getattr(Ticket, name) for name in (*TICKET_COLUMNS, "area_id", "owner_id")]
    return (
        select(*columns, Ticket.opened_at, Person.home_id, earlier.label("earlier"))
        .join(Person, Person.id == Ticket.filer_id)
        .where(
            Ticket.opened_at >= scope.since - timedelta(days=settings().repeat_days),
            Ticket.opened_at < scope.until,
        )
        .subquery("filed")
    )
