"""代报: filing for somebody else; who is asked at the end; what stays hidden."""

from __future__ import annotations

from sqlalchemy.orm import Session

from storage import addresses, areas, kin, people, tickets
from storage.base import vault_in
from storage.kin import told_for_another
from storage.people import Person as Human
from storage.phones import phone_digest
from tests.conversations import county
from tests.conversations.people import Person
from tests.conversations.steps import at, duties, resolve
from tests.conversations.town import Town

DOOR = "1单元302"


async def says_for_whom(
    who: Person, name: str = county.RESIDENT, door: str = DOOR, phone: str = "跳过"
) -> None:
    """Everything about the elder, up to the matter itself."""
    await who.says("代报")
    await who.hears("怎么称呼这位")
    await who.says(name)
    they = "她" if name == "张奶奶" else "他"
    await who.hears(f"知道您替{they}报")
    await who.presses(f"是{they}让报的")
    await who.hears("住在哪儿")
    await who.presses("别的地方")
    await who.hears("哪个社区")
    await who.says("莲花池花园3栋")
    await who.hears("门牌是多少")
    await who.says(door)
    await who.hears("电话知道吗")
    await who.says(phone)


async def files(town: Town, who: Person, words: str = "楼道灯不亮了") -> int:
    await who.hears("您有什么事")
    await who.says(words)
    await who.presses("路灯照明")
    await who.hears("出在哪儿")
    await who.says("1")
    await who.hears("您看对不对", "莲花池花园3栋")
    await who.presses("提交")
    await who.hears("替", "报好了，编号是")
    await town.settle()
    return (await town.ticket()).id


async def test_a_neighbour_files_for_an_elder(town: Town) -> None:
    worker, wang = await town.grid_worker(), await town.resident()
    zhao = await town.resident(county.NEIGHBOUR)
    await says_for_whom(zhao)
    number = await files(town, zhao)
    await wang.hears(f"{county.NEIGHBOUR}替您报了一件事，编号是 {number}号", "楼道灯不亮了")
    await worker.hears("楼道灯不亮了", county.RESIDENT, DOOR)
    ticket = await town.ticket(number)
    assert (ticket.filer_id, ticket.reporter_id) == (wang.id, zhao.id)
    await worker.presses("接单")
    for both in (wang, zhao):
        await both.hears(f"{number}号，网格员李建国接了")
    await resolve(worker)
    await wang.hears("您看解决了吗")
    await zhao.heard_nothing()
    await wang.presses("已解决")
    await wang.hears("您满意吗")


async def test_who_cannot_be_reached_is_asked_through_who_filed(detail_town: Town) -> None:
    town = detail_town
    worker, zhao = await town.grid_worker(), await town.resident(county.NEIGHBOUR)
    await says_for_whom(zhao, name="张奶奶", door="2单元101")
    number = await files(town, zhao)
    await worker.hears("张奶奶")
    await worker.presses("接单")
    await resolve(worker)
    await zhao.hears(f"张奶奶的 {number}号", "您看解决了吗")
    await zhao.presses("未解决")
    await zhao.says("还是黑的")
    await zhao.hears("接着办")


async def test_a_worker_files_and_does_it_and_nobody_is_left_to_ask(scripted_town: Town) -> None:
    town = scripted_town
    worker = await town.grid_worker()
    await worker.says("代报")
    await worker.says("张奶奶")
    await worker.presses("是她让报的")
    await worker.hears("住在哪儿")
    await worker.presses("莲花池花园")
    await worker.hears("几栋")
    await worker.says("3")
    await worker.says("2单元101")
    await worker.presses("跳过")
    number = await files(town, worker)
    await worker.presses("接单")
    await worker.says("我的诉求")
    await worker.presses(f"{number}号")
    await worker.presses("撤回")
    await worker.hears("您自己在办", "张奶奶")
    await worker.says("我的任务")
    await worker.presses(f"{number}号")
    await worker.presses("办结")
    await worker.says("灯换好了")
    await worker.hears("没有能收消息的窗口")
    at(town, 10, days=2)
    await duties(town)
    assert (await town.ticket(number)).status == "lapsed"
    await worker.says("我的诉求")
    await worker.hears(f"{number}号 路灯照明｜未回访")
    await worker.presses(f"{number}号")
    await worker.hears("没有能问的人")
    await worker.presses("已解决")
    await worker.hears("您自己办的")


async def test_a_liaison_picks_one_of_their_doors(scripted_town: Town) -> None:
    town = scripted_town
    liaison, wang = await town.liaison(), await town.resident()
    await liaison.says("帮我妈报一下，楼道灯不亮了")
    await liaison.hears("怎么称呼这位")
    await liaison.says(county.RESIDENT)
    await liaison.presses("是他让报的")
    await liaison.hears("住在哪儿")
    await liaison.presses("莲花池花园3栋1单元302")
    await liaison.hears("电话知道吗")
    await liaison.presses("跳过")
    await liaison.presses("路灯照明")  # what was said first is not asked for again
    await liaison.presses("就在他家")
    await liaison.presses("提交")
    await wang.hears("联户党员陈秀兰替您报了一件事")
    assert (await town.ticket()).filer_id == wang.id


async def test_the_same_door_as_the_speaker(scripted_town: Town) -> None:
    town = scripted_town
    wang = await town.resident()
    await wang.says("帮老人报")
    await wang.says("老伴")
    await wang.presses("是他让报的")
    await wang.presses("跟我住一个门牌")
    await wang.presses("跳过")
    number = await files(town, wang)
    ticket = await town.ticket(number)

    def job(session: Session) -> tuple[int | None, int | None]:
        one, other = (session.get_one(Human, who) for who in (ticket.filer_id, wang.id))
        return one.home_id, other.home_id

    theirs, ours = await town.read(job)
    assert theirs == ours
    assert ticket.filer_id != wang.id


async def test_without_their_knowing_nothing_is_filed(scripted_town: Town) -> None:
    zhao = await scripted_town.resident(county.NEIGHBOUR)
    await zhao.says("代报")
    await zhao.says("王桂英")
    await zhao.presses("还没跟他说")
    await zhao.hears("请先跟王桂英说一声")
    assert await scripted_town.ticket_count() == 0


async def test_what_was_told_waits_until_they_know(scripted_town: Town) -> None:
    """Fault 13: 还没, and the words were gone."""
    town = scripted_town
    wang = await town.resident()
    await wang.says("帮我妈报个灯坏了")
    await wang.says("我妈")
    await wang.hears("您妈妈知道您替她报", "她会收到消息")
    await wang.says("还没")
    await wang.hears("请先跟您妈妈说一声", "我都留着")
    await wang.says("还没有")
    await wang.hears("不急")
    await wang.says("菜单")
    await wang.says("继续")
    await wang.hears("请先跟您妈妈说一声")
    await wang.says("说了")
    await wang.hears("您妈妈住在哪儿")
    await wang.says("莲花池花园2栋1单元501")
    await wang.hears("找她")
    await wang.says("不晓得")
    await wang.presses("路灯照明")
    await wang.presses("就在她家")
    await wang.hears("灯坏了", "莲花池花园2栋1单元501")
    await wang.presses("提交")
    await wang.hears("替您妈妈报好了", "先问她自己")


async def test_a_person_who_takes_over_reads_what_was_told(scripted_town: Town) -> None:
    """Fault 13: 帮我妈报个灯坏了, 0, and the card knew nothing of a lamp."""
    town = scripted_town
    worker, wang = await town.grid_worker(), await town.resident()
    await wang.says("帮我妈报个灯坏了")
    await wang.says("我妈")
    await wang.says("0")
    await wang.hears("来帮您")
    await worker.hears("灯坏了", "居民：王桂英")


async def test_whose_home_is_asked(scripted_town: Town) -> None:
    """Fault 13: 我妈家灯坏了 was taken for one's own home."""
    wang = await scripted_town.resident()
    await wang.says("我妈家灯坏了")
    await wang.hears("是您妈妈家的事，还是您自己家的")
    await wang.says("2")
    await wang.hears("听起来是")
    await wang.says("取消")
    await wang.says("我外婆屋头漏水")
    await wang.hears("是您外婆家的事")
    await wang.says("1")
    await wang.hears("怎么称呼这位")
    await wang.says("我外婆")
    await wang.hears("您外婆知道您替她报")


NEXT_DOOR = {
    "隔壁王婆婆家水管爆了": "王婆婆", "302王桂英屋头没得电了": "王桂英",
    "楼下李大爷家马桶堵了": "李大爷",
    "五楼张老师家停水": "张老师", "对门屋头停电了": "", "邻居家灯坏了": "",
    "我们楼上王老师家停水了": "王老师",
}  # fmt: skip
ONES_OWN = [
    "楼上501漏水到我屋头", "隔壁家水管爆了淹到我家了", "302家漏水漏到我这来了",
    "隔壁王婆婆家太吵了",
    "全家停水", "大家没得水了", "家家停电", "我家水管爆了", "老家水管爆了", "隔壁灯坏了",
    "楼上装修把水管打爆了",
]  # fmt: skip


async def test_whose_home_of_a_neighbour_is_asked(scripted_town: Town) -> None:
    """隔壁王婆婆家水管爆了 was filed at the speaker's own door."""
    found = {one: kin.name_in(kin.next_door(one)) for one in NEXT_DOOR if kin.next_door(one)}
    assert found == NEXT_DOOR
    assert [one for one in ONES_OWN if kin.next_door(one)] == []
    worker, zhao = await scripted_town.grid_worker(), await scripted_town.resident(county.NEIGHBOUR)
    await zhao.says("隔壁王婆婆家水管爆了")
    await zhao.hears("是隔壁王婆婆家的事，还是您自己家的")
    await zhao.says("1")
    await zhao.hears("王婆婆知道您替她报这件事吗")
    await zhao.says("晓得")
    await zhao.says("莲花池花园3栋1单元401")
    await zhao.says("跳过")
    await zhao.says("水电气")
    await zhao.says("1")
    await zhao.says("提交")
    await worker.hears("水管爆了", "3栋1单元401", "王婆婆")


FOR_SOMEBODY = [
    "帮隔壁赵大山报个 他家门口灯坏了", "我替我妈说一声 她屋头灯不亮", "我帮501的报 水管漏",
    "帮赵大山报个 水管漏了", "麻烦帮对门说一下 水管爆了", "替六楼李大爷报一下 灯坏了",
    "替我婆婆说 她没得水了",
]  # fmt: skip
FOR_NOBODY = [
    "给楼上说一下 太吵了", "给对门说一声莫抽烟", "帮我跟楼上说一下 太吵了", "帮我妈说说我爸",
    "帮我妈报销医药费",
    "帮全小区反映", "帮安装报修", "隔壁王婆婆家水管爆了", "给网格员说一声 我不在家",
    "替楼上报警", "帮我喊隔壁小声点",
]  # fmt: skip


async def test_for_a_neighbour_or_said_otherwise(scripted_town: Town) -> None:
    """帮隔壁赵大山报个 and 替我妈说一声 were filed at the speaker's own home."""
    assert [one for one in FOR_SOMEBODY if not told_for_another(one)] == []
    assert [one for one in FOR_NOBODY if told_for_another(one)] == []
    wang = await scripted_town.resident()
    await wang.says(FOR_SOMEBODY[0])
    await wang.hears("怎么称呼这位")


WRITTEN_FOR = {
    "我奶奶叫我写的 她屋头灯坏了": ("奶奶", "她屋头灯坏了"), "帮我妈写": ("妈妈", ""),
    "我是小孩 帮婆婆打字的": ("婆婆", ""), "我婆婆不会打字 我帮她写": ("婆婆", ""),
    "我帮隔壁婆婆写的 她家水管漏": ("隔壁婆婆", "她家水管漏"),
    "我外婆喊我跟你们说 她那点没得水了": ("外婆", "她那点没得水了"),
    "我爷爷眼睛看不清字我帮他打": ("爷爷", ""),
}  # fmt: skip
WRITTEN_FOR_NOBODY = [
    "我儿子叫我写的 灯坏了", "我妈叫我说声谢谢", "我妈叫我报警", "帮我妈写申请", "帮我儿子写作业",
    "楼上婆婆叫我说小声点", "给我妈发消息", "李建国叫我写的", "我不会打字 我孙女帮我写的",
    "我妈不识字", "妈让我发烧了去医院", "我外婆喊我帮她问社保咋认证",
]  # fmt: skip


async def test_who_only_holds_the_phone_is_asked_whose_home_it_is(scripted_town: Town) -> None:
    """我奶奶叫我写 and 帮我妈写 led to 代办, and what followed was filed at the child's door."""
    found = {one: kin.written_for(one) for one in WRITTEN_FOR}
    assert {text: (f.who, f.rest) for text, f in found.items() if f} == WRITTEN_FOR
    assert [one for one in WRITTEN_FOR_NOBODY if kin.written_for(one)] == []
    worker, child = await scripted_town.grid_worker(), await scripted_town.resident()
    await child.says("我奶奶叫我写的 她屋头灯坏了")
    await child.hears("是您奶奶家的事，还是您自己家的")
    await child.says("取消")
    await child.says("我奶奶叫我写")
    await child.hears("您替您奶奶写", "什么事")
    await child.says("灯坏了")
    await child.hears("是您奶奶家的事，还是您自己家的")
    await child.says("1")
    await child.hears("您奶奶知道您替她报这件事吗")
    for said in ("是她让报的", "跟我住一个门牌", "跳过", "1", "1"):
        await child.says(said)
    await child.presses("提交")
    await worker.hears("灯坏了", "王桂英的奶奶")


async def test_not_mine(scripted_town: Town) -> None:
    town = scripted_town
    worker, wang = await town.grid_worker(), await town.resident()
    zhao = await town.resident(county.NEIGHBOUR)
    await says_for_whom(zhao)
    number = await files(town, zhao)
    told, button = await wang.finds("这不是我要报的")
    await zhao.presses_again(told, button)
    await zhao.heard()
    assert (await town.ticket(number)).status == "waiting"
    await wang.presses("这不是我要报的")
    await wang.hears("撤了")
    await zhao.hears("说", "不是自己要报的")
    await worker.hears("不用再办了")
    assert (await town.ticket(number)).status == "withdrawn"
    await wang.presses_again(told, button)
    await wang.hears("不用再管它了")


async def test_a_stranger_learns_nothing(scripted_town: Town) -> None:
    """Another name at a known door, a known number at another door: what is answered is the same,
    and the person we know hears nothing and is not named."""
    town = scripted_town
    wang = await town.resident()
    stranger = await town.newcomer("路人")
    phone = county.PHONES[county.RESIDENT]
    heard: list[list[str]] = []
    for name, door, said in (
        ("老王", DOOR, "跳过"),
        ("老王", "9单元901", "跳过"),
        ("老王", "9单元902", phone),
    ):
        before = len(stranger.seat.log)
        await says_newcomer(stranger, name, door, said)
        number = await files(town, stranger)
        await stranger.seat.catch_up()
        said_back = [seen.text.replace(f"{number}号", "N号") for seen in stranger.seat.log[before:]]
        heard.append([text.replace(door, "D").replace(DOOR, "D") for text in said_back])
        ticket = await town.ticket(number)
        assert ticket.filer_id != wang.id
        await stranger.says("我的诉求")
        await stranger.presses(f"{number}号")
        await stranger.heard()
        await stranger.says("取消")
        await stranger.heard()
        await town.write(lambda s, n=number: withdraw(s, n))
    assert heard[0] == heard[1] == heard[2]
    for secret in (county.RESIDENT, phone, county.LIAISON):
        assert secret not in stranger.everything_read
    await wang.heard_nothing()


def withdraw(session: Session, number: int) -> None:
    session.get_one(tickets.Ticket, number).status = "withdrawn"


async def says_newcomer(who: Person, name: str, door: str, phone: str) -> None:
    await who.says("代报")
    await who.hears("怎么称呼这位")
    await who.says(name)
    await who.presses("是他让报的")
    await who.hears("哪个社区")
    await who.says("莲花池花园3栋")
    await who.hears("门牌是多少")
    await who.says(door)
    await who.hears("电话知道吗")
    await who.says(phone)


async def test_what_the_elder_tells_the_worker_is_not_for_the_reporter(
    scripted_town: Town,
) -> None:
    town = scripted_town
    worker, wang = await town.grid_worker(), await town.resident()
    zhao = await town.resident(county.NEIGHBOUR)
    await says_for_whom(zhao)
    number = await files(town, zhao)
    await wang.hears("替您报了")
    await wang.replies_to("替您报了", "我腿摔伤了，慢慢来开门")
    await worker.hears("我腿摔伤了")
    await zhao.says("我的诉求")
    await zhao.presses(f"{number}号")
    await zhao.heard()
    assert "摔伤" not in zhao.everything_read
    await wang.says("我的诉求")
    await wang.presses(f"{number}号")
    await wang.hears("我腿摔伤了")


async def test_whom_the_county_lists_is_made_with_the_listed_number(scripted_town: Town) -> None:
    """They have never spoken to us; when they come and prove that number, the matter is theirs."""
    town = scripted_town

    def list_them(session: Session) -> None:
        building = addresses.resolve_path(session, "莲花池社区/莲花池花园/3栋")
        assert building is not None
        home = areas.household(session, town.app.vault, building, "2单元601")
        row = session.get_one(areas.Household, home.id)
        row.householder, row.phone = "张素芬", "19900000077"
        row.phone_hash = phone_digest(vault_in(session), "19900000077")

    await town.write(list_them)
    zhao = await town.resident(county.NEIGHBOUR)
    await says_for_whom(zhao, name="张素芬", door="2单元601")
    number = await files(town, zhao)
    filer = (await town.ticket(number)).filer_id

    def number_of(session: Session) -> tuple[int | None, bool]:
        person = people.find_by_phone(session, "19900000077")
        return (person.id if person else None), bool(person and person.phone_proven)

    assert await town.read(number_of) == (filer, True)
