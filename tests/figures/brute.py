"""The figures once more, ticket by ticket, from what docs/how-to/figures.md says they are."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.areas import Area
from storage.figures import Scope
from storage.people import Person
from storage.tickets import (
    Ticket,
    TicketEvent,
    TicketExclusion,
    TicketRating,
    TicketStage,
)

Parts = dict[tuple[str, str], set[int]]
DONE = ("resolved", "closed", "lapsed")


@dataclass
class Tally:
    """The ids behind each (key, part); all transfers; by level the median hours and of how many."""

    parts: Parts
    transfers: int
    hours: dict[str, tuple[float, int]]


class Books:
    """Everything that is written, by ticket."""

    def __init__(self, session: Session) -> None:
        self.tickets = {t.id: t for t in session.scalars(select(Ticket))}
        self.paths = {a.id: a.path for a in session.scalars(select(Area))}
        self.homes = {p.id: p.home_id for p in session.scalars(select(Person))}
        self.events: dict[int, list[TicketEvent]] = defaultdict(list)
        for event in session.scalars(select(TicketEvent).order_by(TicketEvent.id)):
            self.events[event.ticket_id].append(event)
        self.stages: dict[int, list[TicketStage]] = defaultdict(list)
        for stage in session.scalars(select(TicketStage).order_by(TicketStage.id)):
            self.stages[stage.ticket_id].append(stage)
        self.ratings: dict[int, list[TicketRating]] = defaultdict(list)
        for rating in session.scalars(select(TicketRating).order_by(TicketRating.id)):
            self.ratings[rating.ticket_id].append(rating)
        self.left_out = {
            row.ticket_id
            for row in session.scalars(select(TicketExclusion))
            if row.confirmed_at and not row.ended_at
        }

    def owner(self, t: Ticket) -> int | None:
        return t.owner_id or (self.tickets[t.master_id].owner_id if t.master_id else None)

    def _in(self, t: Ticket, scope: Scope) -> bool:
        inside = scope.area_id is None or f"/{scope.area_id}/" in self.paths[t.area_id]
        return (
            scope.since <= t.opened_at < scope.until
            and inside
            and scope.service in (None, t.service)
            and scope.kind in (None, t.kind)
            and scope.worker in (None, self.owner(t))
        )

    def tally(self, scope: Scope, at: datetime) -> Tally:
        parts: Parts = defaultdict(set)
        times: dict[str, list[float]] = defaultdict(list)
        transfers = 0
        for t in self.tickets.values():
            if not self._in(t, scope):
                continue

            def put(key: str, part: str, number: int = t.id) -> None:
                parts[key, part].add(number)

            if t.id in self.left_out:
                put("excluded", "n")
                continue
            if t.status == "withdrawn":
                put("withdrawn", "n")
                continue
            self._follow_up(t, put)
            if t.master_id:
                put("joined", "n")
                continue
            self._matter(t, put, at)
            transfers += sum(s.cause == "transferred" for s in self.stages[t.id])
            for level in {s.level for s in self.stages[t.id]}:
                spent = [s for s in self.stages[t.id] if s.level == level]
                if all(s.until for s in spent):
                    seconds = sum((s.until - s.since).total_seconds() for s in spent)  # type: ignore[operator]
                    times[level].append(seconds / 3600)
        hours = {level: (statistics.median(h), len(h)) for level, h in times.items()}
        return Tally(parts, transfers, hours)

    def _follow_up(self, t: Ticket, put) -> None:  # type: ignore[no-untyped-def]
        said = [e.kind for e in self.events[t.id] if e.kind in ("solved", "reopened")]
        rated = [r.score for r in self.ratings[t.id] if r.round == t.round]
        asked = t.status in DONE or (t.master_id and self.tickets[t.master_id].status in DONE)
        if said:
            put("resolution", "n")
        elif asked:
            put("resolution", "silent")
        if said and said[-1] == "solved":
            put("resolution", "top")
        if rated:
            put("satisfaction", "n")
        elif asked:
            put("satisfaction", "silent")
        if rated and rated[-1] in ("satisfied", "mostly"):
            put("satisfaction", "top")

    def _matter(self, t: Ticket, put, at: datetime) -> None:  # type: ignore[no-untyped-def]
        causes = [s.cause for s in self.stages[t.id]]
        due = t.response_due_at <= at if t.response_due_at else "alarmed" in causes
        if due:
            put("response", "n")
            if t.responded_at is None:
                put("response", "silent")
            elif t.response_due_at and t.responded_at <= t.response_due_at:
                put("response", "top")
        put("opened", "n")
        for key, cause in [(one, one) for one in ("returned", "transferred", "extended")]:
            put(key, "n")
            if cause in causes:
                put(key, "top")
        if t.status in DONE:
            put("on_time", "n")
            if not t.overdue:
                put("on_time", "top")
            put(f"rung:{self.stages[t.id][-1].level}", "top")
        if t.resolved_at or t.round > 1:
            put("reopened", "n")
            if t.round > 1:
                put("reopened", "top")
        self._repeat(t, put)
        self._state(t, put)

    def _state(self, t: Ticket, put) -> None:  # type: ignore[no-untyped-def]
        if t.status in ("closed", "lapsed"):
            put(t.status, "n")
        if t.urgent:
            put("urgent", "n")
        if t.status in ("waiting", "claimed", "resolved"):
            put("open", "n")
            if t.overdue:
                put("overdue", "n")
            if t.alarmed_at:
                put("alarmed", "n")

    def _repeat(self, t: Ticket, put) -> None:  # type: ignore[no-untyped-def]
        home = self.homes[t.filer_id]
        if not (t.kind and home):
            return
        put("repeat", "n")
        for other in self.tickets.values():
            if (
                self.homes[other.filer_id] == home
                and other.kind == t.kind
                and (other.opened_at, other.id) < (t.opened_at, t.id)
                and t.opened_at - other.opened_at <= timedelta(days=30)
                and other.status != "withdrawn"
                and not other.master_id
                and other.id not in self.left_out
            ):
                put("repeat", "top")
