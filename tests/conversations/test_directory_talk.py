"""便民服务 in the chat: a short list, 换一批, 我打过了 and how it was, 报错, 没找到."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import addresses, audit
from storage.directory import care, misses, referrals
from storage.entries import Entry, set_entry
from tests.conversations.people import Person
from tests.conversations.town import Town

FRESH = date(2026, 2, 1)


def lock_shops(
    session: Session, names: str = "甲乙丙丁", compound: str = "莲花池花园"
) -> list[int]:
    """Shops that open locks, all alike but for their names."""
    place = addresses.resolve_path(session, f"莲花池社区/{compound}")
    assert place is not None
    return [
        set_entry(
            session, category="开锁", name=f"{head}记开锁", phone=f"1990990000{n}",
            area_id=place.id, offers="开锁、换锁芯", hours="全天", verified_on=FRESH,
        )[0].id
        for n, head in enumerate(names)
    ]  # fmt: skip


async def looks_for(who: Person, *words: str) -> str:
    """Ask for it; what the list says."""
    await who.says("找服务")
    await who.hears("您要找什么", "修水管、开锁、保姆")
    await who.says(words[0])
    return (await who.hears(*words)).text


async def test_a_list_and_how_it_was(detail_town: Town) -> None:
    town = detail_town
    await town.write(lock_shops)
    wang = await town.resident()
    text = await looks_for(wang, "kaisuo", "这几家能帮您", "就在您小区，现在营业", "核对过")
    assert [f"{one}记开锁" in text for one in "甲乙丙丁"] == [True, True, True, False]
    assert "19909900000" in wang.everything_read, "a number to tap for each"
    first, button = await wang.finds("换一批")

    await wang.presses("换一批")
    text = (await wang.hears("再看看这一家", "丁记开锁")).text
    assert "甲记" not in text
    await wang.presses("换一批")
    await wang.hears("都给您看过了，从头再来", "甲记开锁")

    await wang.presses_again(first, button)
    await wang.hears("再看看这一家", "丁记开锁")
    await wang.presses("我打过了")
    await wang.hears("记下您找了“丁记开锁”", "办得怎么样")
    await wang.presses("好")
    await wang.hears("谢谢您")
    assert await town.read(lambda s: list(s.scalars(select(referrals.Referral.score)))) == ["good"]


async def test_who_took_one_is_asked_the_next_morning_once(scripted_town: Town) -> None:
    town = scripted_town
    await town.write(lock_shops)
    wang, zhao = await town.resident(), await town.resident("赵大山")
    for who in (wang, zhao):
        await looks_for(who, "开锁", "能帮您")
    await wang.presses("我打过了")
    await wang.hears("哪一家")
    await wang.says("2")
    await wang.hears("乙记开锁")
    await zhao.presses("我打过了")
    await zhao.hears("哪一家")
    await zhao.says("都不是")
    await zhao.hears("需要的时候再找我")

    town.at(2026, 3, 11, 23, 30)
    await town.look_after()
    await wang.heard_nothing()
    town.at(2026, 3, 12, 10, 1)
    await town.look_after()
    await wang.hears("您找过“乙记开锁”", "办得怎么样")
    await town.look_after(days=1)
    await wang.heard_nothing()
    await zhao.heard_nothing()
    await wang.says("3")
    await wang.hears("谢谢您说实话")
    await wang.finds("报错")

    def by_another(session: Session) -> int:
        return session.scalars(select(referrals.Referral.id)).one()

    number = await town.read(by_another)
    assert await town.read(lambda s: referrals.of(s, number, zhao.id or 0)) is None


async def test_three_people_take_one_down_until_somebody_looked(detail_town: Town) -> None:
    town = detail_town
    shops = await town.write(lambda s: lock_shops(s, "甲"))
    admin, worker = await town.admin(), await town.grid_worker()
    people = [await town.resident(), await town.resident("赵大山"), await town.resident("孙德福")]
    for who in people:
        await looks_for(who, "开锁", "这一家能帮您")
    old, took_it = await people[0].finds("我打过了")
    for again in range(2):  # one person counts once
        await people[0].presses("报错")
        await people[0].hears("“甲记开锁”哪里不对")
        await people[0].says("关门了")
        await people[0].hears("先撤下来请人核对" if again else "记下了")
    await people[1].presses("报错")
    await people[1].presses("价格不对")
    await people[1].hears("记下了")
    await worker.heard_nothing()
    await people[2].presses("报错")
    await people[2].presses("别的")
    await people[2].hears("一句话就行")
    await people[2].says("搬到街对面去了")
    await people[2].hears("先不给大家看了")
    for who in (admin, worker):
        await who.hears("便民信息要您核对", "3 位居民说", "关门了", "价格不对", "搬到街对面去了")
    seen, right = await admin.finds("核对无误")

    await looks_for(people[0], "开锁", "没找到“开锁”")
    await people[0].presses_again(old, took_it)
    await people[0].hears("记下您找了“甲记开锁”")

    await worker.presses("改电话")
    await worker.hears("新电话是多少")
    await worker.says("一二三")
    await worker.hears("不像电话号码")
    await worker.says("199 0990 1111")
    await worker.hears("19909901111", "核对过了")
    await people[0].hears("谢谢您上次报错", "电话改成 19909901111")
    await looks_for(people[0], "开锁", "2026年3月11日核对过")
    await admin.presses_again(seen, right)
    await admin.hears("已经有人处理过了", "19909901111")
    await admin.presses("下架")
    await admin.hears("下架了")
    await looks_for(people[0], "开锁", "没找到")
    await admin.presses("重新上架")
    await admin.hears("居民找得到")
    await looks_for(people[0], "开锁", "能帮您")

    def lines(session: Session) -> list[str]:
        found = audit.lines_about(session, f"entry:{shops[0]}", 10)
        return [one.action for one in reversed(found)]

    assert await town.read(lines) == ["entry_phone", "entry_down", "entry_verified"]


async def test_who_looks_after_which_entries(scripted_town: Town) -> None:
    """A worker of one compound neither sees nor changes what stands elsewhere; nor a resident."""
    town = scripted_town
    long_ago = date(2025, 1, 1)

    def grow_old(session: Session) -> None:
        for one in (*lock_shops(session, "甲"), *lock_shops(session, "乙", "荷香苑")):
            session.get_one(Entry, one).verified_on = long_ago

    await town.write(grow_old)
    worker, other, wang = (
        await town.grid_worker(), await town.grid_worker("周敏"), await town.resident()
    )  # fmt: skip
    await worker.says("便民信息管理")
    shown = await worker.hears("有 1 条", "好久没核对", "甲记开锁")
    assert "乙记" not in shown.text
    await other.says("便民信息管理")
    await other.hears("有 1 条", "乙记开锁")
    await wang.says("便民信息管理")
    await wang.hears("不")
    assert "甲记" not in wang.everything_read
    await worker.presses("甲记开锁")
    await worker.hears("上次核对：2025-01-01")
    message, button = await worker.finds("核对无误")
    await worker.presses_again(message, button)
    await worker.hears("核对过了")
    await worker.says("便民信息管理")
    await worker.hears("都核对过")


async def test_what_was_not_found_is_taught(detail_town: Town) -> None:
    town = detail_town
    await town.write(lock_shops)
    admin, worker, wang = await town.admin(), await town.grid_worker(), await town.resident()
    await looks_for(wang, "咕噜咕噜", "没找到“咕噜咕噜”", "我记下了")
    await wang.presses("换个说法")
    await wang.hears("您要找什么")
    await wang.says("我电话13812345678咕噜")
    await wang.hears("没找到")
    noted = await town.read(lambda s: [(one.text, one.times) for one in misses(s)])
    assert noted == [("咕噜咕噜", 1)], "no number is kept"

    await worker.says("没找到的")
    await worker.hears("不")
    await admin.says("没找到的")
    await admin.hears("咕噜咕噜（1 次）")
    await admin.presses("咕噜咕噜")
    await admin.hears("“咕噜咕噜”是找哪一类")
    await admin.presses("开锁")
    await admin.hears("就找开锁")
    await admin.presses("接着看")
    await admin.hears("没有新的")
    await admin.presses("教一个新词")
    await admin.hears("打一个词")
    await admin.says("叽里呱啦")
    await admin.hears("是找哪一类")
    await admin.says("开锁")
    await admin.hears("记住了")
    for words in ("咕噜咕噜", "叽里呱啦"):
        await looks_for(wang, words, "能帮您")


async def test_old_entries_come_last_and_very_old_ones_not(scripted_town: Town) -> None:
    town = scripted_town

    def ages(session: Session) -> None:
        days = {"甲": 548, "乙": 547, "丙": 365, "丁": 364}
        today = town.now().astimezone().date()
        for one in lock_shops(session):
            entry = session.get_one(Entry, one)
            entry.verified_on = today - timedelta(days=days[entry.name[0]])

    await town.write(ages)
    wang = await town.resident()
    text = await looks_for(wang, "开锁", "能帮您")
    assert "甲记" not in text
    order = [text.index(f"{one}记") for one in "丁乙丙"]
    assert order[0] == min(order)
    assert text.count("好久没核对") == 2


async def test_without_a_home_and_in_danger(scripted_town: Town) -> None:
    """Who is not known gets the list too; whom to call comes first where it is dangerous."""
    town = scripted_town
    await town.write(lock_shops)
    stranger = await town.newcomer()
    await looks_for(stranger, "开锁", "在莲花池花园，现在营业")
    await stranger.says("找服务")
    await stranger.says("煤气漏了要关阀门")
    await stranger.hears("119")


async def test_ratings_are_shown_from_three_people_on(scripted_town: Town) -> None:
    town = scripted_town
    shops = await town.write(lambda s: lock_shops(s, "甲"))
    wang = await town.resident()
    people = [wang, await town.resident("赵大山"), await town.resident("孙德福")]

    def rate(session: Session, who: int, score: str, now: datetime) -> None:
        taken = referrals.take(session, shops[0], who, now)
        referrals.rate(session, taken, score, now)

    for score, who in zip(("good", "bad", "good"), people, strict=True):
        text = await looks_for(wang, "开锁", "能帮您")
        assert "位邻居评过" not in text
        for _ in range(2):  # said twice, counted once
            await town.write(lambda s, w=who.id, sc=score: rate(s, w, sc, town.now()))
    await looks_for(wang, "开锁", "3 位邻居评过：2 位说好，1 位说不好")
    assert await town.read(lambda s: care.find(s, shops[0]).down_since) is None  # type: ignore[union-attr]
