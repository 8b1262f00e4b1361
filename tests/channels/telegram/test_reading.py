"""What a resident sends, as both adapters read it."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.base import NotStored
from bot.messages import Contact, File, Incoming, Location, Outgoing
from tests.channels.telegram.helpers import (
    CHAT,
    Adapter,
    Inbox,
    choices,
    load,
    no_load,
    until,
)
from tests.fake_bot_api import FakeBotApi
from tests.fake_bot_users import FakeUser


async def test_a_text_is_read(channel: Adapter, user: FakeUser, inbox: Inbox) -> None:
    sent = await user.sends("楼道灯坏了\x00")
    assert await inbox.wait() == [
        Incoming(
            address=CHAT,
            event_id=f"m7:{sent.message_id}",
            message_id=str(sent.message_id),
            text="楼道灯坏了",
            sender_name="桂英 王",
        )
    ]


@pytest.mark.parametrize(
    ("said", "text", "start"),
    [
        ("/start", "", ""),
        ("/start Ab_9-x", "", "Ab_9-x"),
        ("/start@jiamenkou_bot Ab", "", "Ab"),
        ("/help", "help", None),
        ("/help@jiamenkou_bot  灯 ", "help 灯", None),
        ("/startle", "startle", None),
        ("/帮助", "帮助", None),
        ("3/4 单元", "3/4 单元", None),
    ],
)
async def test_commands(
    channel: Adapter, user: FakeUser, inbox: Inbox, said: str, text: str, start: str | None
) -> None:
    await user.sends(said)
    [got] = await inbox.wait()
    assert (got.text, got.start) == (text, start)


@pytest.mark.parametrize(
    ("kind", "name", "mime", "read_kind", "read_name", "read_mime"),
    [
        ("photo", "", "", "photo", "", ""),
        ("voice", "", "audio/ogg", "voice", "", "audio/ogg"),
        ("audio", "山歌.mp3", "audio/mpeg", "audio", "山歌.mp3", "audio/mpeg"),
        ("video", "a.mp4", "video/mp4", "video", "a.mp4", "video/mp4"),
        ("video_note", "", "", "video", "video_note.mp4", ""),
        ("document", "表.xlsx", "application/x", "document", "表.xlsx", "application/x"),
        ("animation", "x.mp4", "video/mp4", "document", "animation.mp4", "video/mp4"),
    ],
)
async def test_files_are_read_fetched_and_sent_again(
    channel: Adapter,
    server: FakeBotApi,
    user: FakeUser,
    inbox: Inbox,
    kind: str,
    name: str,
    mime: str,
    read_kind: str,
    read_name: str,
    read_mime: str,
) -> None:
    sent = await user.file(kind, b"content", name=name, mime=mime, caption="看")
    [got] = await inbox.wait()
    ref = sent.files[0].file_id
    assert got.text == "看"
    assert got.files == (File(read_kind, "telegram", ref, read_name, read_mime, size=7),)
    assert await channel.fetch(got.files[0]) == b"content"

    await channel.send(CHAT, Outgoing(1, files=got.files), load)
    [again] = user.received
    by_id = kind not in ("video_note", "animation")
    assert (again.files[0].file_id == ref) is by_id
    assert server.violations == []


async def test_an_album_comes_as_messages_of_one_group(
    channel: Adapter, user: FakeUser, inbox: Inbox
) -> None:
    sent = await user.album([b"1", b"2", b"3"], "三张")
    got = await inbox.wait(3)
    assert [one.files[0].ref for one in got] == [one.files[0].file_id for one in sent]
    assert {one.group for one in got} == {sent[0].group}
    assert [one.text for one in got] == ["三张", "", ""]


async def test_places_contacts_and_replies(channel: Adapter, user: FakeUser, inbox: Inbox) -> None:
    first = await user.location(32.5, 110.25)
    await user.shares_contact("+8613800000000")
    await user.shares_contact("+8613900000000", own=False)
    await user.replies_to(first, "就是这里")
    got = await inbox.wait(4)
    assert got[0].location == Location(32.5, 110.25)
    assert got[1].contact == Contact("+8613800000000", own=True)
    assert got[2].contact == Contact("+8613900000000", own=False)
    assert got[3].reply_to == str(first.message_id)


async def test_a_venue_is_a_place(channel: Adapter, user: FakeUser, inbox: Inbox) -> None:
    message = await user.sends("x")
    body = message.as_json(user, user.bot) | {"message_id": 900}
    place = {"latitude": 1.5, "longitude": 2.5}
    body |= {"venue": {"location": place, "title": "驿站", "address": "x"}, "location": place}
    user.server.deliver(user.bot, "message", 7, body)
    assert (await inbox.wait(2))[1].location == Location(1.5, 2.5)


async def test_a_press_is_read_and_answered(
    channel: Adapter, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    [card_id] = await channel.send(CHAT, Outgoing(5, "哪一类？", choices("路灯")), no_load)
    query = await user.presses(await user.hears("哪一类"), "路灯")
    [got] = await inbox.wait()
    assert (got.pressed, got.event_id, got.message_id) == ("5:0", f"c{query}", card_id)
    assert (got.address, got.text) == (CHAT, "")
    await until(lambda: query in server.answered)


async def test_a_press_that_was_not_stored_is_not_answered(
    channel: Adapter, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    await channel.send(CHAT, Outgoing(5, "哪一类？", choices("路灯")), no_load)
    inbox.failures = [NotStored()]
    inbox.gate.clear()
    query = await user.presses(user.received[0], "5:0")
    await asyncio.sleep(0.05)
    assert not server.answered
    inbox.gate.set()
    await until(lambda: query in server.answered)
    assert len(inbox.got) == 1


async def test_an_edit_is_a_version_of_its_message(
    channel: Adapter, user: FakeUser, inbox: Inbox
) -> None:
    sent = await user.sends("三楼的灯坏了")
    for words in ("四楼的灯坏了", "五楼的灯坏了"):
        await user.edits(sent, words)
    first, second, third = await inbox.wait(3)
    assert first.edited_at is None
    assert [one.text for one in (second, third)] == ["四楼的灯坏了", "五楼的灯坏了"]
    assert len({one.message_id for one in (first, second, third)}) == 1
    assert len({one.event_id for one in (first, second, third)}) == 3, "both in one second"
    assert second.edited_at is not None
    assert int(second.edited_at.timestamp()) == sent.edit_date


async def test_an_edited_caption_brings_no_file_again(
    channel: Adapter, user: FakeUser, inbox: Inbox
) -> None:
    one, _ = await user.album([b"1", b"2"], "这里漏水")
    await user.edits(one, "/start 这里也漏水")
    *_, edit = await inbox.wait(3)
    assert (edit.text, edit.start) == ("这里也漏水", None)
    assert (edit.files, edit.group) == ((), None)


async def test_an_edit_that_is_delivered_twice_is_one_event(
    channel: Adapter, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    sent = await user.sends("三楼的灯坏了")
    server.duplicate()
    await user.edits(sent, "四楼的灯坏了")
    _, once, again = await inbox.wait(3)
    assert once == again


async def test_edits_in_a_group_are_passed_over(
    channel: Adapter, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    group = {"id": -5, "type": "group", "title": "楼栋群"}
    body = {"message_id": 1, "date": 1, "edit_date": 2, "chat": group, "from": user.as_json()}
    server.deliver(user.bot, "edited_message", -5, {**body, "text": "hi"})
    await user.sends("在吗")
    assert [one.text for one in await inbox.wait()] == ["在吗"]
    await until(lambda: not user.bot.queue)
    assert len(inbox.got) == 1


async def test_groups_and_unknown_things_are_passed_over(
    channel: Adapter, server: FakeBotApi, user: FakeUser, inbox: Inbox
) -> None:
    group = {"id": -5, "type": "group", "title": "楼栋群"}
    body = {"message_id": 1, "date": 1, "chat": group, "from": user.as_json(), "text": "hi"}
    server.deliver(user.bot, "message", -5, body)
    server.deliver(user.bot, "never_heard_of", 7, {"x": 1})
    server.deliver(user.bot, "message", 7, {"message_id": "?"})  # poison
    server.deliver(user.bot, "callback_query", 7, {"nonsense": True})  # poison
    await user.sends("在吗")
    assert [one.text for one in await inbox.wait()] == ["在吗"]
    await until(lambda: not user.bot.queue)
    assert len(inbox.got) == 1
