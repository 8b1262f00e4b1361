"""Which tickets a report is about, and what is known of each that figures are counted from."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    func,
    literal,
    null,
    or_,
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


def known(session: Session, scope: Scope) -> Subquery:
    """One row for each ticket of the scope, withdrawn, joined and excluded ones too.

    child: the area right under the scope's in which it lies, 0 for the area's own; worker: its
    owner, of a joined one the master's; word: the resident's last word; score: the newest rating
    of its present round; level: the rung it stood on last; gap: seconds since the same household's
    last matter of the same kind (none within `Settings.repeat_days`: NULL or more).
    """
    master = aliased(Ticket)
    handling = _handling(scope)
    before = _before(scope)
    last = aliased(TicketStage)
    worker = func.coalesce(Ticket.owner_id, master.owner_id)
    root = areas.county(session) if scope.area_id is None else areas.get(session, scope.area_id)
    prefix = root.path if root is not None else "/"
    beneath = func.substr(Area.path, len(prefix) + 1)
    child = case((Area.path == prefix, literal("")), else_=first_part(beneath))
    word = (
        select(TicketEvent.kind)
        .where(TicketEvent.ticket_id == Ticket.id, TicketEvent.kind.in_(WORDS))
        .order_by(TicketEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    score = (
        select(TicketRating.score)
        .where(TicketRating.ticket_id == Ticket.id, TicketRating.round == Ticket.round)
        .order_by(TicketRating.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            Ticket.id,
            Ticket.service,
            Ticket.kind,
            Ticket.status,
            Ticket.round,
            Ticket.urgent,
            Ticket.overdue,
            Ticket.alarmed_at,
            Ticket.resolved_at,
            Ticket.response_due_at,
            Ticket.responded_at,
            Ticket.master_id,
            master.status.label("master_status"),
            worker.label("worker"),
            type_coerce(child, String).label("child"),
            Person.home_id,
            Ticket.id.in_(excluded_ids()).label("excluded"),
            word.label("word"),
            score.label("score"),
            last.level.label("level"),
            func.coalesce(handling.c.transfers, 0).label("transfers"),
            func.coalesce(handling.c.returns, 0).label("returns"),
            func.coalesce(handling.c.alarms, 0).label("alarms"),
            before.c.gap,
        )
        .join(Area, Area.id == Ticket.area_id)
        .join(Person, Person.id == Ticket.filer_id)
        .outerjoin(master, master.id == Ticket.master_id)
        .outerjoin(handling, handling.c.ticket_id == Ticket.id)
        .outerjoin(last, last.id == handling.c.last_id)
        .outerjoin(before, before.c.id == Ticket.id)
    )
    query = query.where(*_within(scope, prefix))
    if scope.worker is not None:
        # Not by `worker`, whose expression no index knows.
        query = query.where(
            or_(
                Ticket.owner_id == scope.worker,
                and_(Ticket.owner_id.is_(None), master.owner_id == scope.worker),
            )
        )
    return query.subquery("known")


def _within(scope: Scope, prefix: str) -> list[ColumnElement[bool]]:
    conditions = [Ticket.opened_at >= scope.since, Ticket.opened_at < scope.until]
    if scope.area_id is not None:
        conditions.append(Area.path.like(f"{prefix}%"))
    if scope.service is not None:
        conditions.append(Ticket.service == scope.service)
    if scope.kind is not None:
        conditions.append(Ticket.kind == scope.kind)
    return conditions


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
        )
        .where(TicketStage.since >= scope.since)
        .group_by(TicketStage.ticket_id)
        .subquery("handling")
    )


def _before(scope: Scope) -> Subquery:
    """How long before each matter the same household had one of the same kind, wherever it lay."""
    earlier = func.lag(Ticket.opened_at).over(
        partition_by=(Person.home_id, Ticket.kind), order_by=(Ticket.opened_at, Ticket.id)
    )
    asked = (
        select(Ticket.id, Ticket.opened_at, earlier.label("earlier"))
        .join(Person, Person.id == Ticket.filer_id)
        .where(
            Person.home_id.is_not(None),
            Ticket.kind.is_not(None),
            Ticket.status != Status.WITHDRAWN,
            Ticket.master_id.is_(None),
            Ticket.id.not_in(excluded_ids()),
            Ticket.opened_at >= scope.since - timedelta(days=settings().repeat_days),
            Ticket.opened_at < scope.until,
        )
        .subquery("asked")
    )
    gap = case(
        (asked.c.earlier.is_(None), null()),
        else_=seconds_between(asked.c.earlier, asked.c.opened_at),
    )
    return select(asked.c.id, gap.label("gap")).subquery("before")
