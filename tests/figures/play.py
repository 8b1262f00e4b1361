"""Tickets that went every which way, by the program's own hands: what figures are counted over."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.office import Office
from bot.wording import Wording
from handlers import course, routing, timing
from storage import areas, exclusions, posts, ratings, rules, tickets
from storage.areas import Level
from storage.base import vault_in
from storage.people import Person
from storage.posts import Role, Serving
from storage.tickets import Status, Ticket
from tests.conversations import county

BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KINDS = ("lighting", "rubbish", None)
SERVICES = ("request", "wish", "human")
ROLES = (Role.GRID_WORKER, Role.LIAISON, Role.SOCIAL_WORKER)


class Play:
    """A town where `number` tickets are filed within 100 days and live until they end or do not."""

    def __init__(self, session: Session, seed: int, number: int) -> None:
        self.session = session
        self.dice = random.Random(seed)
        self.wording = Wording("Asia/Shanghai")
        county.found_town(session, BEGAN)
        self._settle_more_people()
        self.people = list(session.scalars(select(Person).where(Person.home_id.is_not(None))))
        self.services = rules.current(session)
        for _ in range(number):
            self._live()
        session.flush()
        session.expire_all()

    def _settle_more_people(self) -> None:
        for compound in self.session.scalars(
            select(areas.Area).where(areas.Area.level == Level.COMPOUND)
        ).all():
            building = areas.children(self.session, compound.id)[0]
            for door in ("1单元101", "1单元102"):
                home = areas.household(self.session, vault_in(self.session), building, door)
                for n in (1, 2):
                    name = f"{compound.name}{door}{n}"
                    self.session.add(Person(name=name, home_id=home.id, created_at=BEGAN))
        self.session.flush()

    def _live(self) -> None:
        at = BEGAN + timedelta(minutes=self.dice.randrange(100 * 24 * 60))
        filer = self.dice.choice(self.people)
        desk = Office(self.session, at, self.wording)
        home = areas.get(self.session, filer.home_id or 0)
        ticket = tickets.open_ticket(
            self.session,
            service=self.services[self.dice.choice(SERVICES)],
            kind=self.dice.choice(KINDS),
            text="路灯不亮",
            media=[],
            place="",
            location=None,
            filer_id=filer.id,
            area_id=self.dice.choice(home.lineage),
            urgent=self.dice.random() < 0.2,
            now=at,
        )
        if self.dice.random() < 0.1:
            routing.alarm(desk, ticket)
        else:
            routing.offer(desk, ticket)
        for _ in range(self.dice.randrange(10)):
            desk.now += timedelta(minutes=self.dice.randrange(3000))
            self.dice.choice(self._possible(ticket))(desk, ticket)
        if self.dice.random() < 0.15:
            self._exclude(ticket, desk.now)

    def _possible(self, ticket: Ticket) -> list:  # type: ignore[type-arg]
        if ticket.status == Status.RESOLVED:
            return [self._solved, self._solved, self._unsolved, self._lapse]
        if ticket.status == Status.CLOSED:
            return [self._rate]
        if ticket.status == Status.LAPSED:
            return [self._solved, self._unsolved]
        if ticket.status == Status.JOINED:
            return [self._word_of_joined, self._rate]
        if ticket.status == Status.WITHDRAWN:
            return [self._nothing]
        working = [
            self._claim,
            self._reply,
            self._pass,
            self._pass,
            self._late,
            self._withdraw,
            self._join,
        ]
        claimed = ticket.status == Status.CLAIMED
        return [*working, *([self._resolve] * 6 if claimed else [self._claim] * 2)]

    def _nothing(self, desk: Office, ticket: Ticket) -> None:
        pass

    def _anyone(self, ticket: Ticket, at: datetime) -> Serving | None:
        found = posts.serving_all(self.session, ROLES, ticket.area_id, at)
        return self.dice.choice(found) if found else None

    def _claim(self, desk: Office, ticket: Ticket) -> None:
        one = self._anyone(ticket, desk.now)
        if one is not None:
            course.claim(desk, ticket, one.person_id, one.role, ticket.version)

    def _reply(self, desk: Office, ticket: Ticket) -> None:
        course.responded(desk, ticket)
        if ticket.status == Status.CLAIMED and ticket.clock_since:
            course.extend(desk, ticket, (desk.now + timedelta(days=4)).date())

    def _pass(self, desk: Office, ticket: Ticket) -> None:
        one = self._anyone(ticket, desk.now)
        if one is not None:
            cause = self.dice.choice(["transferred", "transferred", "returned"])
            course.hand_to(desk, ticket, one, cause)

    def _late(self, desk: Office, ticket: Ticket) -> None:
        ticket.overdue = True
        timing.climb(desk, ticket)

    def _withdraw(self, desk: Office, ticket: Ticket) -> None:
        if self.dice.random() < 0.4:
            course.end(desk, ticket, Status.WITHDRAWN, ticket.version)

    def _join(self, desk: Office, ticket: Ticket) -> None:
        others = self.session.scalars(
            select(Ticket).where(Ticket.id != ticket.id, Ticket.master_id.is_(None))
        ).all()
        if others:
            master = self.dice.choice(others)
            tickets.advance(
                self.session, ticket, ticket.version, status=Status.JOINED, master_id=master.id,
                owner_id=None, alarmed_at=None,
            )  # fmt: skip
            tickets.end_stage(self.session, ticket.id, desk.now)

    def _resolve(self, desk: Office, ticket: Ticket) -> None:
        course.resolve(desk, ticket, ticket.owner_id or 0, {"text": "修好了", "media": []})

    def _solved(self, desk: Office, ticket: Ticket) -> None:
        course.end(desk, ticket, Status.CLOSED, ticket.version)
        tickets.record(self.session, ticket, "solved", ticket.filer_id, desk.now)

    def _lapse(self, desk: Office, ticket: Ticket) -> None:
        course.end(desk, ticket, Status.LAPSED, ticket.version)
        tickets.record(self.session, ticket, "lapsed", None, desk.now)

    def _unsolved(self, desk: Office, ticket: Ticket) -> None:
        tickets.record(self.session, ticket, "reopened", ticket.filer_id, desk.now)
        ticket.round += 1
        above = routing.next_rung(desk, ticket)
        if above is not None:
            course.hand_to(desk, ticket, above, "reopened")
        else:
            course.reopen_here(desk, ticket)

    def _word_of_joined(self, desk: Office, ticket: Ticket) -> None:
        word = self.dice.choice(["solved", "reopened"])
        tickets.record(self.session, ticket, word, ticket.filer_id, desk.now)

    def _rate(self, desk: Office, ticket: Ticket) -> None:
        score = self.dice.choice(["satisfied", "mostly", "unsatisfied"])
        ratings.rate(self.session, ticket, ticket.filer_id, score, desk.now)

    def _exclude(self, ticket: Ticket, at: datetime) -> None:
        first, second = self.people[0].id, self.people[1].id
        row = exclusions.ask(self.session, ticket, first, "测试用的", at)
        if self.dice.random() < 0.8:
            exclusions.agree(self.session, row, ticket, second, at)
            if self.dice.random() < 0.3:
                exclusions.end(self.session, row, at)
