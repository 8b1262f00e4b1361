"""`check` tells what is wrong and what to do, changes nothing, and shows no secret."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jinja2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from bot.commands import check, check_places, check_telegram
from bot.commands.check import Finding, Mark, app, lines, workday_data
from bot.settings import Settings
from bot.wording import TEMPLATES
from storage import audit
from storage.database import migrate, open_engine
from storage.people import Person
from storage.vault import Vault

TOKEN = "123456789:AAF-Zk3hXoB2vJq9uYw8sT7rQ6pN5mL4kJ3"
STAFF = "987654321:BBF-Zk3hXoB2vJq9uYw8sT7rQ6pN5mL4kJ3"


@pytest.fixture(autouse=True)
def _free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_PORT", "0")


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Any:
    def to(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name.upper(), str(value))

    return to


def run() -> tuple[int, str]:
    result = CliRunner().invoke(app, [])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    for line in result.output.splitlines():
        assert line.startswith(("✅ ", "⚠️ ", "❌ ")), line
    assert "aaf-zk" not in result.output.lower()
    assert "bbf-zk" not in result.output.lower()
    return result.exit_code, result.output


def told() -> dict[str, Mark]:
    return {f.sentence: f.mark for f in check.look_at_everything(Settings())}


def test_a_fresh_machine_is_fine_and_stays_untouched() -> None:
    code, output = run()
    assert code == 0
    assert "只用网页" in output
    assert "还没有建立" in output
    assert "❌" not in output
    assert list(Path.cwd().iterdir()) == []


def test_a_set_up_machine(
    database_url: str, key_file: Path, vault: Vault, setting: Any, now: datetime
) -> None:
    engine = open_engine(database_url, vault)
    setting(database_url=database_url, key_file=key_file)
    assert told()["database_ok"] is Mark.OK
    assert told()["key_unused"] is Mark.OK
    with Session(engine) as session:
        session.add(Person(phone="13800138000", created_at=now))
        session.commit()
    code, output = run()
    assert code == 0
    assert "可以读写" in output
    assert "能打开已加密的内容" in output
    engine.dispose()


def test_an_audit_log_that_was_changed(
    database_url: str, key_file: Path, vault: Vault, setting: Any, now: datetime
) -> None:
    engine = open_engine(database_url, vault)
    setting(database_url=database_url, key_file=key_file)
    assert told()["audit_ok"] is Mark.OK
    with Session(engine) as session:
        audit.note(session, now, 1, "card", "ticket:1")
        audit.note(session, now, 1, "phone", "ticket:1", "call")
        session.commit()
    assert "最近 2 条都是原样" in run()[1]
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit SET actor_id = 2 WHERE id = 1"))
    code, output = run()
    assert code == 1
    assert "第 1 条被改过" in output
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM audit"))
    code, output = run()
    assert code == 1
    assert "最后的记录少了" in output
    engine.dispose()


def test_the_database_by_its_state(
    unmigrated_url: str, key_file: Path, vault: Vault, setting: Any
) -> None:
    setting(database_url=unmigrated_url, key_file=key_file)
    engine = open_engine(unmigrated_url, vault)
    with engine.connect():
        pass
    assert told()["database_empty"] is Mark.OK
    migrate(engine)
    assert told()["database_ok"] is Mark.OK
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert told()["database_ahead"] is Mark.BAD
    engine.dispose()


def test_a_database_that_is_behind(
    sqlite_url: str, key_file: Path, setting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting(database_url=sqlite_url, key_file=key_file)
    monkeypatch.setattr(check, "steps_behind", lambda _engine: 2)
    code, output = run()
    assert code == 0
    assert "落后 2 步" in output


def test_a_database_that_is_away(setting: Any) -> None:
    setting(database_url="postgresql://jmk:hunter22@127.0.0.1:1/jmk")
    code, output = run()
    assert code == 1
    assert "PostgreSQL（127.0.0.1/jmk）连不上" in output
    assert "hunter22" not in output


@pytest.mark.parametrize("url", ["nonsense", "mysql://root:hunter22@localhost/x"])
def test_a_url_that_is_none(setting: Any, url: str) -> None:
    setting(database_url=url)
    code, output = run()
    assert code == 1
    assert "DATABASE_URL 写得不对" in output
    assert "postgresql://用户:密码@主机/库名" in output
    assert "hunter22" not in output


def test_a_database_that_cannot_be_written(
    postgres_url: str, key_file: Path, vault: Vault, setting: Any
) -> None:
    engine = open_engine(postgres_url, vault)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    engine.dispose()
    setting(database_url=postgres_url, key_file=key_file)
    assert told()["database_readonly"] is Mark.BAD


def test_the_key_file(
    sqlite_url: str, key_file: Path, vault: Vault, setting: Any, now: datetime, tmp_path: Path
) -> None:
    key = tmp_path / "own.key"
    setting(database_url=sqlite_url, key_file=key)
    assert told()["key_new"] is Mark.OK
    shutil.copy(key_file, key)
    key.chmod(0o640)
    assert told()["key_open"] is Mark.WARN
    key.chmod(0o600)
    assert told()["key_unused"] is Mark.OK
    engine = open_engine(sqlite_url, vault)
    with Session(engine) as session:
        session.add(Person(phone="13800138000", created_at=now))
        session.commit()
    engine.dispose()
    assert told()["key_ok"] is Mark.OK
    key.write_text("nonsense")
    assert told()["key_damaged"] is Mark.BAD
    key.write_text(key_file.read_text().replace("seal dGVz", "seal AAAA"))
    assert told()["key_wrong"] is Mark.BAD
    key.unlink()
    assert told()["key_missing"] is Mark.BAD
    assert not key.exists(), "a check makes no key"


def test_broken_templates(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "import").mkdir()
    (folder / "import" / "reasons.toml").write_text("a = 1")
    (folder / "words.toml").write_text("a = 1")
    (folder / "good.j2").write_text("{{ x }}")
    (folder / "bad.j2").write_text("\n{{ x")
    (folder / "filter.j2").write_text("{{ x | no_such_filter }}")
    found = list(check._templates(Settings(), folder))
    assert [f.facts.get("name") for f in found] == ["bad.j2", "filter.j2"]
    assert found[0].facts["line"] == 2
    (folder / "words.toml").write_text("a =")
    assert [f.sentence for f in check._templates(Settings(), folder)] == ["words_bad"]


def test_our_own_templates_are_whole() -> None:
    words = [f for f in check._templates(Settings()) if f.mark is not Mark.OK]
    assert words == []


def test_a_setting_that_makes_no_sense(setting: Any) -> None:
    setting(web_port="a secret by mistake", log_level="LOUD")
    code, output = run()
    assert code == 1
    assert "LOG_LEVEL、WEB_PORT" in output
    assert "secret by mistake" not in output


def test_zone_and_workdays(setting: Any) -> None:
    assert told()["zone_ok"] is Mark.OK
    setting(time_zone="Europe/Paris")
    assert told()["zone_other"] is Mark.WARN
    for nonsense in ("Mars/Olympus", "../etc/passwd", ""):
        finding = list(check._time(Settings.model_construct(time_zone=nonsense)))
        assert [f.sentence for f in finding] == ["zone_bad"]
    assert workday_data(2025).sentence == "workdays_ok"
    assert workday_data(2026) == Finding(Mark.WARN, "workdays_next", {"missing": 2027})
    assert workday_data(2050).sentence == "workdays_now"


def test_the_media_folder(setting: Any, tmp_path: Path) -> None:
    assert told()["media_new"] is Mark.OK
    (tmp_path / "there").mkdir()
    setting(media_dir=tmp_path / "there")
    assert told()["media_ok"] is Mark.OK
    assert list((tmp_path / "there").iterdir()) == []
    (tmp_path / "file").write_text("")
    setting(media_dir=tmp_path / "file")
    assert told()["media_bad"] is Mark.BAD
    setting(media_dir=tmp_path / "file" / "below")
    assert told()["media_bad"] is Mark.BAD


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_media_folder_that_is_closed(setting: Any, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    setting(media_dir=tmp_path / "closed")
    assert told()["media_bad"] is Mark.BAD


def test_the_page(setting: Any) -> None:
    assert told()["page_any_port"] is Mark.OK
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        setting(web_port=taken.getsockname()[1])
        assert told()["page_taken"] is Mark.WARN
    assert told()["page_ok"] is Mark.OK
    assert told()["page_no_public_url"] is Mark.OK
    setting(web_host="0.0.0.0", web_demo="true", public_url="wo.example.cn")
    found = told()
    assert found["page_demo"] is Mark.WARN
    assert found["page_public_url"] is Mark.BAD
    assert "page_no_public_url" not in found
    setting(public_url="http://wo.example.cn", web_port=18999, status_port=18999)
    assert told()["page_not_https"] is told()["ports_same"] is Mark.WARN
    setting(public_url="http://127.0.0.1:8365", status_port=0)
    assert not {"page_not_https", "ports_same"} & told().keys()


def test_a_disk_without_room_and_a_setting_that_is_none(
    setting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.room.LEAST", 2**80)
    assert told()["disk_full"] is Mark.BAD
    text = "WEB_PROT=8366\nTELEGRAM_TOEKN=geheim\nweb_port=0\n# X=1\n\nFOO=1\n"
    Path(".env").write_text(text)
    _, output = run()
    assert "WEB_PROT 没有这项设置，等于没写。是不是 WEB_PORT？" in output
    assert "是不是 TELEGRAM_TOKEN？" in output
    assert "FOO 没有这项设置，等于没写。请对照" in output
    assert "geheim" not in output
    assert "读取正常" not in output


class FakeTelegram(ThreadingHTTPServer):
    """Answers getMe: a bot for TOKEN, 401 for STAFF, and what it is told to otherwise."""

    asked: list[str]
    instead: tuple[int, bytes] | None = None
    hangs: threading.Event | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: FakeTelegram

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.hangs:
            self.server.hangs.wait(10)
        bot = {"id": 1, "is_bot": True, "first_name": "x", "username": "jiamenkou_bot"}
        good = TOKEN in self.path
        answer = {"ok": True, "result": bot} if good else {"ok": False, "error_code": 401}
        status, body = self.server.instead or (200 if good else 401, json.dumps(answer).encode())
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    server = FakeTelegram(("127.0.0.1", 0), _Answer)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    if server.hangs:
        server.hangs.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_tokens_are_asked_for(telegram: FakeTelegram, setting: Any) -> None:
    setting(telegram_token=TOKEN, telegram_staff_token=STAFF, telegram_api_base=telegram.url + "/")
    code, output = run()
    assert code == 1
    assert "✅ Telegram 居民机器人：@jiamenkou_bot 连接正常，由 aiogram 运行" in output
    assert "❌ Telegram 工作人员机器人：Telegram 不认这个 token（TELEGRAM_STAFF_TOKEN）" in output
    assert telegram.asked == [f"/bot{TOKEN}/getMe", f"/bot{STAFF}/getMe"]


def test_a_proxy_is_used(telegram: FakeTelegram, setting: Any) -> None:
    """The fake stands at both ends: a proxy that refuses to connect is seen as being away."""
    setting(telegram_token=TOKEN, telegram_api_base=telegram.url)
    setting(telegram_proxy="socks5://127.0.0.1:1")
    code, output = run()
    assert code == 1
    assert "连不上" in output
    assert "TELEGRAM_PROXY 填的代理" in output
    assert telegram.asked == []


@pytest.mark.parametrize("instead", [(502, b"<html>"), (200, b"[]"), (200, b'{"ok": true}')])
def test_an_answer_that_makes_no_sense(
    telegram: FakeTelegram, setting: Any, instead: tuple[int, bytes]
) -> None:
    telegram.instead = instead
    setting(telegram_token=TOKEN, telegram_api_base=telegram.url)
    assert told()["bot_strange"] is Mark.BAD


def test_a_telegram_that_says_nothing(
    telegram: FakeTelegram, setting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_telegram, "PATIENCE", 0.2)
    telegram.hangs = threading.Event()
    setting(telegram_token=TOKEN, telegram_api_base=telegram.url)
    code, output = run()
    assert code == 1
    assert "连不上（0.2 s）。在内地需要代理" in output


@pytest.mark.parametrize(
    ("values", "sentence", "mark"),
    [
        ({"telegram_token": "123"}, "bot_shape", Mark.BAD),
        ({"telegram_token": TOKEN, "telegram_staff_token": TOKEN}, "bot_same", Mark.BAD),
        ({"telegram_token": TOKEN, "telegram_proxy": "127.0.0.1:1080"}, "bot_proxy", Mark.BAD),
        ({"telegram_token": TOKEN, "telegram_api_base": "api"}, "bot_base", Mark.BAD),
        ({"telegram_staff_token": "1"}, "bot_staff_only", Mark.WARN),
        ({"webhook_url": "https://a.cn/t"}, "webhook_no_secret", Mark.BAD),
        ({"webhook_url": "http://a.cn/t"}, "webhook_bad_url", Mark.BAD),
        ({"webhook_url": "https://a.cn", "webhook_secret": "密"}, "webhook_bad_secret", Mark.BAD),
        ({"webhook_url": "https://a.cn"}, "webhook_no_token", Mark.WARN),
        ({"webhook_secret": "x" * 20}, "webhook_no_url", Mark.WARN),
        (
            {"webhook_url": "https://a.cn", "webhook_secret": "x" * 20, "telegram_token": "1"},
            "webhook_ok",
            Mark.OK,
        ),
    ],
)
def test_settings_that_do_not_fit(
    setting: Any, values: dict[str, str], sentence: str, mark: Mark
) -> None:
    setting(**values)
    assert told()[sentence] is mark
    run()


def test_every_sentence_can_be_said_and_says_what_to_do() -> None:
    """Each block is used by the program, renders with its facts, and a fault tells the way out."""
    source = (TEMPLATES / check.SENTENCES).read_text("utf-8")
    blocks = set(re.findall(r"{% block (\w+) %}", source))
    modules = (check, check_places, check_telegram)
    programs = "".join(Path(module.__file__).read_text() for module in modules)
    used = set(re.findall(r"[\"'](\w+)[\"']", programs))
    assert blocks <= used, blocks - used
    names = (
        "names kind where steps reason path mode count name line username setting library base"
        " proxied status host port zone offset until missing meant"
    )
    facts = dict.fromkeys(names.split(), "x")
    said = "\n".join(lines([Finding(Mark.OK, b, {**facts, "who": "who_staff"}) for b in blocks]))
    assert len(said.splitlines()) == len(blocks) + 1
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=False)
    template = environment.get_template(check.SENTENCES)
    faults = re.findall(r'(?:_warn\(|_bad\(|"WARN", |"BAD", )"(\w+)"', programs)
    assert len(faults) > 30
    for name in faults:
        words = "".join(template.blocks[name](template.new_context(facts)))
        assert re.search("请|应当像|不要", words), words
