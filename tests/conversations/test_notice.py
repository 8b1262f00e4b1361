"""发通知: from the first word to the last receipt, as an admin and two households live it."""

from __future__ import annotations

import io
import itertools

import pytest
from PIL import Image
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from storage.notices import settings
from storage.notices.tables import Notice, NoticeState, Receipt
from storage.outbox import OutboundMessage
from tests.conversations.notices import TEXT, audited, goes_out, ledger, the_notice, writes
from tests.conversations.people import Person
from tests.conversations.town import Town


async def households(town: Town) -> tuple[Person, Person]:
    return await town.resident(), await town.resident("赵大山")


async def test_one_is_written_sent_read_corrected_and_accounted_for(detail_town: Town) -> None:
    town = detail_town
    admin, (wang, zhao) = await town.admin(), await households(town)
    other = await town.worker("周敏", "网格员")
    await writes(admin)
    assert "2 户有聊天，能发到；1 户发不到" in admin.everything_read
    await admin.presses("我看过了")
    await admin.hears("按了不算数")
    await wang.heard_nothing()
    await admin.presses("确定，就这样发")
    await goes_out(town)
    for one in (wang, zhao):
        seen = await one.hears("【通知】", TEXT, "—— 青禾县")
        assert seen.text in admin.everything_read, "the copy looked otherwise"
    assert await ledger(town) == {"sent": 2, "unreachable": 1}

    await wang.presses("我看过了")
    await wang.hears("记下您看过了")
    await wang.presses("我看过了")
    await wang.hears("我记着呢")
    await other.hears("1号通知，这 1 户没有发到", "桂花新村1栋（1 户）：2单元201", TEXT)
    assert len(await audited(town, "visiting")) == 1
    await town.look_after(minutes=11)
    board = await admin.hears(
        "发完了", "已发出 2 / 3 户", "没有聊天 1 户", "看过了 1 户（已发出的 50.0%）"
    )
    assert board.edited, "the progress stands in one message"

    await admin.presses("更正")
    await admin.says("改为后天停水。")
    await admin.hears("确定更正吗")
    await admin.presses("确定更正")
    await goes_out(town)
    changed = await zhao.hears("（已更正）", "改为后天停水。")
    assert changed.edited
    await other.hears("1号通知更正了", "改为后天停水。")
    assert len(await audited(town, "visiting")) == 1, "the list went out twice"

    await admin.presses("回执")
    await town.app.reports.do_all(town.now())
    await admin.hears(
        "1号通知的回执", "1 户有人按了“我看过了”，占已发出的 50.0%", "没按的不一定没看"
    )
    (content,) = await admin.gets_files(1)
    assert Image.open(io.BytesIO(content)).width == 1080
    await admin.presses("Excel 表格")
    await town.app.reports.do_all(town.now())
    await admin.hears("回执表格在上面")
    (content,) = await admin.gets_files(1)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_name("按楼栋").to_python()
    assert rows[0][:3] == ["名称", "应发", "已发出"]
    assert ["莲花池花园3栋", 2, 2, 0, 0, 0, 0, 0, 0, 1, 1, 0.5] in rows
    assert "单元" not in str(
        [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    )


async def test_a_form_is_copied_and_its_blanks_are_not_sent(scripted_town: Town) -> None:
    admin = await scripted_town.admin()
    await admin.says("发通知")
    await admin.presses("停水停电")
    form = await admin.hears("因【检修】")
    assert form.text == settings.forms()["water"].text.strip()
    await admin.says(form.text)
    await admin.hears("还有空没填：【检修】、", "【电话】")
    await admin.says("免费体检")
    await admin.hears("【65岁以上】老人免费体检")
    await admin.hears("上面是“免费体检”的样子")  # it was taken for the words of the notice
    await admin.sends_photos(1)
    await admin.hears("收到 1 个文件")
    await admin.says("明天停水，请问【物业】。")
    await admin.hears("发给谁")
    await admin.says("返回")
    await admin.hears("要通知什么")
    await admin.says("长" * 3001)
    await admin.hears("太长了（3001 字，最多 3000 字）")


async def test_photos_and_a_document_go_first(detail_town: Town) -> None:
    town = detail_town
    admin, (wang, _) = await town.admin(), await households(town)
    await admin.says("发通知")
    photo = await admin.sends_photos(1)
    document = [await admin.sends_document("体检名单在文件里。")]
    await admin.presses("的所有住户")
    await admin.presses("不用")
    await admin.presses("现在就发")
    await admin.hears("带 2 个文件")
    await admin.presses("确定，就这样发")
    await goes_out(town)
    await wang.hears("体检名单在文件里。")
    assert await wang.gets_files(2) == photo + document


@pytest.mark.parametrize(
    ("ways", "words", "reached"),
    [
        (["其中一个", "莲花池社区"], "莲花池社区的住户", ["王桂英", "赵大山"]),
        (["工作人员", "联户党员"], "青禾县的联户党员", ["陈秀兰"]),
        (["这个月联户党员还没走访的户"], "这个月联户党员还没走访的", ["赵大山"]),
    ],
)
async def test_whom_it_is_for(
    scripted_town: Town, ways: list[str], words: str, reached: list[str]
) -> None:
    town = scripted_town
    admin, homes, liaison = await town.admin(), await households(town), await town.liaison()
    await liaison.says("走访 3栋1单元302")
    await liaison.hears("走访记下了")
    await admin.says("发通知")
    await admin.says(TEXT)
    for way in ways:
        await admin.presses(way)
    await admin.presses("不用")
    await admin.presses("现在就发")
    await admin.hears(words, f"{len(reached)} {'人' if ways[-1] == '联户党员' else '户'}有聊天")
    await admin.presses("确定")
    await goes_out(town)
    got = [one.name for one in (*homes, liaison) if TEXT in one.everything_read]
    assert got == reached


async def test_at_night_it_waits_unless_it_is_an_emergency(scripted_town: Town) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 21, 30)
    admin, (wang, zhao) = await town.admin(), await households(town)
    await writes(admin, when="早上再发")
    assert "11月25日 08:00" in admin.everything_read
    await admin.presses("确定")
    await town.app.broadcast.look()
    await wang.heard_nothing()
    assert await audited(town, "notice_emergency") == []
    await writes(admin, text="马上转移到学校。", when="紧急，马上发")
    assert "紧急：夜里也会发" in admin.everything_read
    await admin.presses("确定")
    await goes_out(town)
    await zhao.hears("【紧急通知】", "马上转移到学校。")
    assert TEXT not in zhao.everything_read
    assert await audited(town, "notice_emergency") == [("notice_emergency", "notice:2")]
    town.at(2026, 11, 25, 8, 0)
    for _ in range(3):
        await town.app.broadcast.look()
        await town.settle()
    await zhao.hears(TEXT)


async def test_what_is_still_going_out_at_nine_rests_until_the_morning(scripted_town: Town) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 20, 0)
    admin, (wang, _) = await town.admin(), await households(town)
    town.app.broadcast.ahead = 0
    await writes(admin)
    await admin.presses("确定")
    await town.app.broadcast.look()
    town.app.broadcast.ahead = 90
    town.at(2026, 11, 24, 21, 0)
    assert (await the_notice(town)).state == NoticeState.SENDING or await _begin(town)
    await town.app.broadcast.look()
    await town.look_after(seconds=11)
    await admin.hears("夜里不发，11月25日 08:00接着发")
    await wang.heard_nothing()
    town.at(2026, 11, 25, 8, 0)
    await goes_out(town)
    await wang.hears(TEXT)


async def _begin(town: Town) -> bool:
    await town.app.broadcast.look()
    return (await the_notice(town)).state == NoticeState.SENDING


async def test_a_time_is_typed_and_one_must_not_repeat(scripted_town: Town) -> None:
    town = scripted_town
    town.at(2026, 11, 24, 10, 0)
    admin = await town.admin()
    await admin.says("发通知")
    await admin.says(TEXT)
    await admin.presses("的所有住户")
    await admin.presses("不用")
    await admin.says("11月1日上午9点")
    await admin.hears("这个时间已经过了")
    await admin.says("今晚10点")
    await admin.hears("11月25日 08:00（夜里不打扰，改到早上）")
    await admin.says("修改")
    await admin.presses("断网时重发")
    await admin.presses("宁可漏")
    await admin.hears("不再发第二遍", "要发吗")
    await admin.presses("确定")
    await admin.hears("定好时间，还没发")
    assert (await the_notice(town)).once


async def test_nobody_fits(scripted_town: Town) -> None:
    admin = await scripted_town.admin()
    await admin.says("发通知")
    await admin.says(TEXT)
    await admin.presses("反映过某一类")
    await admin.presses("路灯照明")
    await admin.presses("不用")
    await admin.presses("现在就发")
    await admin.hears("一户也没有")
    await admin.says("修改")
    await admin.presses("发给谁")
    await admin.presses("的所有住户")
    await admin.hears("要发吗")


HOSTILE = "=1+1 {{ 7*7 }} <b>粗</b> *星* _线_ [x](http://a) '; DROP TABLE notices;-- {%"


async def test_hostile_words_arrive_as_they_were_written(detail_town: Town) -> None:
    town = detail_town
    admin, (wang, _) = await town.admin(), await households(town)
    await writes(admin, text=f"\u202e{HOSTILE}")
    await admin.presses("确定")
    await goes_out(town)
    await wang.hears(HOSTILE)
    await admin.presses("回执")
    await town.app.reports.do_all(town.now())
    await admin.presses("Excel 表格")
    await town.app.reports.do_all(town.now())
    await town.settle()
    content = (await admin.gets_files(2))[1]
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert HOSTILE in str(book.get_sheet_by_name("汇总").to_python())


async def test_a_restart_in_the_middle_loses_nothing_and_repeats_nothing(make_town) -> None:  # type: ignore[no-untyped-def]
    town: Town = await make_town("scripted", rebuilding=True)
    admin, (wang, zhao) = await town.admin(), await households(town)
    await writes(admin)
    await admin.presses("确定")
    town.app.broadcast.ahead = 1
    await town.app.broadcast.look()
    await town.rebuild()
    await goes_out(town)
    for one in (wang, zhao):
        assert one.everything_read.count(TEXT) == 1
    assert await ledger(town) == {"sent": 2, "unreachable": 1}
    await wang.presses("我看过了")
    await wang.hears("记下您看过了")
    seen = await town.read(lambda s: s.scalars(select(Receipt.acknowledged_at)).all())
    assert len([one for one in seen if one]) == 1


async def test_the_progress_is_edited_at_most_every_ten_seconds(scripted_town: Town) -> None:
    town = scripted_town
    admin, _ = await town.admin(), await households(town)
    town.app.broadcast.ahead = 0
    await writes(admin)
    await admin.presses("确定")
    for _ in range(30):
        await town.look_after(seconds=1)
        await town.app.broadcast.look()

    def edits(session):  # type: ignore[no-untyped-def]
        ref = session.scalars(select(Notice.board_ref)).one()
        wanted = select(OutboundMessage.created_at).where(OutboundMessage.edits == ref)
        return list(session.scalars(wanted.order_by(OutboundMessage.id)))

    times = await town.read(edits)
    assert times
    assert all((b - a).total_seconds() >= 10 for a, b in itertools.pairwise(times))
