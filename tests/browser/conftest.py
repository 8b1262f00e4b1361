"""The page in a Chromium of this machine, on a phone's screen."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from storage.database import open_engine
from storage.vault import Vault
from tests.browser.hand import echo
from tests.browser.house import House

PHONE = {"width": 390, "height": 844}
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@pytest_asyncio.fixture(loop_scope="module")
async def house(
    sqlite_url: str, vault: Vault, tmp_path: Path, now: datetime
) -> AsyncIterator[House]:
    engine = open_engine(sqlite_url, vault)
    async with House(engine, vault, tmp_path / "media", now, answer=echo) as house:
        yield house
    engine.dispose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(
    chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Browser]:
    """One for all tests of a file, each of which has a context of its own: a start takes longer
    than most of them."""
    home = tmp_path_factory.mktemp("browser")
    env: dict[str, str | float | bool] = {**os.environ, "HOME": str(home)}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=ARGUMENTS, env=env
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def token(house: House) -> str:
    return await house.person("王秀英")


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, house: House, token: str) -> AsyncIterator[Page]:
    """The page on a phone, greeted; whatever goes wrong in its scripts fails the test."""
    context = await browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        has_touch=True,
        permissions=["microphone", "geolocation"],
        geolocation={"latitude": 35.1, "longitude": 113.2},
    )
    context.set_default_timeout(10_000)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: "Refused" in said.text and faults.append(said.text))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    await page.goto(f"{house.channel.address}/c/{token}")
    await expect(page.get_by_text("我是家门口")).to_be_visible()
    yield page
    assert faults == []
    await context.close()
