"""The whole program over a database of its own, as `bot.app` builds it, for benchmarks."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from benchmarks.chats import A_MORNING
from bot.app import App, build
from bot.clock import system_clock
from bot.settings import Settings

HOOK = {"webhook_url": "https://localhost", "webhook_secret": "none"}
"""A webhook's address, so that nobody is asked for updates: they are handed over."""
TOKEN = "1001:resident"


def settings(folder: Path, url: str, **more: Any) -> Settings:
    """Settings that no environment has a say in: one bot, no limit of its rate."""
    given: dict[str, Any] = {
        "database_url": url,
        "key_file": folder / "key",
        "media_dir": folder / "media",
        "web_port": 0,
        "web_demo": False,
        "telegram_token": SecretStr(TOKEN),
        "telegram_library": "aiogram",
        "telegram_staff_token": SecretStr(""),
        "telegram_api_base": "",
        "telegram_proxy": "",
        "telegram_rate": 0.0,
        "webhook_url": "",
        "webhook_secret": SecretStr(""),
        "log_level": "ERROR",
    }
    return Settings(_env_file=None, **{**given, **more})


def a_morning() -> datetime:
    """A clock that runs, and began in the morning of a working day."""
    return A_MORNING + (system_clock() - _BEGAN)


_BEGAN = system_clock()


@contextlib.asynccontextmanager
async def running(given: Settings) -> AsyncIterator[App]:
    """The program between start and stop."""
    app = build(given, clock=a_morning)
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


def copy_of(settled: Path, to: Path) -> str:
    """A copy of a SQLite database that nobody has open; its URL."""
    shutil.copyfile(settled, to)
    return f"sqlite:///{to}"
