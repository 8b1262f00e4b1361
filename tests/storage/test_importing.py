"""Lists from spreadsheets: what is taken, what is refused and why, and that twice is once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import addresses, areas, posts
from storage.areas import Household, Level
from storage.entries import Entry
from storage.importing import KINDS, Kind, Report, directory_lines, headings, import_file
from storage.people import Person, find_by_phone
from storage.posts import Post, Role, serving
from tests.storage.county import NOON, Corner, someone
from tests.storage.lists import GARDEN, A, B, C, D, Lines, Take, place, take, write_csv

__all__ = ["place", "take"]


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.bad)


# What a list brings


def test_a_tree_from_nothing(session: Session, take: Take) -> None:
    rows = [
        ["莲花池社区", "莲花池花园", "1栋", "24"],
        ["莲花池社区", "莲花池花园", "2栋", ""],
        [],
        ["莲花池社区", "荷香苑", "", ""],
        ["青石桥社区", "", "", ""],
    ]
    report = take("areas", rows)
    assert (report.rows, report.imported, counts(report)) == (4, True, (4, 0, 0, 0))
    building = addresses.resolve_path(session, f"{GARDEN}/1栋")
    assert building is not None
    assert (building.declared_households, building.level) == (24, Level.BUILDING)
    assert counts(take("areas", rows)) == (0, 0, 4, 0)
    rows[1][3] = "30"
    assert counts(take("areas", rows)) == (0, 1, 3, 0)
    root = areas.county(session)
    assert root is not None
    assert root.name == "全县"


def test_the_county_may_be_named(session: Session, take: Take) -> None:
    take("areas", [["青禾县", "莲花池社区", "", "", ""]], header=headings("areas"))
    root = areas.county(session)
    assert root is not None
    assert root.name == "青禾县"


def test_units_and_what_a_department_handles(session: Session, take: Take, place: Corner) -> None:
    rows = [
        ["甲", A, "县直部门", "青禾县", "", "县住建局", "路灯照明、漏水维修"],
        ["乙", B, "成员单位", "莲花池社区", "", "供电公司", ""],
    ]
    assert counts(take("posts", rows)) == (2, 0, 0, 0)
    assert counts(take("posts", rows)) == (0, 0, 2, 0)
    rows[0][6] = "电梯"
    assert counts(take("posts", rows)) == (0, 1, 1, 0)
    without = headings("posts")[:5]
    assert counts(take("posts", [row[:5] for row in rows], header=without)) == (0, 0, 2, 0)
    found = posts.all_serving(session, Role.DEPARTMENT, place.home.id, NOON, handled={"lift"})
    assert [posts.unit_of(session, one.person_id, one.role) for one in found] == ["县住建局"]
    assert list(posts.units(session, place.home.id, NOON)) == ["供电公司"]
    rows[0][6] = "修飞船"
    bad = take("posts", rows).bad
    assert [(one.row_number, one.reason_key) for one in bad] == [(2, "handles_unknown")]


def test_posts_with_deputies_listed_later(session: Session, take: Take, place: Corner) -> None:
    rows = [
        ["甲", A, "网格员", "莲花池社区", B],
        ["乙", B, "社会工作者", "莲花池社区", ""],
        ["乙", B, "楼栋红管家", f"{GARDEN}/3栋", C],
        ["丙", C, "联户党员", f"{GARDEN}/三号楼/1-302", ""],
    ]
    assert counts(take("posts", rows)) == (4, 0, 0, 0)
    assert counts(take("posts", rows)) == (0, 0, 4, 0)
    person = find_by_phone(session, A)
    deputy = find_by_phone(session, B)
    assert person is not None
    assert deputy is not None
    posts.set_absence(session, person.id, NOON, NOON.replace(year=2027))
    found = serving(session, Role.GRID_WORKER, place.home.id, NOON)
    assert found is not None
    assert (found.person_id, found.stands_in_for) == (deputy.id, person.id)
    found = serving(session, Role.LIAISON, place.home.id, NOON)
    assert found is not None
    assert found.area_id == place.home.id
    rows[0][4] = C
    assert counts(take("posts", rows)) == (0, 1, 3, 0)


def test_a_list_without_deputies_leaves_them(session: Session, take: Take, place: Corner) -> None:
    take("posts", [["甲", A, "网格员", "莲花池社区", B], ["乙", B, "社工", "莲花池社区", ""]])
    short = [["莲花池社区", "网格员", A, "甲"]]
    report = take("posts", short, header=["区域", "岗位", "联系电话", "名字"])
    assert counts(report) == (0, 0, 1, 0)
    (deputy,) = session.scalars(select(Post.deputy_id).where(Post.role == Role.GRID_WORKER))
    assert deputy is not None


def test_a_post_that_ended_begins_again(session: Session, take: Take, place: Corner) -> None:
    rows = [["甲", A, "网格员", "莲花池社区", ""]]
    take("posts", rows)
    (post,) = session.scalars(select(Post))
    post.until = NOON
    assert counts(take("posts", rows)) == (0, 1, 0, 0)
    assert post.until is None


def test_a_post_ends_on_the_day_that_the_list_says(
    session: Session, take: Take, place: Corner
) -> None:
    """There was no way to end one."""
    header = ["姓名", "手机号", "角色", "负责区域", "在岗到"]

    def listed(*ends: str) -> tuple[int, int, int, int]:
        who = zip(("甲", "乙"), (A, B), ends, strict=True)
        rows = [[name, phone, "网格员", "莲花池社区", end] for name, phone, end in who]
        return counts(take("posts", rows, header=header))

    assert listed("", "2026-12-31") == (2, 0, 0, 0)
    first, second = session.scalars(select(Post).order_by(Post.id))
    assert first.until is None
    assert second.until == datetime(2026, 12, 31, 16, tzinfo=UTC)  # midnight in China
    assert listed("离岗", "2026年12月31日") == (0, 1, 1, 0)
    assert first.until == NOON
    assert listed("离岗", "2026-12-31") == (0, 0, 2, 0)
    without = [["甲", A, "网格员", "莲花池社区"], ["乙", B, "网格员", "莲花池社区"]]
    assert counts(take("posts", without, header=header[:4])) == (0, 1, 1, 0)
    assert (first.until, second.until is None) == (None, False)
    assert listed("下个月", "") == (0, 0, 0, 1)


def test_the_list_names_someone_who_only_chatted(
    session: Session, take: Take, place: Corner
) -> None:
    person = someone(session, "小莲花😀", A)
    unproven = someone(session, "冒名", B, proven=False)
    take("posts", [["甲", A, "网格员", "莲花池社区", ""], ["乙", B, "律师", "莲花池社区", ""]])
    assert person.name == "甲"
    assert posts.posts_of(session, unproven.id, NOON) == []


def test_households_with_liaisons(session: Session, take: Take, place: Corner) -> None:
    take("posts", [["甲", A, "联户党员", GARDEN, ""], ["乙", B, "联户党员", GARDEN, ""]])
    base = ["莲花池社区", "莲花池花园", "3栋"]
    rows = [
        [*base, "1单元101", "户主一", C, "独居老人、残疾人", A],
        [*base, "1-102", "户主二", "", "", A],
        [*base, "一单元302室", "户主三", D, "", B],
    ]
    assert counts(take("households", rows)) == (2, 1, 0, 0)
    assert counts(take("households", rows)) == (0, 0, 3, 0)
    home = addresses.resolve_path(session, f"{GARDEN}/3栋/1-101")
    assert home is not None
    row = session.get_one(Household, home.id)
    assert (row.door, row.householder, row.phone) == ("1单元101", "户主一", C)
    assert row.groups == ["残疾人", "独居老人"]
    assert areas.homes_by_phone(session, C) == [home]
    assert home.lineage[-2] == place.buildings[2].id
    first, second = find_by_phone(session, A), find_by_phone(session, B)
    assert first is not None
    assert second is not None

    def liaison() -> int | None:
        found = serving(session, Role.LIAISON, home.id, NOON)
        return found and found.person_id if found and found.area_id == home.id else None

    assert liaison() == first.id
    rows[0][7] = B
    assert counts(take("households", rows)) == (0, 1, 2, 0)
    assert liaison() == second.id
    rows[0][5:8] = ["", "", ""]
    assert counts(take("households", rows)) == (0, 1, 2, 0)
    assert liaison() is None
    assert areas.homes_by_phone(session, C) == []
    # A list that lacks these columns leaves them as they are.
    short = [row[:4] for row in rows]
    assert counts(take("households", short, header=headings("households")[:4])) == (0, 0, 3, 0)
    assert session.get_one(Household, home.id).householder == "户主一"


def test_a_directory(session: Session, take: Take, place: Corner) -> None:
    rows = [
        ["开锁", "某开锁", A, "东门", "莲花池花园", "开锁换锁", "全天"],
        ["法律", "公共法律服务热线", "12348", "", "", "", ""],
        ["餐饮", "某粉馆", "5222222", "", "莲花池社区/荷香苑", "", ""],
    ]
    assert counts(take("directory", rows)) == (3, 0, 0, 0)
    assert counts(take("directory", rows)) == (0, 0, 3, 0)
    rows[0][6] = "8:00-20:00"
    assert counts(take("directory", rows)) == (0, 1, 2, 0)
    places = dict(session.execute(select(Entry.name, Entry.area_id)).all())
    assert places == {
        "某开锁": place.garden.id, "公共法律服务热线": None, "某粉馆": place.court.id
    }  # fmt: skip


# How it is written


def test_spreadsheets_that_hold_numbers(session: Session, take: Take, place: Corner) -> None:
    take("posts", [["甲", float(A), "联户党员", GARDEN, ""]], xlsx=True)
    assert find_by_phone(session, A) is not None
    rows = [["莲花池社区", "莲花池花园", 3.0, 302.0, "户主", 13800000000.0, "", float(A)]]
    assert counts(take("households", rows, xlsx=True)) == (1, 0, 0, 0)
    assert counts(take("households", rows, xlsx=True)) == (0, 0, 1, 0)
    home = addresses.resolve_path(session, f"{GARDEN}/3栋/302")
    assert home is not None
    assert session.get_one(Household, home.id).phone == "13800000000"


def test_rows_are_numbered_as_the_spreadsheet_shows_them(take: Take, place: Corner) -> None:
    rows: Lines = [[], ["莲花池社区", "", "3栋", ""], [], ["", "甲", "", ""]]
    for xlsx in (False, True):
        report = take("areas", rows, xlsx=xlsx)
        assert [bad.row_number for bad in report.bad] == [3, 5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(session: Session, take: Take, encoding: str) -> None:
    assert take("areas", [["莲花池社区", "莲花池花园", "1栋", "2"]], encoding=encoding).added == 1
    assert addresses.resolve_path(session, f"{GARDEN}/1栋") is not None


def test_headings_in_any_order_and_under_other_names(take: Take) -> None:
    report = take("areas", [["备", "2", "1栋", "花园", "莲花池"]],
                  header=["备注", "户 数", "楼号", "小区（片区）", "所属社区"])  # fmt: skip
    assert counts(report) == (1, 0, 0, 0)
    assert report.unknown_columns == ["备注"]


# All or nothing


def test_one_bad_row_keeps_everything_out(session: Session, take: Take, place: Corner) -> None:
    rows = [["甲", A, "网格员", "莲花池社区", ""], ["乙", "1", "网格员", "莲花池社区", ""]]
    report = take("posts", rows)
    assert (report.refused, report.imported, counts(report)) == (True, False, (0, 0, 0, 1))
    assert session.scalar(select(func.count()).select_from(Person)) == 0
    report = take("posts", rows, skip_bad=True)
    assert (report.refused, report.imported, counts(report)) == (False, True, (1, 0, 0, 1))


def test_the_directory_goes_out_and_comes_back(session: Session, take: Take, place: Corner) -> None:
    rows = [
        ["开锁", "某开锁", A, "东门", "莲花池花园", "开锁换锁", "全天", "2025-12-01"],
        ["法律", "公共法律服务热线", "12348", "", "", "", "", ""],
    ]
    assert counts(take("directory", rows)) == (2, 0, 0, 0)
    head, *lines = directory_lines(session)
    assert head == headings("directory")
    assert lines[0] == [*rows[0][:4], "莲花池社区/莲花池花园", *rows[0][5:]]
    assert lines[1][7] == NOON.date().isoformat(), "what a list brings anew is verified that day"
    assert counts(take("directory", lines)) == (0, 0, 2, 0)
    assert counts(take("directory", [row[:7] for row in lines])) == (0, 0, 2, 0)


def test_a_dry_run_counts_and_writes_nothing(session: Session, take: Take, place: Corner) -> None:
    lists: list[tuple[Kind, Lines]] = [
        ("areas", [["新社区", "新小区", "1栋", "3"]]),
        ("posts", [["甲", A, "网格员", "莲花池社区", ""]]),
        ("households", [["莲花池社区", "莲花池花园", "3栋", "9-901", "某", B, "", ""]]),
        ("directory", [["开锁", "某开锁", A, "", "", "", ""]]),
    ]
    for kind, rows in lists:
        report = take(kind, rows, dry_run=True)
        assert (report.imported, report.refused, counts(report)) == (False, False, (1, 0, 0, 0))
        assert take(kind, rows, dry_run=True).added == 1
    for table in (Person, Post, Entry):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert addresses.resolve_path(session, "新社区") is None
    assert addresses.resolve_path(session, f"{GARDEN}/3栋/9-901") is None


def test_skipping_takes_along_those_who_needed_the_skipped(take: Take, place: Corner) -> None:
    rows = [
        ["甲", A, "网格员", "莲花池社区", B],
        ["乙", B, "网格员", "莲花池社区", C],
        ["丙", C, "没有的角色", "莲花池社区", ""],
        ["丁", D, "律师", "莲花池社区", ""],
    ]
    report = take("posts", rows, skip_bad=True)
    assert [(bad.row_number, bad.reason_key) for bad in report.bad] == [
        (2, "deputy_unknown"), (3, "deputy_unknown"), (4, "role_unknown")
    ]  # fmt: skip
    assert report.added == 1


def test_a_ring_through_what_is_known_already(take: Take, place: Corner) -> None:
    take("posts", [["甲", A, "网格员", "莲花池社区", B], ["乙", B, "社工", "莲花池社区", ""]])
    report = take("posts", [["乙", B, "律师", "莲花池社区", A]])
    assert [bad.reason_key for bad in report.bad] == ["deputy_cycle"]
    # The other way round is no ring, because the list itself takes the old deputy away.
    turned = [["甲", A, "网格员", "莲花池社区", ""], ["乙", B, "社工", "莲花池社区", A]]
    assert counts(take("posts", turned)) == (0, 2, 0, 0)


def test_progress_reaches_its_end(session: Session, tmp_path: Path, place: Corner) -> None:
    steps: list[tuple[int, int]] = []
    path = write_csv(tmp_path / "list.csv", [headings("areas"), ["", "甲社区", "", "", ""]])
    import_file(
        session, "areas", path, dry_run=False, skip_bad=False, now=NOON,
        progress=lambda done, total: steps.append((done, total)),
    )  # fmt: skip
    assert steps[-1] == (2, 2)


def test_headings_of_every_kind() -> None:
    assert {kind: headings(kind) for kind in KINDS} == {
        "areas": ["县", "社区", "小区", "楼栋", "户数"],
        "posts": [
            "姓名", "手机号", "角色", "负责区域", "替岗人手机号", "单位", "分管事项", "电话公开",
            "在岗到"
        ],
        "households": [
            "社区", "小区", "楼栋", "门牌", "户主", "手机号", "特殊群体", "联户党员手机号"
        ],
        "directory": [
            "类别", "名称", "电话", "地址", "所属小区", "服务内容", "营业时间", "核对日期"
        ],
        "calendar": ["日期", "上班/放假", "时段", "区域", "说明"],
        "services": [
            "代号", "名称", "说明", "开头问的话", "开头说的话", "问类别", "问地点", "先接的岗位",
            "上报顺序", "计时", "接单时限", "办结时限", "到时间怎么办", "保密", "办结要照片",
            "可以“我也遇到”", "另外要问的", "停用",
        ],
        "places": [
            "类别", "名称", "所属区域", "地址", "做什么", "开放时间", "负责人", "电话",
            "管理员手机号", "纬度", "经度", "坐标来源", "停用",
        ],
        "guides": [
            "代号", "名称", "分类", "居民怎么说", "一句话", "谁能办", "要带的材料", "到哪办",
            "什么时候办", "要多久", "多少钱", "电话", "代办步骤", "适用区域", "核对日期", "来源",
            "停用",
        ],
        "faqs": ["代号", "问题", "回答", "对应事项", "别的问法", "停用"],
        "rota": [
            "姓名", "手机号", "类型", "区域", "日子", "时间", "地点", "每次几分钟", "身份"
        ],
    }  # fmt: skip
