"""The fake server's own promises, which other tests stand on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.messages import Address, Outgoing
from tests.channels.telegram.helpers import CHAT, Adapter, Inbox, choices, no_load
from tests.fake_bot_api import FakeBotApi
from tests.fake_bot_users import FakeUser


async def test_hearing_what_comes_and_what_changes(channel: Adapter, user: FakeUser) -> None:
    waiting = asyncio.create_task(user.hears("待接单"))
    [sent] = await channel.send(CHAT, Outgoing(5, "待接单", choices("接单")), no_load)
    card = await waiting
    with pytest.raises(AssertionError, match="not heard"):
        await user.hears("待接单", timeout=0.01)
    await channel.edit(CHAT, sent, Outgoing(5, "已接单"))
    assert await user.hears(lambda message: message.labels == []) is card
    assert [text for text, _ in card.edits] == ["待接单"]


async def test_a_plain_key_sends_its_label(channel: Adapter, user: FakeUser, inbox: Inbox) -> None:
    asking = Outgoing(5, "在哪？", choices("家里"), asks_contact=True, labels={"contact": "号码"})
    await channel.send(CHAT, asking, no_load)
    card = await user.hears("在哪")
    await user.presses(card, "家里")
    assert [one.text for one in await inbox.wait()] == ["1 家里"]
    with pytest.raises(AssertionError, match="shares_contact"):
        await user.presses(card, "号码")


async def test_two_bots_on_one_server(
    make: Any, channel: Adapter, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    staff = server.bot("1002:staff", "staff_bot")
    worker, other = server.user(7, "张三", bot=staff), Inbox()
    second: Adapter = make(staff.token)
    await second.open(other)
    assert second.username == "staff_bot"
    await user.sends("我是居民")
    await worker.sends("我是网格员")
    assert [one.text for one in await inbox.wait()] == ["我是居民"]
    assert [one.text for one in await other.wait()] == ["我是网格员"]
    await second.send(Address("telegram", "7"), Outgoing(1, "收到"), no_load)
    assert (user.received, len(worker.received)) == ([], 1)


async def test_a_whole_bot_can_be_told_to_wait(
    channel: Adapter, server: FakeBotApi, user: FakeUser
) -> None:
    server.user(8)
    server.fault("sendMessage", "429", chat=7, whole_bot=True, retry_after=1)
    await channel.send(Address("telegram", "8"), Outgoing(1, "您好"), no_load)
    for chat in ("7", "8"):
        with pytest.raises(Exception, match="asked to wait"):
            await channel.send(Address("telegram", chat), Outgoing(1, "您好"), no_load)
    assert len(server.violations) == 1


async def test_a_slow_answer_is_an_answer(
    channel: Adapter, server: FakeBotApi, user: FakeUser
) -> None:
    server.fault("*", "slow", chat=7, delay=0.05)
    assert await channel.send(CHAT, Outgoing(1, "您好"), no_load)
