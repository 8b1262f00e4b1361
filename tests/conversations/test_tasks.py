"""我的任务 and 查单: what is due first, page by page; and finding one matter among hundreds."""

from __future__ import annotations

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from storage.audit import AuditLine
from tests.conversations import county
from tests.conversations.many import given
from tests.conversations.town import Town

LI, WANG, ZHAO, SUN = county.GRID_WORKER, county.RESIDENT, county.NEIGHBOUR, county.STRANGER


async def test_what_is_due_first_stands_first_and_says_when(detail_town: Town) -> None:
    town = detail_town
    li = await town.grid_worker()
    fresh = await given(town, LI, WANG, text="刚报的", ago=0.5)
    working = await given(town, LI, WANG, text="在办的", claimed=True)
    late = await given(town, LI, ZHAO, text="昨天的", ago=18)
    urgent = await given(town, LI, ZHAO, text="要紧的", urgent=True)
    await li.says("我的任务")
    seen = await li.hears("您手上的事：4 件")
    lines = [line for line in seen.text.splitlines() if "号" in line and "｜" in line]
    order = [int(line.partition("号")[0]) for line in lines]
    assert order == [urgent, late, fresh, working]
    assert "超时 1｜快到期 3｜等接单 3｜在办 1" in seen.text
    assert "急" in lines[0]
    assert "超时 1 小时" in lines[1]
    assert "还剩 1 小时" in lines[2]
    assert "3月13日" in lines[3]
    await li.presses(f"{late}号 路灯照明")
    await li.hears(f"【{late}号】", "昨天的")


async def test_hundreds_come_page_by_page_and_by_filter(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    for number in range(8):
        await given(town, LI, WANG, text=f"第{number}件", claimed=number < 2)
    for number in range(6):
        await given(town, LI, WANG, text=f"一栋{number}", building="莲花池花园1栋")
    await li.says("我的任务")
    first = await li.hears("您手上的事：14 件", "第 1 页，共 3 页")
    await li.presses("更多")
    await li.hears("第 2 页")
    await li.presses("更多")
    last = await li.hears("第 3 页")
    assert not [label for label in last.labels if "更多" in label]
    assert [label for label in last.labels if "上一页" in label]
    await li.presses("在办 2", on=first)
    only = await li.hears("只看“在办”：2 件")
    assert "第0件" in only.text
    assert "第2件" not in only.text
    await li.presses("按楼栋看")
    await li.hears("想看哪一栋的")
    await li.presses("莲花池花园1栋 6")
    there = await li.hears("只看莲花池花园1栋：6 件")
    assert "第0件" not in there.text
    await li.presses("全部")
    await li.hears("第 1 页，共 3 页")


async def test_a_ticket_that_waits_for_the_resident_is_last_but_for_what_is_done(
    scripted_town: Town,
) -> None:
    town = scripted_town
    li, wang = await town.grid_worker(), await town.resident()
    done = await given(town, LI, WANG, text="修好的", claimed=True)
    asked = await given(town, LI, WANG, text="问过的", claimed=True)
    fresh = await given(town, LI, WANG, text="新的")
    await li.says(f"{asked}号")
    await li.presses("更多")
    await li.presses("等居民回话")
    await li.hears("停表")
    await li.says(f"{done}号")
    await li.hears(f"【{done}号】")
    await li.presses("办结")
    await li.hears("怎么解决的")
    await li.says("修好了")
    await li.hears("办结了")
    await wang.hears("修好了")
    await li.says("我的任务")
    seen = await li.hears("您手上的事：3 件", "等居民 1｜等确认 1")
    at = [seen.text.index(words) for words in ("新的", "问过的", "修好的")]
    assert at == sorted(at)
    assert f"{asked}号 路灯照明｜等居民" in seen.text
    assert f"{fresh}号 路灯照明｜等接单" in seen.text


# Finding one


async def test_found_by_its_number(scripted_town: Town) -> None:
    li = await scripted_town.grid_worker()
    number = await given(scripted_town, LI, WANG)
    await given(scripted_town, LI, WANG)
    for said in ("{}号", "找 {}", "查{}", "查 {}号", "找单 {}"):
        await li.says(said.format(number))
        await li.hears(f"【{number}号】")


FOUND = (
    ("查 王桂英", "灯"),
    ("查 3栋", "灯"),
    ("查三号楼", "灯"),
    ("查 莲花池花园3栋", "灯"),
    ("查单 漏水", "水"),
    ("查 漏水 赵大山", "水"),
    ("查 東門", "门"),
)


async def test_found_by_name_place_and_words(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    wanted = {
        "灯": await given(town, LI, WANG, text="楼道灯不亮了"),
        "水": await given(
            town, LI, ZHAO, text="厨房天花板漏水", building="莲花池花园1栋", place="厨房"
        ),
        "门": await given(
            town, LI, ZHAO, text="路灯不亮", building="莲花池花园10栋", place="东门口"
        ),
    }
    for said, found in FOUND:
        await li.says(said)
        await li.hears(f"【{wanted[found]}号】")


async def test_several_are_listed_and_none_is_said(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    numbers = [await given(town, LI, WANG, text="又漏水了") for _ in range(8)]
    await li.says("查")
    await li.hears("找哪一件")
    await li.says("漏水")
    await li.hears("“漏水”找到 8 件", f"{numbers[-1]}号")
    await li.presses("更多")
    await li.hears(f"{numbers[0]}号")
    await li.says("查 电梯")
    await li.hears("没有找到“电梯”")


async def test_a_search_finds_only_what_one_may_see(scripted_town: Town) -> None:
    """The neighbouring area's matters, private ones and the numbers of both stay unknown."""
    town = scripted_town
    li, zhou = await town.grid_worker(), await town.grid_worker(county.OTHER_WORKER)
    social = await town.social_worker()
    open_one = await given(town, LI, WANG, text="漏水的事")
    private = await given(town, LI, ZHAO, text="漏水打官司", service="wish")
    for said in ("查 漏水", f"{open_one}号", f"{private}号", "查 王桂英"):
        await zhou.says(said)
        await zhou.heard()
    for secret in ("漏水的事", "打官司", "王桂英：", "赵大山", "【"):
        assert secret not in zhou.everything_read
    await social.says("查 漏水")
    await social.hears(f"【{open_one}号】")  # one rung higher: the open one, and only that
    await social.says("查 赵大山")
    await social.hears("没有找到")
    await li.says("查 漏水")
    seen = await li.hears("找到 2 件", "保密，点开看")
    assert "打官司" not in seen.text

    def looks(session: Session) -> int:
        query = select(func.count()).where(AuditLine.action == "find")
        return session.scalar(query) or 0

    assert await town.read(looks) == 1


async def test_words_that_only_begin_like_a_search(scripted_town: Town) -> None:
    """查过了 is an answer to the resident, and a resident's 查 is about their own matters."""
    town = scripted_town
    li, wang = await town.grid_worker(), await town.resident()
    await given(town, LI, WANG, claimed=True)
    await wang.says("你们查过电表没有")
    await wang.presses("补充 1号")
    await li.hears("你们查过电表没有")
    await li.says("查过了，没有问题")
    await wang.hears("查过了，没有问题")
    await wang.says("查")
    await wang.hears("您报过的事")


async def test_a_long_list_asks_no_more_than_a_short_one(scripted_town: Town) -> None:
    """Nothing is opened but what stands on the page: the queries do not grow with the list."""
    town = scripted_town
    for ticker in town.app.tickers:
        ticker.stop()  # what falls due by itself asks about tickets, too
    li = await town.grid_worker()
    counts: list[int] = []
    for more in (10, 60):
        for _ in range(more):
            await given(town, LI, WANG)
        asked: list[int] = []
        for _ in range(3):  # a duty may look at tickets in the same moment
            seen: list[str] = []

            def count(conn: object, cursor: object, statement: str, *_: object) -> None:
                seen.append(statement)  # noqa: B023

            await town.settle()
            event.listen(town.app.database, "before_cursor_execute", count)
            await li.says("我的任务")
            await li.hears("您手上的事")
            event.remove(town.app.database, "before_cursor_execute", count)
            asked.append(sum("FROM tickets" in one for one in seen))
        counts.append(min(asked))
    assert counts[1] <= counts[0]
