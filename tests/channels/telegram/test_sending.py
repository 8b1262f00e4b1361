"""What both adapters send, as it then stands in the chat."""

from __future__ import annotations

import pytest

from bot.channels.base import Refused
from bot.messages import CallCard, File, Location, Outgoing
from tests.channels.telegram.helpers import (
    CHAT,
    EXITS,
    Adapter,
    Inbox,
    choices,
    load,
    no_load,
)
from tests.fake_bot_api import FakeBotApi
from tests.fake_bot_users import FakeUser


async def test_a_question_with_choices(
    channel: Adapter, server: FakeBotApi, user: FakeUser
) -> None:
    message = Outgoing(5, "*哪* <b>类</b>？", choices("路灯", "漏水"), EXITS)
    [sent] = await channel.send(CHAT, message, no_load)
    [card] = user.received
    assert (str(card.message_id), card.text) == (sent, "*哪* <b>类</b>？")
    labels = [[button.label for button in row] for row in card.keyboard]
    assert labels == [["1 路灯"], ["2 漏水"], ["返回", "修改", "取消"], ["人工"]]
    assert card.keyboard[1][0].data == "5:1"
    call = server.calls[-1].params
    assert "parse_mode" not in call
    assert "is_disabled" in call["link_preview_options"]
    assert server.violations == []


async def test_share_buttons(channel: Adapter, server: FakeBotApi, user: FakeUser) -> None:
    labels = {"contact": "发送手机号", "location": "发送位置"}
    message = Outgoing(
        5, "您在哪？", choices("家里"), EXITS, asks_contact=True, asks_location=True, labels=labels
    )
    await channel.send(CHAT, message, no_load)
    [card] = user.received
    rows = [[(key.label, key.shares, key.data) for key in row] for row in card.keyboard]
    assert rows[:3] == [
        [("发送手机号", "contact", None)],
        [("发送位置", "location", None)],
        [("1 家里", None, None)],
    ]
    assert [key[0] for key in rows[3]] == ["返回", "修改", "取消"]
    assert '"one_time_keyboard": true' in server.calls[-1].params["reply_markup"]
    assert server.violations == []


@pytest.mark.parametrize("kind", ["photo", "voice", "video", "audio", "document"])
async def test_a_foreign_file_goes_by_its_bytes(
    channel: Adapter, server: FakeBotApi, user: FakeUser, kind: str
) -> None:
    file = File(kind, "web", "abc", name='值"班\r\n表.xlsx')
    message = Outgoing(5, "给您", choices("收到"), files=(file,))
    sent = await channel.send(CHAT, message, load)
    [card] = user.received
    assert (sent, card.kind, card.text) == ((str(card.message_id),), kind, "给您")
    assert (card.files[0].content, card.files[0].name) == (b"bytes of abc", "值_班__表.xlsx")
    assert card.labels == ["1 收到"]
    await channel.send(CHAT, Outgoing(6, files=(File(kind, "web", "d"),)), load)
    assert user.received[1].files[0].name
    assert server.violations == []


async def test_an_album_goes_out_in_one_call(
    channel: Adapter, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    await user.photo(b"own")
    [got] = await inbox.wait()
    files = (*got.files, File("video", "web", "v"), File("photo", "telegram_staff", "p"))
    before = len([call for call in server.calls if call.method.startswith("send")])
    sent = await channel.send(CHAT, Outgoing(5, "三个", files=files, reply_to="1"), load)
    parts = user.received
    assert sent == tuple(str(part.message_id) for part in parts)
    assert [part.kind for part in parts] == ["photo", "video", "photo"]
    assert [part.files[0].content for part in parts] == [b"own", b"bytes of v", b"bytes of p"]
    assert [part.text for part in parts] == ["三个", "", ""]
    assert {part.reply_to for part in parts} == {1}
    assert len([call for call in server.calls if call.method.startswith("send")]) == before + 1
    for kind in ("document", "audio"):
        pair = (File(kind, "web", "a"), File(kind, "web", "b"))
        assert len(await channel.send(CHAT, Outgoing(5, files=pair), load)) == 2
    assert server.violations == []


async def test_a_voice_in_an_album_is_the_callers_mistake(channel: Adapter) -> None:
    files = (File("voice", "web", "a"), File("voice", "web", "b"))
    with pytest.raises(Refused):
        await channel.send(CHAT, Outgoing(5, files=files), load)


async def test_a_place_and_an_answer_to_a_message(
    channel: Adapter, server: FakeBotApi, user: FakeUser
) -> None:
    first = await user.sends("在哪？")
    place = Outgoing(5, location=Location(32.5, 110.25), reply_to=str(first.message_id))
    await channel.send(CHAT, place, no_load)
    await channel.send(CHAT, Outgoing(6, "好", reply_to="99999"), no_load)
    there, gone = user.received
    assert (there.location, there.reply_to) == ((32.5, 110.25), first.message_id)
    assert gone.reply_to is None
    assert server.violations == []


async def test_somebody_to_call_is_a_contact_card(
    channel: Adapter, server: FakeBotApi, user: FakeUser
) -> None:
    await channel.send(CHAT, Outgoing(5, "火警 119", call=CallCard("火警", "119")), no_load)
    [card] = user.received
    assert (card.kind, card.text) == ("contact", "火警 119")
    assert server.calls[-1].method == "sendContact"
    assert server.calls[-1].params["phone_number"] == "119"
    assert server.violations == []


async def test_editing(channel: Adapter, server: FakeBotApi, user: FakeUser) -> None:
    [sent] = await channel.send(CHAT, Outgoing(5, "待接单", choices("接单")), no_load)
    taken = Outgoing(5, "已由张三接单", choices("办结"))
    await channel.edit(CHAT, sent, taken)
    await channel.edit(CHAT, sent, taken)  # unchanged: no error
    [card] = user.received
    assert (card.text, card.labels, len(card.edits)) == ("已由张三接单", ["1 办结"], 1)
    await channel.edit(CHAT, sent, Outgoing(5, "已办结"))
    assert card.keyboard == []
    with pytest.raises(Refused):
        await channel.edit(CHAT, "4711", taken)
    assert server.violations == []
