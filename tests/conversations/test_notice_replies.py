"""What residents do with a notice in words: 看过了 typed, an opinion, a quote; and who reads it."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from storage.notices import settings
from storage.notices.replies import NoticeReply
from storage.notices.tables import Receipt
from tests.conversations.filing import file_request
from tests.conversations.notices import TEXT, audited, goes_out, writes
from tests.conversations.people import Person
from tests.conversations.town import Town

OPINION = "想听听您对小区停车的想法。怎么停好，直接回我一句话就行，12月5日前都算数。"
SAID = "地面太少了，晚上回来没地方停"


async def gets(town: Town, text: str = TEXT, **how: str) -> tuple[Person, Person]:
    """An admin and a resident who has just got a notice."""
    admin, wang = await town.admin(), await town.resident()
    await writes(admin, text=text, **how)
    await admin.presses("确定")
    await goes_out(town)
    await admin.heard()
    await wang.hears(text)
    return admin, wang


async def kept(town: Town) -> list[str]:
    return await town.read(lambda s: list(s.scalars(select(NoticeReply.text))))


async def acknowledged(town: Town) -> int:
    seen = await town.read(lambda s: s.scalars(select(Receipt.acknowledged_at)).all())
    return len([one for one in seen if one])


@pytest.mark.parametrize(
    "said",
    [
        "看过了",
        "已阅",
        "收到",
        "知道了。",
        "晓得了",
        "我看过了",
        "1",
        "收到谢谢",
        "要得",
        "kanguole",
    ],
)
async def test_typed_instead_of_the_button_it_counts(scripted_town: Town, said: str) -> None:
    """我看过了, the button's own words, began a new 诉求."""
    town = scripted_town
    _, wang = await gets(town)
    await town.admin()
    await wang.says(said)
    await wang.hears("记下您看过了")
    assert await acknowledged(town) == 1


async def test_typed_after_other_messages_and_once_only(scripted_town: Town) -> None:
    town = scripted_town
    _, wang = await gets(town)
    await wang.says("菜单")
    await wang.heard()
    town.later(hours=30)
    await wang.says("晓得了")
    await wang.heard()
    assert await acknowledged(town) == 0, "a day later it may be meant for anything"
    await wang.says("看过了")
    await wang.hears("记下您看过了")
    await wang.says("收到")
    await wang.heard()
    assert wang.everything_read.count("记下您看过了") == 1


async def test_what_answers_a_worker_is_for_the_ticket(scripted_town: Town) -> None:
    town = scripted_town
    admin, wang, li = await town.admin(), await town.resident(), await town.grid_worker()
    await file_request(town, wang)
    await writes(admin)
    await admin.presses("确定")
    await goes_out(town)
    await wang.hears(TEXT)
    await li.replies_to("楼道灯", "明天去修")
    await wang.hears("明天去修")
    await wang.says("知道了")
    await li.hears("知道了")
    assert await acknowledged(town) == 0
    await wang.says("已阅")
    await wang.hears("记下您看过了")


async def test_an_opinion_is_asked_about_once_and_read_by_the_author(scripted_town: Town) -> None:
    """征求意见 said 直接回我一句话就行, and the answer became a 诉求."""
    town = scripted_town
    admin, wang = await gets(town, OPINION)
    assert "大家回的话收在一起" in admin.everything_read
    await wang.says(f"{SAID}，我电话13900000001")
    await wang.hears("是回这条通知的话吗", "小区停车")
    await wang.presses("是，转给")
    await wang.hears("您的话记下了", "不写您的名字和门牌")
    assert await kept(town) == [f"{SAID}，我电话13900000001"]
    await town.look_after(minutes=11)
    await admin.hears("大家回了 1 条话")
    await admin.presses("看回话")
    seen = await admin.hears("1号通知的回话，一共 1 条", "莲花池花园3栋", SAID)
    assert "13900000001" not in seen.text
    assert "王桂英" not in seen.text
    assert await audited(town, "notice_replies") == [("notice_replies", "notice:1")]
    await admin.presses("Excel 表格")
    await town.app.reports.do_all(town.now())
    (content,) = await admin.gets_files(1)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_name("大家的回话").to_python()
    assert rows[1][1:] == ["莲花池花园3栋", f"{SAID}，我电话某某"] or SAID in rows[1][2]
    assert "13900000001" not in str(rows)


async def test_what_is_no_answer_goes_where_it_belongs(scripted_town: Town) -> None:
    town = scripted_town
    _, wang = await gets(town, OPINION)
    await wang.says("楼道灯不亮了")
    await wang.hears("是回这条通知的话吗")
    await wang.presses("不是，是别的事")
    await wang.hears("路灯照明")
    assert await kept(town) == []
    await wang.says("取消")
    await wang.says("水管爆了，地上全是水")
    await wang.heard()
    assert wang.everything_read.count("是回这条通知的话吗") == 1, "asked again"


@pytest.mark.parametrize("said", ["家里着火了快来人", "谁管我这里", "菜单"])
async def test_danger_and_what_has_a_name_are_no_answers(scripted_town: Town, said: str) -> None:
    town = scripted_town
    _, wang = await gets(town, OPINION)
    await wang.says(said)
    await wang.heard()
    assert "是回这条通知的话吗" not in wang.everything_read


async def test_a_quote_is_an_answer_without_a_question(make_town) -> None:  # type: ignore[no-untyped-def]
    town: Town = await make_town("aiogram")
    _, wang = await gets(town, OPINION)
    await wang.replies_to("小区停车", SAID)
    await wang.hears("您的话记下了")
    assert await kept(town) == [SAID]
    await wang.edits(SAID, "多划几个车位")
    await wang.hears("您回的话改成了：多划几个车位")
    assert await kept(town) == ["多划几个车位"]


async def test_a_quote_of_any_other_notice_is_asked_about(make_town) -> None:  # type: ignore[no-untyped-def]
    town: Town = await make_town("aiogram")
    _, wang = await gets(town)
    await wang.replies_to("停水", "收到")
    await wang.hears("记下您看过了")
    await wang.replies_to("停水", "那楼上的水箱有人管吗")
    await wang.hears("是回这条通知的话吗")
    await wang.presses("是，转给")
    await wang.hears("您的话记下了")
    assert await kept(town) == ["那楼上的水箱有人管吗"]


async def test_own_words_changed_afterwards_lead_to_a_correction(make_town) -> None:  # type: ignore[no-untyped-def]
    """The bot offered 按新的这句来办, which began the author's own 诉求."""
    town: Town = await make_town("aiogram")
    admin, wang = await gets(town)
    await admin.edits(TEXT, "后天上午停水。")
    await admin.hears("确定更正吗")
    assert "按新的这句来办" not in "".join(admin.seat.log[-1].labels)
    await admin.presses("确定更正")
    await goes_out(town)
    await wang.hears("（已更正）", "后天上午停水。")


def test_the_ready_made_texts_ask_for_answers_where_they_say_so() -> None:
    forms = settings.forms()
    asking = {key for key, form in forms.items() if settings.asks_for_replies(form.text)}
    assert asking == {"checkup", "meeting", "opinion"}


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("大家有什么意见请回复。", True), ("有建议直接跟我说，回一句就行。", True),
        ("征求大家对加装电梯的意见。", True), ("您觉得怎么样？", True),
        ("明天停水，早点回家接水。", False), ("有意见箱放在门口。", False),
        ("马上转移到学校。", False),
    ],
)  # fmt: skip
def test_which_words_ask_for_an_answer(text: str, asks: bool) -> None:
    assert settings.asks_for_replies(text) == asks
