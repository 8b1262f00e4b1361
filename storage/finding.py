"""Finding a ticket again by name, place or words, among those a worker may see.

All that people write is sealed, so this cannot be a query: the newest tickets within the worker's
reach are opened in memory and read there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from storage import areas, permissions, posts, services, tasks
from storage.areas import Area, Level
from storage.names import building_key, digits, simplify
from storage.people import Person
from storage.ticket_tables import Ticket, TicketParty

MOST = 2000
"""The newest tickets that are read; a search is not an archive."""
MOST_ASKED = 200
"""Matches for which it is asked whether they may be seen: a word that fits everything ends here."""
MOST_FOUND = 40


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to. more: it stopped at its bounds, so there may be others."""

    numbers: list[int]
    more: bool


def search(session: Session, person_id: int, words: str, at: datetime) -> Found:
    """The tickets that fit all of `words`, newest first, only those that `person_id` may see.

    words: parts of the filer's name, of the place (a building however it is written), of the text
    or of the kind, with spaces between. What may be seen is what `card` is allowed for.
    """
    wanted = [_Word(word) for word in words.split()]
    if not wanted:
        return Found([], more=False)
    rows = session.execute(
        select(Ticket.id, Ticket.area_id, Ticket.kind, Ticket.place, Ticket.text, Person.name)
        .join(Person, Person.id == Ticket.filer_id)
        .where(_reach(session, person_id, at))
        .order_by(Ticket.id.desc())
        .limit(MOST)
    ).all()
    near = tasks.buildings(session, {row.area_id for row in rows})
    titles = areas.titles(session, near.values())
    found: list[int] = []
    asked = 0
    for row in rows:
        building = near[row.area_id]
        kind = services.kinds().get(row.kind or "")
        parts = (row.name, titles[building.id], row.place, row.text, kind.label if kind else "")
        read = simplify("\n".join(parts))
        if not all(word.fits(read, building) for word in wanted):
            continue
        asked += 1
        ticket = session.get_one(Ticket, row.id)
        if permissions.allows(session, "card", person_id, ticket, at):
            found.append(row.id)
        if len(found) == MOST_FOUND or asked == MOST_ASKED:
            return Found(found, more=True)
    return Found(found, more=len(rows) == MOST)


class _Word:
    """One word of a search. A number in it is a whole one: 3栋 is not in 13栋."""

    def __init__(self, word: str) -> None:
        plain = simplify(word)
        before = r"(?<!\d)" if plain[:1].isdigit() else ""
        after = r"(?!\d)" if plain[-1:].isdigit() else ""
        self._pattern = re.compile(before + re.escape(plain) + after)
        key = building_key(word)
        names_one = key != digits(word) and key.isalnum() and key.isascii()
        self._building = key if names_one else None

    def fits(self, read: str, building: Area) -> bool:
        if self._building is not None and building.level == Level.BUILDING:
            return building_key(building.name) == self._building
        return self._pattern.search(read) is not None


def _reach(session: Session, person_id: int, at: datetime) -> ColumnElement[bool]:
    """Tickets that the person may have to do with: theirs to work on, or where they hold a post."""
    offered = select(TicketParty.ticket_id).where(
        TicketParty.person_id == person_id, TicketParty.until.is_(None)
    )
    within = [
        Area.path.startswith(areas.get(session, post.area_id).path, autoescape=True)
        for post in posts.posts_of(session, person_id, at)
    ]
    there = Ticket.area_id.in_(select(Area.id).where(or_(*within))) if within else None
    mine = or_(Ticket.owner_id == person_id, Ticket.id.in_(offered))
    return mine if there is None else or_(mine, there)
