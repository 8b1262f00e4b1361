"""Questions about the service itself, each answered in a sentence or two that is true."""

from __future__ import annotations

from tests.conversations.filing import file_request
from tests.conversations.town import Town


async def test_what_people_ask_of_the_service(scripted_town: Town) -> None:
    """退订 and 你是机器人吗 were not understood, or went to the worker as a supplement."""
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    for words, answer in (
        ("你是机器人吗", "不是真人"),
        ("你们是骗子吧", "不会要您的验证码"),
        ("要钱不", "都不要钱"),
        ("退订", "通知不再发给您"),
        ("议事会", "我这里还办不了"),
        ("哪个看过我的电话", "您还没有报过事"),
    ):
        await wang.says(words)
        await wang.hears(answer)
    await wang.says("转人工")
    await worker.hears("请人帮忙")
    await worker.replies_to("请人帮忙", "您好，我是网格员")
    await wang.hears("我是网格员")
    await wang.says("你是真人不")  # asked of who spoke last
    await worker.hears("王桂英说", "你是真人不")


async def test_why_my_address(scripted_town: Town) -> None:
    """Who asked what for was put the same question again; who then said no lost what was told."""
    ming = await scripted_town.newcomer()
    await ming.says("楼道灯不亮了")
    await ming.hears("您同意吗")
    await ming.says("为啥要我地址")
    await ming.hears("所以要问您住哪儿", "您同意")
    await ming.says("先不了")
    await ming.hears("您的住址什么都没有记，刚才说的事也没有报")
    await ming.presses("转人工")
    await ming.hears("编号 1号")
    assert (await scripted_town.ticket()).text == "楼道灯不亮了"


async def test_a_list_of_workers_is_no_answer_to_a_resident(scripted_town: Town) -> None:
    """没人管的, said by a resident, was refused as if they had wanted the list of 待派单."""
    wang = await scripted_town.resident()
    await file_request(scripted_town, wang)
    await wang.says("没人管的")
    assert "不归您办" not in wang.everything_read
    await wang.says("谁看过")
    await wang.hears("1号还没有人看过")  # the only one, at once
    await file_request(scripted_town, wang, "下水道堵了", "下水道堵了")
    await wang.says("谁看过我的电话")
    await wang.hears("想看哪一件")
    await wang.says("2号")
    await wang.hears("2号")
