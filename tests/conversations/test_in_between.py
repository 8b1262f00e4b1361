"""A worker's words where they are not waited for: in the middle of a talk, with nothing in hand, or
about a matter that they were only called in for."""

from __future__ import annotations

from tests.conversations import county
from tests.conversations import whole_county as c
from tests.conversations.many import given
from tests.conversations.test_ladder import seat
from tests.conversations.town import Town

LI, WANG, ZHAO = county.GRID_WORKER, county.RESIDENT, county.NEIGHBOUR


async def test_what_a_worker_asks_for_in_the_middle_of_a_talk(scripted_town: Town) -> None:
    """数据 was open, and 延期, 修好了, 请假, 走访 were answered with 没看懂是哪段时间, for ever."""
    town = scripted_town
    worker = await town.grid_worker()
    one = await given(town, LI, WANG, claimed=True)
    await given(town, LI, ZHAO, text="水管漏水", kind="leak_repair", claimed=True)
    for said, heard in (
        (f"{one}号修好了", f"给 {one}号（路灯照明）办结吗"),
        ("延期", "是说哪一件"),
        (f"{one}号", f"【{one}号】"),
        ("查 王桂英", f"【{one}号】"),
        ("走访", "走访的是哪一户"),
        ("数据", "哪段时间"),
        ("请假三天", "从哪一天开始请"),
        ("走访 3栋1单元302", "走访记下了"),
    ):
        await worker.says("数据")
        await worker.hears("哪段时间")
        await worker.says(said)
        await worker.hears(heard)
    await worker.says("请假")
    await worker.says("明天")
    await worker.says("我的任务")
    await worker.hears("我给您留着")
    await worker.says("继续")
    await worker.hears("请到哪一天")
    await worker.says("没有配件")  # no answer, and nothing that is asked for
    await worker.hears("没看懂")
    await worker.says("好了")  # of whatever
    seen = await worker.hears("没弄懂", "说“取消”")
    assert "网格员" not in seen.text  # they are one


async def test_a_question_for_figures_in_the_middle_of_another(county_town: Town) -> None:
    town = county_town
    admin = await seat(town, c.ADMIN)
    await admin.says("三率")
    await admin.hears("哪段时间")
    await admin.says("本月")
    await admin.hears("看哪里的")
    await admin.says("莲花池社区上个月满意率")
    await admin.hears("莲花池社区｜2027.2.1–2027.2.28")
    await admin.says("报表")
    await admin.hears("哪段时间")
    await admin.says("莲花池社区超时的有哪些")
    await admin.hears("超时未办")
    assert "没找到这个地方" not in admin.everything_read


async def test_who_was_called_in_is_heard_in_plain_words(county_town: Town) -> None:
    """晓得了，下午派人 was thanked for, and 换好了灯泡 became a new request of the manager's."""
    town = county_town
    grid, house = await seat(town, c.GRID), await seat(town, c.PROPERTY)
    wang = await town.resident()
    number = await given(town, c.GRID, c.RESIDENT, claimed=True)
    await grid.says(f"{number}号")
    await grid.presses("催物业")
    await house.hears("请您一起办")
    await house.says("我的任务")
    await house.hears("请您一起办的：1 件", f"{number}号 路灯照明")
    for said in ("晓得了，下午派人", "修好了", "换好了灯泡"):
        await house.says(said)
        asked = await house.hears("是哪一件事")
        assert f"回复 {number}号 王桂英" in asked.labels[0]
        await wang.heard_nothing()
    await house.presses("回复")
    await wang.hears("物业马超回复您的", "换好了灯泡")
    await grid.hears("物业马超说")
    # A colleague spoke last, not the resident: what is typed now is no answer to anybody.
    for said in ("供电公司", "物业今天去"):
        await grid.says(said)
        await grid.hears("是哪一件事")
    await wang.heard_nothing()
    await grid.says("办结")
    await grid.presses("已修好")
    await house.says("弄完了")
    await house.hears("您手上现在没有要办的事")


async def test_what_is_said_of_a_matter_with_nothing_in_hand(county_town: Town) -> None:
    """接单 was taken for a complaint, 换好了灯泡 for a new request, once the matter had gone on."""
    town = county_town
    grid, secretary = await seat(town, c.GRID), await seat(town, c.SECRETARY)
    number = await given(town, c.GRID, c.RESIDENT, claimed=True)
    await grid.says("上报")
    await grid.says("要换线路")
    await grid.hears("已上报给")
    await secretary.hears("李建国把")
    for said in ("接单", "转给周敏", "换好了灯泡"):
        await grid.says(said)
        asked = await grid.hears(f"您说的“{said}”", "没有要办的事", f"{number}号现在是何志远在管")
        assert "是一件新的事" in asked.labels[-1]
    await grid.says(f"{number}号办好了")
    await grid.hears(f"【{number}号】")
    await secretary.heard_nothing()


async def test_several_matters_in_one_message(scripted_town: Town) -> None:
    """1号 2号办结 went to the resident of 1号, word for word."""
    town = scripted_town
    worker, wang, zhao = (
        await town.grid_worker(), await town.resident(), await town.resident(ZHAO),
    )  # fmt: skip
    one = await given(town, LI, WANG, claimed=True)
    two = await given(town, LI, ZHAO, text="水管漏水", kind="leak_repair", claimed=True)
    for said, ways in (
        (f"{one}号 {two}号办结", (f"办结 {one}号", f"办结 {two}号")),
        (f"{one}、{two}号都好了", (f"办结 {one}号", f"办结 {two}号")),
        (f"{one}号灯换好了，{two}号明天去", (f"办结 {one}号", f"回复 {two}号 赵大山 明天去")),
    ):
        await worker.says(said)
        asked = await worker.hears("一件一件来")
        assert all(way in label for way, label in zip(ways, asked.labels, strict=False))
    await wang.heard_nothing()
    await worker.presses("办结 1号")
    told = await wang.hears("灯换好了")
    assert "明天" not in told.text
    await worker.presses("回复 2号")
    told = await zhao.hears("明天去")
    assert "灯" not in told.text
    await worker.presses("回复 2号")  # once more
    await worker.hears("已经")
    await zhao.heard_nothing()
    await worker.says(f"{two}号 回复")  # an open reply does not take them either
    await worker.hears("回什么话")
    third = await given(town, LI, WANG, text="灯罩掉了", claimed=True)
    await worker.says(f"{two}号等配件，{third}号好了")
    await worker.hears("先放下了，没有发出去")
    await worker.hears("一件一件来")
    await zhao.heard_nothing()
    await worker.says(f"{two}号停表")
    await worker.hears("先停表")
    await worker.says(f"{two}号停表")
    await worker.hears("已经停着表")


async def test_small_words_of_the_day(scripted_town: Town) -> None:
    """查王桂英 without a space, 免打扰 with its hours, and the matter that is spoken of first."""
    town = scripted_town
    worker = await town.grid_worker()
    one = await given(town, LI, WANG, text="下水道堵了", kind="leak_repair", claimed=True)
    await given(town, LI, ZHAO, text="水管漏水", kind="leak_repair", claimed=True)
    await worker.says("查王桂英")
    await worker.hears(f"【{one}号】")
    await worker.says("查监控")
    await worker.hears("是哪一件事")
    await worker.says("下水道那个我去看了，堵得凶")
    asked = await worker.hears("是哪一件事")
    assert f"{one}号" in asked.labels[0]
    await worker.says("王桂英的电话是多少")
    await worker.hears("是为了什么")
    await worker.says("取消")
    await worker.says("赵大山家修好了")
    asked = await worker.hears("办结吗")
    assert "赵大山" in asked.labels[0]
    await worker.says("还剩几件")
    await worker.hears("您手上的事：2 件")
    await worker.says("接单")  # of what is claimed already
    await worker.hears("您手上的事：2 件")
    await worker.says("免打扰")
    await worker.hears("要改成什么")
    await worker.says("晚上八点到早上八点")
    await worker.hears("20:00", "8:00")


async def test_an_admin_who_speaks_of_who_comes_and_goes(county_town: Town) -> None:
    """李建国不干了 became a request of the admin's, who was asked where they live."""
    town = county_town
    admin, wang = await seat(town, c.ADMIN), await town.resident()
    for said in ("李建国不干了", "新来了一个网格员", "加个网格员", "怎么邀请新人"):
        await admin.says(said)
        told = await admin.hears("岗位名单", "在岗到")
        assert told.labels == ["1 是一件新的事"]
    await wang.says("楼上的不干了，水泥堆在楼道里没人清理")
    told = await wang.hears("")
    assert "岗位名单" not in told.text


async def test_what_is_written_below_a_card_for_us(county_town: Town) -> None:
    """接单, 办结, 不归我管 and 1 as a reply to the card went to the resident word for word."""
    town = county_town
    grid, too, wang = await seat(town, c.GRID), await seat(town, c.GRID_TOO), await town.resident()
    number = await given(town, c.GRID, c.RESIDENT)
    card = f"【{number}号】"
    await grid.says(f"{number}号")
    await grid.hears(card)
    await grid.replies_to(card, "好的")
    asked = await grid.hears(f"是说 {number}号（路灯照明）吗")
    assert asked.labels[0].startswith(f"1 接单 {number}号")
    await wang.heard_nothing()
    await grid.replies_to(card, "接单")
    await grid.hears("归您了")
    await wang.hears("网格员李建国接了")
    for said, heard in (
        ("办结", "怎么解决的"), ("延期", "期限不能自己改"), ("不归我管", "为什么退回去"),
        ("电话", "是为了什么"), ("1", card), ("查 王桂英", card), ("请假三天", "从哪一天"),
        ("转给周敏", "为什么转交"),
    ):  # fmt: skip
        await grid.replies_to(card, said)
        await grid.hears(heard)
    await grid.says("在他那边")
    await too.hears(card)
    told = await wang.hears("周敏")
    assert "转给周敏" not in told.text
    await wang.heard()
    await too.says(f"{number}号 接单")  # and behind its number
    await wang.hears("网格员周敏接了")
    await too.replies_to(card, "下午三点来")
    await wang.hears("下午三点来")
    await too.replies_to(card, "修好了")
    await wang.hears("修好了")


async def test_notes_and_what_was_sent_by_mistake(county_town: Town) -> None:
    """备注：钥匙在门卫 was offered to the resident; 发错了 after a reply gave the matter back."""
    town = county_town
    grid, house = await seat(town, c.GRID), await seat(town, c.PROPERTY)
    wang = await town.resident()
    number = await given(town, c.GRID, c.RESIDENT, claimed=True)
    await grid.says("备注：居民脾气急")
    await grid.hears("备注记下了")
    await grid.says("内部备注")
    await grid.hears("要记什么")
    await grid.says("钥匙在门卫")
    await grid.hears("备注记下了")
    await grid.says("回复")
    await grid.hears("回什么话")
    await grid.says("备注 先打电话")  # no reply either
    await grid.hears("备注记下了")
    await wang.heard_nothing()
    noted = [text for kind, text in await town.events(number) if kind == "noted"]
    assert noted == ["居民脾气急", "钥匙在门卫", "先打电话"]
    await grid.says("敲门没人")
    asked = await grid.hears("是哪一件事")
    assert asked.labels[1] == f"2 记在 {number}号里，居民看不到"
    await grid.says("2")
    await grid.hears("备注记下了")
    await wang.heard_nothing()
    await grid.says("喊物业去看看")
    asked = await grid.hears(f"是说 {number}号")
    assert asked.labels[0] == f"1 催物业 {number}号 王桂英 路灯照明"
    await grid.presses("催物业 1号")
    await house.hears("请您一起办")
    await grid.says("看经过")
    await grid.hears("请物业")
    await grid.says("发错了")  # nothing was sent
    assert all("收不回来" not in seen.text for seen in await grid.heard())
    await grid.says("回复")
    await grid.says("今天下午来")
    await wang.hears("今天下午来")
    await grid.says("发错了")
    await grid.hears("“今天下午来”已经发给 1号王桂英，收不回来")
    await grid.presses("回复 1号")
    await grid.says("是明天下午")
    await wang.hears("是明天下午")
    assert (await town.ticket(number)).status == "claimed"
