"""The menu an elder can hold in mind, what stands behind 更多, and words instead of either."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.registry import HANDLERS
from handlers.talk import Talk
from tests.conversations.filing import file_request
from tests.conversations.town import Town


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was opened, with the words that led there; what the openings do is not asked here."""
    found: list[tuple[str, str]] = []

    def opening(name: str) -> Any:
        def begin(talk: Talk, story: dict[str, Any] | None) -> None:
            found.append((name, story["text"] if story else ""))
            talk.say("desk/thanks")

        return begin

    for name in list(HANDLERS.openings):
        monkeypatch.setitem(HANDLERS.openings, name, opening(name))
    return found


Opened = list[tuple[str, str]]


async def test_four_choices_and_a_person(detail_town: Town, opened: Opened) -> None:
    wang = await detail_town.resident()
    for greeting in ("你好", "菜单", "早上好呀"):
        await wang.says(greeting)
        menu = await wang.hears("您要办什么", "找真人，打 0")
        assert menu.labels == ["1 反映问题", "2 找服务", "3 谁管我这里", "4 更多"]
    await wang.says("4")
    first = await wang.hears("还能办这些")
    assert first.labels == [
        "1 我的诉求", "2 法律服务", "3 办事指南", "4 附近场所", "5 微心愿", "6 供需对接", "7 更多",
    ]  # fmt: skip
    await wang.says("更多")
    second = await wang.hears("说“菜单”，回到开头")
    assert second.labels == [
        "1 预约见面", "2 我的住址", "3 替别人报", "4 都能办什么", "5 回菜单",
    ]  # fmt: skip
    await wang.says("4")
    await wang.hears("这些都能办")
    await wang.says("菜单")
    await wang.hears("您要办什么")
    await wang.says("3")
    await wang.hears("不客气")
    assert opened == [("who", "")]


async def test_a_worker_has_their_tasks_first(scripted_town: Town, opened: Opened) -> None:
    li = await scripted_town.grid_worker()
    await li.says("菜单")
    menu = await li.hears("您要办什么")
    assert menu.labels == ["1 我的任务", "2 反映问题", "3 找服务", "4 更多"]
    await li.presses("更多")
    first = await li.hears("还能办这些")
    assert first.labels[:3] == ["1 走访", "2 看数据", "3 离岗一会儿"]
    await li.presses("更多")
    assert "5 谁管我这里" in (await li.hears("还能办这些")).labels
    await li.says("菜单")
    await li.hears("您要办什么")
    await li.says("1")
    await li.hears("没有要办的事")


async def test_an_admin_finds_notices_behind_more(detail_town: Town) -> None:
    admin = await detail_town.admin()
    await admin.says("菜单")
    await admin.presses("更多")
    more = await admin.hears("还能办这些")
    assert more.labels[:2] == ["1 发通知", "2 通知进度"]
    await admin.presses("发通知")
    await admin.hears("要通知什么")


async def test_what_is_not_there_is_not_offered(
    scripted_town: Town, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("who", "places"):
        monkeypatch.delitem(HANDLERS.openings, name)
        monkeypatch.delitem(HANDLERS.conversations, name)
    wang = await scripted_town.resident()
    await wang.says("菜单")
    menu = await wang.hears("您要办什么")
    assert menu.labels == ["1 反映问题", "2 找服务", "3 更多"]


async def test_a_mere_greeting_is_no_news_of_a_ticket(detail_town: Town) -> None:
    """It was: who had an open ticket and said 你好 was asked which ticket that was about."""
    wang = await detail_town.resident()
    await file_request(detail_town, wang)
    for greeting in ("你好", "大家好"):
        await wang.says(greeting)
        await wang.hears("您要办什么")


async def test_zero_calls_a_person(detail_town: Town) -> None:
    worker = await detail_town.grid_worker()
    wang = await detail_town.resident()
    await wang.says("０")
    await wang.hears("来帮您", "1号")
    await worker.hears("请人帮忙")
    await wang.says("楼道灯不亮了")
    await wang.hears("已加到 1号")
    await worker.hears("楼道灯不亮了")
    await wang.presses("新的事")
    await wang.hears("听起来是")
    await wang.says("0")
    await wang.hears("来帮您", "2号")
    await worker.hears("楼道灯不亮了")


async def test_zero_is_an_answer_where_a_number_is_asked_for(scripted_town: Town) -> None:
    li = await scripted_town.grid_worker()
    await li.says("免打扰")
    await li.hears("不打扰您")
    await li.presses("换个时间")
    await li.hears("几点")
    await li.says("0")
    await li.hears("请说一个钟点")
    assert await scripted_town.ticket_count() == 0


async def test_zero_in_free_words_calls_a_person(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("反映问题")
    await wang.hears("您有什么事")
    await wang.says("0")
    await wang.hears("编号 1号")


async def test_plain_words_lead_there_at_once(scripted_town: Town, opened: Opened) -> None:
    wang = await scripted_town.resident()
    for words in ("帮我问问律师", "帮我问问低保", "我想找个修鞋的", "有没有拼车的"):
        await wang.says(words)
        await wang.hears("不客气")
    assert opened == [
        ("legal", "帮我问问律师"),
        ("guides", "帮我问问低保"),
        ("directory", "我想找个修鞋的"),
        ("exchange", "有没有拼车的"),
    ]


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("我要找律师", "您遇到什么事了"),
        ("明天食堂吃啥", "食堂"),
        ("帮我问问低保", "低保"),
        ("我的网格员是谁", "网格员"),
        ("附近有没有理发的", "理发"),
    ],
)
async def test_the_words_of_the_countys_residents(
    scripted_town: Town, words: str, heard: str
) -> None:
    """The real ones, as they stand in a town where nothing was imported."""
    wang = await scripted_town.resident()
    await wang.says(words)
    answer = await wang.hears(heard)
    assert "出了点毛病" not in answer.text


async def test_every_real_opening_begins_from_its_button(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    for name in (
        "找服务", "谁管我这里", "法律服务", "办事指南", "附近场所", "微心愿", "供需对接",
    ):  # fmt: skip
        await wang.says("菜单")
        await wang.hears("您要办什么")
        if name not in ("找服务", "谁管我这里"):
            await wang.says("4")
            await wang.hears("还能办这些")
        await wang.presses(name)
        answers = await wang.heard()
        assert answers
        assert not any("出了点毛病" in seen.text for seen in answers)


async def test_other_words_are_asked_about_and_kept(scripted_town: Town, opened: Opened) -> None:
    wang = await scripted_town.resident()
    await wang.says("老板欠我三个月工资不给")
    asked = await wang.hears("听起来是“法律服务”，对吗")
    assert asked.labels[:3] == ["1 法律服务", "2 反映问题", "3 都不是"]
    await wang.says("对")
    await wang.hears("不客气")
    assert opened == [("legal", "老板欠我三个月工资不给")]


async def test_none_of_them_keeps_the_words(scripted_town: Town, opened: Opened) -> None:
    wang = await scripted_town.resident()
    await wang.says("马桶堵了")
    asked = await wang.hears("是要办哪一样")
    assert asked.labels[:3] == ["1 找服务", "2 反映问题", "3 都不是"]
    await wang.says("3")
    await wang.hears("刚才的话我记着")
    await wang.presses("更多")
    await wang.hears("还能办这些")
    await wang.presses("更多")
    await wang.hears("回到开头")
    await wang.says("菜单")
    await wang.says("马桶堵了")
    await wang.hears("是要办哪一样")
    await wang.says("都不是")
    await wang.hears("刚才的话我记着")
    await wang.presses("找服务")
    await wang.hears("不客气")
    assert opened == [("directory", "马桶堵了")]


async def test_a_chosen_request_is_not_asked_again_what_it_is(
    scripted_town: Town, opened: Opened
) -> None:
    wang = await scripted_town.resident()
    await wang.says("马桶堵了")
    await wang.hears("是要办哪一样")
    await wang.presses("反映问题")
    await wang.hears("听起来是“下水道堵了”这一类")


async def test_something_else_may_be_said_instead(scripted_town: Town, opened: Opened) -> None:
    wang = await scripted_town.resident()
    await wang.says("马桶堵了")
    await wang.hears("是要办哪一样")
    await wang.says("帮我问问律师")
    await wang.hears("不客气")
    assert opened == [("legal", "帮我问问律师")]


async def test_who_asks_for_a_person_then_is_helped_with_what_was_said(
    scripted_town: Town, opened: Opened
) -> None:
    worker = await scripted_town.grid_worker()
    wang = await scripted_town.resident()
    await wang.says("马桶堵了")
    await wang.hears("是要办哪一样")
    await wang.says("0")
    await wang.hears("来帮您")
    await worker.hears("马桶堵了")


async def test_other_words_in_a_choice_offer_the_way(scripted_town: Town, opened: Opened) -> None:
    wang = await scripted_town.resident()
    await wang.says("楼道灯不亮了")
    await wang.presses("路灯照明")
    await wang.hears("出在哪儿")
    await wang.says("帮我问问律师")
    again = await wang.hears("还是楼里")
    assert any("先去：法律服务" in label for label in again.labels)
    assert opened == []
    await wang.presses("先去：法律服务")
    await wang.hears("给您留着")
    await wang.hears("不客气")
    assert opened == [("legal", "帮我问问律师")]
    await wang.says("继续")
    await wang.hears("出在哪儿")


async def test_a_complaint_is_never_sent_to_whom_it_may_be_about(scripted_town: Town) -> None:
    li = await scripted_town.grid_worker()
    wang = await scripted_town.resident()
    await wang.says("转人工")
    await wang.hears("来帮您")
    await li.presses("回复")
    await li.hears("回什么话")
    await li.says("您有什么事？")
    await wang.hears("您有什么事？")
    await scripted_town.settle()
    await li.heard()
    await wang.says("网格员态度太差了我要告他")
    asked = await wang.hears("告他")
    assert any("对工作人员有意见" in label for label in asked.labels)
    await li.heard_nothing()


async def test_buttons_of_the_menu_of_before(scripted_town: Town) -> None:
    """They stand in chats for ever: each is still an action or a command."""
    for name in ("open_request", "open_my_requests", "open_arrival"):
        assert name in HANDLERS.actions
    assert {"human", "tasks", "all_services"} <= set(HANDLERS.commands)


async def test_words_that_are_only_guessed_to_want_the_menu_are_not_passed_over(
    scripted_town: Town,
) -> None:
    """They got the menu and not a word, as if nothing had been said."""
    li = await scripted_town.grid_worker()
    await li.says("马上来看看")
    await li.hears("马上来看看", "没听明白")
    await li.hears("您要办什么")
