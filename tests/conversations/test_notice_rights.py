"""Who may write to whom: the second admin, one's own area, buttons of others."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import addresses, areas
from storage.areas import Level
from storage.notices import course, settings
from storage.notices.audience import Audience
from storage.notices.tables import Notice, NoticeState
from storage.outbox import queue
from storage.people import Account
from storage.posts import Post, Role
from tests.conversations.notices import TEXT, audited, goes_out, ledger, the_notice, writes
from tests.conversations.people import Person
from tests.conversations.town import Town
from tests.conversations.whole_county import ADMIN_TOO, COMMITTEE


@pytest.fixture
def many_is_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings._file(), "needs_approval", 2)


async def give_post(town: Town, name: str, role: Role, area: str) -> None:
    """Somebody of the list gets a post; an area by its name."""

    def job(session: Session) -> None:
        place = session.scalars(select(areas.Area.id).where(areas.Area.name == area)).one()
        session.add(Post(person_id=town.id_of(session, name), role=role.value, area_id=place))

    await town.write(job)


@pytest.mark.usefixtures("many_is_two")
async def test_a_second_admin_agrees_once_and_never_the_author(scripted_town: Town) -> None:
    town = scripted_town
    await give_post(town, "吴芳", Role.ADMIN, "青禾县")
    await give_post(town, "周敏", Role.ADMIN, "青禾县")
    admin, second = await town.admin(), await town.social_worker()
    third, wang = await town.worker("周敏", "管理员"), await town.resident()
    await writes(admin)
    assert "要另一位管理员同意才发" in admin.everything_read
    await admin.presses("确定")
    await admin.hears("1号通知等 吴芳、周敏 同意")
    await town.app.broadcast.look()
    await wang.heard_nothing()

    await admin.says("通知进度")
    await admin.presses("看 1号通知")
    board = await admin.hears("等另一位管理员同意")
    assert not any("同意发" in label for label in board.labels)
    asked = [await one.hears("郑强写了1号通知，等您同意", TEXT) for one in (second, third)]
    buttons = [
        (one, seen, seen.buttons[0]) for one, seen in zip((second, third), asked, strict=True)
    ]
    await asyncio.gather(*(one.presses_again(seen, button) for one, seen, button in buttons))
    await town.settle()
    read = [one.everything_read for one in (second, third)]
    assert sum("1号通知开始发了" in text for text in read) == 1
    assert sum("这一步做不了了" in text for text in read) == 1
    assert len(await audited(town, "notice_approve")) == 1
    await admin.hears("同意了，1号通知开始发了")
    await goes_out(town)
    await wang.hears(TEXT)

    # other words for so many need a second admin as well
    await admin.presses("更正")
    await admin.says("改为后天停水。")
    await admin.presses("确定更正")
    await second.hears("郑强要更正1号通知", "改为后天停水。")
    await goes_out(town)
    assert "改为后天" not in wang.everything_read
    await second.presses("不同意")
    await second.says("日子不对")
    await admin.hears("吴芳不同意更正1号通知：日子不对")
    await third.presses("同意发")
    await third.hears("这一步做不了了")
    assert (await the_notice(town)).text == TEXT


@pytest.mark.usefixtures("many_is_two")
async def test_an_old_button_does_not_agree_to_new_words(scripted_town: Town) -> None:
    town = scripted_town
    await give_post(town, "吴芳", Role.ADMIN, "青禾县")
    admin, second = await town.admin(), await town.social_worker()
    await town.resident()
    await writes(admin)
    await admin.presses("确定")
    seen = await second.hears("等您同意")
    await admin.presses("更正")
    await admin.says("改为后天停水。")
    await admin.presses("确定更正")
    await second.presses_again(seen, seen.buttons[0])
    await second.hears("话改过了")
    assert (await the_notice(town)).state == NoticeState.WAITING
    await second.presses("同意发")
    await second.hears("开始发了")
    await goes_out(town)
    assert (await the_notice(town)).text == "改为后天停水。"
    assert (await the_notice(town)).text_version == 1, "nobody had other words"


@pytest.mark.usefixtures("many_is_two")
async def test_with_nobody_to_agree_it_waits_and_says_so(scripted_town: Town) -> None:
    town = scripted_town
    admin = await town.admin()
    await town.resident()
    await writes(admin)
    assert "现在没有另一位管理员" in admin.everything_read
    await admin.presses("确定")
    await admin.hears("先放着", "没有人收得到")
    # whoever becomes admin later finds it
    await give_post(town, "吴芳", Role.ADMIN, "青禾县")
    late = await town.social_worker()
    await late.says("通知进度")
    await late.presses("看 1号通知")
    await late.hears("等您同意")
    await late.presses("同意发")
    await goes_out(town)
    assert (await ledger(town))["sent"] == 1


async def test_a_committee_reaches_its_community_and_nobody_else(scripted_town: Town) -> None:
    town = scripted_town
    await give_post(town, "吴芳", Role.COMMUNITY_COMMITTEE, "莲花池社区")
    committee, wang, sun = (
        await town.social_worker(),
        await town.resident(),
        await town.resident("孙德福"),
    )
    await committee.says("发通知")
    await committee.says(TEXT)
    ways = await committee.hears("发给谁")
    assert "莲花池社区的所有住户" in " ".join(ways.labels)
    await committee.presses("其中一个")
    await committee.says("桂花新村")
    await committee.hears("没找到这个地方")
    await committee.says("返回")
    await committee.presses("的所有住户")
    await committee.presses("不用")
    await committee.presses("现在就发")
    await committee.presses("确定")
    await goes_out(town)
    await wang.hears(TEXT, "—— 莲花池社区")
    await sun.heard_nothing()


async def test_beyond_the_area_nothing_can_be_written(scripted_town: Town) -> None:
    def job(session: Session) -> None:
        county = areas.county(session)
        assert county is not None
        first, second = areas.children(session, county.id)
        author = Town.id_of(session, "郑强")
        now = scripted_town.now()
        for beyond in ((county.id,), (second.id,), (first.id, second.id), (99_999,), ()):
            with pytest.raises(course.OutOfReach):
                course.write(
                    session, author_id=author, area_id=first.id, text=TEXT,
                    audience=Audience(beyond), starts_at=now, now=now,
                )  # fmt: skip
        assert addresses.find(session, "桂花", under=first, level=Level.COMMUNITY) == []

    await scripted_town.write(job)


PRESSED = (
    "pause_notice", "resume_notice", "cancel_notice", "correct_notice", "send_rest",
    "notice_receipts", "notice_board", "approve_notice", "refuse_notice",
)  # fmt: skip


async def test_forged_buttons_of_anothers_notice_do_nothing(scripted_town: Town) -> None:
    """An admin of another community, a grid worker and a resident, whatever their buttons carry."""
    town = scripted_town
    await give_post(town, "吴芳", Role.ADMIN, "桂花社区")
    admin, far = await town.admin(), await town.social_worker()
    people = [far, await town.grid_worker(), await town.resident()]
    town.app.broadcast.ahead = 0
    await writes(admin)
    await admin.presses("确定")
    await town.app.broadcast.look()
    before = await the_notice(town)
    for person in people:
        for action in PRESSED:
            await _press(town, person, action)
        await town.settle()
        assert TEXT not in person.everything_read
        assert person.everything_read.count("不归您") == len(PRESSED)
    after = await the_notice(town)
    assert (after.state, after.text, after.author_id) == (
        before.state,
        before.text,
        before.author_id,
    )
    await far.says("通知进度")
    await far.hears("还没有发过通知")


async def _press(town: Town, person: Person, action: str) -> None:
    """Press a button of this very chat that carries another's notice."""

    def job(session: Session) -> None:
        args = {"notice": 1}
        if action in ("approve_notice", "refuse_notice"):
            args["words"] = course.words_key(TEXT)
        account = session.scalars(select(Account).where(Account.person_id == person.id)).one()
        choice = {"label": "老按钮", "do": action, "args": args}
        queue(
            session,
            channel=account.channel,
            chat=account.chat,
            payload={"text": action, "choices": [choice]},
            now=town.now(),
        )

    await town.write(job)
    town.app.delivery.wake()
    seen = await person.hears(action)
    await person.presses_again(seen, seen.buttons[0])
    await person.hears("不归您")


async def test_who_lost_the_post_in_the_middle_sends_nothing(county_town: Town) -> None:
    town = county_town
    committee = await town.worker(COMMITTEE, "社区大党委")
    await town.worker(ADMIN_TOO, "管理员")
    await writes(committee)

    def job(session: Session) -> None:
        for post in session.scalars(
            select(Post).where(Post.person_id == town.id_of(session, COMMITTEE))
        ):
            post.until = town.now()

    await town.write(job)
    await committee.presses("确定")
    await committee.hears("不归您")
    assert await town.read(lambda s: s.scalars(select(Notice.id)).all()) == []


async def test_a_resident_is_told_plainly(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("发通知")
    await wang.hears("这一项不归您办")
