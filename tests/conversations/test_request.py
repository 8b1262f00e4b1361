"""微诉求: from the first word to the number, however it is said, and every way back."""

from __future__ import annotations

import pytest

from tests.conversations.people import Person
from tests.conversations.town import Town


async def to_the_kind(wang: Person, words: str = "楼道灯不亮了") -> None:
    await wang.says(words)
    await wang.hears("听起来是")


async def to_the_confirmation(wang: Person, words: str = "楼道灯不亮了") -> None:
    await to_the_kind(wang, words)
    await wang.presses("路灯照明")
    await wang.hears("出在哪儿")
    await wang.presses("就在我家")
    await wang.hears("您看对不对", words)


async def files_it(town: Town, wang: Person) -> int:
    await wang.presses("提交")
    await wang.hears("编号是")
    return (await town.ticket()).id


async def test_words_outside_start_it(town: Town) -> None:
    wang = await town.resident()
    await to_the_confirmation(wang)
    number = await files_it(town, wang)
    assert (await town.ticket()).text == "楼道灯不亮了"
    assert ("opened", "楼道灯不亮了") in await town.events(number)


async def test_the_word_for_it_asks_what(scripted_town: Town) -> None:
    for opening in ("报修", "微诉求", "我要投訴", "baoxiu"):
        wang = await scripted_town.resident()
        await wang.says(opening)
        await wang.hears("您有什么事")


async def test_album_in_one_go(town: Town) -> None:
    """A caption and five photos are one message."""
    worker = await town.grid_worker()
    wang = await town.resident()
    photos = await wang.sends_photos(5, "楼道灯不亮了")
    await wang.hears("听起来是")
    await wang.presses("路灯照明")
    await wang.presses("就在我家")
    await wang.hears("照片和语音：5 个")
    await files_it(town, wang)
    assert await worker.gets_files(5) == photos


async def test_one_by_one_in_any_order(town: Town) -> None:
    worker = await town.grid_worker()
    wang = await town.resident()
    await wang.says("报修")
    await wang.hears("您有什么事")
    photo = (await wang.sends_photos(1))[0]
    await wang.hears("收到了（1 个文件）", "再说一句是什么事")
    await wang.sends_location(29.5, 106.5)
    await wang.hears("位置也收到了")
    await wang.says("下水道堵了")
    await wang.hears("听起来是")
    await wang.presses("下水道堵了")
    await wang.presses("小区里")
    await wang.hears("照片和语音：1 个")
    await files_it(town, wang)
    assert await worker.gets_files(1) == [photo]
    await worker.hears("下水道堵了", "莲花池花园")
    assert any(
        seen.location and seen.location == pytest.approx((29.5, 106.5), abs=1e-4)
        for seen in worker.seat.log
    )


async def test_a_voice_message_is_words_enough(town: Town) -> None:
    worker = await town.grid_worker()
    wang = await town.resident()
    voice = await wang.sends_voice()
    await wang.hears("哪一类")
    await wang.presses("别的事")
    await wang.presses("就在我家")
    await wang.hears("（语音）", "照片和语音：1 个")
    await files_it(town, wang)
    assert await worker.gets_files(1) == [voice]
    await worker.hears("见上面的语音或照片")


async def test_late_photos_are_added(town: Town) -> None:
    """A photo at the question of the kind, and one at the confirmation, belong to the matter."""
    worker = await town.grid_worker()
    wang = await town.resident()
    await to_the_kind(wang)
    first = await wang.sends_photos(1)
    await wang.hears("加上了")
    await wang.hears("听起来是")
    await wang.presses("路灯照明")
    await wang.presses("就在我家")
    await wang.hears("照片和语音：1 个")
    late = await wang.sends_photos(2)
    await wang.hears("加上了")
    await wang.hears("照片和语音：3 个")
    await files_it(town, wang)
    assert await worker.gets_files(3) == first + late


async def test_a_photo_whose_caption_answers_is_kept_too(scripted_town: Town) -> None:
    """Fault found here: the words of such a photo answered the question, and the photo was lost."""
    worker = await scripted_town.grid_worker()
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    first = await wang.sends_photos(1, "路灯照明")
    await wang.hears("加上了")
    await wang.hears("出在哪儿")
    await wang.presses("别的地方")
    second = await wang.sends_photos(1, "东门口")
    await wang.hears("照片和语音：2 个")
    last = await wang.sends_photos(1, "提交")
    await wang.hears("编号是")
    assert await worker.gets_files(3) == first + second + last


async def test_none_of_these(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.presses("都不是")
    await wang.hears("那您看是哪一类")
    await wang.presses("噪音扰民")
    await wang.hears("出在哪儿")
    await wang.says("返回")
    await wang.hears("那您看是哪一类")
    await wang.says("返回")
    await wang.hears("听起来是")


async def test_a_kind_that_no_button_shows_is_understood(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.says("垃圾卫生")
    await wang.hears("出在哪儿")
    await wang.presses("就在我家")
    await wang.hears("类别：垃圾卫生")


@pytest.mark.parametrize(
    ("where", "shown", "card"),
    [
        ("就在我家", "地方：莲花池花园3栋1单元302", "莲花池花园3栋1单元302"),
        ("楼里公共地方", "地方：莲花池花园3栋\n", "莲花池花园3栋\n"),
        ("小区里", "地方：莲花池花园\n", "莲花池花园\n"),
    ],
)
async def test_where(scripted_town: Town, where: str, shown: str, card: str) -> None:
    worker = await scripted_town.grid_worker()
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.presses("路灯照明")
    await wang.presses(where)
    await wang.hears(shown)
    await files_it(scripted_town, wang)
    await worker.hears(card)


async def test_elsewhere_asks_for_words(town: Town) -> None:
    worker = await town.grid_worker()
    wang = await town.resident()
    await to_the_kind(wang)
    await wang.presses("路灯照明")
    await wang.presses("别的地方")
    await wang.hears("具体在哪儿")
    await wang.says("东门口公交站")
    await wang.hears("地方：东门口公交站")
    await files_it(town, wang)
    await worker.hears("东门口公交站")


@pytest.mark.parametrize(
    ("item", "question", "words", "shown"),
    [
        ("什么事", "您有什么事", "水管爆了", "事情：水管爆了"),
        ("问题类别", "听起来是", "噪音扰民", "类别：噪音扰民"),
        ("在哪儿", "出在哪儿", "3", "地方：莲花池花园"),
    ],
)
async def test_change_one_thing_at_the_end(
    scripted_town: Town, item: str, question: str, words: str, shown: str
) -> None:
    wang = await scripted_town.resident()
    await to_the_confirmation(wang)
    await wang.says("修改")
    await wang.hears("您想改哪一项")
    await wang.presses(item)
    await wang.hears(question)
    await wang.says(words)
    seen = await wang.heard()
    while not any(shown in one.text for one in seen):  # a new matter has new guesses
        assert seen, "it asks no more and confirms nothing"
        await wang.presses("1" if not seen[-1].buttons else seen[-1].labels[0])
        seen = await wang.heard()
    await files_it(scripted_town, wang)


async def test_cancel_keeps_nothing(town: Town) -> None:
    wang = await town.resident()
    await to_the_confirmation(wang)
    await wang.says("取消")
    await wang.hears("什么都没有提交")
    await wang.hears("要办什么")
    assert await town.ticket_count() == 0
    await wang.says("继续")
    await wang.hears("要办什么")


async def test_not_filed_after_all(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await to_the_confirmation(wang)
    await wang.presses("先不报了")
    await wang.hears("什么都没有提交")
    assert await scripted_town.ticket_count() == 0


async def test_menu_lays_it_aside_and_goes_on_later(town: Town) -> None:
    wang = await town.resident()
    await to_the_confirmation(wang)
    await wang.says("菜单")
    await wang.hears("我给您留着")
    await wang.hears("要办什么")
    await wang.says("继续")
    await wang.hears("您看对不对", "楼道灯不亮了")
    await files_it(town, wang)


async def test_help_explains_and_asks_again(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.says("不会弄")
    await wang.hears("一步一步来")
    await wang.hears("听起来是")


async def test_a_person_takes_over_with_all_that_was_said(town: Town) -> None:
    worker = await town.grid_worker()
    wang = await town.resident()
    await to_the_confirmation(wang)
    await wang.says("转人工")
    await wang.hears("我请网格员李建国来帮您")
    await worker.hears("楼道灯不亮了", "路灯照明")


async def test_photos_go_along_to_the_person_who_takes_over(town: Town) -> None:
    """Fault found here: the ticket of 转人工 had the words, but not the photos and the voice."""
    worker = await town.grid_worker()
    wang = await town.resident()
    photos = await wang.sends_photos(2, "楼道灯不亮了")
    await wang.hears("听起来是")
    await wang.presses("转人工")
    await wang.hears("我请网格员李建国来帮您")
    assert await worker.gets_files(2) == photos


async def test_a_photo_alone_goes_along_too(scripted_town: Town) -> None:
    worker = await scripted_town.grid_worker()
    wang = await scripted_town.resident()
    await wang.says("报修")
    photos = await wang.sends_photos(1)
    await wang.hears("再说一句是什么事")
    await wang.presses("转人工")
    assert await worker.gets_files(1) == photos


async def test_nonsense_twice_offers_a_person(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.says("呜呜呜呜呜")
    await wang.hears("您看是下面哪一类")
    await wang.says("哼哼哈嘿")
    seen = await wang.hears("要不要请网格员直接来帮您")
    assert any("转人工" in label for label in seen.labels)


async def test_words_that_fit_no_button_can_be_added(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.says("已经坏了三天了")
    await wang.presses("把这句话加到刚才说的事里")
    await wang.hears("加上了")
    await wang.presses("路灯照明")
    await wang.presses("就在我家")
    await wang.hears("楼道灯不亮了\n已经坏了三天了")


@pytest.mark.parametrize("one", ["１", "1", "一", "第一个", "1.", "①", "选1", "1、"])
async def test_the_number_one_in_any_form(scripted_town: Town, one: str) -> None:
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.says(one)
    await wang.hears("出在哪儿")
    await wang.says(one)
    await wang.hears("类别：路灯照明", "地方：莲花池花园3栋1单元302")


@pytest.mark.parametrize(
    "words", ["路灯照明", "路燈照明", "ludengzhaoming", "路灯照名", "路灯", "是路灯照明"]
)
async def test_a_label_or_something_near_it(scripted_town: Town, words: str) -> None:
    wang = await scripted_town.resident()
    await to_the_kind(wang)
    await wang.says(words)
    await wang.hears("出在哪儿")
    await wang.presses("就在我家")
    await wang.hears("类别：路灯照明")
