"""Places: which is nearest, how far, which words mean one, and the lists they come from."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storage import place_kinds, places
from storage.areas import Area
from storage.importing import place_lines
from storage.places import Closeness
from storage.points import from_gcj, metres, to_gcj
from storage.sample import make
from storage.vault import Vault
from tests.storage.county import NOON, Corner
from tests.storage.lists import Take, place, take

__all__ = ["place", "take"]

HERE = (29.3500, 106.5500)


def put(session: Session, name: str, area: Area, *, kind: str = "station", **more: object) -> int:
    found, _ = places.set_place(session, kind=kind, name=name, area_id=area.id, **more)
    return found.id


def names(found: list[places.Near]) -> list[str]:
    return [near.place.name for near in found]


def test_ones_own_compound_then_the_community_then_the_county(
    session: Session, place: Corner
) -> None:
    put(session, "县里的", place.county)
    put(session, "社区的", place.community)
    put(session, "隔壁的", place.court)
    put(session, "楼下的", place.buildings[0])
    found = places.nearest(session, "station", place.home.id, limit=9)
    assert names(found) == ["楼下的", "社区的", "隔壁的", "县里的"]
    assert [near.closeness for near in found] == [
        Closeness.COMPOUND, Closeness.COMMUNITY, Closeness.COMMUNITY, Closeness.COUNTY
    ]  # fmt: skip
    assert names(places.nearest(session, "station", place.home.id, limit=2, skip=1)) == [
        "社区的", "隔壁的"
    ]  # fmt: skip
    assert places.nearest(session, "canteen", place.home.id) == []
    assert len(places.nearest(session, "station", None, limit=9)) == 4


def test_within_a_community_the_nearer_one_by_the_compounds_own_places(
    session: Session, place: Corner
) -> None:
    lat, lon = HERE
    put(session, "驿站", place.garden, latitude=lat, longitude=lon)
    far = {"latitude": lat + 0.02, "longitude": lon}
    put(session, "远食堂", place.community, kind="canteen", **far)
    near = {"latitude": lat + 0.01, "longitude": lon}
    put(session, "近食堂", place.court, kind="canteen", **near)
    put(session, "没坐标的食堂", place.community, kind="canteen")
    found = places.nearest(session, "canteen", place.home.id)
    assert names(found) == ["近食堂", "远食堂", "没坐标的食堂"]
    assert found[0].metres == pytest.approx(1112, abs=2)
    assert found[2].metres is None


def test_from_where_somebody_stands_only_distance_counts(session: Session, place: Corner) -> None:
    lat, lon = HERE
    put(session, "小区里的", place.garden, latitude=lat + 0.03, longitude=lon)
    put(session, "身边的", place.county, latitude=lat + 0.001, longitude=lon)
    put(session, "天边的", place.county, latitude=lat + 1, longitude=lon)
    found = places.nearest(session, "station", place.home.id, point=HERE, limit=9)
    assert names(found) == ["身边的", "小区里的", "天边的"]


def test_a_place_that_is_switched_off_is_not_there(session: Session, place: Corner) -> None:
    gone = put(session, "关了的", place.garden, active=False)
    assert places.nearest(session, "station", place.home.id) == []
    assert places.get(session, gone) is None
    assert places.kinds_there(session) == set()
    assert len(places.every(session)) == 1


def test_the_newest_word_about_a_day_counts(session: Session, place: Corner) -> None:
    one = put(session, "食堂", place.community, kind="canteen")
    day = date(2026, 3, 3)
    places.set_day(session, one, day, "红烧肉", None, NOON)
    places.set_day(session, one, day, "鱼", None, NOON)
    places.set_day(session, one, date(2026, 3, 5), "面", None, NOON)
    assert [row.text for row in places.days_from(session, one, date(2026, 3, 1))] == ["鱼", "面"]
    assert places.day_of(session, one, date(2026, 3, 4)) is None


def test_chinese_maps_are_shifted_and_shifted_back() -> None:
    # The Tian'anmen as GPS has it, and as 高德 shows it: a pair that is published everywhere.
    assert to_gcj((39.907333, 116.391083)) == pytest.approx((39.908734, 116.397324), abs=2e-6)
    for point in (HERE, (18.25, 109.5), (45.8, 126.5)):
        assert 100 < metres(point, to_gcj(point)) < 1000
        assert metres(point, from_gcj(to_gcj(point))) < 0.01
    assert metres((0.0, 0.0), (0.0, 180.0)) == pytest.approx(20_015_087, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("附近食堂", "canteen"),
        ("哪有四点半学校", "after_school"),
        ("四点伴学校", "after_school"),
        ("孩子放学没人管", "after_school"),
        ("laonian huodong", "elders"),
        ("附近的紅色驛站在哪", "station"),
        ("妇女之家怎么走", "women"),
        ("邻里中心几点开门", "community_center"),
        ("居委会电话多少", "service_center"),
        ("骑手之家", "riders"),
    ],
)
def test_words_that_look_for_a_place(text: str, kind: str) -> None:
    found = place_kinds.looked_for(text)
    assert found is not None
    assert found.key == kind


@pytest.mark.parametrize(
    "text",
    [
        "食堂的菜里有虫子", "骑手之家的充电桩坏了", "居委会不给我办低保", "快递驿站", "马桶堵了",
     "老年人活动中心漏水了", "", "12", "明天食堂吃啥"],
)  # fmt: skip
def test_words_that_tell_something_else(text: str) -> None:
    assert place_kinds.looked_for(text) is None


def test_questions_about_a_menu() -> None:
    for text in ("明天食堂吃啥", "今天幸福食堂有什么菜", "食堂菜单", "mingtian shitang chi sha"):
        assert place_kinds.asks_for_a_menu(text), text
    for text in ("附近食堂", "晚上吃什么", "食堂吃坏肚子"):
        assert not place_kinds.asks_for_a_menu(text), text


def test_a_list_that_is_exported_changes_nothing(
    session: Session, place: Corner, take: Take
) -> None:
    rows = [
        ["幸福食堂", "莲花池食堂", "莲花池社区", "中心街1号", "中餐", "11:00-13:00", "值班",
         "12345", "19900000099", "29.35", "106.55", "", ""],
        ["红色驿站", "荷香苑驿站", "荷香苑", "", "", "", "", "", "", "29.36", "106.56", "GPS",
         "是"],
        ["邻里中心", "县邻里中心", "", "", "", "", "", "", "", "", "", "", ""],
    ]  # fmt: skip
    report = take("places", rows)
    assert (report.added, report.bad) == (3, [])
    canteen = next(one for one in places.every(session) if one.kind == "canteen")
    assert canteen.point is not None
    assert 100 < metres(canteen.point, (29.35, 106.55)) < 1000, "高德 unless it is said"
    assert canteen.keeper_hash == places.keeper_digest(session, "19900000099")
    head, *lines = place_lines(session)
    assert not any("19900000099" in cell for line in lines for cell in line)
    again = take("places", lines, header=head)
    assert (again.added, again.changed, again.unchanged, again.bad) == (0, 0, 3, [])
    assert canteen.keeper_hash is not None, "a list without that column leaves it alone"


def test_the_sample_has_as_many_stations_as_the_county(engine: Engine, vault: Vault) -> None:
    make(engine, vault, "small", 365, NOON)
    with Session(engine) as session:
        kinds = [one.kind for one in places.every(session)]
        assert kinds.count("station") == 3
        assert set(kinds) == set(place_kinds.kinds())
        canteen = places.every(session)[kinds.index("canteen")]
        assert places.day_of(session, canteen.id, NOON.date()) is not None
