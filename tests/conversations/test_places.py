"""附近场所 in chat: the kind by words or number, the nearest, a place sent, the canteen's menu."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy.orm import Session

from handlers.registry import HANDLERS
from handlers.residents.canteen import posting_in
from handlers.residents.place_views import map_link
from storage import addresses, places
from storage.areas import Area
from storage.people import Person as Human
from storage.places import Place
from tests.conversations import county
from tests.conversations.town import Town

HERE = (29.3500, 106.5500)


def area(session: Session, path: str) -> Area:
    found = addresses.resolve_path(session, path)
    assert found is not None
    return found


async def furnish(town: Town) -> None:
    """Two canteens, a school, four stations."""

    def job(session: Session) -> None:
        def put(kind: str, name: str, path: str, **more: object) -> None:
            where = area(session, path)
            places.set_place(session, kind=kind, name=name, area_id=where.id, **more)

        lat, lon = HERE
        put(
            "canteen",
            "莲花池食堂",
            "莲花池社区",
            hours="11:00-13:00",
            phone="19908010001",
            address="中心街1号",
            contact="食堂值班",
            what="中餐",
            latitude=lat,
            longitude=lon,
            keeper_hash=places.keeper_digest(session, county.PHONES[county.NEIGHBOUR]),
        )
        put("canteen", "桂花食堂", "桂花社区", latitude=lat + 0.02, longitude=lon)
        put("after_school", "莲花池四点半学校", "莲花池社区", hours="周一至周五 16:00-18:30")
        for n, path in enumerate(
            ("桂花社区/桂花新村", "莲花池社区/荷香苑", "莲花池社区/莲花池花园", "桂花社区")
        ):
            put(
                "station",
                f"{path.split('/')[-1]}驿站",
                path,
                hours="全天",
                latitude=lat + 0.01 * n,
                longitude=lon,
            )

    await town.write(job)


async def test_the_nearest_of_a_kind(detail_town: Town) -> None:
    town = detail_town
    await furnish(town)
    wang = await town.resident()
    await wang.says("附近的红色驿站")
    seen = await wang.hears("1. 莲花池花园驿站（就在本小区）", "2. 荷香苑驿站（本社区", "现在开着")
    assert seen.text.index("荷香苑") < seen.text.index("桂花社区驿站")
    await wang.presses("换一批")
    await wang.hears("桂花新村驿站")
    await wang.presses("桂花新村驿站")
    seen = await wang.hears(
        "桂花新村驿站", "https://uri.amap.com/marker?position=106.55000,29.35000"
    )


async def test_words_lead_there_and_one_place_is_shown_whole(scripted_town: Town) -> None:
    town = scripted_town
    await furnish(town)
    town.at(2026, 11, 24, 17, 0)
    wang = await town.resident()
    await wang.says("孩子放学没人管")
    await wang.hears("莲花池四点半学校（本社区）", "现在开着（周一至周五 16:00-18:30）")
    await wang.says("laonian huodong")
    await wang.hears("还没有登记")


async def test_the_kind_by_number_and_not_by_a_number_that_is_not_there(
    scripted_town: Town,
) -> None:
    town = scripted_town
    await furnish(town)
    wang = await town.resident()
    await wang.says("附近场所")
    await wang.hears("哪一种地方", "3. 四点半学校")
    await wang.says("9")
    await wang.hears("没听明白")
    await wang.says("食堂")
    await wang.hears("1. 莲花池食堂（本社区", "现在没开（11:00-13:00）")


async def test_a_place_that_is_sent(detail_town: Town) -> None:
    town = detail_town
    await furnish(town)
    wang = await town.resident()
    await wang.says("附近的红色驿站")
    await wang.presses("按我现在的位置找")
    await wang.hears("您在哪里")
    await wang.sends_location(HERE[0] + 0.0001, HERE[1])
    await wang.hears("离您近的红色驿站", "1. 桂花新村驿站（就在您跟前）")
    assert await town.ticket_count() == 0

    ann = await town.newcomer()
    await ann.says("哪有食堂")
    await ann.hears("您在哪里")
    await ann.sends_location(HERE[0] + 0.02, HERE[1])
    await ann.hears("1. 桂花食堂（就在您跟前）")
    await ann.says("莲花池花园附近的食堂")
    await ann.hears("离莲花池花园近的幸福食堂", "1. 莲花池食堂（本社区")


async def test_a_menu_in_one_message(scripted_town: Town) -> None:
    town = scripted_town
    await furnish(town)
    town.at(2026, 11, 24, 9, 0)
    wang, wu = await town.resident(), await town.social_worker()
    await wang.says("明天食堂吃啥")
    await wang.hears("莲花池食堂 19908010001")
    await wang.hears("明天（11月25日周三）的菜单还没发出来", "11:00-13:00")
    await wu.says("食堂菜单 明天：红烧肉、青菜")
    await wu.hears("发好了", "莲花池食堂 11月25日周三", "红烧肉、青菜")
    await wang.says("明天食堂吃啥")
    await wang.hears("明天（11月25日周三）的菜单：\n红烧肉、青菜")
    await wu.says("食堂菜单 明天：鱼")
    await wu.hears("发好了", "鱼")
    await wang.says("明天食堂有什么菜")
    await wang.hears("的菜单：\n鱼")
    await wang.presses("看今天的菜单")
    await wang.hears("今天（11月24日周二）的菜单还没发出来")


async def test_who_runs_it_may_say_so_and_nobody_else(scripted_town: Town) -> None:
    town = scripted_town
    await furnish(town)
    cook, wang = await town.resident(county.NEIGHBOUR), await town.resident()
    await cook.says("食堂菜单")
    await cook.hears("莲花池食堂有什么")
    await cook.says("面条，5 元一碗")
    await cook.hears("发好了", "面条")
    await wang.says("食堂菜单 今天：龙虾")
    await wang.hears("由食堂和社区的工作人员来发")
    await wang.says("食堂菜单")
    await wang.hears("的菜单：\n面条，5 元一碗")

    def unproven(session: Session) -> None:
        person = session.get_one(Human, town.id_of(session, county.NEIGHBOUR))
        person.phone_proven = False

    await town.write(unproven)
    await cook.says("食堂菜单 今天：龙虾")
    await cook.hears("由食堂和社区的工作人员来发")


async def test_a_worker_of_another_community_is_asked_nothing_of_this_one(
    scripted_town: Town,
) -> None:
    town = scripted_town
    await furnish(town)
    admin, wu = await town.admin(), await town.social_worker()
    await admin.says("食堂菜单 今天：饺子")
    await admin.hears("是哪一个地方的")
    await admin.presses("桂花食堂")
    await admin.hears("发好了", "桂花食堂")
    await wu.says("桂花食堂菜单 今天：面")
    await wu.hears("发好了", "莲花池食堂"), "the only one of hers"


async def test_what_is_on_elsewhere(scripted_town: Town) -> None:
    town = scripted_town
    await furnish(town)
    wu, wang = await town.social_worker(), await town.resident()
    await wu.says("四点半学校")
    await wu.hears("您在哪里")
    await wu.says("莲花池花园")
    await wu.presses("发当天的安排")
    await wu.says("今天教剪纸")
    await wu.hears("发好了")
    await wang.says("四点半学校")
    seen = await wang.hears("今天：今天教剪纸")
    assert not any("安排" in label for label in seen.labels)


async def test_both_are_begun_by_their_opening(scripted_town: Town) -> None:
    assert {"who", "places"} <= set(HANDLERS.openings)
    wang = await scripted_town.resident()
    await wang.says("附近场所")
    await wang.hears("还没有登记这样的地方")


@pytest.mark.parametrize("name", ["莲花池&食堂=#?", "a b\n+%", "食堂/..；DROP"])
def test_a_hostile_name_stays_in_its_parameter(name: str) -> None:
    place = Place(name=name, latitude=29.35, longitude=106.55)
    link = urlsplit(map_link(place))
    assert (link.netloc, link.path, link.fragment) == ("uri.amap.com", "/marker", "")
    assert parse_qs(link.query) == {
        "position": ["106.55000,29.35000"], "coordinate": ["wgs84"], "name": [name]
    }  # fmt: skip
    assert not set(map_link(place)) & set(" \n\"'<>")
    assert map_link(Place(name=name)) == ""


@pytest.mark.parametrize(
    ("text", "head", "rest"),
    [
        ("食堂菜单 明天：红烧肉、青菜", "食堂菜单 明天", "红烧肉、青菜"),
        ("明天食堂菜单\n红烧肉", "明天食堂菜单", "红烧肉"),
        ("食堂菜单 明天 红烧肉 青菜", "食堂菜单 明天", "红烧肉 青菜"),
        ("食堂菜单", "食堂菜单", ""),
        ("发菜单 周五 鱼", "发菜单 周五", "鱼"),
    ],
)
def test_messages_that_say_a_menu(text: str, head: str, rest: str) -> None:
    found = posting_in(text)
    assert found is not None
    assert (found.head, found.text) == (head, rest)


@pytest.mark.parametrize("text", ["明天食堂吃啥", "今天食堂菜单是什么", "食堂：太贵了", "", "你好"])
def test_messages_that_say_none(text: str) -> None:
    assert posting_in(text) is None
