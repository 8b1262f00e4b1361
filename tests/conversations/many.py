"""Many tickets at once, made as the program makes them but without the talk before."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from bot.office import Office
from handlers import course
from storage import addresses, areas, rules, tickets
from storage.areas import Level
from storage.people import Person
from storage.posts import Role, Serving
from tests.conversations.town import Town


async def given(
    town: Town,
    worker: str,
    resident: str,
    *,
    text: str = "楼道灯不亮了",
    kind: str = "lighting",
    ago: float = 0,
    urgent: bool = False,
    claimed: bool = False,
    service: str = "request",
    building: str = "",
    place: str = "",
) -> int:
    """A ticket that the worker owns, handed over `ago` hours before now; its number."""

    def job(session: Session) -> int:
        desk = Office(session, town.now() - timedelta(hours=ago), town.app.wording)
        filer = session.get_one(Person, town.id_of(session, resident))
        area_id = filer.home_id
        if building:
            county = areas.county(session)
            assert county is not None
            area_id = addresses.find(session, building, under=county, level=Level.BUILDING)[0].id
        assert area_id is not None
        ticket = tickets.open_ticket(
            session, service=rules.current(session)[service], kind=kind, text=text, media=[],
            place=place, location=None, filer_id=filer.id, area_id=area_id, urgent=urgent,
            now=desk.now,
        )  # fmt: skip
        owner = town.id_of(session, worker)
        course.hand_to(
            desk, ticket, Serving(owner, Role.GRID_WORKER, ticket.area_id, 0, None), "offered"
        )
        if claimed:
            course.claim(desk, ticket, owner, Role.GRID_WORKER, ticket.version)
        return ticket.id

    return await town.write(job)
