"""An orderly end: nothing that is under way is cut, so nothing has to go out twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.app import App, build
from bot.messages import Address, Incoming
from bot.settings import Settings
from storage.outbox import OutboundMessage, OutState
from tests.reliability.office import Line


@pytest.fixture
def line() -> Line:
    return Line("telegram")


@pytest.fixture
def app(database_url: str, key_file: Path, tmp_path: Path, line: Line) -> App:
    settings = Settings(
        database_url=database_url, key_file=key_file, media_dir=tmp_path / "media", web_port=0
    )
    return build(settings, more_channels=[line])


def rows(app: App) -> list[tuple[str, bool]]:
    with Session(app.database) as session:
        found = session.execute(select(OutboundMessage.state, OutboundMessage.uncertain))
        return [(row.state, row.uncertain) for row in found]


async def test_a_call_that_is_under_way_ends_before_its_channel_closes(
    app: App, line: Line
) -> None:
    on_its_way, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        on_its_way.set()
        await go_on.wait()
        assert not line.closed

    line.faults["1"].append(slow)
    await app.start()
    await app.intake.receive(Incoming(Address("telegram", "1"), "m1", text="你好"))
    await on_its_way.wait()
    stopping = asyncio.create_task(app.stop())
    for _ in range(5):
        await asyncio.sleep(0)
    go_on.set()
    await stopping
    assert line.closed
    found = rows(app)
    assert (OutState.SENT, False) in found
    assert {state for state, _ in found} <= {OutState.SENT, OutState.QUEUED}
    assert not any(uncertain for _, uncertain in found)


async def test_a_page_that_talks_to_the_end_leaves_nothing_in_doubt(app: App) -> None:
    await app.start()
    for n in range(30):
        await app.intake.receive(Incoming(Address("web", str(n % 5)), f"w{n}", text="你好"))
    await app.stop()
    found = rows(app)
    assert len(found) >= 30
    assert {state for state, _ in found} <= {OutState.SENT, OutState.QUEUED}
    assert not any(uncertain for _, uncertain in found)


async def test_a_channel_that_will_not_close_does_not_keep_the_others_open(
    app: App, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck() -> None:
        raise OSError("already gone")

    monkeypatch.setattr(line, "close", stuck)
    await app.start()
    assert app.web.address
    await app.stop()
    with pytest.raises(RuntimeError):
        _ = app.web.address
