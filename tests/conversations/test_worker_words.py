"""A worker's own words: no command is sent to a resident, 办结 has a way back, done is done."""

from __future__ import annotations

import pytest

from tests.conversations import county
from tests.conversations import whole_county as c
from tests.conversations.filing import file_request
from tests.conversations.many import given
from tests.conversations.matters import LAWYER, people_of
from tests.conversations.people import Person
from tests.conversations.test_ladder import seat
from tests.conversations.test_leave import asks_for_leave, away
from tests.conversations.town import Town

LI, WANG, ZHAO = county.GRID_WORKER, county.RESIDENT, county.NEIGHBOUR


async def taken(town: Town) -> tuple[Person, Person, int]:
    """A worker who has claimed a resident's ticket."""
    worker, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    await worker.presses("接单")
    await worker.hears("归您了")
    await wang.hears("接了")
    return worker, wang, number


# 回复


async def test_a_search_in_the_middle_of_a_reply_is_done_and_not_sent(town: Town) -> None:
    """It went to the resident, with another resident's name."""
    worker, wang, _ = await taken(town)
    await worker.presses("回复")
    await worker.hears("给王桂英回什么话")
    await worker.says("查 赵大山")
    await worker.hears("先放下了，没有发出去")
    await worker.hears("没有找到“赵大山”")
    await worker.says("收到")  # 回复 is not open any more
    await worker.heard()
    await wang.heard_nothing()


@pytest.mark.parametrize(
    ("said", "heard"),
    [("查 3栋", "【1号】"), ("1号", "【1号】"), ("请假", "从哪一天"), ("请假三天", "从哪一天"),
     ("明天请假", "替您"), ("办结", "怎么解决的"), ("我的任务", "您手上的事")],
)  # fmt: skip
async def test_a_command_in_a_reply(scripted_town: Town, said: str, heard: str) -> None:
    worker, wang, _ = await taken(scripted_town)
    await worker.presses("回复")
    await worker.hears("给王桂英回什么话")
    await worker.says(said)
    await worker.hears(heard)
    await wang.heard_nothing()


@pytest.mark.parametrize(
    "said", ["收到，我马上看", "查一下线路，明天来", "好的", "下午去", "修好了"]
)
async def test_a_plain_reply_goes_at_once(scripted_town: Town, said: str) -> None:
    worker, wang, _ = await taken(scripted_town)
    await worker.presses("回复")
    await worker.says(said)
    await wang.hears("回复您的", said)


async def test_a_number_in_a_reply_is_no_reply(scripted_town: Town) -> None:
    worker, wang, _ = await taken(scripted_town)
    await worker.presses("回复")
    await worker.says("9")
    await worker.hears("请写要回给王桂英的话")
    await wang.heard_nothing()


async def test_words_for_another_matter_are_shown_first(scripted_town: Town) -> None:
    """2号 下午去, while 1号's reply is open."""
    town = scripted_town
    worker, wang, one = await taken(town)
    zhao = await town.resident(ZHAO)
    two = await given(town, LI, ZHAO, text="水管漏水", claimed=True)
    await worker.presses("回复")
    await worker.hears("回什么话")
    await worker.says(f"{two}号 下午去")
    asked = await worker.hears("还没有发")
    assert asked.labels[:2] == [f"1 发给赵大山（{two}号）", f"2 发给王桂英（{one}号）"]
    await wang.heard_nothing()
    await worker.says("1")
    await zhao.hears("下午去")
    await wang.heard_nothing()


async def test_another_resident_s_name_is_shown_before_it_goes(scripted_town: Town) -> None:
    town = scripted_town
    worker, wang, _ = await taken(town)
    await given(town, LI, ZHAO, text="水管漏水", claimed=True)
    await worker.presses("回复")
    await worker.says("赵大山家水管的事先放一放")
    await worker.hears("说到了别家的名字", "还没有发")
    await worker.presses("不发")
    await worker.hears("没有发给王桂英")
    await wang.heard_nothing()


async def test_a_forgotten_reply_is_shown_before_it_goes(scripted_town: Town) -> None:
    worker, wang, number = await taken(scripted_town)
    await worker.presses("回复")
    scripted_town.later(minutes=40)
    await worker.says("下午三点开会")
    await worker.hears(f"还是回给 {number}号王桂英的吗")
    await wang.heard_nothing()
    await worker.presses("发给王桂英")
    await wang.hears("下午三点开会")


async def test_another_button_leaves_the_reply(scripted_town: Town) -> None:
    """接单 of another card, and then 收到: it went to the resident of the first."""
    town = scripted_town
    worker, wang, _ = await taken(town)
    await worker.presses("回复")
    await worker.hears("回什么话")
    second = await file_request(town, await town.resident(ZHAO))
    await worker.hears(f"【{second}号】")
    await worker.presses("接单")
    await worker.hears("归您了")
    await wang.heard()
    await worker.says("收到")
    await worker.hears("哪一件")
    await wang.heard_nothing()


# 办结


@pytest.mark.parametrize("said", ["按错了", "点错了", "等一下 还没修", "没有", "还没修好", "等哈"])
async def test_no_result_is_no_result(scripted_town: Town, said: str) -> None:
    """按错了 was sent to the resident as the solution."""
    worker, wang, number = await taken(scripted_town)
    await worker.presses("办结")
    await worker.hears("怎么解决的")
    await worker.says(said)
    await worker.hears("没有办结，还在您手上")
    await wang.heard_nothing()
    assert (await scripted_town.ticket(number)).status == "claimed"


async def test_what_may_be_no_result_is_asked_about(scripted_town: Town) -> None:
    worker, wang, number = await taken(scripted_town)
    await worker.presses("办结")
    await worker.says("一楼的换好了，二楼还没换")
    await worker.hears(f"听着 {number}号还没办完")
    await worker.presses("先不办结")
    await worker.hears("没有办结")
    await worker.says("办结")
    await worker.says("物业说没有配件，等下周")
    await worker.hears("听着")
    await worker.presses("就这样办结")
    await wang.hears("说办好了", "等下周")


async def test_resolved_by_mistake_is_taken_back(town: Town) -> None:
    worker, wang, number = await taken(town)
    before = await town.ticket(number)
    await worker.presses("办结")
    await worker.presses("已修好")
    await worker.hears("办结了")
    await wang.hears("您看解决了吗")
    town.later(minutes=5)
    await worker.presses("撤回办结")
    await worker.hears(f"{number}号的办结撤回了", "已经告诉居民")
    await wang.hears(f"您的 {number}号", "还没有办好，李建国刚才按错了")
    ticket = await town.ticket(number)
    assert (ticket.status, ticket.owner_id, ticket.round) == ("claimed", worker.id, 1)
    assert ticket.due_at == before.due_at  # the time between counts
    assert [kind for kind, _ in await town.events(number)][-2:] == ["resolved", "undone"]
    await wang.presses("已解决")  # of the result that is none any more
    await wang.hears("又在办了")
    await worker.presses("办结")
    await worker.says("灯换好了")
    await wang.hears("灯换好了")


async def test_taken_back_in_words(scripted_town: Town) -> None:
    worker, wang, number = await taken(scripted_town)
    await worker.presses("办结")
    await worker.presses("已修好")
    await worker.hears("办结了")
    await worker.says("按错了")
    await worker.hears("办结撤回了")
    await wang.hears("还没有办好")
    assert (await scripted_town.ticket(number)).status == "claimed"


async def test_what_the_resident_answered_is_not_taken_back(scripted_town: Town) -> None:
    worker, wang, number = await taken(scripted_town)
    await worker.presses("办结")
    await worker.presses("已修好")
    message, button = await worker.finds("撤回办结")
    await wang.presses("已解决")
    await worker.presses_again(message, button)
    await worker.hears("已经办完了")
    assert (await scripted_town.ticket(number)).status == "closed"


async def test_after_an_hour_it_is_the_resident_s_to_say(scripted_town: Town) -> None:
    worker, _, number = await taken(scripted_town)
    await worker.presses("办结")
    await worker.presses("已修好")
    await worker.hears("办结了")
    scripted_town.later(minutes=70)
    await worker.presses("撤回办结")
    await worker.hears("撤不回了")
    assert (await scripted_town.ticket(number)).status == "resolved"


# Done, as workers say it


@pytest.mark.parametrize(
    "said", ["办好了", "修好了", "弄归一了", "1号办好了", "#1 灯换好了", "xiuhaole"]
)
async def test_said_done_is_done_with_one_tap(scripted_town: Town, said: str) -> None:
    """The resident got the bare word, and the ticket stayed open until it was overdue."""
    worker, wang, number = await taken(scripted_town)
    await worker.says(said)
    asked = await worker.hears("办结吗")
    assert asked.labels[0] == f"1 办结 {number}号 王桂英 路灯照明"
    await wang.heard_nothing()
    await worker.says("1")
    await worker.hears("办结了")
    await wang.hears("说办好了", said)


async def test_words_and_photo_are_the_solution(town: Town) -> None:
    worker, wang, number = await taken(town)
    photos = await worker.sends_photos(1, "修好了")
    await worker.hears("办结吗")
    await worker.presses(f"办结 {number}号")
    await worker.hears("办结了")
    assert await wang.gets_files(1) == photos
    await wang.hears("说办好了", "修好了")


async def test_said_done_may_be_for_the_resident_alone(scripted_town: Town) -> None:
    worker, wang, number = await taken(scripted_town)
    await worker.says("修好了")
    await worker.presses("只是回话")
    await wang.hears("回复您的", "修好了")
    await worker.hears("已经发给王桂英")
    await worker.presses(f"办结 {number}号")  # and then that is offered
    await wang.hears("说办好了", "修好了")


async def test_with_several_it_is_asked_which(scripted_town: Town) -> None:
    """The one whose own words or kind are named is first; what was taken on before what waits."""
    town = scripted_town
    worker, wang, one = await taken(town)
    two = await given(town, LI, ZHAO, text="楼道堆了好多纸箱", kind="clutter")
    three = await given(town, LI, ZHAO, text="水管漏水", kind="water_supply", claimed=True)
    for said, first in (("楼道堆的东西清走了", two), ("灯换好了", one), ("水管修好了", three)):
        await worker.says(said)
        asked = await worker.hears("哪一件")
        assert asked.labels[0].startswith(f"1 办结 {first}号")
    await worker.says("办好了")
    asked = await worker.hears("哪一件")
    assert asked.labels[2].startswith(f"3 办结 {two}号")
    await wang.heard_nothing()
    await worker.presses(f"办结 {one}号")
    await wang.hears("说办好了")


@pytest.mark.parametrize(
    ("said", "heard"),
    [("办结", "怎么解决的"), ("转交", "转交给谁"), ("上报", "为什么"), ("我搞不定", "为什么"),
     ("等居民", "停表"), ("回复", "回什么话"), ("查看电话", "是为了什么")],
)  # fmt: skip
async def test_the_card_s_buttons_may_be_said(scripted_town: Town, said: str, heard: str) -> None:
    town = scripted_town
    await town.social_worker()
    worker, wang, _ = await taken(town)
    await worker.says(said)
    await worker.hears(heard)
    await wang.heard_nothing()


@pytest.mark.parametrize("said", ["延期", "能不能宽限两天", "1号来不及"])
async def test_more_time(scripted_town: Town, said: str) -> None:
    """It offered 矛盾调解; a limit is nobody's own to move, and what can be done is offered."""
    worker, wang, number = await taken(scripted_town)
    await worker.says(said)
    asked = await worker.hears(f"{number}号的期限是", "期限不能自己改")
    assert asked.labels[:3] == ["1 告诉居民要晚几天", "2 等居民回话，停表", "3 上报，请上一级帮忙"]
    await worker.says("1")
    await worker.hears("给王桂英回什么话")
    await wang.heard_nothing()


async def test_forwarded_by_name(county_town: Town) -> None:
    town = county_town
    grid, too, wang = await seat(town, c.GRID), await seat(town, c.GRID_TOO), await town.resident()
    number = await file_request(town, wang)
    await grid.presses("接单")
    await grid.hears("归您了")
    await grid.says("转给周敏")
    await grid.hears("为什么转交")
    await grid.says("在他那边")
    await grid.hears(f"{number}号已转给网格员周敏")
    await too.hears(f"【{number}号】")
    for _ in range(2):  # 退单 is no reason for 退单
        await too.says("退单")
        await too.hears("为什么退回去")
    await too.says("他说错了")
    await too.hears(f"{number}号已退给网格员李建国")


async def test_a_bare_number_never_goes_to_the_resident(scripted_town: Town) -> None:
    town = scripted_town
    worker, wang = await town.grid_worker(), await town.resident()
    one = await file_request(town, wang)
    await wang.says("在三楼")
    await wang.presses("补充 1号")
    await wang.heard()
    await worker.heard()
    await worker.says("1")
    await worker.hears(f"【{one}号】")
    await wang.heard_nothing()
    await worker.says("1")  # the card that was asked for
    await worker.hears("归您了")


async def test_a_bare_number_with_several_shows_them(scripted_town: Town) -> None:
    town = scripted_town
    worker, wang = await town.grid_worker(), await town.resident()
    await file_request(town, wang)
    await file_request(town, await town.resident(ZHAO))
    await wang.heard()
    await worker.heard()
    await worker.says("1")
    await worker.hears("您手上的事：2 件")
    await wang.heard_nothing()


# 请假


async def test_a_leave_that_has_not_begun_is_asked_about(county_town: Town) -> None:
    """我回来了 called it off in silence, and the deputy still believed that she stood in."""
    town = county_town
    grid, too = await seat(town, c.GRID), await seat(town, c.GRID_TOO)
    await asks_for_leave(grid, "明天", "后天", "周敏")
    await too.hears("请您替岗")
    await grid.says("我回来了")
    await grid.hears("还没开始", "3月10日周三到 3月11日周四", "取消吗")
    await grid.presses("不取消")
    await grid.hears("照旧")
    assert len(await away(town, c.GRID)) == 1
    await too.heard_nothing()
    await grid.says("销假")
    await grid.presses("取消这次请假")
    await grid.hears("请假取消了")
    assert await away(town, c.GRID) == []
    await too.hears("李建国", "请假取消了，不用您替岗了")


async def test_who_stood_in_hears_that_it_is_over(county_town: Town) -> None:
    town = county_town
    grid, too = await seat(town, c.GRID), await seat(town, c.GRID_TOO)
    await asks_for_leave(grid, "今天", "三天", "周敏")
    await too.hears("请您替岗")
    town.later(hours=2)
    await grid.says("我回来了")
    await grid.hears("欢迎回来")
    await too.hears("李建国回岗了")


@pytest.mark.parametrize(
    ("said", "until"),
    [("从明天开始请三天假", 13), ("明天请假", 11), ("明天到周五休息", 13)],
)
async def test_leave_in_one_sentence(county_town: Town, said: str, until: int) -> None:
    town = county_town
    grid, too = await seat(town, c.GRID), await seat(town, c.GRID_TOO)
    await grid.says(said)
    await grid.hears("谁替您")
    await grid.says("周敏")
    await grid.hears("对吗")
    await grid.says("是的")
    await grid.hears("请假记下了")
    await too.hears("请您替岗")
    ((since, ends),) = await away(town, c.GRID)
    assert (since.day, ends.day) == (10, until)


async def test_leave_of_which_only_the_length_was_said(county_town: Town) -> None:
    town = county_town
    grid = await seat(town, c.GRID)
    await grid.says("请假三天")
    await grid.hears("从哪一天开始请")
    await grid.says("明天")
    await grid.hears("替您")
    await grid.presses("交给上一级")
    await grid.hears("3月10日周三请假到 3月12日周五")


async def test_a_resident_who_speaks_of_resting_gets_no_leave(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("明天休息")
    assert all("请假" not in seen.text for seen in await wang.heard())


async def test_what_was_offered_beside_another_is_taken_on_in_words(county_town: Town) -> None:
    """接单 was answered: 您手上现在没有要办的事. And the resident heard of one without a chat."""
    town = county_town
    await people_of(town)
    lawyer, wang = await town.worker(LAWYER, "片区律师"), await town.resident()
    await wang.says("我要找律师")
    await wang.says("儿子离婚，房子怎么分")
    await wang.presses("留给调解员")  # who has no chat
    await wang.hears("编号是")
    await lawyer.hears("法律求助")
    await wang.says("还有个问题 那贷款呢")
    await wang.presses("补充 1号")
    await wang.hears(f"{LAWYER}会看到")
    await lawyer.says("我的任务")
    await lawyer.hears("等接单 1")
    await lawyer.says("接单")
    await lawyer.hears("归您了")
    await wang.hears(f"{LAWYER}接了")
