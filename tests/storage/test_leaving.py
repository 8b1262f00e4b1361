"""What ends a talk, and what only sounds like it."""

from __future__ import annotations

from storage.meaning.leaving import leaves

PLAINLY = {
    "drop": ["算了", "算了 不报了", "算球了", "哎，莫报了嘛", "懒得报了", "suan le", "bubaole",
             "不好意思 先不报", "不想弄了", "不投诉了"],
    "later": ["改天再说", "那等哈再说嘛", "二天再报", "晚点再弄", "好嘛 下次再说"],
}  # fmt: skip
WHERE_NOTHING_ELSE_FITS = {
    "drop": ["不要了", "bu yao le", "不用了 谢谢", "不说了", "没事了", "没得事了", "已经好了",
             "哎 又亮了", "来电了", "修好了"],
    "slip": ["按错了", "我点错了", "戳拐了"],
}  # fmt: skip
NEITHER = [
    "不晓得", "没得", "不亮了", "又不亮了", "水没来", "坏了好久了", "修好了又坏了", "算了半天账",
    "不要了的家具", "楼上不报警", "再说一遍", "改天来修", "没事就吵", "好黑", "不说普通话",
    "不要堆在楼道", "没人报", "", "。", "我要投诉", "别人报过了", "好了三天又坏", "没修好",
]  # fmt: skip


def test_what_ends_a_talk() -> None:
    for way, several in PLAINLY.items():
        assert [leaves(one) for one in several] == [way] * len(several)
    for way, several in WHERE_NOTHING_ELSE_FITS.items():
        assert [leaves(one) for one in several] == [""] * len(several)
        assert [leaves(one, nothing_else=True) for one in several] == [way] * len(several)
    assert [one for one in NEITHER if leaves(one, nothing_else=True)] == []
