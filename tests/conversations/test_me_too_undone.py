"""我也遇到 undone, and when two things happen at the same moment: nobody is lost."""

from __future__ import annotations

import asyncio

import pytest

from storage import tickets
from tests.conversations import county
from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.neighbours import files, joins, neighbour, status, tells, three
from tests.conversations.people import Person
from tests.conversations.steps import resolve
from tests.conversations.town import Town

# Undone


async def test_not_the_same_after_all(scripted_town: Town) -> None:
    town = scripted_town
    worker, (_, zhao, _), (master, second, _) = await three(town)
    await zhao.presses("跟别家的不是一件")
    await zhao.hears(f"{second}号单独来办", "网格员李建国")
    await worker.hears(f"【{second}号】")
    own, old = await town.ticket(second), await town.ticket(master)
    assert (own.status, own.owner_id, own.master_id) == ("waiting", worker.id, None)
    assert old.households == 2
    card, button = await zhao.finds("跟别家的不是一件")
    await zhao.presses_again(card, button)
    await zhao.hears("本来就是单独在办的")


async def test_the_worker_takes_them_apart(scripted_town: Town) -> None:
    town = scripted_town
    worker, (_, _, qian), (master, second, third) = await three(town)
    await worker.presses("接单")
    await worker.presses("更多")
    await worker.presses("拆开")
    await worker.hears("哪一件要拆出来")
    await worker.presses("钱小妹")
    await worker.hears(f"{third}号拆出来单独办了")
    await qian.hears(f"{third}号单独来办了", "不是一件")
    assert await status(town, master, second, third) == ["claimed", "joined", "waiting"]


async def test_the_master_is_withdrawn(scripted_town: Town) -> None:
    town = scripted_town
    worker, (wang, zhao, qian), (master, second, third) = await three(town)
    await worker.presses("接单")
    await zhao.hears("接了")
    before = await town.ticket(master)
    town.later(minutes=7)
    await wang.says("我的诉求")
    await wang.presses(f"{master}号")
    await wang.presses("撤回")
    await wang.presses("确定撤回")
    await wang.hears("以后有事")
    await worker.hears(f"【{second}号】")
    await worker.hears(f"{master}号撤回了", "2 户也遇到", f"现在算 {second}号")
    heir, rest = await town.ticket(second), await town.ticket(third)
    assert (heir.status, heir.owner_id, heir.households) == ("claimed", worker.id, 2)
    assert (heir.clock_limit, heir.clock_since) == (before.clock_limit, before.clock_since)
    assert heir.next_at == before.next_at
    assert (rest.status, rest.master_id) == ("joined", second)
    assert "不用再办" not in worker.everything_read
    await worker.says("我的任务")
    await worker.presses(f"{second}号")
    await worker.presses("回复")
    await worker.says("灯泡买到了")
    for who in (zhao, qian):
        await who.hears("灯泡买到了")
    await wang.heard_nothing()
    await zhao.says("我的诉求")
    await zhao.presses(f"{second}号")
    seen = await zhao.hears("您说也遇到，一起办", "网格员李建国接单", "灯泡买到了")
    assert county.RESIDENT not in seen.text
    await resolve_from_list(worker, second)
    await qian.hears("您看解决了吗")


async def resolve_from_list(worker: Person, number: int) -> None:
    await worker.says("我的任务")
    await worker.presses(f"{number}号")
    await resolve(worker)


async def test_one_who_joined_withdraws(scripted_town: Town) -> None:
    town = scripted_town
    worker, (_, zhao, _), (master, second, third) = await three(town)
    await zhao.says("我的诉求")
    await zhao.presses(f"{second}号")
    await zhao.presses("撤回")
    await zhao.presses("确定撤回")
    await zhao.hears("撤回了")
    assert await status(town, master, second, third) == ["waiting", "withdrawn", "joined"]
    assert (await town.ticket(master)).households == 2
    await worker.hears("一共 3 户")


# At the same moment


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_two_homes_join_at_the_same_moment(make_town: MakeTown, database: str) -> None:
    town = await make_town("scripted", database)
    wang, zhao = await town.resident(), await town.resident(county.NEIGHBOUR)
    qian = await neighbour(town, "钱小妹", "2单元101")
    master = await files(town, wang)
    pressed = []
    for one in (zhao, qian):
        await tells(one)
        await one.hears("是不是同一件")
        pressed.append((one, await one.finds("我也遇到")))
    await asyncio.gather(*(who.seat.press(card, button) for who, (card, button) in pressed))
    for one in (zhao, qian):
        await one.hears("一起办，您的编号是")
    await town.settle()
    assert (await town.ticket(master)).households == 3
    assert await town.read(lambda s: len(tickets.joined(s, master))) == 2


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_joining_while_it_is_resolved_loses_nobody(
    make_town: MakeTown, database: str
) -> None:
    town = await make_town("scripted", database)
    worker, wang = await town.grid_worker(), await town.resident()
    zhao = await town.resident(county.NEIGHBOUR)
    master = await files(town, wang)
    await worker.presses("接单")
    await worker.presses("办结")
    await worker.hears("怎么解决的")
    await tells(zhao)
    await zhao.hears("是不是同一件")
    card, button = await zhao.finds("我也遇到")
    await asyncio.gather(worker.seat.write("灯换好了"), zhao.seat.press(card, button))
    await worker.hears("办结了")
    await town.settle()
    if await town.ticket_count() == 1:  # it was done first: nothing left to join
        await zhao.hears("您看对不对")
        await zhao.presses("提交")
        await zhao.hears("编号是")
        await town.settle()
    late = await town.ticket()
    assert late.filer_id == zhao.id
    if late.status == "resolved":
        await zhao.hears("您看解决了吗")
    else:
        assert (late.status, late.master_id, late.owner_id) == ("waiting", None, worker.id)
    assert (await town.ticket(master)).status == "resolved"


async def test_an_old_button_joins_nothing_that_is_over(scripted_town: Town) -> None:
    town = scripted_town
    worker, wang = await town.grid_worker(), await town.resident()
    zhao = await town.resident(county.NEIGHBOUR)
    await files(town, wang)
    await tells(zhao)
    await zhao.hears("是不是同一件")
    await worker.presses("接单")
    await resolve(worker)
    await zhao.presses("我也遇到")
    await zhao.hears("您看对不对")  # there is nothing left to join
    await zhao.presses("提交")
    await zhao.hears("编号是")
    await town.settle()
    assert (await town.ticket()).status == "waiting"


async def test_old_cards_of_other_tickets_still_work(scripted_town: Town) -> None:
    """Joining moves the master's version on; the card in front of the worker goes along."""
    town = scripted_town
    worker, wang = await town.grid_worker(), await town.resident()
    zhao = await town.resident(county.NEIGHBOUR)
    master = await files(town, wang)
    await file_request(town, wang, "下水道堵了，反水", "下水道堵了")
    await joins(town, zhao)
    await worker.presses("接单", (await worker.hears(f"【{master}号】", "2 户说也遇到")))
    await worker.hears("归您了")
