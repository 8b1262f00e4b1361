"""Words that are no answer, and the way back: thanks, hums, what is taken back, 2号, 返回, 不对."""

from __future__ import annotations

import pytest

from tests.conversations.test_request import to_the_confirmation, to_the_kind
from tests.conversations.town import Town


async def test_thanks_and_hums_are_no_misses(scripted_town: Town) -> None:
    """Fault 20: 对不起，我还是没弄懂, word for word, also to 谢谢, 哦 and 听不懂."""
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    for words, answer in (("谢谢", "不客气"), ("哦", "您慢慢来"), ("听不懂", "是我没说清楚")):
        await wang.says(words)
        await wang.hears(answer, "路灯照明" if words == "哦" else "")
    assert "没弄懂" not in wang.everything_read


async def test_each_miss_says_something_else_and_the_third_offers_a_person(
    scripted_town: Town,
) -> None:
    worker = await scripted_town.grid_worker()
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    heard = []
    for words in ("汪汪汪", "呱呱呱呱呱", "喵喵", "咩咩咩"):
        await wang.says(words)
        seen = await wang.hears("哪一类")
        heard.append(seen.text)
        assert seen.labels[:2] == ["1 路灯照明", "2 都不是，我自己选"]
        assert not any(label[0].isdigit() for label in seen.labels[2:])  # numbers stay as they are
    assert len(set(heard)) == 4
    await wang.says("好")
    await wang.hears("来帮您")
    await worker.hears("楼道灯不亮了")


async def test_from_the_start(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.says("从头来")
    await wang.hears("您有什么事")
    await wang.says("水管爆了")
    await wang.hears("听起来是")


@pytest.mark.parametrize("words", ["2号", "二号", "12号"])
async def test_the_name_of_a_ticket_picks_no_choice(scripted_town: Town, words: str) -> None:
    """Fault 21: 2号 picked the second choice."""
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.says(words)
    await wang.hears("我的诉求", "路灯照明")
    await wang.says("2")
    await wang.hears("那您看是哪一类")


async def test_the_name_of_a_ticket_below_the_menu(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("菜单")
    await wang.hears("要办什么")
    await wang.says("1号")
    await wang.hears("要选第 1 个，就打 1")
    await wang.says("1")
    await wang.hears("您有什么事")


async def test_back_out_of_a_change_leaves_it_as_it_was(scripted_town: Town) -> None:
    """Fault 22: 返回 asked the same again, twice, and the summary was gone."""
    wang = await scripted_town.resident()
    await to_the_confirmation(wang)
    await wang.says("修改")
    await wang.presses("什么事")
    await wang.hears("您有什么事")
    await wang.says("返回")
    await wang.hears("您看对不对", "事情：楼道灯不亮了")
    await wang.says("修改")
    await wang.presses("什么事")
    await wang.says("楼道灯又不亮了")
    await wang.hears("事情：楼道灯又不亮了")
    await wang.says("返回")
    await wang.hears("出在哪儿")
    await wang.says("返回")
    await wang.hears("听起来是")


@pytest.mark.parametrize("words", ["先不报了", "不报了", "不整了", "bubaole"])
async def test_giving_up_in_the_bots_own_words(scripted_town: Town, words: str) -> None:
    """Fault 15: 先不报了 became the matter."""
    wang = await scripted_town.resident()
    await wang.says("报修")
    await wang.hears("您有什么事")
    await wang.says(words)
    await wang.hears("什么都没有提交")
    await to_the_kind(wang)
    await wang.says(words)
    await wang.hears("什么都没有提交")


@pytest.mark.parametrize("words", ["?", "？？", "。。。", "哦", "谢谢", "没有"])
async def test_what_says_nothing_is_no_matter(scripted_town: Town, words: str) -> None:
    wang = await scripted_town.resident()
    await wang.sends_photos(1)
    await wang.hears("再说一句是什么事")
    await wang.says(words)
    assert not any("类" in seen.text for seen in await wang.heard())
    await wang.says("漏水了")
    await wang.hears("听起来是“漏水维修”")


async def test_other_words_change_the_kind(scripted_town: Town) -> None:
    """Fault 15: 不是灯 是水, and 漏水了 at the list with 漏水维修 in it."""
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.says("不是灯 是水")
    seen = await wang.hears("下面哪一类")
    assert seen.labels[:2] == ["1 水电气", "2 漏水维修"]
    await wang.says("返回")
    await wang.presses("都不是")
    await wang.hears("那您看是哪一类")
    await wang.says("灯的事")  # one character from 别的事, and taken for a slip of it
    await wang.hears("出在哪儿")
    await wang.says("返回")
    await wang.says("漏水了")
    await wang.hears("出在哪儿")
    await wang.says("屋头")
    await wang.hears("楼道灯不亮了\n不是灯 是水\n灯的事\n漏水了", "类别：漏水维修")


@pytest.mark.parametrize("words", ["电话好多", "我孙子帮我弄的", "昨天晚上", "都可以"])
async def test_words_about_something_else_change_no_kind(scripted_town: Town, words: str) -> None:
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.says(words)
    await wang.hears("哪一类")
    await wang.presses("路灯照明")
    await wang.hears("出在哪儿")


@pytest.mark.parametrize("words", ["不对", "错了", "地方不对", "要改"])
async def test_not_right_is_no_giving_up(scripted_town: Town, words: str) -> None:
    """您看对不对? 不对, and everything was dropped."""
    wang = await scripted_town.resident()
    await to_the_confirmation(wang)
    await wang.says(words)
    await wang.hears("您想改哪一项")
    await wang.presses("在哪儿")
    await wang.says("楼道头")
    await wang.hears("您看对不对", "地方：莲花池花园3栋\n")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("屋头", "3栋1单元302"),
        ("家里", "3栋1单元302"),
        ("楼道", "花园3栋\n"),
        ("院坝头", "池花园\n"),
    ],
)
async def test_where_as_people_call_it(scripted_town: Town, words: str, shown: str) -> None:
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.presses("路灯照明")
    await wang.says(words)
    await wang.hears(f"{shown}")


async def test_a_place_in_words_of_ones_own(scripted_town: Town) -> None:
    """3栋楼下面, 一楼 and 菜市场门口 were no answer to where it is."""
    worker = await scripted_town.grid_worker()
    wang = await scripted_town.resident()
    for words, shown in (
        ("3栋楼下面", "不亮了\n3栋楼下面\n类别：路灯照明\n地方：莲花池花园3栋\n"),
        ("莲花池花园门口", "莲花池花园门口\n类别：路灯照明\n地方：莲花池花园\n"),
        ("2栋楼道", "地方：2栋楼道\n"),
        ("厨房那根", "地方：莲花池花园3栋1单元302\n"),
        ("菜市场门口", "不亮了\n类别：路灯照明\n地方：菜市场门口\n"),
    ):
        await to_the_kind(wang)
        await wang.presses("路灯照明")
        await wang.says(words)
        await wang.hears(shown)
        if words != "菜市场门口":
            await wang.says("取消")
    await wang.presses("提交")
    await worker.hears("莲花池花园 菜市场门口")
    await wang.edits("菜市场门口", "菜市场东门口")
    await worker.hears("菜市场东门口")


async def test_the_place_in_the_words_and_the_home_differ(scripted_town: Town) -> None:
    """Fault 16: 我家漏水 我住桂花新村, and it was filed at the stored door without a word."""
    worker = await scripted_town.worker("周敏", "网格员")
    wang = await scripted_town.resident()
    await wang.says("我家漏水 我住桂花新村")
    await wang.presses("漏水维修")
    await wang.hears("您说的是桂花新村，登记的住址在莲花池花园3栋")
    await wang.presses("桂花新村")
    await wang.hears("地方：桂花新村")
    await wang.presses("提交")
    await worker.hears("漏水", "桂花新村")


async def test_not_wanted_any_more_in_ones_own_words(scripted_town: Town) -> None:
    """算了 不报了 and 莫报了 were not understood, 不要了 was taken for 都不是."""
    wang = await scripted_town.resident()
    for words in (
        "算了 不报了",
        "莫报了嘛",
        "算球了",
        "不要了",
        "不说了",
        "谢谢 不用了",
        "哎 又亮了",
    ):
        await to_the_kind(wang)
        await wang.says(words)
        await wang.hears("什么都没有提交")
    await to_the_kind(wang)
    await wang.says("按错了")  # nothing was pressed: what was told stays told
    await wang.hears("下面哪一类")
    await wang.says("1")
    await wang.hears("这事出在哪儿")
    await wang.says("我点错了")
    await wang.hears("路灯照明")
    await wang.says("等哈再说")
    await wang.hears("给您留着")
    await wang.says("继续")
    await wang.hears("听起来是", "路灯照明")
    await wang.says("没事了")
    await wang.hears("什么都没有提交")
    assert await scripted_town.ticket_count() == 0


async def test_the_word_of_a_button_is_no_matter(scripted_town: Town) -> None:
    """提交, said where there was nothing to submit, became a matter of that name."""
    wang = await scripted_town.resident()
    await wang.says("反映问题")
    await wang.hears("您有什么事")
    for words in ("提交", "同意"):
        await wang.says(words)
        await wang.hears("告诉我出了什么事")
    await wang.says("改天再说")
    await wang.hears("什么都没有提交")
