"""Whom a notice is for: one question for the way of choosing, one for what is chosen."""

from __future__ import annotations

from datetime import timedelta

from handlers.admins.notice_places import PickAreas
from handlers.admins.notice_whom import (
    EVERYONE,
    FILED,
    GROUP,
    PLACE,
    STAFF,
    UNVISITED,
    Several,
    Whom,
)
from handlers.questions import Option, Pick
from handlers.talk import Desk, Talk
from storage import areas, roles
from storage.areas import Area, Level
from storage.notices import audience, settings
from storage.notices.audience import Audience
from storage.post_tables import Role
from storage.services import kinds

LATELY = timedelta(days=90)
"""People who filed on a subject are those who did within so long."""


def choose_audience(talk: Talk, under: Area) -> Audience:
    """Ask whom it is for; never anybody outside `under`.

    Groups, subjects and roles are those of the whole of `under` until 修改 says where.
    """
    groups = audience.groups_in(talk.session, under.path)
    held = audience.roles_in(talk.session, under.path, talk.now)
    offered = {
        EVERYONE: True,
        PLACE: under.level != Level.BUILDING,
        GROUP: bool(groups),
        UNVISITED: True,
        FILED: True,
        STAFF: bool(held),
    }
    name = areas.title(talk.session, under)
    options = [
        Option(way, talk.word(f"notice.to_{way}").format(area=name))
        for way, there in offered.items()
        if there
    ]
    staff = [Option(role.value, roles.label(role)) for role in held]
    chosen = talk.ask("whom", Whom(options, under, staff, groups))
    way = chosen.way
    if way == EVERYONE:
        return Audience((under.id,))
    question, there = PickAreas("notice/place", under), list(chosen.areas)
    if way == PLACE:
        places = talk.ask(chosen.key("places"), question, assume=there or None)
        return Audience(tuple(one.id for one in places))
    meant = talk.ask(chosen.key("within_places"), question, assume=there or [under.id])
    within = tuple(one.id for one in meant)
    names = list(chosen.names) or None
    if way == GROUP:
        some = Several("notice/group", [Option(one, one) for one in groups])
        return Audience(within, groups=tuple(talk.ask(chosen.key("group"), some, assume=names)))
    if way == UNVISITED:
        return Audience(within, unvisited_since=settings.month_began(talk.now, talk.zone))
    if way == FILED:
        return Audience(within, kinds=(_kind(talk),), since=talk.now - LATELY)
    some = Several("notice/role", staff)
    return Audience(within, roles=tuple(talk.ask(chosen.key("role"), some, assume=names)))


def _kind(talk: Talk) -> str:
    known = [Option(kind.key, kind.label) for kind in kinds().values()]
    offered = [option for option in known if kinds()[option.value].offered]
    kind: str = talk.ask("kind", Pick("notice/kind", offered, known))
    return kind


def in_words(desk: Desk, chosen: Audience) -> str:
    """Whom it is for, as the admin reads it."""
    where = desk.word("notice.and").join(
        areas.title(desk.session, areas.get(desk.session, one)) for one in chosen.areas
    )
    facts = {"area": where}
    if chosen.roles:
        facts["of"] = desk.word("notice.and").join(roles.label(Role(one)) for one in chosen.roles)
        return desk.word("notice.words_staff").format(**facts)
    words = [desk.word("notice.words_everyone").format(**facts)]
    if chosen.groups:
        facts["of"] = desk.word("notice.and").join(chosen.groups)
        words.append(desk.word("notice.words_group").format(**facts))
    if chosen.kinds:
        labels = (kinds()[one].label if one in kinds() else one for one in chosen.kinds)
        facts["of"] = desk.word("notice.and").join(labels)
        words.append(desk.word("notice.words_filed").format(**facts))
    if chosen.unvisited_since:
        words.append(desk.word("notice.words_unvisited"))
    return desk.word("notice.comma").join(words)
