"""Files over real HTTP: what is kept, whom it opens for, and that none of it is ever run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout, FormData
from sqlalchemy import Engine

from bot.channels.base import Refused
from bot.channels.web.filetypes import judge, sniff
from bot.messages import File
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


async def test_files_are_kept_with_the_message(house: House, http: ClientSession) -> None:
    token = await house.person("王秀英")
    data = form("f-1", ("a.jpg", "image/jpeg", JPEG), ("b.png", "", PNG), text="看")
    assert (await post(http, house, token, data))[0] == 200
    (message,) = house.got
    assert [(f.kind, f.mime, f.origin, f.size) for f in message.files] == [
        ("photo", "image/jpeg", "web", len(JPEG)),
        ("photo", "image/png", "web", len(PNG)),
    ]
    assert await house.channel.fetch(message.files[0]) == JPEG
    (shown,) = await history(http, house, token)
    for file, content in zip(shown["files"], (JPEG, PNG), strict=True):
        async with http.get(house.channel.address + file["url"]) as answer:
            assert await answer.read() == content
            assert answer.content_type.startswith("image/")
            assert answer.headers["Content-Disposition"].startswith("inline")


async def test_a_recording_is_a_voice_message(house: House, http: ClientSession) -> None:
    token = await house.person("王秀英")
    data = FormData({"id": "v-1"})
    data.add_field(
        "voice", b"\x1aE\xdf\xa3" + b"x" * 50, filename="v.webm", content_type="audio/webm"
    )
    assert (await post(http, house, token, data))[0] == 200
    (file,) = house.got[0].files
    assert (file.kind, file.mime) == ("voice", "audio/webm")
    (shown,) = await history(http, house, token)
    url = house.channel.address + shown["files"][0]["url"]
    async with http.get(url, headers={"Range": "bytes=0-3"}) as answer:
        assert (answer.status, await answer.read()) == (206, b"\x1aE\xdf\xa3")
        assert answer.headers["Content-Range"] == "bytes 0-3/54"


async def test_a_file_opens_only_for_whom_it_was_shown_to(
    house: House, http: ClientSession
) -> None:
    token, other = await house.person("王秀英"), await house.person("李建国")
    await post(http, house, token, form("f-1", ("a.jpg", "image/jpeg", JPEG)))
    url = (await history(http, house, token))[0]["files"][0]["url"]
    for wrong in (
        url.replace(token, other),  # another's link with this one's signature
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url.replace("/media/", "/media/9"),
        url.rsplit(".", 1)[0] + ".",
        url.rsplit(".", 1)[0] + ".%F0%9F%98%80",
    ):
        async with http.get(house.channel.address + wrong) as answer:
            assert answer.status == 404


async def test_a_file_of_anothers_chat_is_not_guessed(house: House, http: ClientSession) -> None:
    """Every number there is, with the signature of a file of one's own."""
    token, other = await house.person("王秀英"), await house.person("李建国")
    await post(http, house, other, form("f-1", ("a.jpg", "image/jpeg", JPEG)))
    await post(http, house, token, form("f-2", ("b.png", "image/png", PNG)))
    theirs = (await history(http, house, other))[0]["files"][0]["url"]
    own = (await history(http, house, token))[0]["files"][0]["url"]
    number, signature = theirs.rsplit("/", 1)[1].split(".")[0], own.rsplit(".", 1)[1]
    guessed = f"/c/{token}/media/{number}.{signature}"
    assert guessed != own
    for url, status in ((own, 200), (guessed, 404), (theirs, 200)):
        async with http.get(house.channel.address + url) as answer:
            assert answer.status == status


async def test_a_hostile_file_is_only_a_download(house: House, http: ClientSession) -> None:
    token = await house.person("王秀英")
    html = b"<html><script>alert(1)</script>"
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    name = '../..\\x"%0d%0aSet-Cookie: a=b;<script>.html'
    data = form(
        "f-1",
        (name, "text/html", html),
        ("a.svg", "image/svg+xml", svg),
        ("b.jpg", "image/jpeg", html),
        ("c.gif", "text/html", b"GIF89a" + html),
    )
    assert (await post(http, house, token, data))[0] == 200
    assert [f.kind for f in house.got[0].files] == ["document"] * 4
    assert not {"/", "\\", "\r", "\n"} & set(house.got[0].files[0].name)
    for file in (await history(http, house, token))[0]["files"]:
        async with http.get(house.channel.address + file["url"]) as answer:
            assert answer.content_type == "application/octet-stream"
            assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert "Set-Cookie" not in answer.headers


async def test_files_of_other_channels_are_fetched_from_there(
    house: House, http: ClientSession
) -> None:
    async def load(file: File) -> bytes:
        if file.ref == "gone":
            raise Refused("gone")
        assert (file.origin, file.ref) == ("telegram", "tg-1")
        return JPEG

    token = await house.person("网格员")
    photos = tuple(File("photo", "telegram", ref, mime="image/jpeg") for ref in ("tg-1", "gone"))
    await house.say(await house.chat(token), "现场照片", media=photos)
    urls = [file["url"] for file in (await history(http, house, token))[0]["files"]]
    answers = []
    for house.channel.load in (None, load):
        for url in urls:
            async with http.get(house.channel.address + url) as answer:
                answers.append(answer.status)
    assert answers == [404, 404, 200, 404]


async def test_too_much_is_refused_and_nothing_of_it_kept(
    house: House, http: ClientSession
) -> None:
    token = await house.person("王秀英")
    big = ("a.jpg", "image/jpeg", JPEG + b"\x00" * (11 * 1024 * 1024))
    assert await post(http, house, token, form("f-1", big, big)) == (
        413,
        {"ok": False, "error": "files_too_big"},
    )
    many = [("a.jpg", "image/jpeg", JPEG)] * 11
    assert await post(http, house, token, form("f-2", *many)) == (
        413,
        {"ok": False, "error": "too_many_files"},
    )
    assert house.got == []
    assert not house.folder.exists()


@pytest.mark.parametrize(
    ("content", "declared", "kind"),
    [
        (JPEG, "image/jpeg", "photo"),
        (JPEG, "application/octet-stream", "photo"),
        (JPEG, "text/html", "document"),
        (b"RIFF1234WEBP", "image/webp", "photo"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4", "video"),
        (b"\x00\x00\x00\x18ftypiso5", "audio/mp4", "audio"),
        (b"OggS...", "audio/ogg", "audio"),
        (b"%PDF-1.7", "application/pdf", "document"),
        (b"%PDF-1.7", "image/png", "document"),
        (b"", "image/png", "document"),
        (b"MZ", "nonsense; \r\n", "document"),
    ],
)
def test_a_type_is_believed_only_where_the_bytes_agree(
    content: bytes, declared: str, kind: str
) -> None:
    assert judge(content, declared)[0] == kind
    assert (sniff(content) is None) or kind in ("photo", "video", "audio", "document")
