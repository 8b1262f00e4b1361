"""Who of the law serves 莲花池社区, for the talks about legal help and the careful ones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from storage import addresses, posts
from storage.people import Person, set_phone
from storage.posts import Role
from storage.rota import Duty, RotaRow

OFFICER, LAWYER, MEDIATOR, DELEGATE = "方警官", "罗律师", "苏调解", "于代表"
PHONES = {OFFICER: "19900000031", LAWYER: "19900000032", MEDIATOR: "19900000033"}
ROLES = {
    OFFICER: Role.COMMUNITY_OFFICER,
    LAWYER: Role.LAWYER,
    MEDIATOR: Role.MEDIATOR,
}


def with_helpers(session: Session, now: datetime) -> None:
    """An officer, a lawyer and a mediator of 莲花池社区, and a delegate who holds no post.

    The lawyer sits there on Wednesday afternoons, the delegate on the 15th of a month.
    """
    community = addresses.resolve_path(session, "莲花池社区")
    assert community is not None
    people = {}
    for name in (OFFICER, LAWYER, MEDIATOR, DELEGATE):
        people[name] = Person(name=name, created_at=now)
        session.add(people[name])
        session.flush()
        if name in PHONES:
            set_phone(session, people[name], PHONES[name], proven=True)
    for name, role in ROLES.items():
        posts.set_post(session, person_id=people[name].id, role=role, area_id=community.id)
    hall = "社区居委会一楼"
    session.add(
        RotaRow(
            area_id=community.id, person_id=people[LAWYER].id, duty=Duty.LAWYER, weekday=2,
            begins=14 * 60, ends=16 * 60, place=hall, slot=30,
        )
    )  # fmt: skip
    session.add(
        RotaRow(
            area_id=community.id, person_id=people[DELEGATE].id, duty=Duty.DELEGATE,
            title="县人大代表", month_day=15, begins=9 * 60, ends=10 * 60, place=hall, slot=20,
        )
    )  # fmt: skip
    session.flush()
