"""An admin changes services in the chat: from the next ticket on, and never so that one is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from storage import audit, permissions, posts, rules
from storage.audit import AuditLine
from storage.rules import Service
from storage.tickets import Ticket
from tests.conversations.county import ADMIN
from tests.conversations.people import Person
from tests.conversations.town import Town


async def rule(town: Town, key: str) -> Service:
    return await town.read(lambda session: rules.current(session)[key])


async def chooses(admin: Person, service: str, column: str) -> None:
    await admin.says("服务设置")
    await admin.hears("要改哪一项服务")
    await admin.presses(service)
    await admin.hears("现在是这样", "要改哪一样")
    await admin.presses(column)


async def agrees(admin: Person) -> None:
    await admin.presses("就这么办")
    await admin.hears("改好了")


async def wish(town: Town, who: Person, words: str) -> Ticket:
    await who.says("微心愿")
    await who.hears("小心愿")
    await who.says(words)
    await who.hears("您看对不对", words)  # an older 提交 may stand there too
    await who.presses("提交")
    await who.hears("编号是")
    await town.settle()
    return await town.ticket()


async def test_a_changed_limit_holds_from_the_next_ticket_on(detail_town: Town) -> None:
    admin, wang = await detail_town.admin(), await detail_town.resident()
    await detail_town.liaison()
    old = await wish(detail_town, wang, "想要一个轮椅")
    await chooses(admin, "微心愿", "接单时限")
    await admin.hears("多久要有人接单", "现在是：2小时 > 2小时 > 4小时 > 4小时 > 1个工作日")
    await admin.says("很快")
    await admin.hears("“接单时限”里的“很快”看不懂", "您刚才写的是：\n很快")
    await admin.says("30分钟")
    await admin.hears("接单时限：2小时 > 2小时", "改成：30分钟（5 级都一样", "已经报上来的不变")
    await agrees(admin)
    new = await wish(detail_town, wang, "想学用手机")
    assert [
        (t.service_version, t.clock_limit) for t in (await detail_town.ticket(old.id), new)
    ] == [
        (1, 120),
        (2, 30),
    ]
    lines = await detail_town.read(lambda session: _audited(session))
    assert lines == [(admin.id, "service:wish@2")]


def _audited(session: Session) -> list[tuple[int | None, str]]:
    assert audit.verify(session).broken_at is None
    found = session.query(AuditLine).filter(AuditLine.action == "service").order_by(AuditLine.id)
    return [(line.actor_id, line.subject) for line in found]


async def test_an_open_ticket_keeps_its_privacy_and_its_ladder(scripted_town: Town) -> None:
    """A private service is made public: who may see the open ticket does not change with it."""
    town = scripted_town
    await town.liaison(), await town.grid_worker()
    admin, wang = await town.admin(), await town.resident()
    old = await wish(town, wang, "想要一个轮椅")
    await chooses(admin, "微心愿", "保密")
    await admin.presses("公开")
    await agrees(admin)
    await chooses(admin, "微心愿", "上报顺序")
    await admin.says("网格：网格员 > 县直部门：管理员")
    await admin.hears("改成：网格：网格员 > 县直部门：管理员")
    await agrees(admin)
    new = await wish(town, wang, "想学用手机")

    def seen(session: Session) -> list[tuple[str, int, bool]]:
        found = []
        for number in (old.id, new.id):
            ticket = session.get_one(Ticket, number)
            version = rules.of_version(session, ticket.service, ticket.service_version)
            may = permissions.allows(session, "card", admin.id or 0, ticket, town.now())
            found.append((ticket.privacy, len(version.ladder), may))
        return found

    assert await town.read(seen) == [("private", 5, False), ("open", 2, True)]


@pytest.mark.parametrize(
    ("service", "column", "typed", "reason"),
    [
        ("微诉求", "停用", "是", "不能停用"),
        ("法律求助", "先接的岗位", "网格员", "保密的服务不能交给网格员"),
        ("微诉求", "上报顺序", "网格：网格员 > 小区：网格员", "出现了两次"),
        ("微心愿", "开头说的话", "心愿、跑腿", "“跑腿”已经是“代办”的开头话"),
        ("微心愿", "名称", "愿望" * 7, "最多 12 个字"),
    ],
)
async def test_what_could_lose_a_ticket_is_refused(
    scripted_town: Town, service: str, column: str, typed: str, reason: str
) -> None:
    """The reasons are those of a list (tests/storage/test_importing_reasons.py has them all)."""
    admin = await scripted_town.admin()
    await chooses(admin, service, column)
    await admin.says(typed)
    await admin.hears(reason, typed)
    await admin.says("菜单")
    await admin.says("继续")
    await admin.hears(reason, typed)  # what was typed is still there
    assert await scripted_town.read(_versions) == {1}


def _versions(session: Session) -> set[int]:
    return {one.version for one in rules.current(session).values()}


async def test_a_service_is_switched_off_and_on(scripted_town: Town) -> None:
    admin, wang = await scripted_town.admin(), await scripted_town.resident()
    await chooses(admin, "便民事项", "停用")
    await admin.presses("是")
    await admin.presses("就这么办")
    await admin.hears("停用了")
    await wang.says("服务")
    assert "便民事项" not in (await wang.hears("这些都能办")).text
    await wang.says("便民事项")
    await scripted_town.settle()
    assert "您要找人帮什么忙" not in wang.everything_read
    await wang.says("取消")
    await chooses(admin, "便民事项（已停用）", "停用")
    await admin.presses("否")
    await agrees(admin)
    await wang.says("便民事项")
    await wang.hears("您要找人帮什么忙")


async def test_nothing_changed_makes_no_version(scripted_town: Town) -> None:
    admin = await scripted_town.admin()
    await chooses(admin, "微心愿", "接单时限")
    await admin.says("2小时 > 2小时 > 4小时 > 240分钟 > 8小时")
    await admin.hears("没有改")
    await chooses(admin, "微心愿", "说明")
    await admin.says("有小小的愿望")
    await admin.hears("改成：有小小的愿望")
    await admin.presses("先不改")
    await admin.hears("没有改")
    assert (await rule(scripted_town, "wish")).version == 1


async def test_a_new_service_is_used_at_once(detail_town: Town) -> None:
    admin, wang, worker = (
        await detail_town.admin(),
        await detail_town.resident(),
        await detail_town.grid_worker(),
    )
    await admin.says("服务设置")
    await admin.presses("新增一项服务")
    await admin.hears("服务叫什么")
    await admin.says("陪诊服务")
    await admin.hears("什么时候该选它")
    await admin.says("老人看病没人陪")
    await admin.hears("居民说哪些话就开始办")
    await admin.says("陪诊、代办")
    await admin.hears("“代办”已经是“代办”的开头话了", "陪诊、代办")
    await admin.says("陪诊、陪我看病")
    await admin.hears("谁先接")
    await admin.says("网格员、联户党员")
    await admin.hears("跟哪一项服务一样")
    await admin.presses("微诉求")
    await admin.hears("多久要有人接单")
    await admin.says("半小时")
    await admin.hears("多久要办好")
    await admin.presses("1个工作日 > 2个工作日")
    await admin.hears("谁看得到")
    await admin.says("保密")
    await admin.hears("保密的服务不能交给网格员")
    await admin.presses("只给经手人")
    await admin.hears("名称：陪诊服务", "接单时限：30分钟", "先接的岗位：网格员、联户党员")
    await admin.presses("就这么办")
    await admin.hears("加好了", "陪诊")

    await wang.says("陪我看病")
    await wang.hears("“陪诊服务”：您有什么事")
    await wang.says("下周三去县医院")
    await wang.hears("要办的：陪诊服务", "下周三去县医院")
    await wang.presses("提交")
    await wang.hears("编号是", "网格员李建国")
    await worker.hears("陪诊服务", "下周三去县医院")
    await detail_town.settle()
    ticket = await detail_town.ticket()
    assert (ticket.service, ticket.service_version, ticket.clock_limit) == ("peizhenfuwu", 1, 30)


async def test_only_an_admin_of_the_county(scripted_town: Town) -> None:
    for person in (await scripted_town.grid_worker(), await scripted_town.resident()):
        await person.says("服务设置")
        await person.hears("不归您办")


async def test_whoever_is_no_admin_any_more_changes_nothing(scripted_town: Town) -> None:
    admin = await scripted_town.admin()
    await chooses(admin, "微心愿", "说明")
    await admin.says("有小小的愿望")
    await admin.hears("改成：有小小的愿望")

    def dismiss(session: Session) -> None:
        now = scripted_town.now()
        for post in posts.posts_of(session, scripted_town.id_of(session, ADMIN), now):
            post.until = now

    await scripted_town.write(dismiss)
    await admin.presses("就这么办")
    await admin.hears("不归您办")
    assert (await rule(scripted_town, "wish")).version == 1


async def test_two_admins_change_two_things_of_one_service(scripted_town: Town) -> None:
    """The second to confirm is shown the rule as the first left it, and takes nothing back."""
    admin = await scripted_town.admin()
    await chooses(admin, "微心愿", "说明")
    await admin.says("有小小的愿望")
    await admin.hears("改成：有小小的愿望")

    def meanwhile(session: Session) -> None:
        known = rules.current(session)["wish"]
        rules.change(session, replace(known, opening="您想要什么？"), scripted_town.now(), None)

    await scripted_town.write(meanwhile)
    await admin.presses("就这么办")
    await admin.hears("要这样改")
    await admin.presses("就这么办")
    await admin.hears("改好了")
    changed = await rule(scripted_town, "wish")
    assert (changed.version, changed.opening, changed.hint) == (3, "您想要什么？", "有小小的愿望")
