"""`sample` and `import` as an operator runs them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.commands.county import app


@pytest.fixture
def command(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "test.key"))
    return CliRunner()


def test_the_sample_once_twice_and_over_another(command: CliRunner) -> None:
    first = command.invoke(app, ["sample"])
    assert first.exit_code == 0, first.output
    assert "120 户" in first.output
    again = command.invoke(app, ["sample"])
    assert (again.exit_code, "什么都没有改" in again.output) == (0, True)
    other = command.invoke(app, ["sample", "--seed", "1"])
    assert (other.exit_code, "空库" in other.output) == (1, True)


def test_importing_a_list(command: CliRunner, tmp_path: Path) -> None:
    good = tmp_path / "areas.csv"
    good.write_text("社区,小区,楼栋,户数,备注\n莲花池社区,花园,1栋,24,[red]\n", "utf-8")
    tried = command.invoke(app, ["import", "areas", str(good), "--dry-run"])
    assert tried.exit_code == 0, tried.output
    assert "新增 1" in tried.output
    assert "什么都没有写入" in tried.output
    for added in (1, 0):
        done = command.invoke(app, ["import", "areas", str(good)])
        assert done.exit_code == 0, done.output
        assert f"新增 {added}" in done.output
    assert "备注" in done.output


def test_bad_rows_are_told_and_make_it_fail(command: CliRunner, tmp_path: Path) -> None:
    areas = tmp_path / "areas.csv"
    areas.write_text("社区,小区,楼栋\n莲花池社区,,\n", "utf-8")
    command.invoke(app, ["import", "areas", str(areas)])
    bad = tmp_path / "posts.csv"
    bad.write_text(
        "姓名,手机号,角色,负责区域\n甲,19900000001,网格员,莲花池社区\n"
        "乙,19900000002,[bold]厨师,莲花池社区\n丙,1990000000312,网格员,莲花池社区\n",
        "utf-8",
    )
    for extra in ([], ["--dry-run"]):
        refused = command.invoke(app, ["import", "posts", str(bad), *extra])
        assert refused.exit_code == 1
        assert "第 3 行：没有“[bold]厨师”这个角色" in refused.output
        assert "第 4 行" in refused.output
        assert "1990000000312" not in refused.output
        assert "一行都没有导入" in refused.output
    skipped = command.invoke(app, ["import", "posts", str(bad), "--skip-bad"])
    assert skipped.exit_code == 0, skipped.output
    assert "新增 1" in skipped.output


def test_a_bad_file_fails_even_when_rows_may_be_skipped(command: CliRunner) -> None:
    done = command.invoke(app, ["import", "areas", "没有.xlsx", "--skip-bad"])
    assert (done.exit_code, "找不到文件" in done.output) == (1, True)
    assert command.invoke(app, ["import", "weather", "x.csv"]).exit_code == 2
