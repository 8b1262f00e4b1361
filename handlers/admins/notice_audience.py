"""Whom a notice is for: one question for the way of choosing, one for what is chosen."""

from __future__ import annotations

from datetime import timedelta

from handlers.questions import Option, Pick, PickArea
from handlers.talk import Talk
from storage import areas, roles
from storage.areas import Area, Level
from storage.notices import audience
from storage.notices.audience import Audience
from storage.post_tables import Role
from storage.services import kinds

EVERYONE, PLACE, GROUP, UNVISITED, FILED, STAFF = (
    "everyone", "place", "group", "unvisited", "filed", "staff",
)  # fmt: skip
LATELY = timedelta(days=90)
"""People who filed on a subject are those who did within so long."""


def choose_audience(talk: Talk, under: Area) -> Audience:
    """Ask whom it is for; never anybody outside `under`."""
    name = areas.title(talk.session, under)
    ways = (EVERYONE, PLACE, GROUP, UNVISITED, FILED, STAFF)
    options = [Option(way, talk.word(f"notice.to_{way}").format(area=name)) for way in ways]
    way = talk.ask("whom", Pick("notice/whom", options))
    if way == PLACE:
        question = PickArea("notice/place", under, deepest=Level.BUILDING)
        return Audience((talk.ask("place", question).id,))
    if way == GROUP:
        return Audience((under.id,), groups=(_group(talk, under),))
    if way == UNVISITED:
        first = talk.now.astimezone(talk.zone).replace(
            day=1, hour=0, minute=0, second=0, microsecond=0
        )
        return Audience((under.id,), unvisited_since=first)
    if way == FILED:
        offered = [Option(kind.key, kind.label) for kind in kinds().values() if kind.offered]
        every = [Option(kind.key, kind.label) for kind in kinds().values()]
        kind = talk.ask("kind", Pick("notice/kind", offered, every))
        return Audience((under.id,), kinds=(kind,), since=talk.now - LATELY)
    if way == STAFF:
        every = [Option(role.value, roles.label(role)) for role in Role]
        return Audience((under.id,), roles=(talk.ask("role", Pick("notice/role", every)),))
    return Audience((under.id,))


def _group(talk: Talk, under: Area) -> str:
    known = audience.groups_in(talk.session, under.path)
    picked: str = talk.ask("group", Pick("notice/group", [Option(one, one) for one in known]))
    return picked


def in_words(talk: Talk, chosen: Audience) -> str:
    """Whom it is for, as the admin reads it."""
    where = areas.title(talk.session, areas.get(talk.session, chosen.areas[0]))
    if chosen.roles:
        role = roles.label(Role(chosen.roles[0]))
        return talk.word("notice.words_staff").format(area=where, role=role)
    if chosen.groups:
        return talk.word("notice.words_group").format(area=where, group=chosen.groups[0])
    if chosen.kinds:
        label = kinds()[chosen.kinds[0]].label
        return talk.word("notice.words_filed").format(area=where, kind=label)
    if chosen.unvisited_since:
        return talk.word("notice.words_unvisited").format(area=where)
    return talk.word("notice.words_everyone").format(area=where)
