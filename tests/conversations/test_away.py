"""临时离岗: somebody else sees to what is new, and who comes back hears what happened."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.times import span, time_of_day
from tests.conversations import county
from tests.conversations.filing import file_request
from tests.conversations.many import given
from tests.conversations.town import Town

LI, WANG = county.GRID_WORKER, county.RESIDENT


async def test_a_colleague_stands_in_until_one_is_back(detail_town: Town) -> None:
    town = detail_town
    li, wu, wang = await town.grid_worker(), await town.social_worker(), await town.resident()
    before = await given(town, LI, WANG, text="离开以前的", claimed=True)
    await li.says("临时离岗")
    await li.hears("要离开多久")
    await li.says("两个小时")
    await li.hears("请谁替您看着")
    await li.presses("社会工作者吴芳")
    await li.hears("到 3月11日 12:00 为止", "先交给吴芳")
    await wu.hears("李建国临时离开", "3月11日 12:00")
    number = await file_request(town, wang)
    await wu.hears(f"【{number}号】", "楼道灯不亮了")
    await li.heard_nothing()
    await wang.says("离开以后又说了一句")
    await wang.presses(f"补充 {before}号")
    await li.hears("离开以后又说了一句")
    await li.says("回来了")
    await li.hears("欢迎回来")
    meanwhile = await li.hears("离开以后", f"{before}号", "王桂英补充")
    assert f"{number}号" not in meanwhile.text
    await li.says("回来了")
    await li.hears("没有请假")


async def test_nobody_stands_in(detail_town: Town) -> None:
    town = detail_town
    li, wang = await town.grid_worker(), await town.resident()
    wu = await town.social_worker()
    await li.says("离岗")
    await li.presses("今天都不在")
    await li.presses("不用")
    await li.hears("到 3月12日 00:00 为止", "交给别的人")
    await file_request(town, wang)
    await li.heard_nothing()
    await wu.hears("楼道灯不亮了")
    town.later(hours=14)
    await li.says("上岗")
    await li.hears("没有请假")


async def test_who_holds_no_post_binds_with_the_same_word(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("上岗")
    await wang.hears("手机号")


async def test_a_time_that_is_past_is_asked_again(scripted_town: Town) -> None:
    li = await scripted_town.grid_worker()
    await li.says("离岗")
    await li.says("早上8点")
    await li.hears("请说离开多久")
    await li.says("下午3点回来")
    await li.hears("新来的事")


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("21:30", 1290), ("21：30", 1290), ("21点半", 1290), ("晚上九点", 1260), ("七点半", 450),
        ("下午3点", 900), ("中午12点", 720), ("24点", 0), ("17:30前回来", 1050), ("25点", None),
        ("12:75", None), ("3", None), ("看情况", None), ("", None),
    ],
)  # fmt: skip
def test_times_of_day(text: str, minute: int | None) -> None:
    assert time_of_day(text) == minute


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("2小时", 120), ("两个小时", 120), ("一个半小时", 90), ("半小时", 30), ("40分钟", 40),
        ("大概1小时左右", 60), ("2天", 2880), ("0小时", None), ("一会儿", None), ("", None),
    ],
)  # fmt: skip
def test_spans(text: str, minutes: int | None) -> None:
    assert span(text) == (timedelta(minutes=minutes) if minutes else None)
