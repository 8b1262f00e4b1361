"""What admins say of others' leave in their own words: 谁请假了, 李建国回来了."""

from __future__ import annotations

from handlers.permits import may_somewhere
from handlers.staff.coming_back import back_of
from handlers.staff.leave_days import told_of
from handlers.talk import Do, Talk
from handlers.views import name_of
from storage import absences, deputies, permissions, posts
from storage.names import bare

MOST = 20
"""Leaves of one list."""
SOON_DAYS = 7
"""What begins within so many days is in the list too."""


def asked_for(talk: Talk, text: str) -> bool:
    """Whether somebody who writes down others' leave asks who has any, or says who is back; then
    it is answered."""
    said = bare(text)
    if said in talk.words("leave_of.who"):
        if not may_somewhere(talk, "leave_for"):
            return False
        _list(talk)
        return True
    ends = next((w for w in talk.words("leave_of.back") if said.endswith(w)), "")
    if not ends or not may_somewhere(talk, "leave_for"):
        return False
    found = posts.named(talk.session, said.removesuffix(ends), talk.now)
    if len(found) != 1 or not _may(talk, found[0].area_id):
        return False
    back_of(talk, found[0].person_id)
    return True


def _may(talk: Talk, area_id: int) -> bool:
    return permissions.allows_in(talk.session, "leave_for", talk.person.id, area_id, talk.now)


def _list(talk: Talk) -> None:
    """Who is away now or within days, of those whose leave the speaker may write down."""
    lines = []
    for one in absences.of_everybody(talk.session, talk.now, SOON_DAYS):
        held = posts.posts_of(talk.session, one.person_id, talk.now)
        if not any(_may(talk, post.area_id) for post in held):
            continue
        standing = sorted(deputies.of_absence(talk.session, one))
        deputy = name_of(talk.session, standing[0]) if standing else ""
        name = name_of(talk.session, one.person_id)
        lines.append({"name": name, "deputy": deputy, **told_of(talk, one)})
    shown = lines[:MOST]
    talk.say(
        "leave/who", lines=shown, more=len(lines) - len(shown), days=SOON_DAYS,
        options=[Do("leave", {}, talk.word("leave_of.write"))],
    )  # fmt: skip
