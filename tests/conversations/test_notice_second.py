"""The second admin, where the night or a growing audience comes between."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import areas
from storage.areas import Area, Level
from storage.base import vault_in
from storage.notices import settings
from storage.notices.tables import NoticeState
from storage.posts import Role
from tests.conversations.notices import TEXT, goes_out, is_asked_when, ledger, the_notice, writes
from tests.conversations.test_notice_rights import give_post, many_is_two  # noqa: F401
from tests.conversations.town import Town


@pytest.mark.usefixtures("many_is_two")
async def test_agreed_at_night_it_is_not_said_to_begin(scripted_town: Town) -> None:
    """At 21:05 the second admin heard 开始发了 of what rests until eight."""
    town = scripted_town
    town.at(2026, 11, 24, 20, 50)
    await give_post(town, "吴芳", Role.ADMIN, "青禾县")
    admin, second, wang = await town.admin(), await town.social_worker(), await town.resident()
    await writes(admin)
    await admin.presses("确定")
    town.at(2026, 11, 24, 21, 5)
    await second.presses("同意发")
    seen = await second.hears("1号通知早上 8 点开始发")
    assert "开始发了" not in seen.text
    await admin.says("通知进度")
    await admin.presses("看 1号通知")
    await admin.hears("夜里不发，11月25日 08:00开始发")
    await wang.heard_nothing()


def grows(session: Session) -> None:
    building = session.scalars(select(Area).where(Area.level == Level.BUILDING)).first()
    assert building is not None
    for number in range(5):
        areas.household(session, vault_in(session), building, f"9单元{number + 1:03}")


async def _scheduled(town: Town) -> None:
    admin = await town.admin()
    await town.resident()
    town.at(2026, 11, 24, 10, 0)
    await is_asked_when(admin)
    await admin.says("明天上午9点")
    await admin.presses("确定")
    await admin.heard()
    await town.write(grows)
    town.at(2026, 11, 25, 9, 1)


async def test_grown_over_the_size_it_still_needs_a_second_admin(
    scripted_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written for three households with the limit at four, it went to eight with nobody's word."""
    monkeypatch.setitem(settings._file(), "needs_approval", 4)
    town = scripted_town
    await give_post(town, "吴芳", Role.ADMIN, "青禾县")
    second = await town.social_worker()
    await _scheduled(town)
    admin, wang = await town.admin(), await town.resident()
    await town.app.broadcast.look()
    await town.settle()
    assert (await the_notice(town)).state == NoticeState.WAITING
    assert await ledger(town) == {}
    await admin.hears("1号通知还没有发", "现在有 8 户", "已经在问：吴芳")
    await second.hears("郑强写了1号通知，等您同意", TEXT, "一共 8 户")
    await second.presses("同意发")
    await second.hears("开始发了")
    await goes_out(town)
    await wang.hears(TEXT)
    assert sum((await ledger(town)).values()) == 8


async def test_grown_with_nobody_to_agree_the_author_is_told(
    scripted_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings._file(), "needs_approval", 4)
    town = scripted_town
    await _scheduled(town)
    admin = await town.admin()
    await town.app.broadcast.look()
    await town.settle()
    await admin.hears("1号通知还没有发", "没有人收得到")
    await admin.says("通知进度")
    await admin.hears("等另一位管理员同意")
