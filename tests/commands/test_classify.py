"""`python -m bot classify`: one line a text, whatever is piped in, quickly."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from typer.testing import CliRunner

from bot.__main__ import app

KEYS = {
    "service",
    "category",
    "label",
    "official_class",
    "urgency",
    "urgent",
    "dangers",
    "confidence",
    "alternatives",
}


def piped(given: bytes) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["classify", "-", "--json"], input=given)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_one_text() -> None:
    result = CliRunner().invoke(app, ["classify", "工地拖欠农民工工资", "--json"])
    answer = json.loads(result.output)
    assert set(answer) == KEYS
    assert answer["official_class"] == "劳动和社会保障"
    assert answer["alternatives"][0] == {
        "category": answer["category"],
        "confidence": answer["confidence"],
    }


def test_a_line_each_in_order() -> None:
    answers = piped("路灯坏了\n\n三楼着火了\r\n没有换行的最后一行，下水道堵了".encode())
    assert [answer["category"] for answer in answers] == ["lighting", "other", "safety", "drains"]
    assert answers[2]["urgent"]
    assert "fire" in answers[2]["dangers"]


def test_whatever_is_piped_in() -> None:
    given = b"\n".join(
        [
            "下水道堵了。".encode() * 6_000,
            bytes(range(128, 256)),
            b"\x00\x01\x1b[31m",
            "路灯".encode("gbk"),
            ("😀" * 1000).encode(),
        ]
    )
    answers = piped(given)
    assert len(answers) == 5
    assert answers[0]["category"] == "drains"


def test_nothing_piped_in_is_no_answer() -> None:
    assert piped(b"") == []


def test_each_line_is_answered_before_the_next_is_given() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "classify", "-", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for said, category in [("路灯坏了", "lighting"), ("电梯坏了", "lift")]:
            process.stdin.write(f"{said}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["category"] == category
        process.stdin.close()
        assert process.wait(10) == 0


def test_in_plain_words() -> None:
    assert "路灯照明（城乡建设）" in CliRunner().invoke(app, ["classify", "路灯坏了"]).output
    said = CliRunner().invoke(app, ["classify", "楼里着火了"]).output
    assert "119" in said


def test_the_report_names_figures_and_misses() -> None:
    said = CliRunner().invoke(app, ["classify", "--report"]).output
    assert "official_class：" in said
    assert "城乡建设：" in said
    assert "letter：" in said
    assert "harmless：" in said


def test_it_starts_without_the_rest_of_the_program() -> None:
    code = (
        "import sys; sys.argv = ['bot', 'classify', 'x']; import runpy\n"
        "try: runpy.run_module('bot', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "heavy = {'telegram', 'aiogram', 'aiohttp', 'sqlalchemy'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
