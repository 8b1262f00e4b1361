"""Somebody of every kind around five tickets: whom the walk through the table asks about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from storage import areas, media, mediations, posts, rules, tickets
from storage.areas import Area, Level
from storage.base import vault_in
from storage.media import File
from storage.people import Account, Person, set_phone
from storage.posts import Role
from storage.tickets import Status, Ticket

VARIANTS = {
    "open": "request",
    "private": "wish",
    "confidential": "legal",
    "about_worker": "complaint",
    "queued": "legal",
    "mediated": "mediation",
}
"""What kinds of tickets there are, and a service of each; queued: confidential, and nobody's;
mediated: private, and both sides are invited."""
BUILDING_ROLES = (Role.LIAISON, Role.BUILDING_STEWARD, Role.RED_PATROL)
COUNTY_ROLES = (Role.DEPARTMENT, Role.ADMIN)
COMMUNITY_ROLES = (
    Role.COMMUNITY_COMMITTEE,
    Role.SOCIAL_WORKER,
    Role.ERRAND_HELPER,
    Role.COMMUNITY_OFFICER,
    Role.LAWYER,
    Role.MEMBER_UNIT,
)
TEXT, FILER, WORDS, DOOR, PHONE = "灯笼挂歪了", "钱多福", "石榴树旁边", "7单元909", "19955667788"
SECRETS = (TEXT, FILER, WORDS, DOOR, PHONE, PHONE[-4:])
"""What is nobody's business who has no right to a ticket."""


@dataclass
class County:
    """Everybody by name, every ticket by its variant, and the filer's photo."""

    people: dict[str, int] = field(default_factory=dict)
    tickets: dict[str, int] = field(default_factory=dict)
    photo: int = 0
    home: int = 0


def found(session: Session, now: datetime) -> County:
    """Two communities; three compounds; every role at the place, beside it and far from it.

    own: over the filer's door. near: another compound of the same community (for who serves a
    building: another building). far: another community.
    """
    made = County()
    county = areas.add(session, None, Level.COUNTY, "甲县")
    lotus = areas.add(session, county, Level.COMMUNITY, "荷花社区")
    other = areas.add(session, county, Level.COMMUNITY, "桂花社区")
    garden = areas.add(session, lotus, Level.COMPOUND, "东园")
    beside = areas.add(session, lotus, Level.COMPOUND, "西园")
    away = areas.add(session, other, Level.COMPOUND, "南园")
    first = areas.add(session, garden, Level.BUILDING, "1栋")
    second = areas.add(session, garden, Level.BUILDING, "2栋")
    third = areas.add(session, away, Level.BUILDING, "1栋")
    home = areas.household(session, vault_in(session), first, DOOR)
    made.home = home.id

    for role in Role:
        places = {"own": garden, "near": beside, "far": away}
        if role in BUILDING_ROLES:
            places = {"own": first, "near": second, "far": third}
        elif role in COMMUNITY_ROLES:
            places = {"own": lotus, "near": beside, "far": other}
        elif role in COUNTY_ROLES:
            places = {"own": county, "near": beside, "far": other}
        for where, place in places.items():
            _worker(session, made, f"{role.value}@{where}", role, place, now)
    for name in ("filer", "reporter", "joined", "stranger", "other side"):
        person = _person(session, made, name, now)
        person.home_id, person.consented_at = home.id, now
    filer = session.get_one(Person, made.people["filer"])
    filer.name = FILER
    set_phone(session, filer, PHONE, proven=True)

    # Parts in the tickets are a lawyer's: nobody else may have part in all of them.
    for name in ("owner", "party"):
        _worker(session, made, name, Role.LAWYER, lotus, now)
    _worker(session, made, "party elsewhere", Role.LAWYER, other, now)
    for name in ("former owner", "former party"):
        _worker(session, made, name, Role.LAWYER, lotus, now)
        for post in posts.posts_of(session, made.people[name], now):
            post.until = now
    for name in ("deputy", "deputy after"):
        holder = f"{name}'s holder"
        _person(session, made, name, now)
        _worker(session, made, holder, Role.LAWYER, lotus, now, deputy=made.people[name])
        ended = now + timedelta(days=1) if name == "deputy" else now
        posts.set_absence(session, made.people[holder], now - timedelta(days=1), ended)
    _person(session, made, "secretary's deputy", now)
    deputy = made.people["secretary's deputy"]
    holder = "absent secretary"
    _worker(session, made, holder, Role.COMPOUND_SECRETARY, garden, now, deputy=deputy)
    hour = timedelta(hours=1)
    posts.set_absence(session, made.people[holder], now - hour, now + hour)
    _worker(session, made, "accused", Role.COMPOUND_SECRETARY, garden, now)
    _worker(session, made, "accused's grid worker", Role.GRID_WORKER, garden, now)
    _worker(session, made, "neighbour lawyer", Role.LAWYER, lotus, now)
    _worker(session, made, "neighbour lawyer", Role.LIAISON, first, now)

    made.photo = media.remember(session, (File("photo", "scripted", "ref", "a.jpg"),))[0]
    for variant, service in VARIANTS.items():
        made.tickets[variant] = _ticket(session, made, variant, service, home, now).id
    _mediate(session, made, now)
    session.flush()
    return made


def _mediate(session: Session, made: County, now: datetime) -> None:
    """Two sides who are asked to a meeting, and to an agreement."""
    ticket = session.get_one(Ticket, made.tickets["mediated"])
    mediation = mediations.begin(session, ticket, FILER, now)
    mediations.name_other(session, mediation, made.people["other side"], "另一家", "", now)
    mediation.subject = "邻里相处的事"
    day = timedelta(days=1)
    mediations.arrange(session, mediation, now + day, "调解室", made.people["owner"], now)
    mediations.draft(
        session, mediation, facts="", blame="", points=["不吵"], how="", until="",
        by=made.people["owner"], now=now,
    )  # fmt: skip


def _person(session: Session, made: County, name: str, now: datetime) -> Person:
    person = Person(name=f"〈{name}〉", created_at=now)
    session.add(person)
    session.flush()
    made.people[name] = person.id
    account = {"last_used_at": now, "created_at": now}
    chat = Account(person_id=person.id, channel="scripted", chat=str(person.id), **account)
    session.add(chat)
    return person


def _worker(
    session: Session,
    made: County,
    name: str,
    role: Role,
    area: Area,
    now: datetime,
    deputy: int | None = None,
) -> None:
    if name not in made.people:
        _person(session, made, name, now)
    person_id = made.people[name]
    posts.set_post(session, person_id=person_id, role=role, area_id=area.id, deputy_id=deputy)


def _ticket(
    session: Session, made: County, variant: str, service: str, home: Area, now: datetime
) -> Ticket:
    who = made.people
    ticket = tickets.open_ticket(
        session,
        service=rules.current(session)[service],
        kind=None,
        text=TEXT,
        media=[made.photo],
        place=WORDS,
        location=None,
        filer_id=who["filer"],
        area_id=home.id,
        urgent=False,
        now=now,
        reporter_id=who["reporter"],
        about_id=who["accused"] if variant == "about_worker" else None,
    )
    joined = tickets.open_ticket(
        session, service=rules.current(session)[service], kind=None, text="也一样", media=[],
        place="", location=None, filer_id=who["joined"], area_id=home.id, urgent=False, now=now,
    )  # fmt: skip
    joined.status, joined.master_id = Status.JOINED, ticket.id
    parties = ["owner", "party", "party elsewhere", "deputy", "deputy after", "former party"]
    for name in parties:
        tickets.add_party(session, ticket, who[name], Role.LAWYER, now)
    if variant != "queued":
        ticket.status, ticket.owner_id = Status.CLAIMED, who["owner"]
    session.flush()
    # What an older program, or an import, may have left: parts that nobody would be given today.
    if variant in ("about_worker", "confidential"):
        name = "accused" if variant == "about_worker" else "neighbour lawyer"
        since = {"since": now, "until": None}
        row = tickets.TicketParty(ticket_id=ticket.id, person_id=who[name], role="lawyer", **since)
        session.add(row)
    session.flush()
    return ticket
