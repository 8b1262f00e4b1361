"""No limbo: leave, departures, blocked chats, empty compounds, and the nightly look through all."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import duty_runs, limbo, people, posts, tickets
from storage.areas import Area
from storage.limbo import LimboCheck
from storage.posts import Role
from storage.tickets import Status
from tests.conversations import county
from tests.conversations import whole_county as c
from tests.conversations.filing import file_request
from tests.conversations.test_ladder import left, levels, seat
from tests.conversations.test_leave import asks_for_leave
from tests.conversations.town import Town

CHINA = ZoneInfo("Asia/Shanghai")


async def blocks(town: Town, name: str) -> None:
    """Every chat of a person refuses what we send, as after a 403."""

    def job(session: Session) -> None:
        for account in people.accounts_of(session, town.id_of(session, name)):
            people.block(session, account.channel, account.chat, town.now())

    await town.settle()
    await town.write(job)


# Who is gone


async def test_who_left_is_followed_and_sees_nothing_more(county_town: Town) -> None:
    town = county_town
    grid, too, wang = await seat(town, c.GRID), await seat(town, c.GRID_TOO), await town.resident()
    number = await file_request(town, wang)
    await grid.presses("接单")
    old = await grid.finds("查看电话")
    await left(town, c.GRID)
    await town.look_after(seconds=5)
    await too.hears("李建国不在这个岗位了，1号")
    await wang.hears("现在由网格员周敏来办")
    assert (await town.ticket(number)).owner_id == too.id
    # The event says why it was passed on, and what became of it could not be shown.
    await wang.says("我那个事咋样了")
    await wang.hears(f"{number}号", "换人接着办，交给周敏")
    await too.presses("看经过")
    await too.hears("换人接着办，交给周敏")
    await grid.heard()
    await grid.presses_again(*old)
    await grid.hears("没有找到")
    assert "199" not in grid.everything_read
    # Who left stands in for nobody either.
    await asks_for_leave(too, "今天", "三天", "交给上一级")

    def down_as_deputy(session: Session) -> None:
        held = posts.posts_of(session, town.id_of(session, c.GRID_TOO), town.now())
        held[0].deputy_id = town.id_of(session, c.GRID)

    await town.write(down_as_deputy)
    await town.look_after(seconds=5)
    assert (await town.ticket(number)).owner_id not in (grid.id, too.id)


async def test_a_blocked_chat_is_followed(county_town: Town) -> None:
    town = county_town
    grid, secretary = await seat(town, c.GRID), await seat(town, c.SECRETARY)
    wang = await town.resident()
    number = await file_request(town, wang)
    await grid.presses("接单")
    await wang.hears("接了")
    await blocks(town, c.GRID)
    await town.look_after(seconds=5)
    await secretary.hears("【1号】")  # 周敏 never had a chat
    await secretary.hears("李建国联系不上了，1号")
    await wang.hears("现在由小区综合党支部书记何志远来办")
    assert (await town.ticket(number)).owner_id == secretary.id


async def test_unsolved_goes_to_who_serves_now(county_town: Town) -> None:
    """The owner at the top is on leave, and there is nobody above: no limbo."""
    town = county_town
    await town.write(lambda s: c.from_the_doorstep(s, town.now(), "climb"))
    housing, wang = await seat(town, c.HOUSING), await town.resident()
    admin = await seat(town, c.ADMIN)
    for name in (c.STEWARD, c.GRID, c.GRID_TOO, c.SECRETARY, c.SOCIAL, c.COMMITTEE, c.ADMIN_TOO):
        await left(town, name)
    number = await file_request(town, wang)
    await housing.presses("办结")
    await housing.says("换了")
    await wang.hears("解决了吗")
    await asks_for_leave(housing, "今天", "三天", "交给上一级")
    await admin.heard()
    await wang.presses("未解决")
    await admin.hears("【1号】")
    ticket = await town.ticket(number)
    assert ticket.owner_id in (None, admin.id)
    assert (ticket.owner_id is None) == (ticket.alarmed_at is not None)


# A compound without a worker


async def test_the_queue_is_offered_again_when_somebody_comes(county_town: Town) -> None:
    town = county_town
    admins = [await seat(town, name) for name in (c.ADMIN, c.ADMIN_TOO)]
    too, far = await seat(town, c.GRID_TOO), await town.resident(c.FAR)
    number = await file_request(town, far)  # lighting is the housing department's, without a chat
    ticket = await town.ticket(number)
    assert (ticket.owner_id, ticket.status) == (None, "waiting")
    for admin in admins:
        await admin.hears("没有", "网格、小区、社区这一级的人")
        await admin.hears("【1号】")
    await town.look_after(minutes=30)
    for admin in admins:
        await admin.heard_nothing()  # it is not said again and again
    await admins[0].says("待派单")
    await admins[0].hears("还没有人接的有 1 件", "1号")

    def posted(session: Session) -> None:
        village = session.scalars(select(Area.id).where(Area.name == "桂花新村")).one()
        person = town.id_of(session, c.GRID_TOO)
        posts.set_post(session, person_id=person, role=Role.GRID_WORKER, area_id=village)
        limbo.knock(session, town.now())

    await town.write(posted)
    await town.look_after(seconds=5)
    await too.hears("一直没有人接", "请您来办")
    await far.hears("现在由网格员周敏来办")
    assert await levels(town, number) == [("", "alarmed"), ("grid", "rerouted")]
    await admins[0].says("待派单")
    await admins[0].hears("件件有人管")


async def test_who_gets_a_chat_gets_what_waited(scripted_town: Town) -> None:
    town = scripted_town
    wang = await town.resident()
    number = await file_request(town, wang)
    assert (await town.ticket(number)).alarmed_at is not None
    worker = await town.unseated(county.GRID_WORKER, "网格员")
    await worker.opens(await town.invitation(county.GRID_WORKER))
    await worker.hears("李建国，您好")
    await town.look_after(seconds=5)
    await worker.hears("【1号】", "楼道灯不亮了")
    assert (await town.ticket(number)).owner_id is not None


async def test_an_admin_gives_it_to_somebody_by_hand(county_town: Town) -> None:
    town = county_town
    admin, social = await seat(town, c.ADMIN), await seat(town, c.SOCIAL)
    far = await town.resident(c.FAR)
    number = await file_request(town, far)
    await admin.says("待派单")
    await admin.presses("1号 路灯照明")
    await admin.hears("派给谁")
    await admin.says("张三丰")
    await admin.hears("没有找到这位")
    await admin.says("吴芳")
    await admin.hears("为什么派给他")
    await admin.says("那边还没有网格员")
    await admin.hears("已派给社会工作者吴芳")
    await social.hears("郑强把 1号派给了您", "那边还没有网格员")
    await far.hears("转给社会工作者吴芳")
    ticket = await town.ticket(number)
    assert (ticket.owner_id, ticket.alarmed_at) == (social.id, None)
    assert await levels(town, number) == [("", "alarmed"), ("community", "assigned")]
    await social.presses("接单")
    await social.says("待派单")
    await social.heard()
    assert "件件有人管" not in social.everything_read


# The nightly look


async def test_the_night_mends_what_slipped_through(county_town: Town) -> None:
    town = county_town
    grid, admin = await seat(town, c.GRID), await seat(town, c.ADMIN)
    wang = await town.resident()
    numbers = [await file_request(town, wang, words) for words in ("楼道灯不亮了", "路灯不亮")]
    await town.look_after()
    await admin.heard_nothing()

    def as_before_the_upgrade(session: Session) -> None:
        old, lost = (tickets.get(session, number) for number in numbers)
        assert old is not None
        assert lost is not None
        old.clock_limit, old.clock_since, old.next_at, old.rung = 0, None, None, 0
        tickets.end_stage(session, old.id, town.now())
        lost.owner_id = None

    await town.write(as_before_the_upgrade)
    await town.look_after(minutes=1)
    await admin.heard_nothing()
    town.at(2027, 3, 10, 3, 0)
    await town.look_after()
    run = await town.read(lambda s: duty_runs.last(s, "limbo"))
    assert run is not None
    assert run.slot == datetime(2027, 3, 10, 3, 0, tzinfo=CHINA)
    town.at(2027, 3, 10, 7, 31)  # nobody is woken for it
    town.app.delivery.wake()
    # Who has no owner is found by the queue's own look as well, whichever comes first.
    told = await admin.hears("查了一遍", "没有期限，补上了：1号")
    assert "要您派" not in told.text
    old, lost = [await town.ticket(number) for number in numbers]
    assert (old.rung, old.clock_limit) == (1, 120)
    assert old.next_at is not None
    assert lost.owner_id == grid.id
    assert ("mended", "") in await town.events(numbers[0])
    await town.rebuild()  # nothing is left for the look after a start to mend
    await town.look_after(minutes=1)
    await admin.heard_nothing()
    checks = await town.read(lambda s: len(s.scalars(select(LimboCheck.id)).all()))
    await town.look_after(hours=2)  # the clock of what was mended is running; nothing else is said
    await admin.heard_nothing()
    assert checks == await town.read(lambda s: len(s.scalars(select(LimboCheck.id)).all()))


async def test_joined_to_what_is_over_it_stands_alone(county_town: Town) -> None:
    town = county_town
    grid, wang = await seat(town, c.GRID), await town.resident()
    first = await file_request(town, wang)
    second = await file_request(town, wang, "路灯不亮")

    def join(session: Session) -> None:
        one, other = tickets.get(session, first), tickets.get(session, second)
        assert one is not None
        assert other is not None
        tickets.advance(
            session, other, other.version, status=Status.JOINED, master_id=first, owner_id=None,
            next_at=None,
        )  # fmt: skip
        tickets.end_stage(session, second, town.now())
        tickets.advance(session, one, one.version, status=Status.WITHDRAWN, next_at=None)

    await town.write(join)
    await grid.heard()
    town.at(2027, 3, 10, 3, 0)
    await town.look_after()
    await grid.hears("【2号】")
    ticket = await town.ticket(second)
    assert (ticket.status, ticket.owner_id, ticket.master_id) == ("waiting", grid.id, None)
