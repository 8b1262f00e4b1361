"""走访: one message, one row."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import addresses, areas
from storage.areas import Household
from storage.base import vault_in
from storage.visits import Visit
from tests.conversations.many import given
from tests.conversations.matters import LIAISON, people_of, seat
from tests.conversations.notices import audited
from tests.conversations.town import Town


async def rows(town: Town) -> list[tuple[str, int]]:
    wanted = select(Visit.role, Visit.person_id).order_by(Visit.id)
    return [tuple(row) for row in await town.read(lambda s: s.execute(wanted).all())]


async def test_a_liaison_says_it_or_presses_it(detail_town: Town) -> None:
    town = detail_town
    liaison = await town.liaison()
    await liaison.says("还没走访的户")
    await liaison.hears("还有 2 户没走访（一共 2 户）")
    await liaison.presses("3栋1单元302")
    await liaison.hears("3栋1单元302，走访记下了", "还有 1 户")
    await liaison.says("走访了三号楼1单元501室")
    await liaison.hears("3栋1单元501，走访记下了", "都走访过了")
    await liaison.says("走访 501")
    await liaison.hears("今天已经记过了")
    assert await rows(town) == [("liaison", liaison.id)] * 2
    assert await audited(town, "door") != []
    town.later(days=40)
    await liaison.says("没走访的户")
    await liaison.hears("还有 2 户没走访")


async def test_a_door_that_is_not_theirs_or_not_plain(scripted_town: Town) -> None:
    town = scripted_town
    liaison, other = await town.liaison(), await town.worker("周敏", "网格员")
    await liaison.says("走访 桂花新村1栋2单元201")
    await liaison.hears("没找到")
    await liaison.says("3栋1单元302")
    await liaison.hears("走访记下了")
    await other.says("走访")
    await other.hears("走访的是哪一户")
    await other.says("1栋2单元201")
    await other.hears("1栋2单元201，走访记下了")
    assert [role for role, _ in await rows(town)] == ["liaison", "grid_worker"]


async def test_visits_as_they_are_told(county_town: Town) -> None:
    """3栋302 was not found without its unit, two doors or a name neither, and what stood behind a
    door made it unknown; the question went on for ever."""
    town = county_town
    await people_of(town)
    liaison = await town.worker(LIAISON, "联户党员")
    await liaison.says("走访 3栋1单元302 老人家精神好，要换药")
    told = await liaison.hears("3栋1单元302，走访记下了，“老人家精神好，要换药”也存了")
    assert "替他报这件事" in told.labels[0]
    await liaison.presses("替他报这件事")
    await liaison.hears("怎么称呼这位")
    await liaison.says("走访 302、3栋402")
    await liaison.hears("3栋1单元302、3栋2单元402，走访记下了", "还有 1 户")
    await liaison.hears("给您留着")
    await liaison.says("赵大山家走访了")
    await liaison.hears("3栋1单元501，走访记下了", "都走访过了")
    await liaison.sends_photos(1, "走访402")
    await liaison.hears("今天已经记过了，照片、语音也存了")
    assert len(await rows(town)) == 3
    for said in ("走访12户", "走访3栋9单元901"):
        await liaison.says(said)
        await liaison.hears("没找到", said.removeprefix("走访"))
        await liaison.says("302王桂英")
        told = await liaison.hears("今天已经记过了")
        assert "也存了" not in told.text
    for said in ("明天走访302", "走访记录怎么填", "上门维修302"):
        await liaison.says(said)
        await liaison.heard()
        await liaison.says("取消")
    await given(town, LIAISON, "王桂英", claimed=True)
    await liaison.says("看了302，是灯泡坏了")  # of their matter there
    await liaison.hears("是哪一件事")
    assert len(await rows(town)) == 3


async def test_special_groups_come_first_where_there_are_many(scripted_town: Town) -> None:
    town = scripted_town
    worker = await town.grid_worker()

    def more_doors(session: Session) -> None:
        third = addresses.resolve_path(session, "莲花池社区/莲花池花园/3栋")
        assert third is not None
        for number in range(10):
            home = areas.household(session, vault_in(session), third, f"2单元{number + 1}01")
            session.get_one(Household, home.id).groups = ["独居老人"] if number in (4, 7) else []

    await town.write(more_doors)
    await worker.says("还没走访的户")
    told = await worker.hears("还有 12 户没走访", "其中有老人、孩子和要照顾的人的 2 户")
    assert told.labels[:2] == ["3栋2单元501", "3栋2单元801"]
    await worker.presses("3栋2单元801")
    await worker.hears("走访记下了", "还有 11 户")


async def test_a_resident_who_says_so_writes_nothing(scripted_town: Town) -> None:
    town = scripted_town
    wang = await town.resident()
    await wang.says("走访 3栋1单元302")
    await town.settle()
    assert await rows(town) == []
    await wang.says("取消")
    await wang.says("还没走访的户")
    await wang.hears("这一项不归您办")


async def test_what_is_told_with_a_visit_is_kept(county_town: Town) -> None:
    """It was said not to be stored. Whose door it is reads it, each look is written down, and a
    visit that was never made can be taken back with it."""
    town = county_town
    await people_of(town)
    liaison, grid = await seat(town, LIAISON, "联户党员"), await seat(town, "李建国")
    lawyer, wang = await seat(town, "何敏", "片区律师"), await town.resident()
    await liaison.says("走访王桂英, 血压有点高, 让家属带去看")
    await liaison.hears("走访记下了，“血压有点高, 让家属带去看”也存了")
    await liaison.says("走访 302、501 都还好")
    await liaison.hears("3栋1单元302、3栋1单元501，走访记下了，“都还好”也存了")
    await liaison.says("今天走访了赵大爷，膝盖痛")
    await liaison.hears("是这一户吗")
    await liaison.presses("3栋1单元501")
    await liaison.hears("3栋1单元501，今天已经记过了，“膝盖痛”也存了")
    await liaison.says("我昨天去走访了302，家里没人")  # it was not understood
    await liaison.hears("3栋1单元302，昨天的走访记下了，“没人”也存了")
    await liaison.says("昨天走访了302")
    await liaison.hears("3栋1单元302，昨天已经记过了")
    await liaison.says("走访3栋")
    await liaison.hears("3栋里走访的是哪一户")
    await liaison.says("402")
    await liaison.hears("走访记下了")
    await liaison.presses("记一句情况")
    await liaison.hears("3栋2单元402怎么样")
    await liaison.says("走访501 没人在家")  # it went to the door that was asked about
    await liaison.hears("3栋1单元501，今天已经记过了，“没人在家”也存了")
    await liaison.says("走访402")
    await liaison.presses("记一句情况")
    await liaison.hears("3栋2单元402怎么样")
    await liaison.sends_photos(1, "门口堆了纸壳")
    await liaison.hears("3栋2单元402的情况和走访存在一起了")
    for asked in ("走访情况 302", "302上次走访怎么样", "看看王桂英家的走访记录"):
        await grid.says(asked)
        await grid.hears("3栋1单元302的走访", "联户党员陈秀兰：血压有点高, 让家属带去看", "都还好")
    await grid.says("走访记录")
    await grid.hears("要看哪一户的走访")
    await grid.says("402")
    await grid.hears("门口堆了纸壳（照片、语音 1 个）")
    assert len(await audited(town, "visits_told")) == 4
    await liaison.presses("记错了，撤掉")
    await liaison.hears("3栋2单元402的这次走访撤掉了")
    await liaison.presses("记错了，撤掉")
    await liaison.hears("已经不在了")
    await grid.says("走访情况 402")
    await grid.hears("3栋2单元402还没有走访记录")
    for nobody in (lawyer, wang):
        await nobody.says("走访情况 302")
        await nobody.heard()
        assert "血压" not in nobody.everything_read


async def test_a_visit_told_where_a_reply_is_open_goes_to_no_resident(county_town: Town) -> None:
    """走访501 没人在家, written while 回复 was open, went to the resident of another home."""
    town = county_town
    await people_of(town)
    grid, wang = await seat(town, "李建国"), await town.resident()
    await given(town, "李建国", "王桂英", claimed=True)
    await grid.says("1")
    await wang.heard()
    for said, heard in (
        ("走访501 没人在家", "走访记下了，“没人在家”也存了"),
        ("走访情况 501", "网格员李建国：没人在家"),
        ("我的居民", "您管 3 户"),
        ("wode jumin", "您管 3 户"),  # its two words were two entries of the list
        ("值班表", "没有排班"),
    ):
        await grid.presses("回复")
        await grid.hears("给王桂英回什么话")
        await grid.says(said)
        await grid.hears("没有发出去")
        await grid.hears(heard)
    await wang.heard_nothing()
    await grid.presses("回复")
    await grid.says("我今天上门走访了，您家没人")
    await wang.hears("您家没人")


async def test_what_a_worker_tells_with_nothing_in_hand(county_town: Town) -> None:
    """A voice, or how it was at somebody's, began a matter of the worker's own and asked for their
    home; 刚从赵大爷家出来，他腿痛 showed the numbers of the fire brigade."""
    town = county_town
    await people_of(town)
    grid = await seat(town, "李建国")
    await grid.says("刚从赵大爷家出来，他腿痛")
    asked = await grid.hears("是这一户吗")
    assert any("3栋1单元501" in label for label in asked.labels)
    await grid.presses("3栋1单元501")
    await grid.hears("3栋1单元501，走访记下了", "他腿痛")
    await grid.sends_voice()
    await grid.hears("您刚发的这个，是哪一样")
    await grid.presses("记成走访")
    await grid.hears("走访的是哪一户")
    await grid.says("302")
    await grid.hears("3栋1单元302，走访记下了，照片、语音也存了")
    for said in ("送去了 他不在家", "他家灯坏了"):
        await grid.says(said)
        await grid.hears(f"您说的“{said}”，是哪一样")
    await grid.presses("替他报这件事")
    await grid.hears("怎么称呼这位")
    await grid.says("取消")
    await grid.says("明天下午三点")
    await grid.hears("是哪一样")
    await grid.presses("是我自己家的事")
    await grid.hears("您住哪儿")
    assert "110" not in grid.everything_read
    assert [role for role, _ in await rows(town)] == ["grid_worker"] * 2


async def test_an_edit_of_what_was_told_changes_it(scripted_town: Town) -> None:
    """It changed nothing of what was kept, and began a matter."""
    liaison = await scripted_town.liaison()
    await liaison.says("走访 302 血压有点高")
    await liaison.hears("302，走访记下了", "血压有点高")
    await liaison.edits("血压有点高", "走访 302 血压正常")
    await liaison.hears("3栋1单元302的走访改好了：“血压正常”")
    await liaison.says("走访情况 302")
    shown = await liaison.hears("血压正常")
    assert "有点高" not in shown.text
    await liaison.edits("血压正常", "走访 501 血压正常")
    await liaison.hears("原来那次走访记在 3栋1单元302")
    await liaison.presses("记错了，撤掉")
    await liaison.says("走访情况 302")
    await liaison.hears("还没有走访记录")
