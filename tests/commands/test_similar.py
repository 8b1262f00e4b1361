"""`python -m bot similar -`: one answer for each line, whatever the line is."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.commands.similar import answers
from storage.alike.records import BadRecord, matter_of, moment

LIGHT = {"text": "楼道灯不亮", "place": "长乐小区2栋"}
MORNING = datetime(2019, 1, 7, 3, 6, 12, tzinfo=UTC)
LOADED = """
import sys
sys.argv = ["bot", "similar", sys.argv[1]]
import runpy
try:
    runpy.run_module("bot", run_name="__main__")
except SystemExit as end:
    heavy = {"aiogram", "telegram", "sqlalchemy", "aiohttp"} & set(sys.modules)
    sys.exit(f"loaded {heavy}" if heavy else end.code)
"""


def lines(*records: Any) -> list[bytes]:
    return [
        one if isinstance(one, bytes) else json.dumps(one, ensure_ascii=False).encode()
        for one in records
    ]


def test_each_line_is_answered_with_the_earlier_ids() -> None:
    told = lines({"id": 1, **LIGHT}, {"id": 2, **LIGHT, "time": "2019/1/7 11:06:12"})
    assert list(answers(told)) == [{"id": 1, "similar": []}, {"id": 2, "similar": [1]}]
    assert list(answers(told, scores=True))[1] == {"id": 2, "similar": [1], "scores": [1.0]}


def test_ids_come_back_as_they_were() -> None:
    ids = [7, "7", 7.5, None, True, [1, "a"], {"board": 3}]
    told = [{"id": one, "text": "电梯坏了"} for one in ids]
    assert [answer["id"] for answer in answers(lines(*told))] == ids
    again = {"id": "new", **LIGHT}
    found = list(answers(lines({"id": [1], **LIGHT}, {"id": {"b": 2}, **LIGHT}, again)))[-1]
    assert sorted(map(str, found["similar"])) == ["[1]", "{'b': 2}"]


def test_what_cannot_be_read_is_said_and_the_others_are_answered() -> None:
    told = lines(
        b"\xef\xbb\xbf" + lines({"id": 1, **LIGHT})[0],
        b"",
        b"  \n",
        b"{not json",
        [1],
        {"text": "x"},
        {"id": 5},
        {"id": 6, "text": None},
        b'{"id": 7, "text": "\xff\\ud800"}',
        {"id": 8, "text": "", "place": ["长乐小区", {"building": 2}], "time": {}},
        {"id": 9, **LIGHT},
    )
    found = list(answers(told))
    assert [answer.get("error") for answer in found] == [
        None,
        "not_json",
        "not_an_object",
        "no_id",
        "no_text",
        "no_text",
        None,
        None,
        None,
    ]
    assert [answer["id"] for answer in found] == [1, None, None, None, 5, 6, 7, 8, 9]
    assert found[-1]["similar"] == [1]


def test_deeply_nested_json_is_refused() -> None:
    with pytest.raises(BadRecord, match="not_json"):
        matter_of("[" * 100_000)


@pytest.mark.parametrize(
    "written",
    [
        "2019-01-07T11:06:12",
        "2019-01-07T03:06:12Z",
        "2019-01-07 11:06:12+08:00",
        "2019/1/7 11:06:12",
        "2019年1月7日 11时06分12秒",
        " 2019.1.7  11:06:12 ",
        1546830372,
        "1546830372",
        1546830372000,
        1546830372.0,
    ],
)
def test_one_moment_in_many_forms(written: object) -> None:
    assert moment(written) == MORNING


@pytest.mark.parametrize(
    "written",
    [None, "", "昨天", "2019/13/45", "0001-01-01", True, [], {}, 12, 1e300, float("nan")],
)
def test_what_is_no_moment(written: object) -> None:
    assert moment(written) is None


def test_the_command_says_with_its_exit_code_that_a_line_was_bad() -> None:
    good = b"\n".join(lines({"id": 1, **LIGHT}, {"id": 2, **LIGHT}, {"id": 3, **LIGHT}))
    result = CliRunner().invoke(app, ["similar", "-", "--most", "1"], input=good)
    assert result.exit_code == 0, result.output
    told = [json.loads(line) for line in result.output.splitlines()]
    assert [answer["similar"] for answer in told] == [[], [1], [2]]
    result = CliRunner().invoke(app, ["similar", "-"], input=good + b"\nrubbish\n")
    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 4


def test_a_file_can_be_named_and_nothing_heavy_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    half = json.dumps({"id": "\ud800", **LIGHT}).encode()
    file.write_bytes(b"\n".join(lines({"id": 1, **LIGHT}, half, b"-")))
    command = [sys.executable, "-c", LOADED, str(file)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (run.returncode, run.stderr) == (1, "")
    assert [json.loads(line)["similar"] for line in run.stdout.splitlines()] == [[], [1], []]
    result = CliRunner().invoke(app, ["similar", str(tmp_path / "none")])
    assert result.exit_code == 2
