"""People who sit at different channels, and one talk that changes its library in the middle."""

from __future__ import annotations

from tests.conversations.conftest import MakeTown
from tests.conversations.main_path import arrives_and_asks


async def test_resident_on_the_page_worker_and_liaison_on_two_bots(make_town: MakeTown) -> None:
    town = await make_town("web", libraries=("aiogram", "ptb"))
    wang = await town.resident()
    worker = await town.grid_worker(on="telegram")
    liaison = await town.liaison(on="telegram_staff")

    photos = await wang.sends_photos(3, "屋顶漏水，墙都湿了")
    await wang.presses("漏水维修")
    await wang.presses("就在我家")
    await wang.hears("您看对不对")
    await wang.presses("提交")
    await wang.hears("编号是")
    for helper in (worker, liaison):
        assert await helper.gets_files(3) == photos
        await helper.hears("屋顶漏水", "莲花池花园3栋1单元302")

    voice = await wang.sends_voice()
    # Nobody has answered yet, so it may be about anything: it is asked, in words.
    await wang.hears("您刚发的这个，是哪一件事")
    await wang.presses("补充 1号")
    await wang.hears("已加到 1号")
    assert await worker.gets_files(1) == [voice]
    assert await liaison.gets_files(1) == [voice]

    await liaison.presses("接单")
    await wang.hears("联户党员陈秀兰接了")
    await worker.hears("已由联户党员陈秀兰接单")
    await liaison.replies_to("屋顶漏水", "我在楼下，给您看看这张图")
    await wang.hears("我在楼下")

    await liaison.presses("回复")
    await liaison.hears("给王桂英回什么话")
    report = await liaison.sends_document("维修单")
    assert await wang.gets_files(1) == [report]
    await wang.hears("维修单")

    await liaison.presses("办结")
    pictures = await liaison.sends_photos(2, "补好了")
    assert await wang.gets_files(2) == pictures
    await wang.presses("已解决")
    await wang.hears("满意吗")


async def test_begins_under_aiogram_and_ends_under_python_telegram_bot(
    make_town: MakeTown,
) -> None:
    town = await make_town("aiogram")
    worker = await town.grid_worker()
    wang = await town.newcomer()
    photos = await wang.sends_photos(2, "下水道堵了，水都漫出来了")
    await wang.hears("您同意吗")
    await town.rebuild(libraries=("ptb", "ptb"))
    await wang.presses("同意")
    await wang.says("莲花池花园3栋")
    await wang.hears("门牌")
    await town.rebuild(libraries=("aiogram", "ptb"))
    await wang.says("1单元501")
    await wang.says("王阿姨")
    await wang.hears("留个电话吗")
    await town.rebuild(libraries=("ptb", "aiogram"))
    await wang.presses("跳过")
    await wang.presses("下水道堵了")
    await wang.presses("就在我家")
    await wang.presses("提交")
    # The photos went to one bot as Telegram's own files and leave through the other by their bytes.
    assert await worker.gets_files(2) == photos
    await worker.hears("下水道堵了", "1单元501")


async def test_everybody_on_one_bot(make_town: MakeTown) -> None:
    """Workers need no bot of their own."""
    town = await make_town("ptb")
    worker = await town.grid_worker(on="telegram")
    wang = await town.newcomer()
    await arrives_and_asks(wang)
    assert len(await worker.gets_files(2)) == 2
    await worker.hears("楼道灯坏了三天")
    await worker.presses("接单")
    await wang.hears("接了")
