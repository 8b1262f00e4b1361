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

from storage import areas, joining, mediations, posts, rules, tickets
from storage.people import Person
from storage.posts import Role
from storage.remembered import once
from storage.standing_in import stands_in_by
from storage.ticket_tables import Ticket

TABLE = Path(__file__).parent / "data" / "permissions.toml"

RELATIONS = (
    "filer",
    "reporter",
    "owner",
    "party",
    "above",
    "admin",
    "overseer",
    "queue",
    "other_side",
)
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
    """The rows, read once. Raises ValueError for a relation or role that there is none of, and for
    an action that has two rows."""
    content = tomllib.loads(TABLE.read_text("utf-8"))
    ticket = {action: frozenset(who) for action, who in content["ticket"].items()}
    for action, who in ticket.items():
        if not who <= set(RELATIONS):
            raise ValueError(f"permissions.toml: {action} names {sorted(who - set(RELATIONS))}")
    area = {action: frozenset(Role(r) for r in who) for action, who in content["area"].items()}
    named = [*content["anyone"], *content["staff"], *ticket, *area]
    twice = sorted({action for action in named if named.count(action) > 1})
    if twice:
        raise ValueError(f"permissions.toml: {twice} have two rows")
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

    filer: it is their matter. reporter: they filed it for somebody. (Who joined it, 我也遇到, has a
    ticket of their own.) other_side: a mediator brings them together with the filer about it.
    The others are a worker's, and end with the post (for a deputy, with the absence of who they
    stand in for). owner: they answer for it. party: it was offered to them, or they had it, and
    they serve its place. above: they serve its place on a higher rung of its ladder, and it is
    open. admin: of its place, and it is open. overseer: admin of its place, whatever its privacy.
    queue: the same, while it stands in the alarmed queue. Whose is the ticket that carries a joined
    one, theirs is that one too. Who is complained about is a stranger;
    who reports to them has no part in it as a worker (see `is_kept_from`).

    Takes at most four queries for a resident and six for a worker in a session that knows nothing
    yet; areas, the filer and the rule are read once in a message. More only for a confidential
    matter, a mediation or a complaint, and two for each absent holder of a post over the place.
    """
    if person_id == ticket.about_id:
        return frozenset()
    found = set()
    if person_id == ticket.filer_id:
        found.add("filer")
    if person_id == ticket.reporter_id:
        found.add("reporter")
    if mediations.can_be_mediated(ticket) and mediations.is_other_side(
        session, ticket.id, person_id
    ):
        found.add("other_side")
    return frozenset(found | _as_worker(session, person_id, ticket, at))


def _as_worker(session: Session, person_id: int, ticket: Ticket, at: datetime) -> set[str]:
    if not holds_a_post(session, person_id, at):
        return set()
    held = set(covering(session, person_id, ticket, at))
    main = joining.carrier(session, ticket)  # who has the master has what it carries
    owner = person_id == main.owner_id
    if not (held or owner):
        return set()
    if is_kept_from(session, person_id, ticket, at):
        return set()
    found = {"owner"} if owner else set()
    if held and any(tickets.is_party(session, one.id, person_id) for one in (ticket, main)):
        found.add("party")
    if Role.ADMIN in held:
        found.add("overseer")
        if main.owner_id is None and main.status in tickets.UNDER_WAY:
            found.add("queue")
    if ticket.privacy == rules.OPEN:
        found |= {"admin"} if Role.ADMIN in held else set()
        # An admin looks after the program; `admin` says what they may, whatever rung they are on.
        found |= {"above"} if stands_above(session, ticket, held - {Role.ADMIN}) else set()
    return found


def in_queue(session: Session, person_id: int, ticket: Ticket, at: datetime) -> bool:
    """Whether nobody answers for it, and the person is an admin who may take it on."""
    return "queue" in relations(session, person_id, ticket, at)


def stands_above(session: Session, ticket: Ticket, held: set[Role]) -> bool:
    """Whether one of these roles stands on a higher rung of the ticket's ladder."""
    service = rules.of_version(session, ticket.service, ticket.service_version)
    higher = {role for rung in service.ladder[ticket.rung + 1 :] for role in rung.roles}
    return bool(higher & held)


def start_of(session: Session, ticket: Ticket) -> int:
    """The area that it is served from: the filer's own door where the place lies around it.

    A matter of the whole compound is still the worker's of the filer's building.
    """
    filer = session.get_one(Person, ticket.filer_id)
    place = areas.get(session, ticket.area_id)
    if filer.home_id is not None:
        home = areas.get(session, filer.home_id)
        if home.path.startswith(place.path):
            return home.id
    return place.id


def covering(session: Session, person_id: int, ticket: Ticket, at: datetime) -> list[Role]:
    """The roles in which a person serves the ticket's place and that kind of matter just now, by a
    post or standing in for who is away."""
    handled = {ticket.kind or "", ticket.service}
    return posts.covers(session, person_id, start_of(session, ticket), at, handled=handled)


def is_kept_from(session: Session, person_id: int, ticket: Ticket, at: datetime) -> bool:
    """Whether it must never reach this person as a worker: it complains about them or about their
    superior, it is mediated and they are the other side, or it is confidential and they serve next
    door (`rules.NEVER_CONFIDENTIAL`), whatever else they are."""
    about = ticket.about_id
    if about is not None and (
        person_id == about or posts.reports_to(session, person_id, about, at)
    ):
        return True
    if mediations.can_be_mediated(ticket) and mediations.is_other_side(
        session, ticket.id, person_id
    ):
        return True
    if ticket.privacy != rules.CONFIDENTIAL:
        return False
    held = posts.covers(session, person_id, start_of(session, ticket), at)
    return bool(set(rules.NEVER_CONFIDENTIAL) & set(held))


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


def who_may(session: Session, action: str, area_id: int, at: datetime) -> list[int]:
    """Everybody who may do this for an area just now by a row of [area], the nearest first."""
    roles = [role for role in Role if role in table().area.get(action, frozenset())]
    found = [one for role in roles for one in posts.all_serving(session, role, area_id, at)]
    return list(dict.fromkeys(one.person_id for one in found))


def holds_a_post(session: Session, person_id: int, at: datetime) -> bool:
    """Whether a person is on the county's side at all, if only standing in for who is away. Every
    message asks, and many times."""

    def read() -> bool:
        return posts.holds_any(session, person_id, at) or bool(stands_in_by(session, person_id, at))

    return once(session, posts.STANDS_IN, ("holds", person_id, at), read)


def areas_for(session: Session, action: str, person_id: int, at: datetime) -> list[int]:
    """The areas, by the person's posts and those they stand in for, for which they may do this; the
    widest are first."""
    if not holds_a_post(session, person_id, at):  # nearly everybody
        return []
    roles = table().area.get(action, frozenset())
    acting = [*posts.posts_of(session, person_id, at), *stands_in_by(session, person_id, at)]
    held = [post for post in acting if post.role in roles]
    held.sort(key=lambda post: -posts.RANK[Role(post.role)])
    return list(dict.fromkeys(post.area_id for post in held))
