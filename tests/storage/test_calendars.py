"""Which working time an area has, and the list that sets it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from storage import areas, calendars
from storage.areas import Level, UnknownArea
from storage.calendars import CalendarDay, CalendarRule, calendar_for
from storage.importing import Report
from storage.working_time import SHANGHAI, Calendar, Override, Window, Windows
from tests.storage.county import NOON, Corner, someone
from tests.storage.lists import Take, place, take

__all__ = ["place", "take"]

SHORT: Windows = (Window(540, 660),)
LONG: Windows = (Window(480, 1200),)
OFFICE: Windows = (Window(510, 720), Window(870, 1050))
FESTIVAL, SATURDAY = date(2026, 11, 23), date(2026, 11, 21)


def hours(session: Session, area_id: int, day: date) -> Windows:
    return calendar_for(session, area_id, SHANGHAI).windows_on(day)


# Whose word counts


def test_what_the_program_ships(session: Session, place: Corner) -> None:
    assert hours(session, place.home.id, FESTIVAL) == OFFICE
    assert hours(session, place.home.id, SATURDAY) == ()
    assert calendar_for(session, place.county.id, SHANGHAI) == Calendar(OFFICE)


def test_the_nearest_word_counts(session: Session, place: Corner) -> None:
    other = areas.add(session, place.county, Level.COMMUNITY, "青石桥社区")
    clerk = someone(session, "某主任")
    calendars.set_windows(session, place.county.id, SHORT, NOON, by=None)
    calendars.set_day(session, place.county.id, FESTIVAL, Override(False), "建县日")
    calendars.set_day(session, place.county.id, SATURDAY, Override(True), "补班")
    calendars.set_windows(session, place.community.id, LONG, NOON, by=clerk.id)
    calendars.set_day(session, place.garden.id, FESTIVAL, Override(True, OFFICE), "值守")
    monday = date(2026, 11, 30)
    assert [hours(session, other.id, day) for day in (monday, SATURDAY, FESTIVAL)] == [
        SHORT, SHORT, ()
    ]  # fmt: skip
    assert [hours(session, place.court.id, day) for day in (monday, SATURDAY, FESTIVAL)] == [
        LONG, LONG, ()
    ]  # fmt: skip
    assert [hours(session, place.home.id, day) for day in (monday, SATURDAY, FESTIVAL)] == [
        LONG, LONG, OFFICE
    ]  # fmt: skip
    known = calendars.days_known(session, place.home.id, SATURDAY, FESTIVAL)
    assert [(row.day, row.worked, row.note) for row in known] == [
        (SATURDAY, True, "补班"), (FESTIVAL, True, "值守")
    ]  # fmt: skip
    assert calendars.days_known(session, other.id, FESTIVAL, monday)[0].note == "建县日"
    assert calendars.days_known(session, other.id, monday, monday) == []
    assert calendars.drop_day(session, place.garden.id, FESTIVAL)
    assert not calendars.drop_day(session, place.garden.id, FESTIVAL)
    assert hours(session, place.home.id, FESTIVAL) == ()


def test_set_again(session: Session, place: Corner) -> None:
    clerk = someone(session, "某主任")
    set_windows, set_day, county = calendars.set_windows, calendars.set_day, place.county.id
    assert set_windows(session, county, SHORT, NOON, None) == "added"
    assert set_windows(session, county, SHORT, NOON + timedelta(1), clerk.id) == "unchanged"
    rule = session.scalars(select(CalendarRule)).one()
    assert (rule.set_at, rule.set_by) == (NOON, None)
    assert set_windows(session, county, OFFICE[::-1], NOON + timedelta(1), clerk.id) == "changed"
    assert (rule.set_at, rule.set_by) == (NOON + timedelta(1), clerk.id)
    assert set_day(session, county, FESTIVAL, Override(False), "x") == "added"
    assert set_day(session, county, FESTIVAL, Override(False), "x") == "unchanged"
    assert set_day(session, county, FESTIVAL, Override(False), "y") == "changed"
    assert set_day(session, county, FESTIVAL, Override(True, SHORT), "y") == "changed"
    assert hours(session, county, FESTIVAL) == SHORT
    assert set_day(session, county, FESTIVAL, Override(True), "y") == "changed"
    assert hours(session, county, FESTIVAL) == OFFICE
    with pytest.raises(ValueError, match="needs a window"):
        set_windows(session, county, (), NOON, None)


def test_an_area_nobody_knows(session: Session, place: Corner) -> None:
    with pytest.raises(UnknownArea):
        calendar_for(session, 9999, SHANGHAI)


def test_a_savepoint_that_is_undone_leaves_no_trace(session: Session, place: Corner) -> None:
    assert hours(session, place.home.id, FESTIVAL) == OFFICE
    for keep in (False, True):
        savepoint = session.begin_nested()
        calendars.set_day(session, place.county.id, FESTIVAL, Override(False), "")
        assert hours(session, place.home.id, FESTIVAL) == ()
        (savepoint.commit if keep else savepoint.rollback)()
        assert hours(session, place.home.id, FESTIVAL) == (() if keep else OFFICE)


def test_what_another_session_sets_is_seen_in_the_next_transaction(
    engine: Engine, session: Session, place: Corner
) -> None:
    home, county = place.home.id, place.county.id
    assert hours(session, home, FESTIVAL) == OFFICE
    session.commit()
    with Session(engine) as other, other.begin():
        calendars.set_day(other, county, FESTIVAL, Override(False), "")
    assert hours(session, home, FESTIVAL) == ()


def test_a_thousand_questions_are_two_queries(session: Session, place: Corner) -> None:
    calendars.set_day(session, place.county.id, FESTIVAL, Override(False), "")
    calendars.set_windows(session, place.garden.id, LONG, NOON, by=None)
    loaded = [place.home, place.garden, place.court, *place.buildings]
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        asked.append(statement)

    bind = session.get_bind()
    event.listen(bind, "before_cursor_execute", note)
    for _ in range(20):
        for area in loaded:
            calendar_for(session, area.id, SHANGHAI)
    event.remove(bind, "before_cursor_execute", note)
    assert len(asked) == 2


# The list

YEAR = [
    ["平时", "上班", "9:00-11:00", "", ""],
    ["2026-11-23", "放假", "", "全县", "建县日"],
    ["2026/11/21", "补班", "", "", "建县日调休"],
    ["2026年11月24日", "上班", "8:00-20:00", "莲花池社区", ""],
]


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.bad)


def test_a_list_of_days(session: Session, take: Take, place: Corner) -> None:
    rows = [list(row) for row in YEAR]
    assert counts(take("calendar", rows, dry_run=True)) == (4, 0, 0, 0)
    for model in (CalendarDay, CalendarRule):
        assert session.scalar(select(func.count()).select_from(model)) == 0
    assert counts(take("calendar", rows)) == (4, 0, 0, 0)
    assert counts(take("calendar", rows)) == (0, 0, 4, 0)
    county, community = place.county.id, place.community.id
    assert hours(session, county, FESTIVAL) == ()
    assert hours(session, county, SATURDAY) == SHORT
    assert hours(session, county, date(2026, 11, 24)) == SHORT
    assert hours(session, community, date(2026, 11, 24)) == LONG
    rows[3][2] = ""
    assert counts(take("calendar", rows)) == (0, 1, 3, 0)
    assert hours(session, community, date(2026, 11, 24)) == SHORT


def test_a_list_without_a_column_leaves_what_is_known(
    session: Session, take: Take, place: Corner
) -> None:
    take("calendar", [["2026-11-21", "上班", "9:00-11:00", "", "补班"]])
    short = ["日期", "安排"]
    assert counts(take("calendar", [["20261121", "补班"]], header=short)) == (0, 0, 1, 0)
    assert hours(session, place.county.id, SATURDAY) == SHORT
    assert counts(take("calendar", [["2026.11.21", "休"]], header=short)) == (0, 1, 0, 0)
    (row,) = session.scalars(select(CalendarDay))
    assert (row.worked, row.windows, row.note) == (False, None, "补班")


def test_a_spreadsheet_holds_dates(session: Session, take: Take, place: Corner) -> None:
    rows = [[FESTIVAL, "放假", "", "", ""], [20261121.0, "上班", "", "", ""]]
    assert counts(take("calendar", rows, xlsx=True)) == (2, 0, 0, 0)
    assert hours(session, place.county.id, FESTIVAL) == ()
    assert hours(session, place.county.id, SATURDAY) == OFFICE


def test_a_ticket_of_the_community_and_the_list(
    session: Session, take: Take, place: Corner
) -> None:
    """Filed on Friday 10:30; the county is off on Monday and works the Saturday before."""
    take("calendar", [list(row) for row in YEAR])
    filed = datetime(2026, 11, 20, 10, 30, tzinfo=SHANGHAI)
    calendar = calendar_for(session, place.home.id, SHANGHAI)
    due = calendar.add(filed, timedelta(hours=4))
    assert due == datetime(2026, 11, 24, 9, 30, tzinfo=SHANGHAI)
    assert due.tzinfo is UTC
