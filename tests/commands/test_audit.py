"""`python -m bot audit`: who looked at what in plain words, and whether the log was changed."""

from __future__ import annotations

import ast
import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from bot.__main__ import app
from bot.wording import TEMPLATES
from storage import audit, people
from storage.people import Person

PHONE = "19955550001"
WRITERS = ("audit.note", "note", "_note", "_seen_to", "_decided")
"""What writes a line, or hands the kind of one on to who does."""


@pytest.fixture
def worker(
    engine: Engine,
    database_url: str,
    key_file: Path,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> int:
    """Somebody who looked at two tickets, once under another number."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("KEY_FILE", str(key_file))
    with Session(engine) as session, session.begin():
        before = Person(name="", created_at=now)
        worker = Person(name="李示例", created_at=now)
        session.add_all([before, worker])
        session.flush()
        people.set_phone(session, worker, PHONE, proven=True)
        audit.note(session, now, before.id, "card", "ticket:12")
        audit.note(session, now, worker.id, "merged", f"person:{before.id}")
        people.merge(session, before, worker)
        audit.note(session, now, worker.id, "phone", "ticket:12", "visit")
        audit.note(session, now, worker.id, "card", "ticket:13")
        audit.note(session, now, None, "import", "list:posts")
        return worker.id


def told(*args: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["audit", *args])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


def test_it_says_who_looked_at_a_ticket_and_is_a_look_itself(worker: int) -> None:
    output = told("--ticket", "12")
    assert "李示例　看了卡片　12号工单" in output
    assert "李示例　看了电话　12号工单　原因：上门前联系" in output
    assert "13号" not in output
    assert PHONE not in output
    assert "命令行　查了谁看过　12号工单" in told("--ticket", "12")


@pytest.mark.parametrize("person", [PHONE, "李示例"])
def test_it_says_what_somebody_looked_at(worker: int, person: str) -> None:
    output = told("--person", person)
    assert output.count("李示例　看了") == 3
    assert "李示例　两个身份合成一个" in output
    assert "12号工单" in output
    assert "13号工单" in output
    assert "导入" not in output
    assert "没有这样的记录" in told("--person", "王某某")


def test_it_has_a_word_for_whatever_is_written_down(worker: int) -> None:
    """Half of what can stand in the log was printed as the program calls it (own_doors)."""
    said = (TEMPLATES / "cli" / "audit.j2").read_text("utf-8")
    known = set(re.findall(r'"(\w+)": "', said))
    written = set()
    for source in (Path(TEMPLATES).parent / part for part in ("bot", "handlers", "storage")):
        for path in source.rglob("*.py"):
            text = path.read_text("utf-8")
            if "audit" not in text:
                continue
            for call in ast.walk(ast.parse(text)):
                if isinstance(call, ast.Call) and ast.unparse(call.func) in WRITERS:
                    written |= {
                        one.value
                        for arg in call.args
                        for one in ast.walk(arg)
                        if isinstance(one, ast.Constant)
                        and isinstance(one.value, str)
                        and re.fullmatch(r"[a-z]+(_[a-z]+)*", one.value)
                    }
    assert len(written) > 25
    written -= {"call", "directory", "on_behalf"}  # reasons and subjects
    assert written <= known, written - known
    assert "命令行　导入了名单　岗位表" in told()


def test_it_tells_of_a_change(worker: int, engine: Engine) -> None:
    assert "全部 5 条记录都是原样" in told("--all")
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit SET subject = 'ticket:99' WHERE id = 4"))
    assert "❌ 第 4 条记录被改过" in told("--all", code=1)
