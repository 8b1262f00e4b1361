"""Updates by webhook: only from Telegram, and acknowledged only after the commit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bot.channels.base import NotStored
from bot.channels.telegram_base import SECRET_HEADER
from bot.channels.telegram_reading import Webhook
from tests.channels.telegram.helpers import (
    WEBHOOK,
    Adapter,
    Inbox,
    until,
)
from tests.fake_bot_api import FakeBotApi
from tests.fake_bot_users import FakeUser


@pytest.fixture
async def hook(make: Any, user: FakeUser, inbox: Inbox) -> AsyncIterator[tuple[Adapter, str]]:
    channel: Adapter = make(webhook=WEBHOOK)
    await channel.open(inbox)
    app = web.Application()
    app.router.add_post(channel.route_path, channel.on_webhook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield channel, f"http://127.0.0.1:{runner.addresses[0][1]}{channel.route_path}"
    await runner.cleanup()


async def post(url: str, secret: bytes | None, body: str, **headers: str) -> int:
    """Post raw bytes of a secret: aiohttp's client would refuse to send some of them."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", int(url.split(":")[2].split("/")[0])
    )
    lines = [f"POST /{url.split('/', 3)[3]} HTTP/1.1".encode(), b"Host: x", b"Connection: close"]
    lines += [f"{key.replace('_', '-')}: {value}".encode() for key, value in headers.items()]
    lines += [b"%s: %s" % (SECRET_HEADER.encode(), secret)] if secret is not None else []
    content = body.encode()
    lines += [b"Content-Length: %d" % len(content), b"", content]
    writer.write(b"\r\n".join(lines))
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


async def test_the_webhook_is_set_with_its_secret(
    hook: tuple[Adapter, str], user: FakeUser, server: FakeBotApi
) -> None:
    where = "https://example.test/telegram/telegram"
    assert user.bot.webhook == {"url": where, "secret": "s3cret"}
    asked_for = json.loads(server.calls[-1].params["allowed_updates"])
    assert asked_for == ["message", "edited_message", "callback_query"]


async def test_asking_takes_an_old_webhook_away(
    make: Any, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    user.bot.webhook = {"url": "https://old.test"}
    await make().open(inbox)
    assert user.bot.webhook == {}


async def test_updates_by_webhook(
    hook: tuple[Adapter, str], server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    inbox.failures = [NotStored()] * 3
    server.deliver_webhook_to(hook[1], "s3cret")
    await user.sends("一")
    await user.sends("二")
    assert [one.text for one in await inbox.wait(2)] == ["一", "二"]
    await until(lambda: not user.bot.queue)


async def test_who_may_deliver(hook: tuple[Adapter, str], inbox: Inbox) -> None:
    url, ignored = hook[1], '{"update_id": 1}'
    assert await post(url, b"s3cret", ignored) == 200
    assert (
        await post(url, b"s3cret", ignored, Content_Type="application/json; charset=utf-8") == 200
    )
    for secret in (b"wrong", "密码".encode(), b"\xff\xfe", b"", None):
        assert await post(url, secret, ignored) == 401
    for body in ("", "{", "[]", "3", "{}", '{"update_id": "x"}', "[" * 100_000):
        assert await post(url, b"s3cret", body) == 400
    assert await post(url, b"s3cret", '{"update_id": 2, "message": {"message_id": "?"}}') == 200
    assert inbox.got == []


async def test_a_webhook_waits_for_the_commit(
    hook: tuple[Adapter, str], user: FakeUser, inbox: Inbox
) -> None:
    body = (await user.sends("一")).as_json(user, user.bot)
    headers = {SECRET_HEADER: "s3cret"}
    async with ClientSession(headers=headers) as session:
        inbox.failures = [NotStored()]
        async with session.post(hook[1], json={"update_id": 1, "message": body}) as answer:
            assert answer.status == 503
        inbox.gate.clear()
        waiting = asyncio.create_task(session.post(hook[1], json={"update_id": 1, "message": body}))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        inbox.gate.set()
        assert (await waiting).status == 200
    assert len(inbox.got) == 1


def test_a_webhook_needs_a_secret() -> None:
    for secret in ("", "密码", "a b"):
        with pytest.raises(ValueError, match="secret"):
            Webhook("https://x", secret)
