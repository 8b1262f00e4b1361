"""剔除: a ticket is left out of the figures when a second person agrees, and everybody sees it.

Never the one who asked, never the one who answers for the ticket.
"""

from __future__ import annotations

from typing import Any

from handlers.matching import number_in
from handlers.permits import is_staff
from handlers.questions import Text
from handlers.registry import action, command, conversation
from handlers.talk import Do, Talk
from handlers.views import kind_label, name_of
from storage import areas, audit, exclusions, permissions, posts, rules, tickets
from storage.tickets import Ticket, TicketExclusion

LONGEST = 9
"""Digits of a ticket's number."""


@command("exclude")
def exclude(talk: Talk) -> None:
    """剔除: asks which and why."""
    talk.begin("exclude")


@conversation("exclude")
def leave_out(talk: Talk) -> None:
    """Which, why; then whoever else may decide is asked."""
    said = talk.ask("number", Text("report/exclude_number", most=20))
    ticket = _named(talk, said, "exclude")
    if ticket is None:
        return
    standing = exclusions.standing(talk.session, ticket.id)
    if standing is not None:
        _say_how_it_stands(talk, ticket, standing)
        return
    facts: dict[str, Any] = {"number": ticket.id, "kind": kind_label(ticket)}
    reason = talk.ask(f"why-{ticket.id}", Text("report/exclude_why", most=200, **facts))
    row = exclusions.ask(talk.session, ticket, talk.person.id, reason, talk.now)
    audit.note(talk.session, talk.now, talk.person.id, "ask_exclusion", f"ticket:{ticket.id}")
    asked = [one for one in _seconds(talk, ticket, row) if _ask_second(talk, one, ticket, row)]
    if not asked:
        exclusions.end(talk.session, row, talk.now)
    names = [name_of(talk.session, one) for one in asked]
    talk.say("report/exclude_asked", number=ticket.id, names=names)


def _named(talk: Talk, said: str, doing: str) -> Ticket | None:
    """The ticket that was named, if the speaker may do this to it; otherwise says so."""
    digits = "".join(one for one in said if one.isdecimal())[:LONGEST]
    number = int(digits) if digits else number_in(said)
    ticket = tickets.get(talk.session, number) if number else None
    if ticket is not None and _may(talk, doing, talk.person.id, ticket):
        return ticket
    talk.say("desk/not_yours", number=number or said, staff=is_staff(talk))
    return None


def _may(talk: Talk, doing: str, person_id: int, ticket: Ticket) -> bool:
    return permissions.allows(
        talk.session, doing, person_id, ticket, talk.now
    ) and not permissions.is_kept_from(talk.session, person_id, ticket, talk.now)


def _seconds(talk: Talk, ticket: Ticket, row: TicketExclusion) -> list[int]:
    """Who else may agree."""
    roles = permissions.table().area["agree_exclusion"]
    holders = {one for role in roles for one in posts.holders(talk.session, role, talk.now)}
    return [
        one
        for one in sorted(holders)
        if exclusions.may_agree(row, ticket, one) and _may(talk, "agree_exclusion", one, ticket)
    ]


def _ask_second(talk: Talk, person_id: int, ticket: Ticket, row: TicketExclusion) -> bool:
    args = {"area": ticket.area_id, "exclusion": row.id}
    return talk.tell(
        person_id,
        "report/exclude_second",
        staff=True,
        number=ticket.id,
        kind=kind_label(ticket),
        place=_place(talk, ticket),
        asker=name_of(talk.session, row.asked_by),
        reason=row.reason,
        options=[Do("agree_exclusion", args), Do("refuse_exclusion", args)],
    )


def _place(talk: Talk, ticket: Ticket) -> str:
    """Where it is; of what is not open that is not for who has no part in it."""
    if ticket.privacy != rules.OPEN:
        return ""
    return areas.title(talk.session, areas.get(talk.session, ticket.area_id))


def _say_how_it_stands(talk: Talk, ticket: Ticket, row: TicketExclusion) -> None:
    options = []
    if row.confirmed_at is not None:
        options = [Do("end_exclusion", {"area": ticket.area_id, "exclusion": row.id})]
    talk.say(
        "report/exclude_stands",
        number=ticket.id,
        reason=row.reason,
        in_force=row.confirmed_at is not None,
        ended=row.ended_at is not None,
        options=options if row.ended_at is None else [],
    )


def _held(talk: Talk, exclusion: int, doing: str) -> tuple[TicketExclusion, Ticket] | None:
    """The exclusion and its ticket, if the speaker may decide about it; otherwise says so."""
    row = exclusions.get(talk.session, exclusion)
    ticket = tickets.get(talk.session, row.ticket_id) if row else None
    if row is None or ticket is None or not _may(talk, doing, talk.person.id, ticket):
        talk.say("desk/not_allowed")
        return None
    return row, ticket


@action("agree_exclusion")
def agree(talk: Talk, area: int, exclusion: int) -> None:
    """The second person agrees: from now on it is left out."""
    held = _held(talk, exclusion, "agree_exclusion")
    if held is None:
        return
    row, ticket = held
    if row.confirmed_at is not None or row.ended_at is not None:
        _say_how_it_stands(talk, ticket, row)
        return
    try:
        exclusions.agree(talk.session, row, ticket, talk.person.id, talk.now)
    except exclusions.NotTheSecond:
        talk.say("report/exclude_not_you", number=ticket.id)
        return
    _decided(talk, row, ticket, "agree_exclusion")


@action("refuse_exclusion")
def refuse(talk: Talk, area: int, exclusion: int) -> None:
    """The second person does not agree: it counts as before."""
    held = _held(talk, exclusion, "refuse_exclusion")
    if held is None:
        return
    row, ticket = held
    if row.confirmed_at is not None or row.ended_at is not None:
        _say_how_it_stands(talk, ticket, row)
        return
    exclusions.end(talk.session, row, talk.now)
    _decided(talk, row, ticket, "refuse_exclusion")


@action("end_exclusion")
def take_back(talk: Talk, area: int, exclusion: int) -> None:
    """恢复: it counts again. One person is enough for that."""
    held = _held(talk, exclusion, "end_exclusion")
    if held is None:
        return
    row, ticket = held
    if row.ended_at is not None:
        _say_how_it_stands(talk, ticket, row)
        return
    exclusions.end(talk.session, row, talk.now)
    _decided(talk, row, ticket, "end_exclusion")


def _decided(talk: Talk, row: TicketExclusion, ticket: Ticket, how: str) -> None:
    """Write it down, say it to the speaker and to whoever asked and agreed."""
    subject = f"ticket:{ticket.id}"
    audit.note(talk.session, talk.now, talk.person.id, how, subject)
    facts: dict[str, Any] = {"number": ticket.id, "how": how, "reason": row.reason}
    undo = Do("end_exclusion", {"area": ticket.area_id, "exclusion": row.id})
    options = [undo] if how == "agree_exclusion" else []
    talk.say("report/exclude_decided", **facts, name="", options=options)
    for other in {row.asked_by, row.confirmed_by} - {None, talk.person.id}:
        assert other is not None
        talk.tell(other, "report/exclude_decided", staff=True, name=talk.person.name, **facts)
