"""The page in a real browser when the network, the server or the phone lets it down."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from tests.browser.hand import picture, texts, until, write
from tests.browser.house import House

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_where_no_sound_can_be_recorded_the_page_says_so(
    browser: Browser, house: House, token: str
) -> None:
    page = await browser.new_page()
    await page.add_init_script("delete window.MediaRecorder; delete window.EventSource")
    await page.goto(f"{house.channel.address}/c/{token}")
    await expect(page.get_by_text("这个浏览器不能录音")).to_be_visible()
    await expect(page.locator("#voice")).to_be_hidden()
    await page.fill("#text", "没有推送也行")
    await page.click("#send")
    await expect(page.get_by_text("听到了：没有推送也行")).to_be_visible(timeout=15_000)
    await page.close()


async def test_the_page_works_where_nothing_may_be_remembered(
    browser: Browser, house: House, token: str
) -> None:
    page = await browser.new_page()
    forbid = "{get() { throw new DOMException('no', 'SecurityError') }}"
    await page.add_init_script(
        f"for (const name of ['localStorage', 'indexedDB'])"
        f" Object.defineProperty(window, name, {forbid})"
    )
    await page.goto(f"{house.channel.address}/c/{token}")
    await page.click("#large")
    await expect(page.locator("#large")).to_have_attribute("aria-pressed", "true")
    await page.fill("#text", "无痕")
    await page.click("#send")
    await expect(page.get_by_text("听到了：无痕")).to_be_visible()
    await page.close()


async def test_what_is_said_without_a_network_arrives_later_once(
    page: Page, house: House, token: str
) -> None:
    chat = await house.chat(token)
    sent: list[str] = []

    def count(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url)

    page.on("requestfinished", count)
    await page.context.set_offline(True)
    await expect(page.locator("#banner")).to_have_text("网络断了，正在重新连接…")
    await write(page, "断网时说的")
    await page.get_by_role("button", name="2 便民电话").tap()
    await expect(page.locator(".mine .again").first).to_have_text("没送到，点这里再发")
    await house.say(chat, "您不在时网格员来过", quietly=True)
    await page.context.set_offline(False)
    await expect(page.locator("#banner")).to_be_hidden()
    await expect(page.get_by_text("您不在时网格员来过")).to_be_visible()
    await expect(page.get_by_text("听到了：断网时说的")).to_be_visible()
    await expect(page.get_by_text("您选了2")).to_be_visible()
    await expect(page.locator(".mine .state")).to_have_text(["已送到 ✓", "已送到 ✓"])
    assert [(m.text, m.pressed) for m in house.got[1:]] == [("断网时说的", None), ("", "1:2")]
    assert len(sent) == 2


async def test_what_was_not_sent_outlives_a_reload(
    browser: Browser, page: Page, house: House, token: str
) -> None:
    house.broken = True
    await write(page, "存着的话")
    files: Any = [{"name": "灯.png", "mimeType": "image/png", "buffer": picture()}]
    await page.set_input_files("#photo-files", files)
    await expect(page.locator("#tray img")).to_have_count(1)
    await page.tap("#send")
    await page.fill("#text", "还没写完")
    await page.wait_for_timeout(300)
    await page.reload()
    await expect(page.locator("#text")).to_have_value("还没写完")
    await expect(page.locator(".mine")).to_have_count(2)
    house.broken = False
    await until(lambda: len(house.got) == 3)
    assert texts(house) == ["存着的话", ""]
    assert [f.name for f in house.got[2].files] == ["灯.png"]
    await page.reload()
    await expect(page.locator(".mine")).to_have_count(2)
    await page.wait_for_timeout(500)
    assert len(house.got) == 3


async def test_an_answer_that_got_lost_makes_no_second_message(page: Page, house: House) -> None:
    posts: list[str] = []

    async def lose(route: Route) -> None:
        posts.append(route.request.post_data or "")
        if len(posts) == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/messages", lose)
    await write(page, "只说一次")
    await expect(page.locator(".mine .state")).to_have_text("已送到 ✓")
    assert texts(house) == ["只说一次"]
    await until(lambda: len(posts) == 2)
    assert posts[0] == posts[1]
    await expect(page.locator(".mine")).to_have_count(1)


async def test_the_server_goes_and_comes_back(page: Page, house: House, token: str) -> None:
    port = int(house.channel.address.rsplit(":", 1)[1])
    await house.channel.close()
    await expect(page.locator("#banner")).to_be_visible()
    await write(page, "服务停了也先写着")
    await house.say(await house.chat(token), "停机时排队的通知", quietly=True)
    house.channel = await house.opened(port)
    await expect(page.get_by_text("停机时排队的通知")).to_be_visible(timeout=15_000)
    await expect(page.locator("#banner")).to_be_hidden()
    await expect(page.get_by_text("听到了：服务停了也先写着")).to_be_visible()
    assert texts(house) == ["服务停了也先写着"]
