"""No limbo: every open ticket has one owner who can go on with it, or stands in the alarmed queue.

What breaks that is mended within seconds (`see_to_owner`), and whatever slipped through, by an old
version or by hand, in the night and after a start (`look_through`). Every admin gets one message
about what was mended and what needs them; none when there is nothing to say.
"""

from __future__ import annotations

from datetime import time
from itertools import pairwise
from typing import Any

from handlers import course
from handlers.registry import daily, duty
from handlers.residents.verdict import ask_again, ask_whether_solved
from handlers.routing import offer, reroute, why_unfit
from handlers.talk import Desk, Do
from handlers.views import name_of
from storage import limbo, permissions, posts, tickets
from storage.limbo import LimboCheck
from storage.posts import Role
from storage.tickets import UNDER_WAY, Status, Ticket, TicketChanged

AT_NIGHT = time(3, 0)
STEP = 50
"""Tickets mended in one transaction: chats wait no longer than for that many."""
MOST_FAULTS = 6
"""How many things can be wrong with one ticket; more would be a fault that cannot be mended."""
NAMED = 20
"""Tickets of a sort that a report names; the rest it counts."""
AT_ONCE = 20
"""Tickets of one person that are handed on in one transaction."""


@duty("owners", due=limbo.absent_owners)
def see_to_owner(desk: Desk, person_id: int) -> None:
    """Hand on what a person who left, is on leave or blocked us has not finished."""
    why = limbo.why_unfit(desk.session, person_id, desk.now)
    if not why:
        return
    for ticket in limbo.unfinished_of(desk.session, person_id, AT_ONCE):
        reroute(desk, ticket, why)


@daily("limbo", AT_NIGHT, at_start=True)
def look_through(desk: Desk, nightly: bool) -> None:
    """Have all open tickets looked at, a few at a time."""
    limbo.begin(desk.session, desk.now, nightly=nightly)


@duty("limbo", due=limbo.under_way)
def next_step(desk: Desk, check_id: int) -> None:
    """Mend the next few tickets that break a rule; after the last, tell every admin."""
    check = limbo.take(desk.session, check_id)
    if check is None:
        return
    numbers = limbo.broken(desk.session, desk.now, check.last_id, STEP)
    found = {sort: list(them) for sort, them in check.found.items()}
    for number in numbers:
        for sort in _mend(desk, number):
            found.setdefault(sort, []).append(number)
    check.found = found
    check.last_id = numbers[-1] if numbers else check.last_id
    if len(numbers) < STEP:
        check.ended_at = desk.now
        report(desk, check)


def _mend(desk: Desk, number: int) -> list[str]:
    """Mend one ticket in a savepoint of its own; what was wrong with it."""
    try:
        with desk.session.begin_nested():
            return mend(desk, desk.session.get_one(Ticket, number))
    except TicketChanged:
        return []  # somebody is at it just now
    except (LookupError, ValueError):
        desk.session.expire_all()
        return ["failed"]


def mend(desk: Desk, ticket: Ticket) -> list[str]:
    """Put right everything that is wrong with a ticket; what it was, each written down."""
    mended: list[str] = []
    while len(mended) < MOST_FAULTS and (wrong := fault(desk, ticket)):
        tickets.record(desk.session, ticket, "mended", None, desk.now, detail={"fault": wrong})
        _put_right(desk, ticket, wrong)
        mended.append(wrong)
    return mended


def fault(desk: Desk, ticket: Ticket) -> str:
    """The first rule that an open ticket breaks; empty when it breaks none.

    nobody: no owner and no alarm. left, on_leave, blocked: the owner cannot go on with it.
    no_clock: nothing will ever fall due. stages: not exactly one stage is under way while it is
    unfinished, or one is while it is not. not_asked: done, and the resident was never asked.
    master_over: joined to a matter that is over. alarm_left: it has an owner and an alarm.
    """
    stages = len(limbo.open_stages(desk.session, ticket.id))
    if ticket.status in UNDER_WAY:
        return _unfinished_fault(desk, ticket, stages)
    if ticket.status == Status.RESOLVED:
        if stages:
            return "stages"
        return "not_asked" if ticket.asked_at is None or ticket.next_at is None else ""
    if ticket.status == Status.JOINED:
        master = tickets.get(desk.session, ticket.master_id) if ticket.master_id else None
        carried = master is not None and master.status in (*UNDER_WAY, Status.RESOLVED)
        return "" if carried else "master_over"
    return ""


def _unfinished_fault(desk: Desk, ticket: Ticket, stages: int) -> str:
    if ticket.owner_id is None and ticket.alarmed_at is None:
        return "nobody"
    unfit = why_unfit(desk, ticket) if ticket.owner_id is not None else ""
    if unfit:
        return unfit
    idle = ticket.next_at is None and ticket.warned < course.TWICE
    if idle or (ticket.owner_id is not None and not ticket.clock_limit):
        return "no_clock"
    if stages != 1:
        return "stages"
    return "alarm_left" if ticket.owner_id is not None and ticket.alarmed_at is not None else ""


def _put_right(desk: Desk, ticket: Ticket, wrong: str) -> None:
    if wrong in ("nobody", "left", "on_leave", "blocked"):
        reroute(desk, ticket, wrong)
    elif wrong == "no_clock":
        _wind_up(desk, ticket)
    elif wrong == "stages":
        _one_stage(desk, ticket)
    elif wrong == "not_asked":
        ticket.asked_at, ticket.reminded_at = desk.now, None
        ask_again(desk, ticket)
        course.plan(desk, ticket)
    elif wrong == "master_over":
        _stand_alone(desk, ticket)
    elif wrong == "alarm_left":
        ticket.alarmed_at = None
        desk.session.flush()


def _wind_up(desk: Desk, ticket: Ticket) -> None:
    """Start the clock of a ticket that has none (it is older than clocks), on its owner's rung."""
    if ticket.owner_id is None or ticket.clock_limit:
        course.plan(desk, ticket)
        return
    rule = course.rule_of(desk, ticket)
    roles = [p.role for p in tickets.parties(desk.session, ticket.id)
             if p.person_id == ticket.owner_id]  # fmt: skip
    rung = rule.rung_of(roles[0]) if roles else None
    ticket.rung = ticket.rung if rung is None else rung
    step = course.rung_of(desk, ticket)
    claimed = ticket.status == Status.CLAIMED
    course.start_clock(desk, ticket, step.solve if claimed else step.claim)


def _one_stage(desk: Desk, ticket: Ticket) -> None:
    """Let one stage be under way: the newest, or a new one; none when the ticket is done."""
    running = limbo.open_stages(desk.session, ticket.id)
    for stage, following in pairwise(running):
        stage.until = following.since
    desk.session.flush()
    if ticket.status == Status.RESOLVED:
        tickets.end_stage(desk.session, ticket.id, desk.now)
    elif not running:
        level = "" if ticket.owner_id is None else course.rung_of(desk, ticket).level
        tickets.begin_stage(desk.session, ticket, level, "mended", desk.now)


def _stand_alone(desk: Desk, ticket: Ticket) -> None:
    """What it was joined to is over: its own filer is asked whether it is solved; where nobody
    solved anything, it is offered as a matter of its own."""
    master = tickets.get(desk.session, ticket.master_id) if ticket.master_id else None
    resolved = master and tickets.last_event(desk.session, master.id, ["resolved"])
    if master is None or master.status == Status.WITHDRAWN or not resolved:
        tickets.advance(
            desk.session, ticket, ticket.version, status=Status.WAITING, master_id=None,
            owner_id=None, rung=0,
        )  # fmt: skip
        offer(desk, ticket)
        return
    tickets.advance(
        desk.session, ticket, ticket.version, status=Status.RESOLVED, owner_id=master.owner_id,
        resolved_at=desk.now, asked_at=desk.now, reminded_at=None,
    )  # fmt: skip
    result: dict[str, Any] = {"text": resolved.text, "media": resolved.media, "location": None}
    tickets.record(
        desk.session, ticket, "resolved", resolved.actor_id, desk.now,
        text=resolved.text, media=resolved.media,
    )  # fmt: skip
    ask_whether_solved(desk, ticket, result, name_of(desk.session, resolved.actor_id))
    course.plan(desk, ticket)


def report(desk: Desk, check: LimboCheck) -> None:
    """One message to every admin: what was mended, and in the night also what still needs them."""
    queue = [ticket.id for ticket in limbo.alarmed(desk.session)]
    stuck = limbo.stuck(desk.session)
    waiting = check.nightly and (queue or stuck)
    if not check.found and not waiting:
        return
    for admin in posts.holders(desk.session, Role.ADMIN, desk.now):

        def may_know(numbers: list[int], admin: int = admin) -> list[int]:
            return [n for n in numbers if _may_know(desk, admin, n)]

        mended = {sort: may_know(numbers) for sort, numbers in check.found.items()}
        desk.tell(
            admin,
            "staff/limbo_report",
            staff=True,
            mended={sort: numbers for sort, numbers in mended.items() if numbers},
            queue=may_know(queue),
            stuck=may_know(stuck),
            most=NAMED,
            options=[Do("unassigned")] if queue else [],
        )


def _may_know(desk: Desk, admin: int, number: int) -> bool:
    ticket = tickets.get(desk.session, number)
    return ticket is not None and not permissions.is_kept_from(
        desk.session, admin, ticket, desk.now
    )
