"""供需对接 in the chat: an admin lets it stand, both are asked, and only two yeses give numbers."""

from __future__ import annotations

import random

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.audit import AuditLine
from storage.exchange import Introduction, Listing, State
from storage.people import Person as Row
from tests.conversations import county
from tests.conversations.people import Person
from tests.conversations.town import Town

NEED = "想找人修一下电饭煲，我电话139 1234 5678"
OFFER = "我会修电饭煲和小家电"


async def puts_up(who: Person, way: str, words: str) -> None:
    await who.says("供需对接")
    await who.hears("想做哪一样")
    await who.presses(way)
    await who.hears("不用写姓名、电话、门牌")
    await who.says(words)
    await who.hears("发出去吗")
    await who.presses("发出去")
    await who.hears("管理员看过就发出去")


async def stands(who: Person, admin: Person, way: str, words: str) -> None:
    await puts_up(who, way, words)
    await admin.hears("等您看看")
    await admin.presses("同意发布")
    await admin.hears("发出去了")
    await who.hears("管理员同意了")


async def introduced(town: Town) -> tuple[Person, Person, Person]:
    """王桂英 needs, 赵大山 offers, and both have just been asked."""
    admin, wang, zhao = await town.admin(), await town.resident(), await town.resident("赵大山")
    await stands(zhao, admin, "我能帮别人", OFFER)
    await stands(wang, admin, "我想找人帮忙", NEED)
    await wang.hears("有位邻居可能帮得上（莲花池花园）", OFFER)
    await zhao.hears("有位邻居正好需要（莲花池花园）", "电饭煲")
    return wang, zhao, admin


async def numbers(town: Town) -> list[tuple[int | None, str]]:
    def job(session: Session) -> list[tuple[int | None, str]]:
        query = select(AuditLine.actor_id, AuditLine.subject)
        wanted = query.where(AuditLine.action == "phone_exchanged").order_by(AuditLine.id)
        return [(row.actor_id, row.subject) for row in session.execute(wanted)]

    return await town.read(job)


async def test_both_say_yes(detail_town: Town) -> None:
    town = detail_town
    wang, zhao, admin = await introduced(town)
    await wang.presses("可以，互相留电话")
    await wang.hears("等对方也愿意")
    await zhao.heard_nothing()
    for who in (wang, zhao, admin):
        assert "139" not in who.everything_read, "a number in the words is hidden"
    assert await numbers(town) == []
    message, yes = await zhao.finds("可以，互相留电话")
    await zhao.presses("可以")
    await zhao.hears("接上了", county.RESIDENT, county.PHONES[county.RESIDENT])
    await wang.hears("接上了", "赵大山", county.PHONES["赵大山"])
    both = [(zhao.id, f"person:{wang.id}"), (wang.id, f"person:{zhao.id}")]
    assert sorted(await numbers(town)) == sorted(both)

    await zhao.presses_again(message, yes)  # once more: shown, and written down
    await zhao.hears("接上了", county.PHONES[county.RESIDENT])
    assert len(await numbers(town)) == 3
    await wang.presses("没谈成，接着找")
    await wang.hears("又挂出来了")


async def test_a_no_is_not_told_and_not_asked_again(detail_town: Town) -> None:
    town = detail_town
    wang, zhao, _ = await introduced(town)
    old, yes = await zhao.finds("可以")
    await wang.presses("可以")
    await wang.hears("等对方也愿意")
    await zhao.presses("先不用")
    await zhao.hears("不会告诉对方")
    heard = (await wang.hears("这一次没有接上")).text
    assert "赵大山" not in heard
    await zhao.presses_again(old, yes)
    await zhao.hears("这一次没有接上")
    assert await numbers(town) == []
    assert county.PHONES["赵大山"] not in wang.everything_read


async def test_declined_with_a_reason_and_by_whom(scripted_town: Town) -> None:
    town = scripted_town
    admin, worker, wang = await town.admin(), await town.grid_worker(), await town.resident()
    await puts_up(wang, "我能帮别人", "代办贷款，当天放款")
    await admin.hears("王桂英说能帮忙", "代办贷款")
    message, yes = await admin.finds("同意发布")
    await admin.presses("不同意")
    await admin.hears("为什么不合适")
    await admin.says("贷款的事不能在这里发")
    await admin.hears("已经告诉居民了")
    await wang.hears("没有发出去", "贷款的事不能在这里发")
    await admin.presses_again(message, yes)
    await admin.hears("已经看过了")
    await worker.says("供需审核")
    assert "贷款" not in worker.everything_read
    await admin.says("供需审核")
    await admin.hears("没有等您看的")


async def test_withdrawn_at_any_time(scripted_town: Town) -> None:
    town = scripted_town
    wang, zhao, admin = await introduced(town)
    await wang.presses("可以")
    await wang.hears("等对方也愿意")
    await zhao.says("供需对接")
    await zhao.presses("我发过的")
    await zhao.hears("修电饭煲", "挂着")
    await zhao.presses("撤回第1条")
    await zhao.hears("撤回了")
    await wang.hears("这一次没有接上")
    await zhao.presses("可以")
    await zhao.hears("这一次没有接上")
    sun = await town.resident("孙德福")
    await sun.says("供需对接")
    await sun.presses("看看邻居发的")
    text = (await sun.hears("邻居们发的", "电饭煲")).text
    assert OFFER not in text
    assert "139" not in text
    await sun.presses("第1条我能帮")
    await sun.hears("您看中的是", "您能帮什么")
    await sun.says("写字画画我都行")
    await sun.presses("发出去")
    await admin.hears("写字画画")
    await admin.presses("同意发布")
    await admin.hears("1 位邻居对得上")
    await wang.hears("有位邻居可能帮得上（桂花新村）", "写字画画")


async def test_sixty_days_and_an_answer_that_never_came(scripted_town: Town) -> None:
    town = scripted_town
    wang, zhao, _ = await introduced(town)
    await wang.presses("可以")
    await wang.hears("等对方也愿意")
    await town.look_after(days=15)
    await wang.hears("这一次没有接上")
    await zhao.heard_nothing()
    await town.look_after(days=46)
    await wang.hears("先取下来了")
    await zhao.hears("先取下来了")
    await zhao.presses("再挂出来")
    await zhao.hears("又挂出来了")
    states = await town.read(lambda s: list(s.scalars(select(Listing.state).order_by(Listing.id))))
    assert states == [State.OPEN, State.EXPIRED]


async def test_without_a_home_or_a_number(scripted_town: Town) -> None:
    town = scripted_town
    stranger = await town.newcomer()
    await stranger.says("供需对接")
    await stranger.presses("我能帮别人")
    await stranger.hears("先告诉我您住哪个小区")

    def forget_number(session: Session) -> None:
        session.get_one(Row, town.id_of(session, "赵大山")).phone = None

    await town.write(forget_number)
    wang, zhao, _ = await introduced(town)
    await wang.presses("可以")
    await zhao.presses("可以")
    await zhao.hears("请留一个电话")
    await zhao.says("跳过")
    await zhao.hears("联系不上")
    await zhao.presses("可以")
    await zhao.says("19900000077")
    await zhao.hears("接上了")
    await wang.hears("接上了", "19900000077")


async def test_whatever_anybody_does_no_number_before_both_agree(scripted_town: Town) -> None:
    """Sixty presses and words in any order: who reads a number has agreed, and so has its
    owner, and a line says so."""
    town = scripted_town
    admin = await town.admin()
    people = [await town.resident(one) for one in ("王桂英", "赵大山", "孙德福")]
    chance = random.Random(7)
    for who in people:
        phone = county.PHONES[who.name]
        await puts_up(who, "我能帮别人", f"会修电饭煲，打{phone}")
        await puts_up(who, "我想找人帮忙", f"找人修电饭煲，打{phone}")
    doing = {
        "可以": 6,
        "先不用": 1,
        "同意发布": 4,
        "撤回": 1,
        "再挂": 1,
        "接着找": 1,
        "我发过的": 1,
    }
    for _ in range(60):
        who = chance.choice([*people, admin])
        await town.settle()
        who.look()
        shown = [(seen, b) for seen in who.seat.standing.values() for b in seen.buttons]
        weights = [sum(doing[one] for one in doing if one in b.label) for _, b in shown]
        if any(weights):
            await who.presses_again(*chance.choices(shown, weights)[0])
    await town.settle()

    def agreed(session: Session) -> set[frozenset[int]]:
        pairs = set()
        for one in session.scalars(select(Introduction).where(Introduction.agreed_at.is_not(None))):
            assert one.offer_says
            assert one.need_says
            sides = (one.offer_id, one.need_id)
            pairs.add(frozenset(session.get_one(Listing, side).person_id for side in sides))
        return pairs

    pairs = await town.read(agreed)
    written = await numbers(town)
    assert pairs, "nobody agreed, so nothing was tried"
    for reader in (*people, admin):
        for other in people:
            if reader is other:
                continue
            reads = county.PHONES[other.name] in reader.everything_read
            assert reads == (frozenset({reader.id, other.id}) in pairs)
            assert reads == ((reader.id, f"person:{other.id}") in written)
