"""A ticket in its team's group: a card with fewer details, and the thread that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handlers import course
from handlers.talk import Desk, Do
from handlers.views import masked_view, view, who_and_where
from storage import audit, masking, rules, teams, tickets
from storage.tickets import UNDER_WAY, Status, Ticket

CARD = "team/card"
WAITING = ("claim", "reply", "resolve")
CLAIMED = ("reply", "resolve")


def may_stand_in_a_group(ticket: Ticket) -> bool:
    """Nothing private does, nor what complains about a worker."""
    return ticket.privacy == rules.OPEN and ticket.about_id is None


def post(desk: Desk, ticket: Ticket) -> None:
    """The card of a new ticket lands in the group of the nearest team, where there is one."""
    team = teams.serving(desk.session, ticket.area_id)
    if team is None or not may_stand_in_a_group(ticket):
        return
    opened = tickets.events(desk.session, ticket.id)[0]
    ref = desk.tell_team(
        team,
        CARD,
        ticket=ticket.id,
        urgent=ticket.urgent,
        options=_options(ticket),
        media=opened.media,
        **_facts(desk, ticket),
    )
    teams.keep_card(desk.session, team, ticket.id, ref)
    # Who reads along in a group is not known; who let the group in is.
    audit.note(desk.session, desk.now, team.set_by, "team_card", f"ticket:{ticket.id}")


def refresh(desk: Desk, ticket: Ticket) -> None:
    """Change the card in each group to what is true now."""
    for _, ref in teams.cards(desk.session, ticket.id):
        desk.redraw(ref, CARD, options=_options(ticket), **_facts(desk, ticket))


def thread(
    desk: Desk,
    ticket: Ticket,
    name: str,
    /,
    *,
    text: str,
    media: Sequence[int] = (),
    **facts: Any,
) -> None:
    """What the two sides say to each other stands in the group too, as answers to the card; no
    name, number or door that was said in it does."""
    if not may_stand_in_a_group(ticket):
        return
    shown = masking.without_who(text, who_and_where(desk.session, ticket))
    for team, ref in teams.cards(desk.session, ticket.id):
        desk.tell_team(
            team, name, ticket=ticket.id, urgent=ticket.urgent, answers=ref, media=media,
            number=ticket.id, text=shown, **facts,
        )  # fmt: skip


def _options(ticket: Ticket) -> list[Do]:
    """No phone number here, and nothing that only its owner may do but these two."""
    if ticket.status not in UNDER_WAY or not may_stand_in_a_group(ticket):
        return []
    at = {"ticket": ticket.id, "version": ticket.version}
    names = WAITING if ticket.status == Status.WAITING else CLAIMED
    return [Do(name, at) for name in names]


def _facts(desk: Desk, ticket: Ticket) -> dict[str, Any]:
    plain = masked_view(desk.session, ticket)
    seen = view(desk.session, ticket, door=False)
    return {
        "t": replace(seen, text=plain.text, place=plain.place),
        "service": course.rule_of(desk, ticket).label,
        "due": course.due_at(desk, ticket),
        "shown": may_stand_in_a_group(ticket),
    }
