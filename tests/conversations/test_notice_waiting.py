"""What waits for a second admin, and what nobody answers for any more, does not go out unasked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.notices import settings
from storage.notices.tables import NoticeState
from storage.post_tables import Post, Role
from tests.conversations.notices import TEXT, goes_out, the_notice
from tests.conversations.people import Person
from tests.conversations.test_notice_rights import give_post
from tests.conversations.town import Town

AGREE = "同意发"


@pytest.fixture
def many_is_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings._file(), "needs_approval", 2)


async def writes_for_tomorrow(town: Town, whom: str = "的所有住户") -> tuple[Person, Person]:
    """The admin who wrote it, for nine o'clock tomorrow, and another admin."""
    await give_post(town, "吴芳", Role.ADMIN, "青禾县")
    admin, second = await town.admin(), await town.social_worker()
    for words in ("发通知", TEXT):
        await admin.says(words)
    await admin.presses(whom)
    await admin.presses("不用")
    await admin.says("明天上午9点")
    await admin.presses("确定")
    return admin, second


@pytest.mark.usefixtures("many_is_two")
async def test_agreed_to_when_its_time_has_passed_it_asks_when(scripted_town: Town) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    wang = await town.resident()
    admin, second = await writes_for_tomorrow(town)
    await second.hears("郑强写了1号通知，等您同意")
    town.at(2026, 11, 27, 10, 0)
    await second.presses(AGREE)
    await second.hears("1号通知本来", "现在已经过了", TEXT, "里面的时间还对吗")
    await town.app.broadcast.look()
    await wang.heard_nothing()
    await second.presses("换个时间发")
    await second.says("明天上午9点")
    await second.hears("好，1号通知", "9:00 发")
    await admin.hears("吴芳同意了，1号通知", "9:00 发")
    await town.app.broadcast.look()
    await wang.heard_nothing()
    town.at(2026, 11, 28, 9, 1)
    await goes_out(town)
    await wang.hears(TEXT)


@pytest.mark.usefixtures("many_is_two")
@pytest.mark.parametrize(
    ("way", "state"), [("现在就发", NoticeState.SCHEDULED), ("不发了", NoticeState.CANCELLED)]
)
async def test_past_its_time_it_goes_at_once_or_not_at_all(
    scripted_town: Town, way: str, state: NoticeState
) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    await town.resident()
    _, second = await writes_for_tomorrow(town)
    town.at(2026, 11, 27, 10, 0)
    await second.presses(AGREE)
    await second.presses(way)
    assert (await the_notice(town)).state in (state, NoticeState.SENDING, NoticeState.DONE)
    assert ((await the_notice(town)).state == NoticeState.CANCELLED) is (way == "不发了")


@pytest.mark.usefixtures("many_is_two")
async def test_the_second_admin_is_reminded_and_the_author_told(scripted_town: Town) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    await town.resident()
    admin, second = await writes_for_tomorrow(town)
    await second.hears("等您同意")
    await town.look_after(minutes=185)
    await second.hears("⏰ 还在等您同意", TEXT)
    await town.look_after(minutes=30)
    await second.heard_nothing()
    town.at(2026, 11, 25, 9, 45)
    await town.look_after(minutes=1)
    await second.hears("⏰ 还在等您同意", "已经过了")
    await admin.hears("1号通知定的", "还没有人同意，没有发出去", "刚才又请了 吴芳")


async def loses_the_post(town: Town, name: str) -> None:
    """Since a while ago."""

    def job(session: Session) -> None:
        mine = select(Post).where(Post.person_id == town.id_of(session, name))
        for post in session.scalars(mine):
            post.until = town.now() - timedelta(minutes=1)

    await town.write(job)


async def test_what_a_former_admin_wrote_is_asked_about_and_told_to_others(
    scripted_town: Town,
) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    wang, _ = await town.resident(), await town.worker("周敏", "网格员")
    admin, second = await writes_for_tomorrow(town)
    await loses_the_post(town, "郑强")
    town.at(2026, 11, 25, 9, 1)
    await town.app.broadcast.look()
    await town.look_after(seconds=5)
    await wang.heard_nothing()
    await second.hears("郑强写了1号通知，等您同意", "写的人现在不管这里了")
    await second.presses(AGREE)
    await admin.hears("1号通知")  # how it stood when they might still see it
    before = len(admin.everything_read)
    await goes_out(town)
    await wang.hears(TEXT)
    await second.hears("📢 1号通知｜发完了")
    assert "上门名单给了" in second.everything_read
    assert len(admin.everything_read) == before
