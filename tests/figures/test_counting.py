"""Every figure is what a count by hand gives, and the list behind it is as long as it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import areas, figures
from storage.database import migrate, open_engine
from storage.figures import KEYS, PARTS, Counts, Scope
from storage.vault import Vault
from tests.figures.brute import Books, Tally
from tests.figures.play import BEGAN, Play
from tests.postgres import PostgresServer

AT = BEGAN + timedelta(days=60)
YEAR = Scope(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, vault: Vault
) -> Iterator[Session]:
    """A town whose tickets went every which way; the tests only read it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('played') / 'town.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.create(template="migrated_template")
    engine = open_engine(url, vault)
    migrate(engine)
    with Session(engine) as session:
        Play(session, seed=5, number=75)
        yield session
    engine.dispose()


def scopes(session: Session) -> list[Scope]:
    """The whole year, parts of it, and every way to look at less."""
    year = YEAR.as_json()
    whole = figures.report(session, YEAR, AT)
    county = areas.county(session)
    assert county is not None
    found = [YEAR, Scope(AT - timedelta(days=40), AT), Scope(AT, YEAR.until)]
    for community in areas.children(session, county.id):
        for place in (community, *areas.children(session, community.id)):
            found.append(Scope.from_json({**year, "area_id": place.id}))
    found += [Scope.from_json({**year, "service": key}) for key in whole.by_service]
    found += [Scope.from_json({**year, "worker": key}) for key in whole.by_worker if key]
    found.append(Scope.from_json({**year, "kind": "lighting", "area_id": county.id}))
    return found


def same(counts: Counts, tally: Tally, what: object) -> None:
    for key in KEYS:
        for part in PARTS:
            by_hand = len(tally.parts[key, part])
            assert getattr(counts[key], part) == by_hand, (key, part, what)
    assert counts.transfers == tally.transfers


def test_every_figure_is_the_count_by_hand(played: Session) -> None:
    books = Books(played)
    for scope in scopes(played):
        report, tally = figures.report(played, scope, AT), books.tally(scope, AT)
        same(report.whole, tally, scope)
        same(figures.count(played, scope, AT), tally, scope)
        settled = {r.level: r.settled for r in report.rungs if r.settled}
        by_hand = {k[5:]: len(v) for (k, _), v in tally.parts.items() if k.startswith("rung:")}
        assert settled == by_hand
        hours = {r.level: (round(r.hours or 0, 3), r.stays) for r in report.rungs if r.stays}
        assert hours == {level: (round(h, 3), n) for level, (h, n) in tally.hours.items()}


def test_there_is_something_in_every_figure(played: Session) -> None:
    whole = figures.report(played, YEAR, AT).whole
    empty = [key for key in KEYS if not whole[key].n]
    assert empty == []
    no_top = [key for key in (*figures.RATES, *figures.SHARES) if not whole[key].top]
    assert no_top == []
    assert all(whole[key].silent for key in figures.RATES)


def test_the_list_behind_a_figure_is_that_figure(played: Session) -> None:
    books = Books(played)
    county = areas.county(played)
    assert county is not None
    lotus = areas.children(played, county.id)[1]
    for scope in (YEAR, Scope.from_json({**YEAR.as_json(), "area_id": lotus.id})):
        report, tally = figures.report(played, scope, AT), books.tally(scope, AT)
        for key in KEYS:
            for part in PARTS:
                ids = figures.tickets(played, scope, key, part, AT)
                assert len(ids) == getattr(report.whole[key], part), (key, part)
                assert set(ids) == tally.parts[key, part], (key, part)
        for rung in report.rungs:
            key = f"rung:{rung.level}"
            assert len(figures.tickets(played, scope, key, "top", AT)) == rung.settled
            assert len(figures.tickets(played, scope, key, "n", AT)) == rung.of


def test_the_parts_add_up(played: Session) -> None:
    report = figures.report(played, YEAR, AT)
    year = YEAR.as_json()
    county = areas.county(played)
    assert county is not None
    ways = (
        (report.by_area, "area_id"),
        (report.by_service, "service"),
        (report.by_worker, "worker"),
    )
    for parts, name in ways:
        assert sum(c["opened"].n for c in parts.values()) == report.whole["opened"].n
        for key, counts in parts.items():
            if key:
                alone = figures.count(played, Scope.from_json({**year, name: key}), AT)
                assert alone == counts, (name, key)
    assert len([key for key in report.by_area if key]) > 1


def test_a_list_comes_page_by_page(played: Session) -> None:
    whole = figures.tickets(played, YEAR, "opened", "n", AT)
    pages = [
        figures.tickets(played, YEAR, "opened", "n", AT, offset=start, limit=25)
        for start in range(0, len(whole), 25)
    ]
    assert [number for page in pages for number in page] == whole
    assert whole == sorted(whole, reverse=True)


@pytest.mark.parametrize(("key", "part"), [("nothing", "n"), ("opened", "nothing")])
def test_there_is_no_other_figure(session: Session, key: str, part: str) -> None:
    with pytest.raises(KeyError):
        figures.tickets(session, YEAR, key, part, AT)


def test_where_nothing_was_filed_there_is_no_share(session: Session) -> None:
    report = figures.report(session, YEAR, AT)
    assert report.whole["opened"].n == 0
    assert report.whole["response"].share is None
    assert report.whole["response"].silent_share("response") is None
    assert report.rungs == []
