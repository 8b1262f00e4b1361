"""Who looks after a doorstep, who stands in, whose number is shown, and which words ask for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from storage import doorstep, mentions, posts
from storage.areas import Level
from storage.posts import Role
from tests.storage.county import NOON, Corner, corner, someone


@pytest.fixture
def place(session: Session) -> Corner:
    return corner(session)


def test_everybody_in_their_place(session: Session, place: Corner) -> None:
    for name, role, area in (
        ("甲", Role.GRID_WORKER, place.garden), ("乙", Role.LIAISON, place.home),
        ("丙", Role.COMMUNITY_OFFICER, place.community), ("丁", Role.GRID_WORKER, place.county),
    ):  # fmt: skip
        person = someone(session, name, f"1990000000{len(name.encode()) + ord(name) % 7}")
        posts.set_post(session, person_id=person.id, role=role, area_id=area.id)
    served = doorstep.looks_after(session, place.home.id, NOON)
    assert list(served) == list(doorstep.seats())
    assert [one.name for one in served[Role.GRID_WORKER].holders] == ["甲"], "not the farther one"
    assert served[Role.COMMUNITY_OFFICER].holders[0].phone.startswith("199")
    assert served[Role.GRID_WORKER].holders[0].phone == "", "written to through the bot"
    nobody = served[Role.BUILDING_STEWARD]
    assert (nobody.holders, nobody.needs) == ([], None)
    assert nobody.instead is not None
    assert (nobody.instead[0], nobody.instead[1].name) == (Role.GRID_WORKER, "甲")
    of_compound = doorstep.looks_after(session, place.garden.id, NOON)
    assert of_compound[Role.LIAISON].needs == Level.HOUSEHOLD


def test_who_stands_in(session: Session, place: Corner) -> None:
    zhang, li = someone(session, "张三", "19900000001"), someone(session, "李四", "19900000002")
    posts.set_post(
        session, person_id=zhang.id, role=Role.LAWYER, area_id=place.community.id, deputy_id=li.id
    )
    posts.set_post(session, person_id=li.id, role=Role.GRID_WORKER, area_id=place.court.id)
    until = NOON + timedelta(days=3)
    posts.set_absence(session, zhang.id, NOON - timedelta(days=1), until)
    (one,) = doorstep.looks_after(session, place.home.id, NOON)[Role.LAWYER].holders
    assert (one.name, one.stands_in_for, one.until) == ("李四", "张三", until)
    assert one.phone == "", "a grid worker who stands in for a lawyer is no lawyer"
    back = doorstep.looks_after(session, place.home.id, until)[Role.LAWYER].holders
    assert [(one.name, one.phone) for one in back] == [("张三", "19900000001")]


def test_away_without_a_deputy_means_who_is_asked_instead(session: Session, place: Corner) -> None:
    zhang, wu = someone(session, "张三"), someone(session, "吴芳")
    posts.set_post(session, person_id=zhang.id, role=Role.GRID_WORKER, area_id=place.garden.id)
    posts.set_post(session, person_id=wu.id, role=Role.SOCIAL_WORKER, area_id=place.community.id)
    posts.set_absence(session, zhang.id, NOON, NOON + timedelta(days=3))
    served = doorstep.looks_after(session, place.home.id, NOON)[Role.GRID_WORKER]
    assert (served.holders, [one.name for one in served.away]) == ([], ["张三"])
    assert served.instead is not None
    assert served.instead[1].name == "吴芳"


def test_a_post_may_say_that_its_number_is_public(session: Session, place: Corner) -> None:
    zhang = someone(session, "张三", "19900000001")
    post = posts.set_post(
        session, person_id=zhang.id, role=Role.GRID_WORKER, area_id=place.garden.id
    )
    post.phone_public = True
    session.flush()
    (one,) = doorstep.looks_after(session, place.home.id, NOON)[Role.GRID_WORKER].holders
    assert one.phone == "19900000001"


def test_member_units(session: Session, place: Corner) -> None:
    for unit in ("供电公司", "供电公司", "自来水公司"):
        person = someone(session, unit)
        posts.set_post(
            session, person_id=person.id, role=Role.MEMBER_UNIT, area_id=place.community.id,
            unit=unit,
        )  # fmt: skip
    assert doorstep.member_units(session, place.home.id, NOON) == ["供电公司", "自来水公司"]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("谁管我这里", None),
        ("有事该找谁", None),
        ("我的网格员", Role.GRID_WORKER),
        ("我們的網格員是誰", Role.GRID_WORKER),
        ("wode wanggeyuan", Role.GRID_WORKER),
        ("民警电话", Role.COMMUNITY_OFFICER),
        ("楼栋长叫什么名字", Role.BUILDING_STEWARD),
        ("联户党员", Role.LIAISON),
        ("荷香苑的物业电话多少", Role.PROPERTY_MANAGER),
        ("小区书记是哪个", Role.COMPOUND_SECRETARY),
    ],
)
def test_words_that_ask_who(text: str, role: Role | None) -> None:
    assert doorstep.asks_who(text, ["荷香苑"])
    assert doorstep.role_meant(text) == role


@pytest.mark.parametrize(
    "text",
    [
        "我的网格员不理人",
        "物业不作为",
        "警察打人",
        "业委会乱收费",
        "楼道灯不亮了",
        "我要找个人帮忙修灯",
        "你好",
    ],
)
def test_words_that_tell_something(text: str) -> None:
    assert not doorstep.asks_who(text)


def test_an_area_named_in_passing(session: Session, place: Corner) -> None:
    def named(text: str) -> int | None:
        found = mentions.mentioned(session, text)
        return found.id if found else None

    assert named("荷香苑的网格员是谁") == place.court.id
    assert named("莲花池花园三栋谁管") == place.buildings[2].id
    assert named("莲花池社区的民警") == place.community.id
    assert named("我的网格员是谁") is None
