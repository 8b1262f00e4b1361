"""The page in a real browser: what somebody with one finger does, and sees."""

from __future__ import annotations

import os
import struct
import zlib
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.messages import File
from storage import chatlog
from storage.database import open_engine
from storage.vault import Vault
from tests.browser.hand import echo, picture, texts, until, write
from tests.browser.house import House

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

HOSTILE = "<img src=x onerror=hacked=1><script>hacked=1</script>\"'&lt;javascript:hacked=1"


async def test_what_is_written_arrives_and_is_answered(page: Page, house: House) -> None:
    await write(page, "楼道的灯坏了")
    await expect(page.locator(".mine .words")).to_have_text("楼道的灯坏了")
    await expect(page.locator(".mine .state")).to_have_text("已送到 ✓")
    await expect(page.get_by_text("听到了：楼道的灯坏了")).to_be_visible()
    await expect(page.locator("#text")).to_have_value("")
    await page.reload()
    await expect(page.locator("article .words")).to_have_count(3)
    assert texts(house) == ["楼道的灯坏了"]


async def test_enter_sends_and_shift_enter_does_not(page: Page, house: House) -> None:
    await page.fill("#text", "第一行")
    await page.press("#text", "Shift+Enter")
    await page.type("#text", "第二行")
    await page.press("#text", "Enter")
    await until(lambda: texts(house) == ["第一行\n第二行"])


async def test_at_a_desk_one_types_at_once(browser: Browser, house: House, token: str) -> None:
    """From the keyboard alone the box stood behind every old button of the talk. A second window
    showed the answers and not what was said."""
    page = await browser.new_page()
    await page.goto(f"{house.channel.address}/c/{token}")
    await expect(page.get_by_text("我是家门口")).to_be_visible()
    await page.keyboard.type("只用键盘")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("听到了：只用键盘")).to_be_visible()
    other = await browser.new_page()
    await other.goto(f"{house.channel.address}/c/{token}")
    await expect(other.get_by_text("听到了：只用键盘")).to_be_visible()
    await page.keyboard.type("还有一句")
    await page.keyboard.press("Enter")
    await expect(other.locator(".mine .words")).to_have_text(["只用键盘", "还有一句"])
    await other.close()
    for _ in range(6):  # back over the four words that are always there and 帮助
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("您选了2")).to_be_visible()
    await page.close()


async def test_the_page_greets_once(page: Page, house: House) -> None:
    await page.reload()
    await expect(page.locator("article")).to_have_count(1)
    assert [message.start for message in house.got] == [""]


async def test_a_button_is_pressed_once_however_often_a_finger_trembles(
    page: Page, house: House
) -> None:
    button = page.get_by_role("button", name="1 反映问题")
    await button.dblclick()
    await expect(page.get_by_text("您选了1")).to_be_visible()
    await expect(button).to_have_attribute("aria-pressed", "true")
    await expect(page.locator(".mine .words")).to_have_text("1 反映问题")
    assert [message.pressed for message in house.got[1:]] == [f"{1}:1"]
    await page.reload()
    await expect(page.get_by_role("button", name="1 反映问题")).to_have_attribute(
        "aria-pressed", "true"
    )
    await page.get_by_role("button", name="2 便民电话").tap()
    await expect(page.get_by_text("您选了2")).to_be_visible()


async def test_the_words_that_are_always_there(page: Page, house: House) -> None:
    for word in ("菜单", "返回", "帮助", "转人工"):
        await page.locator(f"[data-say={word}]").tap()
    await until(lambda: texts(house) == ["菜单", "返回", "帮助", "转人工"])


async def test_two_photos_go_in_one_message(page: Page, house: House) -> None:
    photos: Any = [
        {"name": name, "mimeType": "image/png", "buffer": picture()}
        for name in ("楼道.png", "灯.png", "多余.png")
    ]
    await page.set_input_files("#photo-files", photos)
    await expect(page.locator("#tray img")).to_have_count(3)
    await page.get_by_role("button", name="不发这个：多余.png").tap()
    await write(page, "就是这里")
    await expect(page.locator(".mine .state")).to_have_text("已送到 ✓")
    (message,) = house.got[1:]
    assert [(f.kind, f.name) for f in message.files] == [("photo", "楼道.png"), ("photo", "灯.png")]
    assert message.text == "就是这里"
    await page.reload()
    shown = page.locator(".mine img")
    await expect(shown).to_have_count(2)
    await expect(shown.first).to_have_js_property("naturalWidth", 40)


async def test_a_large_photo_is_made_smaller(page: Page, house: House) -> None:
    noisy = os.urandom(2600 * 3)
    rows = b"".join(b"\x00" + noisy[i * 7 % 97 :] + noisy[: i * 7 % 97] for i in range(1000))
    plain = picture(2600, 1000)
    start, end = plain.index(b"IDAT") - 4, plain.index(b"IEND") - 4
    packed = zlib.compress(rows, 0)
    body = struct.pack(">I", len(packed)) + b"IDAT" + packed
    big = plain[:start] + body + struct.pack(">I", zlib.crc32(b"IDAT" + packed)) + plain[end:]
    files: Any = [{"name": "大.png", "mimeType": "image/png", "buffer": big}]
    await page.set_input_files("#photo-files", files)
    await expect(page.locator("#tray img")).to_have_count(1)
    await page.tap("#send")
    await until(lambda: len(house.got) == 2)
    (file,) = house.got[1].files
    assert (file.kind, file.mime) == ("photo", "image/jpeg")
    assert file.size < len(big)


async def test_a_voice_message_is_recorded_heard_and_sent(page: Page, house: House) -> None:
    await page.tap("#voice")
    await expect(page.locator("#rec-time")).to_have_text("0:01")
    await page.tap("#rec-cancel")
    await expect(page.locator("#recorder")).to_be_hidden()
    await page.tap("#voice")
    await expect(page.locator("#rec-time")).to_have_text("0:01")
    await page.tap("#rec-stop")
    await expect(page.locator("#rec-play")).to_be_visible()
    assert len(house.got) == 1
    await page.tap("#rec-send")
    await expect(page.locator(".mine .state")).to_have_text("已送到 ✓")
    (file,) = house.got[1].files
    assert file.kind == "voice"
    assert file.size > 500


async def test_the_place_is_sent_after_a_yes(page: Page, house: House) -> None:
    await page.tap("#place")
    await page.tap("#where-yes")
    await until(lambda: len(house.got) == 2)
    point = house.got[1].location
    assert point is not None
    assert (point.latitude, point.longitude) == (35.1, 113.2)


async def test_large_print_is_remembered(page: Page) -> None:
    def size() -> Any:
        return page.evaluate(
            "parseFloat(getComputedStyle(document.querySelector('.words')).fontSize)"
        )

    assert await size() >= 20
    await page.tap("#large")
    assert await size() >= 26
    await page.reload()
    await expect(page.locator("#large")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_text("我是家门口")).to_be_visible()
    assert await size() >= 26


async def test_a_text_too_long_is_not_lost(page: Page, house: House) -> None:
    await write(page, "长" * 8001)
    await expect(page.locator("#note")).to_contain_text("一次最多 8000 字")
    assert len(await page.input_value("#text")) == 8001
    assert texts(house) == []


async def test_a_reply_names_the_message_of_its_ticket(
    page: Page, house: House, token: str
) -> None:
    ref = await house.say(await house.chat(token), "工单 1024 已经接单", ticket=1024)
    await page.get_by_role("button", name="↩ 回复这条").tap()
    await expect(page.locator("#quote-text")).to_have_text("回复：工单 1024 已经接单")
    await page.get_by_role("button", name="不回复这条了").tap()
    await expect(page.locator("#quote")).to_be_hidden()
    await page.get_by_role("button", name="↩ 回复这条").tap()
    await write(page, "谢谢")
    await until(lambda: len(house.got) == 2)
    assert house.got[1].reply_to == str(ref)
    await expect(page.locator(".mine blockquote")).to_have_text("工单 1024 已经接单")
    await write(page, "另一件事")
    await until(lambda: len(house.got) == 3)
    assert house.got[2].reply_to is None


async def test_a_message_changes_where_it_stands(page: Page, house: House, token: str) -> None:
    chat = await house.chat(token)
    card = await house.say(chat, "新工单", choices=["接单"])
    await house.say(chat, "后来的话")
    await house.say(chat, "已由张建国接单", choices=["办结"], edits=card)
    await expect(page.locator("article .words").nth(1)).to_have_text("已由张建国接单")
    await expect(page.locator("article")).to_have_count(3)


async def test_what_grows_while_it_loads_does_not_hide_the_newest(
    page: Page, house: House, token: str
) -> None:
    """A picture grew between our scrolling and its event: the page took it for a finger's."""
    chat = await house.chat(token)
    for number in range(12):
        await house.say(chat, f"第{number}句\n这是第二行\n这是第三行")
    await expect(page.locator("article")).to_have_count(13)
    grow = """() => {
        const log = document.getElementById("log");
        log.lastElementChild.previousElementSibling.style.minHeight = "600px";
        log.dispatchEvent(new Event("scroll"));
    }"""
    await page.evaluate(grow)
    await house.say(chat, "最后一句")
    await expect(page.locator("article").last).to_be_in_viewport()
    await expect(page.locator("#newer")).to_be_hidden()
    await page.evaluate("() => { document.getElementById('log').scrollTop = 0; }")
    await house.say(chat, "往上翻了就不打扰")
    await expect(page.locator("#newer")).to_be_visible()


async def test_numbers_to_call_and_long_cards_are_read_from_their_beginning(
    page: Page, house: House, token: str
) -> None:
    """In big type the question after a fall pushed 120 out of sight; a list of doors was shown
    by its end once the page was loaded again."""
    chat = await house.chat(token)
    await page.tap("#large")
    await write(page, "老人摔倒了")
    await expect(page.locator(".mine .state")).to_have_text("已送到 ✓")
    await house.say(chat, "急救 120")
    await house.say(chat, "先顾人。\n请马上打上面的电话。", choices=[f"地方{n}" for n in range(6)])
    await expect(page.get_by_role("link", name="120")).to_be_in_viewport()
    await expect(page.locator("#newer")).to_have_text("↓ 下面还有")
    await page.set_viewport_size({"width": 390, "height": 600})  # the keyboard opens
    await expect(page.get_by_role("link", name="120")).to_be_in_viewport()
    await page.tap("#newer")
    await expect(page.get_by_role("button", name="地方5")).to_be_in_viewport()
    await house.say(chat, "请上门：\n" + "\n".join(f"{n}单元101" for n in range(30)) + "\n说一声")
    await page.reload()
    long = page.locator(".words").last
    await expect(long).to_contain_text("说一声")
    await page.wait_for_timeout(300)
    assert await long.evaluate("e => e.getBoundingClientRect().top > 0")
    await house.say(chat, "后来的一句")
    await expect(page.locator("#newer")).to_have_text("↓ 有新消息")


async def test_what_was_said_earlier_can_be_looked_up(
    page: Page, house: House, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred messages were shown, and there was no way to what a worker wrote before them."""
    chat = await house.chat(token)
    for number in range(9):
        await house.say(chat, f"第{number}句\n" + "说\n" * 9)
    monkeypatch.setattr(chatlog, "recent", partial(chatlog.recent, limit=4))
    await page.reload()
    articles = page.locator("article")
    await expect(articles).to_have_count(4)
    older = page.get_by_role("button", name="看更早的")
    for count in (7, 10):  # what bears the same moment comes again
        await older.tap()
        await expect(articles).to_have_count(count)
        await expect(page.get_by_text("第5句" if count == 7 else "第2句")).to_be_in_viewport()
    await expect(articles.first).to_contain_text("我是家门口")
    await older.tap()
    await expect(older).to_be_hidden()
    await write(page, "还能说话")
    await expect(page.get_by_text("听到了：还能说话")).to_be_in_viewport()


async def test_a_phone_number_is_asked_for_and_sent_as_words(
    page: Page, house: House, token: str
) -> None:
    chat = await house.chat(token)
    await house.say(chat, "请留个电话", asks_contact=True, labels={"contact": "您的手机"})
    await page.get_by_label("您的手机").fill("138 0000 1234")
    await page.get_by_role("button", name="发送号码").tap()
    await until(lambda: texts(house) == ["13800001234"])
    await expect(page.get_by_label("您的手机")).to_be_hidden()


async def test_numbers_to_call_are_links(page: Page, house: House, token: str) -> None:
    words = "110号楼 12345 工单1024 13800001234。3.110元 0391-1234567"
    await house.say(await house.chat(token), words)
    calls = page.locator("article").nth(1).locator("a")
    await expect(calls).to_have_text(["12345", "13800001234", "0391-1234567"])
    await expect(calls.first).to_have_attribute("href", "tel:12345")


async def test_a_count_is_no_number_to_call(page: Page, house: House, token: str) -> None:
    """The progress of a notice to 120 households offered the ambulance three times."""
    words = "一共 120 户，已发出 90 / 120 户，没有聊天 110 户，119 / 120\n有危险打 119，或者 110。"
    await house.say(await house.chat(token), words)
    calls = page.locator("article").nth(1).locator("a")
    await expect(calls).to_have_text(["119", "110"])


async def test_hostile_words_are_only_words(page: Page, house: House, token: str) -> None:
    await write(page, HOSTILE)
    chat = await house.chat(token)
    page_file = File("document", "web", house.media.keep(b"<script>hacked=1</script>"), HOSTILE)
    await house.say(chat, HOSTILE, choices=[HOSTILE], exits=[HOSTILE], ticket=1)
    await house.say(chat, media=(page_file,))
    await expect(page.locator("a.paper")).to_contain_text(HOSTILE)
    await expect(page.locator(".mine .words")).to_have_text(HOSTILE)
    await page.reload()
    await expect(page.locator(".mine .words")).to_have_text(HOSTILE)
    assert await page.evaluate("typeof hacked") == "undefined"
    assert await page.locator("#log script, #log [onerror]").count() == 0


@pytest.mark.parametrize("width", [320, 360, 1280])
async def test_nothing_is_wider_than_the_window_and_all_can_be_touched(
    page: Page, house: House, token: str, width: int
) -> None:
    chat = await house.chat(token)
    long = "很长很长的选项文字" * 5
    await house.say(
        chat, "无空格" + "x" * 300, choices=[long, "短"], exits=["返回", "取消", "修改"], ticket=3
    )
    await page.set_viewport_size({"width": width, "height": 640})
    for _ in range(2):
        wide = await page.evaluate(
            "[document.documentElement, document.body, document.querySelector('#log')]"
            ".some((e) => e.scrollWidth > e.clientWidth + 1)"
        )
        assert not wide
        low = await page.evaluate(
            "Array.from(document.querySelectorAll('button, input:not([type=file]), textarea'))"
            ".map((e) => e.getBoundingClientRect())"
            ".filter((box) => box.width && box.height < 47.5).length"
        )
        assert low == 0
        await page.tap("#large")


async def test_the_demo_shows_everyone_side_by_side(
    browser: Browser, sqlite_url: str, vault: Vault, tmp_path: Path, now: datetime
) -> None:
    engine = open_engine(sqlite_url, vault)
    async with House(engine, vault, tmp_path / "media", now, demo=True, answer=echo) as house:
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.goto(house.channel.address)
        inside = page.frame_locator("#speaker-frame")
        await expect(inside.get_by_text("我是家门口")).to_be_visible()
        await expect(page.locator("#speaker option")).to_have_text(["新搬来的居民"])
        await page.close()
    engine.dispose()
