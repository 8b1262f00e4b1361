"""What people may ask about what is kept of them, in chat and at the counter: each was told before
that it cannot be done here."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.areas import Household
from storage.base import Base
from storage.people import Account, Person
from storage.posts import Role
from storage.tickets import Ticket
from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.notices import audited, goes_out, ledger, writes
from tests.conversations.test_notice_rights import give_post
from tests.conversations.town import Town

NUMBER = "13900000099"


def everything(session: Session) -> str:
    """Every column of every row of every table, opened."""
    found: list[Any] = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            found.append([table.name, *(str(one) for one in row)])
    return json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_nothing_that_was_said_is_left(make_town: MakeTown, database: str) -> None:
    """Words, names, numbers, drafts and photos are gone from every table; the figures stay."""
    town = await make_town(database=database)
    worker, wang = await town.grid_worker(), await town.resident()

    def lists(session: Session) -> None:
        home = session.get_one(Person, wang.id).home_id
        line = session.get_one(Household, home)
        line.householder, line.phone, line.groups = "王桂英", "19900000011", ["独居老人"]

    await town.write(lists)
    await wang.says(f"我换号码了 {NUMBER}")
    await wang.hears("改好了")
    await file_request(town, wang, "楼道灯不亮了，紫薯家门口那盏")
    await worker.presses("接单")
    await wang.hears("李建国")
    await wang.sends_photos(1, "这是橘猫照片")
    await wang.presses("补充 1号")
    await worker.hears("橘猫")
    await worker.replies_to("紫薯", "王桂英您好，带芭蕉扇来")
    await wang.hears("芭蕉扇")
    await worker.presses("办结")
    await worker.says("换了菠萝灯")
    await wang.presses("已解决")
    await wang.presses("不满意")
    await wang.says("态度像榴莲")
    await file_request(town, wang, "下水道堵了，枇杷巷", "下水道堵")
    await worker.says("查 王桂英")
    await wang.says("我要反映山竹厂太吵")
    await wang.says("取消")
    await wang.says("删除王桂英的信息")
    await wang.hears("会删掉", "会留下", "2号", "七天")
    await wang.presses("确定要删")
    await wang.hears("不删了")
    await wang.says("山竹厂还在吵")  # a draft that is never finished
    words = (
        "王桂英", NUMBER, "19900000011", "紫薯", "橘猫", "芭蕉扇", "菠萝灯", "榴莲", "枇杷", "山竹",
    )  # fmt: skip
    before = await town.read(everything)
    assert [one for one in words if one not in before] == []
    await town.look_after(days=6, minutes=5)
    await wang.hears("就要删除您的信息了")
    await town.look_after(days=1)
    await worker.hears("2号", "撤回")
    await town.look_after(hours=2)
    await town.app.waste.do_all()
    after = await town.read(everything)
    assert [one for one in words if one in after] == []

    def what_stays(session: Session) -> tuple[list[str], bool, int, int]:
        person = session.get_one(Person, wang.id)
        statuses = list(session.scalars(select(Ticket.status).order_by(Ticket.id)))
        accounts = session.scalars(select(Account).where(Account.person_id == wang.id)).all()
        media = session.execute(select(Base.metadata.tables["media"])).all()
        return statuses, person.erased_at is not None, len(accounts), len(media)

    assert await town.read(what_stays) == (["closed", "withdrawn"], True, 0, 0)
    await wang.says("你们有我哪些信息")  # somebody new to us
    await wang.hears("住址：没有")


async def test_it_may_be_taken_back(scripted_town: Town) -> None:
    """Until then one word takes it back; a worker is told why it cannot be done yet."""
    wang, worker = await scripted_town.resident(), await scripted_town.grid_worker()
    await wang.says("把我的资料删掉")
    await wang.presses("确定要删")
    await wang.hears("记下了")
    await wang.says("删除我的信息")
    await wang.hears("您已经说过了")
    await wang.says("不删了")
    await wang.hears("您的信息都还在")
    await scripted_town.look_after(days=8)
    await wang.heard_nothing()
    await wang.says("莫删了")
    await wang.hears("没有要删")
    await worker.says("删除我的信息")
    await worker.hears("您现在有岗位")


async def test_what_is_kept_and_a_new_number(scripted_town: Town) -> None:
    """你们有我哪些信息 and 我换号码了 led to a person, or nowhere."""
    wang = await scripted_town.resident()
    await wang.says("你们记了我哪些信息")
    seen = await wang.hears("称呼：王桂英", "莲花池花园3栋", "199****0011", "0 件", "照常发")
    assert "302" not in seen.text
    await wang.presses("改电话")
    await wang.hears("现在记的是 199****0011")
    await wang.says("12")
    await wang.hears("好像不对")
    await wang.says(NUMBER)
    await wang.hears("139****0099")
    await wang.says("换号码")
    await wang.says("跳过")
    await wang.hears("没有改")
    await wang.says("我的新号码是13900000088")
    await wang.hears("139****0088")
    await wang.says("楼道灯不亮了")
    await wang.hears("路灯照明")
    await wang.says("不要再给我发通知")  # in the middle of something else
    await wang.presses("先去：停通知")
    await wang.hears("通知不再发给您")
    await wang.says("怎么收不到通知了")
    await wang.presses("恢复通知")
    await wang.hears("又给您发通知了")
    await wang.says("把我妈的信息删了")
    await wang.hears("要他本人来说")
    newcomer = await scripted_town.newcomer()
    await newcomer.says("我换号码了")
    await newcomer.hears("您同意吗")


async def test_no_notices_any_more(scripted_town: Town) -> None:
    """A home is left out of ordinary notices, and not visited for that; emergencies still come."""
    admin, wang, zhao = (
        await scripted_town.admin(),
        await scripted_town.resident(),
        await scripted_town.resident("赵大山"),
    )
    await wang.says("不要再给我发通知")
    await wang.hears("紧急通知，还是会发")
    await writes(admin)
    await admin.presses("确定，就这样发")
    await goes_out(scripted_town)
    await zhao.hears("停水")
    assert await ledger(scripted_town) == {"sent": 1, "declined": 1, "unreachable": 1}
    assert "停水" not in wang.everything_read.replace("停水停电这类", "")
    await admin.hears("自己不要通知 1 户")
    await writes(admin, text="水管爆了，快关总闸", when="紧急")
    await admin.presses("确定，就这样发")
    await goes_out(scripted_town)
    await wang.hears("快关总闸")
    await wang.says("恢复通知")
    await wang.hears("又给您发通知了")


async def test_an_admin_does_it_for_who_asks_at_the_counter(scripted_town: Town) -> None:
    """By name and door, with a reason that is written down; who was spoken for is told."""
    admin, wang = await scripted_town.admin(), await scripted_town.resident()
    await admin.says("王桂英换号了 13911112222")
    await admin.presses("本人打电话说的")
    await admin.hears("王桂英，莲花池花园3栋1单元302", "139****2222", "本人打电话说的")
    await admin.presses("就这样办")
    await wang.hears("郑强", "139****2222")
    await admin.says("赵小山换号了")
    await admin.hears("是哪位居民")
    await admin.says("不晓得哪个")
    await admin.hears("没有找到这个人")
    await admin.says("赵大山 3栋1单元501")
    await admin.hears("赵大山 的新号码")
    await admin.says("取消")
    await admin.says("李建国注销了")  # he serves: nothing of his goes
    assert "删除本人的信息" not in admin.everything_read
    await admin.says("王桂英家不要再发通知了")
    await admin.presses("本人到柜台说的")
    await admin.presses("就这样办")
    await wang.presses("恢复通知")
    await wang.hears("又给您发通知了")
    await admin.says("删除王桂英的信息")
    await admin.presses("本人到柜台说的")
    await admin.hears("删除本人的信息")
    await admin.presses("就这样办")
    await wang.hears("您要求删除自己的信息")
    await admin.says("不删王桂英的信息了")
    await admin.presses("本人打电话说的")
    await admin.presses("就这样办")
    await wang.hears("您的信息都还在")
    await wang.says("删除赵大山的信息")  # of somebody else, by who is no admin
    assert "删除本人的信息" not in wang.everything_read


async def test_erasing_for_somebody_takes_two(scripted_town: Town) -> None:
    """A second admin agrees before what cannot be undone, or it never happens."""
    town = scripted_town
    await give_post(town, "吴芳", Role.ADMIN, "青禾县")
    admin, second, wang = await town.admin(), await town.social_worker(), await town.resident()
    worker = await town.grid_worker()
    await file_request(town, wang)
    await worker.presses("接单")
    await worker.presses("办结")
    await worker.says("换好了")
    await wang.hears("您看解决了吗")  # done by the worker: it counts, whoever forgets to say so
    for answer in ("不同意，留着", "同意删"):
        await admin.says("删除王桂英的信息")
        await admin.presses("本人写的书面申请")
        await admin.hears("要另一位管理员（吴芳）同意才删")
        await admin.presses("就这样办")
        await admin.hears("已经请 吴芳 再看一眼")
        await second.hears("郑强登记了 王桂英（莲花池花园3栋1单元302）")
        if answer == "同意删":
            await town.look_after(days=7, minutes=1)  # nobody agreed: it waits, and is asked again
            await second.hears("要您再看一眼")
        await second.presses(answer)
        await second.hears("都还在" if answer != "同意删" else "您同意了")
    await wang.hears("您的信息都还在")
    await second.presses("同意删")
    await second.hears("已经有人定了")
    await town.look_after(days=1)
    await town.look_after(hours=2)
    erased = await town.read(lambda s: s.get_one(Person, wang.id).erased_at)
    assert erased is not None
    ticket = await town.ticket()
    assert (ticket.status, "本人要求删除" in ticket.text) == ("lapsed", True)
    told = await audited(town, "for_resident_erase", "agree_erasing", "erase_kept", "erased")
    subject = f"person:{wang.id}"
    assert told == [
        ("for_resident_erase", subject), ("erase_kept", subject), ("for_resident_erase", subject),
        ("agree_erasing", subject), ("erased", subject),
    ]  # fmt: skip
    assert "王桂英" not in (await town.read(everything))
