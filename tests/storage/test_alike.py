"""Which matters read alike: the same place and the same kind of thing, however they are worded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.similar import PARTS, figures, load
from storage.alike import Matter, Stream, suggest
from storage.alike import stream as streams

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def alike(new: Matter, *earlier: Matter) -> list[object]:
    return [one.id for one in suggest(new, earlier)]


@pytest.mark.parametrize(
    ("told", "again"),
    [
        ("A市松鹤园听涛苑捆绑车位销售", "松鹤园·听涛苑强制业主买车位"),
        ("A市松鹤园听涛苑捆绑车位销售", "听涛苑买房必须买车位吗"),
        ("A市松鹤园听涛苑捆绑车位销售", "松鹤園聽濤苑，不買車位就不讓選房"),
        ("A5区繁花之城小区楼下烧烤店油烟扰民", "繁花之城一楼餐馆排烟到我家"),
        ("龙泉新城附近建搅拌站，灰尘大", "拌合站的罐车整夜轰鸣，龙泉新城的住户没法睡"),
        ("A4区66车贷案件进展", "66车贷立案一年没有结果，请求查处"),
        ("A市人才购房补贴政策", "人才购房补贴没到账"),
        ("枫丹白露业主反对变电站选址", "变电站为什么非要建在枫丹白露旁边"),
    ],
)
def test_one_matter_in_other_words(told: str, again: str) -> None:
    assert alike(Matter(2, again), Matter(1, told)) == [1]


@pytest.mark.parametrize(
    ("told", "other"),
    [
        ("A市松鹤园听涛苑捆绑车位销售", "A市松鹤园听涛苑物业费太贵"),
        ("A市松鹤园听涛苑捆绑车位销售", "A市天河湾捆绑车位销售"),
        ("小区噪音扰民，物业不管", "小区噪音扰民，业主无法休息，物业不作为"),
        ("A3区明珠小区停车位不够", "A7县明珠小区停车位不够"),
        ("A市人才购房补贴没到账", "B市人才购房补贴没到账"),
        ("A市人才购房补贴没到账", "A市公租房怎么申请"),
    ],
)
def test_another_place_or_another_kind_is_another_matter(told: str, other: str) -> None:
    assert alike(Matter(2, other), Matter(1, told)) == []


def test_as_people_write_in_a_chat() -> None:
    place = "莲花池花园3栋"
    lamp = Matter(1, "3栋楼道灯不亮了", place)
    lift = Matter(2, "电梯又坏了", place)
    rubbish = Matter(3, "垃圾没人收", "莲花池花园")
    earlier = [lamp, lift, rubbish]
    assert alike(Matter(9, "楼道里黑黢黢的", place), *earlier) == [1]
    assert alike(Matter(9, "电剃停了三天，天天爬楼", "莲花池花园3栋1单元"), *earlier) == [2]
    assert alike(Matter(9, "电梯坏了", "莲花池花园5栋"), *earlier) == []
    assert alike(Matter(9, "垃圾臭死了", "莲花池花园5栋"), *earlier) == [3]
    assert alike(Matter(9, "垃圾没人收", "长乐小区"), *earlier) == []
    assert alike(Matter(9, "想问下社保卡在哪里办", place), *earlier) == []


def test_the_best_first_and_no_more_than_asked() -> None:
    stream = Stream()
    for number in range(8):
        stream.add(Matter(number, f"电梯坏了{number}天", "长乐小区2栋", NOON + timedelta(number)))
    stream.add(Matter("noise", "电梯运行噪音大", "长乐小区2栋", NOON))
    found = stream.suggest(Matter("new", "电梯坏了", "长乐小区2栋", NOON + timedelta(9)))
    assert len(found) == 5
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert "noise" not in [one.id for one in found]
    assert len(stream) == 9, "asking adds nothing"


def test_years_count_and_months_hardly_do() -> None:
    def score(days: int) -> float:
        earlier = Matter(1, "小区广场舞太吵", "长乐小区", NOON - timedelta(days))
        found = suggest(Matter(2, "跳舞的音响吵人", "长乐小区", NOON), [earlier])
        return found[0].score if found else 0.0

    assert score(90) > 0.85 * score(0)
    assert score(1500) < 0.5 * score(0)


def test_other_categories_count_against() -> None:
    earlier = [Matter(1, "楼道灯不亮", "长乐小区2栋", category="lighting")]
    same = suggest(Matter(2, "楼道灯坏了", "长乐小区2栋", category="lighting"), earlier)[0]
    [other] = suggest(Matter(2, "楼道灯坏了", "长乐小区2栋", category="safety"), earlier)
    assert other.score < same.score


texts = st.text(max_size=60) | st.text(alphabet="长乐小区3栋电梯坏了灯不亮，。A市5县", max_size=40)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(texts, st.none() | texts), max_size=6))
def test_nothing_that_people_can_write_is_too_odd(told: list[tuple[str, str | None]]) -> None:
    stream = Stream()
    for number, (text, place) in enumerate(told):
        found = stream.suggest_and_add(Matter(number, text, place))
        assert all(one.id in range(number) and 0.5 <= one.score <= 1 for one in found)


@pytest.mark.parametrize(
    ("stream", "precision", "recall", "pairs"),
    [("similar_board", 0.90, 0.86, 0.78), ("similar_chat", 0.88, 0.92, 0.90)],
)
@pytest.mark.parametrize("part", PARTS)
def test_figures_stay_where_they_are(
    stream: str, precision: float, recall: float, pairs: float, part: str
) -> None:
    got = figures(load(stream), part, whole=True)
    assert got.precision >= precision, got
    assert got.recall >= recall, got
    assert got.pair_recall >= pairs, got


def test_the_labelled_streams_are_what_they_are_said_to_be() -> None:
    board, chat = load("similar_board"), load("similar_chat")
    assert len(board) >= 500
    assert len(chat) >= 120
    for part in PARTS:
        issues = [row["issue"] for row in board if row["part"] == part and row["issue"]]
        assert len(set(issues)) >= 6
        assert all(8 <= issues.count(issue) <= 40 for issue in set(issues))
        assert sum(row["part"] == part for row in chat) >= 50


def test_an_old_one_is_found_among_many_and_not_everything_is_weighed_with_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hundred open matters of one compound took a quarter of a second for each message."""
    other = ["楼道灯不亮", "楼下垃圾没人清", "路灯坏了", "下水道堵了", "门禁刷不开"]
    many = [
        Matter(n, f"{n % 9 + 1}单元{other[n % 5]}", f"长乐小区{n % 20 + 1}栋", NOON)
        for n in range(100)
    ]
    many[3] = Matter(3, "跳舞的音响吵人", "长乐小区", NOON)
    weighed = 0
    compare = streams.compare

    def counted(*pair: Any) -> Any:
        nonlocal weighed
        weighed += 1
        return compare(*pair)

    monkeypatch.setattr(streams, "compare", counted)
    assert alike(Matter("new", "广场舞音响太吵", "长乐小区", NOON), *many)[0] == 3
    assert weighed < 100 + 25 * 25
