"""The main path, once, for the tests and for `python -m bot transcript`.

A newcomer says what is wrong and where they live; the worker takes it, asks, is answered and
solves it; the resident says so and how satisfied they are.
"""

from __future__ import annotations

from tests.conversations.people import Person
from tests.conversations.town import Town


async def main_path(town: Town) -> None:
    """Everybody says their lines; what must be heard is waited for. Raises AssertionError."""
    worker = await town.grid_worker()
    liaison = await town.liaison()
    wang = await town.newcomer("王阿姨")

    await arrives_and_asks(wang)
    await worker.gets_files(2)
    await worker.hears("楼道灯坏了三天", "莲花池花园3栋", "王阿姨")
    await liaison.gets_files(2)
    await liaison.hears("楼道灯坏了三天")

    await worker.presses("接单")
    await worker.hears("归您了")
    await wang.hears("网格员李建国接了")
    await liaison.hears("已由网格员李建国接单")

    await worker.replies_to("楼道灯坏了三天", "王阿姨，是哪一层的灯？我下午带电工来。")
    await worker.hears("已经发给王阿姨")
    await wang.hears("网格员李建国回复您的", "是哪一层的灯")
    await wang.says("五楼和六楼都不亮")
    await wang.hears("已加到")
    await worker.hears("王阿姨说", "五楼和六楼都不亮")

    await worker.presses("办结")
    await worker.hears("怎么解决的")
    await worker.sends_photos(1, "两层的灯都换好了")
    await wang.gets_files(1)
    await wang.hears("说办好了", "两层的灯都换好了")
    await worker.hears("已经请居民确认")

    await wang.presses("已解决")
    await wang.hears("满意吗")
    await worker.hears("说解决了")
    await wang.presses("满意")
    await wang.hears("还想说一句吗")
    await wang.says("来得真快，谢谢李师傅")
    await wang.hears("就办到这儿了")


async def arrives_and_asks(wang: Person) -> None:
    """From the first word to the ticket's number, with two photos."""
    await wang.opens()
    await wang.hears("家门口")
    await wang.hears("要办什么")
    await wang.sends_photos(2, "楼道灯坏了三天，老人下楼看不见")
    await wang.hears("您同意吗")
    await wang.presses("同意")
    await wang.hears("哪个社区")
    await wang.says("莲花池花园")
    await wang.hears("几栋")
    await wang.presses("3栋")
    await wang.hears("门牌")
    await wang.says("1单元302")
    await wang.hears("怎么称呼您")
    await wang.says("王阿姨")
    await wang.hears("留个电话吗")
    await wang.presses("跳过")
    await wang.hears("听起来是")
    await wang.presses("路灯照明")
    await wang.hears("出在哪儿")
    await wang.presses("楼里公共地方")
    await wang.hears("您看对不对", "楼道灯坏了三天", "照片和语音：2 个")
    await wang.presses("提交")
    await wang.hears("编号是", "网格员李建国")
