"""The buttons under the progress: pause, go on, cancel, the rest, and the visiting lists."""

from __future__ import annotations

from storage.notices.tables import NoticeState
from tests.conversations.notices import TEXT, audited, goes_out, ledger, the_notice, writes
from tests.conversations.people import Person
from tests.conversations.town import Town


async def under_way(town: Town) -> tuple[Person, Person]:
    """A notice that is frozen and of which nothing has gone."""
    admin, wang = await town.admin(), await town.resident()
    await town.resident("赵大山")
    town.app.broadcast.ahead = 0
    await writes(admin)
    await admin.presses("确定")
    for _ in range(20):
        await town.app.broadcast.look()
        if (await the_notice(town)).state == NoticeState.SENDING:
            break
    await town.look_after(seconds=11)
    return admin, wang


async def test_paused_and_gone_on(scripted_town: Town) -> None:
    town = scripted_town
    admin, wang = await under_way(town)
    await admin.presses("暂停发送")
    await admin.hears("1号通知暂停了")
    town.app.broadcast.ahead = 90
    await town.app.broadcast.look()
    await wang.heard_nothing()
    await admin.presses("继续发")
    await admin.hears("接着发")
    await goes_out(town)
    await wang.hears(TEXT)


async def test_cancelled_with_visiting_lists_and_then_sent_to_the_rest(scripted_town: Town) -> None:
    town = scripted_town
    admin, wang = await under_way(town)
    other, grid = await town.worker("周敏", "网格员"), await town.grid_worker()
    await admin.presses("取消发送")
    await admin.hears("还没发的 2 条不再发", "1 户联系不上")
    await admin.presses("请网格员上门说")
    await admin.hears("1号通知取消了")
    await admin.hears("1 户的上门名单给了 1 位网格员")
    await town.app.reports.do_all(town.now())
    await other.hears("这条通知中途停了", "2单元201")
    await grid.heard_nothing()
    town.app.broadcast.ahead = 90
    await town.app.broadcast.look()
    await wang.heard_nothing()

    await admin.presses("发给剩下的")
    await goes_out(town)
    await wang.hears(TEXT)
    assert await ledger(town) == {"sent": 2, "unreachable": 1}
    assert len(await audited(town, "visiting")) == 1
    await other.heard_nothing()


async def test_cancelled_quietly_nobody_is_sent_to_a_door(scripted_town: Town) -> None:
    town = scripted_town
    admin, _ = await under_way(town)
    other = await town.worker("周敏", "网格员")
    await admin.presses("取消发送")
    await admin.presses("先不取消")
    await admin.hears("照旧")
    await admin.presses("取消发送")
    await admin.presses("取消，不再发")
    await admin.hears("取消了")
    await town.look_after(minutes=5)
    await town.app.reports.do_all(town.now())
    await other.heard_nothing()


async def test_who_joins_later_gets_it_with_the_rest(scripted_town: Town) -> None:
    town = scripted_town
    admin, _ = await under_way(town)
    town.app.broadcast.ahead = 90
    await goes_out(town)
    await admin.presses("发给剩下的")
    await admin.hears("剩下的 1 家现在还是发不到")
    sun = await town.resident("孙德福")
    await admin.presses("发给剩下的")
    await admin.hears("再发给 1 家")
    await goes_out(town)
    await sun.hears(TEXT)
    assert await ledger(town) == {"sent": 3}


async def test_a_list_waits_for_the_morning(scripted_town: Town) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 20, 59)
    admin = await town.admin()
    other = await town.worker("周敏", "网格员")
    await town.resident()
    await writes(admin)
    await admin.presses("确定")
    for _ in range(20):
        await town.app.broadcast.look()
        await town.settle()
    town.at(2026, 11, 24, 21, 1)
    await goes_out(town)
    await other.heard_nothing()
    town.at(2026, 11, 25, 7, 31)
    await town.app.reports.do_all(town.now())
    await other.hears("请上门说一声")
