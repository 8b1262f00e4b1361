"""矛盾调解 from end to end: two sides and a mediator, in one talk each."""

from __future__ import annotations

import io

from docx import Document

from storage import mediations
from tests.conversations.mediation_steps import WORDS, filed, invited, kinds, mediator
from tests.conversations.town import Town


async def test_from_filing_to_the_last_follow_up(scripted_town: Town) -> None:
    town = scripted_town
    he, wang, zhao = await mediator(town), await town.resident(), await town.resident("赵大山")
    number = await filed(town, wang, other="3栋1单元501")
    await he.hears("矛盾调解", WORDS, "3栋1单元501")
    await he.presses("接单")
    await he.hears("归您了")
    await wang.hears("何敏")

    await invited(he, other="3栋1单元501")
    await he.hears("是哪一位")
    await he.presses("赵大山")
    await he.hears("请帖上写什么事")
    await he.says("王桂英家嫌楼上吵")
    await he.hears("换一句")
    await he.presses("邻里相处的事")
    await he.hears("约在什么时候")
    await he.says("过两天吧")
    await he.hears("没听明白时间")
    await he.says("明天下午三点")
    await he.hears("在哪里谈")
    await he.presses("社区调解室")
    await he.hears("赵大山", "邻里相处的事", "3月12日周四 15:00", "社区调解室")
    await he.presses("发出邀请")
    await he.hears("已经发给：王桂英、赵大山")

    for side in (wang, zhao):
        await side.hears("调解员何敏请您来", "邻里相处的事", "3月12日周四 15:00", "社区调解室")
    await wang.presses("参加")
    await wang.hears("到时候见")
    await he.hears("居民王桂英：参加")
    await zhao.says("那天没空")
    await zhao.hears("什么时候方便")
    await zhao.says("周五下午可以")
    await zhao.hears("再跟您约时间")
    await he.hears("对方赵大山：换个时间")
    await he.hears("他说：周五下午可以")
    await he.presses("约双方")
    await he.hears("约在什么时候")
    await he.says("周五下午3点")
    await he.presses("社区调解室")
    await he.presses("发出邀请")
    for side in (wang, zhao):
        await side.hears("时间改了", "3月13日周五 15:00")
        await side.presses("参加")
        await side.hears("到时候见")
    await he.hears("对方赵大山：参加", "两边都来")

    town.at(2026, 3, 12, 18, 1)
    await town.look_after()
    for side in (wang, zhao):
        await side.hears("提醒您，明天", "社区调解室")
    await he.hears("3月13日周五 15:00", "赵大山：参加")
    town.at(2026, 3, 13, 14, 1)
    await town.look_after()
    for side in (wang, zhao):
        await side.hears("再过一小时")
    town.at(2026, 3, 13, 17, 1)
    await town.look_after()
    await he.hears("谈得怎么样")
    await he.presses("达成协议")

    await he.hears("事情经过")
    await he.says("楼上夜里搬东西，两家争吵")
    await he.hears("该担什么责任")
    await he.says("跳过")
    await he.hears("商量好了哪几条")
    await he.says("1. 22:00以后不搬东西\n2. 楼上铺地垫")
    await he.hears("1. 22:00以后不搬东西", "2. 楼上铺地垫")
    await he.says("互相谅解")
    await he.hears("3. 互相谅解")
    await he.presses("说完了")
    await he.hears("怎么做到")
    await he.says("楼上自己买地垫")
    await he.hears("什么时候做完")
    await he.says("3月31日以前")
    await he.hears("您看对不对", "22:00以后不搬东西", "3月31日以前")
    await he.presses("发给双方")
    for side in (wang, zhao):
        await side.hears("楼上铺地垫", "电子确认不等于签名，请带身份证到现场签字")
    await wang.presses("同意")
    await wang.hears("“同意”记下了")
    await zhao.presses("要改")
    await zhao.hears("哪里要改")
    await zhao.says("地垫两家各出一半")
    await zhao.hears("改好了再发给您看")
    await he.hears("对方赵大山：要改")
    await he.hears("他说：地垫两家各出一半")
    await he.presses("写协议")
    await he.hears("您看对不对", "楼上铺地垫")
    await he.presses("修改")
    await he.presses("怎么做")
    await he.hears("怎么做到")
    await he.says("地垫钱两家各出一半")
    await he.hears("您看对不对", "各出一半")
    await he.presses("发给双方")
    for side in (wang, zhao):
        await side.hears("第 2 稿", "各出一半")
        await side.presses("同意")
    await wang.hears("“同意”记下了")
    for side in (wang, zhao):
        await side.hears("两边都同意了", "电子确认不等于签名")
    await he.hears("两边都同意了协议")
    papers = [(await who.gets_files(1))[0] for who in (he, wang, zhao)]
    assert papers[0] == papers[1] == papers[2]
    text = "\n".join(p.text for p in Document(io.BytesIO(papers[0])).paragraphs)
    for words in (
        "人民调解协议书", "甲方：王桂英", "乙方：赵大山", "1. 22:00以后不搬东西", "2. 楼上铺地垫",
        "3. 互相谅解", "方式：地垫钱两家各出一半", "期限：3月31日以前", "三十日内", "（何敏）",
        "莲花池社区人民调解委员会", "199****0011", "199****0012", "电子确认不等于签名",
    ):  # fmt: skip
        assert words in text, words
    assert "19900000011" not in text
    assert "心脏" not in text

    await he.presses("办结")
    await he.says("双方达成协议")
    await wang.hears("您看解决了吗")
    await wang.presses("已解决")
    await wang.hears("满意")

    town.at(2026, 3, 20, 17, 29)
    await town.look_after()
    for side in (wang, zhao):
        await side.hears("7 天前“邻里相处的事”", "都做到了吗")
    await wang.presses("都做到了")
    await wang.hears("太好了")
    await zhao.presses("还没有")
    await zhao.hears("哪里还没有做到")
    await zhao.says("地垫还没买")
    await zhao.hears("他会来跟进")
    await he.hears("对方赵大山：还没有")
    said = await he.hears("他说：地垫还没买")
    assert any("约双方" in label for label in said.labels)
    await zhao.presses("都做到了")
    await zhao.hears("太好了")
    # Thirty days later is a Sunday: nobody is asked before Monday morning.
    town.at(2026, 4, 12, 18, 0)
    await town.look_after()
    await wang.heard_nothing()
    town.at(2026, 4, 13, 9, 0)
    await town.look_after()
    for side in (wang, zhao):
        await side.hears("30 天前")
        await side.presses("都做到了")
        await side.hears("太好了")
    await he.hears("对方赵大山：都做到了", "两边都说做到了")
    ended = await town.read(lambda s: mediations.of_ticket(s, number))
    assert ended is not None
    assert ended.ended_at is not None
    assert ended.next_at is None
    assert (await town.ticket()).status == "closed"

    story = await kinds(town, number)
    for kind in (
        "meeting_arranged", "meeting_moved", "agreement_drafted", "agreement_confirmed",
        "document_made", "other_unkept", "other_kept", "filer_kept",
    ):  # fmt: skip
        assert kind in story
    assert story.count("solved") == 1
    for secret in (WORDS, "心脏", "1单元302", "19900000011", "0011", f"{number}号"):
        assert secret not in zhao.everything_read, secret
    assert "周五下午可以" not in wang.everything_read
    assert "地垫还没买" not in wang.everything_read
