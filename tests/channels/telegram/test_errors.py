"""What becomes of Telegram's errors, and what the fake server refuses."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.channels.base import Blocked, Refused, SendFailed, TryLater, Unreachable
from bot.messages import Address, Choice, File, Outgoing
from tests.channels.telegram.helpers import (
    CHAT,
    TOKEN,
    Adapter,
    Inbox,
    load,
    no_load,
)
from tests.fake_bot_api import FakeBotApi
from tests.fake_bot_users import FakeUser


@pytest.mark.parametrize(
    ("fault", "options", "expected"),
    [
        ("429", {"retry_after": 7}, TryLater),
        ("403", {}, Blocked),
        ("400", {"description": "Bad Request: chat not found"}, Blocked),
        ("400", {"description": "Bad Request: TOPIC_CLOSED"}, Refused),
        ("migrated", {}, Blocked),
        ("500", {}, Unreachable),
        ("drop", {}, Unreachable),
        ("timeout", {}, Unreachable),
    ],
)
async def test_what_errors_mean(
    channel: Adapter,
    server: FakeBotApi,
    user: FakeUser,
    fault: str,
    options: dict[str, Any],
    expected: type[SendFailed],
) -> None:
    server.fault("sendMessage", fault, **options)
    with pytest.raises(expected) as caught:
        await channel.send(CHAT, Outgoing(1, "您好"), no_load)
    error = caught.value
    assert TOKEN not in repr(error)
    assert error.__cause__ is None
    if isinstance(error, TryLater):
        assert error.seconds == 7
        with pytest.raises(TryLater):
            await channel.send(CHAT, Outgoing(1, "早了"), no_load)
        assert len(server.violations) == 1
    if isinstance(error, Unreachable):
        assert error.maybe_sent
        assert len(user.received) == (1 if fault == "timeout" else 0)


@pytest.mark.parametrize(
    "options", [{}, {"proxy": "http://127.0.0.1:1"}, {"proxy": "socks5://127.0.0.1:1"}]
)
async def test_what_never_left_this_machine(make: Any, options: dict[str, Any]) -> None:
    channel: Adapter = make(api_base="http://127.0.0.1:1", timing={"call": 2}, **options)
    with pytest.raises(Unreachable) as caught:
        await channel.send(CHAT, Outgoing(1, "您好"), no_load)
    assert not caught.value.maybe_sent


async def test_a_stranger_and_a_person_who_left(channel: Adapter, user: FakeUser) -> None:
    with pytest.raises(Blocked):
        await channel.send(Address("telegram", "404"), Outgoing(1, "您好"), no_load)
    user.blocked = True
    with pytest.raises(Blocked):
        await channel.send(CHAT, Outgoing(1, "您好"), no_load)


@pytest.mark.parametrize(
    "message",
    [
        Outgoing(1, "长" * 4097),
        Outgoing(1, "😀" * 2049),
        Outgoing(1, " "),
        Outgoing(1, "长" * 1025, files=(File("photo", "web", "x"),)),
        Outgoing(1, "选", (Choice("一", 1, "x" * 65),)),
        Outgoing(1, files=(File("photo", "web", "x"),) * 11),
        Outgoing(1, files=(File("photo", "web", "x"), File("document", "web", "x"))),
        Outgoing(1, files=(File("photo", "telegram", "another bot's"),)),
    ],
)
async def test_the_server_is_strict(
    channel: Adapter, server: FakeBotApi, user: FakeUser, message: Outgoing
) -> None:
    with pytest.raises(Refused):
        await channel.send(CHAT, message, load)
    assert len(server.violations) == 1
    assert user.received == []


async def test_file_ids_belong_to_one_bot(
    make: Any, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    staff = server.bot("1002:staff", "staff_bot")
    file = server.keep(staff, "photo", b"x", "", "")
    channel: Adapter = make()
    with pytest.raises(Refused):
        await channel.fetch(File("photo", "telegram", file.file_id))
    assert len(server.violations) == 1


async def test_a_download_has_a_limit(channel: Adapter, server: FakeBotApi, user: FakeUser) -> None:
    file = server.keep(user.bot, "video", b"x" * 20_000_001, "", "")
    with pytest.raises(Refused):
        await channel.fetch(File("video", "telegram", file.file_id))


async def test_raw_requests_are_held_to_the_published_lists(
    server: FakeBotApi, user: FakeUser
) -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("sendTelepathy", {"chat_id": 7}),
        ("sendMessage", {"chat_id": 7, "text": "x", "colour": "red"}),
        ("sendMessage", {"chat_id": 7, "text": 5}),
        ("sendMessage", {"chat_id": 7}),
        ("sendMessage", {"chat_id": 7, "text": "x", "reply_markup": {"inline_keyboard": [[]]}}),
        ("sendLocation", {"chat_id": 7, "latitude": "north", "longitude": 1}),
    ]
    async with ClientSession() as session:
        for method, params in wrong:
            async with session.post(f"{server.url}/bot{TOKEN}/{method}", json=params) as answer:
                assert answer.status == 400
    assert len(server.violations) == len(wrong)


async def test_no_log_holds_what_people_wrote_or_the_token(
    make: Any,
    user: FakeUser,
    server: FakeBotApi,
    inbox: Inbox,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    logging.getLogger().setLevel(logging.INFO)
    channel: Adapter = make()
    await channel.open(inbox)
    server.fault("sendMessage", "drop")
    server.fault("getUpdates", "500")
    inbox.failures = [RuntimeError("灯坏了")]
    await user.sends("灯坏了")
    sent = await user.photo(b"x")
    await inbox.wait(2)
    with pytest.raises(Unreachable):
        await channel.send(CHAT, Outgoing(1, "马上来"), no_load)
    await channel.send(CHAT, Outgoing(1, "马上来"), no_load)
    await channel.fetch(File("photo", "telegram", sent.files[0].file_id))
    said = caplog.text + "".join(capsys.readouterr())
    assert "telegram.connected" in said
    assert not [word for word in (TOKEN, "灯坏了", "马上来") if word in said]
