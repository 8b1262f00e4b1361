"""轻生 and 家暴: each by its careful script, whatever is said; never seen by who lives near."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from bot.wording import Wording
from handlers.questions import Answered
from handlers.residents.careful import Gentle
from handlers.talk import Said, Talk
from storage import crisis, tickets
from tests.conversations.law import LAWYER, OFFICER
from tests.conversations.people import Person
from tests.conversations.test_legal import lawful
from tests.conversations.town import Town

NEVER = ("没看明白", "没听懂", "菜单", "返回", "满意")


async def never_known(town: Town, them: dict[str, Person], secret: str) -> None:
    """Whatever a neighbour or the mediator tries, they learn nothing of ticket 1."""
    for role in ("grid", "liaison", "mediator"):
        person = them[role]
        await person.heard_nothing()
        for words in ("我的任务", "1号 怎么样了", "#1 怎么样了", "查单 1", "待派单", "数据"):
            await person.says(words)
            await town.settle()
        assert secret not in person.everything_read
        assert person.id is not None
        assert not await town.read(lambda s, one=person.id: tickets.is_party(s, 1, one))  # type: ignore[misc]


# 轻生


async def test_somebody_is_heard_and_a_person_calls(detail_town: Town) -> None:
    town = detail_town
    them = await lawful(town)
    wang = await town.resident()
    await wang.says("我不想活了")
    await wang.hears("我在，我听着")
    await wang.hears("心理援助 12356")
    await wang.hears("报警 110")
    await wang.hears("您现在安全吗")
    await wang.says("没人在乎我")
    await wang.hears("您慢慢说", "您现在安全吗")
    await wang.says("算了")  # a command anywhere else
    await wang.hears("您现在安全吗")
    assert not any(word in wang.everything_read for word in NEVER)
    await wang.says("安全")
    await wang.hears("要不要我请", OFFICER)
    await wang.presses("好，请人联系我")
    await wang.hears(f"已经告诉社区民警{OFFICER}")
    await them["officer"].hears("【1号】请人联系", "没人在乎我", "不劝不训")
    await wang.says("我女儿也不接我电话")
    await wang.hears("我陪着您等")
    await them["officer"].hears("我女儿也不接我电话")
    await never_known(town, them, "没人在乎我")


async def test_means_at_hand_send_help_without_asking(scripted_town: Town) -> None:
    town = scripted_town
    them, admin = await lawful(town), await town.admin()
    town.at(2027, 3, 10, 2, 30)  # the middle of the night
    wang = await town.resident()
    await wang.says("我把药都吞了")
    await wang.hears("急救 120")
    await wang.hears("我很担心您", OFFICER, "120、110")
    await wang.hears("您就在家里吗")
    await them["officer"].hears("‼️急", "我把药都吞了", "马上打电话")
    alarm = await admin.hears("1号：有人可能有生命危险", OFFICER, "请马上打电话")
    assert "药" not in alarm.text
    await wang.says("在家，头晕")
    await them["officer"].hears("在家，头晕")
    await never_known(town, them, "我把药都吞了")


async def test_unsafe_is_enough(scripted_town: Town) -> None:
    them = await lawful(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("活着真没意思")
    await wang.says("不安全")
    await wang.hears("我很担心您", OFFICER)
    await them["officer"].hears("活着真没意思")


async def test_a_no_is_kept_and_tomorrow_only_where_agreed(scripted_town: Town) -> None:
    them = await lawful(scripted_town)
    wang, zhao = await scripted_town.resident(), await scripted_town.resident("赵大山")
    for one, answer in ((wang, "好，明天问我"), (zhao, "不用了")):
        await one.says("活着好累，撑不下去了")
        await one.presses("现在安全")
        await one.says("不要")
        await one.hears("我先不找人", "明天我问您一声")
        await one.presses(answer)
        await one.hears("12356")
    await them["officer"].heard_nothing()
    assert await scripted_town.ticket_count() == 0
    await scripted_town.look_after(hours=25)
    await wang.hears("今天好一点吗")
    await zhao.heard_nothing()
    await wang.presses("好一点了")
    await wang.hears("那就好")


async def test_in_the_middle_of_something_else(scripted_town: Town) -> None:
    await lawful(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("楼道灯不亮了")
    await wang.hears("这一类")
    await wang.says("算了不如死了算了")
    await wang.hears("我在，我听着")
    await wang.says("取消")
    await wang.hears("都可以跟我说")
    await wang.says("继续")
    await wang.hears("这一类")


async def test_for_somebody_else(scripted_town: Town) -> None:
    await lawful(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("我儿子说不想活了")
    await wang.hears("先别慌")
    await wang.hears("别让他一个人")
    await wang.hears("他现在安全吗")
    await wang.presses("我陪着他")
    await wang.hears("听他说", "12356")


async def test_a_worker_who_writes_about_another_is_not_asked(scripted_town: Town) -> None:
    worker = await scripted_town.grid_worker()
    await worker.says("3栋老张说不想活了，邻居报的")
    await worker.hears("报警 110")
    assert "您现在安全吗" not in worker.everything_read


# 家暴


async def test_violence_left_to_the_lawyer_with_a_phone_that_others_read(detail_town: Town) -> None:
    town = detail_town
    them = await lawful(town)
    wang = await town.resident()
    await wang.says("我老公又打我了")
    await wang.hears("报警 110")
    await wang.hears("这不是您的错", "12110")
    await wang.hears("您现在安全吗")
    await wang.presses("现在安全")
    await wang.hears("这部手机，别人会看吗")
    await wang.says("他老翻我手机")
    await wang.hears("人身安全保护令", "不用先离婚", "12338")
    await wang.presses("留给律师")
    await wang.hears(f"已经告诉片区律师{LAWYER}", "一句平常话", "可以删掉")
    await wang.presses("先到这儿")
    await wang.hears("一有危险")
    await them["lawyer"].hears("我老公又打我了", "别直接打电话")
    await them["lawyer"].presses("接单")
    pushed = await wang.hears("您问的事有回音了")
    assert not any(word in pushed.text for word in (LAWYER, "律师", "打", "1号"))
    await wang.says("看回音")
    shown = await wang.hears("个人咨询")
    assert "打我" not in shown.text
    await never_known(town, them, "我老公又打我了")
    await them["officer"].heard_nothing()


async def test_in_danger_the_officer_only_after_a_yes(scripted_town: Town) -> None:
    them = await lawful(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("我躲在厕所里他在砸门")
    await wang.hears("马上打 110")
    await wang.hears("要我现在就告诉", OFFICER)
    await them["officer"].heard_nothing()
    assert await scripted_town.ticket_count() == 0
    await wang.says("告诉")
    await wang.hears(f"已经告诉社区民警{OFFICER}", "还是打 110")
    await them["officer"].hears("‼️急", "他在砸门")
    await them["lawyer"].heard_nothing()
    await never_known(scripted_town, them, "他在砸门")


async def test_a_no_files_nothing_and_tomorrows_word_gives_nothing_away(
    scripted_town: Town,
) -> None:
    them = await lawful(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("他天天打我")
    await wang.presses("现在安全")
    await wang.presses("不会")
    await wang.presses("先不留")
    await wang.presses("好，明天问我")
    await wang.hears("明天我问您一声")
    assert await scripted_town.ticket_count() == 0
    await scripted_town.look_after(hours=25)
    word = await wang.hears("今天还好吗")
    assert not any(
        sign in word.text + " ".join(word.labels) for sign in ("打", "家", "110", "民警")
    )
    for role in them:
        await them[role].heard_nothing()


async def test_out_of_it_at_once(scripted_town: Town) -> None:
    await lawful(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("被老公打了")
    await wang.hears("您现在安全吗")
    await wang.says("菜单")
    await wang.hears("您要办什么")


async def test_a_child_next_door(scripted_town: Town) -> None:
    them = await lawful(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("隔壁天天打孩子")
    await wang.hears("谢谢您替孩子说出来", "别自己冲上去")
    await wang.hears("孩子现在安全吗")
    await wang.says("不安全")
    await wang.presses("告诉民警")
    await them["officer"].hears("隔壁天天打孩子")
    await never_known(scripted_town, them, "隔壁天天打孩子")


REFUSALS = [
    "要不得", "不要得", "没得必要", "不得行", "不消", "算求了", "莫告诉他", "莫跟警察说",
    "冇得必要", "别告诉警察", "我不想麻烦民警，过几天再说嘛", "先莫说", "用不着",
    "告诉了我就完了，不要告诉民警", "yaobude", "要不得要不得",
]  # fmt: skip
NO_CONSENT = [
    "儿子电话好多", "好多人看到的", "快点给我退钱", "他要回来了", "你好", "来月经了", "行不行哦",
    "我好怕", "要死要活的", "好造孽", "一个月救助好多钱", "要不要得", "好难过", "需要钱",
    "可以死吗",
]  # fmt: skip
CONSENT = [
    "好",
    "好嘛",
    "要得",
    "要得哈",
    "得行",
    "可以嘛",
    "告诉民警",
    "快告诉他",
    "喊民警来",
    "救命！",
    "是的。",
]


@pytest.mark.parametrize("words", REFUSALS)
async def test_a_no_in_any_words_files_nothing(scripted_town: Town, words: str) -> None:
    """要不得 holds 要 and was taken for a yes: the officer was told against her will."""
    them = await lawful(scripted_town)
    wang = await scripted_town.resident()
    await wang.says("我躲在厕所里他在砸门")
    await wang.hears("要我现在就告诉", OFFICER)
    await wang.says(words)
    await wang.hears("您说了算")
    await them["officer"].heard_nothing()
    assert await scripted_town.ticket_count() == 0


def picked(words: str, *options: str) -> str:
    """What `words` pick of these options."""
    wording = Wording("Asia/Shanghai")
    talk = cast("Talk", SimpleNamespace(word=wording.word, words=wording.words))
    answer = Gentle("", options).read(Said(text=words), None, talk, None)
    assert isinstance(answer, Answered)
    return str(answer.value["pick"])


ASKED = {"tell": "not_yet", "call_me": "no_call", "ask_me": "do_not_ask"}


@pytest.mark.parametrize("words", [*NO_CONSENT, *REFUSALS])
def test_only_a_plain_yes_is_one(words: str) -> None:
    """好 stands in 电话好多, and that filed a ticket."""
    for yes, no in ASKED.items():
        assert picked(words, yes, no) != yes
    assert picked(words, "to_lawyer", "to_officer", "later") in ("", "later")


@pytest.mark.parametrize("words", CONSENT)
def test_a_plain_yes_is_one(words: str) -> None:
    assert picked(words, "tell", "not_yet") == "tell"


@pytest.mark.parametrize(
    "words", ["不得行", "遭不住了", "屋头没得安全", "我好怕", "安不安全哦，他要打我"]
)
def test_not_safe_in_any_words(words: str) -> None:
    assert picked(words, "safe", "unsafe") == "unsafe"


@pytest.mark.parametrize("words", ["不想活了", "我也不晓得", "他们都不要我了", "睡不着"])
def test_who_goes_on_telling_has_not_said_no(words: str) -> None:
    assert picked(words, "call_me", "no_call") == ""


@pytest.mark.parametrize("words", ["0", "０", "喊个人来"])
def test_zero_calls_a_person_here_too(words: str) -> None:
    """It is promised everywhere."""
    assert picked(words, "call_me", "no_call") == "human"


SUICIDE = [
    "我不想活了", "活着没意思", "死了算了", "我想死", "wo bu xiang huo le", "我不想活瞭",
    "活够了", "熬不下去了", "我就是个累赘，没有我你们更好", "药都买好了", "想一了百了",
    "活起没得意思", "活到没意思", "活起还有啥子意思", "死求算了", "wo yao si",
    "不想拖累孩子了", "真想睡过去再也不醒", "我想自杀", "人间不值得",
]  # fmt: skip
VIOLENCE = [
    "我老公打我", "被老公打了", "他又打我了", "家暴", "他喝了酒就打我", "男朋友掐我脖子",
    "儿子不给我饭吃", "饭都不给我吃", "幺儿打我", "老公捶我", "男人打老子", "儿子把我关到",
    "婆婆打我", "儿子打我", "前夫天天跟踪我", "他把我锁在家里不让出门", "后妈打孩子",
    "保姆打老人", "隔壁打老婆", "laogong da wo", "孩子身上都是烟头烫的伤",
]  # fmt: skip
NEITHER = [
    "气死我了，又停水", "楼下火锅店油烟太大", "跳楼价甩卖怎么投诉", "笑死我了", "想死你了",
    "小孩在楼下打闹", "打电话没人接", "我去年被撞了", "把自己锁在门外了", "店开不下去了",
    "两个孩子打架", "娃把自己反锁在卫生间", "打扫卫生的不来", "同学打了我家孩子", "路灯死了",
    "食堂不给我饭吃", "儿子不给我打电话", "活动搞起没得意思", "工作没意思", "wo yao sihua",
    "反家暴讲座什么时候开",
]  # fmt: skip


@pytest.mark.parametrize("words", SUICIDE)
def test_signs_of_weariness(words: str) -> None:
    found = crisis.signs_in(words)
    assert found is not None
    assert found.script == crisis.SUICIDE


@pytest.mark.parametrize("words", VIOLENCE)
def test_signs_of_violence(words: str) -> None:
    found = crisis.signs_in(words)
    assert found is not None
    assert found.script == crisis.VIOLENCE


@pytest.mark.parametrize("words", NEITHER)
def test_no_signs(words: str) -> None:
    assert crisis.signs_in(words) is None
