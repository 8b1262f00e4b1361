"""法律服务直通车: who serves the doorstep at once, one question, and the lawyer has the matter."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from handlers.registry import HANDLERS
from storage import addresses, posts
from storage.legal import topic_of, topics
from storage.people import Person as Row
from storage.posts import Role
from tests.conversations.law import LAWYER, MEDIATOR, OFFICER, with_helpers
from tests.conversations.people import Person
from tests.conversations.town import Town


async def lawful(town: Town) -> dict[str, Person]:
    """Everybody of the law with a chat, and the neighbours who must never know."""
    await town.write(lambda session: with_helpers(session, town.now()))
    return {
        "officer": await town.worker(OFFICER, "社区民警"),
        "lawyer": await town.worker(LAWYER, "片区律师"),
        "mediator": await town.worker(MEDIATOR, "调解员"),
        "grid": await town.grid_worker(),
        "liaison": await town.liaison(),
    }


async def test_a_story_is_left_to_the_lawyer(detail_town: Town) -> None:
    town = detail_town
    them = await lawful(town)
    wang = await town.resident()
    await wang.says("法律服务")
    await wang.hears("您遇到什么事了")
    await wang.says("老板拖欠我三个月工资不给")
    for called in (f"{OFFICER} 19900000031", f"{LAWYER} 19900000032", "劳动保障 12333"):
        await wang.hears(called)
    await wang.hears("欠薪讨薪的事，可以找", "每周三 14:00-16:00", "工资条")
    await wang.hears("网格员和邻居看不到")
    await wang.presses("留给片区律师")
    await wang.hears("编号是 1号", LAWYER)  # nothing is asked twice
    await them["lawyer"].hears("【1号】法律求助", "老板拖欠我三个月工资不给", "什么事：欠薪讨薪")
    for who in ("mediator", "officer", "grid", "liaison"):
        await them[who].heard_nothing()
    await them["lawyer"].presses("接单")
    await wang.hears(LAWYER, "正在办")
    await them["lawyer"].presses("办结")
    await them["lawyer"].says("已经帮他向劳动监察投诉，钱到账了")
    await wang.hears("解决")
    await wang.presses("已解决")
    await town.settle()
    assert (await town.ticket()).privacy == "confidential"
    assert (await town.ticket()).status == "closed"


async def test_neighbours_are_for_the_mediator_first(scripted_town: Town) -> None:
    them = await lawful(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("找律师")
    await wang.presses("邻里纠纷")
    await wang.hears("邻里纠纷的事")
    _, first = await wang.finds("留给调解员")
    assert first.label.startswith("1")
    await wang.presses("留给调解员")
    await wang.hears("遇到什么事了")  # only a button so far: now the story
    await wang.says("楼上半夜唱歌，说不听")
    await wang.presses("提交")
    await them["mediator"].hears("楼上半夜唱歌")
    await them["lawyer"].heard_nothing()
    await them["grid"].heard_nothing()


async def test_who_is_on_duty_gets_it(scripted_town: Town) -> None:
    """Two lawyers serve the place; the one who sits there just now has it."""
    them = await lawful(scripted_town)

    def another(session: Session) -> None:
        community = addresses.resolve_path(session, "莲花池社区")
        assert community is not None
        row = Row(name="顾律师", created_at=scripted_town.now())
        session.add(row)
        session.flush()
        posts.set_post(session, person_id=row.id, role=Role.LAWYER, area_id=community.id)

    await scripted_town.write(another)
    other = await scripted_town.worker("顾律师", "片区律师")
    wang = await scripted_town.resident()
    for moment, lucky, name in (((10, 9, 0), None, ""), ((10, 14, 30), them["lawyer"], LAWYER)):
        scripted_town.at(2027, 3, *moment)
        await wang.says("法律服务")
        await wang.says("借条丢了，钱要不回来")
        await wang.presses("留给片区律师")
        await wang.hears("编号是")
        if lucky is not None:
            await lucky.hears("借条丢了")
            await wang.says("法律服务")
            await wang.presses("借钱欠债")
            await wang.hears(name, "现在值班")
    assert "借条丢了" in other.everything_read + them["lawyer"].everything_read


async def test_nothing_is_left_without_a_word(scripted_town: Town) -> None:
    await lawful(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("法律服务")
    await wang.presses("别的事")
    await wang.presses("遗产继承")
    await wang.hears("遗嘱")
    await wang.presses("先不留")
    await wang.hears("上面的电话随时能打")
    assert await scripted_town.ticket_count() == 0


async def test_who_asks_for_a_person_there_is_not_sent_next_door(scripted_town: Town) -> None:
    them = await lawful(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("法律服务")
    await wang.says("我要离婚，他不同意")
    await wang.says("转人工")
    await them["lawyer"].hears("我要离婚")
    for who in ("grid", "liaison"):
        await them[who].heard_nothing()
    assert (await scripted_town.ticket()).privacy == "confidential"


def test_it_is_one_of_the_things_to_ask_for() -> None:
    assert {"legal", "booking"} <= set(HANDLERS.openings)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("包工头不给工钱", "wages"), ("我想離婚，孩子跟誰", "marriage"), ("qianxin", "wages"),
        ("邻居占我家楼道", "neighbours"), ("房子要拆迁，补偿太少", "demolition"),
        ("买到假货不退款", "consumer"), ("在工地上干活摔断腿", "labour"), ("我被骗了两万", "fraud"),
        ("我爸的遗嘱算不算数", "inheritance"), ("弟兄几个都不管老人赡养", "support"),
        ("被车撞了，对方不认", "traffic"), ("物业费乱收", "property"), ("朋友借钱不还", "debt"),
    ],
)  # fmt: skip
def test_the_topic_of_words(words: str, key: str) -> None:
    found = topic_of(words)
    assert found is not None
    assert found.key == key


def test_topics_are_whole() -> None:
    for topic in topics().values():
        assert topic.to
        assert topic.calls
        assert topic.advice or topic.script
    assert topic_of("今天天气好") is None
