"""Mediations (矛盾调解): who the two sides are, when they meet, what they agree and how it is kept.

A mediation has a state of its own; the ticket's state is the affair of `handlers/course.py` alone.
Whoever changes one holds its row first (`held`), so that two sides who answer at the same moment
are heard one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.mediation_tables import (
    Mediation,
    MediationAgreement,
    MediationAnswer,
    MediationFollowUp,
    MediationMeeting,
    MediationSide,
)
from storage.ticket_tables import Ticket

SERVICES = ("mediation",)
"""The services whose tickets can be mediated."""
FOLLOW_UPS = (7, 30)
"""Days after both agreed on which they are asked whether it was kept."""

Asked = MediationMeeting | MediationAgreement | MediationFollowUp


class Subject(StrEnum):
    """What a side can answer to."""

    MEETING = "meeting"
    AGREEMENT = "agreement"
    FOLLOW_UP = "follow_up"


def can_be_mediated(ticket: Ticket) -> bool:
    """Whether two sides can be brought together about it."""
    return ticket.service in SERVICES


def of_ticket(session: Session, ticket_id: int) -> Mediation | None:
    """The mediation of a ticket, if its mediator has begun one."""
    return session.scalars(select(Mediation).where(Mediation.ticket_id == ticket_id)).first()


def held(session: Session, ticket_id: int) -> Mediation | None:
    """The same, its row held until the transaction ends."""
    query = select(Mediation).where(Mediation.ticket_id == ticket_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).first()


def begin(session: Session, ticket: Ticket, filer_name: str, now: datetime) -> Mediation:
    """The mediation of a ticket, held; made, with its filer as the first side, when there is none.

    That two are made at once is kept out by the ticket's row, which is held meanwhile.
    """
    found = held(session, ticket.id)
    if found is None:
        session.refresh(ticket, with_for_update=True)
        found = held(session, ticket.id)
    if found is not None:
        return found
    made = Mediation(ticket_id=ticket.id, opened_at=now)
    session.add(made)
    session.flush()
    session.add(
        MediationSide(
            mediation_id=made.id, filer=True, person_id=ticket.filer_id, name=filer_name[:64]
        )
    )
    session.flush()
    return made


def sides(session: Session, mediation_id: int) -> list[MediationSide]:
    """The sides, whose ticket it is first."""
    query = select(MediationSide).where(
        MediationSide.mediation_id == mediation_id, MediationSide.gone_at.is_(None)
    )
    return list(session.scalars(query.order_by(MediationSide.filer.desc(), MediationSide.id)))


def other_side(session: Session, mediation_id: int) -> MediationSide | None:
    """The side that did not file it, once it is known."""
    return next((one for one in sides(session, mediation_id) if not one.filer), None)


def name_other(
    session: Session,
    mediation: Mediation,
    person_id: int | None,
    name: str,
    phone: str,
    now: datetime,
) -> MediationSide | None:
    """Say who the other side is. Whoever was named before by mistake has no part in it from now
    on: that side, None when there was none."""
    before = other_side(session, mediation.id)
    if before is not None:
        before.gone_at = now
    side = MediationSide(
        mediation_id=mediation.id, filer=False, person_id=person_id, name=name.strip()[:64],
        phone=phone,
    )  # fmt: skip
    session.add(side)
    session.flush()
    return before


def side_of(session: Session, mediation_id: int, person_id: int) -> MediationSide | None:
    """The side that this person is."""
    found = sides(session, mediation_id)
    return next((one for one in found if one.person_id == person_id), None)


def is_other_side(session: Session, ticket_id: int, person_id: int) -> bool:
    """Whether the person is the side of this ticket's mediation that did not file it."""
    query = (
        select(MediationSide.id)
        .join(Mediation, Mediation.id == MediationSide.mediation_id)
        .where(
            Mediation.ticket_id == ticket_id,
            MediationSide.person_id == person_id,
            MediationSide.filer.is_(False),
            MediationSide.gone_at.is_(None),
        )
    )
    return session.scalars(query.limit(1)).first() is not None


def of_person(session: Session, person_id: int) -> list[tuple[Mediation, MediationSide]]:
    """The mediations that are not over and in which the person is a side, the newest first."""
    query = (
        select(Mediation, MediationSide)
        .join(Mediation, Mediation.id == MediationSide.mediation_id)
        .where(
            MediationSide.person_id == person_id,
            MediationSide.gone_at.is_(None),
            Mediation.ended_at.is_(None),
        )
        .order_by(Mediation.id.desc())
    )
    return [(mediation, side) for mediation, side in session.execute(query)]


def meetings(session: Session, mediation_id: int) -> list[MediationMeeting]:
    """Every meeting that was proposed, oldest first."""
    query = select(MediationMeeting).where(MediationMeeting.mediation_id == mediation_id)
    return list(session.scalars(query.order_by(MediationMeeting.id)))


def arranged(session: Session, mediation_id: int) -> MediationMeeting | None:
    """The meeting that is to be, if one is."""
    last = meetings(session, mediation_id)[-1:]
    return last[0] if last and last[0].state == "arranged" else None


def arrange(
    session: Session, mediation: Mediation, at: datetime, place: str, by: int, now: datetime
) -> MediationMeeting:
    """Propose a time and a place; what was arranged before is `moved`."""
    before = arranged(session, mediation.id)
    if before is not None:
        before.state = "moved"
    meeting = MediationMeeting(
        mediation_id=mediation.id, at=at, place=place, proposed_at=now, proposed_by=by,
        state="arranged",
    )  # fmt: skip
    session.add(meeting)
    mediation.ended_at = None
    session.flush()
    return meeting


def drafts(session: Session, mediation_id: int) -> list[MediationAgreement]:
    """Every wording of an agreement, oldest first."""
    query = select(MediationAgreement).where(MediationAgreement.mediation_id == mediation_id)
    return list(session.scalars(query.order_by(MediationAgreement.number)))


def agreement_of(session: Session, mediation_id: int) -> MediationAgreement | None:
    """The wording that stands, if there is one."""
    last = drafts(session, mediation_id)[-1:]
    return last[0] if last and last[0].replaced_at is None else None


def draft(
    session: Session,
    mediation: Mediation,
    *,
    facts: str,
    blame: str,
    points: list[str],
    how: str,
    until: str,
    by: int,
    now: datetime,
) -> MediationAgreement:
    """Write down what is to be agreed; the wording before it stands no more."""
    before = drafts(session, mediation.id)
    for one in before:
        one.replaced_at = one.replaced_at or now
    made = MediationAgreement(
        mediation_id=mediation.id, number=len(before) + 1, facts=facts, blame=blame,
        points=points, how=how, until=until, drafted_at=now, drafted_by=by,
    )  # fmt: skip
    session.add(made)
    mediation.ended_at = None
    session.flush()
    return made


def agree(session: Session, agreement: MediationAgreement, now: datetime) -> None:
    """All sides have said yes: from now on it is asked whether it is kept."""
    agreement.agreed_at = now
    for days in FOLLOW_UPS:
        due = now + timedelta(days=days)
        session.add(MediationFollowUp(agreement_id=agreement.id, days=days, due_at=due))
    session.flush()


def without_document(session: Session, limit: int = 20) -> list[int]:
    """The agreements that all have agreed to and whose document is not made yet."""
    query = select(MediationAgreement.id).where(
        MediationAgreement.agreed_at.is_not(None),
        MediationAgreement.document_id.is_(None),
        MediationAgreement.replaced_at.is_(None),
    )
    return list(session.scalars(query.order_by(MediationAgreement.id).limit(limit)))


def take_agreement(session: Session, agreement_id: int) -> MediationAgreement | None:
    """The agreement, held until the transaction ends."""
    return session.get(
        MediationAgreement, agreement_id, with_for_update=True, populate_existing=True
    )


def follow_ups(session: Session, agreement_id: int) -> list[MediationFollowUp]:
    """When it is asked whether an agreement was kept, the earliest first."""
    query = select(MediationFollowUp).where(MediationFollowUp.agreement_id == agreement_id)
    return list(session.scalars(query.order_by(MediationFollowUp.days)))


def say(
    session: Session,
    side: MediationSide,
    about: Subject,
    about_id: int,
    answer: str,
    now: datetime,
    *,
    words: str = "",
    noted_by: int | None = None,
) -> MediationAnswer:
    """Keep what a side said; what it said before stays beside it."""
    made = MediationAnswer(
        side_id=side.id, about=about, about_id=about_id, answer=answer, words=words, at=now,
        noted_by=noted_by,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def answers(session: Session, about: Subject, about_id: int) -> dict[int, MediationAnswer]:
    """What each side says to it by now, by the side's id; who said nothing is left out."""
    query = select(MediationAnswer).where(
        MediationAnswer.about == about, MediationAnswer.about_id == about_id
    )
    return {one.side_id: one for one in session.scalars(query.order_by(MediationAnswer.id))}


def all_say(session: Session, mediation_id: int, about: Subject, about_id: int, yes: str) -> bool:
    """Whether every side, and there are two, gives this answer."""
    given = answers(session, about, about_id)
    found = sides(session, mediation_id)
    return len(found) > 1 and all(one.id in given and given[one.id].answer == yes for one in found)


def ticket_of(session: Session, mediation_id: int) -> Ticket:
    """The ticket that a mediation belongs to."""
    return session.get_one(Ticket, session.get_one(Mediation, mediation_id).ticket_id)


def falling_due(session: Session, now: datetime, limit: int = 50) -> Sequence[int]:
    """The mediations for which something falls due by itself, the longest due first."""
    query = select(Mediation.id).where(Mediation.next_at <= now)
    return list(session.scalars(query.order_by(Mediation.next_at, Mediation.id).limit(limit)))
