"""What residents met over whole weeks, in words and orders of their own: each test names a fault
that was."""

from __future__ import annotations

from sqlalchemy.orm import Session

from storage.entries import set_entry
from storage.meaning import blame
from storage.understanding import understood
from tests.conversations import county
from tests.conversations.filing import file_request
from tests.conversations.test_arrival import begins
from tests.conversations.town import Town


async def test_a_building_in_no_list_was_taken_for_the_only_one(county_town: Town) -> None:
    """桂花新村2栋, where the list has 1栋 alone, became 桂花新村1栋 without a word."""
    ming = await county_town.newcomer()
    await begins(ming)
    await ming.says("桂花新村2栋1单元101")
    await ming.hears("您住桂花新村几栋")
    await ming.says("取消")
    await ming.says("我住桂花新村2栋1单元501 水管漏了")
    await ming.presses("同意")
    await ming.hears("您住哪个社区")
    await ming.says("桂花新村")
    await ming.hears("桂花新村1栋，门牌是多少")


async def test_the_other_matters_of_one_message_were_lost(scripted_town: Town) -> None:
    """Three became one ticket without a word; of 食堂今天吃啥 还有楼道灯不亮 the lamp was lost."""
    wang = await scripted_town.resident()
    await wang.says("楼道灯坏了，垃圾也没人收，还有电梯老是停")
    for press in ("路灯照明", "楼里公共地方", "提交"):
        await wang.presses(press)
    seen = await wang.hears("都写在 1号里了")
    assert seen.labels == ["1 单独报：垃圾也没人收", "2 单独报：电梯老是停"]
    await wang.says("2")
    await wang.hears("听起来是“电梯”")
    await wang.says("取消")
    ming = await scripted_town.resident(county.NEIGHBOUR)
    await ming.says("食堂今天吃啥 还有楼道灯不亮")
    await ming.presses("附近场所")
    await ming.hears("一样一样来")
    await ming.hears("食堂")
    await ming.presses("接着说：楼道灯不亮")
    await ming.hears("听起来是“路灯照明”")


async def test_the_new_address_itself_says_that_it_changes(scripted_town: Town) -> None:
    """住址要改吗? 莲花池花园2栋1单元101, and it was asked again and again."""
    wang = await scripted_town.resident()
    await wang.says("我搬家了")
    await wang.hears("住址要改吗")
    await wang.says("我在荷香苑1栋也有房子")  # two homes: nothing is changed
    await wang.hears("要改就说")
    await wang.says("搬到莲花池花园2栋1单元101")
    await wang.hears("记好了", "莲花池花园2栋1单元101")
    await wang.says("搬家了")
    await wang.says("荷香苑1栋")
    await wang.hears("荷香苑1栋，门牌是多少")


async def test_a_bare_number_was_taken_for_the_other_side(scripted_town: Town) -> None:
    """对方是谁? 1, and the mediator's card said: 1. Another matter was added to the first one."""
    wang = await scripted_town.resident()
    await wang.says("矛盾调解")
    await wang.says("楼上半夜打麻将")
    await wang.hears("对方是谁")
    await wang.says("1")
    await wang.hears("说一句就行")
    await wang.says("501")
    await wang.hears("您看对不对", "501")
    await wang.says("取消")
    await file_request(scripted_town, wang)
    await wang.says("灯坏了好几天")
    await wang.presses("补充 1号")
    await wang.hears("已加到")
    await wang.says("我还有一件事")
    await wang.hears("您有什么事")


async def test_what_is_typed_of_shops(scripted_town: Town) -> None:
    """报错, 换一批 and 我打过了 worked as buttons only; 甲记开锁关门了 was looked for as a shop."""

    def shop(session: Session) -> None:
        set_entry(session, category="开锁", name="甲记开锁", phone="19909900000", offers="开锁换锁")

    await scripted_town.write(shop)
    wang = await scripted_town.resident()
    await wang.says("开锁")
    await wang.hears("甲记开锁", "打过了")
    await wang.says("换一批")
    await wang.hears("就是这几家")
    await wang.says("我打过了")
    await wang.hears("记下您找了“甲记开锁”")
    await wang.says("报错")
    await wang.hears("“甲记开锁”哪里不对")
    await wang.says("取消")
    await wang.says("甲记开锁关门了")
    await wang.hears("“甲记开锁”哪里不对")
    await wang.presses("关门了")
    await wang.hears("谢谢您，记下了")


async def test_one_word_begins_a_matter(scripted_town: Town) -> None:
    """灯, with one finger, was 没听明白. And 要撤回吗 did not say which matter 1号 is."""
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await wang.says("灯")
    await wang.hears("灯怎么了")
    await wang.says("坏")
    await wang.hears("听起来是“路灯照明”")
    await wang.says("1")
    await wang.says("1")
    await wang.says("提交")
    await worker.hears("灯坏")
    await wang.says("不消来了")
    await wang.hears("要撤回吗", "1号是：路灯照明")


def test_words_that_led_elsewhere() -> None:
    """老年证咋办 asked about 代办; 李建国说好来又没来 was a 补充 that 李建国 read."""
    for one in ("老年证咋办", "低保咋个办", "残疾证咋办"):
        assert understood(one).acts == "guides", one
    broken = ["李建国说好来又没来", "李建国答应了不办", "李建国放我鸽子"]
    kept = ["李建国昨天来了，没修好", "李建国说明天来", "李建国说来看过了，没问题"]
    blamed = [
        one
        for one in (*broken, *kept)
        if blame.blamed(one, ["李建国"], to_them=False, at_work=True)
    ]
    assert blamed == broken
