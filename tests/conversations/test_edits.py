"""A message that its sender edits: the new words count wherever the old ones were taken in."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.town import Town


@pytest.fixture(params=["scripted", "aiogram", "ptb"])
async def editing_town(request: pytest.FixtureRequest, make_town: MakeTown) -> Town:
    """A town on each channel that has edits."""
    return await make_town(request.param)


async def versions(town: Town, number: int) -> list[tuple[str, str]]:
    """What was said in a ticket, edits too."""
    said = ("opened", "supplemented", "replied", "resolved", "noted", "edited", "transferred")
    return [event for event in await town.events(number) if event[0] in said]


async def test_the_opening_words_are_changed(editing_town: Town) -> None:
    town = editing_town
    li = await town.grid_worker()
    wang = await town.resident()
    number = await file_request(town, wang, "三单元的楼道灯不亮了")
    await li.hears("三单元的楼道灯不亮了")
    await wang.edits("三单元的楼道灯不亮了", "二单元的楼道灯不亮了")
    await wang.hears("改好了", f"{number}号", "二单元的楼道灯不亮了")
    await li.hears(f"{number}号", "王桂英把刚才那句改成了", "二单元的楼道灯不亮了")
    await town.settle()
    card = next(seen for seen in reversed(li.seat.standing.values()) if "接单" in str(seen.labels))
    assert "二单元的楼道灯不亮了" in card.text
    assert "三单元" not in card.text
    assert (await town.ticket()).text == "二单元的楼道灯不亮了"
    assert await versions(town, number) == [
        ("opened", "三单元的楼道灯不亮了"),
        ("edited", "二单元的楼道灯不亮了"),
    ]
