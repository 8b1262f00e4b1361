"""我的诉求: looking after one's own tickets, and nobody else's; which ticket a message is about."""

from __future__ import annotations

import pytest

from tests.conversations import county
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.seats import Seen
from tests.conversations.town import Town


@pytest.fixture
def town(detail_town: Town) -> Town:
    """These talks hardly depend on the channel."""
    return detail_town


async def opened(town: Town) -> tuple[Person, Person, int]:
    worker, wang = await town.grid_worker(), await town.resident()
    return worker, wang, await file_request(town, wang)


async def shows(wang: Person, number: int) -> Seen:
    await wang.says("我的诉求")
    await wang.hears("您报过的事", f"{number}号")
    await wang.presses(f"{number}号 路灯照明")
    return await wang.hears("您报了这件事")


async def test_list_and_timeline(town: Town) -> None:
    worker, wang, number = await opened(town)
    await worker.presses("接单")
    await wang.hears("接了")
    await worker.replies_to("楼道灯不亮了", "明天来修")
    await wang.hears("明天来修")
    timeline = await shows(wang, number)
    order = ["您报了这件事", "网格员李建国接单", "网格员李建国回复：明天来修"]
    places = [timeline.text.index(words) for words in order]
    assert places == sorted(places)


async def test_nothing_yet(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("我的诉求")
    await wang.hears("您还没有报过事")


async def test_add_to_it(town: Town) -> None:
    worker, wang, number = await opened(town)
    await shows(wang, number)
    await wang.presses("补充")
    await wang.hears(f"{number}号要补充什么")
    photos = await wang.sends_photos(1, "是五楼的灯")
    await wang.hears(f"已加到 {number}号")
    assert await worker.gets_files(1) == photos
    await worker.hears("是五楼的灯")


async def test_nudge_and_nudge_again(scripted_town: Town) -> None:
    worker, wang, number = await opened(scripted_town)
    await worker.hears("楼道灯不亮了")
    await shows(wang, number)
    await wang.presses("催办")
    await wang.hears("催了一下李建国")
    await worker.hears(f"{number}号", "王桂英在催了")
    await wang.presses("催办")
    await wang.hears("已经催过一次了")
    await worker.heard_nothing()
    scripted_town.later(minutes=31)
    await wang.presses("催办")
    await wang.hears("催了一下李建国")
    await worker.hears("在催了")


async def test_withdraw(town: Town) -> None:
    worker, wang, number = await opened(town)
    await shows(wang, number)
    await wang.presses("撤回")
    await wang.hears("真的要撤回吗")
    await wang.presses("不撤回")
    await wang.hears("接着办")
    assert (await town.ticket(number)).status == "waiting"
    timeline = await shows(wang, number)
    await wang.presses("撤回", on=timeline)
    await wang.hears("真的要撤回吗")
    await wang.presses("确定撤回")
    await wang.hears("撤回了")
    await worker.hears("撤回了，不用再办")
    assert (await town.ticket(number)).status == "withdrawn"
    assert all("接单" not in label for s in worker.seat.standing.values() for label in s.labels)


async def test_somebody_else_s_number(scripted_town: Town) -> None:
    """The buttons of another resident's list open nothing."""
    _, wang, number = await opened(scripted_town)
    await shows(wang, number)
    zhao = await scripted_town.resident(county.NEIGHBOUR)
    await zhao.says("你好")
    mine = (await zhao.heard())[-1]
    for label in ("补充", "催办", "撤回", f"{number}号"):
        _, button = await wang.finds(label)
        await zhao.presses_again(mine, button)
    await zhao.says("我的诉求")
    await zhao.heard()
    assert "王桂英" not in zhao.everything_read
    assert "1单元302" not in zhao.everything_read
    kinds = [kind for kind, _ in await scripted_town.events(number)]
    assert not {"nudged", "withdrawn", "supplemented"} & set(kinds)


# Which ticket a plain message is about


async def test_two_open_tickets_are_asked_about(town: Town) -> None:
    worker, wang, first = await opened(town)
    second = await file_request(town, wang, "下水道堵了", "下水道堵了")
    assert second == first + 1
    await worker.replies_to("楼道灯不亮了", "灯明天修")
    await worker.replies_to("【2号】", "下水道马上来")
    await wang.hears("灯明天修")
    await wang.hears("下水道马上来")
    await wang.says("好的，我等着")
    asked = await wang.hears("您说的“好的，我等着”，是哪一件事")
    assert [label.partition(" ")[2] for label in asked.labels] == [
        "补充 2号 下水道堵了", "补充 1号 路灯照明", "是一件新的事",
    ]  # fmt: skip
    assert not any(kind == "supplemented" for kind, _ in await town.events(first))
    await wang.presses("补充 1号")
    await wang.hears("已加到 1号")
    await worker.hears("1号", "好的，我等着")
    assert ("supplemented", "好的，我等着") in await town.events(first)
    assert ("supplemented", "好的，我等着") not in await town.events(second)


async def test_one_thread_and_the_way_back(town: Town) -> None:
    worker, wang, number = await opened(town)
    await worker.replies_to("楼道灯不亮了", "明天来修")
    await wang.hears("明天来修")
    await wang.says("电梯也坏了，困了人")
    await wang.hears(f"已加到 {number}号")
    await worker.hears("电梯也坏了")
    await wang.presses("不是说这件，是新的事")
    await worker.hears("刚才那句不是说", f"{number}号")
    await wang.presses("电梯")
    await wang.presses("楼里公共地方")
    await wang.hears("事情：电梯也坏了，困了人")
    await wang.presses("提交")
    await wang.hears(f"编号是 {number + 1}号")
    await worker.hears("电梯也坏了，困了人")


async def test_the_worker_s_plain_words_with_two_open_are_asked_about(town: Town) -> None:
    worker, wang, first = await opened(town)
    zhao = await town.resident(county.NEIGHBOUR)
    second = await file_request(town, zhao, "下水道堵了", "下水道堵了")
    for _ in range(2):
        await worker.presses("接单")
        await worker.hears("归您了")
        await worker.says("我的任务")
        await worker.presses(f"{first}号 ")
        await worker.hears(f"【{first}号】")
    await worker.says("我下午两点到您家")
    await worker.hears("是哪一件事")
    await worker.presses(f"回复 {second}号")
    await zhao.hears("我下午两点到您家")
    await wang.heard()
    assert "我下午两点到您家" not in wang.everything_read


async def test_what_is_to_be_done_with_the_only_one_is_done_at_once(scripted_town: Town) -> None:
    """撤回, 催办 and 补充 showed a list of one matter; 撤回 behind a photo became a matter."""
    town = scripted_town
    worker, wang = await town.grid_worker(), await town.resident()
    await wang.says("撤回")
    await wang.hears("还没有报过事")
    number = await file_request(town, wang)
    await wang.says("催办")
    await wang.hears(f"{number}号我催了一下李建国")
    await wang.says("补充")
    await wang.hears("要补充什么")
    await wang.says("就在门口")
    await worker.hears("就在门口")
    await wang.says("我的诉求")
    await wang.hears("您报过的事")
    await wang.says("撤回")
    await wang.hears(f"{number}号真的要撤回吗", "楼道灯不亮了")
    await wang.says("1")
    await wang.hears("撤回")
    await wang.sends_photos(1)
    await wang.hears("再说一句是什么事")
    await wang.says("撤回")
    await wang.hears("我没看明白")
