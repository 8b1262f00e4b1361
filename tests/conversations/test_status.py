"""What machines ask: whether the program lives, whether it is of use, and its figures."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.app import App, build
from bot.roles import Role
from bot.settings import Settings
from storage import outbox
from storage.outbox import OutboundMessage
from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.town import Town


@pytest.fixture(params=["sqlite", "postgres"])
async def town(request: pytest.FixtureRequest, make_town: MakeTown) -> Town:
    """The program with people in front of it, on either database."""
    return await make_town("scripted", request.param)


def settings(database_url: str, key_file: Path, tmp_path: Path, **more: Any) -> Settings:
    """Settings of a program without any platform."""
    return Settings(
        _env_file=None, database_url=database_url, key_file=key_file,
        media_dir=tmp_path / "media", web_port=0, **more,
    )  # type: ignore[call-arg]  # fmt: skip


async def ask(app: App, path: str, **headers: str) -> tuple[int, str]:
    """What the page's server answers."""
    async with ClientSession() as http, http.get(app.web.address + path, headers=headers) as answer:
        return answer.status, await answer.text()


async def figures(app: App) -> dict[tuple[str, ...], float]:
    """The figures by name and the values of their labels."""
    status, text = await ask(app, "/metrics")
    assert status == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_it_lives_and_is_ready(town: Town) -> None:
    assert await ask(town.app, "/healthz") == (200, '{"ok": true}')
    assert await ask(town.app, "/readyz") == (200, '{"ok": true, "missing": []}')


async def test_without_its_database_it_lives_and_is_not_ready(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(job: object) -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(type(town.app.worker), "read_apart", lambda self, job: gone(job))
    assert (await ask(town.app, "/healthz"))[0] == 200
    assert await ask(town.app, "/readyz") == (503, '{"ok": false, "missing": ["database"]}')
    found = await figures(town.app)
    assert found["jiamenkou_database_up",] == 0
    assert not any(name == "jiamenkou_queue_messages" for name, *_ in found)


async def test_a_full_disk_and_a_database_that_takes_nothing_are_not_ready(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both can still be read, and /readyz went on saying that all was well."""
    with monkeypatch.context() as full:
        full.setattr("storage.room.LEAST", 2**80)
        assert await ask(town.app, "/readyz") == (503, '{"ok": false, "missing": ["disk"]}')

    def refused(session: object) -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr("bot.status.TRIED_AGAIN", 0.0)
    with monkeypatch.context() as locked:
        locked.setattr("storage.gauges.try_writing", refused)
        assert await ask(town.app, "/readyz") == (503, '{"ok": false, "missing": ["database"]}')
    assert (await ask(town.app, "/readyz"))[0] == 200


async def test_a_bot_that_telegram_refuses_is_not_ready(make_town: MakeTown) -> None:
    town = await make_town("aiogram")
    assert (await ask(town.app, "/readyz"))[0] == 200
    assert town.server
    for bot in [*town.server.bots]:
        del town.server.bots[bot]  # Telegram knows none of them any more
    await town.rebuild()
    missing = '{"ok": false, "missing": ["telegram", "telegram_staff"]}'
    assert await ask(town.app, "/readyz") == (503, missing)


async def test_the_figures(town: Town) -> None:
    resident = await town.resident()
    await resident.says("报修")
    await resident.hears("您有什么事")
    await town.settle()
    found = await figures(town.app)
    assert found["jiamenkou_database_up",] == 1
    assert found["jiamenkou_handling_seconds_count", "scripted"] >= 1
    assert found["jiamenkou_deliveries_total", "scripted", "sent"] >= 1
    assert found["jiamenkou_queue_messages", "scripted", "queued"] == 0
    assert found["jiamenkou_oldest_unsent_seconds", "scripted"] == 0
    assert found["jiamenkou_tickets_without_owner", "no"] == 0
    assert found["jiamenkou_tickets_without_owner", "yes"] == 0
    assert found["jiamenkou_role", "all"] == 1
    if town.database_url.startswith("postgresql"):
        assert found["jiamenkou_holds", "duties"] == 1
        assert found["jiamenkou_holds", "scripted"] == 1


async def test_a_ticket_that_nobody_has_is_counted(town: Town) -> None:
    number = await file_request(town, await town.resident())  # no worker has a chat
    assert (await town.ticket(number)).owner_id is None
    found = await figures(town.app)
    assert found["jiamenkou_tickets_without_owner", "yes"] == 1
    assert found["jiamenkou_tickets_without_owner", "no"] == 0


async def test_what_waits_is_counted_from_when_it_could_go(town: Town) -> None:
    now = town.now()

    def job(session: Session) -> None:
        for chat, minutes in (("1", 5), ("2", 3), ("3", -60)):
            at = now - timedelta(minutes=minutes)
            outbox.queue(
                session, channel="elsewhere", chat=chat, payload={"text": "x"}, not_before=at,
                now=now - timedelta(hours=9),
            )  # fmt: skip

    await town.write(job)
    found = await figures(town.app)
    assert found["jiamenkou_queue_messages", "elsewhere", "queued"] == 3
    waited = found["jiamenkou_oldest_unsent_seconds", "elsewhere"]
    assert 300 <= waited < 400, "not what waits for its hour, and not from when it was written"
    gone = delete(OutboundMessage).where(OutboundMessage.channel == "elsewhere")
    await town.write(lambda session: session.execute(gone))


async def test_nobody_is_in_the_figures(town: Town) -> None:
    resident = await town.resident()
    await resident.says("报修")
    await resident.hears("您有什么事")
    _, text = await ask(town.app, "/metrics")
    labels = set(re.findall(r'(\w+)="', text))
    assert labels <= {"channel", "state", "le", "what", "role", "alarmed"}
    assert not re.search("[\u3400-\u9fff]", text)


async def test_who_may_have_the_figures(tmp_path: Path, sqlite_url: str, key_file: Path) -> None:
    app = build(settings(sqlite_url, key_file, tmp_path))
    await app.start()
    try:
        assert (await ask(app, "/metrics"))[0] == 200
        for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
            assert (await ask(app, "/metrics", **{header: "203.0.113.7"}))[0] == 404
        assert (await ask(app, "/metrics", Host="wo.example.cn"))[0] == 404
    finally:
        await app.stop()
    app = build(settings(sqlite_url, key_file, tmp_path, metrics_token=SecretStr("a-token")))
    await app.start()
    try:
        assert (await ask(app, "/metrics"))[0] == 404
        assert (await ask(app, "/metrics", Authorization="Bearer wrong"))[0] == 404
        assert (await ask(app, "/metrics", Authorization="Bearer a-token"))[0] == 200
    finally:
        await app.stop()


@pytest.mark.parametrize("role", [Role.WORKER, Role.SENDER])
async def test_a_process_without_the_page_has_a_port_of_its_own(
    role: Role, tmp_path: Path, postgres_url: str, key_file: Path, unused_tcp_port: int
) -> None:
    app = build(settings(postgres_url, key_file, tmp_path, status_port=unused_tcp_port), role=role)
    await app.start()
    try:
        async with ClientSession() as http:
            async with http.get(f"{app.status.address}/readyz") as answer:
                assert answer.status == 200
            async with http.get(f"{app.status.address}/metrics") as answer:
                assert f'jiamenkou_role{{role="{role}"}} 1.0' in await answer.text()
            async with http.get(f"{app.status.address}/") as answer:
                assert answer.status == 404
    finally:
        await app.stop()
