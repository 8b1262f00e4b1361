"""The morning briefing: once, on a working day, only where there is something to do."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import areas
from storage.appointments import Appointment
from storage.calendars import set_day
from storage.outbox import OutboundMessage
from storage.working_time import Override
from tests.conversations import county
from tests.conversations.conftest import MakeTown
from tests.conversations.many import given
from tests.conversations.test_quiet_hours import at
from tests.conversations.town import Town

LI, WANG = county.GRID_WORKER, county.RESIDENT


async def looks(town: Town) -> None:
    """What falls due now is seen to."""
    await town.app.duties.do_all(town.now())
    town.app.delivery.wake()
    await town.settle()


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_it_comes_once_and_says_what_there_is(make_town: MakeTown, database: str) -> None:
    town = await make_town("scripted", database)
    li, wang = await town.grid_worker(), await town.resident()
    await given(town, LI, WANG, text="要办的", claimed=True, ago=1)
    done = await given(town, LI, WANG, text="办好的", claimed=True)
    await li.says(f"{done}号")
    await li.presses("办结")
    await li.says("修好了")
    await wang.hears("修好了")
    at(town, 12, 15)  # the next day's afternoon: a fresh matter
    await looks(town)
    await given(town, LI, WANG, text="刚来的", ago=0)
    await li.heard()
    at(town, 13, 8, 29)
    await looks(town)
    assert not [s for s in await li.heard() if "早上好" in s.text]
    at(town, 13, 8, 31)
    await looks(town)
    await town.rebuild()
    await looks(town)
    heard = [s for s in await li.heard() if "早上好" in s.text]
    (briefing,) = heard
    assert "一共 3 件" in briefing.text
    assert "超时：1 件" in briefing.text
    assert "今天到期：1 件" in briefing.text
    assert "新来的：1 件" in briefing.text
    assert "等居民确认：1 件" in briefing.text
    await li.presses("我的任务")
    await li.hears("您手上的事：3 件")
    at(town, 13, 9, 30)
    await looks(town)
    assert not [s for s in await li.heard() if "早上好" in s.text]


@pytest.mark.parametrize(("hour", "comes"), [(8, False), (11, True), (12, False), (18, False)])
async def test_a_program_that_was_down_sends_it_until_noon(
    scripted_town: Town, hour: int, comes: bool
) -> None:
    town = scripted_town
    li = await town.grid_worker()
    await given(town, LI, WANG)
    await looks(town)
    await town.stop()
    at(town, 12, hour, 10)
    await town.start()
    await looks(town)
    assert any("早上好" in s.text for s in await li.heard()) is comes


async def test_not_on_a_day_off_nor_to_who_is_away(scripted_town: Town) -> None:
    town = scripted_town
    li, chen = await town.grid_worker(), await town.liaison()
    await given(town, LI, WANG, claimed=True)
    await looks(town)

    def day_off(session: Session) -> None:
        garden = areas.county(session)
        assert garden is not None
        set_day(session, garden.id, date(2026, 3, 12), Override(worked=False), "")

    await town.write(day_off)
    at(town, 12, 8, 31)
    await looks(town)
    assert not [s for s in await li.heard() if "早上好" in s.text]
    at(town, 13, 8, 0)
    await li.says("离岗")
    await li.presses("1 小时")
    await li.presses("不用，交给上一级")
    at(town, 13, 8, 31)
    await looks(town)
    assert not [s for s in await li.heard() if "早上好" in s.text]
    assert await chen.heard() == []
    at(town, 14, 8, 31)  # a Saturday
    await looks(town)
    assert not [s for s in await li.heard() if "早上好" in s.text]
    at(town, 16, 8, 31)
    await looks(town)
    assert [s for s in await li.heard() if "早上好" in s.text]


async def test_who_has_nothing_to_do_is_not_looked_at(scripted_town: Town) -> None:
    town = scripted_town
    li, chen = await town.grid_worker(), await town.liaison()
    await given(town, LI, WANG, claimed=True)

    def counted(session: Session) -> tuple[int, int]:
        people = select(func.count()).select_from(Appointment)
        sent = select(func.count()).select_from(OutboundMessage)
        return session.scalar(people) or 0, session.scalar(sent) or 0

    await looks(town)
    assert (await town.read(counted))[0] == 1
    at(town, 11, 17)
    await li.says("1号")
    await li.presses("转交")
    await li.presses("联户党员 陈秀兰")
    await li.says("请您看看")
    await chen.hears("【1号】")
    at(town, 12, 8, 31)
    await looks(town)
    assert (await town.read(counted))[0] == 1, "what is given away takes its briefing with it"
    assert [s for s in await chen.heard() if "早上好" in s.text]
    assert not [s for s in await li.heard() if "早上好" in s.text]
