"""The guard itself: nothing in this suite, and nothing it starts, leaves this machine."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import httpx
import pytest

from bot.settings import Settings
from tests.guard import NetworkForbidden, refused

OUTSIDE = ("203.0.113.7", 80)


@pytest.fixture(autouse=True)
def _on_purpose(_no_network: None) -> Iterator[None]:
    yield
    assert refused, "the guard saw nothing"
    refused.clear()


def test_plain_sockets() -> None:
    with socket.socket() as plain, pytest.raises(NetworkForbidden, match=r"203\.0\.113\.7"):
        plain.connect(OUTSIDE)
    with socket.socket() as plain, pytest.raises(NetworkForbidden):
        plain.connect_ex(OUTSIDE)
    with socket.socket(type=socket.SOCK_DGRAM) as plain:
        with pytest.raises(NetworkForbidden):
            plain.sendto(b"x", OUTSIDE)
        with pytest.raises(NetworkForbidden):
            plain.sendmsg([b"x"], [], 0, OUTSIDE)
    with socket.socket(socket.AF_INET6) as plain, pytest.raises(NetworkForbidden):
        plain.connect(("2001:db8::1", 80))


def test_names() -> None:
    with pytest.raises(NetworkForbidden, match=r"api\.example\.org"):
        socket.getaddrinfo("api.example.org", 443)
    with pytest.raises(NetworkForbidden):
        socket.gethostbyname("api.example.org")


async def test_asyncio() -> None:
    with pytest.raises(NetworkForbidden):
        await asyncio.open_connection(*OUTSIDE)
    with pytest.raises(NetworkForbidden):
        await asyncio.open_connection("api.example.org", 443)


async def test_http_clients() -> None:
    async with aiohttp.ClientSession() as client:
        with pytest.raises(NetworkForbidden):
            await client.get("http://203.0.113.7/")
    async with httpx.AsyncClient() as client_x:
        # httpx tries several addresses at once and raises a group.
        with pytest.raises((NetworkForbidden, ExceptionGroup)):
            await client_x.get("http://203.0.113.7/")


def test_what_a_test_starts() -> None:
    program = "import socket; socket.create_connection(('203.0.113.7', 80), 5)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "NetworkForbidden" in ended.stderr
    refused.append("seen in the other process")


async def test_loopback_is_open() -> None:
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("localhost", port)
        writer.close()
    assert refused == []
    refused.append("nothing was refused, as it should be")


def test_the_developers_settings_do_not_exist() -> None:
    Path(".env").write_text("WEB_PORT=1\nTELEGRAM_TOKEN=1:x\n")
    settings = Settings()
    for name, field in Settings.model_fields.items():
        assert getattr(settings, name) == field.default
    assert not [name for name in os.environ if name.lower().endswith("_proxy")]
    refused.append("nothing was refused, as it should be")
