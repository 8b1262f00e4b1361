"""What residents really say instead of pressing a button: each test names a fault that was."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.town import Town


@pytest.fixture
async def town(make_town: MakeTown) -> Town:
    """Words are the same on every channel."""
    return await make_town("scripted")


@pytest.mark.parametrize("no", ["我不同意", "不同意", "不是很同意"])
async def test_no_to_consent_was_taken_for_yes(town: Town, no: str) -> None:
    wang = await town.newcomer()
    await wang.says("楼道灯坏了三天了")
    await wang.hears("您同意吗")
    await wang.says(no)
    await wang.hears("您的住址什么都没有记")


async def test_not_filing_filed(town: Town) -> None:
    wang = await town.resident()
    await wang.says("楼道灯不亮了")
    await wang.hears("听起来是")
    await wang.says("1")
    await wang.hears("这事出在哪儿")
    await wang.says("1")
    await wang.hears("您看对不对")
    await wang.says("先不提交")
    await wang.hears("什么都没有提交")
    assert await town.ticket_count() == 0


async def test_a_laid_aside_photo_was_lost(town: Town) -> None:
    wang = await town.resident()
    await wang.sends_photos(1)
    await wang.hears("收到了（1 个文件）")
    await wang.says("菜单")
    await wang.hears("给您留着")
    await wang.says("继续")
    await wang.hears("收到了（1 个文件）")


async def test_the_first_of_two_laid_aside_was_lost(town: Town) -> None:
    wang = await town.resident()
    for matter in ("电梯坏了", "路灯坏了"):
        await wang.says(matter)
        await wang.hears("听起来是")
        await wang.says("菜单")
        await wang.hears("给您留着")
    await wang.says("继续")
    await wang.hears("听起来是")
    await wang.says("取消")
    await wang.hears("什么都没有提交")
    await wang.says("继续")
    first = await wang.hears("听起来是")
    assert "1 电梯" in first.labels


async def test_back_from_what_can_be_changed_forgot_an_answer(town: Town) -> None:
    wang = await town.resident()
    await wang.says("楼道灯不亮了")
    await wang.hears("听起来是")
    await wang.says("1")
    await wang.hears("这事出在哪儿")
    await wang.says("1")
    await wang.hears("您看对不对")
    await wang.presses("修改")
    await wang.hears("您想改哪一项")
    await wang.says("返回")
    await wang.hears("您看对不对")


@pytest.mark.parametrize(
    ("said", "answer"), [("好了", "您满意吗"), ("还没有好", "还差什么"), ("没解决", "还差什么")]
)
async def test_solved_or_not_in_own_words(town: Town, said: str, answer: str) -> None:
    wang = await town.resident()
    li = await town.grid_worker()
    await file_request(town, wang)
    await li.hears("等人接单")
    await li.presses("办结")
    await li.hears("怎么解决的")
    await li.says("换好了")
    await wang.hears("您看解决了吗")
    await wang.says(said)
    await wang.hears(answer)


async def test_cancelling_after_filing_said_nothing_was_filed(town: Town) -> None:
    wang = await town.resident()
    await file_request(town, wang)
    await wang.says("取消")
    await wang.hears("报过的事要撤回")
    assert (await town.ticket()).status == "waiting"


async def test_thanks_were_asked_about(town: Town) -> None:
    wang = await town.resident()
    await file_request(town, wang)
    await wang.says("谢谢您！")
    await wang.hears("不客气")


async def test_fire_was_not_understood(town: Town) -> None:
    wang = await town.resident()
    await wang.says("救命着火了")
    await wang.hears("火警 119")
    await wang.hears("先顾人")


@pytest.mark.parametrize("nothing", ["13912345678", "12345678"])
async def test_a_bare_number_began_a_request(town: Town, nothing: str) -> None:
    wang = await town.resident()
    await wang.says(nothing)
    await wang.hears("没听明白")


async def test_a_code_that_is_too_old_began_a_request(town: Town) -> None:
    wang = await town.newcomer()
    await wang.says("ABCD2345")
    await wang.hears("这个邀请码用过了")


async def test_asking_for_a_person_showed_the_number_and_went_to_the_county(town: Town) -> None:
    """Halfway through arrival: the worker of the building, a masked number, plain words."""
    li = await town.grid_worker()
    wang = await town.newcomer()
    await wang.says("楼道灯坏了三天了")
    await wang.hears("您同意吗")
    for said, heard in [
        ("同意", "哪个小区"),
        ("我住莲花池花园3栋", "门牌是多少"),
        ("三栋", "请打您家的门牌号"),
        ("1单元302", "怎么称呼您"),
        ("101", "好称呼您"),
        ("王阿姨", "留个电话吗"),
        ("13800001234", "听起来是"),
    ]:
        await wang.says(said)
        await wang.hears(heard)
    await wang.says("转人工")
    await wang.hears("有人会在这里跟您说话")
    card = await li.hears("请人帮忙")
    assert "13800001234" not in card.text
    assert "138****1234" in card.text
    assert "居民：王阿姨" in card.text
    assert "True" not in card.text


@pytest.mark.parametrize("word", ["对", "没有", "收到", "同意", "提交", "dui", "打了"])
async def test_an_answer_to_nothing_is_offered_nothing(scripted_town: Town, word: str) -> None:
    """对 was taken for a complaint, 没有 for a worker's tasks, 提交 for a guide."""
    wang = await scripted_town.resident()
    await wang.says(word)
    await wang.hears("现在没有等您回话的事")
    menu = await wang.hears("您要办什么")
    assert [label[2:] for label in menu.labels] == ["反映问题", "找服务", "谁管我这里", "更多"]
    assert "要办哪一样" not in wang.everything_read


async def test_the_tasks_of_workers_are_offered_to_no_resident(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    for word in ("今天天气", "今天", "还有多少单没办", "有什么活派给我", "我的活"):
        await wang.says(word)
        await wang.heard()
    assert "我的任务" not in wang.everything_read


async def test_in_a_talk_an_everyday_word_leads_nowhere_else(scripted_town: Town) -> None:
    """对 got 先去：对工作人员有意见 in the middle of filing."""
    wang = await scripted_town.resident()
    await wang.says("楼道灯不亮了")
    await wang.presses("路灯照明")
    await wang.hears("出在哪儿")
    await wang.says("收到")
    await wang.heard()
    assert "先去" not in " ".join(wang.everything_read.split())


async def test_that_thing_of_mine_is_my_request(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("我那个事咋样了")
    await wang.hears("还没有报过事")


async def test_who_lives_in_a_rented_flat_is_shown_no_trader(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("我是租房的")
    await wang.hears("没听明白")
    await wang.hears("您要办什么")


async def test_everyday_words_told_in_pieces_reach_the_worker(town: Town) -> None:
    """明天上午 asks for nothing by itself; behind words for a matter it belongs to that."""
    worker, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    await worker.hears(f"【{number}号】")
    await wang.says("灯罩也掉下来了")
    await wang.presses(f"补充 {number}号")
    await worker.hears("灯罩也掉下来了")
    await wang.says("明天上午")
    await worker.hears("明天上午")


async def test_what_was_told_first_was_lost_where_more_was_said(town: Town) -> None:
    """我想要个轮椅, 是我妈要用的: only the second became a matter, of no sense."""
    wang = await town.resident()
    await wang.says("我想要个轮椅")
    await wang.hears("听起来是“微心愿”")
    await wang.says("是我妈要用的")
    await wang.hears("我想要个轮椅 是我妈要用的", "听起来是“微心愿”")
    await wang.sends_photos(1)
    await wang.hears("加上了")
    await wang.hears("听起来是“微心愿”")  # a photo was taken for a request
    await wang.says("水管漏了")  # something else: heard as if nothing had been asked
    await wang.hears("您说的“水管漏了”", "是要办哪一样")
    await wang.says("不要了")
    await wang.hears("先不办了")
    await wang.says("我想要个轮椅")
    await wang.says("是我妈要用的")
    await wang.presses("微心愿")
    await wang.hears("事情：我想要个轮椅\n是我妈要用的")


async def test_a_photo_in_front_of_a_question_without_a_story_was_lost(scripted_town: Town) -> None:
    """Sent while 要撤回吗 was open, it went nowhere, and so it did after 未解决."""
    town = scripted_town
    worker, wang = await town.grid_worker(), await town.resident()
    above = await town.worker("吴芳", "社会工作者")
    await file_request(town, wang)
    await wang.says("1号 不用修了")
    await wang.hears("要撤回吗")
    sent = await wang.sends_photos(1)
    await wang.hears("我先收着")
    await wang.hears("要撤回吗")
    await wang.says("不撤")
    await wang.hears("接着办")
    await wang.hears("您刚发的这个，是哪一件事")
    await wang.presses("补充 1号")
    await wang.hears("已加到 1号")
    assert await worker.gets_files(1) == sent
    await worker.presses("接单")
    await worker.presses("办结")
    await worker.says("换好了")
    await wang.presses("未解决")
    await wang.hears("还差什么")
    sent = await wang.sends_photos(1)
    await wang.hears("接着办")
    assert await above.gets_files(1) == sent


async def test_a_photo_in_the_middle_of_saying_where_one_lives(scripted_town: Town) -> None:
    """It waits through 菜单 and 继续, and is then what is told."""
    aunt = await scripted_town.newcomer("刘大娘")
    await aunt.says("我的住址")
    await aunt.says("同意")
    await aunt.hears("哪个社区")
    await aunt.sends_photos(1)
    await aunt.hears("我先收着")
    for said in ("菜单", "继续", "莲花池花园3栋", "1单元501", "刘大娘", "跳过"):
        await aunt.heard()
        await aunt.says(said)
    await aunt.hears("记好了")
    await aunt.hears("收到了（1 个文件）")


async def test_a_new_home_that_no_list_has_was_not_understood(scripted_town: Town) -> None:
    """荷香苑9栋, said where 住址要改吗 was asked, got the same question three times."""
    admin, wang = await scripted_town.admin(), await scripted_town.resident()
    await wang.says("我搬家了")
    await wang.hears("住址要改吗")
    await wang.says("我还是住老地方")
    await wang.hears("没有动")
    await wang.says("我搬家了")
    await wang.says("我还有一套房子在荷香苑9栋")  # moves to neither
    await wang.hears("要改就说")
    await wang.says("我搬到乡下大石村去了")
    await wang.hears("我的名单里没有", "照样记下")
    await wang.presses("找不到我住的地方")
    await wang.hears("编号 1号")
    await admin.hears("名单里找不到：我搬到乡下大石村去了")


async def test_who_is_in_no_list_said_it_again_for_every_appointment(scripted_town: Town) -> None:
    aunt = await scripted_town.newcomer("刘大娘")
    for said in ("我的住址", "同意", "找不到我住的地方", "大石村3组", "刘大娘", "跳过"):
        await aunt.says(said)
    await aunt.hears("编号 1号")
    await aunt.says("约律师")
    await aunt.hears("还没有排能约的时间")


async def test_who_cannot_tell_which_kind_it_is(scripted_town: Town) -> None:
    """After a voice message 不晓得 got the list of kinds once more, though it says 拿不准."""
    wang = await scripted_town.resident()
    await wang.sends_voice()
    await wang.hears("哪一类")
    await wang.says("不晓得")
    await wang.hears("这事出在哪儿")
    await wang.says("1")
    await wang.hears("类别：别的事")
