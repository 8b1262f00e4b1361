"""Every reason for which a row or a file is not taken, and that none gives a number away."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from storage import areas, posts
from storage.areas import Level
from storage.importing import Kind, import_file
from storage.posts import Role
from tests.storage.county import NOON, Corner, someone
from tests.storage.lists import BAD_GUIDES, GARDEN, A, B, C, D, Lines, Take, place, take, write_xlsx

__all__ = ["place", "take"]

REASONS = tomllib.loads(
    (Path(__file__).parents[2] / "templates/import/reasons.toml").read_text("utf-8")
)
PHONE = re.compile(r"(?<!\d)\d{7,}(?!\d)")

# Every reason there is

TOWN = ["莲花池社区", "莲花池花园", "3栋"]
HOME = [*TOWN, "1-101", "户主", "", "", ""]
POST = ["甲", A, "网格员", "莲花池社区", ""]
DATE = ["2026-10-10", "上班", "", "", "国庆补班"]
ROTA = ["律师甲", A, "律师进社区", "莲花池社区", "周三", "14:00-17:00", "一楼", "30", ""]
SHOP = ["开锁", "某开锁", A, "", "", "", ""]
CANTEEN = [
    "幸福食堂",
    "莲花池食堂",
    "莲花池社区",
    "",
    "",
    "",
    "",
    "",
    "",
    "29.35",
    "106.55",
    "高德",
    "否",
]
LADDER = "小区：调解员 > 社区：社会工作者 > 县直部门：管理员"
SERVICE = [
    "", "陪诊服务", "老人看病没人陪", "", "", "否", "否", "网格员", LADDER,
    "工作时间", "2小时", "3个工作日", "自动上报", "只给经手人", "否", "否", "", "否",
]  # fmt: skip


def but(row: list[str], **changes: Any) -> list[Any]:
    """A good row with some cells (``c1=...``) changed."""
    cells: list[Any] = list(row)
    for name, value in changes.items():
        cells[int(name[1:])] = value
    return cells


BAD: list[tuple[Kind, Lines, str]] = [
    ("places", [but(CANTEEN, c0="网吧")], "word_bad"),
    ("places", [but(CANTEEN, c1="")], "cell_empty"),
    ("places", [but(CANTEEN, c2="火星社区")], "area_unknown"),
    ("places", [but(CANTEEN, c7="电话")], "phone_bad"),
    ("places", [but(CANTEEN, c8="123")], "phone_bad"),
    ("places", [but(CANTEEN, c9="106.55", c10="29.35")], "degrees_bad"),
    ("places", [but(CANTEEN, c9="nan")], "degrees_bad"),
    ("places", [but(CANTEEN, c11="百度")], "word_bad"),
    ("places", [but(CANTEEN, c12="也许")], "word_bad"),
    ("places", [CANTEEN, CANTEEN], "row_twice"),
    ("posts", [[*POST, "", "", "也许"]], "word_bad"),
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
    ("posts", [[*POST, "", "造飞船"]], "handles_unknown"),
    ("posts", [[*POST, "", "", "", "下个月"]], "post_until_bad"),
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
    ("directory", [[*SHOP, "前阵子"]], "date_bad"),
    ("directory", [[*SHOP, "2099-01-01"]], "day_ahead"),
    ("rota", [but(ROTA, c0="")], "cell_empty"),
    ("rota", [but(ROTA, c1="199")], "phone_bad"),
    ("rota", [but(ROTA, c2="值日")], "word_bad"),
    ("rota", [but(ROTA, c3="没有社区")], "area_unknown"),
    ("rota", [but(ROTA, c4="哪天都行")], "rota_day"),
    ("rota", [but(ROTA, c4="每月32日")], "rota_day"),
    ("rota", [but(ROTA, c4="周五到周一")], "rota_day"),
    ("rota", [but(ROTA, c5="下午")], "one_window"),
    ("rota", [but(ROTA, c5="8:30-12:00 14:00-17:00")], "one_window"),
    ("rota", [but(ROTA, c7="半小时")], "number_bad"),
    ("rota", [but(ROTA, c7="180")], "number_bad"),
    ("rota", [ROTA, but(ROTA, c4="周一到周五")], "row_twice"),
    ("rota", [ROTA, but(ROTA, c0="律师乙", c4="周四")], "name_differs"),
    ("calendar", [but(DATE, c0="")], "cell_empty"),
    ("calendar", [but(DATE, c0="10月10日")], "day_bad"),
    ("calendar", [but(DATE, c0="2026-02-30")], "day_bad"),
    ("calendar", [but(DATE, c0="2206-10-10")], "day_bad"),
    ("calendar", [but(DATE, c1="")], "cell_empty"),
    ("calendar", [but(DATE, c1="调休")], "worked_bad"),
    ("calendar", [but(DATE, c2="上午")], "windows_bad"),
    ("calendar", [but(DATE, c2="12:00-8:30")], "windows_wrong"),
    ("calendar", [but(DATE, c1="放假", c2="8:30-12:00")], "windows_off"),
    ("calendar", [but(DATE, c0="平时")], "windows_missing"),
    ("calendar", [but(DATE, c0="平时", c1="放假")], "ordinary_off"),
    ("calendar", [but(DATE, c3="没有社区")], "area_unknown"),
    ("calendar", [but(DATE, c4="说" * 65)], "cell_long"),
    ("calendar", [DATE, but(DATE, c0="2026/10/10", c1="放假", c3="青禾县")], "row_twice"),
]
BAD_SERVICES: list[tuple[dict[str, str], str]] = [
    ({"c1": ""}, "cell_empty"),
    ({"c1": "——"}, "no_label"),
    ({"c1": "陪诊" * 7}, "cell_long"),
    ({"c2": "说" * 41}, "cell_long"),
    ({"c0": "wish", "c1": "代办"}, "label_taken"),
    ({"c0": "wish", "c1": "心愿单"}, "row_twice"),
    ({"c0": "peizhen"}, "service_unknown"),
    ({"c4": "陪诊、代办"}, "word_taken"),
    ({"c4": "陪"}, "word_short"),
    ({"c5": "路灯照明、修车"}, "kind_unknown"),
    ({"c6": "也许"}, "word_bad"),
    ({"c7": "网格员、厨师"}, "role_unknown"),
    ({"c8": "先找网格员"}, "ladder_bad"),
    ({"c8": "天上：网格员"}, "word_bad"),
    ({"c8": "网格：网格员 > 社区：社工、网格员"}, "role_twice"),
    ({"c9": "看情况"}, "word_bad"),
    ({"c10": "尽快"}, "limit_bad"),
    ({"c10": "0小时"}, "limit_bad"),
    ({"c10": "2小时 > 4小时"}, "steps_differ"),
    ({"c11": "61天"}, "limit_range"),
    ({"c12": "再说"}, "word_bad"),
    ({"c13": "秘密"}, "word_bad"),
    ({"c13": "保密"}, "confidential_to_neighbours"),
    ({"c15": "是"}, "joinable_private"),
    ({"c16": "去哪儿？（选：医院）"}, "bad_question"),
    ({"c16": "去哪儿？；去哪儿？"}, "bad_question"),
    ({"c16": "；".join(f"第{n}问？" for n in range(6))}, "questions_many"),
    ({"c0": "request", "c1": "微诉求", "c17": "是"}, "must_stay"),
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


def test_every_bad_row_of_a_services_list_says_why(session: Session, take: Take) -> None:
    """All in one list, each row about a service of its own."""
    rows = [
        but(SERVICE, **{"c1": f"第{number}项服务", **changes})
        for number, (changes, _) in enumerate(BAD_SERVICES)
    ]
    report = take("services", rows)
    told = [(bad.row_number, bad.reason_key) for bad in report.bad]
    assert told == [(n, reason) for n, (_, reason) in enumerate(BAD_SERVICES, 2)]
    for bad in report.bad:
        assert REASONS[bad.reason_key].format(**bad.facts)
    assert report.refused
    assert take("services", [SERVICE]).added == 1


def test_every_reason_is_tested() -> None:
    tested = {reason for *_, reason in (*BAD, *BAD_SERVICES, *BAD_GUIDES)}
    assert tested | OF_THE_FILE == set(REASONS)


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


def test_a_number_under_the_wrong_heading_is_not_given_away(take: Take, place: Corner) -> None:
    for row in ([A, "甲", "网格员", "x", ""], ["甲", B, "199 0000 0001", "x", ""],
                ["甲", B, "网格员", f"莲花池社区/{A}", ""]):  # fmt: skip
        (bad,) = take("posts", [row]).bad
        assert not PHONE.search(REASONS[bad.reason_key].format(**bad.facts).replace(" ", ""))
    report = take("posts", [], header=["甲", A, "网格员"])
    assert report.unknown_columns == ["甲", "199****0001", "网格员"]
