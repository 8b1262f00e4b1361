"""What residents met over whole weeks, in words and orders of their own: each test names a fault
that was."""

from __future__ import annotations

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
