"""Danger in the middle of anything: the numbers at once, and it is filed, even in silence."""

from __future__ import annotations

import pytest

from tests.conversations.county import ADMIN
from tests.conversations.people import Person
from tests.conversations.town import Town

CALLED = ["打了", "打了120了", "打不通", "没人接", "没得电话", "dabutong", "快来人啊"]


async def before(wang: Person, words: list[str]) -> None:
    """Say these, each answered."""
    for one in words:
        await wang.says(one)
        await wang.hears()


@pytest.mark.parametrize(
    "words",
    [
        ["楼道灯不亮"],
        ["楼道灯不亮", "路灯照明"],
        ["楼道灯不亮", "路灯照明", "1"],
        ["微心愿"],
        ["代报"],
        ["找服务"],
        ["我的诉求"],
        ["代办", "帮我办社保卡"],
    ],
)
async def test_danger_breaks_into_any_talk(scripted_town: Town, words: list[str]) -> None:
    """It was: 没弄懂, or 按“提交”我就送出去."""
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await before(wang, words)
    await wang.says("心口痛")
    await wang.hears("急救 120")
    await wang.hears("这事出在哪儿", "10分钟")
    await wang.says("打了")
    await wang.hears("已经当急事报给网格员", "编号 1号")
    await worker.hears("‼️急", "心口痛", "打了", "1单元302")
    ticket = await scripted_town.ticket()
    assert (ticket.urgent, ticket.service) == (True, "request")


async def test_what_was_under_way_is_kept(town: Town) -> None:
    await town.grid_worker()
    wang = await town.resident()
    await wang.says("楼道灯不亮")
    await wang.hears("听起来是")
    await wang.says("着火了")
    await wang.hears("火警 119")
    await wang.presses("莲花池花园（小区里）")
    await wang.hears("已经当急事")
    await wang.presses("继续")
    await wang.hears("听起来是“路灯照明”")


@pytest.mark.parametrize("words", CALLED)
async def test_one_word_files_it_at_home(scripted_town: Town, words: str) -> None:
    """打了 was answered with 没弄懂, and two days later nobody knew."""
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await wang.says("心口痛")
    await wang.hears("出在哪儿")
    await wang.says(words)
    await wang.hears("已经当急事")
    await worker.hears("‼️急", "心口痛", words, "1单元302")


async def test_silence_is_filed_too(town: Town) -> None:
    worker, wang = await town.grid_worker(), await town.resident()
    await wang.says("救命")
    await wang.hears("10分钟后", "我没事")
    await town.look_after(minutes=5)
    await worker.heard_nothing()
    await town.look_after(minutes=6)
    await worker.hears("‼️急", "救命", "1单元302")
    await wang.hears("已经当急事报给网格员", "撤回")
    await wang.says("打了")
    await wang.hears("已加到 1号")
    await town.look_after(hours=1)
    assert await town.ticket_count() == 1


async def test_who_wandered_off_to_the_menu_is_not_forgotten(scripted_town: Town) -> None:
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await wang.says("老伴叫不醒")
    await wang.says("菜单")
    await wang.hears("继续")
    await scripted_town.look_after(minutes=11)
    await worker.hears("‼️急", "老伴叫不醒")


@pytest.mark.parametrize("words", ["我没事", "没得事", "5", "搞错了", "取消"])
async def test_nothing_is_filed_for_who_is_fine(scripted_town: Town, words: str) -> None:
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await wang.says("着火了")
    await wang.hears("我没事")
    await wang.says(words)
    await wang.hears()
    await scripted_town.look_after(hours=1)
    await worker.heard_nothing()
    assert await scripted_town.ticket_count() == 0


async def test_a_place_in_words(scripted_town: Town) -> None:
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await wang.says("有人打架")
    await wang.hears("报警 110")
    await wang.says("农贸市场门口")
    await worker.hears("‼️急", "有人打架", "莲花池花园 农贸市场门口")
    assert (await scripted_town.ticket()).place == "农贸市场门口"


async def test_a_newcomer_is_asked_only_where(town: Town) -> None:
    """救命 was answered with 要办事，得先记下您住哪儿."""
    admin, wang = await town.admin(), await town.newcomer()
    await wang.says("灯坏了")
    await wang.hears("您同意吗")
    await wang.says("救命")
    await wang.hears("急救 120")
    await wang.hears("先打电话要紧", "您在哪儿")
    await wang.says("桂花新村1栋")
    await wang.hears("已经当急事报给管理员")
    await admin.hears("‼️急", "救命", "桂花新村1栋")


async def test_a_person_is_asked_for_in_danger(scripted_town: Town) -> None:
    """It made an ordinary ticket, due in a week."""
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await wang.says("心口痛")
    await wang.says("0")
    await wang.hears("已经当急事报给网格员")
    await worker.hears("‼️急", "心口痛")


async def test_all_words_reach_the_person_who_helps(scripted_town: Town) -> None:
    """What had been no answer was lost, and 没有人在线 was said though an admin had it."""
    admin, wang = await scripted_town.admin(), await scripted_town.newcomer()
    await wang.says("灯坏了")
    await wang.says("我住在老粮站后面")
    await wang.says("0")
    await wang.hears("我请管理员来帮您")
    await admin.hears("灯坏了", "我住在老粮站后面")
    assert admin.name == ADMIN


async def test_a_danger_leaves_the_wishes(scripted_town: Town) -> None:
    """着火了 was filed as a wish, to the liaison alone."""
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await wang.says("微心愿")
    await wang.says("着火了")
    await wang.presses("就在我家")
    await worker.hears("‼️急", "着火了")
    assert (await scripted_town.ticket()).service == "request"


async def test_a_worker_who_writes_to_a_resident_is_not_stopped(scripted_town: Town) -> None:
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await wang.says("楼道灯不亮了")
    await wang.presses("路灯照明")
    await wang.presses("楼里公共地方")
    await wang.presses("提交")
    await worker.presses("接单")
    await worker.presses("回复")
    await worker.says("着火的事已处理，有人打架我也报警了")
    await wang.hears("着火的事已处理")
    assert "119" not in worker.everything_read
    await worker.says("我的住址")  # but where they speak for themselves it is heard
    await worker.says("救命")
    await worker.hears("急救 120")


async def test_a_reply_to_a_message_of_a_matter_shows_the_numbers(scripted_town: Town) -> None:
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await wang.says("楼道灯不亮了")
    await wang.presses("路灯照明")
    await wang.presses("楼里公共地方")
    await wang.presses("提交")
    await wang.replies_to("编号是", "电线冒烟着火了")
    await wang.hears("火警 119")
    await worker.hears("电线冒烟着火了")


async def test_gas_or_a_person(scripted_town: Town) -> None:
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await wang.says("没气了")
    await wang.hears("是人没气了，还是燃气没气了")
    await wang.presses("是人没气了")
    await wang.hears("急救 120")
    await wang.says("打了")
    await worker.hears("‼️急", "人没气了")
    await wang.says("取消")
    await wang.says("没得气了")
    await wang.presses("是燃气没气了")
    await wang.hears()
    assert (await scripted_town.ticket_count()) == 1


async def test_cheated_of_money(scripted_town: Town) -> None:
    """The numbers of the police, and then like any matter: nobody is told unasked."""
    wang = await scripted_town.resident()
    await wang.says("公安局打电话喊我转账")
    await wang.hears("报警 110")
    await wang.hears("反诈专线 96110")
    await wang.hears("先别再转钱")
    await scripted_town.look_after(hours=1)
    assert await scripted_town.ticket_count() == 0


async def test_a_newcomer_who_falls_silent_is_not_forgotten(scripted_town: Town) -> None:
    """No home was known, so nothing was filed, and nobody on duty heard of it."""
    admin, ming = await scripted_town.admin(), await scripted_town.newcomer()
    await ming.says("我老汉儿栽倒了 没得气了")
    await ming.hears("您在哪儿", "10分钟后我先报给值班的人")
    await scripted_town.look_after(minutes=11)
    await admin.hears("‼️急", "栽倒了", "青禾县")
    await ming.hears("您一直没回", "您在哪儿")
    await ming.says("大桥村三组")
    await admin.hears("大桥村三组")


async def test_danger_told_for_somebody_is_filed_at_once(scripted_town: Town) -> None:
    """At the end of 代报 it waited for 提交; and 帮我妈报一下 她栽倒了 was filed as an errand."""
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    for words in ("代报", "张奶奶", "知道", "莲花池花园2栋1单元501", "跳过", "她晕倒了叫不醒"):
        await wang.says(words)
    await wang.hears("急救 120")
    await wang.hears("替张奶奶报好了", "有什么变化，直接跟我说")
    await worker.hears("老人孩子照护", "‼️急", "晕倒了", "莲花池花园2栋1单元501")
    await wang.says("帮我妈报一下 她栽倒了起不来")  # another one, not that of a moment ago
    await wang.hears("这事出在哪儿")
    await wang.says("就在我家")
    await wang.hears("2号")
    assert (await scripted_town.ticket()).kind == "care"
