"""`python -m bot directory search`, over a directory imported into a new database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app

AREAS = """社区,小区,楼栋,户数
莲花池社区,荷香苑,1栋,24
青石桥社区,青石巷,2栋,24
青石桥社区,荷香苑,1栋,8
"""
ENTRIES = """类别,名称,电话,所属小区,服务内容,营业时间
锁具服务,铁将军,13800000007,,急开锁,24小时
锁具服务,顺达,13800000008,{compound},配钥匙,24小时
居家修缮,万通,13800000009,,通马桶,24小时
"""


def run(*words: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=given)


@pytest.fixture
def _imported(tmp_path: Path) -> None:
    Path("d.csv").write_text(ENTRIES.format(compound=""), "utf-8")
    assert run("import", "directory", "d.csv").exit_code == 0


@pytest.mark.usefixtures("_imported")
def test_one_request_in_words_for_people() -> None:
    found = run("directory", "search", "马桶堵了")
    assert found.exit_code == 0
    assert found.output.startswith("居家修缮　万通　全县　0.")
    assert "没找到“早上好”。" in run("directory", "search", "早上好").output


@pytest.mark.usefixtures("_imported")
def test_a_line_each_in_order() -> None:
    given = "kaisuo\n\n裝個鎖\r\n早上好\nmatong du le".encode() + b"\n\xff\xfe"
    lines = run("directory", "search", "-", given=given).output.splitlines()
    answers = [json.loads(line) for line in lines]
    assert [answer["text"] for answer in answers[:5]] == [
        "kaisuo",
        "",
        "裝個鎖",
        "早上好",
        "matong du le",
    ]
    best = [answer["results"][0]["category"] if answer["results"] else "" for answer in answers]
    assert best == ["锁具服务", "", "锁具服务", "", "居家修缮", ""]
    assert {"category", "name", "compound", "score"} <= set(answers[0]["results"][0])


@pytest.mark.usefixtures("_imported")
def test_json_for_one_and_how_many() -> None:
    found = json.loads(run("directory", "search", "开锁", "--json", "--limit", "1").output)
    assert found["text"] == "开锁"
    assert [hit["category"] for hit in found["results"]] == ["锁具服务"]


@pytest.mark.usefixtures("_imported")
def test_a_compound_where_there_are_none() -> None:
    found = run("directory", "search", "开锁", "--compound", "荷香苑")
    assert found.exit_code == 1
    assert "没有叫“荷香苑”的小区" in found.output
    assert "区域表" in found.output


def test_from_a_compound() -> None:
    Path("a.csv").write_text(AREAS, "utf-8")
    Path("d.csv").write_text(ENTRIES.format(compound="青石巷"), "utf-8")
    for kind, file in (("areas", "a.csv"), ("directory", "d.csv")):
        assert run("import", kind, file).exit_code == 0
    near = run("directory", "search", "开锁", "--compound", "青石巷", "--json")
    assert [hit["name"] for hit in json.loads(near.output)["results"]] == ["顺达", "铁将军"]
    several = run("directory", "search", "开锁", "--compound", "荷香苑")
    assert several.exit_code == 1
    assert "莲花池社区/荷香苑" in several.output
    one = run("directory", "search", "开锁", "--compound", "莲花池社区/荷香苑", "--json")
    assert [hit["name"] for hit in json.loads(one.output)["results"]] == ["铁将军", "顺达"]
    assert "是不是：青石巷" in run("directory", "search", "开锁", "--compound", "青石项").output
