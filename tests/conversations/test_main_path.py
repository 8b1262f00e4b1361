"""From a newcomer's first word to the last: every channel, both databases, across restarts."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import MakeTown
from tests.conversations.main_path import main_path
from tests.conversations.town import CHANNELS


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("channel", CHANNELS)
async def test_main_path(make_town: MakeTown, channel: str, database: str) -> None:
    town = await make_town(channel, database)
    await main_path(town)
    ticket = await town.ticket()
    assert (ticket.status, ticket.kind) == ("closed", "lighting")
    assert [kind for kind, _ in await town.events(ticket.id)] == [
        "opened", "claimed", "replied", "supplemented", "resolved", "solved", "rated",
    ]  # fmt: skip


@pytest.mark.parametrize("channel", CHANNELS)
async def test_stopped_and_built_anew_before_every_turn(make_town: MakeTown, channel: str) -> None:
    town = await make_town(channel, rebuilding=True)
    await main_path(town)
    assert (await town.ticket()).status == "closed"
