"""常用语: a ready-made answer with one tap, and a worker's own."""

from __future__ import annotations

from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.town import Town


async def opened(town: Town) -> tuple[Person, Person, int]:
    li, wang = await town.grid_worker(), await town.resident()
    return li, wang, await file_request(town, wang)


async def test_one_tap_answers_and_resolves(detail_town: Town) -> None:
    town = detail_town
    li, wang, number = await opened(town)
    await li.presses("回复")
    await li.hears("给王桂英回什么话", "点下面的一句也行")
    await li.presses("收到，我马上看")
    await wang.hears("收到，我马上看")
    await li.presses("接单")
    await li.hears("归您了")
    await li.presses("回复")
    asked = await li.hears("回什么话")
    assert any("今天下午上门" in label for label in asked.labels)
    assert not any("我马上看" in label for label in asked.labels)
    await li.says("2")
    await wang.hears("明天上午上门")
    await li.presses("办结")
    await li.hears("怎么解决的")
    await li.presses("已修好")
    await wang.hears("说办好了", "已修好")
    assert (await town.ticket(number)).status == "resolved"


async def test_free_words_are_never_bent_to_a_quick_reply(scripted_town: Town) -> None:
    li, wang, _ = await opened(scripted_town)
    await li.presses("回复")
    await li.hears("回什么话")
    await li.says("收到，我马上去看看")
    await wang.hears("收到，我马上去看看")


async def test_a_worker_sets_their_own(detail_town: Town) -> None:
    town = detail_town
    chen = await town.liaison()
    li, wang, _ = await opened(town)
    await li.says("常用语")
    await li.presses("接单前的回话")
    await li.hears("想改哪一句")
    await li.presses("加一句")
    await li.hears("要加哪一句")
    await li.says("我在外面，一小时后到")
    await li.hears("现在是", "我在外面，一小时后到")
    await li.presses("接着改")
    await li.presses("收到，我马上看")
    await li.presses("改一改")
    await li.says("好的，马上到")
    await li.hears("好的，马上到")
    await li.presses("接着改")
    await li.presses("能拍张照片")
    await li.presses("删掉")
    left = await li.hears("现在是")
    assert "能拍张照片" not in left.text
    await li.presses("回复")
    asked = await li.hears("给王桂英回什么话")
    assert [label.partition(" ")[2] for label in asked.labels[:4]] == [
        "好的，马上到", "收到，今天给您答复", "请问您什么时候在家？", "我在外面，一小时后到",
    ]  # fmt: skip
    await li.presses("我在外面")
    await wang.hears("我在外面，一小时后到")
    await chen.presses("回复")
    theirs = await chen.hears("回什么话")
    assert not any("我在外面" in label for label in theirs.labels)


async def test_six_at_most_and_back_to_the_first(scripted_town: Town) -> None:
    li = await scripted_town.grid_worker()
    await li.says("常用语")
    await li.presses("办理中的回话")
    await li.presses("加一句")
    await li.says("第六句")
    await li.hears("现在是", "第六句")
    await li.presses("接着改")
    full = await li.hears("想改哪一句")
    assert any("第六句" in label for label in full.labels)
    assert not any("加一句" in label for label in full.labels)
    await li.presses("换回原来的")
    kept = await li.hears("现在是", "今天下午上门")
    assert "第六句" not in kept.text


async def test_a_resident_has_none(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("常用语")
    await wang.hears("不归您办")
