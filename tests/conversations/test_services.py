"""Every service is filed by one and the same talk, as its rule says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from handlers.residents import request
from storage import areas, posts, rules, tickets
from storage.people import Person as Human
from storage.posts import Role
from storage.rules import Asked
from tests.conversations.conftest import MakeTown
from tests.conversations.people import Person
from tests.conversations.town import Town


async def helper(town: Town, role: Role, name: str) -> Person:
    """Somebody of this role for the whole county, with a chat."""

    def settle(session: Session) -> None:
        county = areas.county(session)
        assert county is not None
        person = Human(name=name, created_at=town.now())
        session.add(person)
        session.flush()
        posts.set_post(session, person_id=person.id, role=role, area_id=county.id)

    await town.write(settle)
    return await town.grid_worker(name)


async def asked_of(town: Town, number: int) -> list[list[str]]:
    def job(session: Session) -> list[list[str]]:
        found: list[list[str]] = tickets.events(session, number)[0].detail.get("asked", [])
        return found

    return await town.read(job)


async def files(town: Town, who: Person) -> int:
    await who.presses("提交")
    await who.hears("编号是")
    await town.settle()
    return (await town.ticket()).id


async def test_a_wish(town: Town) -> None:
    liaison = await town.liaison()
    wang = await town.resident()
    await wang.says("微心愿")
    await wang.hears("您有什么小心愿")
    await wang.says("想要一个轮椅")
    summary = await wang.hears("要办的：微心愿", "事情：想要一个轮椅", "只有经手的人看得到")
    assert "类别" not in summary.text
    assert "地方" not in summary.text
    await files(town, wang)
    ticket = await town.ticket()
    assert (ticket.service, ticket.privacy, ticket.kind) == ("wish", "private", None)
    await liaison.hears("微心愿", "想要一个轮椅")


async def test_legal_help_stays_among_those_who_may_know(town: Town) -> None:
    worker, lawyer = await town.grid_worker(), await helper(town, Role.LAWYER, "何敏")
    wang = await town.resident()
    await wang.says("法律求助")
    await wang.hears("只有律师和调解员这样经手的人看得到")
    await wang.says("老板欠了半年工资")
    await wang.hears("欠薪讨薪的事，可以找", "片区律师何敏")
    await wang.hears("网格员和邻居看不到")
    await wang.presses("留给片区律师")
    await wang.hears("编号是")
    assert (await town.ticket()).privacy == "confidential"
    await lawyer.hears("法律求助", "欠了半年工资")
    await worker.heard_nothing()


async def test_an_errand_asks_what_its_rule_asks(scripted_town: Town) -> None:
    social = await scripted_town.social_worker()
    wang = await scripted_town.resident()
    await wang.says("代办")
    await wang.hears("比如：医保、低保、办证")
    await wang.says("想办老年证")
    await wang.hears("什么时候方便跟您碰面", "跳过")
    await wang.says("下午")
    await wang.hears("什么时候方便跟您碰面：下午")
    number = await files(scripted_town, wang)
    assert await asked_of(scripted_town, number) == [["什么时候方便跟您碰面", "下午"]]
    await social.hears("想办老年证", "什么时候方便跟您碰面：下午")


async def test_what_may_be_skipped_is(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("帮我代办")
    await wang.says("想办老年证")
    await wang.presses("跳过")
    summary = await wang.hears("事情：想办老年证")
    assert "碰面" not in summary.text
    assert await asked_of(scripted_town, await files(scripted_town, wang)) == []


@pytest.mark.parametrize(
    ("opening", "service"), [("调解", "mediation"), ("jiufentiaochu", "dispute")]
)
async def test_a_quarrel(scripted_town: Town, opening: str, service: str) -> None:
    wang = await scripted_town.resident()
    await wang.says(opening)
    await wang.hears("只有经手的人看得到")
    await wang.says("楼上天天半夜搬东西")
    await wang.hears("对方是谁")
    await wang.says("邻居")
    await wang.hears("：邻居")
    number = await files(scripted_town, wang)
    assert (await scripted_town.ticket()).service == service
    ((asked, answer),) = await asked_of(scripted_town, number)
    assert asked.startswith("对方是谁")
    assert answer == "邻居"


async def test_a_danger_asks_for_a_photo_and_where(scripted_town: Town) -> None:
    worker = await scripted_town.grid_worker()
    wang = await scripted_town.resident()
    await wang.says("安全隐患")
    await wang.hears("哪里有危险")
    await wang.says("外墙的砖要掉下来了")
    await wang.hears("出在哪儿")
    await wang.presses("小区里")
    await wang.hears("拍张照片")
    photo = await wang.sends_photos(1)
    await wang.hears("地方：莲花池花园\n", "照片和语音：1 个")
    await files(scripted_town, wang)
    assert await worker.gets_files(1) == photo


async def test_no_photo_is_asked_for_where_one_came_already(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("隐患")
    await wang.sends_photos(1, "外墙的砖要掉下来了")
    await wang.presses("就在我家")
    await wang.hears("您看对不对", "照片和语音：1 个")


async def test_the_countys_unified_matters(scripted_town: Town) -> None:
    """One after the other in one chat: what is open already does not stand in the way."""
    wang = await scripted_town.resident()
    for opening, service, asks_where in [
        ("治安防范", "security", True),
        ("道路交通", "traffic", True),
        ("环境卫生", "environment", True),
        ("防疫", "epidemic", False),
        ("便民事项", "convenience", False),
    ]:
        await wang.says(opening)
        await wang.says("门口这边有点不对劲")
        if asks_where:
            await wang.hears("出在哪儿")
            await wang.presses("楼里公共地方")
        await wang.hears("要办的：", "门口这边有点不对劲")
        await files(scripted_town, wang)
        assert (await scripted_town.ticket()).service == service


async def test_the_list_of_all_there_is(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("都能办什么？")
    listed = await wang.hears("微心愿：有个小愿望", "法律求助", "便民事项")
    assert "对工作人员有意见" in listed.text
    assert any("代报" in label for label in listed.labels)
    assert any("请人帮忙" in label for label in listed.labels)
    assert not any("服务设置" in label for label in listed.labels)
    await wang.says("2")
    await wang.hears("您有什么小心愿")


async def test_a_newcomer_says_where_they_live_first(scripted_town: Town) -> None:
    wang = await scripted_town.newcomer()
    await wang.says("微心愿")
    await wang.says("想学用手机")
    await wang.hears("您同意吗")
    for said in ("同意", "莲花池花园3栋", "1单元302", "王阿姨", "跳过"):
        await wang.says(said)
    await wang.hears("要办的：微心愿", "想学用手机")
    await files(scripted_town, wang)


async def test_another_service_in_the_summary(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("微心愿")
    await wang.says("楼上漏水，想找人说理")
    await wang.hears("要办的：微心愿")
    await wang.says("修改")
    await wang.presses("办哪种服务")
    await wang.hears("这事算哪一项")
    await wang.presses("矛盾调解")
    await wang.hears("对方是谁")
    await wang.says("邻居")
    await wang.hears("要办的：矛盾调解", "楼上漏水，想找人说理")
    await files(scripted_town, wang)
    assert (await scripted_town.ticket()).service == "mediation"


async def test_back_from_choosing_another_service(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("微心愿")
    await wang.says("想学用手机")
    await wang.hears("要办的：微心愿")
    await wang.says("修改")
    await wang.presses("办哪种服务")
    await wang.hears("这事算哪一项")
    await wang.says("返回")
    await wang.hears("要办的：微心愿", "想学用手机")


async def test_words_that_speak_for_a_service_are_asked_about(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("想要一个轮椅")
    await wang.hears("听起来是“微心愿”，对吗")
    await wang.says("不是")
    await wang.hears("刚才的话我记着")
    await wang.says("想要一个轮椅")
    await wang.hears("听起来是")
    await wang.says("是的")
    await wang.hears("要办的：微心愿", "想要一个轮椅")
    await files(scripted_town, wang)
    assert (await scripted_town.ticket()).service == "wish"


async def test_in_danger_nothing_is_asked_that_can_wait(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("安全隐患")
    await wang.says("楼下着火了")
    await wang.hears("请马上打")
    await wang.presses("楼里公共地方")
    await wang.hears("急事", "编号 1号")
    ticket = await scripted_town.ticket()
    assert ticket.urgent
    assert ticket.service == "safety"


async def test_other_words_are_suggested_and_asked_about(
    scripted_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is guessed from the words is put as a question, and a no to it is a 微诉求 or any."""
    monkeypatch.setattr(request, "suggest_services", lambda text: ["legal"])
    wang = await scripted_town.resident()
    await wang.says("反映问题")
    await wang.says("老板欠了半年工资不给")
    asked = await wang.hears("听起来是“法律求助”，对吗")
    assert [label.partition(" ")[2] for label in asked.labels[:3]] == [
        "法律求助", "微诉求", "都不是，我自己选",
    ]  # fmt: skip
    await wang.says("都不是")
    await wang.hears("这事算哪一项")
    await wang.says("代办")
    await wang.hears("什么时候方便")
    await wang.says("返回")
    await wang.hears("这事算哪一项")
    await wang.says("返回")
    await wang.presses("法律求助")
    await wang.hears("要办的：法律求助")


async def test_a_confidential_matter_half_told_does_not_reach_the_grid_worker(
    scripted_town: Town,
) -> None:
    worker = await scripted_town.grid_worker()
    lawyer = await helper(scripted_town, Role.LAWYER, "何敏")
    wang = await scripted_town.resident()
    await wang.says("法律求助")
    await wang.says("想离婚")
    await wang.hears("要不要把这件事留给他们")
    await wang.says("转人工")
    await wang.hears("何敏来帮您")
    await lawyer.hears("想离婚")
    await worker.heard_nothing()


async def test_a_service_that_was_switched_off(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("服务")
    await wang.hears("便民事项")

    def switch_off(session: Session) -> None:
        rule = rules.current(session)["convenience"]
        rules.change(session, replace(rule, active=False), scripted_town.now(), None)

    await scripted_town.write(switch_off)
    await wang.presses("便民事项")
    await wang.hears("现在不办了")
    assert "便民事项" not in (await wang.hears("这些都能办")).text


async def test_a_question_added_while_somebody_is_telling(scripted_town: Town) -> None:
    """The rule of the moment of filing counts: a new question is asked, nothing told is lost."""
    wang = await scripted_town.resident()
    await wang.says("微心愿")
    await wang.says("想学用手机")
    await wang.hears("要办的：微心愿")

    def add_question(session: Session) -> None:
        rule = replace(rules.current(session)["wish"], questions=(Asked("age", "您多大年纪？"),))
        rules.change(session, rule, scripted_town.now(), None)

    await scripted_town.write(add_question)
    await wang.presses("提交")
    await wang.hears("您多大年纪")
    await wang.says("七十三")
    await wang.hears("您多大年纪：七十三")
    await files(scripted_town, wang)
    ticket = await scripted_town.ticket()
    assert (ticket.service, ticket.service_version, ticket.text) == ("wish", 2, "想学用手机")


async def test_kinds_of_its_own_and_a_place(scripted_town: Town) -> None:
    """Any rule may ask for kinds, some or all, and for where it is."""
    wang = await scripted_town.resident()

    def ask_more(session: Session) -> None:
        rule = rules.current(session)["convenience"]
        more = replace(rule, kinds=("lighting", "drains"), asks_where=True)
        rules.change(session, more, scripted_town.now(), None)

    await scripted_town.write(ask_more)
    await wang.says("便民事项")
    await wang.says("想找人看看")
    asked = await wang.hears("哪一类")
    assert "拿不准" not in asked.text  # there is no 别的事 among them
    await wang.presses("下水道堵了")
    await wang.presses("就在我家")
    await wang.hears("要办的：便民事项", "类别：下水道堵了", "地方：莲花池花园3栋1单元302")
    await files(scripted_town, wang)
    assert (await scripted_town.ticket()).kind == "drains"


async def test_the_program_is_built_anew_before_every_turn(make_town: MakeTown) -> None:
    """What is asked after all (修改), and the answers to a service's own questions, outlive it."""
    town = await make_town(rebuilding=True)
    wang = await town.resident()
    await wang.says("我有个心愿")
    await wang.says("想办老年证")
    await wang.says("修改")
    await wang.presses("办哪种服务")
    await wang.says("代办")
    await wang.says("下午")
    await wang.hears("要办的：代办", "什么时候方便跟您碰面：下午")
    await files(town, wang)
    assert (await town.ticket()).service == "errand"


async def test_a_complaint_has_a_talk_of_its_own(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("投诉网格员")
    await wang.hears("您对哪一位有意见")
    await wang.says("取消")
    await wang.says("服务")
    await wang.hears("对工作人员有意见")
