"""Names, doors, buildings and phone numbers, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.names import add_phrases, bare, building_key, door_key, pinyin, simplify, sounds
from storage.phones import masked, normal_phone
from storage.posts import Role
from storage.roles import label, names, role_named


@pytest.mark.parametrize(
    "written",
    [
        "1单元302",
        "1-302",
        "１单元３０２室",
        "一单元302",
        "一单元三〇二",
        "1—302",
        "01-302号",
        "1 单元 302",
    ],
)
def test_one_door_however_it_is_written(written: str) -> None:
    assert door_key(written) == "1-302"


def test_doors_that_differ_stay_apart() -> None:
    keys = [door_key(door) for door in ("1-302", "2-302", "1-303", "302", "A座302", "附1号")]
    assert len(set(keys)) == len(keys)
    assert door_key("302.0") == "302"
    assert door_key("十二单元1201") == "12-1201"
    assert door_key("室") == ""


@given(st.text(max_size=20))
def test_a_door_key_is_its_own_key(text: str) -> None:
    assert door_key(door_key(text)) == door_key(text)


@pytest.mark.parametrize("written", ["3栋", "三栋", "3号楼", "3幢", "3#", "３ 栋", "3", "03栋"])
def test_one_building_however_it_is_written(written: str) -> None:
    assert building_key(written) == "3"


def test_buildings_with_names_keep_them() -> None:
    assert building_key("A座") == "a"
    assert building_key("红楼") != building_key("白楼")
    assert building_key("二十一栋") == "21"


def test_traditional_characters_full_width_and_case() -> None:
    assert simplify(" 蓮花池花園Ａ ") == "莲花池花园a"
    assert bare("莲花池（花园）· 3 栋") == "莲花池花园3栋"


def test_pinyin_with_initials() -> None:
    assert pinyin("莲花池花园12栋") == ("lianhuachihuayuan12dong", "lhchy12d")


def test_place_names_are_read_as_their_people_do() -> None:
    assert pinyin("长乐街") == ("changlejie", "clj")
    add_phrases({"行廊": "hang lang"})
    assert pinyin("行廊") == ("hanglang", "hl")


def test_dialects_hear_the_same() -> None:
    assert sounds("lianhuachi") == sounds("nianfaci")
    assert sounds("chengnan") == sounds("cenlan")


@pytest.mark.parametrize(
    "written",
    [
        "13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "+86 138 0000 0000",
        "0086-13800000000",
        "86 13800000000",
        "１３８００００００００",
        "13800000000.0",
        " 13800000000\t",
    ],
)
def test_one_number_however_it_is_written(written: str) -> None:
    assert normal_phone(written) == "13800000000"


def test_landlines_keep_their_area_code() -> None:
    assert normal_phone("(0736) 522-2222") == "07365222222"


@pytest.mark.parametrize(
    "written", ["", "无", "1380000000", "138000000000", "23800000000", "+1 202 555 0100", "12345"]
)
def test_what_is_no_personal_number(written: str) -> None:
    assert normal_phone(written) is None


@pytest.mark.parametrize(
    "written", ["110", "119", "120", "12345", "12348", "400-123-4567", "5222222"]
)
def test_a_directory_lists_more(written: str) -> None:
    assert normal_phone(written, services=True) == written.replace("-", "")


@given(st.text(max_size=24))
def test_a_normal_number_stays_as_it_is(text: str) -> None:
    phone = normal_phone(text)
    assert phone is None or normal_phone(phone) == phone


def test_masked_numbers() -> None:
    assert masked("13800000000") == "138****0000"
    assert masked("12345") == "12345"
    assert "22222" not in masked("5222222")


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("网格员", Role.GRID_WORKER),
        ("联户党员", Role.LIAISON),
        ("楼栋红管家", Role.BUILDING_STEWARD),
        ("楼栋长", Role.BUILDING_STEWARD),
        ("小区综合党支部书记", Role.COMPOUND_SECRETARY),
        ("社区大党委", Role.COMMUNITY_COMMITTEE),
        ("社会工作者", Role.SOCIAL_WORKER),
        ("社区民警", Role.COMMUNITY_OFFICER),
        ("法律顾问", Role.LAWYER),
        (" 片区律師 ", Role.LAWYER),
        ("调解员", Role.MEDIATOR),
        ("红色义警", Role.RED_PATROL),
        ("业委会", Role.OWNERS_COMMITTEE),
        ("物业", Role.PROPERTY_MANAGER),
        ("管理员", Role.ADMIN),
        ("grid_worker", Role.GRID_WORKER),
        ("厨师", None),
    ],
)
def test_roles_by_the_names_lists_use(text: str, role: Role | None) -> None:
    assert role_named(text) is role


def test_every_role_has_a_label_that_leads_back_to_it() -> None:
    assert [role_named(label(role)) for role in Role] == list(Role)
    assert len(set(names())) == len(Role)
