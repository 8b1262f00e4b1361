"""When a notice goes out, as admins type it: what is at once, what is urgent, what is no time."""

from __future__ import annotations

import pytest

from tests.conversations.notices import audited, is_asked_when, the_notice
from tests.conversations.town import Town


@pytest.mark.parametrize(
    "said", ["马上", "马上发", "立刻", "现在", "立即发", "这会儿发", "mashang"]
)
async def test_at_once_by_day_is_no_emergency(scripted_town: Town, said: str) -> None:
    """马上 was taken for the label 紧急，马上发，夜里也发."""
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    admin = await town.admin()
    await is_asked_when(admin)
    await admin.says(said)
    seen = await admin.hears("时间：马上", "要发吗")
    assert "紧急" not in seen.text
    await admin.presses("确定")
    await admin.heard()
    assert not (await the_notice(town)).emergency
    assert await audited(town, "notice_emergency") == []


async def test_at_once_at_night_is_asked_about(scripted_town: Town) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 22, 0)
    admin = await town.admin()
    await is_asked_when(admin)
    await admin.says("马上发")
    await admin.hears("早上 8 点才能发", "真有急事")
    await admin.says("夜里也发")
    await admin.hears("几点发")
    await admin.says("返回")
    await admin.presses("早上再发")
    seen = await admin.hears("11月25日 08:00", "要发吗")
    assert "紧急" not in seen.text


async def test_an_emergency_is_asked_about_once_more(scripted_town: Town) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 22, 0)
    admin = await town.admin()
    await is_asked_when(admin)
    await admin.says("紧急")
    await admin.hears("真有这么急吗")
    await admin.says("不急")
    again = await admin.hears("什么时候发")
    assert not any("紧急" in label for label in again.labels)
    await admin.says("明早9点")
    seen = await admin.hears("11月25日 09:00", "要发吗")
    assert "紧急" not in seen.text
    await admin.says("修改")
    await admin.presses("是不是紧急")
    await admin.presses("是，按紧急的发")
    await admin.hears("紧急：夜里也会发", "要发吗")


@pytest.mark.parametrize(
    ("hour", "minute"),
    [(7, 59), (0, 30), (21, 0)],
)
async def test_the_hour_of_rest_is_not_called_late(
    scripted_town: Town, hour: int, minute: int
) -> None:
    """At 07:59 it said 现在太晚了."""
    town = scripted_town
    town.at(2026, 11, 24, hour, minute)
    admin = await town.admin()
    await is_asked_when(admin)
    assert "太晚" not in admin.everything_read
    assert "现在是休息时间" in admin.everything_read


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("昨天9点", "已经过了"), ("今天8点", "已经过了"), ("2月30日9点", "没有这个时间"),
        ("13月1日9点", "没有这个时间"), ("凌晨9点", "没有这个时间"), ("周末9点", "拿不准"),
        ("过两天9点", "拿不准"), ("改天吧", "拿不准"), ("你看着办", "没看懂时间"),
    ],
)  # fmt: skip
async def test_what_is_no_moment_is_said_and_asked_again(
    scripted_town: Town, said: str, told: str
) -> None:
    """2月30日9点 and 昨天9点 became tomorrow at nine."""
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    admin = await town.admin()
    await is_asked_when(admin)
    await admin.says(said)
    await admin.hears(told)
    await admin.says("12.1 9:00")
    await admin.hears("时间：12月1日 09:00", "要发吗")


@pytest.mark.parametrize(
    ("first", "then", "meant"),
    [
        ("明天", "9点", "11月25日 09:00"), ("28号", "9", "11月28日 09:00"),
        ("后天上午", "十点", "11月26日 10:00"), ("明天", "后天下午3点", "11月26日 15:00"),
        ("明天", "昨天9点", "已经过了"), ("明天", "晚上12点", "11月26日 08:00"),
    ],
)  # fmt: skip
async def test_a_day_without_a_time_is_asked_for_it(
    scripted_town: Town, first: str, then: str, meant: str
) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    admin = await town.admin()
    await is_asked_when(admin)
    await admin.presses("定一个时间")
    await admin.hears("什么时候发")
    await admin.says(first)
    await admin.hears("几点发")
    await admin.says(then)
    await admin.hears(meant)


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("先不发", False), ("不要发", False), ("先别发", False), ("莫发", False),
        ("发吧", True), ("要发", True), ("要", True), ("好嘞", True),
    ],
)  # fmt: skip
async def test_the_last_question_is_answered_in_ones_own_words(
    scripted_town: Town, said: str, sent: bool
) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    admin = await town.admin()
    await admin.says("发通知")
    await admin.says("明天停水。")
    await admin.presses("的所有住户")
    await admin.hears("我看过了")
    await admin.says("要")
    await admin.says("现在")
    await admin.hears("请大家按“我看过了”", "要发吗")
    await admin.says(said)
    if sent:
        await admin.hears("1号通知")
        assert (await the_notice(town)).wants_ack
    else:
        await admin.hears("没有发")
