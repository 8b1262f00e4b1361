"""What a message asks again and again is read once, and again after this session changed it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from storage import absences, permissions, posts
from storage.people import Person
from storage.posts import Role
from tests.storage.county import NOON, Corner, corner, someone

DAY = timedelta(days=1)


def answers(session: Session, person: Person, place: Corner) -> tuple[bool, list[int], list[Role]]:
    """Whether they hold a post, for which areas they have figures, in which roles they serve."""
    return (
        permissions.holds_a_post(session, person.id, NOON),
        permissions.areas_for(session, "figures", person.id, NOON),
        posts.covers(session, person.id, place.home.id, NOON),
    )


def test_a_post_given_or_taken_counts_at_once(session: Session) -> None:
    place = corner(session)
    holder, deputy = someone(session, "在岗"), someone(session, "替岗")
    nothing, all_of_it = (False, [], []), (True, [place.garden.id], [Role.GRID_WORKER])
    assert answers(session, holder, place) == answers(session, deputy, place) == nothing
    post = posts.set_post(
        session, person_id=holder.id, role=Role.GRID_WORKER, area_id=place.garden.id,
        deputy_id=deputy.id,
    )  # fmt: skip
    assert answers(session, holder, place) == all_of_it
    assert answers(session, deputy, place) == nothing
    absences.set_absence(session, holder.id, NOON - DAY, NOON + DAY)
    assert answers(session, deputy, place) == all_of_it
    session.delete(post)
    assert answers(session, holder, place) == answers(session, deputy, place) == nothing
