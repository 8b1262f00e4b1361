"""`python -m bot notice`: written here, sent by the program that runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from bot.__main__ import app
from storage import areas, media, posts
from storage.areas import Level
from storage.audit import AuditLine
from storage.base import vault_in
from storage.notices import course, settings
from storage.notices.audience import Audience
from storage.notices.tables import Notice, NoticeState
from storage.people import Person
from storage.posts import Role

TEXT = "明天停水 [bold]=1+1[/bold]"


@pytest.fixture
def county(
    database_url: str, key_file: Path, tmp_path: Path, engine: Engine, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> Engine:  # fmt: skip
    """Two doors of one building, one admin."""
    for name, value in {
        "DATABASE_URL": database_url,
        "KEY_FILE": str(key_file),
        "MEDIA_DIR": str(tmp_path / "media"),
    }.items():
        monkeypatch.setenv(name, value)
    with Session(engine) as session, session.begin():
        county = areas.add(session, None, Level.COUNTY, "某县")
        community = areas.add(session, county, Level.COMMUNITY, "莲花池社区")
        compound = areas.add(session, community, Level.COMPOUND, "荷香苑")
        building = areas.add(session, compound, Level.BUILDING, "2栋")
        for door in ("1单元101", "1单元102"):
            areas.household(session, vault_in(session), building, door)
        _admin(session, "示例管理员", county.id, now)
    return engine


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--role", "liaison", "--group", "独居老人"], "请分两条发"),
        (["--role", "liaison", "--unvisited"], "请分两条发"),
        (["--role", "liaison", "--filed", "lamp"], "请分两条发"),
        (["--at", "2020-01-01 09:00"], "已经过了"),
        (["--file", "words.txt"], "只能选一样"),
        (["--group", "独居"], "没有这一类人家：独居"),
        (["--attach", "nowhere.pdf", "--dry-run"], "打不开这个文件：nowhere.pdf"),
        (["--attach", "/dev/null"], "这个文件是空的"),
        (["--attach", "x"] * 11, "最多带 10 个文件"),
    ],
)
def test_what_cannot_be_meant_is_refused(county: Engine, options: list[str], told: str) -> None:
    """--group beside --role was silently left out; a time that is over was taken for 马上."""
    assert told in run("send", TEXT, *options, code=1)
    with Session(county) as session:
        assert session.scalars(select(Notice)).all() == []


def _admin(session: Session, name: str, area_id: int, now: datetime) -> None:
    person = Person(name=name, created_at=now)
    session.add(person)
    session.flush()
    posts.set_post(session, person_id=person.id, role=Role.ADMIN, area_id=area_id)


def run(*words: str, code: int = 0) -> str:
    """What the command prints; words of both streams."""
    result = CliRunner().invoke(app, ["notice", *words])
    assert result.exit_code == code, result.output
    return result.output


def the_notice(engine: Engine) -> Notice | None:
    with Session(engine) as session:
        return session.scalars(select(Notice).order_by(Notice.id.desc())).first()


def test_written_paused_and_cancelled(county: Engine, tmp_path: Path) -> None:
    assert "还没有发过通知" in run("list")
    picture = tmp_path / "图.png"
    picture.write_bytes(b"\x89PNG")
    told = run("send", TEXT, "--ack", "--once", "--emergency", "--attach", str(picture))
    assert "一共 2 户：0 有聊天" in told
    assert "已写好：1号通知" in told
    notice = the_notice(county)
    assert notice is not None
    assert (notice.text, notice.wants_ack, notice.once, notice.emergency) == (
        TEXT,
        True,
        True,
        True,
    )
    with Session(county) as session, session.begin():
        (file,) = media.files(session, notice.files)
        assert (file.kind, file.name) == ("photo", "图.png")
        course.start(session, session.get_one(Notice, 1), notice.made_at)
    assert TEXT[:10] in run("list")
    assert "已发出 0 / 2 户" in run("show", "1", "--no-follow")
    assert "暂停了" in run("pause", "1")
    assert "接着发" in run("resume", "1")
    assert "取消了" in run("cancel", "1")
    assert "这一步做不了" in run("pause", "1", code=1)
    assert "没有 9号通知" in run("show", "9", code=1)
    with Session(county) as session:
        lines = session.execute(select(AuditLine.action, AuditLine.actor_id)).all()
    assert ("notice_emergency", None) in lines
    assert ("notice_cancel", None) in lines


def test_what_people_answer_is_kept_where_the_words_ask_for_it(county: Engine) -> None:
    """From the command line an answer to 直接回我一句话 became a 诉求."""
    kept = []
    for words in (["直接回我一句话就行"], [TEXT], ["直接回我一句话就行", "--no-reply"]):
        run("send", *words)
        notice = the_notice(county)
        kept.append(notice is not None and notice.wants_reply)
    assert kept == [True, False, False]


def test_a_dry_run_writes_nothing(county: Engine, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text(TEXT, "utf-8")
    told = run("send", "--file", str(words), "--area", "莲花池社区/荷香苑/2栋", "--dry-run")
    assert "荷香苑2栋的住户" in told
    assert "一共 2 户" in told
    assert the_notice(county) is None


def test_a_time_at_night_is_moved_to_the_morning(county: Engine) -> None:
    told = run("send", TEXT, "--at", "2099-12-01 23:00")
    assert "2099.12.2，12月2日 08:00（夜里不发，改到早上" in told
    notice = the_notice(county)
    assert notice is not None
    assert notice.starts_at.isoformat() == "2099-12-02T00:00:00+00:00"
    assert "定好时间" in run("list")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["send", ""], "通知要有一段话"),
        (["send", "停【水/电】"], "还有空没填：【水/电】"),
        (["send", "长" * 3001], "太长了"),
        (["send", "--file", "nowhere.txt"], "打不开这个文件"),
        (["send", TEXT, "--area", "月亮社区"], "没有找到“月亮社区”"),
        (["send", TEXT, "--filed", "moon"], "没有这一类：moon"),
        (["send", TEXT, "--role", "lawyer"], "一户也没有"),
        (["send", TEXT, "--author", "别人"], "不是能在那里发通知的人"),
    ],
)
@pytest.mark.usefixtures("county")
def test_what_is_refused(words: list[str], why: str) -> None:
    assert why in run(*words, code=1)


def test_many_wait_and_the_command_line_may_agree(
    county: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings._file(), "needs_approval", 2)
    assert "notice approve 1" in run("send", TEXT)
    notice = the_notice(county)
    assert notice is not None
    assert notice.state == NoticeState.WAITING
    with Session(county) as session, session.begin():
        notice = session.get_one(Notice, 1)
        notice.made_at = notice.starts_at = now - timedelta(days=2)
    assert "现在已经过了，没有发" in run("approve", "1", code=1)  # 今天停水 of two days ago
    notice = the_notice(county)
    assert notice is not None
    assert notice.state == NoticeState.WAITING
    assert "同意了" in run("approve", "1", "--now")
    notice = the_notice(county)
    assert notice is not None
    assert (notice.state, notice.approver_id) == (NoticeState.SCHEDULED, None)
    assert "这一步做不了" in run("approve", "1", code=1)
    with Session(county) as session, session.begin():
        _admin(session, "另一位", areas.county(session).id, now)  # type: ignore[union-attr]
    assert "请用 --author 写明是谁：示例管理员、另一位" in run("send", TEXT, code=1)
    assert "等另一位" in run("send", TEXT, "--author", "另一位") or the_notice(county)


def test_it_is_followed_until_it_is_over(
    county: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("send", TEXT)
    looks = []

    def sleep(seconds: float) -> None:
        """Between two looks the program, elsewhere, goes on."""
        looks.append(seconds)
        with Session(county) as session, session.begin():
            notice = session.get_one(Notice, 1)
            if len(looks) == 1:
                course.start(session, notice, now)
            else:
                course.finish(session, notice, now)

    monkeypatch.setattr("bot.commands.notice.time.sleep", sleep)
    told = run("show", "1", "--follow")
    assert len(looks) == 2
    assert "2/2" in told
    assert "发完了" in told


def test_the_audience_keeps_what_was_chosen(county: Engine) -> None:
    run("send", TEXT, "--area", "莲花池社区", "--unvisited", "--author", "示例管理员")
    notice = the_notice(county)
    assert notice is not None
    chosen = Audience.from_json(notice.audience)
    assert chosen.areas == (notice.area_id,)
    assert chosen.unvisited_since is not None
