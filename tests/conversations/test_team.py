"""A group that serves a team: cards land there, one claims, and the thread stays in one place."""

from __future__ import annotations

from zlib import crc32

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.office import Office
from handlers.staff import team_card
from storage.inbox import InboundMessage
from storage.people import Account
from storage.tickets import get
from tests.conversations import county
from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.many import given
from tests.conversations.people import Person
from tests.conversations.seats import TelegramSeat
from tests.conversations.steps import not_understood
from tests.conversations.town import LIBRARIES, TOKENS, Town
from tests.fake_bot_groups import FakeGroup
from tests.fake_bot_users import FakeMessage, FakeUser

BOT = "telegram_staff_bot"


@pytest.fixture(params=["aiogram", "ptb"])
async def both(request: pytest.FixtureRequest, make_town: MakeTown) -> Town:
    """Groups are Telegram's: through each library."""
    return await make_town(request.param)


@pytest.fixture
async def town(request: pytest.FixtureRequest, make_town: MakeTown) -> Town:
    """Through one of them, each test's name choosing which."""
    return await make_town(LIBRARIES[crc32(request.node.name.encode()) % 2])


def group_of(town: Town) -> FakeGroup:
    """A group with the workers' bot in it."""
    assert town.server is not None
    return FakeGroup(town.server, town.server.bot(TOKENS["telegram_staff"]), "莲花池花园网格群")


def user(person: Person) -> FakeUser:
    assert isinstance(person.seat, TelegramSeat)
    return person.seat.user


async def bound(town: Town) -> tuple[FakeGroup, Person, Person]:
    """A group bound by its grid worker, with a liaison in it."""
    group, li, chen = group_of(town), await town.grid_worker(), await town.liaison()
    group.member_says(user(li), f"@{BOT} 绑定团队")
    await group.hears("莲花池花园的事会发到这个群里")
    await li.hears("群已经绑定到莲花池花园")
    return group, li, chen


async def a_card(town: Town, group: FakeGroup) -> tuple[Person, int, FakeMessage]:
    """A resident's matter, and its card in the group."""
    wang = await town.resident()
    number = await file_request(town, wang)
    return wang, number, await group.hears(f"【{number}号】")


async def test_a_card_is_claimed_in_the_group_and_the_thread_stays_there(both: Town) -> None:
    town = both
    group, li, chen = await bound(town)
    wang, number, card = await a_card(town, group)
    assert "楼道灯不亮了" in card.text
    for hidden in ("302", "1单元", "王桂英", "199", county.PHONES[county.RESIDENT]):
        assert hidden not in card.text
    assert [label.partition(" ")[2] for label in card.labels] == ["接单", "回复", "办结"]
    group.member_says(user(chen), "接单", reply_to=card)  # as good as the button, and no reply
    await chen.hears(f"{number}号归您了")
    await wang.hears("联户党员陈秀兰接了")
    await li.hears("已由联户党员陈秀兰接单")
    assert await group.hears("已由联户党员陈秀兰接单") is card
    group.member_says(user(chen), "下午来换灯", reply_to=card)
    await wang.hears("联户党员陈秀兰回复", "下午来换灯")
    await wang.says("好的，我在家，302，13912345678")
    answer = await group.hears("好的，我在家")
    assert answer.reply_to == card.message_id
    for hidden in ("302", "13912345678"):
        assert hidden not in answer.text
    await chen.hears("好的，我在家，302，13912345678")  # whose it is reads all of it
    group.member_says(user(chen), "到了", reply_to=answer)
    await wang.hears("到了")
    await chen.presses("回复")
    await chen.hears("回什么话")
    await chen.says("灯泡换成亮的了")
    await wang.hears("灯泡换成亮的了")
    told = await group.hears("陈秀兰回复居民")
    assert told.reply_to == card.message_id
    kinds = [kind for kind, _ in await town.events(number)]
    assert kinds.count("replied") == 3


async def test_what_is_said_to_colleagues_reaches_no_resident(town: Town) -> None:
    group, _, chen = await bound(town)
    wang, number, card = await a_card(town, group)
    for said in (
        "陈姐你去看看嘛",
        "在哪家哟",
        "王桂英电话多少",
        "这个不归我们物业管",
        "李建国去吧",
    ):
        group.member_says(user(chen), said, reply_to=card)
        await chen.hears(f"您在群里说的“{said}”", "要发给居民王桂英吗")
    await chen.presses(f"发给王桂英（{number}号）")
    await wang.hears("李建国去吧")
    group.member_says(user(chen), "您住几楼？我来看看", reply_to=card)
    await wang.hears("您住几楼")
    for hidden in ("陈姐", "哪家", "电话多少", "不归"):
        assert hidden not in wang.everything_read


async def test_of_two_who_press_in_the_group_at_once_one_wins(town: Town) -> None:
    group, li, chen = await bound(town)
    _, number, card = await a_card(town, group)
    for one in (li, chen):
        await one.heard()
    group.member_presses(user(li), card, "接单")
    group.member_presses(user(chen), card, "接单")
    heard = ["".join(seen.text for seen in await one.heard()) for one in (li, chen)]
    assert ["归您了" in text for text in heard].count(True) == 1
    assert [k for k, _ in await town.events(number)].count("claimed") == 1
    assert "已由" in card.text


async def test_words_are_written_in_private(town: Town) -> None:
    group, li, _ = await bound(town)
    wang, number, card = await a_card(town, group)
    group.member_presses(user(li), card, "办结")
    await group.hears(f"李建国，{number}号要写的话，请到和我的私聊里接着写")
    await li.hears("怎么解决的")
    await li.says("换好了")
    await wang.hears("说办好了", "换好了")
    closed = await group.hears("已办结，等居民确认")
    assert closed is card
    assert closed.buttons == []


async def test_chatter_is_neither_answered_nor_kept(both: Town) -> None:
    town = both
    group, li, chen = await bound(town)
    await a_card(town, group)
    await li.heard()

    def counted(session: Session) -> int:
        return session.scalar(select(func.count()).select_from(InboundMessage)) or 0

    before, said = await town.read(counted), len(group.received)
    mine = group.member_says(user(li), "谁去看一下三栋的灯")
    group.member_says(user(chen), "我去", reply_to=mine)
    for text in ("12号", "1", "我的任务", "/start@another_bot", f"问问@{BOT}s"):
        group.member_says(user(li), text)
    assert await li.heard() == []
    assert await town.read(counted) == before
    assert len(group.received) == said


async def test_who_the_bot_does_not_know_is_told_to_talk_to_it_first(town: Town) -> None:
    group, _, _ = await bound(town)
    wang, number, card = await a_card(town, group)
    stranger = FakeUser(group.server, group.bot, 6_000_001, "小刘", "")
    group.member_presses(stranger, card, "接单")
    await group.hears("小刘，我还不认识您")
    group.member_says(stranger, "我来", reply_to=card)
    await group.hears("小刘，我还不认识您")
    assert (await town.ticket(number)).status == "waiting"
    known = select(func.count()).where(Account.chat.in_([str(stranger.id), str(group.id)]))
    assert await town.read(lambda s: s.scalar(known)) == 0
    assert all("我来" not in seen.text for seen in await wang.heard())


async def test_who_serves_elsewhere_has_no_part_in_it(town: Town) -> None:
    group, _, _ = await bound(town)
    zhou = await town.grid_worker(county.OTHER_WORKER)
    wang, number, card = await a_card(town, group)
    group.member_presses(user(zhou), card, "接单")
    await zhou.heard()
    group.member_says(user(zhou), "我来看看", reply_to=card)
    await zhou.heard()
    assert (await town.ticket(number)).status == "waiting"
    assert all("我来看看" not in seen.text for seen in await wang.heard())
    assert "楼道灯" not in zhou.everything_read
    group.member_says(user(zhou), "/unteam")
    await zhou.hears("不归您办")
    assert len([one for one in group.received if "不再发到" in one.text]) == 0


async def test_what_is_private_never_lands_there(town: Town) -> None:
    group, _, _ = await bound(town)
    number = await given(town, county.GRID_WORKER, county.RESIDENT, text="打官司", service="wish")

    def offered(session: Session) -> None:
        ticket = get(session, number)
        assert ticket is not None
        desk = Office(session, town.now(), town.app.wording)
        team_card.post(desk, ticket)
        team_card.thread(desk, ticket, "team/supplement", text="打官司")

    said = len(group.received)
    await town.write(offered)
    await town.settle()
    assert len(group.received) == said


async def test_a_group_is_bound_by_command_and_let_go(town: Town) -> None:
    group, zhou = group_of(town), await town.grid_worker(county.OTHER_WORKER)
    group.member_says(user(zhou), f"/team@{BOT}")
    await zhou.hears("这个群管您的哪一片")
    await zhou.presses("桂花新村")
    await group.hears("桂花新村的事会发到这个群里")
    sun = await town.resident(county.STRANGER)
    await file_request(town, sun, "楼道灯不亮了，打我电话13912345678")
    card = await group.hears("【")
    assert "楼道灯不亮了" in card.text
    assert "139" not in card.text
    group.member_says(user(zhou), "/unteam")
    await group.hears("不再发到这个群里")
    said = len(group.received)
    await file_request(town, sun, "下水道堵了", "下水道堵了")
    await town.settle()
    assert len(group.received) == said


async def test_an_admin_names_the_area_and_a_resident_cannot(town: Town) -> None:
    group, zheng = group_of(town), await town.admin()
    wang = await town.resident(on="telegram_staff")
    group.member_says(user(wang), f"@{BOT} 绑定团队")
    await wang.hears("不归您办")
    group.member_says(user(zheng), f"@{BOT} 绑定团队")
    await zheng.hears("这个群管哪一片")
    await zheng.says("荷香苑")
    await group.hears("荷香苑的事会发到这个群里")


async def test_a_group_that_nothing_gets_to_is_let_go(town: Town) -> None:
    """Put out of the group, or the group has a new id: nobody was told, and nothing came."""
    group, li, _ = await bound(town)
    assert town.server is not None
    group.blocked = True
    wang = await town.resident()
    await file_request(town, wang)
    await li.hears("楼道灯不亮了")
    await town.look_after()
    await li.hears("莲花池花园的群收不到我的消息了", "绑定团队")
    group.blocked = False
    group.member_says(user(li), f"/team@{BOT}")
    await group.hears("会发到这个群里")
    await li.hears("群已经绑定")
    await town.look_after(minutes=1)
    await file_request(town, wang, "下水道堵了", "下水道堵了")
    await group.hears("下水道堵了")
    town.refusals = ("Forbidden: bot was blocked by the user",)


async def test_a_card_at_night_waits_for_the_morning(town: Town) -> None:
    group, li, _ = await bound(town)
    town.later(hours=13)
    wang = await town.resident()
    said = len(group.received)
    await file_request(town, wang)
    await li.heard()
    assert len(group.received) == said
    town.later(hours=9)
    town.app.delivery.wake()
    await group.hears("楼道灯不亮了")


async def test_a_fault_in_a_group_makes_no_account_of_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, li, _ = await bound(town)
    _, number, card = await a_card(town, group)

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("bot.conversation.Engine.hear_in_group", broken)
    group.member_presses(user(li), card, "接单")
    await li.hears("出了点毛病")

    def after(session: Session) -> tuple[int, int]:
        accounts = select(func.count()).where(Account.chat == str(group.id))
        return session.scalar(accounts) or 0, not_understood(session)

    assert await town.read(after) == (0, 1)
    assert (await town.ticket(number)).status == "waiting"
