"""Lists from spreadsheets: what is taken, what is refused and why, and that twice is once."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import areas, posts
from storage.areas import Household, Level
from storage.entries import Entry
from storage.importing import KINDS, Kind, Report, headings, import_file
from storage.people import Person, find_by_phone
from storage.posts import Post, Role, serving
from tests.storage.county import NOON, Corner, corner, someone

REASONS = tomllib.loads(
    (Path(__file__).parents[2] / "templates/import/reasons.toml").read_text("utf-8")
)
PHONE = re.compile(r"(?<!\d)\d{7,}(?!\d)")
A, B, C, D = (f"1990000000{n}" for n in range(1, 5))
GARDEN = "莲花池社区/莲花池花园"

Lines = list[list[Any]]


def write_csv(path: Path, lines: Lines, encoding: str = "utf-8-sig") -> Path:
    with open(path, "w", encoding=encoding, newline="") as out:
        csv.writer(out).writerows(lines)
    return path


def write_xlsx(path: Path, lines: Lines) -> Path:
    book = xlsxwriter.Workbook(path, {"default_date_format": "m-d"})
    sheet = book.add_worksheet()
    for number, line in enumerate(lines):
        for column, value in enumerate(line):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value)
            else:
                sheet.write(number, column, value)
    book.close()
    return path


Take = Callable[..., Report]


@pytest.fixture
def place(session: Session) -> Corner:
    return corner(session)


@pytest.fixture
def take(session: Session, tmp_path: Path) -> Take:
    """Import rows under the kind's own headings, or whole lines with `header`."""

    def run(
        kind: Kind,
        rows: Lines,
        *,
        header: list[str] | None = None,
        dry_run: bool = False,
        skip_bad: bool = False,
        xlsx: bool = False,
        encoding: str = "utf-8-sig",
    ) -> Report:
        own = headings(kind)[1:] if kind == "areas" else headings(kind)
        lines = [header or own, *rows]
        if xlsx:
            path = write_xlsx(tmp_path / "list.xlsx", lines)
        else:
            path = write_csv(tmp_path / "list.csv", lines, encoding)
        return import_file(session, kind, path, dry_run=dry_run, skip_bad=skip_bad, now=NOON)

    return run


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
    building = areas.resolve_path(session, f"{GARDEN}/1栋")
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
    home = areas.resolve_path(session, f"{GARDEN}/3栋/1-101")
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
    home = areas.resolve_path(session, f"{GARDEN}/3栋/302")
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
    assert areas.resolve_path(session, f"{GARDEN}/1栋") is not None


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
    assert areas.resolve_path(session, "新社区") is None
    assert areas.resolve_path(session, f"{GARDEN}/3栋/9-901") is None


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


# Every reason there is

TOWN = ["莲花池社区", "莲花池花园", "3栋"]
HOME = [*TOWN, "1-101", "户主", "", "", ""]
POST = ["甲", A, "网格员", "莲花池社区", ""]
SHOP = ["开锁", "某开锁", A, "", "", "", ""]


def but(row: list[str], **changes: Any) -> list[Any]:
    """A good row with some cells (``c1=...``) changed."""
    cells: list[Any] = list(row)
    for name, value in changes.items():
        cells[int(name[1:])] = value
    return cells


BAD: list[tuple[Kind, Lines, str]] = [
    ("areas", [["", "小区", "", ""]], "cell_empty"),
    ("areas", [["社区" * 40, "", "", ""]], "cell_long"),
    ("areas", [["莲花池社区", "", "3栋", ""]], "compound_needed"),
    ("areas", [["莲花池社区", "花园", "", "30"]], "building_needed"),
    ("areas", [[*TOWN, "三十"]], "number_bad"),
    ("areas", [[*TOWN, "²"]], "number_bad"),
    ("areas", [[*TOWN, "99999"]], "number_bad"),
    ("areas", [[*TOWN, "30"], ["蓮花池", "莲花池花园", "三号楼", "31"]], "row_twice"),
    ("areas", [["——", "", "", ""]], "cell_empty"),
    ("posts", [but(POST, c0="")], "cell_empty"),
    ("posts", [but(POST, c1="")], "cell_empty"),
    ("posts", [but(POST, c1="1990000000")], "phone_bad"),
    ("posts", [but(POST, c1="12345")], "phone_bad"),
    ("posts", [but(POST, c2="厨师")], "role_unknown"),
    ("posts", [but(POST, c3="没有社区")], "area_unknown"),
    ("posts", [but(POST, c3=f"{GARDEN}/3栋/9-999")], "area_unknown"),
    ("posts", [but(POST, c3=f"{GARDEN}/3栋/1-302/2")], "area_unknown"),
    ("posts", [but(POST, c4="199")], "phone_bad"),
    ("posts", [but(POST, c4=B)], "deputy_unknown"),
    ("posts", [but(POST, c4=f"+86 {A}")], "deputy_self"),
    ("posts", [but(POST, c4=B), but(POST, c0="乙", c1=B, c4=A)], "deputy_cycle"),
    ("posts", [POST, but(POST, c3="蓮花池")], "row_twice"),
    ("posts", [POST, but(POST, c0="乙", c2="律师")], "name_differs"),
    ("posts", [but(POST, c1=D)], "phone_of_another"),
    ("households", [but(HOME, c0="没有")], "community_unknown"),
    ("households", [but(HOME, c1="没有")], "compound_unknown"),
    ("households", [but(HOME, c2="99栋")], "building_unknown"),
    ("households", [but(HOME, c3="")], "cell_empty"),
    ("households", [but(HOME, c3="楼上")], "door_bad"),
    ("households", [but(HOME, c5="1990000000")], "phone_bad"),
    ("households", [but(HOME, c7="1990000000")], "phone_bad"),
    ("households", [but(HOME, c7=C)], "liaison_unknown"),
    ("households", [but(HOME, c7=A)], "liaison_unknown"),
    ("households", [HOME, but(HOME, c3="一单元101室")], "row_twice"),
    ("directory", [but(SHOP, c0="")], "cell_empty"),
    ("directory", [but(SHOP, c1="店" * 65)], "cell_long"),
    ("directory", [but(SHOP, c2="13800000000/13900000000")], "phone_bad"),
    ("directory", [but(SHOP, c4="没有小区")], "area_unknown"),
    ("directory", [but(SHOP, c4="同名小区")], "area_ambiguous"),
    ("directory", [SHOP, SHOP], "row_twice"),
]
OF_THE_FILE = {
    "file_missing", "file_kind", "file_unreadable", "file_encoding", "file_empty",
    "column_missing", "column_twice", "cell_date",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "rows", "reason"), BAD)
def test_every_bad_row_says_why(
    session: Session, take: Take, place: Corner, kind: Kind, rows: Lines, reason: str
) -> None:
    other = areas.add(session, place.county, Level.COMMUNITY, "青石桥社区")
    for community in (place.community, other):
        areas.add(session, community, Level.COMPOUND, "同名小区")
    known = someone(session, "早就在册的", D)
    posts.set_post(session, person_id=known.id, role=Role.LAWYER, area_id=place.community.id)
    someone(session, "", A)  # known by a chat only, with no post
    report = take(kind, rows)
    bad = report.bad[-1]
    assert (bad.reason_key, bad.row_number) == (reason, len(rows) + 1)
    assert report.refused
    sentence = REASONS[reason].format(**bad.facts)
    assert not PHONE.search(sentence)


def test_every_reason_is_tested() -> None:
    assert {reason for *_, reason in BAD} | OF_THE_FILE == set(REASONS)


def test_a_door_that_became_a_date(take: Take, place: Corner) -> None:
    report = take("households", [but(HOME, c3=date(2026, 1, 12))], xlsx=True)
    (bad,) = report.bad
    assert (bad.reason_key, bad.facts["column"]) == ("cell_date", "门牌")
    assert REASONS["cell_date"].format(**bad.facts)


def test_files_that_cannot_be_read(session: Session, tmp_path: Path) -> None:
    def reason(name: str, content: bytes | None) -> str:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        report = import_file(session, "areas", path, dry_run=False, skip_bad=True, now=NOON)
        (bad,) = report.bad
        assert (report.refused, report.rows, bad.row_number) == (True, 0, 0)
        assert REASONS[bad.reason_key].format(**bad.facts)
        return bad.reason_key

    assert reason("none.csv", None) == "file_missing"
    assert reason("list.pdf", b"%PDF") == "file_kind"
    assert reason("list.xlsx", b"not a workbook") == "file_unreadable"
    assert reason("list.xlsx", b"") == "file_unreadable"
    assert reason("list.csv", b"\xff\xff\xff") == "file_encoding"
    assert reason("list.csv", b"") == "file_empty"
    assert reason("list.csv", "\n社区,小区".encode()) == "file_empty"
    write_xlsx(tmp_path / "empty.xlsx", [])
    assert reason("empty.xlsx", None) == "file_empty"


def test_headings_that_are_missing_or_double(take: Take) -> None:
    report = take("areas", [["x", "y", "z"]], header=["社区", "所属社区", "户数"], skip_bad=True)
    assert report.refused
    assert [(bad.row_number, bad.reason_key, bad.facts["column"]) for bad in report.bad] == [
        (1, "column_twice", "社区"),
        (1, "column_missing", "小区"),
        (1, "column_missing", "楼栋"),
    ]
    for bad in report.bad:
        assert REASONS[bad.reason_key].format(**bad.facts)


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
        "posts": ["姓名", "手机号", "角色", "负责区域", "替岗人手机号"],
        "households": [
            "社区", "小区", "楼栋", "门牌", "户主", "手机号", "特殊群体", "联户党员手机号"
        ],
        "directory": ["类别", "名称", "电话", "地址", "所属小区", "服务内容", "营业时间"],
    }  # fmt: skip
