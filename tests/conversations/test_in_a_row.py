"""Several messages in a row about a matter under way; and the little that tells nothing of it."""

from __future__ import annotations

from tests.conversations.filing import file_request
from tests.conversations.steps import resolve
from tests.conversations.town import Town


async def test_what_was_sent_before_the_press_was_lost(scripted_town: Town) -> None:
    """A voice, a photo and a word were asked about one by one, and the press took the last."""
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    number = await file_request(scripted_town, wang)
    voice = await wang.sends_voice()
    await wang.hears("是哪一件事")
    photo = (await wang.sends_photos(1))[0]
    await wang.hears("是哪一件事")
    await wang.says("就是这里")
    await wang.hears("是哪一件事")
    await wang.says("1")
    await wang.hears("已加到")
    await worker.hears("王桂英说", "就是这里")
    assert sorted(await worker.gets_files(2)) == sorted([voice, photo])
    assert [kind for kind, _ in await scripted_town.events(number)].count("supplemented") == 1
    scripted_town.later(minutes=11)
    await wang.says("在三楼")  # the question before is answered; and this one waits for itself
    await wang.hears("是哪一件事")
    scripted_town.later(minutes=11)
    await wang.sends_photos(1)
    await wang.hears("您刚发的这个")


async def test_two_sentences_with_two_matters_stay_two(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await file_request(scripted_town, wang)
    await file_request(scripted_town, wang, "下水道堵了", "下水道堵了")
    await wang.says("在三楼的那个")
    await wang.hears("您说的“在三楼的那个”，是哪一件事")
    await wang.says("厨房的那根管子")
    await wang.hears("您说的“厨房的那根管子”，是哪一件事")


async def test_what_tells_nothing_went_to_the_worker(scripted_town: Town) -> None:
    """提交, 1, 同意, 。 and a thumb became supplements; ？ asks how it stands."""
    worker, wang = await scripted_town.grid_worker(), await scripted_town.resident()
    await file_request(scripted_town, wang)
    await wang.says("在三楼")
    await wang.presses("补充 1号")
    await worker.hears("在三楼")
    for words in ("提交", "同意", "。", "👍", "是的"):
        await wang.says(words)
        await wang.hears("没有等您回话的事")
    await wang.says("？")
    await wang.hears("1号", "等人接单")
    await worker.heard_nothing()
    await worker.presses("接单")
    await worker.replies_to("1号", "下午来，可以吗")
    await worker.hears("1号")
    await wang.says("同意")  # now somebody waits for it
    await worker.hears("王桂英说", "同意")
    await resolve(worker)
    await wang.hears("您看解决了吗")
    await wang.says("亮了 谢谢")  # was asked about: which matter?
    await wang.hears("太好了")


async def test_words_that_withdraw_it(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await file_request(scripted_town, wang)
    for words in ("不要了 我自己去弄", "算了 我们自己说好了", "把灯那个撤了"):
        await wang.says(words)
        await wang.hears("要撤回吗")
        await wang.presses("不撤回")
        await wang.hears("1号")
    for words in ("灯呢", "好了没得", "来了没"):
        await wang.says(words)
        await wang.hears("1号", "等人接单")
