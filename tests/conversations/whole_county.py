"""A county with every rung of the ladder, for talks that climb it: 莲花池花园 has everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from storage import areas, posts, rules
from storage.areas import Level
from storage.base import vault_in
from storage.people import Person
from storage.posts import Role

STEWARD, GRID, GRID_TOO, SECRETARY = "孙桂兰", "李建国", "周敏", "何志远"
SOCIAL, COMMITTEE, HOUSING, OTHER_DEPARTMENT = "吴芳", "唐文", "曹立新", "彭磊"
PROPERTY, POWER, POWER_TOO, WATER = "马超", "蒋波", "蔡凯", "田静"
ADMIN, ADMIN_TOO = "郑强", "秦月"
RESIDENT, FAR = "王桂英", "孙德福"

ROLES = {
    STEWARD: "楼栋长", GRID: "网格员", GRID_TOO: "网格员", SECRETARY: "小区书记",
    SOCIAL: "社会工作者", COMMITTEE: "社区大党委", HOUSING: "县住建局",
    OTHER_DEPARTMENT: "县交通局", PROPERTY: "物业", POWER: "供电公司", POWER_TOO: "供电公司",
    WATER: "自来水公司", ADMIN: "管理员", ADMIN_TOO: "管理员",
}  # fmt: skip


def found_whole_county(session: Session, now: datetime) -> None:
    """Two communities. In 莲花池花园 every rung has somebody, in 桂花新村 nobody has any post.

    李建国 is stood in for by 周敏, and she by the social worker. The department of housing handles
    lighting, another one parking; the units' people stand at the community.
    """
    county = areas.add(session, None, Level.COUNTY, "青禾县")
    lotus = areas.add(session, county, Level.COMMUNITY, "莲花池社区")
    osmanthus = areas.add(session, county, Level.COMMUNITY, "桂花社区")
    garden = areas.add(session, lotus, Level.COMPOUND, "莲花池花园")
    village = areas.add(session, osmanthus, Level.COMPOUND, "桂花新村")
    third = areas.add(session, garden, Level.BUILDING, "3栋")
    first = areas.add(session, village, Level.BUILDING, "1栋")
    who = {name: _person(session, name, now) for name in (*ROLES, RESIDENT, FAR)}

    def post(name: str, role: Role, place: areas.Area, **more: object) -> None:
        posts.set_post(
            session, person_id=who[name].id, role=role, area_id=place.id, **more  # type: ignore[arg-type]
        )  # fmt: skip

    post(STEWARD, Role.BUILDING_STEWARD, third)
    post(GRID, Role.GRID_WORKER, garden, deputy_id=who[GRID_TOO].id)
    post(GRID_TOO, Role.GRID_WORKER, garden, deputy_id=who[SOCIAL].id)
    post(SECRETARY, Role.COMPOUND_SECRETARY, garden)
    post(PROPERTY, Role.PROPERTY_MANAGER, garden)
    post(SOCIAL, Role.SOCIAL_WORKER, lotus)
    post(COMMITTEE, Role.COMMUNITY_COMMITTEE, lotus)
    post(POWER, Role.MEMBER_UNIT, lotus, unit="供电公司")
    post(POWER_TOO, Role.MEMBER_UNIT, lotus, unit="供电公司")
    post(WATER, Role.MEMBER_UNIT, lotus, unit="自来水公司")
    post(OTHER_DEPARTMENT, Role.DEPARTMENT, county, unit="县交通局", handles=["parking"])
    post(HOUSING, Role.DEPARTMENT, county, unit="县住建局", handles=["lighting", "leak_repair"])
    post(ADMIN, Role.ADMIN, county)
    post(ADMIN_TOO, Role.ADMIN, county)
    for name, building in ((RESIDENT, third), (FAR, first)):
        home = areas.household(session, vault_in(session), building, "1单元302")
        who[name].home_id, who[name].consented_at = home.id, now


def _person(session: Session, name: str, now: datetime) -> Person:
    person = Person(name=name, created_at=now)
    session.add(person)
    session.flush()
    return person


def from_the_doorstep(session: Session, now: datetime, late: str, minutes: int = 60) -> None:
    """From now on 微诉求 begins with the steward, and every rung has this limit and this end."""
    service = rules.current(session)["request"]
    ladder = tuple(replace(r, claim=minutes, solve=minutes, late=late) for r in service.ladder)
    changed = replace(service, first=(Role.BUILDING_STEWARD,), ladder=ladder)
    rules.change(session, changed, now, None)
