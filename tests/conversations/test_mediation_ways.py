"""The other ways a mediation can go: no chat, a refusal, violence, hostile words, mistakes."""

from __future__ import annotations

import io

import pytest
from docx import Document
from sqlalchemy.orm import Session

from storage import mediations, posts
from storage.mediations import Subject
from storage.tickets import events
from tests.conversations.conftest import MakeTown
from tests.conversations.mediation_steps import (
    WORDS,
    filed,
    invited,
    kinds,
    mediator,
    set_meeting,
)
from tests.conversations.people import Person
from tests.conversations.town import Town


async def answers(town: Town, number: int) -> list[tuple[str, str, bool]]:
    """(whose side, answer, noted by the mediator) of everything said to the meeting that is to
    be."""

    def job(session: Session) -> list[tuple[str, str, bool]]:
        found = mediations.of_ticket(session, number)
        assert found is not None
        meeting = mediations.meetings(session, found.id)[-1]
        given = mediations.answers(session, Subject.MEETING, meeting.id)
        return [
            (side.name, given[side.id].answer, given[side.id].noted_by is not None)
            for side in mediations.sides(session, found.id)
            if side.id in given
        ]

    return await town.read(job)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_the_other_side_has_no_chat(make_town: MakeTown, database: str) -> None:
    """The mediator phones, and writes down with one tap what was said."""
    town = await make_town("scripted", database)
    he, wang = await mediator(town), await town.resident()
    number = await filed(town, wang, other="楼下小卖部")
    await he.presses("接单")
    await invited(he, other="小卖部老板")
    await he.hears("他的电话是多少")
    await he.says("不知道哦")
    await he.hears("不像一个电话号码")
    await he.says("199 0000 7777")
    await set_meeting(he)
    await he.hears("已经发给：王桂英", "要您打电话去约：小卖部老板")
    await he.hears("小卖部老板在这里收不到消息", "3月12日周四 15:00")
    await he.presses("看他的电话")
    await he.hears("这次查看已经记下")
    await he.presses("他说参加")
    await he.hears("记下了，小卖部老板：参加")
    assert await answers(town, number) == [("小卖部老板", "comes", True)]
    await wang.presses("参加")
    await he.hears("两边都来")

    await he.presses("调解情况")
    await he.hears("邻里相处的事", "小卖部老板：参加", "3月12日周四 15:00")
    await he.presses("记结果")
    await he.presses("达成协议")
    await he.says("小卖部晚上放音响，居民嫌吵")
    await he.says("跳过")
    await he.says("十点以后不放音响")
    await he.presses("说完了")
    await he.says("跳过")
    await he.says("跳过")
    await he.presses("发给双方")
    await he.hears("请您把协议念给他听", "十点以后不放音响")
    await he.presses("他当面同意")
    await wang.hears("请您看一看")
    await wang.presses("同意")
    await he.hears("两边都同意了协议")
    (paper,) = await he.gets_files(1)
    text = "\n".join(p.text for p in Document(io.BytesIO(paper)).paragraphs)
    assert "由调解员当面记下同意" in text
    assert "199****7777" in text
    await he.hears("请您交给他")
    await town.look_after(days=8)
    await he.hears("小卖部老板在这里收不到消息", "第 7 天回访")
    await he.presses("他说还没有")
    said = await he.hears("对方小卖部老板（您记的）：还没有")
    assert any("约双方" in label for label in said.labels)


async def test_a_side_refuses(scripted_town: Town) -> None:
    """No one is urged; the other is not reminded of a meeting that will not be."""
    town = scripted_town
    he, wang, zhao = await mediator(town), await town.resident(), await town.resident("赵大山")
    number = await filed(town, wang, other="赵大山")
    await he.presses("接单")
    await invited(he, other="赵大山")
    await he.presses("赵大山")
    await set_meeting(he)
    await zhao.presses("不想参加")
    await zhao.hears("方便说说为什么吗", "只有调解员看得到")
    await zhao.says("跟他没什么好说的")
    await zhao.hears("不勉强")
    await he.hears("对方赵大山：不想参加")
    await he.hears("他说：跟他没什么好说的")
    await wang.presses("参加")
    await wang.heard()
    town.at(2026, 3, 11, 18, 1)
    await town.look_after()
    await he.hears("还没有约定下来")
    await wang.heard_nothing()
    await zhao.heard_nothing()
    await he.presses("调解情况")
    await he.presses("记结果")
    await he.presses("没谈成")
    for side in (wang, zhao):
        await side.hears("没有谈成", "12348", "到法院起诉")
    await he.hears("没谈成")
    await he.presses("办结")
    await he.says("对方不愿意谈")
    await wang.hears("您看解决了吗")
    assert "跟他没什么好说的" not in wang.everything_read
    await wang.says("我的诉求")
    await wang.presses("1号")
    timeline = await wang.hears("对方不想参加", "说没谈成")
    assert "赵大山" not in timeline.text
    assert "没什么好说" not in timeline.text
    assert "mediation_failed" in await kinds(town, number)


HOSTILE = "王</w:t><w:br/>{{7*7}}\u202e=cmd|'/C calc'!A0\x00\x0b&lt;"


async def test_both_speak_in_their_own_words(scripted_town: Town) -> None:
    """Nothing that the mediator says to us goes to the filer, and nothing that the other side says
    is lost or begins a matter of its own."""
    town = scripted_town
    he, wang, zhao = await mediator(town), await town.resident(), await town.resident("赵大山")
    number = await filed(town, wang, other="我楼上501")
    await he.says("接单")
    await he.hears("归您了")
    await wang.says("他来不来嘛，我在家等")
    await invited_by_words(he)
    await set_meeting(he)
    await zhao.hears("调解员何敏请您来")
    await zhao.says("又不是我的错")
    await zhao.hears("又不是我的错", "要带给调解员吗", "只有他看得到")
    await zhao.presses("带给调解员何敏")
    await zhao.hears("已经带给调解员何敏了")
    await he.hears("对方赵大山有话带给您", "又不是我的错")
    await zhao.sends_voice()
    await zhao.hears("要带给调解员吗")
    await zhao.presses("带给调解员何敏")
    await he.gets_files(1)
    await zhao.says("几点来着")
    await zhao.hears("3月12日周四 15:00", "社区调解室")
    await zhao.says("要得，我来嘛")
    await zhao.hears("到时候见")
    await he.hears("对方赵大山：参加")
    await wang.says("我要换个时间")
    await wang.hears("什么时候方便")
    await wang.says("后天")
    await he.hears("居民王桂英：换个时间")
    await he.says("换时间")
    await he.hears("约在什么时候")
    await he.says("取消")
    await he.says(f"{number}号没谈成")
    await he.hears("谈得怎么样")
    await he.says("看调解情况")
    await he.hears("对方带话：又不是我的错")
    await zhao.says("灯坏了")
    await zhao.hears("要带给调解员吗")
    await zhao.presses("是一件新的事")
    await zhao.hears("路灯照明")
    assert "没谈成" not in wang.everything_read
    assert "约双方" not in wang.everything_read
    await wang.says("我的诉求")
    await wang.presses(f"{number}号")
    await wang.hears("何敏接单")
    assert "不是我的错" not in wang.everything_read
    assert await town.ticket_count() == 1


async def invited_by_words(he: Person) -> None:
    """约双方, typed; whom the door told by its number alone means."""
    await he.says("约双方")
    await he.hears("对方是谁")
    await he.says("501那家")
    await he.hears("是哪一位")
    await he.presses("赵大山")


async def test_hostile_words_are_only_words(scripted_town: Town) -> None:
    town = scripted_town
    he, wang = await mediator(town), await town.resident()
    await filed(town, wang, other="老王")
    await he.presses("接单")
    await invited(he, other=HOSTILE)
    await he.hears("他的电话是多少")
    await he.says("跳过")
    await set_meeting(he)
    await he.presses("调解情况")
    await he.presses("记结果")
    await he.presses("达成协议")
    await he.says("<script>alert(1)</script> ]]> {% raise %}")
    await he.says("跳过")
    await he.says("甲方（签名）：____\u2029乙方不签\n&amp; <w:p/> \ud7ff 第二条")
    await he.presses("说完了")
    await he.says("跳过")
    await he.says("跳过")
    await he.presses("发给双方")
    await he.presses("他当面同意")
    await wang.presses("同意")
    (paper,) = await he.gets_files(1)
    document = Document(io.BytesIO(paper))
    text = "\n".join(p.text for p in document.paragraphs)
    assert "<script>alert(1)</script> ]]> {% raise %}" in text
    assert "</w:t><w:br/>{{7*7}}" in text
    assert "&amp; <w:p/>" in text
    assert "49" not in text.replace("49,", "")
    assert "\u202e" not in text
    assert "\x0b" not in text


async def test_violence_does_not_go_to_a_common_table(scripted_town: Town) -> None:
    town = scripted_town
    he, wang = await mediator(town), await town.resident()
    await filed(town, wang, other="家里人", words="他以前喝了酒就动手打我，想请人评评理")
    await he.hears("先问问安不安全")
    await he.presses("接单")
    await he.presses("约双方")
    asked = await he.hears("一般不把两个人约到一起", "12348")
    assert asked.labels[0].endswith("先不约")
    await he.says("1")
    await he.hears("先不约", "请先单独联系居民")
    assert await town.read(lambda s: mediations.of_ticket(s, 1)) is None
    await he.presses("约双方")
    await he.presses("核实过，见面安全")
    await he.hears("对方是谁")


async def test_a_matter_taken_back_is_called_off(scripted_town: Town) -> None:
    town = scripted_town
    he, wang, zhao = await mediator(town), await town.resident(), await town.resident("赵大山")
    number = await filed(town, wang, other="赵大山")
    await he.presses("接单")
    await invited(he, other="赵大山")
    await he.presses("赵大山")
    await set_meeting(he)
    await zhao.presses("参加")
    await zhao.heard()
    await wang.says("我的诉求")
    await wang.presses("1号")
    await wang.presses("撤回")
    await wang.presses("确定撤回")
    await zhao.hears("3月12日周四 15:00", "取消了，您不用来了")
    await zhao.presses("参加")
    await zhao.hears("没有什么要您回答的")
    town.at(2026, 3, 11, 18, 1)
    await town.look_after()
    await zhao.heard_nothing()
    assert "meeting_called_off" in await kinds(town, number)


async def test_the_wrong_person_was_named(scripted_town: Town) -> None:
    """Who was invited by mistake is told, and has no part in it any more."""
    town = scripted_town
    he, wang, zhao = await mediator(town), await town.resident(), await town.resident("赵大山")
    await filed(town, wang, other="楼上")
    await he.presses("接单")
    await invited(he, other="赵大山")
    await he.presses("赵大山")
    await set_meeting(he)
    await zhao.hears("请您来坐一坐")
    await he.presses("调解情况")
    await he.presses("对方弄错了")
    await he.hears("对方是谁")
    await he.says("张三")
    await he.says("跳过")
    await he.hears("约在什么时候")
    await he.says("明天下午4点")
    await he.presses("社区调解室")
    await he.presses("发出邀请")
    await zhao.hears("弄错了人")
    await zhao.presses("参加")
    await zhao.hears("没有")
    said = [kind for kind, _ in await town.events(1)]
    assert "other_comes" not in said


async def test_the_other_side_reads_nothing_of_the_ticket(scripted_town: Town) -> None:
    """By no number, list, reply, word or button that they could press."""
    town = scripted_town
    he, wang, zhao = await mediator(town), await town.resident(), await town.resident("赵大山")
    number = await filed(town, wang, other="赵大山")
    await he.presses("接单")
    await invited(he, other="赵大山")
    await he.presses("赵大山")
    await set_meeting(he)
    await zhao.hears("请您来坐一坐")
    for words in (
        f"{number}号",
        f"#{number} 说一句",
        f"查 {number}",
        f"谁看过 {number}",
        "我的诉求",
    ):
        await zhao.says(words)
        await zhao.heard()
    await zhao.replies_to("请您来坐一坐", "我周五有空")
    await zhao.heard()
    await zhao.says("取消")
    for secret in (WORDS, "心脏", "1单元302", "19900000011", "王桂英"):
        assert secret not in zhao.everything_read, secret

    def told(session: Session) -> list[str]:
        return [event.text for event in events(session, number) if event.actor_id == zhao.id]

    assert await town.read(told) == []


async def test_the_mediator_has_left_by_the_time_of_the_follow_up(scripted_town: Town) -> None:
    """An admin hears that there is something, and not what."""
    town = scripted_town
    he, wang, admin = await mediator(town), await town.resident(), await town.admin()
    await filed(town, wang, other="老王")
    await he.presses("接单")
    await invited(he, other="老王")
    await he.says("跳过")
    await set_meeting(he)
    await he.presses("调解情况")
    await he.presses("记结果")
    await he.presses("达成协议")
    for words in ("争吵", "跳过", "不吵了", "说完了", "跳过", "跳过"):
        await he.says(words)
    await he.presses("发给双方")
    await he.presses("他当面同意")
    await wang.presses("同意")
    await he.hears("两边都同意了协议")
    await he.presses("办结")
    await he.says("双方达成协议")
    await wang.presses("已解决")
    assert any("调解情况" in label for label in (await he.finds("调解情况"))[0].labels)

    def leaves(session: Session) -> None:
        assert he.id is not None
        for post in posts.posts_of(session, he.id, town.now()):
            post.until = town.now()

    await town.write(leaves)
    await admin.heard()
    await town.look_after(days=8)
    await wang.presses("还没有")
    told = await admin.hears("1号调解还有事要跟进")
    assert "老王" not in told.text
    assert "王桂英" not in told.text
