"""Whatever happens, every open ticket has one owner who is here, or stands in the alarmed queue."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import handlers
from bot.office import Office
from bot.turn import Turn
from bot.wording import Wording
from handlers import course
from handlers.limbo import fault
from handlers.residents.verdict import reopen
from handlers.routing import next_rung, offer
from handlers.staff.passing import colleagues, pass_on, who_gave_it
from handlers.staff.work import can_work, take
from handlers.talk import Said
from storage import absences, deputies, limbo, people, posts, rules, tickets
from storage.areas import Area
from storage.database import open_engine
from storage.deputies import DeputyCycle
from storage.people import Account, Person
from storage.posts import Post, Role
from storage.rules import Rung
from storage.tickets import OPEN, UNDER_WAY, Status, Ticket, TicketChanged
from storage.vault import Vault
from tests import quick
from tests.conversations import whole_county as c

START = datetime(2027, 3, 9, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
STAFF = (
    c.STEWARD, c.GRID, c.GRID_TOO, c.SECRETARY, c.SOCIAL, c.COMMITTEE, c.HOUSING, c.ADMIN,
)  # fmt: skip
ROUNDS = 12
"""In so many looks everything that is due must be done; more would be a duty that never ends."""


class County:
    """The whole county in one session, with everybody's chat and a clock of its own."""

    def __init__(self, session: Session, wording: Wording) -> None:
        self.session = session
        self.wording = wording
        self.now = START
        self.handlers = handlers.load()
        for number, name in enumerate((*STAFF, c.RESIDENT, c.FAR), 1):
            session.add(
                Account(person_id=self.id(name), channel="scripted", chat=str(number),
                        last_used_at=START, created_at=START)
            )  # fmt: skip
        session.flush()

    def id(self, name: str) -> int:
        return self.session.scalars(select(Person.id).where(Person.name == name)).one()

    def talk(self, person_id: int) -> Turn:
        """A turn in which this person speaks, in whichever chat they have."""
        account = people.accounts_of(self.session, person_id)[0]
        return Turn(self.session, account, Said(), self.now, self.wording)

    def open(self, which: int) -> Ticket | None:
        query = select(Ticket).where(Ticket.status.in_(UNDER_WAY)).order_by(Ticket.id)
        found = self.session.scalars(query).all()
        return found[which % len(found)] if found else None

    def working(self, which: int) -> tuple[Ticket, Turn] | None:
        """An unfinished ticket and its owner speaking."""
        ticket = self.open(which)
        if ticket is None or ticket.owner_id is None:
            return None
        if not people.accounts_of(self.session, ticket.owner_id):
            return None
        return ticket, self.talk(ticket.owner_id)

    # What may happen; `which` and `who` pick from whatever there is.

    def file(self, which: int, who: int) -> None:
        filer = self.session.get_one(Person, self.id((c.RESIDENT, c.FAR)[who % 2]))
        assert filer.home_id is not None
        ticket = tickets.open_ticket(
            self.session, service=rules.current(self.session)[("request", "errand")[which % 2]],
            kind="lighting", text="坏了", media=[], place="", location=None, filer_id=filer.id,
            area_id=filer.home_id, urgent=False, now=self.now,
        )  # fmt: skip
        offer(Office(self.session, self.now, self.wording), ticket)

    def claim(self, which: int, who: int) -> None:
        found = self.working(which)
        if found and can_work(found[1], found[0]):
            take(found[1], found[0])

    def pass_to(self, which: int, who: int) -> None:
        found = self.working(which)
        if found and can_work(found[1], found[0]):
            others = colleagues(found[1], found[0])
            if others:
                pass_on(found[1], found[0], others[who % len(others)], "transferred", "忙")

    def escalate(self, which: int, who: int) -> None:
        found = self.working(which)
        if found and can_work(found[1], found[0]):
            above = next_rung(found[1], found[0])
            if above:
                pass_on(found[1], found[0], above, "escalated", "难")

    def give_back(self, which: int, who: int) -> None:
        found = self.working(which)
        if found and can_work(found[1], found[0]):
            giver = who_gave_it(found[1], found[0])
            if giver:
                pass_on(found[1], found[0], giver, "returned", "不是我的")

    def resolve(self, which: int, who: int) -> None:
        found = self.working(which)
        if found and can_work(found[1], found[0]) and take(found[1], found[0]):
            actor = found[1].person.id
            course.resolve(found[1], found[0], actor, {"text": "好了", "media": []})

    def unsolved(self, which: int, who: int) -> None:
        query = select(Ticket).where(Ticket.status.in_((Status.RESOLVED, Status.LAPSED)))
        found = self.session.scalars(query.order_by(Ticket.id)).all()
        if found:
            ticket = found[which % len(found)]
            reopen(self.talk(ticket.filer_id), ticket, ticket.filer_id)

    def wait(self, which: int, who: int) -> None:
        found = self.working(which)
        if found and found[0].status == Status.CLAIMED and found[0].clock_since is not None:
            course.pause(found[1], found[0], found[1].person.id)

    def leave(self, which: int, who: int) -> None:
        person, deputy = self.id(STAFF[who]), self.id(STAFF[which % len(STAFF)])
        until = self.now + timedelta(hours=(2, 24, 72)[which % 3])
        absence = absences.set_absence(self.session, person, self.now, until)
        try:
            deputies.refuse_circle(self.session, person, deputy, self.now, until)
            absence.name_deputy(deputy)
        except DeputyCycle:
            absence.name_deputy(None)
        self.session.flush()

    def come_back(self, which: int, who: int) -> None:
        absences.end_absence(self.session, self.id(STAFF[who]), self.now)
        limbo.knock(self.session, self.now)

    def end_post(self, which: int, who: int) -> None:
        for post in posts.posts_of(self.session, self.id(STAFF[who]), self.now):
            post.until = self.now

    def add_post(self, which: int, who: int) -> None:
        place = ("桂花新村", "莲花池花园", "莲花池社区")[which % 3]
        area = self.session.scalars(select(Area.id).where(Area.name == place)).one()
        role = (Role.GRID_WORKER, Role.LIAISON, Role.SOCIAL_WORKER)[which % 3]
        person = self.id(STAFF[who])
        posts.set_post(self.session, person_id=person, role=role, area_id=area)

    def circle(self, which: int, who: int) -> None:
        """Deputies that lead in a circle, as a merge of two people may leave them."""
        a, b = self.id(STAFF[who]), self.id(STAFF[which % len(STAFF)])
        for one, other in ((a, b), (b, a)):
            for post in posts.posts_of(self.session, one, self.now):
                post.deputy_id = other if one != other else None

    def block(self, which: int, who: int) -> None:
        for account in people.accounts_of(self.session, self.id(STAFF[who])):
            account.blocked_at = None if account.blocked_at else self.now

    def pass_time(self, which: int, who: int) -> None:
        self.now += timedelta(hours=(1, 5, 17, 40)[which % 4])

    # What must be true afterwards.

    def look(self) -> None:
        """What falls due by itself is done, until nothing is due."""
        for _ in range(ROUNDS):
            self.session.flush()
            idle = True
            for duty in self.handlers.duties.values():
                for one in duty.due(self.session, self.now):
                    idle = False
                    duty.do(Office(self.session, self.now, self.wording), one)
            if idle:
                return
        pytest.fail("a duty never ends")

    def holds(self) -> None:
        desk = Office(self.session, self.now, self.wording)
        for ticket in self.session.scalars(select(Ticket)):
            stages = tickets.stages(self.session, ticket.id)
            for one, following in pairwise(stages):
                assert one.until is not None
                assert one.since <= one.until <= following.since
            running = [stage for stage in stages if stage.until is None]
            assert len(running) == (1 if ticket.status in UNDER_WAY else 0)
            if ticket.status not in OPEN:
                continue
            assert fault(desk, ticket) == ""
            rung = self._rung(desk, ticket)
            if ticket.status not in UNDER_WAY:
                continue
            assert (ticket.owner_id is None) == (ticket.alarmed_at is not None)
            assert running[0].owner_id == ticket.owner_id
            if ticket.owner_id is None:
                assert (ticket.status, running[0].level) == (Status.WAITING, "")
                assert any(e.kind == "alarmed" for e in tickets.events(self.session, ticket.id))
                continue
            assert running[0].level == rung.level
            assert ticket.owner_id not in (ticket.filer_id, ticket.reporter_id)
            assert self._is_here(ticket.owner_id)

    def _rung(self, desk: Office, ticket: Ticket) -> Rung:
        ladder = course.rule_of(desk, ticket).ladder
        assert 0 <= ticket.rung < len(ladder)
        return ladder[ticket.rung]

    def _is_here(self, person_id: int) -> bool:
        """Holds a post in force and is on no leave, said without the queries under test."""
        held = self.session.scalars(select(Post).where(Post.person_id == person_id)).all()
        away = absences.coming(self.session, person_id, self.now)
        long = [one for one in away if one.since <= self.now and one.until - one.since > _FOUR]
        return any(post.until is None or post.until > self.now for post in held) and not long


_FOUR = timedelta(hours=4)
STEPS = (
    "file", "file", "claim", "claim", "pass_to", "escalate", "give_back", "resolve", "unsolved",
    "wait", "leave", "come_back", "end_post", "add_post", "circle", "block", "pass_time",
)  # fmt: skip
STEP = st.tuples(st.sampled_from(STEPS), st.integers(0, 11), st.integers(0, len(STAFF) - 1))


def play(session: Session, wording: Wording, steps: list[tuple[str, int, int]]) -> None:
    county = County(session, wording)
    county.file(0, 0)
    for name, which, who in steps:
        try:
            getattr(county, name)(which, who)
        except TicketChanged:  # nobody is beside us
            pytest.fail("one version, one writer")
        county.look()
        county.holds()


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording("Asia/Shanghai")


@pytest.fixture(scope="module")
def founded(_migrated_sqlite: Path, vault: Vault, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("limbo") / "county.db"
    shutil.copyfile(_migrated_sqlite, path)
    engine = open_engine(f"sqlite:///{path}", vault)
    with Session(engine) as session, session.begin():
        c.found_whole_county(session, START)
    engine.dispose()
    return path


@contextmanager
def scene(founded: Path, vault: Vault) -> Iterator[Session]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "county.db"
        shutil.copyfile(founded, path)
        engine = quick.open_engine(f"sqlite:///{path}", vault)
        with Session(engine) as session:
            yield session
            session.rollback()
        engine.dispose()


@settings(max_examples=18, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=3, max_size=14))
def test_nothing_falls_into_limbo(
    founded: Path, vault: Vault, wording: Wording, steps: list[tuple[str, int, int]]
) -> None:
    with scene(founded, vault) as session:
        play(session, wording, steps)


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=6, max_size=12))
def test_nothing_falls_into_limbo_on_postgresql(
    postgres_url: str, vault: Vault, wording: Wording, steps: list[tuple[str, int, int]]
) -> None:
    engine: Engine = quick.open_engine(postgres_url, vault)
    with Session(engine) as session:
        c.found_whole_county(session, START)
        play(session, wording, steps)
        session.rollback()
    engine.dispose()
