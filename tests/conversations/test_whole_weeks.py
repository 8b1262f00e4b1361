"""What residents met over whole weeks, in words and orders of their own: each test names a fault
that was."""

from __future__ import annotations

from tests.conversations import county
from tests.conversations.test_arrival import begins
from tests.conversations.town import Town


async def test_a_building_in_no_list_was_taken_for_the_only_one(county_town: Town) -> None:
    """桂花新村2栋, where the list has 1栋 alone, became 桂花新村1栋 without a word."""
    ming = await county_town.newcomer()
    await begins(ming)
    await ming.says("桂花新村2栋1单元101")
    await ming.hears("您住桂花新村几栋")
    await ming.says("取消")
    await ming.says("我住桂花新村2栋1单元501 水管漏了")
    await ming.presses("同意")
    await ming.hears("您住哪个社区")
    await ming.says("桂花新村")
    await ming.hears("桂花新村1栋，门牌是多少")


async def test_the_other_matters_of_one_message_were_lost(scripted_town: Town) -> None:
    """Three became one ticket without a word; of 食堂今天吃啥 还有楼道灯不亮 the lamp was lost."""
    wang = await scripted_town.resident()
    await wang.says("楼道灯坏了，垃圾也没人收，还有电梯老是停")
    for press in ("路灯照明", "楼里公共地方", "提交"):
        await wang.presses(press)
    seen = await wang.hears("都写在 1号里了")
    assert seen.labels == ["1 单独报：垃圾也没人收", "2 单独报：电梯老是停"]
    await wang.says("2")
    await wang.hears("听起来是“电梯”")
    await wang.says("取消")
    ming = await scripted_town.resident(county.NEIGHBOUR)
    await ming.says("食堂今天吃啥 还有楼道灯不亮")
    await ming.presses("附近场所")
    await ming.hears("一样一样来")
    await ming.hears("食堂")
    await ming.presses("接着说：楼道灯不亮")
    await ming.hears("听起来是“路灯照明”")
