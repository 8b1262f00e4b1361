"""Figures that admins ask for in words: two times, registered homes, the slowest place."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.areas import Area, Level
from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.seats import Seen
from tests.conversations.town import Town


def declare(session: Session) -> None:
    """24 homes in each building of the county."""
    for building in session.scalars(select(Area).where(Area.level == Level.BUILDING)):
        building.declared_households = 24


async def asks(town: Town, admin: Person, words: str, *heard: str) -> Seen:
    """The answer to a question for figures."""
    await admin.says(words)
    await town.settle()
    await town.app.reports.do_all(town.now())
    return await admin.hears(*heard)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_honest_figures_for_plain_questions(make_town: MakeTown, database: str) -> None:
    """上周和这周比 and 多少户注册了 became a 诉求 of the admin; 哪个社区最慢 asked for a time."""
    town = await make_town(database=database)
    town.at(2026, 3, 4, 10, 0)
    worker, wang, admin = await town.grid_worker(), await town.resident(), await town.admin()
    await file_request(town, wang)
    town.later(hours=2)
    await worker.presses("接单")
    town.at(2026, 3, 11, 10, 0)
    await file_request(town, wang, "下水道堵了", "下水道堵")
    answer = await asks(town, admin, "上周和这周比", "两段时间对比", "2026.3.2–2026.3.8：收到 1 件")
    assert "2026.3.9–2026.3.15（还没过完）：收到 1 件" in answer.text
    assert "响应率 100.0%（1 件里 1 件）" in answer.text
    assert "比不出好坏" in answer.text
    await asks(
        town,
        admin,
        "莲花池社区这个月比上个月咋样",
        "莲花池社区｜两段",
        "2026.2.1–2026.2.28：收到 0 件",
    )
    await asks(town, admin, "多少户注册了", "1 户，已知门牌 3 户，占 33.3%", "桂花社区：0 户")
    await town.write(declare)
    await asks(town, admin, "登记率", "1 户，应有 192 户，占 0.5%", "最近 7 天新登记")
    answer = await asks(
        town, admin, "哪个社区最慢", "莲花池社区：一半的事 2.0 小时内有回音（1 件）"
    )
    assert "1 件还没人回，件数少" in answer.text
    for said in ("多少户注册了", "上周和这周比"):
        await wang.says(said)
        await wang.heard()
    assert "占" not in wang.everything_read
    assert "两段时间" not in wang.everything_read
