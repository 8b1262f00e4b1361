"""Ten matters from their first word to their last, for the tests and for `bot transcript --matter`.

Each takes a town of `whole_county` (every rung has somebody). What must be heard is waited for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy.orm import Session

from storage import addresses, areas, people, posts
from storage.base import vault_in
from storage.people import Person as Human
from storage.posts import Role
from tests.conversations import whole_county as c
from tests.conversations.people import Person
from tests.conversations.town import Town

LAWYER, MEDIATOR, OFFICER, LIAISON = "何敏", "罗永红", "方卫东", "陈秀兰"
NEIGHBOURS = ("赵大山", "林小玲")
DUTY_PHONE = "19900000031"


async def people_of(town: Town) -> None:
    """Who the county needs besides those of the ladder: a lawyer, a mediator, an officer, a
    liaison, and two more homes in 3栋."""

    def settle(session: Session) -> None:
        third = addresses.resolve_path(session, "莲花池社区/莲花池花园/3栋")
        assert third is not None
        community = areas.get(session, third.lineage[1])

        def person(name: str) -> Human:
            human = Human(name=name, created_at=town.now())
            session.add(human)
            session.flush()
            return human

        for name, role, place in (
            (LAWYER, Role.LAWYER, community),
            (MEDIATOR, Role.MEDIATOR, community),
            (OFFICER, Role.COMMUNITY_OFFICER, community),
            (LIAISON, Role.LIAISON, third),
        ):
            human = person(name)
            posts.set_post(session, person_id=human.id, role=role, area_id=place.id)
            if name == OFFICER:
                people.set_phone(session, human, DUTY_PHONE, proven=True)
        for name, door in zip(NEIGHBOURS, ("1单元501", "2单元402"), strict=True):
            home = areas.household(session, vault_in(session), third, door)
            human = person(name)
            human.home_id, human.consented_at = home.id, town.now()

    await town.write(settle)


async def seat(town: Town, name: str, role: str = "") -> Person:
    """A worker with a chat."""
    return await town.worker(name, role or c.ROLES[name])


async def files(who: Person, *steps: str) -> None:
    """Press what is asked, and hear the number."""
    for step in (*steps, "提交"):
        await who.presses(step)
    await who.hears("编号是")


async def solves(worker: Person, resident: Person, words: str, *, photo: bool = False) -> None:
    """接单, 办结, and the resident is asked."""
    await worker.presses("接单")
    await worker.hears("归您了")
    await resident.hears("接了")
    await worker.presses("办结")
    await worker.hears("怎么解决的")
    if photo:
        await worker.sends_photos(1, words)
    else:
        await worker.says(words)
    await resident.hears("您看解决了吗")


async def is_content(resident: Person) -> None:
    """已解决, 满意, nothing more to say."""
    await resident.presses("已解决")
    await resident.hears("满意吗")
    await resident.presses("满意")
    await resident.hears("还想说一句吗")
    await resident.presses("跳过")
    await resident.hears("就办到这儿了")


async def wish(town: Town) -> None:
    """微心愿: the liaison makes it come true."""
    liaison, wang = await seat(town, LIAISON, "联户党员"), await town.resident()
    await wang.says("微心愿")
    await wang.hears("小心愿")
    await wang.says("想要一个轮椅，下楼晒晒太阳")
    await files(wang)
    await liaison.hears("微心愿", "想要一个轮椅")
    await solves(liaison, wang, "轮椅送到家了")
    await is_content(wang)


async def legal(town: Town) -> None:
    """法律求助: the lawyer and nobody next door."""
    lawyer, grid = await seat(town, LAWYER, "片区律师"), await seat(town, c.GRID)
    wang = await town.resident()
    await wang.says("我要找律师")
    await wang.hears("您遇到什么事了")
    await wang.says("儿子在工地干了半年，老板不给工钱")
    await wang.hears("欠薪讨薪的事，可以找", LAWYER, OFFICER)
    await wang.hears("只有接的人看得到")
    await wang.presses("留给片区律师")
    await wang.hears("编号是")
    await lawyer.hears("法律求助", "不给工钱")
    await solves(lawyer, wang, "帮着写了仲裁申请，劳动局已经受理")
    await is_content(wang)
    await grid.heard_nothing()


async def menu(town: Town) -> None:
    """The menu, 更多, words instead of either, a question where they are not plain, and 0."""
    grid, wang = await seat(town, c.GRID), await town.resident()
    await wang.says("你好")
    await wang.hears("您要办什么")
    await wang.says("4")
    await wang.hears("还能办这些")
    await wang.says("更多")
    await wang.hears("回到开头")
    await wang.says("帮我问问低保")
    await wang.hears("低保")
    await wang.says("菜单")
    await wang.hears("您要办什么")
    await wang.says("厨房水龙头一直滴水")
    await wang.hears("是要办哪一样")
    await wang.says("2")
    await wang.hears("听起来是")
    await wang.says("我的网格员是谁")
    again = await wang.hears("您看")
    assert any("先去：谁管我这里" in label for label in again.labels)
    await wang.says("0")
    await wang.hears("来帮您")
    await grid.hears("水龙头")


async def errand(town: Town) -> None:
    """代办: papers by photo, each step told."""
    social, wang = await seat(town, c.SOCIAL), await town.resident()
    await wang.says("代办")
    await wang.says("想办老年证，腿脚不方便")
    await wang.hears("什么时候方便")
    await wang.says("下午都在家")
    await files(wang)
    await social.hears("想办老年证", "下午都在家")
    await social.presses("接单")
    await wang.hears("接了")
    await social.replies_to("想办老年证", "阿姨，身份证和一寸照片拍给我就行。")
    await wang.hears("身份证和一寸照片")
    await wang.sends_photos(2, "拍好了")
    await social.gets_files(2)
    await social.presses("办结")
    await social.says("证办好了，送到家里")
    await wang.hears("您看解决了吗", "送到家里")
    await is_content(wang)


async def by_guide(town: Town) -> None:
    """办事指南 and 帮我办: papers that only the helper opens, a word at each step."""
    helper, wang = await seat(town, c.SOCIAL), await town.resident()
    await wang.says("办事指南")
    await wang.says("老伴走不动了，想弄残疾证")
    await wang.hears("是不是“残疾证办理”")
    await wang.says("是的")
    await wang.hears("【残疾证办理】")
    await wang.presses("带什么")
    await wang.hears("☐ 1. 身份证（原件）")
    await wang.presses("帮我办")
    await wang.hears("因为什么")
    await wang.presses("生病或残疾，走不动")
    await wang.hears("现在一样一样拍给我")
    await wang.sends_photos(2)
    await wang.hears("身份证，收到 2 张")
    await wang.presses("下一样")
    for paper in ("户口簿", "两寸白底照片", "病历和检查单", "监护人身份证"):
        await wang.hears(paper)
        await wang.presses("没有" if paper == "监护人身份证" else "以后再给")
    await wang.hears("什么时候方便")
    await wang.says("下午都在家")
    await wang.hears("☑ 身份证：2 张照片")
    await files(wang)
    await wang.hears("照片收好了，2 张")
    await helper.hears("残疾证办理", "拍了 1 样")
    await helper.presses("接单")
    await wang.hears("接了")
    await helper.presses("看材料照片")
    await helper.gets_files(2)
    await wang.presses("补拍材料")
    await wang.presses("病历和检查单")
    await wang.sends_photos(1)
    await wang.presses("拍完了")
    await helper.hears("补拍了病历和检查单")
    for step in ("材料收齐", "已交到窗口"):
        await helper.presses(step)
        await wang.hears(step)
    await helper.presses("办好了")
    await wang.hears("您看解决了吗")
    await is_content(wang)


async def mediation(town: Town) -> None:
    """矛盾调解: both sides are invited, agree, and have the agreement as a document."""
    mediator, wang = await seat(town, MEDIATOR, "调解员"), await town.resident()
    zhao = await town.resident(NEIGHBOURS[0])
    await wang.says("调解")
    await wang.says("楼上半夜搬东西，说了几回都不听")
    await wang.hears("对方是谁")
    await wang.says("3栋1单元501")
    await files(wang)
    await mediator.hears("矛盾调解", "半夜搬东西")
    await mediator.presses("接单")
    await wang.hears("接了")
    await mediator.presses("约双方")
    await mediator.hears("对方")
    await mediator.says("3栋1单元501")
    await mediator.hears("是哪一位")
    await mediator.presses(NEIGHBOURS[0])
    await mediator.hears("请帖上写什么事")
    await mediator.presses("邻里相处的事")
    await mediator.hears("约在什么时候")
    await mediator.says("明天下午三点")
    await mediator.hears("在哪里谈")
    await mediator.presses("社区调解室")
    await mediator.presses("发出邀请")
    for side in (wang, zhao):
        await side.hears("请您来", "邻里相处的事", "社区调解室")
        await side.presses("参加")
        await side.hears("到时候见")
    await mediator.hears("两边都来")
    town.at(2027, 3, 10, 17, 1)
    await town.look_after()
    await mediator.hears("谈得怎么样")
    await mediator.presses("达成协议")
    await mediator.hears("事情经过")
    await mediator.says("楼上夜里搬东西，两家争吵")
    await mediator.hears("该担什么责任")
    await mediator.says("跳过")
    await mediator.hears("商量好了哪几条")
    await mediator.says("晚上十点以后不搬东西")
    await mediator.presses("说完了")
    await mediator.hears("怎么做到")
    await mediator.says("楼上铺一块地垫")
    await mediator.hears("什么时候做完")
    await mediator.says("3月31日以前")
    await mediator.presses("发给双方")
    for side in (wang, zhao):
        await side.hears("晚上十点以后不搬东西", "电子确认不等于签名")
        await side.presses("同意")
    await mediator.hears("两边都同意了协议")
    for one in (wang, zhao, mediator):
        await one.gets_files(1)
    await mediator.presses("办结")
    await mediator.says("两家说开了，写了协议")
    await wang.hears("您看解决了吗")
    await is_content(wang)
    town.at(2027, 3, 17, 17, 29)
    await town.look_after()
    for side in (wang, zhao):
        await side.hears("都做到了吗")
        await side.presses("都做到了")
        await side.hears("太好了")
    assert "半夜" not in zhao.everything_read


async def urgent(town: Town) -> None:
    """Danger: whom to call comes first; a photo goes with the result."""
    grid, wang = await seat(town, c.GRID), await town.resident()
    await wang.says("楼道里煤气味好大")
    await wang.hears("火警 119")
    await wang.hears("社区民警" + OFFICER, DUTY_PHONE)
    await wang.hears("先顾人")
    await wang.presses("楼里公共地方")
    await wang.hears("已经当急事报给")
    await grid.hears("‼️急", "煤气味好大")
    await solves(grid, wang, "燃气公司关了阀门，换了管子", photo=True)
    await is_content(wang)


async def reopened(town: Town) -> None:
    """未解决: the next rung, a fresh round."""
    grid, secretary = await seat(town, c.GRID), await seat(town, c.SECRETARY)
    wang = await town.resident()
    await wang.says("楼道灯不亮了")
    await files(wang, "路灯照明", "楼里公共地方")
    await grid.hears("楼道灯不亮了")
    await solves(grid, wang, "灯泡换了")
    await wang.presses("未解决")
    await wang.hears("还差什么")
    await wang.says("六楼的还是不亮")
    await wang.hears("交给何志远接着办")
    await secretary.hears("六楼的还是不亮")
    await solves(secretary, wang, "六楼线路也修好了")
    await is_content(wang)
    assert (await town.ticket()).round == 2


async def to_the_county(town: Town) -> None:
    """上报 from rung to rung, a unit called in on the way, and the department solves it."""
    grid, secretary, social = [await seat(town, n) for n in (c.GRID, c.SECRETARY, c.SOCIAL)]
    power, housing = await seat(town, c.POWER), await seat(town, c.HOUSING)
    wang = await town.resident()
    await wang.says("楼道灯不亮了")
    await files(wang, "路灯照明", "楼里公共地方")
    for worker, why, above in (
        (grid, "整条线路老化", "何志远"),
        (secretary, "要动公共维修资金", "吴芳"),
    ):
        await worker.presses("上报")
        await worker.says(why)
        await worker.hears("已上报给", above)
        await wang.hears("报给", above)
    await social.presses("接单")
    await social.presses("更多")
    await social.presses("吹哨")
    await social.presses("供电公司")
    await social.says("请看看总线路")
    await power.hears("请您一起办", "请看看总线路")
    await power.presses("回复")
    await power.says("总线路要换，两天能完")
    await social.hears("总线路要换")
    await wang.hears("总线路要换")
    await social.presses("上报")
    await social.says("经费要县里批")
    await housing.hears("经费要县里批")
    await solves(housing, wang, "经费批了，线路换好了")
    await is_content(wang)


async def joined(town: Town) -> None:
    """Three homes, one lamp: one card, each is told and asked."""
    grid, wang = await seat(town, c.GRID), await town.resident()
    secretary = await seat(town, c.SECRETARY)
    others = [await town.resident(name) for name in NEIGHBOURS]
    await wang.says("楼道灯不亮了")
    await files(wang, "路灯照明", "楼里公共地方")
    for other in others:
        await other.says("楼道里的灯坏了，不亮")
        await other.presses("路灯照明")
        await other.presses("楼里公共地方")
        shown = await other.hears("不亮了")
        assert "王桂英" not in shown.text
        await other.presses("我也遇到")
    await secretary.hears("3 户")
    await grid.presses("接单")
    for one in (wang, *others):
        await one.hears("接了")
    await grid.presses("办结")
    await grid.says("整个单元的灯都换了")
    for one in (wang, *others):
        await one.hears("您看解决了吗")
        await is_content(one)


async def on_leave(town: Town) -> None:
    """请假: what is open goes to who stands in."""
    grid, deputy = await seat(town, c.GRID), await seat(town, c.GRID_TOO)
    wang = await town.resident()
    await wang.says("楼道灯不亮了")
    await files(wang, "路灯照明", "楼里公共地方")
    await grid.presses("接单")
    await grid.says("请假")
    await grid.presses("明天")
    await grid.says("三天")
    await grid.presses("周敏")
    await grid.hears("对吗")
    await grid.says("对")
    await deputy.hears("请您替岗")
    await town.look_after(hours=23)
    await deputy.hears("请您接着办")
    await wang.hears("现在由网格员周敏来办")
    await solves(deputy, wang, "灯换好了")
    await is_content(wang)


async def for_an_elder(town: Town) -> None:
    """代报: the liaison files for somebody without a chat, and is asked at the end."""
    liaison, grid = await seat(town, LIAISON, "联户党员"), await seat(town, c.GRID)
    await liaison.says("代报")
    await liaison.hears("怎么称呼这位")
    await liaison.says("张奶奶")
    await liaison.presses("知道，是她让报的")
    await liaison.says("莲花池花园3栋")
    await liaison.says("3单元101")
    await liaison.presses("跳过")
    await liaison.says("水龙头关不紧，一直滴水")
    await liaison.presses("1")
    await files(liaison, "就在她家")
    await grid.hears("一直滴水", "张奶奶")
    await grid.presses("接单")
    await grid.hears("归您了")
    await grid.presses("办结")
    await grid.says("换了水龙头")
    await liaison.hears("张奶奶", "您看解决了吗")
    await is_content(liaison)


async def complaint(town: Town) -> None:
    """对工作人员有意见: past the worker, to who stands above."""
    grid, secretary = await seat(town, c.GRID), await seat(town, c.SECRETARY)
    wang = await town.resident()
    await wang.says("投诉网格员")
    await wang.presses("网格员李建国")
    await wang.says("打了三回电话都不接")
    await wang.hears("何志远", "看不到")
    await files(wang)
    await secretary.hears("打了三回电话都不接")
    await solves(secretary, wang, "谈了话，以后当天回电话")
    await is_content(wang)
    assert "三回电话" not in grid.everything_read


MATTERS: dict[str, Callable[[Town], Awaitable[None]]] = {
    "wish": wish,
    "legal": legal,
    "menu": menu,
    "errand": errand,
    "guides": by_guide,
    "mediation": mediation,
    "urgent": urgent,
    "reopened": reopened,
    "county": to_the_county,
    "joined": joined,
    "leave": on_leave,
    "elder": for_an_elder,
    "complaint": complaint,
}
"""By the name that `bot transcript --matter` takes."""


async def play(town: Town, name: str) -> None:
    """One matter, on a working Tuesday at nine."""
    town.at(2027, 3, 9, 9, 0)
    await people_of(town)
    await MATTERS[name](town)
