"""The ladder: limits that warn and climb, 上报 转交 退单, who may step in, who is called in."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from sqlalchemy.orm import Session

from storage import calendars, posts, tickets
from storage.tickets import TicketStage
from storage.working_time import Override
from tests.conversations import whole_county as c
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.town import Town


async def seat(town: Town, name: str) -> Person:
    return await town.worker(name, c.ROLES[name])


async def stages(town: Town, number: int) -> list[TicketStage]:
    def job(session: Session) -> list[TicketStage]:
        found = tickets.stages(session, number)
        session.expunge_all()
        return found

    found = await town.read(job)
    for one, following in pairwise(found):
        assert one.until is not None
        assert one.since <= one.until <= following.since
    return found


async def levels(town: Town, number: int) -> list[tuple[str, str]]:
    return [(stage.level, stage.cause) for stage in await stages(town, number)]


async def left(town: Town, name: str) -> None:
    """Somebody's posts have ended."""

    def job(session: Session) -> None:
        for post in posts.posts_of(session, town.id_of(session, name), town.now()):
            post.until = town.now()

    await town.write(job)


def times(person: Person, words: str) -> int:
    return person.everything_read.count(words)


async def test_unclaimed_it_climbs_to_the_top_and_the_admins_are_told(county_town: Town) -> None:
    town = county_town
    await town.write(lambda s: c.from_the_doorstep(s, town.now(), "climb"))
    people = [await seat(town, name) for name in (c.STEWARD, c.GRID, c.SECRETARY, c.SOCIAL)]
    housing, other = await seat(town, c.HOUSING), await seat(town, c.OTHER_DEPARTMENT)
    admins = [await seat(town, name) for name in (c.ADMIN, c.ADMIN_TOO)]
    wang = await town.resident()
    number = await file_request(town, wang)
    await people[0].hears("【1号】")
    await town.look_after(minutes=29)
    await people[0].heard_nothing()
    await town.look_after(minutes=2)
    await people[0].hears("时间用了 50%", "3月9日 10:00")
    await town.rebuild()
    await town.look_after(minutes=1)
    await people[0].heard_nothing()
    await town.look_after(minutes=17)
    await people[0].hears("时间用了 80%")
    for below, above, minutes, label in (
        (people[0], people[1], 12, "网格员李建国"),
        (people[1], people[2], 61, "小区综合党支部书记何志远"),
        (people[2], people[3], 220, "社会工作者吴芳"),
        (people[3], housing, 70, "县住建局曹立新"),
    ):
        await town.look_after(minutes=minutes)
        await above.hears("【1号】", "楼道灯不亮了")
        await below.hears("到" + label + "手上了")
        await wang.hears("等得久了", label)
    await other.heard_nothing()  # that department handles other matters
    for admin in admins:
        await admin.heard_nothing()
    await town.look_after(hours=2)
    await housing.hears("上面没有人了")
    for admin in admins:
        await admin.hears("【1号】")
    await town.look_after(hours=20)
    assert (await town.ticket(number)).warned == 200
    for admin in admins:
        await admin.hears("【1号】")
    assert await levels(town, number) == [
        ("building", "offered"), ("grid", "climbed"), ("compound", "climbed"),
        ("community", "climbed"), ("county", "climbed"),
    ]  # fmt: skip


async def test_called_the_next_rung_may_step_in_and_at_twice_it_climbs(county_town: Town) -> None:
    town = county_town
    await town.write(lambda s: c.from_the_doorstep(s, town.now(), "call"))
    steward, grid = await seat(town, c.STEWARD), await seat(town, c.GRID)
    secretary, wang = await seat(town, c.SECRETARY), await town.resident()
    number = await file_request(town, wang)
    await steward.presses("接单")
    await steward.hears("归您了")
    await town.look_after(minutes=61)
    await steward.hears("已经告诉上一级网格员李建国")
    await grid.hears("超时了", "孙桂兰")
    assert times(steward, "时间用了") == 0  # one word after a pause says it all
    old = await grid.finds("接过来办")
    await grid.presses("看经过")
    await grid.hears("接单", "提醒快到期", "请上一级留意")
    await grid.presses("接过来办")
    await grid.hears("归您了")
    await steward.hears("接过去办了")
    await wang.hears("网格员李建国接了")
    await grid.presses_again(*old)
    await grid.hears("已经在您手上")
    # Nobody does anything: at twice the limit it is the next rung's.
    await town.look_after(minutes=61)
    await secretary.hears("超时了", "李建国")
    await town.look_after(hours=5)
    await secretary.hears("【1号】")
    assert (await town.ticket(number)).status == "waiting"
    found = await levels(town, number)
    assert found == [
        ("building", "offered"), ("building", "claimed"), ("grid", "claimed"),
        ("compound", "climbed"),
    ]  # fmt: skip


async def test_who_has_not_opened_the_bot_is_named(county_town: Town) -> None:
    """The admin was told to fill a post that somebody held, who had no chat."""
    town = county_town
    grid, social = await seat(town, c.GRID), await seat(town, c.SOCIAL)
    admin = await seat(town, c.ADMIN)
    await file_request(town, await town.resident())
    await grid.presses("上报")
    await grid.says("要换整条线路")
    await social.hears("李建国把 1号报给了您")
    seen = await admin.hears("1号跳过了一级", "小区这一级的", "还没打开过机器人", "bot invite")
    assert c.SECRETARY in seen.text
    assert "请补上这个岗位" not in seen.text


async def test_an_empty_rung_is_skipped_aloud(county_town: Town) -> None:
    town = county_town
    await left(town, c.SECRETARY)
    grid, social = await seat(town, c.GRID), await seat(town, c.SOCIAL)
    admins = [await seat(town, name) for name in (c.ADMIN, c.ADMIN_TOO)]
    wang = await town.resident()
    number = await file_request(town, wang)
    await grid.presses("上报")
    await grid.says("要换整条线路")
    await grid.hears("已上报给社会工作者吴芳")
    for admin in admins:
        await admin.hears("没有小区这一级的人", "1号")
        await admin.heard_nothing()
    await social.hears("李建国把 1号报给了您", "要换整条线路")
    await social.presses("看经过")
    await social.hears("这一级没有人，跳过（小区）", "上报给吴芳：要换整条线路")
    await wang.hears("报给社会工作者吴芳")
    await wang.says("我的诉求")
    await wang.presses("1号 路灯照明")
    seen = await wang.hears("上报给吴芳")
    assert "要换整条线路" not in seen.text  # that was for the colleague
    assert "跳过" not in seen.text
    assert await levels(town, number) == [("grid", "offered"), ("community", "escalated")]


async def test_passed_to_and_fro_with_its_whole_story(county_town: Town) -> None:
    town = county_town
    grid, too = await seat(town, c.GRID), await seat(town, c.GRID_TOO)
    secretary, wang = await seat(town, c.SECRETARY), await town.resident()
    await wang.sends_photos(2, "楼道灯不亮了")
    await wang.presses("路灯照明")
    await wang.presses("就在我家")
    await wang.presses("提交")
    await wang.hears("编号是")
    await grid.presses("接单")
    await grid.presses("内部备注")
    await grid.says("灯在三楼")
    await grid.hears("备注记下了")
    await grid.presses("转交")
    await grid.presses("网格员 周敏")  # the colleague beside, not only the next role
    await grid.says("我去开会")
    await grid.hears("已转给网格员周敏")
    await wang.hears("转给网格员周敏")
    # Who gave it away cannot take it back by an old card.
    with pytest.raises(AssertionError, match="接单"):
        await _finds_at_once(grid, "接单")
    await too.hears("把 1号转给了您", "我去开会")
    await too.presses("上报")
    await too.says("要花钱")
    await secretary.hears("要花钱")
    await secretary.presses("看经过")
    await secretary.hears("我去开会", "灯在三楼", "要花钱")
    photos = await secretary.gets_files(4)  # with the card, and with the story
    assert photos[:2] == photos[2:]
    await secretary.presses("接单")
    await secretary.presses("更多")
    await secretary.presses("退单")
    await secretary.says("物业有灯泡")
    await too.hears("何志远把 1号退给了您", "物业有灯泡")
    await wang.hears("转给网格员周敏")
    assert await levels(town, 1) == [
        ("grid", "offered"), ("grid", "claimed"), ("grid", "transferred"),
        ("compound", "escalated"), ("compound", "claimed"), ("grid", "returned"),
    ]  # fmt: skip


async def _finds_at_once(person: Person, label: str) -> None:
    await person._settle()
    standing = person.seat.standing.values()
    assert any(label in b.label for seen in standing for b in seen.buttons), f"no {label}"


async def test_a_unit_answers_in_the_same_ticket(county_town: Town) -> None:
    town = county_town
    social, power, water = (
        await seat(town, c.SOCIAL), await seat(town, c.POWER), await seat(town, c.WATER),
    )  # fmt: skip
    grid, wang = await seat(town, c.GRID), await town.resident()
    number = await file_request(town, wang)
    await grid.presses("上报")
    await grid.says("整栋楼都黑了")
    await grid.hears("已上报给")  # the secretary has no chat: who stands above got the card too
    await social.presses("接单")
    await social.hears("归您了")
    await social.presses("更多")
    await social.presses("吹哨请单位")
    asked = await social.hears("要请哪个单位")
    assert asked.labels[:2] == ["1 供电公司", "2 自来水公司"]  # each unit once
    assert "返回" in asked.labels[2]
    await social.presses("供电公司")
    await social.says("查一下变压器")
    await power.hears("请您一起办 1号", "查一下变压器")
    await power.presses("回复")
    await power.says("保险丝换好了，来电了")
    await wang.hears("供电公司蒋波回复您的 1号", "来电了")
    await social.hears("供电公司蒋波说", "来电了")
    await water.heard_nothing()
    assert (await town.ticket(number)).owner_id == social.id
    assert ("replied", "保险丝换好了，来电了") in await town.events(number)
    await wang.says("我的诉求")
    await wang.presses("1号 路灯照明")
    await wang.hears("吹哨请供电公司", "供电公司蒋波回复：保险丝换好了")


async def test_the_property_manager_is_called(county_town: Town) -> None:
    town = county_town
    grid, manager, wang = await seat(town, c.GRID), await seat(town, c.PROPERTY), None
    wang = await town.resident()
    await file_request(town, wang)
    await grid.presses("接单")
    await grid.presses("催物业")
    await manager.hears("请您一起办 1号")
    await grid.hears("已经请物业马超来办 1号")
    card = await manager.finds("回复")
    assert "接单" not in " ".join(card[0].labels)
    await manager.presses("回复")
    await manager.says("今天下午去")
    await grid.hears("物业马超说", "今天下午去")
    await wang.hears("今天下午去")
    assert (await town.ticket(1)).owner_id == grid.id


async def test_who_stands_lower_cannot_step_in(county_town: Town) -> None:
    town = county_town
    grid, steward = await seat(town, c.GRID), await seat(town, c.STEWARD)
    secretary, wang = await seat(town, c.SECRETARY), await town.resident()
    number = await file_request(town, wang)
    await grid.presses("接单")
    await town.look_after(days=2, hours=6)
    await secretary.finds("接过来办")
    await steward.heard_nothing()
    await grid.hears("到时间了")
    assert (await town.ticket(number)).owner_id == grid.id


# Working time


async def test_what_comes_on_friday_evening_is_due_on_monday(county_town: Town) -> None:
    town = county_town
    town.at(2027, 3, 12, 20, 0)
    grid, wang = await seat(town, c.GRID), await town.resident()
    await file_request(town, wang)
    await grid.hears("期限：3月15日 10:30")
    await town.look_after(days=2)
    await grid.heard_nothing()
    town.at(2027, 3, 15, 9, 31)
    await town.look_after()
    await grid.hears("时间用了 50%")


async def test_urgent_limits_run_at_night(county_town: Town) -> None:
    town = county_town
    town.at(2027, 3, 12, 20, 0)
    grid, secretary, wang = (
        await seat(town, c.GRID), await seat(town, c.SECRETARY), await town.resident()
    )  # fmt: skip
    number = await file_request(town, wang)
    await grid.hears("期限：3月15日 10:30")

    def hurry(session: Session) -> None:
        ticket = tickets.get(session, number)
        assert ticket is not None
        ticket.urgent, ticket.next_at = True, town.now()

    await town.write(hurry)
    await town.look_after(minutes=1)
    await town.look_after(hours=1)
    await grid.hears("时间用了 50%", "3月12日 22:00")
    await town.look_after(hours=1)
    await secretary.hears("超时了")


async def test_a_changed_calendar_counts_for_what_is_running(county_town: Town) -> None:
    town = county_town
    grid, wang = await seat(town, c.GRID), await town.resident()
    await file_request(town, wang)
    await grid.hears("期限：3月9日 11:00")

    def close_today(session: Session) -> None:
        place = tickets.get(session, 1)
        assert place is not None
        calendars.set_day(session, place.area_id, date(2027, 3, 9), Override(False), "")

    await town.write(close_today)
    await town.look_after(minutes=61)
    await grid.heard_nothing()
    town.at(2027, 3, 10, 9, 31)
    await town.look_after()
    await grid.hears("时间用了 50%")


async def test_figures_can_tell_what_was_solved_where(county_town: Town) -> None:
    """A ticket has one open stage while somebody is to do something, and none when it is over."""
    town = county_town
    grid, secretary, wang = (
        await seat(town, c.GRID), await seat(town, c.SECRETARY), await town.resident()
    )  # fmt: skip
    number = await file_request(town, wang)
    await grid.presses("接单")
    await grid.presses("办结")
    await grid.says("换了灯泡")
    await wang.hears("解决了吗")
    assert [stage.until is None for stage in await stages(town, number)] == [False, False]
    await wang.presses("未解决")
    await wang.says("还是不亮")
    await secretary.hears("还是不亮")
    assert [stage.until is None for stage in await stages(town, number)][-1]
    await secretary.presses("办结")
    await secretary.says("换了线")
    await wang.hears("解决了吗")
    await wang.presses("已解决")
    await wang.hears("满意")
    found = await stages(town, number)
    assert all(stage.until is not None for stage in found)
    assert [(stage.level, stage.cause) for stage in found] == [
        ("grid", "offered"), ("grid", "claimed"), ("compound", "reopened"), ("compound", "claimed"),
    ]  # fmt: skip
    ticket = await town.ticket(number)
    assert (ticket.status, ticket.round) == ("closed", 2)
