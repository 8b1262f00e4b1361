"""Who is to have a notice: rules over areas, roles, groups and what people filed, as one query.

A household counts once, however many people and chats it has. It is reached on the chat it used
last; the others follow only when that one has shut us out (`storage.notices.ledger`).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session

from storage.areas import Area, Household, Level
from storage.notices.tables import ReceiptState
from storage.people import STAFF_CHANNEL, Account, Person
from storage.post_tables import Post, Role, in_force
from storage.rules import CONFIDENTIAL
from storage.tickets import Ticket
from storage.visits import Visit


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is meant: everyone of `areas` for whom all that is set holds.

    areas: area ids, of any level. roles: the staff of these roles, and no residents. groups: the
    special groups of a household (特殊群体). kinds: households of whom somebody filed on one of
    these kinds or services since `since`. unvisited_since: households where no liaison (联户党员)
    has been since then.
    """

    areas: tuple[int, ...]
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    unvisited_since: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """What the notice keeps."""
        moment = {
            name: value.isoformat() if value else None
            for name, value in (("since", self.since), ("unvisited_since", self.unvisited_since))
        }
        return {
            "areas": list(self.areas),
            "roles": list(self.roles),
            "groups": list(self.groups),
            "kinds": list(self.kinds),
            **moment,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Audience:
        """What `as_json` gave."""

        def moment(name: str) -> datetime | None:
            return datetime.fromisoformat(kept[name]) if kept.get(name) else None

        return cls(
            areas=tuple(kept["areas"]),
            roles=tuple(kept.get("roles", ())),
            groups=tuple(kept.get("groups", ())),
            kinds=tuple(kept.get("kinds", ())),
            since=moment("since"),
            unvisited_since=moment("unvisited_since"),
        )


@dataclass(frozen=True, slots=True)
class Size:
    """How many would have it: all, and those with a chat that takes messages."""

    all: int
    reachable: int


def within(session: Session, audience: Audience, area: Area) -> bool:
    """Whether nobody outside an area is meant."""
    if not audience.areas:
        return False
    paths = session.scalars(select(Area.path).where(Area.id.in_(audience.areas))).all()
    whole = len(paths) == len(set(audience.areas))
    return whole and all(path.startswith(area.path) for path in paths)


def groups_in(session: Session, path: str) -> list[str]:
    """The special groups of the households under the area of this path, the largest first."""
    rows = session.execute(
        select(cast(Household.groups, Text), func.count())
        .join(Area, Area.id == Household.area_id)
        .where(Area.path.startswith(path, autoescape=True))
        .group_by(cast(Household.groups, Text))
    )
    found: dict[str, int] = {}
    for written, number in rows:
        for group in json.loads(written):
            found[group] = found.get(group, 0) + number
    return sorted(found, key=lambda group: (-found[group], group))


def roles_in(session: Session, path: str, at: datetime) -> list[Role]:
    """The roles that somebody holds under the area of this path, in the order of `Role`."""
    rows = session.scalars(
        select(Post.role)
        .join(Area, Area.id == Post.area_id)
        .where(in_force(at), Area.path.startswith(path, autoescape=True))
        .distinct()
    )
    held = set(rows)
    return [role for role in Role if role.value in held]


def size(session: Session, audience: Audience, at: datetime, *, emergency: bool = False) -> Size:
    """How large an audience is at this moment."""
    rows = recipients(session, audience, at, emergency=emergency).subquery()
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((rows.c.state == ReceiptState.QUEUED, 1), else_=0)), 0),
        ).select_from(rows)
    ).one()
    return Size(row[0], row[1])


def recipients(
    session: Session, audience: Audience, at: datetime, *, emergency: bool = False
) -> Select[Any]:
    """One row for each who is meant: household_id, person_id, building_id, channel, chat, state.

    emergency: who wants no ordinary notices has this one.
    """
    paths = session.scalars(select(Area.path).where(Area.id.in_(audience.areas))).all()
    if audience.roles:
        return _staff(paths, audience.roles, at)
    return _households(paths, audience, emergency)


def _households(paths: Collection[str], audience: Audience, emergency: bool) -> Select[Any]:
    chat = best_chats(by_home=True, emergency=emergency)
    query = (
        select(
            Area.id.label("household_id"),
            chat.c.person_id.label("person_id"),
            Area.parent_id.label("building_id"),
            chat.c.channel,
            chat.c.chat,
            _state(chat).label("state"),
        )
        .select_from(Area)
        .outerjoin(chat, and_(chat.c.subject == Area.id, chat.c.rank == 1))
        .where(Area.level == Level.HOUSEHOLD, _beneath(paths))
    )
    if audience.groups:
        # The JSON stands in the database as Python wrote it, so a name is looked for as written.
        written = cast(Household.groups, Text)
        fitting = (written.contains(json.dumps(g), autoescape=True) for g in audience.groups)
        query = query.join(Household, Household.area_id == Area.id).where(or_(*fitting))
    if audience.kinds:
        filed = (
            select(Ticket.id)
            .join(Person, Person.id == Ticket.filer_id)
            .where(
                Person.home_id == Area.id,
                or_(Ticket.kind.in_(audience.kinds), Ticket.service.in_(audience.kinds)),
                # Who asked for a lawyer must not be found by counting an audience.
                Ticket.privacy != CONFIDENTIAL,
            )
        )
        if audience.since is not None:
            filed = filed.where(Ticket.opened_at >= audience.since)
        query = query.where(filed.exists())
    if audience.unvisited_since is not None:
        visited = exists().where(
            Visit.household_id == Area.id,
            Visit.at >= audience.unvisited_since,
            Visit.role == Role.LIAISON,
        )
        query = query.where(~visited)
    return query


def _staff(paths: Collection[str], roles: Collection[str], at: datetime) -> Select[Any]:
    chat = best_chats(by_home=False)
    held = (
        select(Post.person_id)
        .join(Area, Area.id == Post.area_id)
        .where(Post.role.in_(roles), in_force(at), _beneath(paths))
    )
    return (
        select(
            cast(null(), Integer).label("household_id"),
            Person.id.label("person_id"),
            cast(null(), Integer).label("building_id"),
            chat.c.channel,
            chat.c.chat,
            _state(chat).label("state"),
        )
        .select_from(Person)
        .outerjoin(chat, and_(chat.c.subject == Person.id, chat.c.rank == 1))
        .where(Person.id.in_(held))
    )


def _beneath(paths: Collection[str]) -> Any:
    return or_(false(), *(Area.path.startswith(path, autoescape=True) for path in paths))


def best_chats(*, by_home: bool, emergency: bool = False) -> Subquery:
    """Each chat with its rank within its household (or for its person); the first is the best:
    open, in the bot that fits, used last; of somebody who wants ordinary notices.

    What goes to the staff is work: nobody stops it, and nobody stops an emergency.
    """
    subject = Person.home_id if by_home else Account.person_id
    staff = Account.channel == STAFF_CHANNEL
    stopped = Person.notices_stopped_at.is_not(None) if by_home and not emergency else false()
    order = (
        or_(Account.blocked_at.is_not(None), stopped),
        Account.blocked_at.is_not(None),
        staff if by_home else ~staff,
        Account.last_used_at.desc(),
        Account.id,
    )
    return (
        select(
            subject.label("subject"),
            Account.person_id,
            Account.channel,
            Account.chat,
            Account.blocked_at,
            stopped.label("stopped"),
            func.row_number().over(partition_by=subject, order_by=order).label("rank"),
        )
        .join(Person, Person.id == Account.person_id)
        .where(subject.is_not(None))
        .subquery()
    )


def _state(chat: Subquery) -> Any:
    return case(
        (chat.c.chat.is_(None), literal(ReceiptState.UNREACHABLE.value)),
        (chat.c.blocked_at.is_not(None), literal(ReceiptState.BLOCKED.value)),
        (chat.c.stopped, literal(ReceiptState.DECLINED.value)),
        else_=literal(ReceiptState.QUEUED.value),
    )
