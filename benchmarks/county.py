"""A county to measure in: the sample's, with a year's tickets; and a hundredth of it.

The tickets are written as rows, in the shapes that the program leaves behind: closed ones with
their events, stages and ratings, and one in twenty still open with its worker.
"""

from __future__ import annotations

import atexit
import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session

from benchmarks.chats import A_MORNING
from storage import rules, sample
from storage.areas import Area, Level
from storage.opening import open_database
from storage.people import Account, Person
from storage.posts import Post, Role
from storage.ticket_tables import (
    Status,
    Ticket,
    TicketEvent,
    TicketParty,
    TicketRating,
    TicketStage,
)

TICKETS = {"county": 100_000, "small": 1_000}
"""How many tickets a county of the size has: of the small one, a hundredth."""
TALKERS = 600
"""Residents with a chat, who talk while it is measured: the same number in both."""
WORKERS_FROM = 1_000_000
"""What the number of a worker's chat begins with, and their id is added to."""
CHUNK = 2_000
LATER = A_MORNING + timedelta(days=20)
"""When what is open falls due: not while it is measured."""
KINDS = ("lighting", "rubbish", "elevator", "leak", "noise", None)

Row = dict[str, Any]


@cache
def counties() -> tuple[Path, Path, Path]:
    """A folder that goes with this process, and in it the small county and the whole one."""
    folder = Path(mkdtemp(prefix="county-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder, make(folder, "small"), make(folder, "county")


def make(folder: Path, scale: sample.ScaleName) -> Path:
    """The county in a SQLite file of `folder`, its key beside it."""
    path = folder / f"{scale}.db"
    engine, vault = open_database(f"sqlite:///{path}", folder / "key")
    sample.make(engine, vault, scale, 7, A_MORNING - timedelta(days=400))
    _file_tickets(engine, TICKETS[scale])
    _seat_talkers(engine)
    _seat_workers(engine)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
    return path


def _file_tickets(engine: Engine, number: int) -> None:
    dice = random.Random(number)
    with Session(engine) as session:
        homes = session.execute(
            select(Area.id, Area.path).where(Area.level == Level.HOUSEHOLD)
        ).all()
        filers = list(session.scalars(select(Person.id).where(Person.home_id.is_not(None))))
        workers: dict[int, int] = {}
        posts = select(Post.area_id, Post.person_id).where(Post.role == Role.GRID_WORKER)
        for area_id, person_id in session.execute(posts):
            workers[area_id] = person_id
        version = rules.current(session)["request"].version
    plan = _plan(dice, number, [(home, path) for home, path in homes], filers, workers, version)
    with engine.begin() as connection:
        while chunk := list(islice(plan, CHUNK)):
            for table in (Ticket, TicketEvent, TicketStage, TicketParty, TicketRating):
                rows = [row for rows in chunk for row in rows.get(table, ())]
                if rows:
                    connection.execute(insert(table), rows)


def _plan(
    dice: random.Random,
    number: int,
    homes: list[tuple[int, str]],
    filers: list[int],
    workers: dict[int, int],
    version: int,
) -> Iterator[dict[type, list[Row]]]:
    everyone = list(workers.values())
    for id_ in range(1, number + 1):
        home, path = dice.choice(homes)
        around = (workers[int(step)] for step in path.split("/") if step and int(step) in workers)
        worker, filer = next(around, dice.choice(everyone)), dice.choice(filers)
        opened = A_MORNING - timedelta(minutes=dice.randrange(1, 365 * 24 * 60))
        claimed, solved = opened + timedelta(hours=1), opened + timedelta(hours=30)
        served = any(int(step) in workers for step in path.split("/") if step)
        closed = id_ % 20 != 0 or not served  # an open one that nobody serves would be mended
        yield {
            Ticket: [
                {
                    "id": id_, "service": "request", "service_version": version,
                    "kind": dice.choice(KINDS),
                    "status": Status.CLOSED if closed else Status.CLAIMED,
                    "text": "楼道灯不亮", "place": "", "filer_id": filer, "area_id": home,
                    "owner_id": worker, "opened_at": opened, "claimed_at": claimed,
                    "response_due_at": opened + timedelta(hours=4), "responded_at": claimed,
                    "resolved_at": solved if closed else None,
                    "closed_at": solved + timedelta(hours=2) if closed else None,
                    "due_at": None if closed else LATER, "next_at": None if closed else LATER,
                    "clock_limit": 0 if closed else 9_600,
                    "clock_since": None if closed else claimed,
                }
            ],
            TicketEvent: [
                _event(id_, "opened", filer, opened),
                _event(id_, "claimed", worker, claimed),
                *([_event(id_, "resolved", worker, solved)] if closed else []),
                *([_event(id_, "solved", filer, solved)] if closed else []),
            ],
            TicketStage: [
                {
                    "ticket_id": id_, "level": "grid", "owner_id": worker, "cause": "claimed",
                    "since": opened, "until": solved if closed else None,
                }
            ],
            TicketParty: [
                {
                    "ticket_id": id_, "person_id": worker, "role": Role.GRID_WORKER.value,
                    "since": opened, "until": None,
                }
            ],
            TicketRating: [
                {
                    "ticket_id": id_, "person_id": filer, "round": 1, "at": solved, "remark": "",
                    "score": dice.choice(["satisfied", "satisfied", "mostly", "unsatisfied"]),
                }
            ]
            if closed
            else [],
        }  # fmt: skip


def _event(ticket: int, kind: str, actor: int, at: Any) -> Row:
    return {
        "ticket_id": ticket, "kind": kind, "actor_id": actor, "at": at, "text": "", "media": [],
        "detail": {},
    }  # fmt: skip


def _seat_talkers(engine: Engine) -> None:
    """Residents at home all over the county, each with a chat from 1 on."""
    with Session(engine) as session, session.begin():
        homes = list(session.scalars(select(Area.id).where(Area.level == Level.HOUSEHOLD)))
        step = max(1, len(homes) // TALKERS)
        for number in range(1, TALKERS + 1):
            person = Person(name="王阿姨", created_at=A_MORNING, consented_at=A_MORNING)
            person.home_id = homes[number * step % len(homes)]
            session.add(person)
            session.flush()
            session.add(_account(person.id, str(number)))


def _seat_workers(engine: Engine) -> None:
    """Everybody who holds a post, each with a chat: what is filed reaches its worker."""
    with Session(engine) as session, session.begin():
        for person_id in session.scalars(select(Post.person_id).distinct()).all():
            session.add(_account(person_id, str(WORKERS_FROM + person_id)))


def _account(person_id: int, chat: str) -> Account:
    moments = {"last_used_at": A_MORNING, "created_at": A_MORNING}
    return Account(person_id=person_id, channel="telegram", chat=chat, **moments)
