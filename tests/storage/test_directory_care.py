"""Whose turn it is, who reported and rated, and how old is too old."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storage import areas
from storage.areas import Level
from storage.directory import care, referrals
from storage.directory.care import Freshness
from storage.directory.rotation import shown_times
from storage.directory.short_list import short_list
from storage.entries import Entry, set_entry
from storage.people import Person

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 11)


def place(session: Session, name: str) -> int:
    county = areas.add(session, None, Level.COUNTY, "青禾县")
    town = areas.add(session, county, Level.COMMUNITY, "莲花池社区")
    return areas.add(session, town, Level.COMPOUND, name).id


def shop(session: Session, nth: int, area_id: int, **facts: object) -> int:
    entry, _ = set_entry(
        session, category="开锁", name=f"开锁{nth}", phone=f"199{nth:08d}", area_id=area_id,
        offers="开锁", hours="全天", verified_on=TODAY,
    )  # fmt: skip
    for field, value in facts.items():
        setattr(entry, field, value)
    session.flush()
    return entry.id


def looked(session: Session, home: int | None, limit: int = 3) -> list[int]:
    found = short_list(session, "开锁", home=home, now=NOW, zone=ZONE, limit=limit)
    return [one.id for one in found.entries]


@given(shops=st.integers(2, 7), limit=st.integers(1, 4), newcomers=st.integers(0, 2))
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_equals_are_shown_equally_often(
    session: Session, shops: int, limit: int, newcomers: int
) -> None:
    """After any number of searches no two differ by more than one; who is new owes nothing."""
    savepoint = session.begin_nested()
    home = place(session, "莲花池花园")
    ids = [shop(session, nth, home) for nth in range(shops)]
    for _ in range(9):
        looked(session, home, limit)
        times = shown_times(session, ids).values()
        assert max(times) - min(times) <= 1
    before = shown_times(session, ids)
    new = [shop(session, 10 + nth, home) for nth in range(newcomers)]
    since: Counter[int] = Counter(dict.fromkeys([*ids, *new], 0))
    for _ in range(9):
        since.update(looked(session, home, limit))
    counts = [since[one] for one in ids]
    assert max(counts) - min(counts) <= 2, "the round in which it came is cut in two"
    assert all(since[one] <= max(counts) + 1 for one in new)
    assert shown_times(session, ids) == {one: before[one] + since[one] for one in ids}
    savepoint.rollback()


def test_nobody_is_forgotten_where_more_are_equal_than_are_considered(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.directory.short_list.POOL", 4)
    home = place(session, "莲花池花园")
    ids = [shop(session, nth, home) for nth in range(9)]
    for _ in range(6):
        looked(session, home)
    assert shown_times(session, ids) == dict.fromkeys(ids, 2)


def test_the_same_searches_give_the_same_lists(session: Session) -> None:
    home = place(session, "莲花池花园")
    for nth in range(5):
        shop(session, nth, home)

    def run() -> list[list[int]]:
        with session.begin_nested() as savepoint:
            found = [looked(session, home) for _ in range(6)]
            savepoint.rollback()
        return found

    assert run() == run()


def test_no_rating_moves_an_entry(session: Session) -> None:
    home = place(session, "莲花池花园")
    ids = [shop(session, nth, home) for nth in range(3)]
    for nth in range(4):
        person = Person(name=f"居民{nth}", created_at=NOW)
        session.add(person)
        session.flush()
        referral = referrals.take(session, ids[2], person.id, NOW)
        referrals.rate(session, referral, "good", NOW)
        again = referrals.take(session, ids[2], person.id, NOW + timedelta(hours=20))
        assert again.id == referral.id
    assert looked(session, home) == ids
    assert referrals.ratings(session, ids) == {ids[2]: referrals.Ratings(good=4)}


def test_near_before_far_and_open_before_closed(session: Session) -> None:
    home, beside = place(session, "莲花池花园"), place(session, "荷香苑")
    far = shop(session, 1, beside)
    closed = shop(session, 2, home, hours="20:00-22:00")
    is_open = shop(session, 3, home)
    old = shop(session, 4, home, verified_on=TODAY - timedelta(days=365))
    never = shop(session, 5, home, verified_on=None)
    shop(session, 6, home, down_since=NOW)
    shop(session, 7, home, verified_on=TODAY - timedelta(days=548))
    assert looked(session, home, 9) == [is_open, closed, far, old, never]
    assert looked(session, home, 9) == [is_open, closed, far, old, never]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (None, Freshness.NEVER), (0, Freshness.FRESH), (364, Freshness.FRESH),
        (365, Freshness.STALE), (547, Freshness.STALE), (548, Freshness.EXPIRED),
    ],
)  # fmt: skip
def test_how_old_is_too_old(days: int | None, expected: Freshness) -> None:
    verified = None if days is None else TODAY - timedelta(days=days)
    assert care.freshness(verified, TODAY) is expected


def test_three_different_people(session: Session) -> None:
    home = place(session, "莲花池花园")
    entry = session.get_one(Entry, shop(session, 1, home))
    people = [Person(name=str(nth), created_at=NOW) for nth in range(4)]
    session.add_all(people)
    session.flush()

    def say(nth: int) -> care.Reported:
        return care.report(session, entry, people[nth].id, "closed", "", NOW)

    assert [say(0), say(0), say(1), say(1)] == [
        care.Reported(1, False), care.Reported(1, False),
        care.Reported(2, False), care.Reported(2, False),
    ]  # fmt: skip
    assert say(2) == care.Reported(3, taken_down=True)
    assert say(3) == care.Reported(4, taken_down=False)
    assert looked(session, home) == []
    care.verify(session, entry, TODAY, NOW)
    assert looked(session, home) == [entry.id]
    assert say(0) == care.Reported(1, taken_down=False), "what was settled counts no more"


def test_a_number_that_another_row_has_already(session: Session) -> None:
    home = place(session, "莲花池花园")
    first, second = (session.get_one(Entry, shop(session, nth, home)) for nth in (1, 2))
    second.name = first.name
    session.flush()
    assert not care.change_phone(session, second, first.phone, TODAY, NOW)
    assert care.change_phone(session, second, "12345", TODAY, NOW)
