"""Through a proxy, as from mainland China, and only as the setting says."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.messages import Outgoing
from tests.channels.telegram.helpers import CHAT, no_load
from tests.fake_bot_api import FakeBotApi
from tests.fake_bot_users import FakeUser


class Proxy:
    """A proxy that speaks SOCKS5, CONNECT and plain forwarding, and counts what it passes on."""

    def __init__(self) -> None:
        self.port = 0
        self.used = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(1)
        if first == b"\x05":
            await reader.readexactly((await reader.readexactly(1))[0])
            writer.write(b"\x05\x00")
            kind = (await reader.readexactly(4))[3]
            size = 4 if kind == 1 else (await reader.readexactly(1))[0]
            await reader.readexactly(size)
            (port,) = struct.unpack(">H", await reader.readexactly(2))
            writer.write(b"\x05\x00\x00\x01" + bytes(6))
            passed = b""
        else:
            head = first + await reader.readuntil(b"\r\n\r\n")
            port = int(head.split()[1].removeprefix(b"http://").split(b"/")[0].split(b":")[1])
            tunnel = head.startswith(b"CONNECT")
            passed = b"" if tunnel else head
            if tunnel:
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        self.used += 1
        there, back = await asyncio.open_connection("127.0.0.1", port)
        back.write(passed)
        await asyncio.gather(self.pour(reader, back), self.pour(there, writer))

    async def pour(self, source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            into.write(data)
        into.close()


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    made = Proxy()
    server = await asyncio.start_server(made.handle, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_everything_goes_through_the_proxy(
    make: Any, server: FakeBotApi, user: FakeUser, proxy: Proxy, scheme: str
) -> None:
    channel = make(proxy=f"{scheme}://127.0.0.1:{proxy.port}")
    await channel.send(CHAT, Outgoing(1, "您好"), no_load)
    assert await user.hears("您好")
    assert proxy.used == 1


async def test_the_environment_does_not_decide(
    make: Any, user: FakeUser, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    await make().send(CHAT, Outgoing(1, "您好"), no_load)
    assert proxy.used == 0
