"""Who may do what: one table, `storage/data/permissions.toml`, and the questions asked of it.

Every way in asks here: talks, buttons (old ones too), numbers guessed, searches, exports, pictures
and the command line. What has no row is allowed to nobody.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from storage import joining, posts, rules, tickets
from storage.posts import Role
from storage.ticket_tables import Ticket

TABLE = Path(__file__).parent / "data" / "permissions.toml"

RELATIONS = ("filer", "reporter", "joined", "owner", "party", "above", "admin")
"""How a person may stand to a ticket, see `relations`."""
TO_ALL, TO_STAFF = "anyone", "staff"


class NoRow(LookupError):
    """An action that permissions.toml does not name."""


@dataclass(frozen=True, slots=True)
class Table:
    """open: actions for anyone; staff: for whoever holds a post; ticket: action to relations;
    area: action to the roles whose posts cover the area."""

    open: frozenset[str]
    staff: frozenset[str]
    ticket: dict[str, frozenset[str]]
    area: dict[str, frozenset[Role]]


@cache
def table() -> Table:
    """The rows, read once. Raises ValueError for a relation or role that there is none of."""
    content = tomllib.loads(TABLE.read_text("utf-8"))
    ticket = {action: frozenset(who) for action, who in content["ticket"].items()}
    for action, who in ticket.items():
        if not who <= set(RELATIONS):
            raise ValueError(f"permissions.toml: {action} names {sorted(who - set(RELATIONS))}")
    area = {action: frozenset(Role(r) for r in who) for action, who in content["area"].items()}
    return Table(frozenset(content["anyone"]), frozenset(content["staff"]), ticket, area)


def kind_of(action: str) -> str:
    """Which part of the table an action stands in: anyone, staff, ticket or area. Raises NoRow."""
    rows = table()
    for kind, part in (
        (TO_ALL, rows.open),
        (TO_STAFF, rows.staff),
        ("ticket", rows.ticket),
        ("area", rows.area),
    ):
        if action in part:
            return kind
    raise NoRow(action)


def relations(session: Session, person_id: int, ticket: Ticket, at: datetime) -> frozenset[str]:
    """How a person stands to a ticket; empty for a stranger.

    filer: it is their matter. reporter: they filed it for somebody. joined: they joined it.
    owner: they answer for it. party: it was offered to them, or they had it. above: they hold a
    post, or stand in for one, on a higher rung of its ladder, and it is not private. admin: of its
    area, and it is not private. Who is complained about is a stranger, and who reports to them,
    unless it is their own complaint.
    """
    found = set()
    if person_id == ticket.filer_id:
        found.add("filer")
    if person_id == ticket.reporter_id:
        found.add("reporter")
    if is_kept_from(session, person_id, ticket, at):
        return frozenset() if person_id == ticket.about_id else frozenset(found)
    if any(one.filer_id == person_id for one in tickets.joined(session, ticket.id)):
        found.add("joined")
    carrier = joining.carrier(session, ticket)  # who has the master has what it carries
    if person_id == carrier.owner_id:
        found.add("owner")
    if any(tickets.is_party(session, one.id, person_id) for one in (ticket, carrier)):
        found.add("party")
    if ticket.privacy == rules.OPEN:
        found |= _over(session, person_id, ticket, at)
    return frozenset(found)


def _over(session: Session, person_id: int, ticket: Ticket, at: datetime) -> set[str]:
    held = posts.covers(session, person_id, ticket.area_id, at)
    if not held:
        return set()
    found = {"admin"} if Role.ADMIN in held else set()
    service = rules.of_version(session, ticket.service, ticket.service_version)
    higher = {role for rung in service.ladder[ticket.rung + 1 :] for role in rung.roles}
    return found | ({"above"} if higher & set(held) - {Role.ADMIN} else set())


def is_kept_from(session: Session, person_id: int, ticket: Ticket, at: datetime) -> bool:
    """Whether it must never reach this person: it complains about them or about their superior."""
    if ticket.about_id is None:
        return False
    about = ticket.about_id
    return person_id == about or posts.reports_to(session, person_id, about, at)


def allows(session: Session, action: str, person_id: int, ticket: Ticket, at: datetime) -> bool:
    """Whether a person may do this to this ticket. Raises NoRow for an action with no row."""
    kind = kind_of(action)
    if kind == TO_ALL:
        return True
    if kind == "ticket":
        who = table().ticket[action]
        return bool(who & relations(session, person_id, ticket, at))
    return allows_in(session, action, person_id, ticket.area_id, at)


def allows_in(session: Session, action: str, person_id: int, area_id: int, at: datetime) -> bool:
    """Whether a person may do this for an area. Raises NoRow for an action with no row."""
    kind = kind_of(action)
    if kind == TO_ALL:
        return True
    if kind == TO_STAFF:
        return holds_a_post(session, person_id, at)
    roles = table().area.get(action, frozenset())
    return bool(roles & set(posts.covers(session, person_id, area_id, at)))


def holds_a_post(session: Session, person_id: int, at: datetime) -> bool:
    """Whether a person is on the county's side at all."""
    return bool(posts.posts_of(session, person_id, at))


def areas_for(session: Session, action: str, person_id: int, at: datetime) -> list[int]:
    """The areas, by the person's own posts, for which they may do this; the widest are first."""
    roles = table().area.get(action, frozenset())
    held = [post for post in posts.posts_of(session, person_id, at) if post.role in roles]
    held.sort(key=lambda post: -posts.RANK[Role(post.role)])
    return list(dict.fromkeys(post.area_id for post in held))
