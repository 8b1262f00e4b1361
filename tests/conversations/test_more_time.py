"""延期, asked for by a worker and decided by who stands above; and 催一下李建国."""

from __future__ import annotations

from storage import figures
from storage.figures import Scope
from tests.conversations import whole_county as c
from tests.conversations.filing import file_request
from tests.conversations.matters import seat
from tests.conversations.people import Person
from tests.conversations.steps import change, duties, whole_county
from tests.conversations.town import Town


async def in_hand(town: Town) -> tuple[Person, Person, Person, int]:
    """A grid worker with a lamp, whose it is, and the secretary above."""
    li, he, wang = await seat(town, c.GRID), await seat(town, c.SECRETARY), await town.resident()
    number = await file_request(town, wang)
    await li.says("接单")
    await li.hears("归您了")
    return li, he, wang, number


async def given_more_time(town: Town) -> int:
    """How many matters stand in 延期率."""

    def job(session):  # type: ignore[no-untyped-def]
        area = whole_county(session).id
        scope = Scope(town.now().replace(day=1), town.now(), area_id=area)
        return figures.report(session, scope, town.now()).whole["extended"].top

    return int(await town.read(job))


async def test_more_time_is_asked_for_and_granted(county_town: Town) -> None:
    town = county_town
    li, he, wang, number = await in_hand(town)
    await li.says("能不能宽限两天")
    await li.hears(f"{number}号的期限是 3月11日 14:30")
    await li.presses("申请延期")
    await li.hears("为什么要延期", "居民都看得到")  # two days on is a Saturday: Monday
    await li.says("等灯泡到货")
    await li.hears("已经报给小区综合党支部书记何志远", "期限还是 3月11日 14:30")
    await he.hears("李建国想把", "延到3月15日周一", "等灯泡到货")
    await li.says("延期")
    await li.presses("申请延期")
    await li.hears("已经报上去了")
    assert "要晚几天" not in wang.everything_read
    await he.says("可以")
    await he.hears("延到3月15日周一", "都知道了")
    await li.hears("何志远同意了", "3月15日 17:29")
    await wang.hears("要晚几天", "3月15日周一之前办好", "等灯泡到货")
    await he.presses("不同意")
    await he.hears("不用再定了")
    assert await given_more_time(town) == 1
    assert not (await town.ticket(number)).overdue
    town.at(2027, 3, 12, 9, 0)
    await duties(town)
    assert not (await town.ticket(number)).overdue
    town.at(2027, 3, 16, 9, 0)
    await duties(town)
    assert (await town.ticket(number)).overdue
    await wang.says("我的诉求")
    await wang.presses(f"{number}号")
    await wang.hears("同意延期：到3月15日周一，等灯泡到货")


async def test_more_time_is_refused_and_what_was_late_stays_late(county_town: Town) -> None:
    town = county_town
    li, he, _, number = await in_hand(town)
    await change(town, number, overdue=True)
    await li.says(f"{number}号要延期到下周五")
    await li.presses("申请延期")
    await li.hears("为什么要延期")
    await li.says("人手不够")
    await he.hears("延到3月19日周五", "人手不够")
    await he.says("不同意")
    await he.hears("没有延期")
    await li.hears("何志远没有同意", "期限还是 3月11日 14:30")
    await li.says(f"{number}号办不完")  # 1号 is no day
    await li.presses("申请延期")
    await li.hears("要延到哪一天办完")
    await li.says("昨天")
    await li.hears("要比现在的期限晚")
    await li.presses("三天后")
    await li.says("等配件")
    await he.presses("同意延期")
    await li.hears("何志远同意了")
    assert (await town.ticket(number)).overdue
    assert await given_more_time(town) == 1


async def test_who_stands_above_reminds_a_worker_once_a_day(county_town: Town) -> None:
    town = county_town
    li, he, wang, number = await in_hand(town)
    await li.says(f"催一下{number}号")
    await li.hears(f"【{number}号】")  # and not to the resident
    await he.says("催一下李建国")
    await he.hears("已经替您提醒李建国了", f"{number}号")
    await li.hears("何志远请您抓紧办", "期限 3月11日 14:30")
    await li.presses("看卡片")
    await li.hears(f"【{number}号】")
    await he.says(f"催一下{number}号")
    await he.hears("已经催过李建国了", "一天只提醒一次")
    await he.says("催一下周敏")
    await he.hears("周敏手上没有归您催的事")
    await li.heard()
    town.at(2027, 3, 10, 22, 30)
    await he.says(f"{number}号催一下")
    await he.hears("早上就看到")
    await li.heard_nothing()
    town.at(2027, 3, 11, 8, 0)
    town.app.delivery.wake()
    await li.hears("何志远请您抓紧办")
    assert "催一下" not in wang.everything_read
    assert [kind for kind, _ in await town.events(number)].count("hurried") == 2
