"""The worker's side: becoming one, the card and its buttons, and words to and fro."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.audit import AuditLine
from storage.outbox import queue
from tests.conversations import county
from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.seats import Button, Seen
from tests.conversations.town import Town

STORY = {"text": "不是我的", "media": [], "voice": False, "location": None}


async def taken(town: Town) -> tuple[Person, Person, int]:
    """A worker who has claimed a resident's ticket."""
    worker, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    await worker.presses("接单")
    await worker.hears("归您了")
    await wang.hears("接了")
    return worker, wang, number


def looks(session: Session, action: str) -> list[str]:
    query = select(AuditLine.subject).where(AuditLine.action == action)
    return list(session.scalars(query))


# Becoming a worker


async def test_an_invitation_counts_once(town: Town) -> None:
    code = await town.invitation(county.GRID_WORKER)
    worker = await town.unseated(county.GRID_WORKER, "网格员")
    await worker.opens(code)
    await worker.hears("李建国，您好", "网格员：莲花池花园")
    thief = await town.unseated("路人", "居民")
    await thief.opens(code)
    await thief.hears("用过了，或者过期了")
    assert "李建国" not in thief.everything_read
    wang = await town.resident()
    await file_request(town, wang)
    await worker.hears("楼道灯不亮了")
    assert "【" not in thief.everything_read


@pytest.mark.parametrize(
    "typed",
    ["  {} ", "我的邀请码：{}", "邀请码是{}，谢谢", "https://jia.example.cn/join/{}"],
)
async def test_an_invitation_may_be_typed(scripted_town: Town, typed: str) -> None:
    code = await scripted_town.invitation(county.GRID_WORKER)
    worker = await scripted_town.unseated(county.GRID_WORKER, "网格员")
    await worker.says(typed.format(code.lower()))
    await worker.hears("李建国，您好")


async def test_a_code_answers_the_question_who_one_is(scripted_town: Town) -> None:
    """Nobody who has just shown a code is asked for their number; in two halves it is one too."""
    code = await scripted_town.invitation(county.GRID_WORKER)
    worker = await scripted_town.unseated("小李", "网格员")
    await worker.says("绑定")
    await worker.hears("自己的手机号")
    await worker.says(f"{code[:4]} {code[4:]}")
    await worker.hears("李建国，您好", "网格员：莲花池花园")
    await worker.says(f"邀请码{code}")
    await worker.hears("用过了，或者过期了")
    await worker.says("绑定")
    await worker.hears("已经和您的岗位连上了")
    await worker.heard_nothing()


async def test_a_colleagues_code_is_asked_about_first(scripted_town: Town) -> None:
    town = scripted_town
    li, code = await town.grid_worker(), await town.invitation(county.OTHER_WORKER)
    await li.says(code)
    await li.hears("这个邀请码是周敏的", "您在这里是李建国", "要换吗")
    await li.says("不换")
    await li.hears("您还是李建国", "还能用")
    await li.says(code)
    await li.hears("要换吗")
    await li.presses("换")
    await li.hears("周敏，您好", "网格员：荷香苑、桂花新村")


async def test_an_invited_resident_is_no_worker(scripted_town: Town) -> None:
    code = await scripted_town.invitation(county.RESIDENT)
    wang = await scripted_town.newcomer()
    await wang.opens(code)
    said = await wang.hears("王桂英，您好", "我认得您了")
    assert "岗位" not in said.text
    assert "我的任务" not in said.text


async def test_an_old_or_wrong_invitation(scripted_town: Town) -> None:
    code = await scripted_town.invitation(county.GRID_WORKER)
    scripted_town.later(days=8)
    worker = await scripted_town.unseated("老李", "网格员")
    await worker.opens(code)
    await worker.hears("用过了，或者过期了")
    await worker.opens("ABCDEFGH")
    await worker.hears("用过了，或者过期了")
    await worker.says("我的任务")
    await worker.heard()
    assert "李建国" not in worker.everything_read


@pytest.mark.parametrize("channel", ["scripted", "aiogram", "ptb"])
async def test_the_listed_number_shared_makes_one_a_worker(
    make_town: MakeTown, channel: str
) -> None:
    town = await make_town(channel)
    worker = await town.unseated("老李", "网格员")
    await worker.shares_phone(county.PHONES[county.GRID_WORKER], own=False)
    await worker.hears("不是您自己的号码")
    await worker.shares_phone("19912345678")
    await worker.heard()
    assert "李建国" not in worker.everything_read
    await worker.shares_phone(county.PHONES[county.GRID_WORKER])
    await worker.hears("李建国，您好", "网格员：莲花池花园")


# The card


async def test_the_card_has_everything_and_comes_at_once(town: Town) -> None:
    worker, liaison = await town.grid_worker(), await town.liaison()
    outsider = await town.grid_worker(county.OTHER_WORKER)
    wang = await town.resident()
    await file_request(town, wang)
    for helper in (worker, liaison):
        card = await helper.hears("路灯照明", "楼道灯不亮了", "3栋1单元302", "王桂英")
        names = [label.partition(" ")[2] for label in card.labels]
        assert names == ["接单", "回复", "转交", "上报", "办结", "查看电话", "更多"]
        assert county.PHONES[county.RESIDENT] not in card.text
    await outsider.heard_nothing()


async def test_who_claims_has_it(town: Town) -> None:
    worker, liaison, wang = (
        await town.grid_worker(),
        await town.liaison(),
        await town.resident(),
    )
    number = await file_request(town, wang)
    old_card, old_button = await liaison.finds("接单")
    await worker.presses("接单")
    await worker.hears("归您了")
    await wang.hears(f"{number}号，网格员李建国接了")
    await liaison.hears("已由网格员李建国接单")
    await liaison.presses_again(old_card, old_button)
    await liaison.hears("已由网格员李建国接单")
    assert (await town.ticket(number)).owner_id == worker.id


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("channel", ["scripted", "web", "aiogram"])
async def test_two_claim_at_the_same_moment(
    make_town: MakeTown, channel: str, database: str
) -> None:
    town = await make_town(channel, database)
    workers = [await town.grid_worker(), await town.liaison()]
    wang = await town.resident()
    number = await file_request(town, wang)
    found = [await worker.finds("接单") for worker in workers]
    await asyncio.gather(
        *(w.seat.press(card, button) for w, (card, button) in zip(workers, found, strict=True))
    )
    told = [await worker.heard() for worker in workers]
    won = [any("归您了" in seen.text for seen in one) for one in told]
    assert sorted(won) == [False, True]
    winner, loser = workers[won.index(True)], told[won.index(False)]
    assert any(f"{winner.role}{winner.name}接单" in seen.text for seen in loser)
    assert (await town.ticket(number)).owner_id == winner.id
    kinds = [kind for kind, _ in await town.events(number)]
    assert kinds.count("claimed") == 1
    claims = [seen for seen in await wang.heard() if "接了" in seen.text]
    assert len(claims) == 1
    assert f"{winner.role}{winner.name}" in claims[0].text


async def test_pressing_claim_twice_is_once(scripted_town: Town) -> None:
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    number = await file_request(scripted_town, wang)
    card, button = await worker.finds("接单")
    await worker.presses_again(card, button)
    await worker.presses_again(card, button)
    await worker.hears("归您了")
    await worker.hears("已经在您手上")
    assert [k for k, _ in await scripted_town.events(number)].count("claimed") == 1


# Words to and fro


async def test_reply_by_replying_to_the_card(town: Town) -> None:
    worker, wang, number = await taken(town)
    await worker.replies_to("楼道灯不亮了", "明天上午来修")
    await wang.hears(f"网格员李建国回复您的 {number}号", "明天上午来修")
    await wang.says("好的，我在家")
    await worker.hears(f"{number}号", "王桂英说", "好的，我在家")
    events = await town.events(number)
    assert ("replied", "明天上午来修") in events
    assert ("supplemented", "好的，我在家") in events


async def test_reply_by_the_button_with_a_photo(town: Town) -> None:
    worker, wang, _ = await taken(town)
    await worker.presses("回复")
    await worker.hears("给王桂英回什么话")
    photos = await worker.sends_photos(2, "您看是这盏吗")
    assert await wang.gets_files(2) == photos
    await wang.hears("您看是这盏吗")
    voice = await wang.sends_voice()
    assert await worker.gets_files(1) == [voice]


async def test_the_resident_replies_to_a_message_of_a_ticket(town: Town) -> None:
    worker, wang, number = await taken(town)
    await wang.replies_to("编号是", "忘了说，是五楼")
    await wang.hears(f"已加到 {number}号")
    await worker.hears("忘了说，是五楼")


async def test_hand_over(town: Town) -> None:
    worker, wang, number = await taken(town)
    social = await town.social_worker()
    await worker.presses("转交")
    await worker.hears("转交给谁")
    await worker.presses("社会工作者 吴芳")
    await worker.hears("为什么转交")
    await worker.says("要跟物业协调")
    await worker.hears(f"{number}号已转给社会工作者吴芳")
    await social.hears("楼道灯不亮了", "3栋1单元302")
    await social.hears("李建国", "要跟物业协调")
    await wang.hears("转给社会工作者吴芳")
    await social.presses("接单")
    await wang.hears("社会工作者吴芳接了")
    assert (await town.ticket(number)).owner_id == social.id


async def solve(worker: Person, wang: Person) -> None:
    await worker.presses("办结")
    await worker.hears("怎么解决的")
    await worker.says("灯换好了")
    await worker.hears("已经请居民确认")
    await wang.hears("说办好了", "灯换好了")


async def test_solved_rated_and_remarked(town: Town) -> None:
    worker, wang, number = await taken(town)
    await solve(worker, wang)
    await wang.presses("已解决")
    await wang.hears("满意吗")
    await wang.presses("基本满意")
    await wang.hears("还想说一句吗")
    await wang.says("晚了两天")
    await wang.hears("就办到这儿了")
    await worker.hears("说解决了")
    ticket = await town.ticket(number)
    assert ticket.status == "closed"


async def test_not_solved_goes_up(town: Town) -> None:
    worker, wang, number = await taken(town)
    social = await town.social_worker()
    await solve(worker, wang)
    await wang.presses("未解决")
    await wang.hears("还差什么没办好")
    await wang.says("六楼的还不亮")
    await wang.hears("交给吴芳接着办")
    await worker.hears("到社会工作者吴芳手上了")
    await social.hears("楼道灯不亮了")
    await social.hears("说还没解决", "六楼的还不亮")
    ticket = await town.ticket(number)
    assert (ticket.status, ticket.round, ticket.owner_id) == ("waiting", 2, social.id)
    await solve(social, wang)
    await wang.presses("已解决")
    await wang.hears("满意吗")


# Who may see what


async def test_a_look_at_the_phone_is_written_down(town: Town) -> None:
    worker, _, number = await taken(town)
    assert await town.read(lambda s: looks(s, "phone")) == []
    await worker.presses("查看电话")
    await worker.hears("是为了什么")
    assert await town.read(lambda s: looks(s, "phone")) == []
    await worker.presses("上门前联系")
    await worker.hears(county.PHONES[county.RESIDENT], "已经记下")
    assert await town.read(lambda s: looks(s, "phone")) == [f"ticket:{number}"]


async def test_my_tasks_lists_them_and_opens_a_card(town: Town) -> None:
    worker, _, number = await taken(town)
    await worker.says("我的任务")
    await worker.hears("您手上的事", f"{number}号")
    await worker.presses(f"{number}号 路灯照明")
    card = await worker.hears(f"【{number}号】")
    assert any("办结" in label for label in card.labels)


@pytest.mark.parametrize("channel", ["scripted", "web", "aiogram"])
async def test_who_does_not_serve_it_gets_nothing(make_town: MakeTown, channel: str) -> None:
    """Another area's worker with the buttons of somebody else's card, and with replies."""
    town = await make_town(channel)
    worker, wang, number = await taken(town)
    outsider = await town.grid_worker(county.OTHER_WORKER)
    await outsider.says("你好")
    mine = (await outsider.heard())[-1]
    for label in ("回复", "办结", "转交", "查看电话"):
        _, button = await worker.finds(label)
        await outsider.presses_again(mine, button)
    await outsider.says("我的任务")
    await outsider.heard()
    for secret in ("楼道灯", "王桂英", county.PHONES[county.RESIDENT], "302"):
        assert secret not in outsider.everything_read
    assert await town.read(lambda s: looks(s, "phone")) == []
    assert (await town.ticket(number)).owner_id == worker.id
    assert all("周敏" not in seen.text for seen in await wang.heard())


async def test_a_resident_cannot_press_the_worker_s_buttons(scripted_town: Town) -> None:
    worker, wang, number = await taken(scripted_town)
    _, button = await worker.finds("办结")
    await wang.presses_again(Seen("x"), button)
    await wang.heard()
    assert (await scripted_town.ticket(number)).status == "claimed"


ACTIONS = ["claim", "reply", "resolve", "transfer", "phone", "card", "my_request", "supplement",
           "nudge", "withdraw", "solved", "unsolved", "rate", "to_ticket", "not_this"]  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
async def test_each_action_asks_who_presses(scripted_town: Town, action: str) -> None:
    """A button in one's own chat that was right once: the post is gone, the ticket another's."""
    town = scripted_town
    _, wang, number = await taken(town)
    before, events = await town.ticket(number), await town.events(number)
    outsider = await town.grid_worker(county.OTHER_WORKER)
    await outsider.says("你好")
    await outsider.heard()
    await wang.heard()
    more: dict[str, object] = {
        "rate": {"score": "satisfied"},
        "to_ticket": {"story": STORY},
        "not_this": {"event": 1, "story": STORY},
    }.get(action, {})  # type: ignore[assignment]
    versioned = {"claim", "reply", "resolve", "transfer", "solved", "unsolved"}
    args = {
        "ticket": number,
        **({"version": before.version} if action in versioned else {}),
        **more,
    }

    def job(session: Session) -> int:
        payload = {"text": "", "choices": [{"label": "?", "do": action, "args": args}]}
        chat = outsider.seat.chat  # type: ignore[attr-defined]
        return queue(session, channel="scripted", chat=chat, payload=payload, now=town.now())

    ref = await town.write(job)
    await outsider.presses_again(Seen("x"), Button("?", f"{ref}:1"))
    await outsider.says("是我来办的吗")  # what a conversation that had begun would take
    await outsider.heard()
    await wang.heard_nothing()
    after = await town.ticket(number)
    assert (after.status, after.version, after.owner_id) == (
        before.status, before.version, before.owner_id,
    )  # fmt: skip
    assert await town.events(number) == events
    assert await town.read(lambda s: looks(s, "phone")) == []
    for secret in ("楼道灯不亮了", "王桂英", county.PHONES[county.RESIDENT], "1单元302"):
        assert secret not in outsider.everything_read
