"""我也遇到: which open tickets a new one may be joined to, and how many homes one concerns."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BindParameter, Integer, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from storage import areas, rules
from storage.alike import Matter, suggest
from storage.areas import Area, Level
from storage.people import Person
from storage.ticket_tables import UNDER_WAY, Status, Ticket

RECENT = timedelta(days=30)
MOST_READ = 100
"""How many of the newest open tickets around a place are compared."""
MOST_SHOWN = 3


def alike(
    session: Session,
    *,
    service: str,
    kind: str | None,
    area: Area,
    place: str,
    text: str,
    person_id: int,
    now: datetime,
) -> list[Ticket]:
    """The tickets under way of this service and kind, in the compound around `area`, that read like
    `text`, the likeliest first; at most `MOST_SHOWN`.

    Left out are the person's own, those they joined already, and what is not open to neighbours.
    """
    asked = {
        "around": _around(session, area).id,
        "service": service,
        "person": person_id,
        "since": now - RECENT,
        **({} if kind is None else {"kind": kind}),
    }
    rows = session.execute(_near(with_kind=kind is not None), asked).all()
    if not rows:
        return []
    titles = areas.titles(session, [areas.get(session, row.area_id) for row in rows])
    earlier = [
        Matter(row.id, row.text, f"{titles[row.area_id]} {row.place}".strip(), row.opened_at, kind)
        for row in reversed(rows)
    ]
    where = f"{areas.title(session, area)} {place}".strip()
    found = suggest(Matter(None, text, where, now, kind), earlier, MOST_SHOWN)
    return [session.get_one(Ticket, one.id) for one in found]


@cache
def _near(*, with_kind: bool) -> Select[int, str, int, str, datetime]:
    """What `alike` compares, newest first; made once, for it takes longer than running it. Only
    what is compared: a whole ticket is many times as much, most of it sealed.

    Where a ticket is leads to it: by its order, or by its path, all of the county's are read.
    """
    around = select(bindparam("around", type_=Integer).label("id")).cte("around", recursive=True)
    around = around.union_all(select(Area.id).join(around, Area.parent_id == around.c.id))
    mine = aliased(Ticket)
    person: BindParameter[int] = bindparam("person")
    joined_already = select(mine.master_id).where(
        mine.filer_id == person, mine.master_id.is_not(None)
    )
    return (
        select(Ticket.id, Ticket.text, Ticket.area_id, Ticket.place, Ticket.opened_at)
        .where(
            Ticket.area_id.in_(select(around.c.id)),
            Ticket.service == bindparam("service"),
            Ticket.kind == bindparam("kind") if with_kind else Ticket.kind.is_(None),
            Ticket.status.in_(UNDER_WAY),
            Ticket.privacy == rules.OPEN,
            Ticket.about_id.is_(None),
            Ticket.master_id.is_(None),
            Ticket.filer_id != person,
            or_(Ticket.reporter_id.is_(None), Ticket.reporter_id != person),
            Ticket.opened_at >= bindparam("since"),
            Ticket.id.not_in(joined_already),
        )
        .order_by((Ticket.id + 0).desc())
        .limit(MOST_READ)
    )


def _around(session: Session, area: Area) -> Area:
    """The compound that an area lies in, or the area itself where it lies in none."""
    lineage = [areas.get(session, step) for step in area.lineage]
    return next((step for step in lineage if step.level == Level.COMPOUND), area)


def lock(session: Session, ticket_id: int) -> Ticket:
    """The ticket as it is now, and nobody else changes it before this transaction ends."""
    return session.scalars(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def carried(session: Session, master_id: int) -> list[Ticket]:
    """The tickets that this one carries now, oldest first."""
    return list(
        session.scalars(
            select(Ticket)
            .where(Ticket.master_id == master_id, Ticket.status == Status.JOINED)
            .order_by(Ticket.id)
            .execution_options(populate_existing=True)
        )
    )


def carrier(session: Session, ticket: Ticket) -> Ticket:
    """The ticket that has the owner: the one it was joined to, else itself."""
    if ticket.status != Status.JOINED or ticket.master_id is None:
        return ticket
    return session.get_one(Ticket, ticket.master_id)


def count_homes(session: Session, master: Ticket) -> int:
    """Of how many homes people say that they have this matter. Two of one home are one; who has
    told no home counts for themselves."""
    return (
        session.scalar(
            select(func.count(func.coalesce(Person.home_id, -Person.id).distinct()))
            .select_from(Ticket)
            .join(Person, Person.id == Ticket.filer_id)
            .where(
                or_(
                    Ticket.id == master.id,
                    (Ticket.master_id == master.id) & (Ticket.status == Status.JOINED),
                )
            )
        )
        or 1
    )
