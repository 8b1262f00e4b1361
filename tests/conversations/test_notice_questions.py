"""What residents ask about a notice: it is said again, true, and no request begins by itself."""

from __future__ import annotations

import pytest

from storage.meaning.notice_questions import ABOUT, ALONE, DOUBT, ITSELF, asks_of, is_about
from tests.conversations.filing import file_request
from tests.conversations.notices import TEXT
from tests.conversations.test_notice_replies import gets
from tests.conversations.town import Town


async def test_a_question_about_a_notice_began_a_request(scripted_town: Town) -> None:
    """停水到几点 and 啥子时候来水 after a notice began requests of their own, 是哪个发的 was not
    understood; a question about something else is none about the notice."""
    town = scripted_town
    _, wang = await gets(town)
    for asked in ("停水到几点", "啥子时候来水哦", "是哪个发的", "我们这栋也停不", "要钱不"):
        await wang.says(asked)
        again = await wang.hears("青禾县", "发的通知", TEXT, "没写到的", "李建国")
        assert again.labels == ["1 帮我问一下", "2 我看过了", "3 是另外的事"]
    for other in ("啥时候来电", "水管咋漏了", "老年卡啥时候办", "你们是骗子吧"):
        await wang.says(other)
        await wang.heard()
        assert TEXT not in wang.seat.log[-1].text
        await wang.says("取消")
        await wang.heard()
    await wang.says("停水到几点")
    await wang.presses("是另外的事")
    await wang.hears("哪一类")
    assert await town.ticket_count() == 0


async def test_is_the_notice_real(scripted_town: Town) -> None:
    """这个通知假的吧 began a request. Who got none is not told that one is real; what a notice
    leaves open goes to the grid worker, with the notice."""
    town = scripted_town
    aunt = await town.newcomer("刘大娘")
    await aunt.says("这个通知是真的吗")
    await aunt.hears("没有给您发过通知", "先别信")
    worker = await town.grid_worker()
    _, wang = await gets(town)
    for asked in ("这个通知假的吧", "真的假的"):
        await wang.says(asked)
        await wang.hears("我发给您的这条是真的", TEXT, "跟这条不一样，就先别信")
    await wang.presses("帮我问一下")
    await wang.hears("李建国", "编号")
    await worker.hears("真的假的", f"问的是1号通知：{TEXT}")


async def test_what_was_filed_since_goes_before_a_notice(scripted_town: Town) -> None:
    town = scripted_town
    await town.grid_worker()
    _, wang = await gets(town)
    await file_request(town, wang)
    await wang.says("到几点")
    await wang.hears("是哪一件事")
    await wang.says("停水停到几点")
    await wang.hears(TEXT)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("这个通知假的吧", DOUBT),
        ("你们发的消息可靠不", DOUBT),
        ("法院的通知是真的吗", ABOUT),
        ("通知说的啥子", ITSELF),
        ("把那个通知再发一遍", ITSELF),
        ("停水到好多点", ABOUT),
        ("体检要带啥子", ABOUT),
        ("明天真的要停水？", ABOUT),
        ("到几点", ALONE),
        ("要带身份证不", ABOUT),
        ("哪些楼要停", ALONE),
        ("咋还没来水", ""),
        ("停水咋不通知", ""),
        ("停水了", ""),
        ("水费好多钱", ""),
        ("楼上水管爆了咋办", ""),
    ],
)
def test_what_is_asked_of_a_notice(text: str, asks: str) -> None:
    assert asks_of(text)[0] == asks


def test_which_notice_is_asked_about() -> None:
    assert is_about("啥时候来水", TEXT)
    assert not is_about("啥时候来电", TEXT)
    assert is_about("鸡蛋在哪点领", "老人凭身份证领鸡蛋，周六上午在广场。")
    assert not is_about("小区几点关门", "小区明天大扫除。")
