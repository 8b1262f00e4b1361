"""The town of the conversation tests: small enough to know everybody in it by name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from storage import areas
from storage.areas import Area, Level
from storage.base import vault_in
from storage.people import Person, set_phone
from storage.posts import Post, Role

GRID_WORKER, LIAISON, OTHER_WORKER = "李建国", "陈秀兰", "周敏"
SOCIAL_WORKER, ADMIN = "吴芳", "郑强"
RESIDENT, NEIGHBOUR, STRANGER = "王桂英", "赵大山", "孙德福"

PHONES = {
    GRID_WORKER: "19900000001",
    LIAISON: "19900000002",
    OTHER_WORKER: "19900000003",
    SOCIAL_WORKER: "19900000004",
    ADMIN: "19900000005",
    RESIDENT: "19900000011",
    NEIGHBOUR: "19900000012",
    STRANGER: "19900000013",
}


def found_town(session: Session, now: datetime) -> None:
    """Two communities, three compounds, five posts, three residents.

    莲花池花园 has one grid worker; a liaison looks after two of its doors. 荷香苑 and 桂花新村 have
    another grid worker and no liaison.
    """
    county = areas.add(session, None, Level.COUNTY, "青禾县")
    lotus = areas.add(session, county, Level.COMMUNITY, "莲花池社区")
    osmanthus = areas.add(session, county, Level.COMMUNITY, "桂花社区")
    garden = _compound(session, lotus, "莲花池花园", (1, 2, 3, 10))
    court = _compound(session, lotus, "荷香苑", (1, 2))
    village = _compound(session, osmanthus, "桂花新村", (1, 2))

    third = areas.children(session, garden.id)[2]
    doors = [areas.household(session, vault_in(session), third, f"1单元{n}") for n in (302, 501)]
    first = areas.children(session, village.id)[0]
    far = areas.household(session, vault_in(session), first, "2单元201")

    _post(session, GRID_WORKER, now, Role.GRID_WORKER, garden)
    _post(session, LIAISON, now, Role.LIAISON, *doors)
    _post(session, OTHER_WORKER, now, Role.GRID_WORKER, court, village)
    _post(session, SOCIAL_WORKER, now, Role.SOCIAL_WORKER, lotus)
    _post(session, ADMIN, now, Role.ADMIN, county)
    for name, home in ((RESIDENT, doors[0]), (NEIGHBOUR, doors[1]), (STRANGER, far)):
        person = _person(session, name, now)
        person.home_id, person.consented_at = home.id, now


def _compound(session: Session, community: Area, name: str, numbers: tuple[int, ...]) -> Area:
    compound = areas.add(session, community, Level.COMPOUND, name)
    for number in numbers:
        areas.add(session, compound, Level.BUILDING, f"{number}栋")
    return compound


def _person(session: Session, name: str, now: datetime) -> Person:
    person = Person(name=name, created_at=now)
    session.add(person)
    session.flush()
    set_phone(session, person, PHONES[name], proven=True)
    return person


def _post(session: Session, name: str, now: datetime, role: Role, *places: Area) -> None:
    person = _person(session, name, now)
    for place in places:
        session.add(Post(person_id=person.id, role=role.value, area_id=place.id))
    session.flush()
