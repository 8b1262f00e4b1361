"""Leave that is asked for in a sentence."""

from __future__ import annotations

from datetime import date

import pytest

from storage.leave_words import Leave, leave_in

TODAY = date(2027, 3, 9)  # a Tuesday


def day(number: int) -> date:
    return date(2027, 3, number)


@pytest.mark.parametrize(
    ("text", "leave"),
    [
        ("请假三天", Leave(days=3)),
        ("从明天开始请三天假", Leave(day(10), day(12))),
        ("明天请假", Leave(day(10), day(10))),
        ("明天开始请假", Leave(day(10))),
        ("后天到周五休息", Leave(day(11), day(12))),
        ("下周一到周五请假", Leave(day(15), day(19))),
        ("3月15日到3月18号请假", Leave(day(15), day(18))),
        ("3.10-3.12请假", Leave(day(10), day(12))),
        ("从今天请到周五的假", Leave(day(9), day(12))),
        ("请假到周五", Leave(None, day(12))),
        ("我病了，请三天假", Leave(days=3)),
        ("外出学习 请假两天", Leave(days=2)),
        ("三天后请假", Leave(day(12), day(12))),
        ("明后天请假", Leave(day(10), day(11))),
        ("周六周日休息", Leave(day(13), day(14))),
        ("后天调休", Leave(day(11), day(11))),
        ("请半天假", Leave(hours="半天")),
        ("请两个小时假", Leave(hours="2个小时")),
        ("明天请假三天嘛", Leave(day(10), day(12))),
        ("下周一请假，周敏替他", Leave(day(15), day(15))),
        ("qingjia", Leave()),
        ("今天下午请假", Leave(day(9), day(9), part="afternoon", last_part="afternoon")),
        ("下午请半天假", Leave(day(9), day(9), part="afternoon", last_part="afternoon")),
        ("后天下午到周五请假", Leave(day(11), day(12), part="afternoon")),
        ("明天请半天假", Leave(day(10), day(10), half=True)),
        ("上午下午都请假", Leave()),
        ("再请两天", Leave(days=2, more=True)),
        ("续假三天", Leave(days=3, more=True)),
        ("假期延长到下周一", Leave(None, day(15), more=True)),
    ],
)
def test_leave_in_a_sentence(text: str, leave: Leave) -> None:
    assert leave_in(text, TODAY) == leave


@pytest.mark.parametrize(
    "text",
    ["医院周末休息吗", "你们明天休息吗", "楼上影响我休息", "晚上休息不好", "噪音吵得不能休息",
     "老板不给请假", "他请假了", "物业周末不上班", "后天到周五", "今天不舒服", "休息一下",
     "再请人来修", "明天休息嘛", "再给我两天时间", "延长两天", "续签合同", "再请师傅来一趟"],
)  # fmt: skip
def test_no_leave(text: str) -> None:
    assert leave_in(text, TODAY) is None
