"""What a worker's own words mean for a matter: done, not done, later, a search."""

from __future__ import annotations

import pytest

from storage.work_words import (
    looks_for,
    perhaps_looks_for,
    perhaps_unfinished,
    pieces_of,
    said_of_work,
    says_done,
    says_unfinished,
)

DONE = [
    "轮椅送到家了",
    "换好了灯泡",
    "换了灯泡",
    "给她换了新水龙头",
    "办好了",
    "修好了",
    "搞定了",
    "灯换好了",
    "灯亮了",
    "不漏了",
    "水管已经换好了",
    "已处理",
    "垃圾清走了",
    "弄归一了",
    "修起了",
    "都弄巴适了",
    "整好了",
    "xiuhaole",
    "已联系物业处理好",
    "楼道堆的东西拖走了",
    "这个事情已经解决了",
]
NOT_DONE = [
    "还没修好",
    "换了灯泡还是不亮",
    "换了三次灯泡都没用",
    "要换了灯泡才行",
    "修好了吗",
    "修好了没得",
    "快修好了",
    "明天就修好",
    "下午能修好",
    "修好了再告诉您",
    "物业说明天修好",
    "我家灯坏了",
    "停水了",
    "请师傅来修",
    "问一下修好没",
    "等修好了说",
    "收到",
]


@pytest.mark.parametrize("text", DONE)
def test_said_to_be_done(text: str) -> None:
    assert says_done(text)
    found = said_of_work(text)
    assert found is not None
    assert found.kind == "done"


@pytest.mark.parametrize("text", NOT_DONE)
def test_not_said_to_be_done(text: str) -> None:
    assert not says_done(text)


@pytest.mark.parametrize(
    ("text", "kind", "number", "who"),
    [
        ("2号办好了", "done", 2, ""),
        ("#2 修好了", "done", 2, ""),
        ("2号的灯修好了", "done", 2, ""),
        ("办好了 2号", "done", 2, ""),
        ("二号办结", "resolve", 2, ""),
        ("1号楼灯修好了", "done", None, ""),
        ("办结", "resolve", None, ""),
        ("接单", "claim", None, ""),
        ("收到", "received", None, ""),
        ("延期", "later", None, ""),
        ("能不能宽限两天", "later", None, ""),
        ("2号延期", "later", 2, ""),
        ("1号来不及", "later", 1, ""),
        ("转给周敏", "transfer", None, "周敏"),
        ("2号转给周敏", "transfer", 2, "周敏"),
        ("让周敏去办", "transfer", None, "周敏"),
        ("转给物业处理", "transfer", None, "物业"),
        ("上报", "escalate", None, ""),
        ("我这边解决不了", "escalate", None, ""),
        ("不是我的网格", "return", None, ""),
        ("不是我这片的", "return", None, ""),
        ("7号不归我管", "return", 7, ""),
        ("打电话", "phone", None, ""),
    ],
)
def test_what_a_worker_says_of_a_matter(text: str, kind: str, number: int | None, who: str) -> None:
    found = said_of_work(text)
    assert found is not None
    assert (found.kind, found.number, found.who) == (kind, number, who)


@pytest.mark.parametrize(
    "text",
    ["3号下午去", "转账的事", "明天再弄", "请您开门", "给他打个电话说一声", "暂停营业", "2号"],
)
def test_what_is_no_word_about_work(text: str) -> None:
    assert said_of_work(text) is None


UNFINISHED = [
    "按错了",
    "点错了",
    "搞错了",
    "按拐了",
    "手滑了",
    "还没修",
    "没修好",
    "还没去",
    "没有",
    "等一下",
    "等哈",
    "莫忙",
    "先不办结",
    "撤回",
    "还在处理",
    "在等配件",
    "不小心点到了",
    "ancuole",
]


@pytest.mark.parametrize("text", [*UNFINISHED, "等一下 还没修", "还没修好，等一下"])
def test_no_result(text: str) -> None:
    assert says_unfinished(text)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("一楼修好了，二楼还没修", True),
        ("物业说等配件", True),
        ("明天再去", True),
        ("灯换好了", False),
        ("居民说没有问题了", False),
        ("没有发现漏水", False),
        ("疏通了，不堵了", False),
        ("已上门看过，问题解决了", False),
        ("已联系物业处理好", False),
        ("对方不愿意谈", False),
        ("居民不同意换", False),
    ],
)
def test_a_result_that_may_be_none_is_asked_about(text: str, asked: bool) -> None:
    assert not says_unfinished(text)
    assert perhaps_unfinished(text) is asked


@pytest.mark.parametrize(
    ("text", "plainly", "perhaps"),
    [
        ("查 赵大山", True, False),
        ("查3栋", True, False),
        ("查 3栋", True, False),
        ("找 12", True, False),
        ("看2号", True, False),
        ("查单 漏水", True, False),
        ("查赵大山", False, True),
        ("查监控", False, True),
        ("查一下线路，明天来", False, False),
        ("明天上门看", False, False),
    ],
)
def test_a_search_is_no_reply(text: str, plainly: bool, perhaps: bool) -> None:
    assert looks_for(text) is plainly
    assert plainly or perhaps_looks_for(text) is perhaps


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("1号灯换好了，2号明天去，3号转给周敏", [(1, "灯换好了"), (2, "明天去"), (3, "转给周敏")]),
        ("1号 2号办结", [(1, "办结"), (2, "办结")]),
        ("办结1号和2号", [(1, "办结"), (2, "办结")]),
        ("1,2,3号都好了", [(1, "都好了"), (2, "都好了"), (3, "都好了")]),
        ("#1 好了 #2 没配件", [(1, "好了"), (2, "没配件")]),
        ("1号好了，9号明天去", []),
        ("1号明天3号去", []),
        ("1号楼2号门", []),
        ("1到3号停水", []),
    ],
)
def test_what_is_said_of_each_of_several(text: str, pieces: list[tuple[int, str]]) -> None:
    assert [(one.number, one.words) for one in pieces_of(text, {1, 2, 3})] == pieces
