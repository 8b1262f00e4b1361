"""Quiet hours: what can wait waits for the morning, and who is awake is answered at once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.clock import system_clock
from storage import quiet_hours
from storage.quiet_hours import Quiet
from tests.conversations import county
from tests.conversations.filing import file_request
from tests.conversations.many import given
from tests.conversations.people import Person
from tests.conversations.town import Town

ZONE = ZoneInfo("Asia/Shanghai")
LI = county.GRID_WORKER


def at(town: Town, day: int, hour: int, minute: int = 0) -> None:
    """It becomes this moment of March 2026."""
    town.ahead = datetime(2026, 3, day, hour, minute, tzinfo=ZONE) - system_clock()


async def nothing_but(person: Person, *words: str) -> None:
    """What has come says only these things."""
    heard = await person.heard()
    assert len(heard) == len(words), [seen.text for seen in heard]
    for seen, word in zip(heard, words, strict=True):
        assert word in seen.text


async def test_the_card_comes_in_the_morning(detail_town: Town) -> None:
    town = detail_town
    li, wang = await town.grid_worker(), await town.resident()
    at(town, 11, 23)
    number = await file_request(town, wang)
    await wang.says("补充")
    await li.heard_nothing()
    at(town, 12, 7, 31)
    town.app.delivery.wake()
    await li.hears(f"【{number}号】", "楼道灯不亮了")
    await li.presses("接单")
    await wang.hears("接了")


async def test_what_waits_keeps_its_order_and_what_comes_after_stays_behind(
    detail_town: Town,
) -> None:
    town = detail_town
    li, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    await li.presses("接单")
    await li.hears("归您了")
    await li.heard()
    at(town, 11, 22)
    for words in ("第一句", "第二句"):
        await wang.says(f"{words}在这里说了")
        if words == "第一句":
            await wang.presses(f"补充 {number}号")
        else:
            await wang.presses(f"补充 {number}号")
    await li.heard_nothing()
    at(town, 12, 8)
    await wang.says("第三句在早上说了")
    await wang.presses(f"补充 {number}号")
    told = [seen.text for seen in await li.heard()]
    assert ["第一句" in told[0], "第二句" in told[1], "第三句" in told[2]] == [True] * 3


async def test_urgent_comes_at_once(scripted_town: Town) -> None:
    town = scripted_town
    li, wang = await town.grid_worker(), await town.resident()
    number = await given(town, LI, county.RESIDENT, urgent=True, claimed=True)
    at(town, 11, 23)
    await wang.says("水漫出来了快来")
    await wang.presses(f"补充 {number}号")
    await li.hears("水漫出来了快来")


async def test_who_is_awake_is_answered_at_once_and_the_rest_goes_on_waiting(town: Town) -> None:
    li, wang, zhao = await town.grid_worker(), await town.resident(), await town.resident("赵大山")
    at(town, 11, 23)
    first = await file_request(town, wang)
    second = await file_request(town, zhao, "下水道堵了", "下水道堵了")
    await li.heard_nothing()
    await li.says("我的任务")
    await li.hears("您手上的事：2 件")
    await li.presses(f"{first}号 路灯照明")
    await li.hears(f"【{first}号】")
    await li.presses("接单")
    await li.hears("归您了")
    await wang.hears("接了")
    await li.heard()
    at(town, 12, 7, 31)
    town.app.delivery.wake()
    await li.hears(f"【{second}号】", "下水道堵了")
    await town.settle()
    li.seat.look()
    cards = [s for s in li.seat.standing.values() if s.text.startswith(f"【{first}号】")]
    assert len(cards) == 1  # it was brought forward, not sent a second time


async def test_a_number_picks_nothing_that_was_not_seen(scripted_town: Town) -> None:
    town = scripted_town
    li, wang = await town.grid_worker(), await town.resident()
    at(town, 11, 23)
    number = await file_request(town, wang)
    await li.says("1")
    await li.hears(f"【{number}号】")  # a number without a choice calls a matter by its own
    assert (await town.ticket(number)).status == "waiting"
    await town.settle()
    await li.says("1")
    await li.hears("归您了")


async def test_a_matter_that_changes_in_the_night_is_told_as_it_is_in_the_morning(
    scripted_town: Town,
) -> None:
    town = scripted_town
    li, wang = await town.grid_worker(), await town.resident()
    at(town, 11, 23)
    await file_request(town, wang)
    await wang.says("我的诉求")
    await wang.presses("1号 路灯照明")
    await wang.presses("撤回")
    await wang.says("1")
    await wang.hears("撤回了")
    await li.heard_nothing()
    at(town, 12, 7, 31)
    town.app.delivery.wake()
    await li.hears("撤回了，不用再办")
    li.seat.look()
    (card,) = [s for s in li.seat.standing.values() if s.text.startswith("【1号】")]
    assert card.buttons == ()


async def test_a_warning_waits_too(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    await given(town, LI, county.RESIDENT, claimed=True, ago=24)
    at(town, 12, 3)  # half of its limit was used up the day before
    await town.app.duties.do_all(town.now())
    await li.heard_nothing()
    at(town, 12, 7, 31)
    town.app.delivery.wake()
    await li.hears("时间用了")


async def test_a_worker_sets_them_in_chat(detail_town: Town) -> None:
    town = detail_town
    li, wang = await town.grid_worker(), await town.resident()
    await li.says("免打扰")
    await li.hears("现在 21:00 到 7:30 不打扰您")
    await li.presses("换个时间")
    await li.says("晚上九点半")
    await li.says("早上六点")
    await li.hears("好的，21:30 到 6:00 不打扰您")
    at(town, 11, 21, 10)
    await file_request(town, wang)
    await li.hears("楼道灯不亮了")
    await li.says("免打扰")
    await li.presses("不用免打扰")
    await li.hears("来了事都马上告诉您")
    at(town, 11, 23)
    await wang.says("楼上漏水漏到我家了")
    await wang.presses("补充 1号")
    await li.hears("楼上漏水")


@pytest.mark.parametrize(
    ("quiet", "moment", "ends"),
    [
        (None, (20, 59), None),
        (None, (21, 0), (12, 7, 30)),
        (None, (7, 29), (11, 7, 30)),
        (None, (7, 30), None),
        (Quiet(12 * 60, 14 * 60), (13, 0), (11, 14, 0)),
        (Quiet(12 * 60, 14 * 60), (14, 0), None),
        (Quiet(22 * 60, 0), (23, 0), (12, 0, 0)),
    ],
)
def test_when_they_end(
    quiet: Quiet | None, moment: tuple[int, int], ends: tuple[int, int, int] | None
) -> None:
    now = datetime(2026, 3, 11, *moment, tzinfo=ZONE)
    expected = datetime(2026, 3, *ends, tzinfo=ZONE) if ends else None
    assert quiet_hours.ends(quiet or quiet_hours.DEFAULT, now, ZONE) == expected
