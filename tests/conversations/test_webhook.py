"""Whoever knows the webhook's address but not its secret: refused, and nothing comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot.channels.telegram_base import SECRET_HEADER
from storage.base import Base
from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.town import LIBRARIES, Town

SECRET = "s3cret-of-the-tests"
PHONE = "13812345678"
NEARLY = ("wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), f" {SECRET} {SECRET}", "")


def everything(session: Session) -> dict[str, int]:
    """How many rows every table has."""
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


async def post(town: Town, channel: str, body: Any, secret: str | None = SECRET) -> int:
    """The answer to one delivery."""
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with (
        ClientSession(headers=headers) as http,
        http.post(town.hook(channel), json=body) as answer,
    ):
        assert answer.status == 404 or await answer.text() == ""
        return answer.status


@pytest.mark.parametrize("library", LIBRARIES)
async def test_nobody_else_can_deliver(make_town: MakeTown, library: str) -> None:
    town = await make_town(library, webhook=SECRET)
    worker, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    await worker.hears(f"{number}号")
    await town.settle()
    before, seen = await town.read(everything), town.story()
    assert town.server is not None
    user = town.server.user(int(wang.seat.user.id))
    message = {
        "message_id": 9_000_001,
        "date": 1_800_000_000,
        "chat": {"id": user.id, "type": "private", "first_name": wang.name},
        "from": {"id": user.id, "is_bot": False, "first_name": wang.name},
        "text": f"楼道灯不亮，打{PHONE}",
    }
    forged = {"update_id": 9_000_001, "message": message}
    with capture_logs() as logs:
        for secret in (*NEARLY, None):
            for channel in ("telegram", "telegram_staff"):
                assert await post(town, channel, forged, secret) == 401
        assert await post(town, "telegram", {"message": message}) == 400
        assert await post(town, "telegrams", forged) == 404
    await town.settle()
    assert await town.read(everything) == before
    assert town.story() == seen
    told = [line for line in logs if line["event"] == "telegram.webhook_refused"]
    assert {line["channel"] for line in told} == {"telegram", "telegram_staff"}
    assert [line["times"] for line in told if line["channel"] == "telegram"] == [1, 2, 4, 8]
    for private in (PHONE, wang.name, str(user.id), SECRET, "楼道灯"):
        assert private not in str(logs)


@pytest.mark.parametrize(("library", "database"), [("aiogram", "postgres"), ("ptb", "sqlite")])
async def test_a_delivery_that_is_played_again_changes_nothing(
    make_town: MakeTown, library: str, database: str
) -> None:
    town = await make_town(library, database, webhook=SECRET)
    assert town.server is not None
    delivered: list[tuple[str, dict[str, Any]]] = []
    deliver = town.server.deliver

    def overheard(bot: Any, kind: str, chat: int, body: Any) -> None:
        name = "telegram" if bot.username == "telegram_bot" else "telegram_staff"
        delivered.append((name, {"update_id": bot.next_update, kind: body}))
        deliver(bot, kind, chat, body)

    town.server.deliver = overheard  # type: ignore[method-assign]
    worker, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    await worker.presses("接单")
    await worker.hears("归您了")
    await wang.hears(f"{number}号")
    await town.look_after()  # what is due by now is done before it is counted
    before, seen = await town.read(everything), town.story()
    assert len(delivered) >= 5
    for name, update in [*delivered, *reversed(delivered)]:
        assert await post(town, name, update) == 200
        assert await post(town, name, update | {"update_id": update["update_id"] + 5000}) == 200
    await town.settle()
    assert await town.read(everything) == before
    assert town.story() == seen
