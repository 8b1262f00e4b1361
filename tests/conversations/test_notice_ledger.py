"""What the admin reads of what did not go as it should, and what can still be done then."""

from __future__ import annotations

import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from bot.channels.base import Refused
from bot.channels.scripted import ScriptedChannel
from bot.messages import Address, Outgoing
from storage.notices import ledger as handing
from storage.notices.tables import NoticeState
from tests.conversations.notices import goes_out, ledger, the_notice, writes
from tests.conversations.people import Person
from tests.conversations.test_notice_changes import under_way
from tests.conversations.town import Town

NOT_CHANGED, NO_CHAT = "message can't be edited", "Bad Request: chat not found"
NEW = "改为后天停水。"


async def corrects(admin: Person, text: str = NEW) -> None:
    await admin.presses("更正")
    await admin.says(text)
    await admin.presses("确定更正")


async def test_cancelled_what_went_out_can_still_be_corrected(
    scripted_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped because it was wrong: who has the wrong words gets the right ones, nobody else."""
    town = scripted_town
    admin, wang = await town.admin(), await town.resident()
    zhao = await town.resident("赵大山")
    await writes(admin)
    broadcast, hand = town.app.broadcast, handing.hand

    def hands_one(*given: Any) -> None:
        hand(*given)
        if given[2]:
            broadcast.ahead = 0

    monkeypatch.setattr(handing, "hand", hands_one)
    broadcast.ahead = 1
    await admin.presses("确定")
    for _ in range(20):
        await broadcast.look()
        await town.settle()
        if "sent" in await ledger(town):
            break
    await admin.presses("取消发送")
    await admin.presses("取消，不再发")
    await admin.hears("取消了")
    await corrects(admin)
    assert "没收到的还是不发" in admin.everything_read
    await admin.hears("已经收到的，正在换成新的")
    broadcast.ahead = 90
    for _ in range(3):
        await broadcast.look()
        await town.settle()
    await wang.hears("（已更正）", NEW)
    await zhao.heard_nothing()
    found = await the_notice(town)
    assert (found.state, found.changing) == (NoticeState.CANCELLED, False)


async def test_what_the_platform_does_not_change_is_counted_and_sent_anew(
    scripted_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = scripted_town
    town.refusals = (NOT_CHANGED,)
    admin, wang = await under_way(town)
    town.app.broadcast.ahead = 90
    await goes_out(town)
    change = ScriptedChannel.edit

    async def refuses(line: ScriptedChannel, to: Address, ref: str, message: Outgoing) -> None:
        if NEW in message.text and "通知】" in message.text:
            raise Refused(NOT_CHANGED)
        await change(line, to, ref, message)

    monkeypatch.setattr(ScriptedChannel, "edit", refuses)
    await corrects(admin)
    await goes_out(town)
    await town.look_after(minutes=11)
    await admin.hears("还是旧话 2 户")
    assert NEW not in wang.everything_read
    await admin.presses("回执")
    await town.app.reports.do_all(town.now())
    await admin.hears("更正没有换成、看到的还是旧话的 2 户")
    await admin.gets_files(1)
    await admin.presses("发给剩下的")
    await admin.hears("再发给 2 家")
    await goes_out(town)
    await wang.hears("（已更正）", NEW)


async def test_why_it_failed_stands_in_the_receipts_and_the_workbook(
    scripted_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = scripted_town
    town.refusals = (NO_CHAT,)
    admin, _ = await town.admin(), await town.resident()
    give = ScriptedChannel.send

    async def refuses(line: ScriptedChannel, to: Address, message: Outgoing, load):  # type: ignore[no-untyped-def]
        if "【通知】" in message.text:
            raise Refused(NO_CHAT)
        return await give(line, to, message, load)

    await writes(admin)
    monkeypatch.setattr(ScriptedChannel, "send", refuses)
    await admin.presses("确定")
    await goes_out(town)
    await admin.hears("没发成 1 户")
    await admin.presses("回执")
    await town.app.reports.do_all(town.now())
    seen = await admin.hears("没发成的：聊天平台退回来了 1。")
    assert "Bad Request" not in seen.text
    await admin.gets_files(1)
    await admin.presses("Excel 表格")
    await town.app.reports.do_all(town.now())
    await admin.hears("回执表格在上面")
    (content,) = await admin.gets_files(1)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_name("没发好的").to_python()
    assert rows == [["名称", "原因", "户（人）数"], ["莲花池花园3栋", "聊天平台退回来了", 1]]
