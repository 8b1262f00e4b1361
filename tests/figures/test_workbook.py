"""The workbook, read back; and the command that writes it."""

from __future__ import annotations

import io
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from bot.__main__ import app
from bot.office import Office
from bot.reporting.makers import workbook
from bot.wording import Wording
from handlers.staff import figure_views
from handlers.staff.figure_views import Reader
from storage import areas, exclusions, figures
from storage.areas import Area
from storage.audit import AuditLine
from storage.database import migrate, open_engine
from storage.figures import Scope
from storage.people import Person
from storage.tickets import Ticket
from storage.vault import Vault
from tests.conversations import county
from tests.figures.play import BEGAN, Play

FORMULA = "=1+1"
YEAR = (datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC))


@pytest.fixture(scope="module")
def played_file(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Path:
    """A town with tickets, some of them private, one excluded; an area whose name is a formula."""
    path = tmp_path_factory.mktemp("book") / "town.db"
    engine = open_engine(f"sqlite:///{path}", vault)
    migrate(engine)
    with Session(engine) as session, session.begin():
        play = Play(session, seed=4, number=24)
        session.scalars(select(Area).where(Area.name == "荷香苑")).one().name = FORMULA
        for ticket in session.scalars(select(Ticket).where(Ticket.service == "wish")):
            ticket.privacy = "private"
        ticket = session.scalars(
            select(Ticket).where(Ticket.service == "request", Ticket.status != "withdrawn").limit(1)
        ).one()
        row = exclusions.ask(session, ticket, play.people[0].id, FORMULA, BEGAN)
        exclusions.agree(session, row, ticket, play.people[1].id, BEGAN)
    engine.dispose()
    return path


@pytest.fixture
def book(played_file: Path, vault: Vault) -> tuple[bytes, dict[str, Any]]:
    """The county's workbook, and what it was made of."""
    engine = open_engine(f"sqlite:///{played_file}", vault)
    with Session(engine) as session:
        desk = Office(session, datetime(2026, 7, 1, tzinfo=UTC), Wording("Asia/Shanghai"))
        place = areas.county(session)
        assert place is not None
        scope = Scope(*YEAR, area_id=place.id)
        _, report = figure_views.make(desk, Reader(None), scope)
        rows, hidden = figures.listing(session, scope)
        content = workbook(desk, report, rows, hidden)
        names = [person.name for person in session.scalars(select(Person)) if person.home_id]
        private = session.scalars(select(Ticket.id).where(Ticket.privacy != "open")).all()
        facts = {"report": report, "rows": rows, "hidden": hidden, "names": names}
    engine.dispose()
    return content, {**facts, "private": set(private)}


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    found = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: found.get_sheet_by_name(name).to_python() for name in found.sheet_names}


def test_it_says_what_the_report_says(book: tuple[bytes, dict[str, Any]]) -> None:
    content, facts = book
    found = sheets(content)
    assert list(found) == [
        "汇总", "按地方", "按服务", "按人员", "按月", "各级办结", "工单", "口径",
    ]  # fmt: skip
    summary = {row[0]: row for row in found["汇总"] if row[0]}
    for line, label in zip(facts["report"].rates, ("响应率", "解决率", "满意率"), strict=True):
        assert summary[label][2:5] == [line.top, line.n, line.silent]
        assert summary[label][1] == pytest.approx(line.share)
    assert summary["收到"][3] == facts["report"].counts["opened"]
    assert len(found["工单"]) == len(facts["rows"]) + 1
    assert {row[0] for row in found["口径"]} >= {"响应率", "重办率", "剔除"}


def test_what_begins_like_a_formula_stays_text(book: tuple[bytes, dict[str, Any]]) -> None:
    content, facts = book
    found = sheets(content)
    assert FORMULA in {row[3] for row in found["工单"]}, "the compound's name"
    assert [str(facts["report"].excluded[0].number), FORMULA] in [row[:2] for row in found["汇总"]]
    with ZipFile(io.BytesIO(content)) as parts:
        pages = [parts.read(name) for name in parts.namelist() if "worksheets/" in name]
    assert len(pages) == 8
    assert not any(b"<f>" in page or b"<f " in page for page in pages)


def test_nobody_and_nothing_private_is_in_it(book: tuple[bytes, dict[str, Any]]) -> None:
    content, facts = book
    found = sheets(content)
    assert facts["private"]
    assert facts["hidden"] == len(facts["private"])
    listed = {int(row[0]) for row in found["工单"][1:]}
    assert not listed & facts["private"]
    everything = str(found)
    for secret in (*facts["names"], *county.PHONES.values(), "1单元", "路灯不亮"):
        assert secret not in everything


def settings(monkeypatch: pytest.MonkeyPatch, database: Path, key_file: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{database}")
    monkeypatch.setenv("KEY_FILE", str(key_file))


def test_the_command_prints_and_writes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, played_file: Path, key_file: Path, vault: Vault
) -> None:
    database = tmp_path / "copy.db"
    shutil.copyfile(played_file, database)
    settings(monkeypatch, database, key_file)
    period = ["stats", "--from", "2026-01-01", "--to", "2026-12-31"]
    png, xlsx = tmp_path / "report.png", tmp_path / "report.xlsx"
    done = CliRunner().invoke(app, [*period, "--png", str(png), "--xlsx", str(xlsx)])
    assert done.exit_code == 0, done.output
    assert "青禾县｜2026.1.1–2026.12.31" in done.output
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "汇总" in sheets(xlsx.read_bytes())

    done = CliRunner().invoke(app, [*period, "--json", "--area", "莲花池社区"])
    found = json.loads(done.output)
    assert found["place"] == "莲花池社区"
    assert set(found["figures"]["response"]) == {"share", "n", "top", "silent", "silent_share"}
    engine = open_engine(f"sqlite:///{database}", vault)
    with Session(engine) as session:
        kinds = session.scalars(select(AuditLine.action)).all()
    engine.dispose()
    assert kinds.count("export_figures") == 2


A_DAY = ("--from", "2026-01-01", "--to", "2026-01-01")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--from", "2026-02-01", "--to", "2026-01-01"], "前面"),
        ([*A_DAY, "--area", "没有的社区"], "没有找到"),
        ([*A_DAY, "--service", "nix"], "没有“nix”这项服务。可以填的有：request（微诉求）"),
        ([*A_DAY, "--xlsx", "figures.csv"], "要以 .xlsx 结尾"),
        ([*A_DAY, "--png", "no/such/folder.png"], "写不进“no/such/folder.png”"),
    ],
)
def test_the_command_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    played_file: Path,
    key_file: Path,
    given: list[str],
    said: str,
) -> None:
    database = tmp_path / "copy.db"
    shutil.copyfile(played_file, database)
    settings(monkeypatch, database, key_file)
    done = CliRunner().invoke(app, ["stats", *given])
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit), done.exception
    assert said in done.output
