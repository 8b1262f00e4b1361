"""Plain words of workers that were not understood: a promise, a step, a colleague's work."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import addresses, areas
from storage.areas import Household
from storage.rota import Duty, RotaRow
from tests.conversations import whole_county as c
from tests.conversations.filing import file_request
from tests.conversations.many import given
from tests.conversations.matters import LAWYER, OFFICER, people_of, seat
from tests.conversations.notices import audited
from tests.conversations.steps import taken
from tests.conversations.town import Town


async def test_a_promise_after_claiming_goes_to_the_resident(scripted_town: Town) -> None:
    """我晚点来看 was asked about. What may be for somebody else still is, and so it is where there
    are two matters, or long after."""
    town = scripted_town
    worker, wang, number = await taken(town)
    await wang.heard()
    for said in ("我晚点来看", "好的，师傅明天上午来修", "您在家吗", "3点过来", "请您把欠条拍给我",
                 "我明天下午3点打电话给您"):  # fmt: skip
        await worker.says(said)
        await worker.hears(f"{number}号的回话已经发给王桂英")
        await wang.hears(said)
    for said in ("我明天来不了", "明天去开会", "晚点再说", "我没法联系您"):
        await worker.says(said)
        await worker.hears("是哪一件事")
    town.later(minutes=40)
    await worker.says("马上来")
    await worker.hears("是哪一件事")
    await given(town, "李建国", "赵大山", claimed=True)
    await worker.says("我晚点来看")
    await worker.hears("是哪一件事")
    await wang.heard_nothing()


async def test_a_step_of_an_errand_in_words(county_town: Town) -> None:
    """材料收到了 was offered as a reply or a note."""
    town = county_town
    helper, wang = await seat(town, c.SOCIAL), await town.resident()
    await wang.says("代办")
    await wang.says("想办老年证，腿脚不方便")
    await wang.presses("跳过")
    await wang.presses("提交")
    await helper.presses("接单")
    await helper.hears("归您了")
    await wang.heard()
    for said, step in (("材料收到了", "材料收齐"), ("交到窗口了", "已交到窗口")):
        await helper.says(said)
        await helper.hears(f"“{said}”，是说 1号")
        await wang.heard_nothing()  # not before it is pressed
        await helper.presses(f"{step} 1号 王桂英")
        await wang.hears(step)
    await helper.says("材料收到了")  # a step that is behind
    await helper.hears("是哪一件事")
    await helper.says("证办下来了")
    await helper.hears("给 1号（代办）办结吗")


async def test_who_serves_above_asks_about_a_worker(county_town: Town) -> None:
    """李建国办得咋样 began a request of the secretary's own. Nobody reads a colleague's figures."""
    town = county_town
    secretary, grid = await seat(town, c.SECRETARY), await seat(town, c.GRID)
    wang = await town.resident()
    await file_request(town, wang)
    await grid.presses("接单")
    await secretary.says("李建国手上还有几件")
    await secretary.hears("在办", "1号 路灯照明")
    for said in ("1号谁在办", "1号办到哪一步了"):
        await secretary.says(said)
        await secretary.hears("【1号】路灯照明", "已由网格员李建国接单")
    for said in ("李建国办得咋样", "李建国那边情况如何", "李建国上个月办了多少"):
        await secretary.says(said)
        await secretary.hears("正在算")
    await secretary.says("李建国怎么不接电话")
    await secretary.hears("对工作人员有意见")
    await grid.heard()
    for who, said in ((grid, "周敏办得咋样"), (wang, "李建国办得咋样")):
        await who.says(said)
        await who.heard()
        assert "正在算" not in who.everything_read


async def test_the_rota_and_whom_a_worker_looks_after(county_town: Town) -> None:
    """值班表, 我的居民 and 独居老人有哪些 were not understood."""
    town = county_town
    await people_of(town)

    def settle(session: Session) -> None:
        place = addresses.resolve_path(session, "莲花池社区")
        assert place is not None
        for name, duty, weekday in ((OFFICER, Duty.OFFICER, 2), (LAWYER, Duty.LAWYER, 3)):
            session.add(
                RotaRow(
                    area_id=place.id, person_id=town.id_of(session, name), duty=duty,
                    weekday=weekday, begins=540, ends=660,
                )
            )  # fmt: skip
        for home in session.scalars(select(Household)):
            door = areas.door_of(session, areas.get(session, home.area_id))
            home.groups = ["独居老人"] if door.endswith("501") else []

    await town.write(settle)
    officer, grid = await seat(town, OFFICER, "社区民警"), await seat(town, c.GRID)
    wang = await town.resident()
    await officer.says("值班表")
    await officer.hears("3月10日周三 9:00", f"{OFFICER}（您）", "3月11日周四", LAWYER)
    await grid.says("我的居民")
    await grid.hears("您管 3 户，其中要多照看的 1 户", "3栋1单元501：独居老人")
    await grid.says("独居老人有哪些")
    await grid.hears("有独居老人的 1 户", "3栋1单元501")
    await grid.says("低保户")
    await grid.hears("没有登记低保户")
    assert len(await audited(town, "door")) == 2
    for nobody in (officer, wang):
        await nobody.says("独居老人有哪些")
        await nobody.heard()
        assert "3栋1单元501" not in nobody.everything_read
