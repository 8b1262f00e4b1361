"""A county of households that each have a chat, as many as wanted, made in a second or two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from storage import areas
from storage.areas import Area, Level
from storage.database import migrate, open_engine
from storage.notices import course
from storage.notices.audience import Audience
from storage.people import Account, Person
from storage.posts import Post, Role
from storage.vault import open_vault

A_MORNING = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
"""10:00 in Beijing on a working day: nobody's quiet hours."""
PER_BUILDING = 60
FIRST_CHAT = 1_000_000
CHUNK = 5000
TEXT = "莲花池社区通知：明天上午八点到十二点停水，请提前储水，给您带来不便请谅解。"


def found(folder: Path, households: int, url: str = "") -> Engine:
    """A migrated database with so many; SQLite in `folder` unless a `url` is given."""
    vault = open_vault(folder / "bench.key", create=not (folder / "bench.key").exists())
    engine = open_engine(url or f"sqlite:///{folder / 'bench.db'}", vault)
    migrate(engine)
    settle(engine, households)
    return engine


def settle(engine: Engine, households: int) -> None:
    """Put them into a migrated database, with an admin who may write to all of them."""
    with Session(engine) as session, session.begin():
        county = areas.add(session, None, Level.COUNTY, "青禾县")
        compound = areas.add(session, county, Level.COMPOUND, "莲花园")
        admin = Person(name="管理员", created_at=A_MORNING)
        session.add(admin)
        session.flush()
        session.add(Post(person_id=admin.id, role=Role.ADMIN.value, area_id=county.id))
        buildings = -(-households // PER_BUILDING)
        places = [
            areas.add(session, compound, Level.BUILDING, f"{n + 1}栋") for n in range(buildings)
        ]
        first = max(place.id for place in places) + 1
        homes = [{"id": first + n, "parent": places[n // PER_BUILDING]} for n in range(households)]
        for start in range(0, households, CHUNK):
            part = homes[start : start + CHUNK]
            session.execute(
                insert(Area),
                [
                    {
                        "id": home["id"], "parent_id": home["parent"].id, "name": "",
                        "level": Level.HOUSEHOLD.value, "name_key": f"{home['id']}",
                        "path": f"{home['parent'].path}{home['id']}/",
                    }
                    for home in part
                ],
            )  # fmt: skip
            session.execute(
                insert(Person),
                [
                    {"id": admin.id + 1 + start + n, "home_id": home["id"], "created_at": A_MORNING}
                    for n, home in enumerate(part)
                ],
            )
            session.execute(
                insert(Account),
                [
                    {
                        "person_id": admin.id + 1 + start + n, "channel": "telegram",
                        "chat": str(FIRST_CHAT + start + n),
                        "last_used_at": A_MORNING, "created_at": A_MORNING,
                    }
                    for n in range(len(part))
                ],
            )  # fmt: skip


def write_notice(
    engine: Engine, *, once: bool = False, wants_ack: bool = False, emergency: bool = False
) -> int:
    """A notice to everybody that a second admin has agreed to, due at once; its id."""
    with Session(engine) as session, session.begin():
        county = areas.named(session, None, areas.area_key(Level.COUNTY, "青禾县"))
        admin = session.query(Person).filter_by(name="管理员").one()
        assert county is not None
        notice = course.write(
            session,
            author_id=admin.id,
            area_id=county.id,
            text=TEXT,
            audience=Audience((county.id,)),
            starts_at=A_MORNING - timedelta(hours=1),
            now=A_MORNING - timedelta(hours=1),
            once=once,
            wants_ack=wants_ack,
            emergency=emergency,
        )
        notice.approved_at = A_MORNING - timedelta(hours=1)
        return notice.id
