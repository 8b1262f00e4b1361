"""Where something is, in the words that answer the question; and what is no place at all."""

from __future__ import annotations

from storage.meaning.spots import spot_in

PLACES = {
    "home": "厨房那根 我屋头 就在我屋头厕所 我家阳台 我这里",
    "building": "3栋楼下面 我家楼下 一楼 楼顶 对门 单元门口 电梯头 二楼过道 我家门口",
    "compound": "小区门口 地下车库 小区后门那边 垃圾桶旁边 院坝头 花园里头",
    "elsewhere": "后头那条路 菜市场门口 人民路 隔壁楼 大桥村三组 对面 外头 王婆婆家 荷香苑门口",
    "": "不晓得 好久来嘛 路灯 灯坏了 好黑 快点来嘛 我要投诉 这里 水管 在哪里 谢谢",
}


def test_where_it_is() -> None:
    found = {place: " ".join(w for w in words.split() if spot_in(w) == place)
             for place, words in PLACES.items()}  # fmt: skip
    assert found == PLACES
