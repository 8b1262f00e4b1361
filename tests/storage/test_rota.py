"""The rota and its bookings: which days a row means, who is on duty, and that a slot is one's."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storage import bookings, people, rota
from storage.bookings import Booking, SlotTaken
from storage.people import Person
from storage.posts import Role
from storage.rota import Duty, RotaRow, Sitting
from tests.storage.county import Corner, corner, someone
from tests.storage.lists import A, B, Lines, Take, place, take

__all__ = ["place", "take"]

ZONE = ZoneInfo("Asia/Shanghai")
WEDNESDAY = date(2027, 3, 10)


def row(session: Session, place: Corner, **more: object) -> RotaRow:
    person = someone(session, "罗律师")
    facts: dict[str, object] = {
        "duty": Duty.LAWYER, "weekday": 2, "begins": 14 * 60, "ends": 15 * 60 + 10, "slot": 30,
    }  # fmt: skip
    made = RotaRow(area_id=place.community.id, person_id=person.id, **{**facts, **more})
    session.add(made)
    session.flush()
    return made


@pytest.mark.parametrize(
    ("said", "there", "not_there"),
    [
        ({"weekday": 2}, ["2027-03-03", "2027-03-10"], ["2027-03-09"]),
        ({"weekday": 2, "nth": 2}, ["2027-03-10", "2027-04-14"], ["2027-03-03", "2027-03-17"]),
        ({"weekday": -1, "month_day": 15}, ["2027-03-15", "2027-04-15"], ["2027-03-16"]),
        ({"weekday": -1, "day": "2027-03-10"}, ["2027-03-10"], ["2027-03-03"]),
    ],
)
def test_days(said: dict[str, object], there: list[str], not_there: list[str]) -> None:
    made = RotaRow(**{"weekday": -1, "nth": 0, "month_day": 0, "day": "", **said})
    assert all(made.is_on(date.fromisoformat(day)) for day in there)
    assert not any(made.is_on(date.fromisoformat(day)) for day in not_there)


def test_slots_end_with_the_sitting(session: Session, place: Corner) -> None:
    assert row(session, place).starts() == [840, 870]  # 15:00 would end after 15:10
    assert row(session, place, weekday=3, slot=0).starts() == []


def test_on_duty_by_the_clock_of_the_place(session: Session, place: Corner) -> None:
    one = row(session, place)

    def at(hour: int, minute: int, role: Role = Role.LAWYER, day: date = WEDNESDAY) -> list[int]:
        moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)
        return rota.on_duty(session, place.home.id, [role], moment, ZONE)

    assert at(14, 0) == at(15, 9) == [one.person_id]
    assert at(13, 59) == at(15, 10) == []
    assert at(14, 0, Role.COMMUNITY_OFFICER) == at(14, 0, Role.GRID_WORKER) == []
    assert at(14, 0, day=WEDNESDAY + timedelta(days=1)) == []


def book(session: Session, one: RotaRow, who: Person, minute: int = 840) -> Booking:
    now = datetime(2027, 3, 8, 2, 0, tzinfo=UTC)
    return bookings.take(session, one, WEDNESDAY, minute, who.id, "欠薪的事", now, ZONE)


def test_a_slot_is_one_persons(session: Session, place: Corner) -> None:
    one, wang, zhao = row(session, place), someone(session, "王"), someone(session, "赵")
    first = book(session, one, wang)
    with pytest.raises(SlotTaken):
        book(session, one, zhao)
    sitting, now = Sitting(one, WEDNESDAY), datetime(2027, 3, 8, tzinfo=UTC)
    assert bookings.free_slots(session, sitting, now, ZONE) == [870]
    assert bookings.cancel(session, first)
    assert not bookings.cancel(session, first)
    second = book(session, one, zhao)  # the slot is free again
    assert bookings.ahead(session, zhao.id, now) == [second]
    assert bookings.ahead(session, wang.id, now) == []


def test_what_is_about_to_begin_is_not_offered(session: Session, place: Corner) -> None:
    one = row(session, place)
    now = datetime(2027, 3, 10, 13, 45, tzinfo=ZONE)
    assert bookings.free_slots(session, Sitting(one, WEDNESDAY), now, ZONE) == [870]


def test_reminded_the_evening_before_if_there_is_one(session: Session, place: Corner) -> None:
    one, wang = row(session, place), someone(session, "王")
    made = book(session, one, wang)
    evening = datetime(2027, 3, 9, 18, 0, tzinfo=ZONE)
    assert made.remind_at == evening
    assert bookings.to_remind(session, evening - timedelta(seconds=1)) == []
    assert bookings.to_remind(session, evening) == [made.id]
    late = bookings.take(session, one, WEDNESDAY, 870, wang.id, "", evening, ZONE)
    assert late.remind_at is None


def test_what_it_is_about_is_sealed(session: Session, place: Corner) -> None:
    made = book(session, row(session, place), someone(session, "王"))
    raw = session.connection().exec_driver_sql("SELECT about FROM bookings").scalar_one()
    assert "欠薪" not in raw
    assert made.about == "欠薪的事"


@pytest.fixture
def settled(engine: Engine) -> tuple[int, list[int]]:
    """A row of the rota and two residents, committed."""
    with Session(engine) as session, session.begin():
        one = row(session, corner(session))
        return one.id, [someone(session, name).id for name in ("王", "赵")]


def test_of_two_at_once_one_wins(engine: Engine, settled: tuple[int, list[int]]) -> None:
    row_id, who = settled
    outcomes = []

    def take_it(person_id: int) -> None:
        with Session(engine) as session, session.begin():
            one, person = session.get_one(RotaRow, row_id), session.get_one(Person, person_id)
            try:
                book(session, one, person)
                outcomes.append("won")
            except SlotTaken:
                outcomes.append("taken")

    threads = [threading.Thread(target=take_it, args=(one,)) for one in who]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    with Session(engine) as session:
        assert len(session.scalars(select(Booking)).all()) == 1
    assert sorted(outcomes) == ["taken", "won"]


ROWS: Lines = [
    ["罗律师", A, "律师进社区", "莲花池社区", "周三", "14:00-17:00", "一楼", "30", ""],
    ["方警官", B, "一区一警", "莲花池社区", "周一到周五", "8:30-12:00", "警务室", "", ""],
    ["罗律师", A, "律师", "全县", "每月第一个周六", "9:00-11:00", "", "20", "公益律师"],
    ["罗律师", A, "律师", "莲花池社区", "每月15日", "9:00-11:00", "", "20", ""],
    ["罗律师", A, "律师", "莲花池社区", "2027-12-03", "9:00-11:00", "", "20", ""],
    ["方警官", B, "民警", "莲花池社区", "周六、日", "9:00-11:00", "", "", ""],
]


def test_a_list_of_the_rota(session: Session, place: Corner, take: Take) -> None:
    report = take("rota", ROWS)
    assert (report.added, report.bad) == (6, [])
    rows = session.scalars(select(RotaRow)).all()
    assert len(rows) == 1 + 5 + 1 + 1 + 1 + 2
    assert {r.weekday for r in rows if r.duty == Duty.OFFICER} == {0, 1, 2, 3, 4, 5, 6}
    assert [(r.nth, r.weekday, r.title) for r in rows if r.nth] == [(1, 5, "公益律师")]
    assert [r.month_day for r in rows if r.month_day] == [15]
    assert [r.day for r in rows if r.day] == ["2027-12-03"]
    lawyer = people.find_by_phone(session, A)
    assert lawyer is not None
    assert lawyer.name == "罗律师"
    again = take("rota", ROWS)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 6)
    moved = [[*ROWS[0][:6], "二楼", "20", ""]]
    assert take("rota", moved).changed == 1
