"""`python -m bot transcript`: the talk as a person reads it, with the runtime's packages only."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.commands import transcript

LINES = (
    "居民 王阿姨 ▷ 楼道灯坏了三天，老人下楼看不见〔照片〕",
    "［1 同意］［2 先不了］",
    "网格员 李建国 ▷ ［1 接单］",
    "家门口 ▶ 王阿姨：您的 1号，网格员李建国接了，正在办。",
    "状态：居民说已解决",
    "居民 王阿姨 ▷ 来得真快，谢谢李师傅",
    "走完了",
)
WITHOUT_TOOLS = """
import sys
sys.modules.update(dict.fromkeys(["pytest", "hypothesis", "PIL", "xlsxwriter", "playwright"]))
from bot.__main__ import app
app()
"""


@pytest.mark.parametrize("channel", ["web", "aiogram"])
def test_the_talk_is_printed(channel: str) -> None:
    result = CliRunner().invoke(app, ["transcript", "--channel", channel])
    assert result.exit_code == 0, result.output
    for line in LINES:
        assert line in result.output


def test_it_runs_with_the_runtime_packages_only() -> None:
    command = [sys.executable, "-c", WITHOUT_TOOLS, "transcript", "--channel", "ptb"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    for line in LINES:
        assert line in done.stdout


def test_without_the_tests_folder_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(transcript, "ROOT", tmp_path)
    result = CliRunner().invoke(app, ["transcript", "--channel", "web"])
    assert result.exit_code == 1
    assert "tests 文件夹" in result.output
