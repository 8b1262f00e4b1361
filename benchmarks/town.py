"""The town that conversations are measured in.

Every chat has a building of its own, so that no neighbour told the like before; each compound has a
grid worker who gets the cards.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from benchmarks.chats import A_MORNING, CHATS, PER_COMPOUND, compound_of
from storage import areas
from storage.areas import Level
from storage.people import Account, Person
from storage.posts import Post, Role


def found(engine: Engine, now: datetime = A_MORNING) -> None:
    """Put the town into a migrated database."""
    with Session(engine) as session, session.begin():
        county = areas.add(session, None, Level.COUNTY, "青禾县")
        community = areas.add(session, county, Level.COMMUNITY, "莲花池社区")
        for number in range(-(-CHATS // PER_COMPOUND)):
            compound = areas.add(session, community, Level.COMPOUND, compound_of(number))
            for building in range(1, PER_COMPOUND + 2):
                areas.add(session, compound, Level.BUILDING, f"{building}栋")
            worker = Person(name=f"网格员{number}", created_at=now)
            session.add(worker)
            session.flush()
            session.add(Post(person_id=worker.id, role=Role.GRID_WORKER.value, area_id=compound.id))
            moments = {"last_used_at": now, "created_at": now}
            chat = str(9001 + number)
            session.add(Account(person_id=worker.id, channel="telegram", chat=chat, **moments))
