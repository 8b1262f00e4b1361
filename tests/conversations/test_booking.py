"""预约: a slot of the rota is one resident's; reminded, moved, cancelled; read by who is booked."""

from __future__ import annotations

from tests.conversations.law import DELEGATE, LAWYER, with_helpers
from tests.conversations.people import Person
from tests.conversations.town import Town


async def open_hall(town: Town) -> tuple[Person, Person]:
    """Monday the 8th of March, 2027, at nine; the lawyer and the delegate with chats."""
    await town.write(lambda session: with_helpers(session, town.now()))
    town.at(2027, 3, 8, 9, 0)
    return await town.worker(LAWYER, "片区律师"), await town.worker(DELEGATE, "人大代表")


async def test_a_slot_is_booked_moved_and_given_back(detail_town: Town) -> None:
    town = detail_town
    lawyer, _ = await open_hall(town)
    wang = await town.resident()
    await wang.says("预约")
    await wang.hears("哪一天")
    await wang.presses("周三（3月10日）")
    await wang.hears(LAWYER, "还空着")
    await wang.says("两点半")
    await wang.hears("想说什么事")
    await wang.says("想离婚，怎么办")
    await wang.hears("3月10日周三 14:30", "30 分钟", "社区居委会一楼")
    await wang.presses("就约这个时间")
    await wang.hears("约好了", "提醒您")
    await lawyer.hears("新预约：3月10日周三 14:30", "想离婚，怎么办")
    await lawyer.says("接待安排")
    await lawyer.hears("3月10日周三来找您的", "14:30", "想离婚")
    await wang.says("我的预约")
    await wang.hears("3月10日周三 14:30")
    await wang.presses("改时间")
    await wang.presses("周三（3月10日）")
    await wang.presses("下午3:00")
    await wang.presses("就约这个时间")
    await wang.hears("约好了：3月10日周三 15:00")
    await lawyer.hears("取消了3月10日周三 14:30")
    await lawyer.hears("新预约：3月10日周三 15:00")
    await wang.says("我的预约")
    await wang.presses("取消预约")
    await wang.hears("取消了")
    await lawyer.hears("取消了3月10日周三 15:00")


async def test_what_is_taken_meanwhile_is_not_had_twice(scripted_town: Town) -> None:
    lawyer, _ = await open_hall(scripted_town)
    wang, zhao = await scripted_town.resident(), await scripted_town.resident("赵大山")
    for one in (wang, zhao):
        await one.says("预约")
        await one.presses("周三（3月10日）")
        await one.presses("下午2:00")
        await one.presses("跳过")
        await one.hears("就约这个时间吗")
    await wang.presses("就约这个时间")
    await wang.hears("约好了")
    await zhao.presses("就约这个时间")
    await zhao.hears("14:00 刚刚被别人约走了")
    shown = await zhao.hears("还空着")
    assert [label for label in shown.labels if "2:00" in label] == []
    await zhao.presses("下午2:30")
    await zhao.presses("就约这个时间")
    await zhao.hears("约好了：3月10日周三 14:30")
    await lawyer.hears("14:00", "王桂英")
    await lawyer.hears("14:30", "赵大山")


async def test_reminded_the_evening_before_and_once(scripted_town: Town) -> None:
    await open_hall(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("预约")
    await wang.presses("周三（3月10日）")
    await wang.presses("下午2:00")
    await wang.presses("跳过")
    await wang.presses("就约这个时间")
    await wang.hears("约好了")
    await scripted_town.look_after(hours=20)
    await wang.heard_nothing()
    await scripted_town.look_after(hours=14)  # Tuesday, a little after six in the evening
    await wang.hears("提醒您：明天", "14:00", LAWYER)
    await scripted_town.look_after(hours=1)
    await wang.heard_nothing()


async def test_only_who_is_booked_reads_of_it(scripted_town: Town) -> None:
    lawyer, delegate = await open_hall(scripted_town)
    grid, admin = await scripted_town.grid_worker(), await scripted_town.admin()
    wang = await scripted_town.resident()
    await wang.says("预约")
    await wang.presses("周一（3月15日）")
    await wang.presses("上午9:20")
    await wang.says("村里修路占地的补偿")
    await wang.presses("就约这个时间")
    await delegate.hears("新预约", "补偿")
    for other in (lawyer, grid, admin):
        await other.says("接待安排")
        await scripted_town.settle()
        assert "补偿" not in other.everything_read
    await lawyer.hears("没有人约您")
    await grid.hears("排班表里还没有您")
