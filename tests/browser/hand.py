"""What the browser tests do with one finger, and the small bot that answers them."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Callable
from typing import Any

from playwright.async_api import Page

from bot.messages import Incoming
from tests.browser.house import House


def picture(width: int = 40, height: int = 30) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    rows = (b"\x00" + b"\x90\x60\x30" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


async def echo(house: House, incoming: Incoming) -> None:
    """A bot that greets, and says back what it was told."""
    if incoming.start is not None:
        text = "您好！我是家门口，有事您说一声。\n急事打 110 或 13800001234。"
        await house.say(
            incoming.address.chat, text, choices=["反映问题", "便民电话"], exits=["帮助"]
        )
    elif incoming.pressed:
        await house.say(incoming.address.chat, f"您选了{incoming.pressed.split(':')[1]}")
    else:
        await house.say(incoming.address.chat, f"听到了：{incoming.text}", ticket=None)


async def write(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.tap("#send")


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(15):
        while not true():  # noqa: ASYNC110  (what is waited for is set in plain code)
            await asyncio.sleep(0.05)


def texts(house: House) -> list[str]:
    return [message.text for message in house.got if message.start is None]
