"""我也遇到: several homes with one matter; each is told, asked and counted for itself."""

from __future__ import annotations

from sqlalchemy.orm import Session

from storage import ratings, tickets
from storage.posts import Role
from tests.conversations import county
from tests.conversations.neighbours import files, joins, neighbour, status, tells, three
from tests.conversations.steps import at, community, duties, hired, resolve
from tests.conversations.town import Town

# The main walk


async def test_three_homes_one_lamp(town: Town) -> None:
    worker, (wang, zhao, qian), (master, second, third) = await three(town)
    await worker.hears("赵大山说也遇到了", "一共 2 户")
    await worker.hears("钱小妹说也遇到了", "一共 3 户")
    assert await status(town, master, second, third) == ["waiting", "joined", "joined"]
    assert (await town.ticket(master)).households == 3
    assert (await town.ticket(second)).owner_id is None
    await worker.says("我的任务")
    listed = await worker.hears("您手上的事")
    assert f"{master}号" in listed.text
    assert f"{second}号" not in listed.text
    await worker.presses("接单", (await worker.finds("接单"))[0])
    for who, number in ((wang, master), (zhao, second), (qian, third)):
        await who.hears(f"您的 {number}号，网格员李建国接了")
    await worker.presses("回复")
    await worker.hears("一起的还有 2 件")
    await worker.says("明天来换灯")
    for who, number in ((wang, master), (zhao, second), (qian, third)):
        await who.hears(f"回复您的 {number}号", "明天来换灯")
    await zhao.says("我下午在家")  # to the worker, not to the others
    await worker.hears(f"{master}号（一起的 {second}号）", "赵大山说", "我下午在家")
    await worker.replies_to("我下午在家", "好，先到您那儿")
    await zhao.hears("好，先到您那儿")
    for other in (wang, qian):
        await other.heard_nothing()
    await worker.says("我的任务")
    await worker.presses(f"{master}号")
    await resolve(worker)
    for who, number in ((wang, master), (zhao, second), (qian, third)):
        await who.hears(f"您的 {number}号", "灯换好了", "您看解决了吗")
    await wang.presses("已解决")
    await wang.presses("满意", (await wang.finds("基本满意"))[0])
    await zhao.presses("已解决")
    await zhao.presses("不满意")
    await town.settle()
    assert await status(town, master, second, third) == ["closed", "closed", "resolved"]

    def scores(session: Session) -> list[list[str]]:
        return [[r.score for r in ratings.of(session, n)] for n in (master, second, third)]

    assert await town.read(scores) == [["satisfied"], ["unsatisfied"], []]


async def test_not_solved_for_one_is_their_own_on_the_next_rung(scripted_town: Town) -> None:
    town = scripted_town
    worker, (wang, zhao, qian), (master, second, third) = await three(town)
    social = await town.social_worker()
    await worker.presses("接单")
    await resolve(worker)
    await wang.presses("已解决")
    await zhao.presses("未解决")
    await zhao.says("我这层还是黑的")
    await zhao.hears(f"{second}号交给吴芳接着办")
    await social.hears(f"【{second}号】", "楼道灯不亮")
    own = await town.ticket(second)
    assert (own.status, own.owner_id, own.master_id, own.round) == ("waiting", social.id, None, 2)
    assert await status(town, master, third) == ["closed", "resolved"]
    at(town, 12, days=1)
    await duties(town)  # the third has a clock of its own
    await qian.hears("还想问您一声")
    at(town, 12, days=3)
    await duties(town)
    await qian.hears("未回访")
    assert await status(town, third) == ["lapsed"]
    assert (await town.ticket(master)).status == "closed"


async def test_nobody_s_data_is_shown(scripted_town: Town) -> None:
    town = scripted_town
    wang, zhao = await town.resident(), await town.resident(county.NEIGHBOUR)
    number = await files(town, wang)
    await tells(zhao)
    shown = await zhao.hears("楼道灯不亮了", "莲花池花园3栋", "等人接单")
    await zhao.presses("我也遇到")
    await zhao.hears("一起办")
    await zhao.says("我的诉求")
    await zhao.presses("2号")
    await zhao.heard()
    for secret in ("19912345678", "302", county.RESIDENT, "我姓王", f"{number}号"):
        assert secret not in shown.text
    for secret in ("19912345678", "302", county.RESIDENT):
        assert secret not in zhao.everything_read


async def test_another_matter_is_filed_as_ever(scripted_town: Town) -> None:
    town = scripted_town
    wang, zhao = await town.resident(), await town.resident(county.NEIGHBOUR)
    await files(town, wang)
    await tells(zhao)
    await zhao.hears("是不是同一件")
    await zhao.presses("不是同一件，另外报")
    await zhao.hears("您看对不对")
    await zhao.presses("提交")
    await zhao.hears("编号是")
    await town.settle()
    ticket = await town.ticket()
    assert (ticket.status, ticket.master_id) == ("waiting", None)


async def test_what_is_never_shown(scripted_town: Town) -> None:
    """One's own, another kind, another compound, what is over, what is old, what is private."""
    town = scripted_town
    wang, zhao = await town.resident(), await town.resident(county.NEIGHBOUR)
    stranger = await town.resident(county.STRANGER)
    number = await files(town, wang)
    for who, kind in ((stranger, "路灯照明"), (zhao, "电梯")):
        await who.says("3栋楼道的灯坏了，楼道灯不亮")
        if kind == "电梯":
            await who.presses("都不是")
        await who.presses(kind) if kind != "电梯" else await who.says("电梯")
        await who.presses("楼里公共地方")
        await who.hears("您看对不对")
        await who.says("取消")
    for change in ({"status": "resolved"}, {"privacy": "private"}, {"privacy": "confidential"}):

        def job(session: Session, change: dict[str, str] = change) -> None:
            ticket = session.get_one(tickets.Ticket, number)
            ticket.status, ticket.privacy = "waiting", "open"
            for name, value in change.items():
                setattr(ticket, name, value)

        await town.write(job)
        await tells(zhao)
        await zhao.hears("您看对不对")
        await zhao.says("取消")
    await town.write(lambda s: setattr(s.get_one(tickets.Ticket, number), "privacy", "open"))
    town.later(days=31)
    await tells(zhao)
    await zhao.hears("您看对不对")
    for who in (zhao, stranger):
        assert "是不是同一件" not in who.everything_read


async def test_danger_is_not_held_up_by_the_question(scripted_town: Town) -> None:
    town = scripted_town
    wang, zhao = await town.resident(), await town.resident(county.NEIGHBOUR)
    await files(town, wang)
    await zhao.says("3栋楼道灯不亮了，电线着火了")
    await zhao.presses("楼里公共地方")
    await zhao.hears("当急事")
    assert "是不是同一件" not in zhao.everything_read


# Many homes


async def test_many_homes_are_heard_above_and_make_it_urgent(scripted_town: Town) -> None:
    town = scripted_town
    social = await town.social_worker()
    worker, _, (master, *_) = await three(town)
    await social.hears(f"{master}号（路灯照明）已经有 3 户遇到", "请您留意")
    assert not (await town.ticket(master)).urgent
    for number, name in enumerate(("孙小妹", "李小妹"), start=1):
        await joins(town, await neighbour(town, name, f"3单元10{number}"))
    ticket = await town.ticket(master)
    assert ticket.urgent
    assert ticket.households == 5
    card = await worker.hears("急件：夜里、假日也算时间", "有 5 户说也遇到了")
    assert card.edited
    await social.heard_nothing()


async def test_for_an_elder_too(scripted_town: Town) -> None:
    """代报 and 我也遇到 together: the elder hears of it, may disown it, and is asked at the end."""
    town = scripted_town
    worker, wang = await town.grid_worker(), await town.resident()
    granny, zhao = await neighbour(town, "张奶奶", "2单元101"), await town.resident("赵大山")
    master = await files(town, wang)
    for words in ("代报", "张奶奶", "是他让报的", "别的地方", "莲花池花园3栋", "2单元101", "跳过"):
        await zhao.says(words)
    await joins(town, zhao)
    ticket = await town.ticket()
    assert (ticket.filer_id, ticket.reporter_id) == (granny.id, zhao.id)
    assert (ticket.status, ticket.master_id) == ("joined", master)
    await granny.hears("赵大山替您报了一件事")
    await worker.presses("接单", (await worker.hears(f"【{master}号】", "2 户说也遇到")))
    await granny.hears("网格员李建国接了")
    await granny.presses("这不是我要报的")
    await zhao.hears("不是自己要报的")
    assert (await town.ticket(master)).households == 1


async def test_two_of_one_home_are_one(scripted_town: Town) -> None:
    town = scripted_town
    wang, zhao = await town.resident(), await town.resident(county.NEIGHBOUR)
    master = await files(town, wang)
    await joins(town, zhao)
    wife = await neighbour(town, "赵太太", "1单元501")
    await joins(town, wife)
    assert (await town.ticket(master)).households == 2


async def test_who_is_away_above_is_not_told(scripted_town: Town) -> None:
    town = scripted_town
    boss = await hired(town, "钱书记", Role.COMMUNITY_COMMITTEE, community)
    assert boss is not None
    _, _, (master, *_) = await three(town)
    await boss.hears(f"{master}号", "3 户遇到")  # the social worker has no chat
