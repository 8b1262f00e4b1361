"""`python -m bot invite`, and what the link it prints does in a browser."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from bot.__main__ import app
from bot.app import build
from bot.settings import Settings
from storage import areas, importing, people, posts
from storage.areas import Level
from storage.posts import Role

WORKER, HOUSEHOLDER = "13800000001", "13900000001"


@pytest.fixture
def settings(
    database_url: str, key_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    for name, value in {
        "DATABASE_URL": database_url,
        "KEY_FILE": str(key_file),
        "MEDIA_DIR": str(tmp_path / "media"),
        "WEB_PORT": "0",
    }.items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.fixture
def listed(engine: Engine, settings: Settings, now: datetime, tmp_path: Path) -> None:
    with Session(engine) as session, session.begin():
        county = areas.add(session, None, Level.COUNTY, "某县")
        community = areas.add(session, county, Level.COMMUNITY, "莲花池社区")
        compound = areas.add(session, community, Level.COMPOUND, "荷香苑")
        areas.add(session, compound, Level.BUILDING, "2栋")
        worker = people.Person(name="示例网格员", created_at=now)
        session.add(worker)
        people.set_phone(session, worker, WORKER, proven=True)
        posts.set_post(session, person_id=worker.id, role=Role.GRID_WORKER, area_id=compound.id)
        homes = tmp_path / "households.csv"
        homes.write_text(
            "社区,小区,楼栋,门牌,户主,手机号,特殊群体,联户党员手机号\n"
            f"莲花池社区,荷香苑,2栋,1单元101,示例住户,{HOUSEHOLDER},,\n",
            "utf-8",
        )
        report = importing.import_file(
            session, "households", homes, dry_run=False, skip_bad=False, now=now
        )
        assert report.added == 1


def invite(phone: str) -> str:
    result = CliRunner().invoke(app, ["invite", phone])
    assert result.exit_code == 0, result.output
    return result.output


def code_of(phone: str) -> str:
    code = re.search(r"/join/(\w+)", invite(phone))
    assert code
    return code.group(1)


def test_a_worker_gets_code_link_and_qr(listed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    said = invite("138 0000 0001")
    code = re.search(r"邀请码：([A-Z0-9]{8})", said)
    assert code
    assert f"/join/{code.group(1)}" in said
    assert "█" in said
    assert WORKER not in said
    assert "只有这台电脑打得开" in said
    monkeypatch.setenv("PUBLIC_URL", "https://wo.example.cn/")
    said = invite(WORKER)
    assert "https://wo.example.cn/join/" in said
    assert "打得开" not in said


def test_a_number_nobody_is_listed_under(listed: None) -> None:
    result = CliRunner().invoke(app, ["invite", "13700000000"])
    assert result.exit_code == 1
    assert "名单里没有" in result.output


async def test_the_link_opens_once_and_its_page_greets_the_worker(
    listed: None, settings: Settings
) -> None:
    code = code_of(WORKER)
    program = build(settings)
    await program.start()
    try:
        async with aiohttp.ClientSession(program.web.address) as browser:
            join = f"/join/{code}"
            async with browser.get(join) as looked:
                assert looked.status == 200
            async with browser.post(join, allow_redirects=False) as used:
                assert used.status == 303
                page = used.headers["Location"]
            async with browser.get(page) as chat:
                assert chat.status == 200
                assert "示例网格员" in await chat.text()
            async with browser.post(join, allow_redirects=False) as again:
                assert again.status == 410
                assert "不能用了" in await again.text()
        await _a_browser_that_remembers(program.web.address, f"/join/{code_of(HOUSEHOLDER)}")
    finally:
        await program.stop()


async def _a_browser_that_remembers(address: str, join: str) -> None:
    """A finger that trembles pressed twice and the link was gone for good: the second press was
    told that it was used, the first one's answer was thrown away."""
    jar = aiohttp.CookieJar(unsafe=True)  # also for an address of numbers
    async with aiohttp.ClientSession(address, cookie_jar=jar) as browser:
        async with browser.get(join) as looked:
            assert looked.status == 200
        led = []
        for ask in (browser.post, browser.post, browser.get):
            async with ask(join, allow_redirects=False) as answer:
                assert answer.status == 303
                led.append(answer.headers["Location"])
        assert len(set(led)) == 1
        async with browser.get(led[0]) as chat:
            assert chat.status == 200
    async with aiohttp.ClientSession(address) as other, other.get(join) as looked:
        assert looked.status == 200
        async with other.post(join, allow_redirects=False) as late:
            assert late.status == 410


def test_a_householder_is_invited_to_their_own_door(listed: None, engine: Engine) -> None:
    assert "示例住户" in invite(HOUSEHOLDER)
    with Session(engine) as session:
        person = people.find_by_phone(session, HOUSEHOLDER)
        assert person is not None
        assert person.home_id is not None
        home = areas.get(session, person.home_id)
        assert areas.title(session, home) == "荷香苑2栋"
        assert areas.door_of(session, home) == "1单元101"
        assert person.consented_at is None  # nobody agreed to anything yet
