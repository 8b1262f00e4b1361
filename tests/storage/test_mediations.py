"""What people say when they make appointments, number points and name the other side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from bot.reporting.agreement import SHEET, height_of, lines_of, plain, size_for
from bot.wording import Wording
from handlers.mediation.agreement import LONGEST_FACTS, LONGEST_PART, AgreementText, Party
from handlers.mediation.questions import LONGEST_POINT, MOST_POINTS
from storage import areas, permissions, posts, rules, sides, tickets
from storage.base import vault_in
from storage.database import migrate, open_engine
from storage.people import Person
from storage.posts import Role
from storage.sides import points_in, speaks_of_violence
from storage.times import moment_in
from storage.vault import Vault
from tests.clocks import A_MORNING
from tests.conversations.county import NEIGHBOUR, RESIDENT, found_town

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("明天下午3点", (3, 12, 15, 0)),
        ("明儿个下午两点吧", (3, 12, 14, 0)),
        ("后天上午10点半", (3, 13, 10, 30)),
        ("下周二 15:00", (3, 17, 15, 0)),
        ("3月20日三点", (3, 20, 15, 0)),
        ("一号晚上七点", (4, 1, 19, 0)),
        ("星期五中午11点半", (3, 13, 11, 30)),
        ("明天中午1点", (3, 12, 13, 0)),
        ("8点", (3, 12, 8, 0)),
        ("今天下午四点", (3, 11, 16, 0)),
        ("今天8点", None),
        ("明天", None),
        ("3月1日下午3点", None),
        ("过两天再说", None),
        ("明天25点", None),
    ],
)
def test_a_moment_in_plain_words(said: str, meant: tuple[int, int, int, int] | None) -> None:
    """As said on Wednesday, 11 March, at ten."""
    found = moment_in(said, A_MORNING, ZONE)
    assert found == (datetime(2026, *meant, tzinfo=ZONE) if meant else None)


def test_points_lose_their_numbers_and_nothing_else() -> None:
    told = (
        "1. 不吵\n二、22:00以后不搬东西\n（3）1.5米以内不堆\n\n22:00以后关灯\n"
        "1.5 米以外可以堆\n10点以后不放音响"
    )
    assert points_in(told) == [
        "不吵", "22:00以后不搬东西", "1.5米以内不堆", "22:00以后关灯", "1.5 米以外可以堆",
        "10点以后不放音响",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["他以前打我", "老公家暴", "他喝了酒就动手 打 人", "說要砍我"])
def test_violence(text: str) -> None:
    assert speaks_of_violence(text)


@pytest.mark.parametrize("text", ["楼上太吵", "打牌到半夜", "打我电话没人接吗"])
def test_what_is_taken_for_violence_too_lightly(text: str) -> None:
    """A warning too many costs one question; 打我电话 is such a one."""
    assert speaks_of_violence(text) == ("打我" in text)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Iterator[Session]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('sides')}/town.db", vault)
    migrate(engine)
    with Session(engine) as session:
        found_town(session, A_MORNING)
        yield session
        session.rollback()
    engine.dispose()


@pytest.fixture(scope="module")
def ticket(town: Session) -> tickets.Ticket:
    filer = town.query(Person).filter_by(name=RESIDENT).one()
    assert filer.home_id is not None
    return tickets.open_ticket(
        town, service=rules.current(town)["mediation"], kind=None, text="吵", media=[], place="",
        location=None, filer_id=filer.id, area_id=filer.home_id, urgent=False, now=A_MORNING,
    )  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        "3栋1单元501",
        "三号楼一单元501",
        "3栋 1-501",
        "1单元501",
        "莲花池花园3栋1单元501室",
        NEIGHBOUR,
    ],
)
def test_the_neighbour_upstairs(town: Session, ticket: tickets.Ticket, said: str) -> None:
    (found,) = sides.who_may_be_meant(town, said, ticket, A_MORNING)
    assert (found.name, found.place) == (NEIGHBOUR, "莲花池花园3栋1单元501")


@pytest.mark.parametrize("said", ["3栋9单元999", "99栋1单元101", "孙德福", RESIDENT, "楼上", ""])
def test_nobody_that_we_know(town: Session, ticket: tickets.Ticket, said: str) -> None:
    """Who lives in another community is not found by name, nor is the filer; nothing is made."""
    before = town.query(areas.Area).count()
    assert sides.who_may_be_meant(town, said, ticket, A_MORNING) == []
    assert town.query(areas.Area).count() == before


def test_the_property_manager(town: Session, ticket: tickets.Ticket) -> None:
    assert sides.who_may_be_meant(town, "物业", ticket, A_MORNING) == []
    start = permissions.start_of(town, ticket)
    compound = areas.get(town, areas.get(town, start).lineage[-3])
    manager = Person(name="钱经理", created_at=A_MORNING)
    town.add(manager)
    town.flush()
    posts.set_post(town, person_id=manager.id, role=Role.PROPERTY_MANAGER, area_id=compound.id)
    (found,) = sides.who_may_be_meant(town, "物业公司", ticket, A_MORNING)
    assert (found.person_id, found.name) == (manager.id, "钱经理")


def test_who_stands_only_in_the_countys_list(town: Session, ticket: tickets.Ticket) -> None:
    start = areas.get(town, permissions.start_of(town, ticket))
    building = areas.get(town, start.lineage[-2])
    home = areas.household(town, vault_in(town), building, "2单元101")
    listed = town.get_one(areas.Household, home.id)
    listed.householder, listed.phone = "钱老伯", "19900009999"
    town.flush()
    (found,) = sides.who_may_be_meant(town, "3栋2单元101", ticket, A_MORNING)
    assert (found.person_id, found.name, found.phone) == (None, "钱老伯", "19900009999")


def test_the_longest_agreement_stands_on_one_sheet() -> None:
    """As reckoned; no word processor runs here."""
    now = datetime(2026, 3, 13, 9, tzinfo=UTC)
    part, party = "字" * LONGEST_PART, Party("字" * 20, "199****0011", now, True)
    agreement = AgreementText(
        "莲花池社区", (party, party), "字" * 40, "字" * LONGEST_FACTS, part,
        ("字" * LONGEST_POINT,) * MOST_POINTS, part, part, "字" * 20, now,
    )  # fmt: skip
    lines = lines_of(Wording("Asia/Shanghai"), agreement)
    assert height_of(lines, size_for(lines)) <= SHEET
    assert size_for(lines) >= 8.5


def test_what_no_document_can_hold_is_taken_out() -> None:
    assert plain("甲\x00\x0b\u202e乙\ud800\n丙 &<>") == "甲 乙 丙 &<>"
