"""Which offers and needs are introduced without anybody choosing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from storage import exchange
from storage.pairing import fit

TOGETHER = [
    ("我会修电饭煲和小家电", "想找人修一下电饭煲"),
    ("每天接孙子放学，可以顺路接送一两个孩子", "想找人一起接送孩子，幼儿园放学五点"),
    ("退休教师，周末可以教孩子写毛笔字", "找人教孩子练毛笔字"),
    ("会剪头发，老人可以上门", "老人下不了楼，找人上门剪头发"),
    ("能陪老人去医院看病", "想找人陪我妈去医院"),
    ("可以帮忙遛狗", "出差一周，找人遛狗"),
    ("教老人用手机", "找人教老人用手机，会视频通话就行"),
    ("有面包车可以帮忙搬家", "要搬家，找个有车的"),
    ("会弹琴，教钢琴入门", "找钢琴老师"),
]
APART = [
    ("我会修家电", "找人一起接送孩子"),
    ("退休教师，周末可以教孩子写毛笔字", "周末找人帮忙看孩子"),
    ("教老人用手机", "老人想找人下象棋"),
    ("能陪老人去医院看病", "老人吃饭，找人送饭"),
    ("会弹琴，教钢琴入门", "找人教孩子练毛笔字"),
    ("每天接孙子放学，可以顺路接送一两个孩子", "每天下午找人陪孩子写作业"),
    ("可以辅导小学数学", "找人修电饭煲"),
    ("人", "人"),
]
"""Written together with the rules: they hold what works, they do not measure it."""


def test_what_goes_together(session: Session) -> None:
    enough = exchange.rules().alike_from
    assert [pair for pair in TOGETHER if fit(session, *pair) < enough] == []
    assert [pair for pair in APART if fit(session, *pair) >= enough] == []
