"""请假 and 销假: from when until when, who stands in, and where what is open goes."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from storage import absences, people, posts
from storage.posts import Role
from tests.conversations import county
from tests.conversations import whole_county as c
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.test_ladder import levels, seat
from tests.conversations.town import Town

CHINA = ZoneInfo("Asia/Shanghai")


async def away(town: Town, name: str) -> list[tuple[datetime, datetime]]:
    def job(session: Session) -> list[tuple[datetime, datetime]]:
        found = absences.coming(session, town.id_of(session, name), town.now())
        return [(one.since.astimezone(CHINA), one.until.astimezone(CHINA)) for one in found]

    return await town.read(job)


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
    town.at(2027, 3, 10, 8, 0)  # at midnight it was theirs; nobody is woken for it
    town.app.delivery.wake()
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
    await grid.hears(f"{number}号 路灯照明｜换人接着办，交给周敏")  # it did not say to whom
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
    await asks_for_leave(grid, "明天", "两天", "周敏")
    await grid.heard()
    await too.heard()
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
        leave = absences.coming(session, town.id_of(session, c.GRID), town.now())[0]
        leave.name_deputy(town.id_of(session, c.GRID_TOO))

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


async def test_half_a_day(county_town: Town) -> None:
    """今天下午请假 was the whole day."""
    town = county_town
    grid, too, wang = await seat(town, c.GRID), await seat(town, c.GRID_TOO), await town.resident()
    number = await file_request(town, wang)
    await grid.presses("接单")
    await grid.says("今天下午请假")
    await grid.hears("这天谁替您")
    await grid.says("周敏")
    await grid.hears("3月9日周二下午请假", "由周敏替岗", "手上的事还归您")
    await grid.says("是的")
    await too.hears("3月9日周二下午请假，这段时间请您替岗")
    noon, evening = (datetime(2027, 3, 9, hour, tzinfo=CHINA) for hour in (12, 18))
    assert await away(town, c.GRID) == [(noon, evening)]
    await town.look_after(hours=6)
    second = await file_request(town, wang, "楼道灯又不亮了")
    assert (await town.ticket(number)).owner_id == grid.id
    assert (await town.ticket(second)).owner_id == too.id
    await grid.says("请假")
    await grid.hears("您已经请了 3月9日周二下午")
    await grid.says("下周三")
    await grid.hears("请到哪一天")
    await grid.says("半天")
    await grid.hears("3月17日周三，请上午还是下午")
    await grid.says("上午")
    await grid.presses("周敏")
    await grid.hears("3月17日周三上午请假")


async def test_more_leave_is_one_leave(county_town: Town) -> None:
    """Two that overlapped were each to be taken back, and 取消 said 照常上班 after the first; the
    colleague who is not wanted any more was never told."""
    town = county_town
    grid, too = await seat(town, c.GRID), await seat(town, c.GRID_TOO)
    await asks_for_leave(grid, "明天", "三天", "周敏")
    await too.hears("请您替岗")
    await grid.says("再请两天")
    await grid.presses("周敏")
    await grid.hears("从 3月13日周六请假到 3月14日周日")
    await grid.says("是的")
    await grid.hears("您的请假记下了：3月10日周三到 3月14日周日")
    assert len(await away(town, c.GRID)) == 1
    await grid.says("下周三请假")
    await grid.presses("交给上一级")
    asked = await grid.hears("没有人替岗")
    assert "已经请的" not in asked.text
    await too.heard()
    await grid.says("是的")
    await grid.hears("3月17日周三，新的事找上一级")
    await too.heard_nothing()  # another deputy for one leave took the other leave from her
    await grid.says("3月12日到3月15日请假")
    await grid.presses("交给上一级")
    await grid.hears("已经请的 3月10日周三到 3月14日周日，也改找上一级")
    await grid.says("是的")
    await too.hears("改由上一级替，不用您替岗了")
    await grid.says("销假")
    await grid.presses("取消这次请假")
    await grid.hears("3月10日周三到 3月15日周一照常上班", "3月17日周三的请假照旧")
    await too.heard_nothing()
    await grid.says("销假")
    await grid.hears("3月17日周三。这次请假取消吗")
    await grid.says("请假三天")  # it only asked again
    await grid.hears("从哪一天开始请")


async def test_an_admin_speaks_of_others_leave(county_town: Town) -> None:
    """谁请假了, 李建国回来了 became a request of the admin, and 李建国请假三天 asked for whom."""
    town = county_town
    admin, grid = await seat(town, c.ADMIN), await seat(town, c.GRID)
    too, wang = await seat(town, c.GRID_TOO), await town.resident()
    await admin.says("谁请假了")
    await admin.hears("没有人请假")
    await admin.says("李建国明天请假三天，周敏替他")
    await admin.hears("李建国从 3月10日周三请假到 3月12日周五")
    await admin.says("是的")
    await grid.hears("您的请假记下了")
    await too.hears("请您替岗")
    await admin.says("谁请假了")
    await admin.hears("李建国：3月10日周三到 3月12日周五，周敏替岗")
    town.at(2027, 3, 10, 9, 0)
    await admin.says("李建国回来了")
    await admin.hears("李建国回岗了")
    await grid.hears("欢迎回来")
    assert await away(town, c.GRID) == []
    for who in (wang, grid):
        await who.says("谁请假了")
        await who.heard()
        assert "要请的" not in who.everything_read


async def test_each_leave_has_its_own_deputy(county_town: Town) -> None:
    """One deputy on the post stood in for all leaves: who was named for next week, or for an hour,
    took this week's; and two who stood in for each other in turn were refused."""
    town = county_town
    grid, too, wang = await seat(town, c.GRID), await seat(town, c.GRID_TOO), await town.resident()
    social = await seat(town, c.SOCIAL)
    await asks_for_leave(grid, "明天", "就这一天", "周敏")
    await asks_for_leave(grid, "下周三", "就这一天", "交给上一级")
    await grid.says("请假一小时")
    await grid.presses("吴芳")
    await grid.hears("吴芳")
    await social.hears("李建国")
    await too.says("下周四请假一天，李建国替我嘛")  # named, and asked for all the same
    await too.hears("3月18日周四请假一天，由李建国替岗")
    await too.says("是的")
    await too.hears("请假记下了")
    admin = await seat(town, c.ADMIN)
    await admin.says("谁请假了")
    await admin.hears("李建国：3月10日周三，周敏替岗")

    def serve(session: Session, day: int) -> set[int]:
        at = datetime(2027, 3, day, 9, 30, tzinfo=CHINA)
        home = session.get_one(people.Person, wang.id).home_id
        assert home is not None
        return {one.person_id for one in posts.all_serving(session, Role.GRID_WORKER, home, at)}

    for day, who in ((9, {social.id, too.id}), (10, {too.id}), (17, {too.id}), (18, {grid.id})):
        assert await town.read(partial(serve, day=day)) == who
