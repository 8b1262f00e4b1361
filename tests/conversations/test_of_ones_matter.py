"""What a resident says of what they have open, in words of their own: each test names a fault that
was."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import MakeTown
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.steps import at, duties, resolved
from tests.conversations.town import Town


@pytest.fixture
async def town(make_town: MakeTown) -> Town:
    """Words are the same on every channel."""
    return await make_town("scripted")


async def opened(town: Town) -> tuple[Person, Person, int]:
    li, wang = await town.grid_worker(), await town.resident()
    number = await file_request(town, wang)
    await li.hears("楼道灯不亮了")
    return li, wang, number


# Words about a worker never go to that worker unasked


COMPLAINTS = [
    "我要投诉李建国", "李建国不管事，态度不好", "网格员骂我", "网格员不管事", "小李太懒了",
    "李师傅凶得很", "姓李的收我钱", "我要告李建国", "网格员来过了，态度差得很",
    "wo yao tou su li jian guo", "你们社区的人推三阻四", "李网格推来推去的", "那个网格员看不起人",
]  # fmt: skip


@pytest.mark.parametrize("words", COMPLAINTS)
async def test_a_complaint_went_to_the_very_worker(town: Town, words: str) -> None:
    li, wang, _ = await opened(town)
    await wang.says(words)
    asked = await wang.hears("是对工作人员有意见吗")
    assert not any("补充" in label or "李建国" in label for label in asked.labels)
    await wang.presses("对工作人员有意见")
    await wang.heard()
    await li.heard_nothing()


@pytest.mark.parametrize("words", ["李建国收我钱", "网格员骂我", "我要投诉李建国"])
async def test_it_was_filed_as_a_matter_for_that_worker(town: Town, words: str) -> None:
    """With nothing open; who says that it is something else is told who will read it."""
    li, wang = await town.grid_worker(), await town.resident()
    await wang.says(words)
    await wang.hears("是对工作人员有意见吗")
    await wang.presses("是另外的事")
    asked = await wang.heard()
    if any("反映问题" in label for label in asked[-1].labels):
        await wang.presses("反映问题")
        asked = await wang.heard()
    if any("都不是" in label for label in asked[-1].labels):
        await wang.presses("都不是")
    await wang.presses("别的事")
    await wang.presses("就在我家")
    await wang.hears("您看对不对", "会发给网格员李建国，他看得到")
    await li.heard_nothing()


async def test_the_name_was_asked_for_again(town: Town) -> None:
    """Whom the words name is known, and what happened is still to be told."""
    await town.social_worker()
    li, wang, _ = await opened(town)
    await wang.says("我要投诉李建国")
    await wang.presses("对工作人员有意见")
    await wang.hears("怎么回事")
    await wang.says("上门收钱不给票")
    await wang.hears("对谁：网格员李建国", "事情：上门收钱不给票", "都看不到")
    await wang.presses("提交")
    await wang.hears("被反映的人看不到")
    await li.heard_nothing()


@pytest.mark.parametrize(
    "words", ["你这个网格员太懒了", "你态度太差了", "你们骂人还有理了", "你就是推诿"]
)
async def test_said_as_an_answer_to_the_worker(town: Town, words: str) -> None:
    li, wang, number = await opened(town)
    await li.replies_to("楼道灯不亮了", "明天来修")
    await wang.hears("明天来修")
    await wang.says(words)
    asked = await wang.hears("是对工作人员有意见吗")
    assert asked.labels[0].endswith("对工作人员有意见")
    await wang.presses(f"这句话发给李建国看（{number}号）")
    await wang.hears("已加到")
    await li.hears(words)


@pytest.mark.parametrize("way", ["reply", "number", "supplement"])
async def test_said_to_the_ticket_itself(town: Town, way: str) -> None:
    li, wang, number = await opened(town)
    if way == "reply":
        await wang.replies_to("提交好了", "李建国态度太差")
    elif way == "number":
        await wang.says(f"{number}号，李建国态度太差")
    else:
        await wang.says("我的诉求")
        await wang.presses(f"{number}号")
        await wang.presses("补充")
        await wang.says("李建国态度太差")
    await wang.hears("是对工作人员有意见吗")
    await wang.presses("这句话发给李建国看")
    await li.hears("李建国态度太差")


HARMLESS = [
    "网格员态度很好", "李建国服务态度不错，谢谢", "楼上骂我，请网格员来管管",
    "麻烦告诉李建国，钥匙在门卫", "有人冒充网格员收我钱", "物业态度差", "李师傅说下午来",
    "对门的凶得很", "我儿子懒得很",
]  # fmt: skip


@pytest.mark.parametrize("words", HARMLESS)
async def test_praise_and_others_are_no_complaint_about_a_worker(town: Town, words: str) -> None:
    _, wang, _ = await opened(town)
    await wang.says(words)
    assert all("是对工作人员有意见吗" not in seen.text for seen in await wang.heard())


# How it stands


HOW = [
    "我那个事咋样了", "啥子时候来", "咋还没来", "查得咋样了", "几时来修", "灯修好没得", "人呢",
    "有没得消息", "等了三天了", "搞快点嘛",
]  # fmt: skip


@pytest.mark.parametrize("words", HOW)
async def test_asking_how_it_stands_went_to_the_worker(town: Town, words: str) -> None:
    li, wang, number = await opened(town)
    await wang.says(words)
    shown = await wang.hears(f"{number}号 路灯照明", "您报了这件事", "想催一催")
    assert any("催办" in label for label in shown.labels)
    await li.heard_nothing()
    await wang.presses("把这句话转给办事的人")
    await li.hears(words)


async def test_of_two_the_one_of_that_kind_or_the_list(town: Town) -> None:
    _, wang, first = await opened(town)
    second = await file_request(town, wang, "下水道堵了", "下水道堵了")
    await wang.says("我那个事咋样了")
    await wang.hears("您报过的事", f"{first}号", f"{second}号")
    await wang.presses(f"{second}号")
    await wang.hears(f"{second}号 下水道堵了", "您报了这件事")
    await wang.says("灯修好没得")
    await wang.hears(f"{first}号 路灯照明", "您报了这件事")


@pytest.mark.parametrize("words", ["下水道啥时候来通", "低保咋个办", "食堂几点开饭"])
async def test_something_else_is_no_question_about_it(town: Town, words: str) -> None:
    _, wang, _ = await opened(town)
    await wang.says(words)
    assert all("您报了这件事" not in seen.text for seen in await wang.heard())


async def test_when_he_comes_is_asked_of_who_spoke_last(town: Town) -> None:
    li, wang, number = await opened(town)
    await li.replies_to("楼道灯不亮了", "明天来修")
    await wang.hears("明天来修")
    await wang.says("几点来")
    await wang.hears(f"已加到 {number}号")
    await li.hears("几点来")


# Not wanted any more


GIVEN_UP = [
    "撤回1号", "不用修了 好了", "不要了", "我自己修好了", "不消来了", "莫来了", "灯亮了",
    "取消1号", "我们找人弄好了",
]  # fmt: skip


@pytest.mark.parametrize("words", GIVEN_UP)
async def test_taking_it_back_was_a_supplement(town: Town, words: str) -> None:
    li, wang, number = await opened(town)
    await wang.says(words)
    await wang.hears(f"{number}号不用办了", "要撤回吗")
    assert (await town.ticket(number)).status == "waiting"
    await wang.presses("不撤回")
    await wang.hears("接着办")
    await wang.presses("把这句话转给办事的人")
    await li.hears(words)
    await wang.says(words)
    await wang.says("对")
    await wang.hears("撤回了")
    assert (await town.ticket(number)).status == "withdrawn"


async def test_of_two_it_is_asked_which(town: Town) -> None:
    _, wang, first = await opened(town)
    second = await file_request(town, wang, "下水道堵了", "下水道堵了")
    await wang.says("不用来了")
    await wang.hears("是哪一件不用办了")
    await wang.presses(f"{second}号")
    await wang.hears(f"{second}号真的要撤回吗")
    await wang.presses("确定撤回")
    await wang.hears("撤回了")
    await wang.says(f"撤回{first}号")
    await wang.hears(f"{first}号不用办了")


async def test_no_said_to_the_worker_is_an_answer(town: Town) -> None:
    li, wang, number = await opened(town)
    await li.replies_to("楼道灯不亮了", "还要不要换个声控的？")
    await wang.hears("声控")
    await wang.says("不要了")
    await wang.hears(f"已加到 {number}号")
    await li.hears("不要了")


# Said to be done, and is not


NOT_DONE = [
    "还是不亮", "没修好，还是黑的", "没有人来过啊", "好了又没好", "不满意", "修了等于没修",
    "又熄了", "根本没得人来", "hai shi bu liang",
]  # fmt: skip


@pytest.mark.parametrize("words", NOT_DONE)
async def test_not_solved_in_own_words_was_not_heard(town: Town, words: str) -> None:
    _, wang, number = await resolved(town)
    social = await town.social_worker()
    await wang.says(words)
    await wang.hears(f"{number}号（路灯照明）还没弄好，对吗")
    await wang.says("对")
    await wang.hears("交给吴芳接着办")
    await social.hears("说还没解决", words)
    assert ("supplemented", words) in await town.events(number)
    assert (await town.ticket(number)).round == 2


async def test_a_photo_that_shows_it(town: Town) -> None:
    _, wang, number = await resolved(town)
    social = await town.social_worker()
    photos = await wang.sends_photos(1, "还是黑的")
    await wang.hears("还没弄好，对吗")
    await wang.presses("还没好")
    await wang.hears("接着办")
    await social.hears("说还没解决", f"{number}号")
    assert await social.gets_files(1) == photos


async def test_it_was_another_matter_or_is_done(town: Town) -> None:
    _, wang, number = await resolved(town)
    await wang.says("又熄了")
    await wang.hears("还没弄好，对吗")
    await wang.presses("是另外的事")
    await wang.hears("哪一类")
    await wang.says("取消")
    await wang.says("灯亮了")
    await wang.hears(f"{number}号（路灯照明）弄好了，对吗")
    await wang.says("对")
    await wang.hears("您满意吗")


@pytest.mark.parametrize("words", ["水管又爆了", "好的，我去看看", "下水道还是堵的"])
async def test_news_of_something_else_is_asked_about_as_before(town: Town, words: str) -> None:
    _, wang, _ = await resolved(town)
    await wang.says(words)
    assert all("还没弄好" not in seen.text for seen in await wang.heard())


async def test_a_supplement_was_no_answer(town: Town) -> None:
    """It was asked whether it is solved as if nothing had been said, then ended as 未回访."""
    li, wang, number = await resolved(town)
    await wang.replies_to("灯换好了", "三楼那个灯泡还在闪，晚上看不见")
    await wang.hears("已加到", f"那 {number}号解决了吗")
    await li.hears("灯泡还在闪")
    at(town, 12, days=2)
    await duties(town)
    await wang.hears("还想问您一声")
    at(town, 12, days=5)
    await duties(town)
    await wang.hears("您说过“三楼那个灯泡还在闪", "接着办")
    assert "未回访" not in wang.everything_read
    assert (await town.ticket(number)).round == 2


async def test_after_it_lapsed_it_began_a_new_one(town: Town) -> None:
    _, wang, number = await resolved(town)
    await town.social_worker()
    at(town, 12, days=2)
    await duties(town)
    at(town, 12, days=5)
    await duties(town)
    await wang.hears("记作“未回访”")
    await wang.says("谢谢")
    await wang.hears("不客气")
    await wang.says("还是不亮")
    await wang.hears(f"{number}号（路灯照明）还没弄好，对吗")
    await wang.presses("还没好")
    await wang.hears("交给吴芳接着办")
    at(town, 12, days=30)
    assert await town.ticket_count() == 1


# Asked for a person


async def test_words_after_asking_for_a_person_did_not_reach_them(town: Town) -> None:
    li, wang = await town.grid_worker(), await town.resident()
    await wang.says("转人工")
    await wang.hears("您直接打字或发语音就行")
    await li.hears("请人帮忙")
    for words in ("电话打给我", "我屋头水漏", "快点来", "人呢"):
        await wang.says(words)
        await wang.hears("李建国会看到")
        await li.hears(words)
    await wang.presses("不是说这件，是新的事")
    await li.hears("刚才那句不是说")


async def test_with_a_lamp_open_they_reach_the_person_too(town: Town) -> None:
    li, wang, lamp = await opened(town)
    await wang.says("转人工")
    await wang.hears("您直接打字或发语音就行")
    await wang.says("我屋头水漏")
    await wang.hears(f"已加到 {lamp + 1}号")
    await li.replies_to("楼道灯不亮了", "灯明天修")
    await wang.hears("灯明天修")
    await wang.says("厨房也是水")
    await wang.hears("是哪一件事")


async def test_danger_does_not_go_on_with_what_a_person_was_asked_for(town: Town) -> None:
    await town.grid_worker()
    wang = await town.resident()
    await wang.says("转人工")
    await wang.hears("来帮您")
    await wang.says("楼道里着火了")
    await wang.hears("火警 119")
    await wang.hears("这事出在哪儿")


async def test_each_piece_of_a_story_was_asked_about(town: Town) -> None:
    li, wang, number = await opened(town)
    await wang.says("是三楼拐角那个")
    await wang.hears("是哪一件事")
    await wang.presses(f"补充 {number}号")
    await wang.hears(f"已加到 {number}号")
    await wang.says("天黑看不清台阶")
    await wang.hears(f"已加到 {number}号")
    await li.hears("天黑看不清台阶")
    await wang.says("下水道堵了")
    await wang.hears("是哪一件事")
