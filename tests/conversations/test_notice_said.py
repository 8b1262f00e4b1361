"""What admins say in their own words about notices, and what others who say it get."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from storage import addresses, areas
from storage.areas import Household
from storage.base import vault_in
from storage.notices import settings
from storage.notices.tables import NoticeState
from storage.posts import Role
from tests.conversations.notices import TEXT, goes_out, is_asked_when, the_notice, writes
from tests.conversations.test_notice_changes import under_way
from tests.conversations.test_notice_rights import give_post
from tests.conversations.town import Town


@pytest.mark.parametrize(
    "said",
    ["我要发通知", "发个通知", "发布通知", "写个通知", "群发", "通知", "发条通知吧", "要下个通知",
     "想给大家群发消息", "fagetongzhi", "发公告", "通知一下居民",
     "帮我发个通知 明天停水", "发通知，明天停水"],
)  # fmt: skip
async def test_said_plainly_it_begins_for_an_admin_alone(scripted_town: Town, said: str) -> None:
    town = scripted_town
    admin, wang, grid = await town.admin(), await town.resident(), await town.grid_worker()
    await admin.says(said)
    await admin.hears("发给谁" if "停水" in said else "要通知什么")
    for other in (wang, grid):
        await other.says(said)
        await other.heard()
        assert "要通知什么" not in other.everything_read
        assert "发给谁" not in other.everything_read


async def test_a_matter_is_no_notice(scripted_town: Town) -> None:
    admin = await scripted_town.admin()
    await admin.says("停水了也没人通知")
    await admin.heard()
    assert "要通知什么" not in admin.everything_read


async def test_the_progress_is_steered_by_words(scripted_town: Town) -> None:
    """暂停, 继续 and 取消发送 typed under the progress went elsewhere."""
    town = scripted_town
    admin, wang = await under_way(town)
    await admin.heard()
    await admin.says("暂停")
    await admin.hears("1号通知暂停了")
    assert (await the_notice(town)).state == NoticeState.PAUSED
    await wang.says("继续")
    await wang.heard()
    assert (await the_notice(town)).state == NoticeState.PAUSED
    await admin.says("继续")
    await admin.hears("接着发")
    assert (await the_notice(town)).state == NoticeState.SENDING
    await admin.says("取消发送")
    await admin.hears("1号通知")
    await admin.presses("取消，不再发")
    await admin.hears("1号通知取消了")
    assert (await the_notice(town)).state == NoticeState.CANCELLED
    await admin.says("暂停")
    await admin.heard()
    assert "还没有发过通知" not in admin.everything_read


async def test_of_two_it_is_asked_which(scripted_town: Town) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 22, 0)
    admin = await town.admin()
    for text in (TEXT, "后天停电。"):
        await writes(admin, text=text, when="早上再发")
        await admin.presses("确定")
        await admin.heard()
    await admin.says("取消通知")
    await admin.hears("最近的通知", "后天停电", TEXT)


async def test_another_communitys_notice_is_not_steered(scripted_town: Town) -> None:
    town = scripted_town
    await give_post(town, "吴芳", Role.ADMIN, "桂花社区")
    far = await town.social_worker()
    await under_way(town)
    await far.says("暂停")
    await far.heard()
    assert (await the_notice(town)).state == NoticeState.SENDING


async def test_what_waits_comes_first_and_what_is_old_is_found(
    scripted_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notice that waited for a second admin sank below the newest six."""
    town = scripted_town
    town.at(2026, 11, 24, 22, 0)
    admin = await town.admin()
    for number in range(9):
        await writes(admin, text=f"小事{number}", when="早上再发")
        await admin.presses("确定")
        await admin.heard()

    def waits(session: Session) -> None:
        from storage.notices.tables import Notice

        session.get_one(Notice, 2).state = NoticeState.WAITING

    await town.write(waits)
    await admin.says("通知进度")
    seen = await admin.hears("2号 等另一位管理员同意")
    assert seen.text.index("2号") < seen.text.index("9号")
    await admin.presses("更早的")
    seen = await admin.hears("更早的通知", "1号")
    assert "2号" not in seen.text
    assert not any("更早" in label for label in seen.labels)


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        ("莲花池社区和桂花社区", "莲花池社区、桂花社区的住户"),
        ("莲花池社区、桂花社区", "莲花池社区、桂花社区的住户"),
        ("桂花新村1栋、莲花池花园3栋", "桂花新村1栋、莲花池花园3栋的住户"),
        ("莲花池花园3栋、9栋", "没找到"),
        ("莲花池社区还有桂花新村1栋", "莲花池社区、桂花新村1栋的住户"),
        ("莲花池花园", "莲花池花园的住户"),
        ("莲花池社区和火星社区", "没找到"),
        ("火星社区和莲花池社区", "没找到"),  # 莲花池社区 alone was taken
    ],
)
async def test_several_places_at_once(scripted_town: Town, said: str, whom: str) -> None:
    """Of 莲花池社区和桂花社区 nothing was found."""
    admin = await scripted_town.admin()
    await admin.says("发通知")
    await admin.says(TEXT)
    await admin.presses("其中一个")
    await admin.says(said)
    if whom == "没找到":
        await admin.hears(whom)
        return
    await admin.presses("不用")
    await admin.says("现在")
    await admin.hears(f"发给：{whom}", "要发吗")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("党员", "青禾县的联户党员"),
        ("网格员和联户党员", "青禾县的网格员、联户党员"),
        ("莲花池花园", "莲花池花园的住户"),
        ("发给莲花池花园3栋、桂花社区", "莲花池花园3栋、桂花社区的住户"),
        ("大家", "青禾县的住户"),
        ("独居老人、残疾人", "青禾县的住户，家里有独居老人、残疾人的"),
        ("莲花池花园的独居老人", "莲花池花园的住户，家里有独居老人的"),
        ("没走访的", "青禾县的住户，这个月联户党员还没走访的"),
        ("火星社区", "没找到您说的"),
    ],
)
async def test_whom_in_ones_own_words(scripted_town: Town, said: str, told: str) -> None:
    """党员 became the homes that no 联户党员 has been to, and a place was not understood."""
    town = scripted_town
    await town.write(_homes_of_groups)
    admin = await town.admin()
    await admin.says("发通知")
    await admin.says(TEXT)
    await admin.says(said)
    if "没找到" in told:
        await admin.hears(told)
        return
    await admin.says("不用")
    await admin.says("现在")
    await admin.hears(f"发给：{told}\n", "要发吗")


def _homes_of_groups(session: Session) -> None:
    third = addresses.resolve_path(session, "莲花池社区/莲花池花园/3栋")
    assert third is not None
    for door, groups in (("1单元101", ["独居老人"]), ("1单元102", ["残疾人"])):
        home = areas.household(session, vault_in(session), third, door)
        session.get_one(Household, home.id).groups = groups


async def test_a_name_of_several_places_keeps_the_group(scripted_town: Town) -> None:
    """And what was named with one choice does not stay with another."""
    town = scripted_town
    await town.write(_homes_of_groups)
    admin = await town.admin()
    await admin.says("发通知")
    await admin.says(TEXT)
    await admin.says("3栋的独居老人")
    await admin.hears("是哪一个")
    await admin.presses("莲花池花园3栋")
    await admin.says("不用")
    await admin.says("现在")
    await admin.hears("发给：莲花池花园3栋的住户，家里有独居老人的", "一共 1 户")
    await admin.says("修改")
    await admin.presses("发给谁")
    await admin.says("桂花社区的网格员")
    await admin.hears("发给：桂花社区的网格员", "一共 1 人")


async def test_what_is_asked_about_a_notice_that_went_out(scripted_town: Town) -> None:
    """谁没看 was not understood, 哪些没发到 became a 诉求, 撤回通知 was 我的诉求."""
    town = scripted_town
    admin, wang, _ = await town.admin(), await town.resident(), await town.resident("赵大山")
    await admin.says("谁没看")
    await admin.hears("没听明白")
    await writes(admin)
    await admin.presses("确定")
    await goes_out(town)
    await wang.presses("我看过了")
    await admin.heard()
    await admin.says("谁没看")
    told = await admin.hears("按了“我看过了”的 1 户，没按的 1 户", "没按的不一定没看")
    assert "赵大山" not in told.text
    await admin.hears("发完了", "看过了 1 户")
    await admin.says("哪些没发到")
    told = await admin.hears("没有发到的 1 户")
    assert "201" not in told.text, "a door, which only the grid worker of that place gets"
    await admin.hears("发完了")
    for said, words in (
        ("发完没", "发完了"), ("撤回通知", "已经发完了，收不回来"), ("再发一遍", "每家只发一遍"),
        ("发错了", "1号通知现在写的是"),
    ):  # fmt: skip
        await admin.says(said)
        await admin.hears(words)
    await admin.says(TEXT)
    await admin.hears("跟现在写的一样", "没有改")
    await admin.says("回执")
    await town.app.reports.do_all(town.now())
    told = await admin.hears("1号通知的回执", "后来有 0 户有人上过门")
    assert "名单给出" not in told.text, "nobody was there to be given a list"
    await wang.says("谁没看")
    await wang.heard()
    assert "没按的 1 户" not in wang.everything_read


async def test_what_is_asked_about_a_notice_that_has_its_time(scripted_town: Town) -> None:
    """改到10点 became a 诉求 of the admin's own; 暂停 was of no matter."""
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    admin, _ = await town.admin(), await town.resident()
    await admin.says("发通知：明天停水")
    await admin.hears("发给谁")
    await admin.says("莲花池花园3栋1单元302")
    await admin.hears("不能只发给一户", "发给整栋吗")
    await admin.presses("莲花池花园3栋")
    await admin.says("不用")
    await admin.says("明天上午9点")
    await admin.hears("明天停水\n", "—— 青禾县")
    await admin.hears("莲花池花园3栋的住户", "要发吗")
    await admin.presses("确定")
    await admin.hears("定好时间")
    town.at(2026, 11, 24, 8, 0)
    await admin.says("改到10点")
    await admin.hears("1号通知改到 11月25日 10:00发")
    await admin.says("改到昨天9点")
    await admin.hears("什么时候发")
    await admin.says("后天22点")
    await admin.hears("11月27日 08:00发（夜里不打扰，改到早上）")
    await admin.presses("改时间")
    await admin.says("取消")
    await admin.heard()
    await admin.says("暂停")
    await admin.hears("定好时间")


async def test_another_time_keeps_what_was_agreed_to(
    scripted_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time that was set could only be cancelled and asked about anew."""
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    monkeypatch.setitem(settings._file(), "needs_approval", 2)
    await give_post(town, "吴芳", Role.ADMIN, "青禾县")
    admin, second, wang = await town.admin(), await town.social_worker(), await town.resident()
    await is_asked_when(admin)
    await admin.says("明天上午9点")
    await admin.presses("确定")
    await second.hears("等您同意", "11月25日 09:00")
    await admin.says("改到明天11点")
    await admin.hears("已经请 吴芳 看新的时间")
    await second.hears("等您同意", "11月25日 11:00")
    await second.says("改到明天8点")
    await second.hears("1号通知是郑强写的")
    await second.presses("同意发")
    await admin.says("推迟到明天下午3点")
    await admin.hears("11月25日 15:00", "原来的同意还算数")
    await second.hears("您同意过的 1号通知", "11月25日 15:00")
    town.at(2026, 11, 25, 15, 1)
    await town.look_after()
    await goes_out(town)
    await wang.hears(TEXT)


async def test_a_time_typed_at_the_last_question_and_words_sent_before(scripted_town: Town) -> None:
    """明天9点 at 要发吗 was not understood; what was forwarded before had to be sent again."""
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    admin, wang = await town.admin(), await town.resident()
    forwarded = "各位居民：明天上午9点到11点停水，请提前接水。"
    await admin.says(forwarded)
    await admin.says("取消")
    await admin.says("发通知")
    await admin.hears("您刚才发来", "把它发成通知吗")
    await admin.presses("是，发这一段")
    await admin.presses("的所有住户")
    await admin.presses("不用")
    await admin.presses("现在就发")
    await admin.hears("要发吗")
    await admin.says("明天9点")
    await admin.hears("时间：11月25日 09:00", "要发吗")
    await admin.says("后天")
    await admin.hears("几点发")
    await admin.says("下午3点")
    await admin.hears("时间：11月26日 15:00", "要发吗")
    await admin.says("昨天3点")
    await admin.hears("已经过了")
    await admin.presses("确定")
    await admin.hears("定好时间", forwarded)
    await admin.says("发通知")
    told = await admin.hears("")
    assert "刚才发来" not in told.text, "it is a notice already"
    await wang.heard_nothing()


async def test_the_second_admin_agrees_in_words(
    scripted_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To 同意 it said 现在没有等您回话的事, to 可以发 it offered 治安防范; the reason 写错了
    asked for the reason once more."""
    town = scripted_town
    monkeypatch.setitem(settings._file(), "needs_approval", 2)
    await give_post(town, "吴芳", Role.ADMIN, "青禾县")
    admin, second = await town.admin(), await town.social_worker()
    await writes(admin)
    await admin.presses("确定")
    await second.hears("等您同意")
    await second.says("同意")
    await second.hears("等您同意", TEXT)
    assert (await the_notice(town)).state == NoticeState.WAITING, "a bare word is no agreement"
    await second.says("不同意")
    await second.hears("为什么不同意")
    await second.says("写错了")
    await admin.hears("吴芳不同意发1号通知：写错了")
    await writes(admin)
    await admin.presses("确定")
    await admin.heard()
    await admin.says("同意发")
    await admin.heard()
    assert (await the_notice(town)).state == NoticeState.WAITING, "never the author"
    await second.says("可以发")
    await second.hears("2号通知开始发了")


async def test_files_that_one_notice_cannot_carry_are_said(scripted_town: Town) -> None:
    """The eleventh, a document with the words as its caption, was dropped without a word."""
    admin = await scripted_town.admin()
    await admin.says("发通知")
    await admin.sends_photos(8)
    await admin.sends_photos(4)
    await admin.hears("收到 10 个文件（一条通知最多带 10 个，多的 2 个没收）")
    await admin.sends_document("体检名单在文件里。")
    await admin.presses("的所有住户")
    await admin.presses("不用")
    await admin.says("现在")
    await admin.hears("带 10 个文件", "多的 3 个没有收", "要发吗")
