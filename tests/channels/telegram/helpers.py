"""What the tests of both Telegram adapters share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bot.channels import telegram_aiogram, telegram_ptb
from bot.channels.telegram_reading import Webhook
from bot.messages import Address, Choice, File, Incoming

Adapter = telegram_aiogram.TelegramChannel | telegram_ptb.TelegramChannel
LIBRARIES = {"aiogram": telegram_aiogram.TelegramChannel, "ptb": telegram_ptb.TelegramChannel}
CHAT = Address("telegram", "7")
TOKEN = "1001:resident"
WEBHOOK = Webhook("https://example.test/", "s3cret")


class Inbox:
    """A `receive` that keeps what it is given, and fails as often as it is told."""

    def __init__(self) -> None:
        self.got: list[Incoming] = []
        self.failures: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, incoming: Incoming) -> None:
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.got.append(incoming)

    async def wait(self, count: int = 1) -> list[Incoming]:
        return await until(lambda: self.got if len(self.got) >= count else None)


async def until(found: Callable[[], Any], seconds: float = 3.0) -> Any:
    """What `found` returns, once that is true."""
    async with asyncio.timeout(seconds):
        while not (value := found()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return value


async def no_load(file: File) -> bytes:
    raise AssertionError("nothing to load")


async def load(file: File) -> bytes:
    return f"bytes of {file.ref}".encode()


def choices(*labels: str) -> tuple[Choice, ...]:
    return tuple(Choice(label, i + 1, f"5:{i}") for i, label in enumerate(labels))


EXITS = tuple(
    Choice(label, None, f"5:{i}") for i, label in enumerate(("返回", "修改", "取消", "人工"), 9)
)
