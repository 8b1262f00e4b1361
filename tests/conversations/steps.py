"""Steps in the life of a ticket, and the clock of the town, for talks about how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import addresses, areas, posts
from storage.areas import Area
from storage.inbox import InboundMessage, InboundState
from storage.people import Person as Human
from storage.posts import Post, Role
from storage.tickets import Ticket
from tests.conversations import county
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.town import Town

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(town: Town, hour: int, days: int = 0) -> None:
    """Let it be this hour by the clock on the wall, today or so many days on."""
    local = town.now().astimezone(SHANGHAI)
    wanted = datetime.combine(local.date() + timedelta(days=days), time(hour), SHANGHAI)
    town.later(seconds=(wanted - local).total_seconds())


def not_understood(session: Session) -> int:
    """Events that some code of ours failed on."""
    failed = InboundMessage.state == InboundState.FAILED
    return session.scalar(select(func.count()).where(failed)) or 0


async def duties(town: Town) -> None:
    """Do what is due."""
    await town.app.duties.do_all(town.now())
    await town.settle()


async def taken(town: Town) -> tuple[Person, Person, int]:
    """A worker who has claimed a resident's ticket, in the morning."""
    at(town, 10, days=1)
    worker, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    await worker.presses("接单")
    await worker.hears("归您了")
    return worker, wang, number


async def resolve(worker: Person, result: str = "灯换好了") -> None:
    """办结, with a word."""
    await worker.presses("办结")
    await worker.hears("怎么解决的")
    await worker.says(result)
    await worker.hears("办结了")


async def resolved(town: Town) -> tuple[Person, Person, int]:
    """A ticket that the worker says is done."""
    worker, wang, number = await taken(town)
    await resolve(worker)
    await wang.hears("您看解决了吗")
    return worker, wang, number


async def change(town: Town, number: int, **what: object) -> None:
    """Set columns of a ticket, as if it had come about otherwise."""

    def job(session: Session) -> None:
        ticket = session.get_one(Ticket, number)
        for name, value in what.items():
            setattr(ticket, name, value)

    await town.write(job)


async def hired(
    town: Town, name: str, role: Role, where: Callable[[Session], Area], *, seated: bool = True
) -> Person | None:
    """One more worker of the county, with a chat or without."""

    def job(session: Session) -> None:
        person = Human(name=name, created_at=town.now())
        session.add(person)
        session.flush()
        session.add(Post(person_id=person.id, role=role.value, area_id=where(session).id))

    await town.write(job)
    if not seated:
        return None
    return await town._known(name, role.value, "", staff=True)


def whole_county(session: Session) -> Area:
    """青禾县."""
    found = areas.county(session)
    assert found is not None
    return found


def garden(session: Session) -> Area:
    """莲花池花园."""
    found = addresses.resolve_path(session, "莲花池社区/莲花池花园")
    assert found is not None
    return found


def community(session: Session) -> Area:
    """莲花池社区."""
    found = addresses.resolve_path(session, "莲花池社区")
    assert found is not None
    return found


async def away(town: Town, name: str, days: int = 9) -> None:
    """A worker is on leave from now on."""
    await town.write(
        lambda s: posts.set_absence(
            s, town.id_of(s, name), town.now(), town.now() + timedelta(days=days)
        )
    )


async def promoted(town: Town, name: str, role: Role, where: Callable[[Session], Area]) -> None:
    """Somebody who is there already gets a post (more)."""
    await town.write(
        lambda s: posts.set_post(s, person_id=town.id_of(s, name), role=role, area_id=where(s).id)
    )


__all__ = [
    "at", "away", "change", "community", "county", "duties", "garden", "hired", "promoted",
    "resolve", "resolved", "taken", "whole_county",
]  # fmt: skip
