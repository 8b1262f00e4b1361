"""The tree of areas: making it, naming it, finding in it."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from storage import addresses, areas
from storage.areas import Household, Level
from storage.base import vault_in
from tests.storage.county import Corner, corner


@pytest.fixture
def place(session: Session) -> Corner:
    return corner(session)


def test_no_county_yet(session: Session) -> None:
    assert areas.county(session) is None
    assert addresses.resolve_path(session, "莲花池社区") is None


def test_adding_the_same_name_twice_makes_one(session: Session, place: Corner) -> None:
    assert areas.add(session, place.county, Level.COMMUNITY, "蓮花池") is place.community
    assert areas.add(session, place.garden, Level.BUILDING, "三号楼") is place.buildings[2]
    assert areas.add(session, place.court, Level.BUILDING, "3栋") is not place.buildings[2]


def test_paths_and_pinyin_are_filled_in(session: Session, place: Corner) -> None:
    assert place.home.lineage == [
        place.county.id, place.community.id, place.garden.id, place.buildings[2].id, place.home.id
    ]  # fmt: skip
    assert (place.court.pinyin, place.court.initials) == ("hexiangyuan", "hxy")


def test_levels_stand_beneath_each_other(session: Session, place: Corner) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        areas.add(session, place.garden, Level.COMMUNITY, "错社区")
    with pytest.raises(ValueError, match="needs a name"):
        areas.add(session, place.garden, Level.BUILDING, " ")
    with pytest.raises(areas.UnknownArea):
        areas.get(session, 999_999)


def test_a_door_is_one_household_and_stays_sealed(session: Session, place: Corner) -> None:
    vault = vault_in(session)
    for written in ("1-302", "一单元302室", "１单元３０２"):
        assert areas.household(session, vault, place.buildings[2], written) is place.home
    assert areas.household(session, vault, place.buildings[1], "1-302") is not place.home
    assert areas.title(session, place.home) == "莲花池花园3栋"
    assert areas.door_of(session, place.home) == "1单元302"
    assert areas.door_of(session, place.garden) == ""
    assert place.home.name == ""
    with pytest.raises(ValueError, match="door"):
        areas.household(session, vault, place.buildings[2], "室")
    with pytest.raises(ValueError, match="building"):
        areas.household(session, vault, place.garden, "1-302")


def test_children_are_in_the_order_people_count(session: Session, place: Corner) -> None:
    assert [a.name for a in areas.children(session, place.garden.id)] == ["2栋", "3栋", "10栋"]


def test_titles_of_every_level_in_one_query(session: Session, place: Corner) -> None:
    asked = [place.county, place.community, place.garden, place.buildings[0], place.home]
    spoken = areas.titles(session, asked)
    assert [spoken[a.id] for a in asked] == [
        "青禾县", "莲花池社区", "莲花池花园", "莲花池花园10栋", "莲花池花园3栋"
    ]  # fmt: skip


def test_written_paths(session: Session, place: Corner) -> None:
    def found(text: str) -> areas.Area | None:
        return addresses.resolve_path(session, text)

    assert found("莲花池社区/莲花池花园/3栋") is place.buildings[2]
    assert found("青禾县／莲花池 / 蓮花池花園 / 三号楼/1-302") is place.home
    assert found("青禾县") is place.county
    for wrong in ("", "没有社区", "莲花池社区/没有", "莲花池社区/莲花池花园/3栋/9-999",
                  "莲花池社区/莲花池花园/3栋/1-302/1"):  # fmt: skip
        assert found(wrong) is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("莲花池花园3栋", "莲花池花园3栋"),
        ("我家住在莲花池花园三号楼", "莲花池花园3栋"),
        ("莲花池花园", "莲花池花园"),
        ("蓮花池花園", "莲花池花园"),
        ("lianhuachihuayuan", "莲花池花园"),
        ("lianhuacihuayuan", "莲花池花园"),
        ("nianhuachi", "莲花池社区"),
        ("lhchy", "莲花池花园"),
        ("联花池花圆", "莲花池花园"),
        ("荷香院", "荷香苑"),
        ("hxy", "荷香苑"),
        ("10栋", "莲花池花园10栋"),
        ("莲花池社区", "莲花池社区"),
    ],
)
def test_finding_a_place(session: Session, place: Corner, typed: str, first: str) -> None:
    found = addresses.find(session, typed, place.county, None, 5)
    assert areas.title(session, found[0]) == first


def test_finding_within_a_compound_and_by_level(session: Session, place: Corner) -> None:
    def named(typed: str, under: areas.Area, level: Level | None = None) -> list[str]:
        return [a.name for a in addresses.find(session, typed, under, level, 5)]

    assert named("3", place.garden) == ["3栋"]
    assert named("1", place.garden) == ["10栋"]
    assert named("莲花池", place.county, Level.COMMUNITY) == ["莲花池社区"]
    assert named("莲花池", place.county, Level.COMPOUND) == ["莲花池花园"]
    assert named("3栋", place.court) == []
    assert named("北京天安门", place.county) == []
    assert named("", place.county) == []
    assert named("1-302", place.buildings[2]) == []


def test_a_search_never_reads_households(session: Session, place: Corner) -> None:
    seen: list[str] = []
    event.listen(
        session.get_bind(), "before_cursor_execute", lambda c, cur, sql, *rest: seen.append(sql)
    )
    found = addresses.find(session, "莲花池花园3栋", place.county, None, 5)
    assert all(area.level != Level.HOUSEHOLD for area in found)
    assert not any("households" in sql.replace("declared_households", "") for sql in seen)


def test_homes_by_the_number_the_county_listed(session: Session, place: Corner) -> None:
    from storage.phones import phone_digest

    row = session.get_one(Household, place.home.id)
    row.phone, row.phone_hash = "19900000001", phone_digest(vault_in(session), "19900000001")
    session.flush()
    assert areas.homes_by_phone(session, "199 0000 0001") == [place.home]
    assert areas.homes_by_phone(session, "19900000002") == []
    assert areas.homes_by_phone(session, "无") == []
