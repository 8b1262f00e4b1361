"""Asking for updates: never lost, never acknowledged early."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from bot.channels.base import NotStored, SendFailed
from bot.messages import Outgoing
from tests.channels.telegram.helpers import (
    CHAT,
    Adapter,
    Inbox,
    no_load,
    until,
)
from tests.fake_bot_api import FakeBotApi
from tests.fake_bot_users import FakeUser


async def test_the_offset_moves_only_after_the_commit(
    channel: Adapter, user: FakeUser, inbox: Inbox
) -> None:
    inbox.gate.clear()
    await user.sends("一")
    await user.sends("二")
    await asyncio.sleep(0.1)
    assert len(user.bot.queue) == 2
    inbox.gate.set()
    await until(lambda: not user.bot.queue)
    assert [one.text for one in inbox.got] == ["一", "二"]


@pytest.mark.parametrize("fault", [NotStored(), RuntimeError("a bug")])
async def test_what_was_not_stored_comes_again(
    channel: Adapter, user: FakeUser, inbox: Inbox, fault: Exception
) -> None:
    inbox.failures = [fault, fault]
    await user.sends("一")
    await until(lambda: not user.bot.queue)
    assert [one.text for one in inbox.got] == ["一"]


async def test_a_killed_program_loses_nothing(
    make: Any, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    first: Adapter = make()
    inbox.gate.clear()
    await first.open(inbox)
    await user.sends("一")
    await asyncio.sleep(0.05)
    await first.close()
    assert inbox.got == []
    inbox.gate.set()
    await make().open(inbox)
    assert [one.text for one in await inbox.wait()] == ["一"]


async def test_a_repeated_event_keeps_its_id_and_order_is_not_relied_on(
    channel: Adapter, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    other = server.user(8)
    server.duplicate(2)
    server.shuffle = random.Random(1)
    await user.sends("一")
    await other.sends("二")
    got = await inbox.wait(4)
    assert len({one.event_id for one in got}) == 2
    await until(lambda: not user.bot.queue)


async def test_update_ids_may_start_anew_lower(make: Any, user: FakeUser, inbox: Inbox) -> None:
    await make(timing={"poll": 0}).open(inbox)
    await user.sends("一")
    await until(lambda: not user.bot.queue)
    calls = user.server.calls
    await until(
        lambda: calls[-1].method.lower() == "getupdates" and "offset" not in calls[-1].params
    )
    user.bot.next_update = 5
    await user.sends("二")
    assert [one.text for one in await inbox.wait(2)] == ["一", "二"]


@pytest.mark.parametrize("kind", ["500", "drop", "429"])
async def test_trouble_while_asking(
    make: Any, server: FakeBotApi, user: FakeUser, inbox: Inbox, kind: str
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    server.fault("getUpdates", kind, times=3, retry_after=9)
    await user.sends("一")
    await make(timing={"sleep": sleep}).open(inbox)
    await inbox.wait()
    assert slept == ([9, 9, 9] if kind == "429" else [0.01, 0.02, 0.02])


async def test_telegram_out_of_reach_at_first(
    make: Any, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    server.fault("getMe", "drop", times=4)
    channel: Adapter = make(timing={"opening": 0.005})
    await channel.open(inbox)
    assert channel.username is None
    await user.sends("一")
    await inbox.wait()
    assert channel.username == "jiamenkou_bot"


@pytest.mark.parametrize("token", ["1002:wrong", "nonsense", ""])
async def test_a_bad_token_is_said_once_and_stops(
    make: Any,
    server: FakeBotApi,
    inbox: Inbox,
    token: str,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    channel: Adapter = make(token)
    await channel.open(inbox)
    await asyncio.sleep(0.05)
    assert channel.username is None
    with pytest.raises(SendFailed):
        await channel.send(CHAT, Outgoing(1, "您好"), no_load)
    said = capsys.readouterr().out + caplog.text
    assert said.count("token_refused") == 1
    assert not token or token not in said
    assert len([call for call in server.calls if call.method != "sendMessage"]) <= 1
