"""The page over real HTTP: who gets in, what is kept, what is shown again, what is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, ClientTimeout, web
from sqlalchemy import Engine, func, select

from bot.channels.base import Refused
from bot.messages import Address, File, Incoming, Outgoing
from storage.inbox import InboundMessage
from storage.people import Account
from storage.vault import Vault
from tests.browser.house import House, form, history, post

JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 60
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 60
HOSTILE = "<img src=x onerror=alert(1)><script>alert(1)</script>&lt;"


@pytest.fixture
async def house(
    engine: Engine, vault: Vault, tmp_path: Path, now: datetime
) -> AsyncIterator[House]:
    async with House(engine, vault, tmp_path / "media", now) as house:
        yield house


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession(timeout=ClientTimeout(total=20)) as http:
        yield http


async def test_only_a_personal_link_opens_a_chat(house: House, http: ClientSession) -> None:
    token = await house.person("王秀英")
    async with http.get(f"{house.channel.address}/c/{token}") as answer:
        page = await answer.text()
        assert answer.status == 200
        assert "王秀英，您好" in page
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    wrong = token[:-1] + ("a" if token[-1] != "a" else "b")
    for path in ("", "/history", "/stream", "/media/1." + "0" * 32):
        async with http.get(f"{house.channel.address}/c/{wrong}{path}") as answer:
            assert answer.status == 404
            assert "没有找到这个页面" in await answer.text()
    assert (await post(http, house, wrong, {"id": "a", "text": "x"}))[0] == 404
    assert house.got == []


async def test_the_token_itself_is_kept_nowhere(house: House) -> None:
    token = await house.person("王秀英")
    rows = await house.worker.read(lambda s: s.scalars(select(Account)).all())
    assert all(token not in (row.chat, row.token_hash) for row in rows)


async def test_the_front_page_names_nobody(house: House, http: ClientSession) -> None:
    await house.person("王秀英")
    async with http.get(house.channel.address) as answer:
        page = await answer.text()
    assert "专属链接" in page
    assert "王秀英" not in page


async def test_a_message_is_acknowledged_after_it_is_kept(
    house: House, http: ClientSession
) -> None:
    token = await house.person("王秀英")
    status, answer = await post(http, house, token, {"id": "m-1", "text": "灯坏了"})
    assert (status, answer["ok"]) == (200, True)
    chat = await house.chat(token)
    assert house.got == [Incoming(Address("web", chat), f"{chat}:m-1", "m-1", "灯坏了")]
    (mine,) = await history(http, house, token)
    assert (mine["from"], mine["text"], mine["client"]) == ("me", "灯坏了", "m-1")


async def test_a_repeated_id_is_one_message(house: House, http: ClientSession) -> None:
    token = await house.person("王秀英")
    for _ in range(3):
        assert (await post(http, house, token, {"id": "m-1", "text": "灯坏了"}))[0] == 200
    assert len(house.got) == 1


async def test_the_same_id_in_another_chat_is_another_message(
    house: House, http: ClientSession
) -> None:
    for name in ("王秀英", "李建国"):
        token = await house.person(name)
        assert (await post(http, house, token, {"id": "hello", "start": ""}))[0] == 200
    assert [(m.start, m.text) for m in house.got] == [("", ""), ("", "")]


@pytest.mark.parametrize("uploads", [(), (("灯.jpg", "image/jpeg", JPEG),)])
async def test_what_could_not_be_kept_is_repeated_with_the_same_id(
    house: House, http: ClientSession, uploads: tuple[tuple[str, str, bytes], ...]
) -> None:
    token = await house.person("王秀英")
    house.broken = True
    for _ in range(3):
        status, answer = await post(http, house, token, form("m-1", *uploads, text="灯坏了"))
        assert (status, answer) == (503, {"ok": False, "error": "not_stored"})
    house.broken = False
    for _ in range(2):
        assert (await post(http, house, token, form("m-1", *uploads, text="灯坏了")))[0] == 200
    assert [message.text for message in house.got] == ["灯坏了"]
    kept = list(house.folder.iterdir()) if house.folder.exists() else []
    assert len(kept) == len(uploads)


async def test_a_fault_says_nothing_of_itself(house: House, http: ClientSession) -> None:
    token = await house.person("王秀英")
    house.broken, house.fault = True, RuntimeError
    assert await post(http, house, token, {"id": "m-1", "text": "灯坏了"}) == (
        500,
        {"ok": False, "error": "fault"},
    )


async def test_the_history_shows_each_message_as_its_last_edit_left_it(
    house: House, http: ClientSession
) -> None:
    token = await house.person("网格员")
    chat = await house.chat(token)
    card = await house.say(chat, "新工单", choices=["接单", "转交"], exits=["稍后"])
    await post(http, house, token, {"id": "p-1", "pressed": f"{card}:1"})
    edit = await house.say(chat, "已接单", choices=["办结"], edits=card)
    await house.say(chat, "还没发出", state="queued")
    await house.say(chat, "没发成", state="failed")
    sending = await house.say(chat, "正在发", state="sending")
    shown = await history(http, house, token)
    assert [(m["id"][0], m["text"]) for m in shown] == [
        ("o", "已接单"),
        ("i", "接单"),
        ("o", "正在发"),
    ]
    assert shown[0]["id"] == f"o{card}"
    assert shown[0]["choices"] == [{"caption": "1 办结", "press": f"{edit}:1"}]
    assert shown[1]["pressed"] == f"{card}:1"
    assert shown[2]["ref"] == sending


async def test_choices_are_numbered_before_the_ways_out(house: House, http: ClientSession) -> None:
    token = await house.person("王秀英")
    ref = await house.say(await house.chat(token), "哪一类？", choices=["灯", "水"], exits=["返回"])
    (shown,) = await history(http, house, token)
    assert [c["caption"] for c in shown["choices"]] == ["1 灯", "2 水"]
    assert shown["exits"] == [{"caption": "返回", "press": f"{ref}:3"}]


async def test_the_history_is_the_latest_hundred_of_this_chat(
    house: House, http: ClientSession
) -> None:
    token, other = await house.person("王秀英"), await house.person("李建国")
    for number in range(105):
        await house.say(await house.chat(token), str(number))
    await house.say(await house.chat(other), "别人的")
    shown = await history(http, house, token)
    assert [m["text"] for m in shown] == [str(number) for number in range(5, 105)]
    url = f"{house.channel.address}/c/{token}/history"
    for before, texts, more in (
        (shown[0]["at"], range(6), False),
        ("", range(5, 105), True),
        ("gestern", range(5, 105), True),
        ("2026-03-01", range(5, 105), True),
        ("0001-01-01T00:00:00+14:00", range(5, 105), True),
        ("0001-01-02T00:00:00+00:00", (), False),
    ):
        async with http.get(url, params={"before": before}) as answer:
            found = await answer.json()
        assert [m["text"] for m in found["messages"]] == [str(number) for number in texts]
        assert found["more"] is more


async def events(answer: ClientResponse) -> AsyncIterator[tuple[str, Any]]:
    name = ""
    async for raw in answer.content:
        line = raw.decode().rstrip("\n")
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: ") and name != "beat":
            yield name, json.loads(line[6:])


async def test_an_open_page_is_told_at_once(house: House, http: ClientSession) -> None:
    token, other = await house.person("王秀英"), await house.person("李建国")
    url = f"{house.channel.address}/c/{token}/stream"
    async with http.get(url) as first, http.get(url) as second:
        assert first.content_type == "text/event-stream"
        assert (await first.content.readline()).startswith(b":")
        await house.say(await house.chat(other), "别人的")
        ref = await house.say(await house.chat(token), "收到\n<b>", choices=["好"])
        await house.say(await house.chat(token), "改了", edits=ref)
        for page in (first, second):
            heard = events(page)
            name, message = await anext(heard)
            assert (name, message["text"], message["id"]) == ("message", "收到\n<b>", f"o{ref}")
            name, message = await anext(heard)
            assert (name, message["text"], message["id"]) == ("edit", "改了", f"o{ref}")
    same = (await history(http, house, token))[0]
    assert {**same, "at": ""} == {**message, "at": ""}


async def test_closing_does_not_wait_for_open_pages(house: House, http: ClientSession) -> None:
    token = await house.person("王秀英")
    async with http.get(f"{house.channel.address}/c/{token}/stream") as page:
        await page.content.readline()
        async with asyncio.timeout(3):
            await house.channel.close()


async def test_too_many_pages_of_one_chat_are_refused(house: House, http: ClientSession) -> None:
    token = await house.person("王秀英")
    url = f"{house.channel.address}/c/{token}/stream"
    pages = [await http.get(url) for _ in range(13)]
    assert [page.status for page in pages] == [200] * 12 + [429]
    for page in pages:
        page.close()


async def test_hostile_words_come_back_as_words(house: House, http: ClientSession) -> None:
    token = await house.person(HOSTILE)
    await post(http, house, token, {"id": "m-1", "text": HOSTILE + "\x00\ud800"})
    (shown,) = await history(http, house, token)
    assert shown["text"] == HOSTILE
    async with http.get(f"{house.channel.address}/c/{token}") as answer:
        page = await answer.text()
    assert "<img src=x" not in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"{", 400),
        ({"text": "no id"}, 400),
        ({"id": "x"}, 400),
        ({"id": "x y", "text": "a"}, 400),
        ({"id": "x", "text": 5}, 400),
        ({"id": "x", "text": ["a"]}, 400),
        ({"id": "x", "pressed": "1:2:3"}, 400),
        ({"id": "x", "pressed": "1;drop"}, 400),
        ({"id": "x", "text": "a", "reply_to": "../1"}, 400),
        ({"id": "x", "latitude": 35.0}, 400),
        ({"id": "x", "latitude": 95.0, "longitude": 1}, 400),
        ({"id": "x", "latitude": True, "longitude": 1}, 400),
        ([1], 400),
        ({"id": "x", "text": "长" * 8001}, 413),
        ({"id": "x", "text": "长" * 200_000}, 413),
        ({"id": "x", "text": "长" * 8000}, 200),
        ({"id": "x", "latitude": 35, "longitude": 113.5}, 200),
    ],
)
async def test_what_cannot_be_a_message_is_refused(
    house: House, http: ClientSession, data: Any, status: int
) -> None:
    token = await house.person("王秀英")
    if isinstance(data, bytes):
        url = f"{house.channel.address}/c/{token}/messages"
        async with http.post(
            url, data=data, headers={"Content-Type": "application/json"}
        ) as answer:
            assert answer.status == status
    else:
        assert (await post(http, house, token, data))[0] == status
    assert len(house.got) == (status == 200)


async def test_other_bodies_are_refused(house: House, http: ClientSession) -> None:
    token = await house.person("王秀英")
    url = f"{house.channel.address}/c/{token}/messages"
    for kind, body in (
        ("text/plain", b"x"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx"),
        ("multipart/form-data; boundary=b", b"nothing of the kind"),
    ):
        async with http.post(url, data=body, headers={"Content-Type": kind}) as answer:
            assert answer.status == 400


async def test_a_script_is_slowed_down_and_only_its_own_chat(
    engine: Engine, vault: Vault, tmp_path: Path, now: datetime, http: ClientSession
) -> None:
    async with House(engine, vault, tmp_path / "m", now, options={"per_minute": 3}) as house:
        token, other = await house.person("王秀英"), await house.person("李建国")
        statuses = [
            (await post(http, house, token, {"id": f"m{i}", "text": "x"}))[0] for i in range(5)
        ]
        assert statuses == [200, 200, 200, 429, 429]
        assert (await post(http, house, other, {"id": "m", "text": "x"}))[0] == 200


async def test_others_share_the_server(
    engine: Engine, vault: Vault, tmp_path: Path, now: datetime, http: ClientSession
) -> None:
    async def health(_: web.Request) -> web.StreamResponse:
        return web.json_response({"well": True})

    options = {"extra_routes": [("GET", "/health", health)]}
    async with (
        House(engine, vault, tmp_path / "m", now, options=options) as house,
        http.get(house.channel.address + "/health") as answer,
    ):
        assert await answer.json() == {"well": True}


async def test_an_edit_of_a_message_that_is_not_ours_is_refused(house: House) -> None:
    with pytest.raises(Refused):
        await house.channel.edit(Address("web", "x"), "abc", Outgoing(1))
    with pytest.raises(Refused):
        await house.channel.fetch(File("photo", "web", "0" * 32))


async def test_messages_are_counted_once_in_the_inbox(house: House, http: ClientSession) -> None:
    token = await house.person("王秀英")
    answers = await asyncio.gather(
        *(post(http, house, token, {"id": "same", "text": "x"}) for _ in range(8))
    )
    assert {status for status, _ in answers} == {200}
    count = await house.worker.read(lambda s: s.scalar(select(func.count(InboundMessage.id))))
    assert count == 1
