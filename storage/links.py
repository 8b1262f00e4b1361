"""Personal links: whoever holds one is that person on the page; only a keyed hash of it is kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.areas import Area
from storage.people import Account, Person
from storage.posts import Post, Role
from storage.vault import Vault

CHANNEL = "web"
RESIDENTS_IN_CAST = 2


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who opened a personal link: their chat, the name to greet, whether they want big type."""

    chat: str
    name: str
    large_print: bool


@dataclass(frozen=True, slots=True)
class CastMember:
    """One person of the demo page. role_key: resident, newcomer, grid_worker or liaison."""

    person_id: int
    name: str
    role_key: str
    token: str


def visitor(session: Session, vault: Vault, token: str, *, demo: bool) -> Visitor | None:
    """Who the link with this token belongs to, or None. demo: whether the demo's own links open."""
    account = _by_token(session, vault, token)
    if account is None:
        return None
    if not demo and token in (_demo_token(vault, str(account.person_id)), _newcomer(vault)):
        return None
    return Visitor(account.chat, account.person.name, account.large_print)


def personal_link(
    session: Session, vault: Vault, person_id: int, now: datetime, *, token: str | None = None
) -> str:
    """Make a web account for a person; the token its link carries, which is kept nowhere.

    token: use this one instead of a random one; if there is an account for it already, that stays.
    Raises ValueError when the given token is another person's.
    """
    if token is not None:
        account = _by_token(session, vault, token)
        if account is not None:
            if account.person_id != person_id:
                raise ValueError("this token is another person's")
            return token
    token = token or secrets.token_urlsafe(24)
    session.add(
        Account(
            person_id=person_id,
            channel=CHANNEL,
            chat=vault.digest("chat", token)[:20],
            token_hash=vault.digest("link", token),
            last_used_at=now,
            created_at=now,
        )
    )
    session.flush()
    return token


def _by_token(session: Session, vault: Vault, token: str) -> Account | None:
    wanted = vault.digest("link", token)
    return session.scalar(
        select(Account).where(Account.channel == CHANNEL, Account.token_hash == wanted)
    )


def demo_cast(session: Session, vault: Vault, now: datetime) -> list[CastMember]:
    """Who plays in the demo, each with a working link: two residents and a newcomer, the grid
    worker and the liaison of one doorstep.

    Takes the first grid worker with two residents who share a liaison; what a sample does not have
    is left out, so the list may be shorter. The links are the same after a restart.
    """
    grid, liaison, residents = _one_doorstep(session, now)
    roles = [(person_id, "resident") for person_id in residents]
    newcomer = _newcomer(vault)
    cast = [_member(session, vault, now, _demo_token(vault, str(i)), i, r) for i, r in roles]
    cast.append(_member(session, vault, now, newcomer, None, "newcomer"))
    for person_id, role in ((grid, Role.GRID_WORKER), (liaison, Role.LIAISON)):
        if person_id is not None:
            token = _demo_token(vault, str(person_id))
            cast.append(_member(session, vault, now, token, person_id, role.value))
    return cast


def _newcomer(vault: Vault) -> str:
    return _demo_token(vault, "newcomer")


def _demo_token(vault: Vault, who: str) -> str:
    return vault.digest("demo", who)[:32]


def _member(
    session: Session, vault: Vault, now: datetime, token: str, person_id: int | None, role_key: str
) -> CastMember:
    account = _by_token(session, vault, token)
    if account is None:
        if person_id is None:
            stranger = Person(created_at=now)
            session.add(stranger)
            session.flush()
            person_id = stranger.id
        personal_link(session, vault, person_id, now, token=token)
    else:
        # Whoever proved to be somebody of the county's list is that person from then on, and the
        # link still opens the same chat.
        person_id = account.person_id
    person = session.get_one(Person, person_id)
    return CastMember(person.id, person.name, role_key, token)


def _one_doorstep(session: Session, now: datetime) -> tuple[int | None, int | None, list[int]]:
    grid_workers = list(
        dict.fromkeys(post.person_id for post in _posts(session, Role.GRID_WORKER, now))
    )
    # First a doorstep where each role has one holder: where two share it, what the resident says
    # goes to the one with less to do, who may not be on the page.
    for fewest, alone in product((RESIDENTS_IN_CAST, 1), (True, False)):
        for grid in grid_workers:
            served = _served_by(session, grid, now, alone=alone)
            for liaison, residents in served.items():
                if len(residents) >= fewest:
                    return grid, liaison, residents[:RESIDENTS_IN_CAST]
    return (grid_workers[0] if grid_workers else None), None, []


def _served_by(session: Session, grid: int, now: datetime, *, alone: bool) -> dict[int, list[int]]:
    """The residents whom this grid worker serves, by the liaison who serves them too."""
    homes = _homes_under(session, grid, now)
    above = {area_id for lineage in homes.values() for area_id in lineage}
    holders: dict[Role, dict[int, list[int]]] = {Role.GRID_WORKER: {}, Role.LIAISON: {}}
    for role, by_area in holders.items():
        for post in _posts(session, role, now, within=above):
            by_area.setdefault(post.area_id, []).append(post.person_id)
    served: dict[int, list[int]] = {}
    for person, lineage in homes.items():
        grids = _nearest(holders[Role.GRID_WORKER], lineage)
        liaisons = [other for other in _nearest(holders[Role.LIAISON], lineage) if other != grid]
        if grid in grids and liaisons and (not alone or len(grids) == len(liaisons) == 1):
            served.setdefault(liaisons[0], []).append(person)
    return served


def _nearest(holders: dict[int, list[int]], lineage: list[int]) -> list[int]:
    return next((holders[area] for area in reversed(lineage) if area in holders), [])


def _posts(
    session: Session, role: Role, now: datetime, *, within: Iterable[int] | None = None
) -> list[Post]:
    query = (
        select(Post)
        .where(
            Post.role == role.value,
            or_(Post.since.is_(None), Post.since <= now),
            or_(Post.until.is_(None), Post.until > now),
        )
        .order_by(Post.id)
    )
    if within is not None:
        query = query.where(Post.area_id.in_(list(within)))
    return list(session.scalars(query))


def _homes_under(session: Session, grid: int, now: datetime) -> dict[int, list[int]]:
    """The plain residents in a grid worker's areas, each with the areas above their home."""
    paths = [
        session.get_one(Area, post.area_id).path
        for post in _posts(session, Role.GRID_WORKER, now)
        if post.person_id == grid
    ]
    query = (
        select(Person.id, Area)
        .join(Area, Area.id == Person.home_id)
        .where(
            or_(*(Area.path.startswith(path, autoescape=True) for path in paths)),
            Person.id.not_in(select(Post.person_id)),
        )
        .order_by(Person.id)
        .limit(1000)  # a demo needs two; a county has a hundred thousand
    )
    return {person_id: area.lineage for person_id, area in session.execute(query)}
