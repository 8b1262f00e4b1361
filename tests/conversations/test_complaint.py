"""对工作人员有意见: past the person complained about, and past everyone who reports to them."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from storage import posts, tickets
from storage.outbox import queue
from storage.posts import Role
from tests.conversations import county
from tests.conversations.people import Person
from tests.conversations.seats import Button, Seen
from tests.conversations.steps import (
    at,
    away,
    community,
    duties,
    garden,
    hired,
    promoted,
    resolve,
    whole_county,
)
from tests.conversations.town import Town

WORDS = "上门收钱不给票"


async def complains(town: Town, who: Person, about: str, *shown: str) -> int:
    """Choose the worker, tell, confirm; `shown` must stand on what is confirmed."""
    await who.says("对工作人员有意见")
    await who.hears("对哪一位有意见")
    await who.presses(about)
    return await goes_on(town, who, *shown)


async def goes_on(town: Town, who: Person, *shown: str) -> int:
    await who.hears("怎么回事")
    await who.says(WORDS)
    await who.hears("您看对不对", WORDS, *shown)
    await who.presses("提交")
    await who.hears("被反映的人看不到")
    await town.settle()
    return (await town.ticket()).id


async def sees_nothing(town: Town, who: Person, number: int) -> None:
    """Whatever they try: lists, the number, buttons of any kind, a reply, step_in."""
    for words in ("我的任务", "我的诉求"):
        await who.says(words)
        await who.heard()
    before = await town.ticket(number)
    for action, args in (
        ("card", {}), ("story", {}), ("more", {}), ("phone", {}), ("note", {}),
        ("claim", {"version": before.version}), ("step_in", {"version": before.version}),
        ("reply", {"version": before.version}), ("resolve", {"version": before.version}),
        ("transfer", {"version": before.version}), ("escalate", {"version": before.version}),
        ("my_request", {}), ("withdraw", {}),
        ("to_ticket", {"story": {"text": "是我", "media": [], "voice": False, "location": None}}),
    ):  # fmt: skip
        payload = {
            "text": "",
            "choices": [{"label": "?", "do": action, "args": {"ticket": number, **args}}],
        }
        chat = who.seat.chat  # type: ignore[attr-defined]

        def job(session: Session, chat: str = chat, payload: object = payload) -> int:
            return queue(
                session, channel="scripted", chat=chat, payload=payload, now=town.now()  # type: ignore[arg-type]
            )  # fmt: skip

        ref = await town.write(job)
        await who.presses_again(Seen("x"), Button("?", f"{ref}:1"))
    await who.says("是我来办的吗")  # what a conversation that had begun would take
    await who.heard()
    for secret in (WORDS, county.RESIDENT, "对工作人员有意见", "反映的是"):
        assert secret not in who.everything_read
    after = await town.ticket(number)
    assert (after.version, after.owner_id) == (before.version, before.owner_id)


async def test_past_the_worker_and_who_reports_to_them(scripted_town: Town) -> None:
    town = scripted_town
    worker, liaison = await town.grid_worker(), await town.liaison()
    social, admin, wang = await town.social_worker(), await town.admin(), await town.resident()
    number = await complains(
        town,
        wang,
        "网格员李建国",
        "会交给：社会工作者吴芳",
        "网格员李建国本人、归他管的人，都看不到",
    )
    await social.hears(WORDS, "反映的是：网格员李建国")
    for one in (worker, liaison):
        await one.heard_nothing()
        await sees_nothing(town, one, number)
    await social.presses("接单")
    await wang.hears("社会工作者吴芳接了")
    await social.presses("转交")
    await social.heard()
    assert "李建国" not in social.seat.log[-1].labels
    assert not any("李建国" in label or "陈秀兰" in label for label in social.seat.log[-1].labels)
    await social.says("取消")
    await social.says("我的任务")
    await social.presses(f"{number}号")
    await resolve(social, "谈过话了，钱退了")
    await wang.hears("您看解决了吗")
    assert all("没有小区这一级的人" in seen.text for seen in await admin.heard())
    for one in (worker, liaison):
        await one.heard()
        assert WORDS not in one.everything_read


async def test_said_by_the_services_own_words_or_about_a_name(scripted_town: Town) -> None:
    """The name of somebody who serves elsewhere; both of that name are shown to choose from."""
    town = scripted_town
    wang = await town.resident()
    await hired(town, "吴芳芳", Role.MEDIATOR, garden, seated=False)
    await town.admin()
    await wang.says("投诉工作人员")
    await wang.presses("别的人")
    await wang.hears("叫什么名字")
    await wang.says("网格员周敏")
    await wang.hears("是下面哪一位")
    await wang.presses("周敏")
    number = await goes_on(town, wang, "周敏")
    assert (await town.ticket(number)).about_id == await town.read(
        lambda s: town.id_of(s, county.OTHER_WORKER)
    )


async def test_a_name_nobody_knows_goes_to_the_top(scripted_town: Town) -> None:
    """Whoever stands lower could be the one."""
    town = scripted_town
    worker, social, admin = (
        await town.grid_worker(), await town.social_worker(), await town.admin(),
    )  # fmt: skip
    wang = await town.resident()
    await wang.says("对工作人员有意见")
    await wang.presses("别的人")
    await wang.says("穿红马甲的小胡")
    number = await goes_on(town, wang, "小区和社区里的人都看不到")
    await admin.hears(WORDS, "反映的是：穿红马甲的小胡")
    for one in (worker, social):
        await one.heard_nothing()
    assert (await town.ticket(number)).owner_id == admin.id


async def test_about_someone_high_up_goes_to_the_county(scripted_town: Town) -> None:
    town = scripted_town
    social, admin, wang = (
        await town.social_worker(), await town.admin(), await town.resident(),
    )  # fmt: skip
    boss = await hired(town, "钱书记", Role.COMMUNITY_COMMITTEE, community)
    secretary = await hired(town, "冯书记", Role.COMPOUND_SECRETARY, garden)
    assert boss is not None
    assert secretary is not None
    number = await complains(town, wang, "钱书记", "会交给：管理员郑强")
    await admin.hears(WORDS)
    for one in (boss, secretary, social):
        await one.heard_nothing()
        await sees_nothing(town, one, number)


async def test_a_deputy_who_is_the_one_does_not_get_it(scripted_town: Town) -> None:
    """The secretary is away, and the grid worker complained about stands in for them."""
    town = scripted_town
    worker, social, wang = (
        await town.grid_worker(), await town.social_worker(), await town.resident(),
    )  # fmt: skip
    await hired(town, "冯书记", Role.COMPOUND_SECRETARY, garden, seated=False)

    def stand_in(session: Session) -> None:
        posts.set_post(
            session,
            person_id=town.id_of(session, "冯书记"),
            role=Role.COMPOUND_SECRETARY,
            area_id=garden(session).id,
            deputy_id=town.id_of(session, county.GRID_WORKER),
        )

    await town.write(stand_in)
    await away(town, "冯书记")
    number = await complains(town, wang, "网格员李建国")
    await social.hears(WORDS)
    await worker.heard_nothing()
    await sees_nothing(town, worker, number)


async def test_about_the_admin_another_admin_gets_it(scripted_town: Town) -> None:
    town = scripted_town
    admin, wang = await town.admin(), await town.resident()
    other = await hired(town, "林主任", Role.ADMIN, whole_county)
    assert other is not None
    await wang.says("对工作人员有意见")
    await wang.presses("别的人")
    await wang.says(county.ADMIN)
    await wang.presses(county.ADMIN)
    number = await goes_on(town, wang, "会交给：管理员林主任")
    await other.hears(WORDS)
    await admin.heard_nothing()
    at(town, 12, days=9)
    await duties(town)  # overdue several times over: the alarms go past them too
    at(town, 12, days=30)
    await duties(town)
    await sees_nothing(town, admin, number)
    await other.hears(f"{number}号")


async def test_nobody_is_left(scripted_town: Town) -> None:
    """The only admin is the one: an alarmed queue, and the resident is told of 12345."""
    town = scripted_town
    admin, social, wang = (
        await town.admin(), await town.social_worker(), await town.resident(),
    )  # fmt: skip
    await wang.says("对工作人员有意见")
    await wang.presses("别的人")
    await wang.says(county.ADMIN)
    await wang.presses(county.ADMIN)
    await wang.hears("怎么回事")
    await wang.says(WORDS)
    await wang.presses("提交")
    await wang.hears("没有别的人能接", "12345")
    ticket = await town.ticket()
    assert (ticket.owner_id, ticket.status) == (None, "waiting")
    assert ticket.alarmed_at is not None
    for one in (admin, social):
        await one.heard_nothing()
        await sees_nothing(town, one, ticket.id)


async def test_a_worker_may_complain_about_their_own_superior(scripted_town: Town) -> None:
    """Who reports to them sees no complaint but their own."""
    town = scripted_town
    liaison, worker, social = (
        await town.liaison(), await town.grid_worker(), await town.social_worker(),
    )  # fmt: skip
    await liaison.says("对工作人员有意见")
    for words in ("同意", "莲花池花园3栋", "1单元101", "陈秀兰", "跳过"):
        await liaison.says(words)
    await liaison.presses("网格员李建国")
    await liaison.hears("怎么回事")
    await liaison.says(WORDS)
    await liaison.presses("提交")
    await liaison.hears("看不到")
    await town.settle()
    number = (await town.ticket()).id
    await social.hears(WORDS)
    await social.presses("接单")
    await liaison.hears("社会工作者吴芳接了")
    await liaison.says("我的诉求")
    await liaison.presses(f"{number}号")
    await liaison.hears("您报了这件事", WORDS)
    await social.says("我的任务")
    await social.presses(f"{number}号")
    await resolve(social, "谈过了")
    await liaison.hears("您看解决了吗")
    await liaison.presses("已解决")
    await liaison.hears("您满意吗")
    await worker.heard_nothing()


async def test_a_card_of_before_is_changed_no_more(scripted_town: Town) -> None:
    """The secretary had the card; then they come to report to the one complained about."""
    town = scripted_town
    wang, worker = await town.resident(), await town.grid_worker()
    secretary = await hired(town, "冯书记", Role.COMPOUND_SECRETARY, garden)
    assert secretary is not None
    number = await complains(town, wang, "网格员李建国")
    card = await secretary.hears(WORDS)
    assert "接单" in " ".join(card.labels)
    await promoted(town, county.GRID_WORKER, Role.COMMUNITY_COMMITTEE, community)
    await wang.says("我的诉求")
    await wang.presses(f"{number}号")
    await wang.presses("撤回")
    await wang.presses("确定撤回")
    await wang.hears("撤回了")
    await worker.heard_nothing()
    emptied = await secretary.heard()
    assert [seen.text for seen in emptied] == [f"【{number}号】这件事不归您看了。"]


@pytest.mark.parametrize("role", [Role.MEMBER_UNIT])
async def test_a_unit_that_is_the_one_is_not_called_in(scripted_town: Town, role: Role) -> None:
    town = scripted_town
    social, wang = await town.social_worker(), await town.resident()
    unit = await hired(town, "何队长", role, community)
    assert unit is not None
    await wang.says("对工作人员有意见")
    await wang.presses("别的人")
    await wang.says("何队长")
    await wang.presses("何队长")
    number = await goes_on(town, wang)
    await social.presses("接单")
    await social.presses("更多")
    await social.presses("吹哨请单位")
    await social.heard()
    await unit.heard_nothing()
    kinds = await town.read(lambda s: [e.kind for e in tickets.events(s, number)])
    assert "whistled" not in kinds


@pytest.mark.parametrize("words", ["网格员打人了，快来人", "你们网格员两个月不见人影"])
async def test_danger_about_a_worker_is_never_filed_where_they_may_read_it(
    detail_town: Town, words: str
) -> None:
    """It was: words of danger began an ordinary request, and that went to the worker."""
    town = detail_town
    li, wang = await town.grid_worker(), await town.resident()
    await wang.says(words)
    if "打人" in words:
        await wang.hears("110")
    await wang.presses("对工作人员有意见")
    assert await town.ticket_count() == 0
    await wang.hears("对哪一位有意见")
    await li.heard_nothing()


async def test_the_little_that_was_told_was_lost(scripted_town: Town) -> None:
    """网格员李建国骂我, then 就是昨天 在楼下: and only the second stood in the complaint."""
    await scripted_town.grid_worker()
    wang = await scripted_town.resident()
    await wang.says("网格员李建国骂我")
    await wang.presses("对工作人员有意见")
    await wang.hears("请说说是怎么回事")
    await wang.says("就是昨天 在楼下")
    await wang.hears("事情：网格员李建国骂我\n就是昨天 在楼下")
