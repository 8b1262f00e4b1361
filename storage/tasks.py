"""What a worker has to do, as light rows: enough to count, sort and filter hundreds at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from storage.areas import Area, Level
from storage.ticket_tables import Status, Ticket, TicketEvent, TicketParty, TicketStage

MOST = 2000
"""Rows of one list: more than any one worker has, so that nothing is without bound."""
TO_DO = (Status.WAITING, Status.CLAIMED, Status.RESOLVED)
"""What stands in the list; a joined ticket is in its master's line."""


OFFERED = ("offered", "alarmed")
"""The causes of a stage in which whoever was offered the ticket may take it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One open ticket of a worker. paused: its clock stands until the resident answers."""

    number: int
    status: str
    urgent: bool
    due_at: datetime | None
    paused: bool
    area_id: int
    opened_at: datetime


def of_worker(session: Session, person_id: int) -> list[Task]:
    """What a person owns, or was offered with others and nobody claimed: what is due first, first.

    What was passed on to somebody by name is theirs alone, though who had it may still see it.

    Urgent before all, then by the moment it is due (so what is overdue leads), then what has none,
    and last what only waits for the resident to confirm. One query, and nothing sealed is opened.
    """
    offered = select(TicketParty.ticket_id).where(
        TicketParty.person_id == person_id, TicketParty.until.is_(None)
    )
    for_anyone = or_(
        Ticket.owner_id.is_(None),
        exists().where(
            TicketStage.ticket_id == Ticket.id,
            TicketStage.until.is_(None),
            TicketStage.cause.in_(OFFERED),
        ),
    )
    rows = session.execute(
        select(
            Ticket.id,
            Ticket.status,
            Ticket.urgent,
            Ticket.due_at,
            Ticket.clock_since,
            Ticket.area_id,
            Ticket.opened_at,
        )
        .where(
            Ticket.status.in_(TO_DO),
            or_(
                Ticket.owner_id == person_id,
                (Ticket.status == Status.WAITING) & Ticket.id.in_(offered) & for_anyone,
            ),
        )
        .order_by(Ticket.urgent.desc(), Ticket.id)
        .limit(MOST)
    )
    found = [
        Task(
            number=row.id,
            status=row.status,
            urgent=row.urgent,
            due_at=row.due_at,
            paused=row.status == Status.CLAIMED and row.clock_since is None,
            area_id=row.area_id,
            opened_at=row.opened_at,
        )
        for row in rows
    ]
    return sorted(found, key=_order)


def _order(task: Task) -> tuple[bool, bool, bool, float, int]:
    due = task.due_at.timestamp() if task.due_at else 0.0
    confirmed_next = task.status == Status.RESOLVED
    return confirmed_next, not task.urgent, task.due_at is None, due, task.number


def since(session: Session, person_id: int, moment: datetime) -> list[TicketEvent]:
    """What others did since then to the tickets that a person has or was offered: the newest event
    of each ticket, newest first."""
    mine = select(TicketParty.ticket_id).where(
        TicketParty.person_id == person_id, TicketParty.until.is_(None)
    )
    newest = (
        select(func.max(TicketEvent.id))
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(
            TicketEvent.at >= moment,
            or_(TicketEvent.actor_id.is_(None), TicketEvent.actor_id != person_id),
            or_(Ticket.owner_id == person_id, Ticket.id.in_(mine)),
        )
        .group_by(TicketEvent.ticket_id)
    )
    rows = session.scalars(
        select(TicketEvent)
        .where(TicketEvent.id.in_(newest))
        .order_by(TicketEvent.id.desc())
        .limit(MOST)
    )
    return list(rows)


def buildings(session: Session, area_ids: Iterable[int]) -> dict[int, Area]:
    """The building around each area, by the area's id; the area itself where it is wider."""
    found = _by_id(session, area_ids)
    around = {step for area in found.values() for step in area.lineage} - found.keys()
    known = found | _by_id(session, around)
    return {
        area.id: next(
            (known[step] for step in area.lineage if known[step].level == Level.BUILDING), area
        )
        for area in found.values()
    }


def _by_id(session: Session, area_ids: Iterable[int]) -> dict[int, Area]:
    rows = session.scalars(select(Area).where(Area.id.in_(list(area_ids))))
    return {area.id: area for area in rows}
