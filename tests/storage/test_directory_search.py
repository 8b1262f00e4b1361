"""The search of the directory: what is found, in what order, and that it knows of every change."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from benchmarks.directory import directories, full_text, ours, partial_ratio, quality
from storage import areas, directory
from storage.areas import Level
from storage.database import open_engine
from storage.directory import Directory, Hit, Spot, mark_changed, needs, search
from storage.directory.lexicon import lexicon
from storage.directory.shelves import Row
from storage.entries import Entry, set_entry
from storage.vault import Vault

ZONE = ZoneInfo("Asia/Shanghai")


def names(hits: list[Hit]) -> list[str]:
    return [hit.name for hit in hits]


def find(session: Session, text: str, now: datetime, near: int | None = None) -> list[str]:
    return names(search(session, text, near=near, now=now, zone=ZONE))


def row(number: int, category: str, name: str, offers: str = "") -> Row:
    return Row(number, category, name, offers, "", None, None, "")


@pytest.mark.parametrize("half", ["tune", "measure", "fresh"])
def test_words_of_residents_find_a_right_category(half: str) -> None:
    """The floor of the issue, over directories that name things differently; the plain ways to
    search are far below in the same run, so that the requests are no easy ones."""
    for known in directories():
        got = quality(ours(known.rows), known, half)
        assert got.share >= (0.95 if half == "fresh" else 0.97), (known.name, got.misses)
        assert got.idle <= got.others * (0.25 if half == "fresh" else 0.05), got.misses
        for plain in (partial_ratio, full_text):
            assert quality(plain(known.rows), known, half).share < got.share - 0.15


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("马桶堵了", "unclog"),
        ("kaisuo", "locks"),
        ("裝修", "renovation"),
        ("家正", "household"),
        ("带小孩的阿姨", "childcare"),
        ("冰箱不冷了", "appliances"),
        ("matong du le", "unclog"),
    ],
)
def test_the_examples_of_the_issue(session: Session, text: str, need: str) -> None:
    assert needs(session, text)[0][0] == need


@pytest.mark.parametrize(
    "text", ["", "   ", "？？？", "\x00\ud83d", "哈" * 5000, "早上好", "楼道灯不亮了", "asdf" * 100]
)
def test_nothing_is_found_rather_than_guessed(session: Session, now: datetime, text: str) -> None:
    set_entry(session, category="水电维修", name="光明", phone="1", offers="换灯")
    set_entry(session, category="开锁", name="平安", phone="2")
    assert find(session, text, now) == []


def test_nearest_first_among_equally_good_ones(session: Session, now: datetime) -> None:
    county = areas.add(session, None, Level.COUNTY, "青禾县")
    lotus = areas.add(session, county, Level.COMMUNITY, "莲花池")
    bridge = areas.add(session, county, Level.COMMUNITY, "青石桥")
    garden = areas.add(session, lotus, Level.COMPOUND, "荷香苑")
    next_door = areas.add(session, lotus, Level.COMPOUND, "莲花池花园")
    far = areas.add(session, bridge, Level.COMPOUND, "青石巷")
    house = areas.add(session, garden, Level.BUILDING, "1栋")
    for number, (name, area) in enumerate(
        [("远", far), ("邻", next_door), ("近", garden), ("全县", None)]
    ):
        set_entry(
            session,
            category="开锁换锁",
            name=f"{name}锁",
            phone=str(number),
            area_id=area.id if area else None,
        )
    set_entry(session, category="五金", name="近五金", phone="9", area_id=garden.id)
    hits = search(session, "开锁", near=house.id, now=now, zone=ZONE, limit=4)
    assert [(hit.name, hit.distance, hit.compound) for hit in hits] == [
        ("近锁", 0, "荷香苑"),
        ("邻锁", 1, "莲花池花园"),
        ("远锁", 2, "青石巷"),
        ("全县锁", 2, ""),
    ]
    assert len({hit.score for hit in hits}) == 1
    assert [hit.distance for hit in search(session, "开锁", near=None, now=now, zone=ZONE)] == [
        None,
        None,
        None,
    ]


def test_rotation_among_equals_and_what_is_skipped(session: Session, now: datetime) -> None:
    ids = [set_entry(session, category="开锁", name=f"锁{i}", phone=str(i))[0].id for i in range(5)]
    shown = {ids[0]: 3.0, ids[1]: 1.0, ids[2]: 2.0, ids[3]: 4.0}

    def given(skip: list[int]) -> list[int]:
        hits = search(session, "开锁", near=None, now=now, zone=ZONE, skip=skip, rotate=shown)
        return [hit.entry_id for hit in hits]

    assert given([]) == [ids[4], ids[1], ids[2]]
    assert given([ids[4], ids[1]]) == [ids[2], ids[0], ids[3]]
    assert given(ids) == []


def test_every_change_is_seen_at_once(session: Session, now: datetime) -> None:
    assert find(session, "开锁", now) == []
    entry, _ = set_entry(session, category="开锁", name="甲", phone="1")
    assert find(session, "开锁", now) == ["甲"]
    entry.name = "乙"
    assert find(session, "开锁", now) == ["乙"]
    session.execute(insert(Entry), [{"category": "开锁", "name": "丙", "phone": "2"}])
    assert find(session, "开锁", now) == ["乙", "丙"]
    session.delete(entry)
    assert find(session, "开锁", now) == ["丙"]


def test_what_is_rolled_back_was_never_there(engine: Engine, now: datetime) -> None:
    with Session(engine) as session:
        set_entry(session, category="开锁", name="甲", phone="1")
        assert find(session, "开锁", now) == ["甲"]
        session.rollback()
        assert find(session, "开锁", now) == []
        set_entry(session, category="开锁", name="乙", phone="1")
        assert find(session, "开锁", now) == ["乙"]


def test_another_process_sees_it_too(database_url: str, vault: Vault, now: datetime) -> None:
    """Two engines know nothing of each other, like two processes."""
    here, there = open_engine(database_url, vault), open_engine(database_url, vault)
    with Session(here) as mine:
        set_entry(mine, category="开锁", name="甲", phone="1")
        mine.commit()
    with Session(there) as theirs:
        assert find(theirs, "开锁", now) == ["甲"]
    with Session(here) as mine:
        mine.query(Entry).one().name = "乙"
        mine.commit()
    with Session(there) as theirs:
        assert find(theirs, "开锁", now) == ["乙"]
        theirs.query(Entry).update({"name": "丙"})
        mark_changed(theirs)
        theirs.commit()
    with Session(here) as mine:
        assert find(mine, "开锁", now) == ["丙"]
    here.dispose()
    there.dispose()


def test_a_taught_word_finds_a_need_or_a_category(session: Session, now: datetime) -> None:
    set_entry(session, category="管道疏通", name="通达", phone="1")
    set_entry(session, category="钢琴调律", name="琴音", phone="2")
    assert find(session, "咕噜噜叫唤", now) == find(session, "叮叮咚咚", now) == []
    directory.teach(session, "咕噜噜叫唤", "管道疏通", by=None, now=now)
    directory.teach(session, "叮叮咚咚", "钢琴调律", by=None, now=now)
    assert find(session, "我家咕噜噜叫唤", now) == ["通达"]
    assert find(session, "叮叮咚咚", now) == ["琴音"]
    assert {one.word for one in directory.taught(session)} == {"咕噜噜叫唤", "叮叮咚咚"}
    assert directory.forget(session, "叮叮咚咚")
    assert not directory.forget(session, "叮叮咚咚")
    assert find(session, "叮叮咚咚", now) == []
    with pytest.raises(ValueError, match="two characters"):
        directory.teach(session, "修", "管道疏通", by=None, now=now)


def test_what_was_not_found_is_counted_until_it_is_settled(session: Session, now: datetime) -> None:
    for text in ("剥莲子", "剥 莲子！", "捏面人", "。。。"):
        directory.note_miss(session, text, now=now)
    missed = directory.misses(session)
    assert [(one.text, one.times) for one in missed] == [("剥莲子", 2), ("捏面人", 1)]
    directory.settle(session, missed[0].id, now=now)
    assert [one.text for one in directory.misses(session)] == ["捏面人"]
    directory.note_miss(session, "剥莲子", now=now + timedelta(days=1))
    assert directory.misses(session)[0].times == 3


def test_trades_and_names_that_no_lexicon_knows() -> None:
    known = Directory(
        [
            row(0, "钢琴调律", "张记", "校准"),
            row(1, "篆刻", "石趣斋", "拓印"),
            row(2, "开锁", "顺达开锁服务部"),
            row(3, "开锁", "平安锁业"),
        ]
    )

    def first(text: str, now: datetime = datetime(2026, 11, 23, tzinfo=ZONE)) -> str:
        return next(iter(names(known.find(text, Spot(), now))), "")

    assert first("钢琴调音") == "张记"
    assert first("zhuanke") == first("篆克") == first("石趣斋在哪") == "石趣斋"
    assert first("顺达") == first("顺达开锁") == "顺达开锁服务部"
    assert first("平安夜快乐") == ""


def test_who_repairs_other_machines_comes_last() -> None:
    known = Directory(
        [
            row(0, "家电维修", "甲", "空调"),
            row(1, "家电维修", "乙", "冰箱、洗衣机"),
            row(2, "家电维修", "丙"),
        ]
    )
    hits = known.find("冰箱不冷了", Spot(), datetime(2026, 11, 23, tzinfo=ZONE))
    assert sorted(names(hits[:2])) == ["丙", "乙"]
    assert hits[2].score < hits[0].score == hits[1].score


def test_the_lexicon_holds_together() -> None:
    known = lexicon()
    assert len(known.needs) >= 40
    for need in known.needs.values():
        assert all(0 < share < 1 for share in need.related.values())
    for word, term in known.terms.by_word.items():
        outright = {role.need for role in term.roles if role.part == "word"}
        chat = {role.part for role in term.roles} & {"padding", "matter"}
        assert not (outright and chat), f"{word} means {outright} and is {chat}"
