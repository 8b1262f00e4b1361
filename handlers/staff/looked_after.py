"""我的居民, 独居老人有哪些: whose doors a worker visits, and where a special group lives."""

from __future__ import annotations

from handlers.registry import action
from handlers.staff.visits import MOST, door_label, own_places
from handlers.talk import Do, Talk
from storage import areas, posts, visits
from storage.names import bare
from storage.pieces import rest

LONGEST = 16
"""Characters of a message that asks for it; more of them tell something."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether a worker asks for the households of theirs, or for those of a special group."""
    if len(text) > LONGEST or not posts.holds_any(talk.session, talk.person.id, talk.now):
        return False
    around = talk.words("looked_after.around")
    groups = talk.words("looked_after.groups")
    word = rest(text, around)
    meant = next((one for one in groups if word and word == rest(one, around)), "")
    known = bare(text) in talk.words("looked_after.asked")
    if not (meant or known) or not own_places(talk):
        return False
    show(talk, meant, 0)
    return True


@action("looked_after")
def more(talk: Talk, group: str, page: int) -> None:
    """更多: the next doors."""
    show(talk, group, page)


def show(talk: Talk, asked: str, page: int) -> None:
    """How many households there are, and the doors of special groups, a page at a time; of the one
    group that was asked for, if any. Each door is a look, written down."""
    places = own_places(talk)
    homes = visits.cared_for(talk.session, places)
    shown = [one for one in homes if any(asked in group for group in one.groups)]
    here = shown[page * MOST : (page + 1) * MOST]
    lines = [
        {"door": door_label(talk, areas.get(talk.session, one.area_id)), "groups": one.groups}
        for one in here
    ]
    ways = [Do("unvisited")]
    if len(shown) > (page + 1) * MOST:
        label = talk.word("do.more")
        ways.insert(0, Do("looked_after", {"group": asked, "page": page + 1}, label))
    talk.say(
        "visit/looked_after", lines=lines, count=len(shown), page=page,
        total=visits.count(talk.session, places), group=asked, options=ways,
    )  # fmt: skip
