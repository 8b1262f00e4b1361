"""达成协议: the mediator dictates what is agreed, both sides read it and say yes, and the document
that they sign on the spot is made. A tap is no signature, and every message says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.mediation.planning import plan
from handlers.mediation.questions import Points
from handlers.mediation.sides import (
    as_mediator,
    ask_side,
    phone_of,
    tell_mediator,
    tell_side,
)
from handlers.questions import Confirm, Text
from handlers.registry import action, conversation
from handlers.talk import Desk, Do, Talk
from handlers.views import name_of
from storage import areas, mediations, tickets
from storage.areas import Level
from storage.mediation_tables import Mediation, MediationAgreement, MediationSide
from storage.mediations import Subject
from storage.phones import masked
from storage.tickets import Status, Ticket

LONGEST_FACTS, LONGEST_PART = 300, 120
"""Characters of the parts of an agreement: with ten points it still stands on one sheet."""
PARTS = ("facts", "blame", "points", "how", "until")


@action("write_agreement")
def write(talk: Talk, ticket: int, change: bool = False) -> None:
    """写协议; change: with what was written before, to be changed."""
    found = as_mediator(talk, ticket, "write_agreement")
    if found is None:
        return
    mediation = mediations.of_ticket(talk.session, ticket)
    if mediation is None or mediations.other_side(talk.session, mediation.id) is None:
        talk.say("mediation/nobody_yet", ticket=ticket, options=[_arrange(ticket)])
        return
    before = mediations.agreement_of(talk.session, mediation.id)
    answers = parts_of(before) if change and before is not None else {}
    talk.begin("write_agreement", ticket=ticket, answers=answers)


def _arrange(number: int) -> Do:
    return Do("arrange_mediation", {"ticket": number})


def parts_of(agreement: MediationAgreement) -> dict[str, Any]:
    """An agreement's parts, as templates and the talk that writes them know them."""
    return {part: getattr(agreement, part) for part in PARTS}


@conversation("write_agreement")
def dictate(talk: Talk) -> None:
    """The facts, whose part was what, the points, how and until when; then both are asked."""
    number = talk.args["ticket"]
    ticket = as_mediator(talk, number, "write_agreement")
    if ticket is None:
        return
    parts: dict[str, Any] = {
        "facts": talk.ask("facts", Text("mediation/facts", most=LONGEST_FACTS)),
        "blame": talk.ask("blame", Text("mediation/blame", most=LONGEST_PART, optional=True)),
        "points": talk.ask("points", Points("mediation/points")),
        "how": talk.ask("how", Text("mediation/how_kept", most=LONGEST_PART, optional=True)),
        "until": talk.ask("until", Text("mediation/until", most=LONGEST_PART, optional=True)),
    }
    sure = Confirm(
        "mediation/agreement_confirm", yes="send_both", no="not_yet", summary=True, **parts
    )
    if not talk.ask("confirm", sure):
        talk.say("mediation/not_sent", ticket=number, number=number)
        return
    mediation = mediations.held(talk.session, number)
    if mediation is None:
        return
    agreement = mediations.draft(talk.session, mediation, **parts, by=talk.person.id, now=talk.now)
    detail = {"agreement": agreement.number}
    tickets.record(
        talk.session, ticket, "agreement_drafted", talk.person.id, talk.now, detail=detail
    )
    talk.say("mediation/sent", ticket=number, number=number)
    for side in mediations.sides(talk.session, mediation.id):
        show_agreement(talk, ticket, mediation, side, agreement)
    plan(talk, mediation)


def show_agreement(
    desk: Desk,
    ticket: Ticket,
    mediation: Mediation,
    side: MediationSide,
    agreement: MediationAgreement,
) -> None:
    """Let one side read it, and ask whether they agree."""
    facts: dict[str, Any] = {**parts_of(agreement), "subject": mediation.subject}
    names = [one.name for one in mediations.sides(desk.session, mediation.id)]
    ask_side(
        desk, ticket, side, "mediation/agreement", Subject.AGREEMENT, agreement.id,
        version=agreement.number, names=names, **facts,
    )  # fmt: skip


def when_all_agree(
    desk: Desk, ticket: Ticket, mediation: Mediation, agreement: MediationAgreement
) -> bool:
    """Once every side has said yes it is agreed; all are told, and the document is on its way."""
    about = (Subject.AGREEMENT, agreement.id)
    if agreement.agreed_at is not None or not mediations.all_say(
        desk.session, mediation.id, *about, "agrees"
    ):
        return False
    mediations.agree(desk.session, agreement, desk.now)
    tickets.record(
        desk.session, ticket, "agreement_confirmed", None, desk.now,
        detail={"agreement": agreement.number},
    )  # fmt: skip
    for side in mediations.sides(desk.session, mediation.id):
        tell_side(desk, ticket, side, "mediation/all_agree", days=mediations.FOLLOW_UPS)
    tell_mediator(
        desk, ticket, "mediation/all_agree_staff", options=_to_close(ticket),
        days=mediations.FOLLOW_UPS,
    )  # fmt: skip
    return True


def _to_close(ticket: Ticket) -> list[Do]:
    """办结, where the ticket is still under way."""
    if ticket.status != Status.CLAIMED:
        return []
    return [Do("resolve", {"ticket": ticket.id, "version": ticket.version})]


@dataclass(frozen=True, slots=True)
class Party:
    """One side as the document names it. phone: masked. confirmed_at: when they said yes; noted:
    the mediator wrote that down for them."""

    name: str
    phone: str
    confirmed_at: datetime | None
    noted: bool


@dataclass(frozen=True, slots=True)
class AgreementText:
    """All that stands in the document; what is not known is left blank to be written in by hand."""

    community: str
    parties: tuple[Party, ...]
    subject: str
    facts: str
    blame: str
    points: tuple[str, ...]
    how: str
    until: str
    mediator: str
    agreed_at: datetime


def document_of(desk: Desk, agreement: MediationAgreement) -> AgreementText:
    """The document of an agreement that all have agreed to."""
    session = desk.session
    mediation = session.get_one(Mediation, agreement.mediation_id)
    ticket = mediations.ticket_of(session, mediation.id)
    lineage = [areas.get(session, one) for one in areas.get(session, ticket.area_id).lineage]
    said = mediations.answers(session, Subject.AGREEMENT, agreement.id)
    parties = []
    for side in mediations.sides(session, mediation.id):
        answer = said.get(side.id)
        phone = phone_of(desk, side)
        parties.append(
            Party(
                name=side.name,
                phone=masked(phone) if phone else "",
                confirmed_at=answer.at if answer else None,
                noted=bool(answer and answer.noted_by),
            )
        )
    assert agreement.agreed_at is not None
    return AgreementText(
        community=next((one.name for one in lineage if one.level == Level.COMMUNITY), ""),
        parties=tuple(parties),
        subject=mediation.subject,
        facts=agreement.facts,
        blame=agreement.blame,
        points=tuple(agreement.points),
        how=agreement.how,
        until=agreement.until,
        mediator=name_of(session, agreement.drafted_by),
        agreed_at=agreement.agreed_at,
    )


def hand_out(desk: Desk, agreement: MediationAgreement, document_id: int) -> None:
    """Send the document to both sides and to the mediator; it is kept with the ticket's story."""
    ticket = mediations.ticket_of(desk.session, agreement.mediation_id)
    agreement.document_id = document_id
    tickets.record(
        desk.session, ticket, "document_made", None, desk.now, media=[document_id],
        detail={"agreement": agreement.number},
    )  # fmt: skip
    absent = []
    for side in mediations.sides(desk.session, agreement.mediation_id):
        if not tell_side(desk, ticket, side, "mediation/document", media=[document_id]):
            absent.append(side.name)
    if ticket.owner_id is not None:
        desk.tell(
            ticket.owner_id, "mediation/document_staff", staff=True, ticket=ticket.id,
            media=[document_id], number=ticket.id, absent=absent,
        )  # fmt: skip
