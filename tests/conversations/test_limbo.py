"""No limbo: leave, departures, blocked chats, empty compounds, and the nightly look through all."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import absences, duty_runs, limbo, people, posts, tickets
from storage.areas import Area
from storage.limbo import LimboCheck
from storage.posts import Role
from storage.tickets import Status
from tests.conversations import county
from tests.conversations import whole_county as c
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.test_ladder import left, levels, seat
from tests.conversations.town import Town

CHINA = ZoneInfo("Asia/Shanghai")


async def away(town: Town, name: str) -> list[tuple[datetime, datetime]]:
    def job(session: Session) -> list[tuple[datetime, datetime]]:
        found = absences.coming(session, town.id_of(session, name), town.now())
        return [(one.since.astimezone(CHINA), one.until.astimezone(CHINA)) for one in found]

    return await town.read(job)


async def blocks(town: Town, name: str) -> None:
    """Every chat of a person refuses what we send, as after a 403."""

    def job(session: Session) -> None:
        for account in people.accounts_of(session, town.id_of(session, name)):
            people.block(session, account.channel, account.chat, town.now())

    await town.settle()
    await town.write(job)


async def asks_for_leave(
    who: Person, first: str, last: str, deputy: str, asked: str = "替您"
) -> None:
    await who.says("请假")
    await who.hears("从哪一天开始请")
    await who.says(first)
    await who.hears("请到哪一天")
    await who.says(last)
    await who.hears(asked)
    await who.presses(deputy)
    await who.hears("对吗")
    await who.presses("就这样请假")
    await who.hears("请假记下了")


# 请假


async def test_leave_hands_on_what_is_open(county_town: Town) -> None:
    town = county_town
    grid, too, wang = await seat(town, c.GRID), await seat(town, c.GRID_TOO), await town.resident()
    number = await file_request(town, wang)
    await grid.presses("接单")
    await asks_for_leave(grid, "明天", "三天", "周敏")
    assert await away(town, c.GRID) == [
        (datetime(2027, 3, 10, tzinfo=CHINA), datetime(2027, 3, 13, tzinfo=CHINA))
    ]
    await too.hears("李建国从 3月10日周三到 3月12日周五请假", "请您替岗")
    await town.look_after(minutes=5)
    await too.heard_nothing()  # not before tomorrow
    assert (await town.ticket(number)).owner_id == grid.id
    await town.look_after(hours=15)
    await too.hears("【1号】")
    await too.hears("李建国请假了，1号", "请您接着办")
    await grid.hears("您请假了，1号先交给网格员周敏")
    await wang.hears("现在由网格员周敏来办")
    await town.look_after(minutes=5)
    await wang.heard_nothing()
    ticket = await town.ticket(number)
    assert (ticket.owner_id, ticket.status) == (too.id, "waiting")
    assert (await levels(town, number))[-1] == ("grid", "rerouted")
    # Who is away cannot take anything on without saying that they are back.
    await grid.heard()
    await file_request(town, wang, "楼道灯又不亮了")
    await too.hears("【2号】")
    await grid.heard_nothing()
    await grid.says("销假")
    await grid.hears("欢迎回来")
    assert await away(town, c.GRID) == []
    third = await file_request(town, wang, "楼下路灯不亮")
    assert (await town.ticket(third)).owner_id == grid.id


async def test_leave_over_every_channel(town: Town) -> None:
    """The colleague of the same role in the next compound is offered; nothing but words typed."""
    worker = await town.grid_worker()
    colleague = await town.grid_worker(county.OTHER_WORKER)
    wang = await town.resident()
    number = await file_request(town, wang)
    await worker.says("我要请假")
    await worker.says("今天")
    await worker.hears("请到哪一天")
    await worker.says("下下周五")
    await worker.hears("谁替您")
    await worker.says("周敏")
    await worker.hears("由周敏替岗", "手上 1 件")
    await worker.says("是的")
    await worker.hears("请假记下了")
    await town.look_after(seconds=10)
    await colleague.hears("【1号】")
    await wang.hears("现在由网格员周敏来办")
    assert (await town.ticket(number)).owner_id == colleague.id


async def test_a_circle_of_deputies_is_refused_in_plain_words(county_town: Town) -> None:
    town = county_town
    grid, too = await seat(town, c.GRID), await seat(town, c.GRID_TOO)
    await too.says("请假")
    await too.says("今天")
    await too.says("后天")
    await too.hears("谁替您")
    await too.presses("李建国")
    await too.hears("两个人互相替")
    again = await too.hears("替您可以吗")
    assert "李建国" not in " ".join(again.labels)
    await too.presses("交给上一级")
    await too.hears("没有人替岗")
    await too.presses("就这样请假")
    await too.hears("请假记下了")
    await grid.heard_nothing()


async def test_deputies_are_followed_when_both_are_away(county_town: Town) -> None:
    town = county_town
    grid, too = await seat(town, c.GRID), await seat(town, c.GRID_TOO)
    social, wang = await seat(town, c.SOCIAL), await town.resident()
    number = await file_request(town, wang)
    await grid.presses("接单")
    await asks_for_leave(too, "今天", "三天", "吴芳")
    await asks_for_leave(grid, "今天", "三天", "交给上一级")

    def stand_in(session: Session) -> None:
        held = posts.posts_of(session, town.id_of(session, c.GRID), town.now())
        held[0].deputy_id = town.id_of(session, c.GRID_TOO)

    await town.write(stand_in)
    await town.look_after(minutes=1)
    await social.hears("李建国请假了，1号")
    await wang.hears("现在由网格员吴芳来办")
    ticket = await town.ticket(number)
    assert (ticket.owner_id, ticket.rung) == (social.id, 1)


async def test_a_short_absence_keeps_only_new_ones_away(county_town: Town) -> None:
    town = county_town
    grid, too, wang = await seat(town, c.GRID), await seat(town, c.GRID_TOO), await town.resident()
    number = await file_request(town, wang)
    await grid.presses("接单")
    until = 3 * 3600

    def out(session: Session) -> None:
        later = datetime.fromtimestamp(town.now().timestamp() + until, CHINA)
        absences.set_absence(session, town.id_of(session, c.GRID), town.now(), later)

    await town.write(out)
    await town.look_after(minutes=5)
    assert (await town.ticket(number)).owner_id == grid.id
    second = await file_request(town, wang, "楼道灯又不亮了")
    assert (await town.ticket(second)).owner_id == too.id


async def test_an_admin_writes_down_somebodys_leave(county_town: Town) -> None:
    town = county_town
    admin, grid = await seat(town, c.ADMIN), await seat(town, c.GRID)
    too, wang = await seat(town, c.GRID_TOO), await town.resident()
    await admin.says("请假")
    await admin.hears("给谁请假")
    await admin.says("李建国")
    await admin.says("3月9日")
    await admin.says("12号")
    await admin.presses("周敏")
    await admin.hears("李建国从 3月9日周二请假到 3月12日周五")
    await admin.presses("就这样请假")
    await admin.hears("李建国的请假记下了")
    await grid.hears("您的请假记下了")
    await too.hears("请您替岗")
    assert len(await away(town, c.GRID)) == 1
    await admin.says("回来了")
    await admin.hears("谁回来了")
    await admin.says("李建国")
    await admin.hears("李建国回岗了")
    await grid.hears("欢迎回来")
    assert await away(town, c.GRID) == []
    await wang.says("请假")
    await wang.heard()
    assert "从哪一天" not in wang.everything_read


async def test_days_that_make_no_sense_are_asked_again(county_town: Town) -> None:
    grid = await seat(county_town, c.GRID)
    await grid.says("请假")
    await grid.hears("从哪一天开始请")
    for nonsense in ("昨天的事", "3月1日", "随便"):
        await grid.says(nonsense)
        await grid.hears("没看懂是哪一天")
    await grid.says("下周一")
    await grid.hears("请到哪一天")
    await grid.says("3月10日")
    await grid.hears("不能早于 3月15日周一")


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
        for level in ("网格", "小区", "社区"):
            await admin.hears(f"没有{level}这一级的人")
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
    told = await admin.hears("查了一遍", "没有期限，补上了：1号", "没有人管，重新派了：2号")
    assert "要您派" not in told.text
    old, lost = [await town.ticket(number) for number in numbers]
    assert (old.rung, old.clock_limit) == (1, 120)
    assert old.next_at is not None
    assert lost.owner_id == grid.id
    assert ("mended", "") in await town.events(numbers[0])
    await town.rebuild()
    await town.look_after(minutes=1)
    await admin.heard_nothing()
    checks = await town.read(lambda s: len(s.scalars(select(LimboCheck.id)).all()))
    run = await town.read(lambda s: duty_runs.last(s, "limbo"))
    assert run is not None
    assert run.slot == datetime(2027, 3, 10, 3, 0, tzinfo=CHINA)
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
