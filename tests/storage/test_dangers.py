"""Danger in a resident's words: seen when it is there, not seen where a word only looks like it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from storage.meaning import classify, dangers, dangers_in

LABELLED = Path(__file__).parents[1] / "data" / "meaning.tsv"


FRESH = LABELLED.with_name("meaning_fresh.tsv")


def urgencies(labelled: Path = LABELLED) -> list[tuple[str, str, str]]:
    """(what it is, what it is taken for, text) of the measured half."""
    with labelled.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            (row["urgency"], classify(row["text"]).urgency, row["text"])
            for row in table
            if row["half"] == "measure" and row["urgency"]
        ]


def test_danger_is_hardly_ever_missed() -> None:
    there = [(read, text) for is_, read, text in urgencies() if is_ == "danger"]
    missed = [text for read, text in there if read != "danger"]
    print("missed:", *missed, sep="\n  ")
    assert len(there) >= 60
    assert 1 - len(missed) / len(there) >= 0.955


def test_danger_is_seldom_seen_where_there_is_none() -> None:
    seen = [(is_, text) for is_, read, text in urgencies() if read == "danger"]
    wrong = [text for is_, text in seen if is_ != "danger"]
    print("wrong:", *wrong, sep="\n  ")
    assert 1 - len(wrong) / len(seen) >= 0.86


def test_danger_in_what_was_written_later() -> None:
    read = urgencies(FRESH)
    missed = [text for is_, taken, text in read if is_ == "danger" != taken]
    wrong = [text for is_, taken, text in read if taken == "danger" != is_]
    print("missed:", *missed, "wrong:", *wrong, sep="\n  ")
    there = sum(is_ == "danger" for is_, _, _ in read)
    assert there >= 85
    assert 1 - len(missed) / there >= 0.94
    assert (there - len(missed)) / (there - len(missed) + len(wrong)) >= 0.92


def test_what_cannot_wait_is_urgent() -> None:
    there = [(read, text) for is_, read, text in urgencies() if is_ == "urgent"]
    assert sum(read != "normal" for read, _ in there) / len(there) >= 0.85


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("楼道着火了", "fire"),
        ("闻到好大的煤气味", "gas"),
        ("有人打人", "violence"),
        ("有人在我饭里下药", "violence"),
        ("楼下李婆婆屋头几天没得人应门了", "missing"),
        ("几天没看到隔壁张爷爷了", "missing"),
        ("药都买好了", "suicide"),
        ("我想轻生", "suicide"),
        ("电梯困人了", "lift"),
        ("老人摔倒了", "fall"),
        ("有人触电", "electric"),
        ("救命着火了", "fire"),
        ("zhaohuo le", "fire"),
        ("著火了", "fire"),
        ("zhaohuole", "fire"),
        ("ta shuo yao zha ni jia", "violence"),
        ("老伴出去到现在不见人影", "missing"),
        ("老人突然瘫在床上", "illness"),
        ("腿断了", "illness"),
    ],
)
def test_kinds_of_danger(said: str, kind: str) -> None:
    assert kind in dangers_in(said)


TOLD_HERE = {
    "fall": ["老汉儿栽了", "爷爷跶了", "我爹摔了", "栽了个扑爬", "wo ma shuai le"],
    "gas": ["燃气报警器响", "煤气报警器在叫", "燃气报警器一直响"],
    "fire": ["屋头有烟", "厨房有烟", "烟子大得很", "屋头好大的烟子", "zhaohuo", "烟感一直响"],
    "electric": ["电线掉下来", "电线掉地上了", "高压线断了", "电线杆倒了"],
    "collapse": ["楼要垮", "房子要倒了", "墙要塌了"],
    "illness": [
        "心慌", "心头慌", "胸闷", "血压高 200", "血压飙到二百", "高压180头昏", "我头昏 站不稳",
        "烫到了", "娃儿烫到了", "xinkou teng", "脑壳痛得遭不住", "昏死过去了", "我妈晕过去了",
        "血糖低打抖", "手脚没得力",
    ],
    "fraud": [
        "公安局打电话喊我转账", "我转钱了", "遭骗两万", "我妈遭骗了", "验证码给他了",
        "卡里的钱被转走了", "有人喊我转钱到安全账户", "被骗了三万块",
    ],
    "help": ["jiuming"],
    "violence": [
        "他打我电话也不让我打", "打我手机都砸烂了", "我遭他打了", "在屋头遭打了",
        "有人堵到我门口打我",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "kind"), [(said, kind) for kind, several in TOLD_HERE.items() for said in several]
)
def test_danger_as_people_here_tell_it(said: str, kind: str) -> None:
    assert kind in dangers_in(said, plainly=True)


@pytest.mark.parametrize(
    "said",
    [
        "气死我了", "笑死", "我家没气了", "血压计坏了", "量血压", "血压高可以报销吗", "烟味大",
        "高血压药哪里领", "楼道有人抽烟", "有人在楼道抽烟烟子大", "炒菜的烟飘进屋",
        "家里有烟酒卖", "电线杆歪了", "电线乱拉", "网线断了", "转账交物业费", "钱转错了",
        "我转钱给物业了",
        "燃气报警器坏了", "燃气报警器怎么装", "报警器没电了滴滴响", "热得心慌", "等得心慌",
        "烫衣服", "哪里可以烫头", "水不烫", "烫伤险", "楼要拆", "房子要装修", "摔了个杯子",
        "老汉栽了树",
        "房价跌了", "虚假宣传骗人", "防诈骗讲座", "想死我了", "电视打架", "轮胎没气了", "手麻",
    ],
)  # fmt: skip
def test_what_only_sounds_like_it(said: str) -> None:
    assert dangers_in(said, plainly=True) == ()


@pytest.mark.parametrize(
    "said",
    [
        "上火了", "打人工电话", "火锅店着实火爆", "消防演练", "电梯去年困过人", "",
        "你们网格员两个月不见人影", "眼镜腿断了", "瘫在床上三年了",
        "wo yao zhao lvshi", "woyaozhaolvshi",
        # What people say of a matter under way, of themselves at home, and of what went well.
        "好的 我在屋头", "都三天了还不来", "我对你们有意见", "替我婆婆说 她没得米了", "我不在屋头",
        "你们几个人来", "他来看了一眼就走了", "我眼睛看不到", "我一个人在家", "拿点降压药",
        "猫儿跑出去了", "钥匙断在里头", "下不了楼", "有人堵到我车", "楼下烧烤烟大得很",
        "娃娃摔了一跤 没得事", "我摔了一跤 现在没事", "打电话没得人应", "垃圾几天没人收",
        "腿脚不好 帮我拿下药", "帮我妈买下药", "去医院开一下药", "药我自己拿了",
        "给阿姨打电话几天没人接", "几天没看到收垃圾的",
        "水管漏了 打我电话13912345678", "有事打我儿子电话", "打一下我手机就行", "打他的微信也行",
        "我不想见他", "我不想见她", "不想跟他见面", "他说了啥子 我不想见他",
        "没看到人来", "没看到师傅来修",
        "第二个重了",
    ],
)  # fmt: skip
def test_harmless(said: str) -> None:
    assert dangers_in(said) == ()


def test_each_kind_has_a_number_to_ring() -> None:
    assert {number for danger in dangers().values() for number in danger.calls} == {
        "110",
        "119",
        "120",
        "122",
        "96110",
    }
    assert all(danger.calls for danger in dangers().values())
