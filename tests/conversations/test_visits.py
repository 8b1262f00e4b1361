"""走访: one message, one row."""

from __future__ import annotations

from sqlalchemy import select

from storage.visits import Visit
from tests.conversations.notices import audited
from tests.conversations.town import Town


async def rows(town: Town) -> list[tuple[str, int]]:
    wanted = select(Visit.role, Visit.person_id).order_by(Visit.id)
    return [tuple(row) for row in await town.read(lambda s: s.execute(wanted).all())]


async def test_a_liaison_says_it_or_presses_it(detail_town: Town) -> None:
    town = detail_town
    liaison = await town.liaison()
    await liaison.says("还没走访的户")
    await liaison.hears("还有 2 户没走访（一共 2 户）")
    await liaison.presses("3栋1单元302")
    await liaison.hears("3栋1单元302，走访记下了", "还有 1 户")
    await liaison.says("走访了三号楼1单元501室")
    await liaison.hears("3栋1单元501，走访记下了", "都走访过了")
    await liaison.says("走访 501")
    await liaison.hears("今天已经记过了")
    assert await rows(town) == [("liaison", liaison.id)] * 2
    assert await audited(town, "door") != []
    town.later(days=40)
    await liaison.says("没走访的户")
    await liaison.hears("还有 2 户没走访")


async def test_a_door_that_is_not_theirs_or_not_plain(scripted_town: Town) -> None:
    town = scripted_town
    liaison, other = await town.liaison(), await town.worker("周敏", "网格员")
    await liaison.says("走访 桂花新村1栋2单元201")
    await liaison.hears("没找到")
    await liaison.says("3栋1单元302")
    await liaison.hears("走访记下了")
    await other.says("走访")
    await other.hears("走访的是哪一户")
    await other.says("1栋2单元201")
    await other.hears("1栋2单元201，走访记下了")
    assert [role for role, _ in await rows(town)] == ["liaison", "grid_worker"]


async def test_a_resident_who_says_so_writes_nothing(scripted_town: Town) -> None:
    town = scripted_town
    wang = await town.resident()
    await wang.says("走访 3栋1单元302")
    await town.settle()
    assert await rows(town) == []
    await wang.says("取消")
    await wang.says("还没走访的户")
    await wang.hears("这一项不归您办")
