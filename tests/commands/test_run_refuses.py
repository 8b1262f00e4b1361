"""`run` with settings that cannot work says which, and what to do, and shows no traceback."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.commands.run import _bots
from storage.database import migrate, open_engine
from storage.vault import Vault, open_vault

TOKEN = "1001:" + "r" * 35
OTHER = "1002:" + "s" * 35


@pytest.fixture(autouse=True)
def _house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'x.db'}")
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "x.key"))
    monkeypatch.setenv("WEB_PORT", "0")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["run", *words])


def refused(told: Result) -> str:
    """What it said when it ended in words, and not by an error of its own."""
    assert told.exit_code == 1
    assert isinstance(told.exception, SystemExit), told.exception
    assert "Traceback" not in told.output
    return told.output


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL 填得不对"),
        ({"WEB_PORT": "abc"}, "WEB_PORT 填得不对"),
        ({"TELEGRAM_RATE": "-1", "TELEGRAM_LIBRARY": "telebot"}, "TELEGRAM_LIBRARY、TELEGRAM_RATE"),
        ({"TIME_ZONE": "Mars/Base"}, "TIME_ZONE=Asia/Shanghai"),
        ({"DATABASE_URL": "postgresql://u:secret@127.0.0.1:abc/x"}, "DATABASE_URL 写得不对"),
        ({"DATABASE_URL": "mysql://u:secret@127.0.0.1/x"}, "DATABASE_URL 写得不对"),
        ({"TELEGRAM_TOKEN": TOKEN, "WEBHOOK_URL": "https://a.example"}, "WEBHOOK_SECRET"),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_PROXY": "foo"}, "TELEGRAM_PROXY 写得不对"),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_STAFF_TOKEN": TOKEN}, "同一个机器人"),
        ({"KEY_FILE": "/"}, "已损坏或读不出来"),
        ({"KEY_FILE": "/proc/no/key"}, "/proc/no"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_told_in_words(
    settings: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    said = refused(run())
    assert words in said
    assert TOKEN not in said
    assert "secret" not in said


@pytest.mark.parametrize("command", [["stats", "--from", "2026-01-01", "--to", "2026-01-31"]])
def test_other_commands_say_it_too(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIME_ZONE", "Mars/Base")
    assert "TIME_ZONE" in refused(CliRunner().invoke(app, command))
    monkeypatch.setenv("TIME_ZONE", "Asia/Shanghai")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    assert "LOG_LEVEL" in refused(CliRunner().invoke(app, command))


def test_a_bot_that_has_not_answered_is_not_listed_as_if_it_had() -> None:
    """`run` named each bot by its channel, also one whose token Telegram had just refused."""
    quiet = SimpleNamespace(is_open=False)
    channels = {"telegram": SimpleNamespace(is_open=True), "telegram_staff": quiet, "web": quiet}
    program: Any = SimpleNamespace(channels=channels, opened=channels)
    assert _bots(program) == [("telegram", True), ("telegram_staff", False)]
    program.opened = {}  # a process that only sends asks for nothing
    assert _bots(program) == [("telegram", True), ("telegram_staff", True)]


@pytest.mark.parametrize("command", ["classify", "understand"])
def test_a_command_without_its_words_asks_for_them(command: str) -> None:
    assert "写在命令后面" in refused(CliRunner().invoke(app, [command]))


def test_a_database_of_a_newer_program(tmp_path: Path, database_url: str, vault: Vault) -> None:
    engine = open_engine(database_url, vault)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    told = CliRunner().invoke(app, ["run"], env={"DATABASE_URL": database_url})
    assert "更新版本的程序用过" in refused(told)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"a shopping list, " * 500)
    said = refused(run())
    assert "不是数据库文件，或者已经损坏" in said
    assert "用户名和密码" not in said


def test_a_damaged_database(tmp_path: Path) -> None:
    engine = open_engine(
        f"sqlite:///{tmp_path / 'x.db'}", open_vault(tmp_path / "x.key", create=True)
    )
    migrate(engine)
    engine.dispose()  # the last to leave puts the log into the file
    whole = (tmp_path / "x.db").read_bytes()
    (tmp_path / "x.db").write_bytes(whole[:100] + b"\xff" * 8092 + whole[8192:])
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(tmp_path / "x.db").execute("SELECT * FROM people")
    assert "已经损坏" in refused(run())


def test_a_port_that_is_taken_is_named_with_its_own_setting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_BASE", "http://127.0.0.1:9")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("STATUS_PORT", str(port))
        said = refused(run())
        assert f"打不开端口 {port}" in said
        assert "改 STATUS_PORT" in said
        assert "WEB_PORT" not in said
        monkeypatch.setenv("STATUS_PORT", "0")
        monkeypatch.setenv("WEB_PORT", str(port))
        assert "改 WEB_PORT" in refused(run())
    monkeypatch.setenv("STATUS_PORT", str(port))  # free now, until the page has it
    assert "改 STATUS_PORT" in refused(run())
    assert "Unclosed" not in caplog.text


def test_a_sender_that_has_nothing_to_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/x")
    assert "TELEGRAM_TOKEN 没有填" in refused(run("--role", "sender"))
