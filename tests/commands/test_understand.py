"""`python -m bot understand`: what a first message asks for, one line a text."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.commands import understand


def test_a_line_each_in_order() -> None:
    given = "我要找律师\n\n菜单\n马桶堵了\n".encode() + b"\xff\xfe\n"
    result = CliRunner().invoke(app, ["understand", "-", "--json"], input=given)
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert [answer["acts"] for answer in answers] == ["legal", "", "menu", "", ""]
    assert answers[3]["asks"] == ["directory", "request"]


def test_in_plain_words() -> None:
    assert "直接去：legal" in CliRunner().invoke(app, ["understand", "我要找律师"]).output
    assert "先问是哪一样：directory、request" in (
        CliRunner().invoke(app, ["understand", "马桶堵了"]).output
    )


def test_the_report_names_figures_and_misses() -> None:
    said = CliRunner().invoke(app, ["understand", "--report"]).output
    assert "直接办对" in said
    assert "后来新写的" in said
    assert "认错的" in said


def test_without_the_labelled_messages_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(understand, "LABELLED", understand.LABELLED / "nowhere")
    result = CliRunner().invoke(app, ["understand", "--report"])
    assert result.exit_code == 1
