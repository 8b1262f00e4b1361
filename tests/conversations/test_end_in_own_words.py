"""How a matter ends where nobody presses the button: done before 办结, a remark that is none, and
what was closed and is not done after all."""

from __future__ import annotations

from storage.meaning.own_matters import mended, undone_after_all
from storage.tickets import events
from tests.conversations.filing import file_request
from tests.conversations.steps import resolve, resolved, taken
from tests.conversations.test_closing import rated
from tests.conversations.town import Town

MENDED = [
    "谢谢 这次好了", "已经修好了", "灯亮了 谢谢", "师傅来修好了", "来水了", "1号好了",
    "昨天就修好了哈", "垃圾收走了", "搞好了 辛苦你们了",
]  # fmt: skip
NOT_MENDED = [
    "修好了没得", "咋修好了又坏", "门修好了但是锁没修", "我自己修好了", "修好了再跟我说",
    "等修好了我去看",
]  # fmt: skip


async def test_done_before_it_was_said_to_be(scripted_town: Town) -> None:
    """谢谢 这次好了 before 办结 reached nobody; 已经修好了 was to be taken back, as if nobody had
    worked on it. The worker hears it, and the resident's word closes it."""
    assert [one for one in MENDED if not mended(one)] == []
    assert [one for one in NOT_MENDED if mended(one)] == []
    town = scripted_town
    worker, wang, number = await taken(town)
    await wang.says("谢谢 这次好了")
    heard = await wang.hears(f"{number}号", "李建国会看到", "是不是已经好了")
    assert heard.labels == ["1 已经好了", "2 不是说这件，是新的事"]
    await worker.hears("谢谢 这次好了")
    assert (await town.ticket(number)).status == "claimed"
    await wang.presses("已经好了")
    await wang.hears("您满意吗")
    await worker.hears("说解决了")
    assert (await town.ticket(number)).status == "closed"
    await wang.presses("已经好了")
    await wang.hears("已经说过解决了")
    kinds = await town.read(lambda s: [e.kind for e in events(s, number)])
    assert kinds.count("solved") == 1
    assert "resolved" not in kinds  # nobody's words but their own


async def test_done_in_the_meantime(scripted_town: Town) -> None:
    """The worker's 办结 came first: the same button says that it is solved."""
    town = scripted_town
    worker, wang, number = await taken(town)
    await wang.says("已经修好了")
    await wang.hears("是不是已经好了")
    await resolve(worker)
    await wang.hears("您看解决了吗")
    await wang.presses("已经好了")
    await wang.hears("您满意吗")
    assert (await town.ticket(number)).status == "closed"


async def test_before_anybody_has_it_it_is_taken_back(scripted_town: Town) -> None:
    town = scripted_town
    await town.grid_worker()
    wang = await town.resident()
    await file_request(town, wang)
    await wang.says("灯亮了 谢谢")
    await wang.hears("要撤回吗")


async def test_what_follows_a_rating_was_a_remark_whatever_it_was(scripted_town: Town) -> None:
    """我的诉求 and 垃圾也没人收, said where a remark was asked for, became remarks only."""
    town = scripted_town
    _, wang, number = await resolved(town)
    await wang.presses("已解决")
    await wang.presses("满意")
    await wang.says("垃圾也没人收")
    await wang.hears("垃圾也没人收", "记下了", "再报上去")
    await wang.presses("报上去，请人办")
    await wang.hears("听起来是")
    await wang.says("取消")
    await wang.says("我的诉求")
    await wang.presses(f"{number}号")
    await wang.presses("重新评价")
    await wang.presses("基本满意")
    await wang.says("我的诉求")
    await wang.hears("您报过的事")
    given = await rated(town, number)
    assert [remark for _, remark, _ in given] == ["垃圾也没人收", ""]


async def test_what_was_closed_is_not_done_after_all(scripted_town: Town) -> None:
    """还是老样子 and 按错了 还没好 after 已解决 were not understood."""
    assert not any(map(undone_after_all, ("还有个事", "我还有事要问")))
    town = scripted_town
    _, wang, number = await resolved(town)
    await wang.presses("已解决")
    await wang.hears("您满意吗")
    for said in ("我还没吃饭", "还有个事", "取消"):
        await wang.says(said)
        assert not [one for one in await wang.heard() if "再报一次" in one.text]
    await wang.says("按错了 还没好")
    await wang.hears(f"是 {number}号（路灯照明）还没好吗", "再报一次")
    await wang.presses("还没好，再报一次")
    await wang.says("1")
    await wang.presses("楼里公共地方")
    await wang.hears("还没好", f"以前的{number}号：楼道灯不亮了")


async def test_nobody_came_is_no_danger_and_not_solved(scripted_town: Town) -> None:
    """没看到人来, said of a result, showed 110, as if somebody were missing."""
    _, wang, number = await resolved(scripted_town)
    await wang.says("没看到人来")
    heard = await wang.hears(f"{number}号", "还没弄好，对吗")
    assert "110" not in heard.text
