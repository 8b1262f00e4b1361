"""我也遇到: several tickets of one matter. One of them, the master, has the owner and the clock and
carries the others, which are `joined`, until it is done; then each is asked for itself.

    waiting ──join──▶ joined ──the master is resolved──▶ resolved ──▶ each its own end
       ▲                │ └──the master is withdrawn──▶ the oldest is the master now
       └──不是同一件, 拆开──┘

The master's row is locked or moved on first, then those it carries: so of two who come at once none
is lost.
"""

from __future__ import annotations

from handlers import course
from handlers.relay import tell_workers
from handlers.routing import can_be_reached, climbing, offer
from handlers.staff.cards import refresh_cards, send_card
from handlers.talk import Desk, Do
from handlers.views import kind_label, name_of
from storage import joining, permissions, tickets
from storage.tickets import Status, Ticket, TicketChanged

TRIES = 5
"""How often it is tried anew when others change the master at the same moment."""
INHERITED = (
    "status", "owner_id", "rung", "urgent", "overdue", "alarmed_at", "claimed_at", "answered_at",
    "responded_at", "response_due_at", "clock_limit", "clock_used", "clock_since", "warned",
)  # fmt: skip
"""What the next master takes over: the owner, and the clock as it runs."""


def join(desk: Desk, ticket: Ticket, master: Ticket) -> bool:
    """Let `master` carry a new ticket; False when it is not under way any more."""
    if not _touch(desk, master):
        return False
    ticket.status, ticket.master_id = Status.JOINED, master.id
    desk.session.flush()
    tickets.record(
        desk.session, ticket, "joined", ticket.filer_id, desk.now, detail={"master": master.id}
    )
    tickets.record(
        desk.session, master, "joined_by", ticket.filer_id, desk.now, detail={"joined": ticket.id}
    )
    _count(desk, master)
    refresh_cards(desk, master)
    opened = tickets.events(desk.session, ticket.id)[0]
    tell_workers(
        desk,
        ticket,
        "staff/joined",
        media=opened.media,
        filer=name_of(desk.session, ticket.filer_id),
        text=ticket.text,
        households=master.households,
    )
    return True


def _touch(desk: Desk, master: Ticket) -> bool:
    """Move the master's version on, so that who resolves it meanwhile sees what is joined."""
    for _ in range(TRIES):
        if master.status not in tickets.UNDER_WAY or master.master_id is not None:
            return False
        try:
            tickets.advance(desk.session, master, master.version)
        except TicketChanged:
            continue
        return True
    return False


def _count(desk: Desk, master: Ticket) -> None:
    """How many homes it concerns now; from so many on others hear of it, and it is urgent."""
    before = master.households
    master.households = joining.count_homes(desk.session, master)
    desk.session.flush()
    warm, hot = course.rule_of(desk, master).hot
    if before < warm <= master.households:
        _tell_next_rung(desk, master)
    if before < hot <= master.households and not master.urgent:
        course.make_urgent(desk, master)


def _tell_next_rung(desk: Desk, master: Ticket) -> None:
    above = next(
        (
            one
            for one in climbing(desk, master, master.rung + 1)
            if one.person_id != master.owner_id and can_be_reached(desk, one)
        ),
        None,
    )
    if above is None:
        return
    tickets.record(
        desk.session, master, "many_homes", None, desk.now, detail={"to": above.person_id}
    )
    desk.tell(
        above.person_id,
        "staff/many_homes",
        staff=True,
        ticket=master.id,
        number=master.id,
        kind=kind_label(master),
        households=master.households,
        owner=name_of(desk.session, master.owner_id),
        options=[Do("story", {"ticket": master.id})],
    )


def separate(desk: Desk, one: Ticket, by: int) -> list[str]:
    """It is a matter of its own after all: it gets its own owner. Who got its card.

    Raises TicketChanged when it is not carried any more and was not just resolved with the others.
    """
    if one.master_id is None or one.status not in (Status.JOINED, Status.RESOLVED):
        raise TicketChanged
    master = joining.lock(desk.session, one.master_id)
    desk.session.refresh(one)
    if one.master_id is None or one.status not in (Status.JOINED, Status.RESOLVED):
        raise TicketChanged
    tickets.advance(
        desk.session, one, one.version, status=Status.WAITING, master_id=None, owner_id=None,
        rung=0, claimed_at=None, answered_at=None, responded_at=None, resolved_at=None,
        asked_at=None, reminded_at=None, next_at=None,
    )  # fmt: skip
    tickets.record(desk.session, one, "separated", by, desk.now, detail={"master": master.id})
    _after_one_less(desk, master)
    return offer(desk, one)


def _after_one_less(desk: Desk, master: Ticket) -> None:
    if master.status in tickets.UNDER_WAY:
        _count(desk, master)
        refresh_cards(desk, master)


def withdraw(desk: Desk, ticket: Ticket) -> Ticket | None:
    """End a ticket that its filer takes back; what it carried goes on under the oldest of them,
    which is given back. Raises TicketChanged when it is over already."""
    master = joining.carrier(desk.session, ticket)
    if master.id != ticket.id:
        joining.lock(desk.session, master.id)
        desk.session.refresh(ticket)
    for _ in range(TRIES):
        if ticket.status not in tickets.OPEN:
            break
        was_joined = ticket.status == Status.JOINED
        before = {name: getattr(ticket, name) for name in INHERITED}
        try:
            course.end(desk, ticket, Status.WITHDRAWN, ticket.version)
        except TicketChanged:
            continue
        if was_joined:
            _after_one_less(desk, master)
            return None
        return _hand_down(desk, ticket, before)
    raise TicketChanged


def _hand_down(desk: Desk, old: Ticket, before: dict[str, object]) -> Ticket | None:
    heirs = joining.carried(desk.session, old.id)
    while heirs:
        heir = heirs.pop(0)
        try:
            tickets.advance(desk.session, heir, heir.version, master_id=None, **before)
        except TicketChanged:
            continue
        break
    else:
        return None
    for party in tickets.parties(desk.session, old.id):
        if permissions.is_kept_from(desk.session, party.person_id, heir, desk.now):
            continue
        tickets.add_party(desk.session, heir, party.person_id, party.role, party.since)
    tickets.record(desk.session, heir, "inherited", None, desk.now, detail={"master": old.id})
    level = course.rung_of(desk, heir).level
    tickets.begin_stage(desk.session, heir, level, "inherited", desk.now)
    for one in heirs:
        one.master_id = heir.id
        tickets.record(desk.session, one, "joined", None, desk.now, detail={"master": heir.id})
    heir.households = joining.count_homes(desk.session, heir)
    course.plan(desk, heir)
    return heir


def tell_of_heir(desk: Desk, old: Ticket, heir: Ticket) -> None:
    """The workers of the old master get the card of the new one, and hear why."""
    people = (
        [heir.owner_id]
        if heir.status == Status.CLAIMED
        else [party.person_id for party in tickets.parties(desk.session, heir.id)]
    )
    for person_id in people:
        if person_id is not None and send_card(desk, heir, person_id):
            desk.tell(
                person_id, "staff/inherited", staff=True, ticket=heir.id,
                old=old.id, number=heir.id, households=heir.households,
            )  # fmt: skip
