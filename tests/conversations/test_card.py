"""The card: one live one a matter and chat, with what its state allows on it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.audit import AuditLine
from storage.tickets import Status, Ticket
from tests.conversations import county
from tests.conversations.filing import file_request
from tests.conversations.many import given
from tests.conversations.people import Person
from tests.conversations.seats import Seen
from tests.conversations.town import Town


def live(person: Person, number: int) -> list[Seen]:
    """The cards of a ticket that still have buttons."""
    person.seat.look()
    shown = person.seat.standing.values()
    return [one for one in shown if one.text.startswith(f"【{number}号】") and one.buttons]


def names(seen: Seen) -> list[str]:
    return [label.partition(" ")[2] for label in seen.labels]


async def test_a_newer_card_makes_the_older_say_so(detail_town: Town) -> None:
    town = detail_town
    li, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    first = await li.hears("楼道灯不亮了")
    _, old_claim = await li.finds("接单")
    await li.says(f"{number}号")
    await li.hears("楼道灯不亮了")
    await li.hears("卡片在下面")
    await town.settle()
    await li.seat.catch_up()
    (only,) = live(li, number)
    assert only.key != first.key
    assert li.seat.standing[first.key].buttons == ()
    await li.presses_again(first, old_claim)
    await li.hears("归您了")
    await town.settle()
    await li.seat.catch_up()
    (only,) = live(li, number)
    assert names(only) == [
        "回复", "办结", "转交", "上报", "内部备注", "催物业", "查看电话", "更多",
    ]  # fmt: skip


async def test_a_card_carries_what_its_state_allows(detail_town: Town) -> None:
    town = detail_town
    li, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    await li.presses("更多")
    more = await li.hears("还可以")
    assert names(more) == ["内部备注", "看经过"]
    await li.presses("接单")
    await li.hears("归您了")
    await li.presses("更多", on=(await li.finds("催物业"))[0])
    more = await li.hears("还可以")
    assert names(more) == ["退单", "等居民回话", "看经过"]
    await li.presses("办结")
    await li.hears("怎么解决的")
    await li.says("换好了")
    card = await li.hears("已办结，等居民确认")
    assert card.edited
    assert card.buttons == ()
    assert live(li, number) == []


async def test_joined_households_are_one_line_of_the_master(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    master = await given(town, county.GRID_WORKER, county.RESIDENT, text="全楼停水")
    other = await given(town, county.GRID_WORKER, county.NEIGHBOUR, text="我家也没水")

    def join(session: Session) -> None:
        joined, one = session.get_one(Ticket, other), session.get_one(Ticket, master)
        joined.status, joined.master_id, joined.owner_id = Status.JOINED, master, None
        one.households = 2

    await town.write(join)
    await li.says("我的任务")
    seen = await li.hears("您手上的事：1 件", "2 户")
    assert "我家也没水" not in seen.text
    await li.says(f"{master}号")
    await li.hears("有 2 户说也遇到了")


async def test_the_number_is_nowhere_but_behind_the_button_with_its_reason(
    scripted_town: Town,
) -> None:
    town = scripted_town
    li, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    phone = county.PHONES[county.RESIDENT]
    await li.presses("接单")
    await wang.says("快点来")
    for words in ("我的任务", f"{number}号", f"查 {phone[-8:]}", "查 王桂英", "查 楼道"):
        await li.says(words)
        await li.heard()
    await li.presses("更多")
    await li.presses("看经过")
    await li.hears("接单")
    await li.presses("查看电话")
    await li.hears("是为了什么")
    await li.says("取消")
    await li.heard()
    assert phone not in li.everything_read
    assert await town.read(_phone_looks) == []
    await li.presses("查看电话")
    await li.presses("核实情况")
    await li.hears(phone, "已经记下")
    assert await town.read(_phone_looks) == [(li.id, f"ticket:{number}", "check")]
    assert li.everything_read.count(phone) == 1


def _phone_looks(session: Session) -> list[tuple[int | None, str, str]]:
    rows = session.scalars(select(AuditLine).where(AuditLine.action == "phone"))
    return [(row.actor_id, row.subject, row.reason) for row in rows]
