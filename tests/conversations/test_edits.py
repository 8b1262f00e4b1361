"""A message that its sender edits: the new words count wherever the old ones were taken in."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.town import Town


@pytest.fixture(params=["scripted", "aiogram", "ptb"])
async def editing_town(request: pytest.FixtureRequest, make_town: MakeTown) -> Town:
    """A town on each channel that has edits."""
    return await make_town(request.param)


async def versions(town: Town, number: int) -> list[tuple[str, str]]:
    """What was said in a ticket, edits too."""
    said = ("opened", "supplemented", "replied", "resolved", "noted", "edited", "transferred")
    return [event for event in await town.events(number) if event[0] in said]


async def test_the_opening_words_are_changed(editing_town: Town) -> None:
    town = editing_town
    li = await town.grid_worker()
    wang = await town.resident()
    number = await file_request(town, wang, "三单元的楼道灯不亮了")
    await li.hears("三单元的楼道灯不亮了")
    await wang.edits("三单元的楼道灯不亮了", "二单元的楼道灯不亮了")
    await wang.hears("改好了", f"{number}号", "二单元的楼道灯不亮了")
    await li.hears(f"{number}号", "王桂英把刚才那句改成了", "二单元的楼道灯不亮了")
    await town.settle()
    card = next(seen for seen in reversed(li.seat.standing.values()) if "接单" in str(seen.labels))
    assert "二单元的楼道灯不亮了" in card.text
    assert "三单元" not in card.text
    assert (await town.ticket()).text == "二单元的楼道灯不亮了"
    assert await versions(town, number) == [
        ("opened", "三单元的楼道灯不亮了"),
        ("edited", "二单元的楼道灯不亮了"),
    ]


async def test_what_each_side_wrote_is_changed(editing_town: Town) -> None:
    town = editing_town
    li = await town.grid_worker()
    wang = await town.resident()
    number = await file_request(town, wang)
    await wang.replies_to("编号是", "四楼的也不亮")
    await li.hears("四楼的也不亮")
    await wang.edits("四楼的也不亮", "五楼的也不亮")
    await li.hears("王桂英把刚才那句改成了", "五楼的也不亮")
    await li.replies_to("五楼的也不亮", "下午三点过来")
    await wang.hears("下午三点过来")
    await li.edits("下午三点过来", "下午四点过来")
    await li.hears("改好了", "下午四点过来")
    await wang.hears("网格员李建国", "改成了", "下午四点过来")
    await li.edits("下午四点过来", "明天早上过来")
    await wang.hears("改成了", "明天早上过来")
    assert (await versions(town, number))[1:] == [
        ("supplemented", "四楼的也不亮"),
        ("edited", "五楼的也不亮"),
        ("replied", "下午三点过来"),
        ("edited", "下午四点过来"),
        ("edited", "明天早上过来"),
    ]
    await wang.says("我的诉求")
    await wang.hears("您报过的事")
    await wang.presses(f"{number}号")
    await wang.hears("四楼的也不亮", "改了一句话：五楼的也不亮", "改了一句话：明天早上过来")


async def test_a_caption_in_an_album_is_changed(editing_town: Town) -> None:
    town = editing_town
    li = await town.grid_worker()
    wang = await town.resident()
    number = await file_request(town, wang)
    await wang.sends_photos(2, "这两个地方冒水")
    await town.settle()
    await wang.presses(f"补充 {number}号")
    await li.hears("这两个地方冒水")
    await wang.edits("这两个地方冒水", "这三个地方冒水")
    await li.hears("改成了", "这三个地方冒水")
    kind, text = (await town.events(number))[-1]
    assert (kind, text) == ("edited", "这三个地方冒水")


async def begin(town: Town, words: str = "楼道灯不亮了") -> Person:
    """A request that waits for where it is."""
    wang = await town.resident()
    await wang.says(words)
    await wang.hears("听起来是")
    await wang.presses("路灯照明")
    await wang.hears("这事出在哪儿")
    return wang


async def test_an_answer_under_way_is_corrected(detail_town: Town) -> None:
    town = detail_town
    wang = await begin(town)
    await wang.presses("别的地方")
    await wang.hears("在哪儿")
    await wang.edits("楼道灯不亮了", "楼道灯一闪一闪的")
    await wang.hears("就按新的算", "楼道灯一闪一闪的")
    await wang.hears("在哪儿")
    await wang.says("东门外面")
    await wang.hears("您看对不对", "楼道灯一闪一闪的", "东门外面")
    await wang.edits("东门外面", "西门外面")
    await wang.hears("就按新的算")
    await wang.hears("您看对不对", "楼道灯一闪一闪的", "西门外面")
    await wang.presses("提交")
    await wang.hears("编号是")
    ticket = await town.ticket()
    assert (ticket.text, ticket.place) == ("楼道灯一闪一闪的", "西门外面")


async def test_the_place_is_changed_after_filing(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    wang = await begin(town)
    await wang.presses("别的地方")
    await wang.hears("在哪儿")
    await wang.says("东门外面")
    await wang.hears("您看对不对")
    await wang.presses("提交")
    await wang.hears("编号是")
    await wang.edits("东门外面", "西门外面")
    await wang.hears("改好了", "西门外面")
    await li.hears("王桂英把地点改成了", "西门外面")
    ticket = await town.ticket()
    assert (ticket.text, ticket.place) == ("楼道灯不亮了", "西门外面")


async def test_a_story_told_in_several_messages(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    wang = await town.resident()
    number = await file_request(town, wang)
    await li.hears("等人接单")
    await li.presses("办结")
    await li.hears("怎么解决的")
    await li.sends_photos(1)
    await li.hears("照片收到了")
    await li.says("换了新灯")
    await wang.hears("换了新灯")
    await li.edits("换了新灯", "换了两盏新灯")
    await wang.hears("改成了", "换了两盏新灯")
    assert (await versions(town, number))[-2:] == [
        ("resolved", "换了新灯"),
        ("edited", "换了两盏新灯"),
    ]


async def test_a_caption_that_comes_with_an_edit_tells_the_matter(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.sends_photos(1, "")
    await wang.hears("收到了（1 个文件）")
    await wang.edits("", "楼道灯不亮了")
    await wang.hears("就按新的算")
    await wang.hears("听起来是", "路灯照明")


async def test_words_laid_aside_are_corrected_without_a_word(scripted_town: Town) -> None:
    town = scripted_town
    wang = await begin(town)
    await wang.says("菜单")
    await wang.hears("给您留着")
    await wang.hears("您要办什么")
    await wang.edits("楼道灯不亮了", "楼道灯一闪一闪的")
    await wang.heard_nothing()
    await wang.says("继续")
    await wang.hears("这事出在哪儿")
    await wang.presses("就在我家")
    await wang.hears("您看对不对", "楼道灯一闪一闪的")


async def test_words_that_wait_on_buttons(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    wang = await town.resident()
    first = await file_request(town, wang)
    await file_request(town, wang, "下水道堵了", "下水道堵了")
    await wang.says("还是三楼那个")
    old = await wang.hears("是哪一件事")
    await wang.edits("还是三楼那个", "还是四楼那个")
    await wang.hears("还是四楼那个", "就按新的这句来")
    old_message, old_button = await wang.finds(f"补充 {first}号", on=old)
    await wang.presses_again(old_message, old_button)
    await wang.hears(f"已加到 {first}号")
    await li.hears("还是四楼那个")
    await wang.presses(f"补充 {first}号")
    await wang.hears("已经在", f"{first}号")
    said = [text for kind, text in await town.events(first) if kind == "supplemented"]
    assert said == ["还是四楼那个"]


@pytest.mark.parametrize("used_up", ["菜单", "谢谢", "嗯哼"])
async def test_words_that_were_used_up_are_offered(scripted_town: Town, used_up: str) -> None:
    town = scripted_town
    wang = await town.resident()
    await wang.says(used_up)
    await town.settle()
    await wang.heard()
    await wang.edits(used_up, "楼道灯不亮了")
    offer = await wang.hears("您把话改成了“楼道灯不亮了”")
    assert await town.ticket_count() == 0
    message, button = await wang.finds("按新的这句来办", on=offer)
    await wang.presses_again(message, button)
    await wang.hears("听起来是")
    await wang.presses_again(message, button)
    await wang.heard_nothing()
    await wang.edits("楼道灯不亮了", "下水道堵了")
    await wang.hears("就按新的算")
    await wang.hears("听起来是", "下水道")


async def test_a_number_that_was_edited_picks_nothing(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("楼道灯不亮了")
    await wang.hears("听起来是")
    await wang.says("1")
    await wang.hears("这事出在哪儿")
    await wang.edits("1", "2")
    await wang.hears("您把话改成了“2”")
    await wang.heard_nothing()


async def test_a_wrong_door_is_corrected(scripted_town: Town) -> None:
    wang = await scripted_town.newcomer()
    await wang.says("楼道灯坏了三天了")
    for said, heard in [
        ("同意", "哪个小区"),
        ("我住莲花池花园3栋", "门牌是多少"),
        ("1单元302", "怎么称呼您"),
    ]:
        await wang.says(said)
        await wang.hears(heard)
    await wang.edits("1单元302", "1单元503")
    await wang.hears("就按新的算", "1单元503")
    await wang.hears("怎么称呼您")
    await wang.edits("我住莲花池花园3栋", "我住莲花池花园2栋")
    await wang.hears("就按新的算")
    await wang.hears("怎么称呼您")
    for said, heard in [("王阿姨", "留个电话吗"), ("跳过", "听起来是"), ("1", "出在哪儿")]:
        await wang.says(said)
        await wang.hears(heard)
    await wang.presses("就在我家")
    await wang.hears("您看对不对", "2栋1单元503")


async def test_a_note_stays_the_countys_own(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    wang = await town.resident()
    number = await file_request(town, wang)
    await li.hears("等人接单")
    await li.presses("接单")
    await li.hears("1号归您了")
    await li.presses("内部备注")
    await li.hears("要记什么")
    await li.says("这家老人耳朵不好")
    await li.hears("备注记下了")
    await wang.heard()
    await li.edits("这家老人耳朵不好", "这家老人腿脚不便")
    await li.hears("改好了")
    await wang.heard_nothing()
    await wang.says("我的诉求")
    await wang.hears("您报过的事")
    await wang.presses(f"{number}号")
    timeline = await wang.hears("报了这件事")
    assert "老人" not in timeline.text
    assert (await versions(town, number))[-1] == ("edited", "这家老人腿脚不便")


async def test_words_taken_back_are_not_changed_there(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    wang = await town.resident()
    number = await file_request(town, wang)
    await li.replies_to("等人接单", "是哪一盏")
    await wang.hears("是哪一盏")
    await wang.says("电梯也坏了")
    await wang.hears(f"已加到 {number}号")
    await wang.presses("是新的事")
    await li.hears("请不用管它")
    await wang.hears("听起来是")
    await wang.edits("电梯也坏了", "电梯停在三楼不动")
    await wang.hears("就按新的算", "电梯停在三楼不动")
    await li.heard_nothing()
    assert "edited" not in dict(await town.events(number))


async def test_an_edit_after_the_end_bothers_no_worker(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    wang = await town.resident()
    number = await file_request(town, wang)
    await wang.says("我的诉求")
    await wang.presses(f"{number}号")
    await wang.presses("撤回")
    await wang.presses("确定撤回")
    await li.hears("撤回")
    await li.heard()
    await wang.edits("楼道灯不亮了", "楼道灯又不亮了")
    await wang.hears(f"{number}号已经结束了")
    assert all(seen.edited for seen in await li.heard()), "the card changes where it stands"
    await wang.presses("是一件新的事")
    await wang.hears("听起来是")


async def test_danger_in_an_edit_gets_the_numbers_to_call(scripted_town: Town) -> None:
    town = scripted_town
    wang = await town.resident()
    await file_request(town, wang)
    await wang.edits("楼道灯不亮了", "楼道里着火了")
    await wang.hears("火警 119")


async def test_a_reason_is_changed_for_who_got_it(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    chen = await town.liaison()
    wang = await town.resident()
    number = await file_request(town, wang)
    await li.hears("等人接单")
    await li.presses("接单")
    await li.presses("转交")
    await li.hears("转交给谁")
    await li.presses("陈秀兰")
    await li.says("我今天在外面开会")
    await chen.hears("我今天在外面开会")
    await li.edits("我今天在外面开会", "我这周在外面开会")
    await chen.hears("李建国", "改成了", "我这周在外面开会")
    assert ("edited", "我这周在外面开会") in await versions(town, number)
