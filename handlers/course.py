"""The course of a ticket: what every change of its state does to its owner, clock and story.

    waiting ──claim──▶ claimed ──resolve──▶ resolved ──solved──▶ closed ◀──mended── claimed
       ▲                  │                    │  └──no word──▶ lapsed
       ├──transfer, return, escalate, climb────┘
       └──────────unsolved: the next rung──────┘

Who acts, and whether they may, is the callers' affair; here is what follows. Each change is one
`tickets.advance`, so that of two who try at once one wins and the other gets TicketChanged.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from handlers.daytime import by_day
from handlers.talk import Desk
from storage import calendars, joining, rules, tickets
from storage.posts import Role, Serving
from storage.rules import Rung, Service
from storage.tickets import Status, Ticket
from storage.versions import Origin
from storage.working_time import EVERY_MINUTE, Calendar, Meter, NoWorkingTime

LONGEST_WAIT = timedelta(days=3)
"""How long a clock may stand for a resident's answer before it goes on by itself."""
AGAIN = timedelta(minutes=10)
"""How often it is looked whether somebody serves by now what stands in the alarmed queue."""
TWICE = 200
"""At twice its limit a ticket goes to the next rung whatever its rule says: no limbo."""


def rule_of(desk: Desk, ticket: Ticket) -> Service:
    """The rule that the ticket was filed under."""
    return rules.of_version(desk.session, ticket.service, ticket.service_version)


def rung_of(desk: Desk, ticket: Ticket) -> Rung:
    """The rung it stands on."""
    ladder = rule_of(desk, ticket).ladder
    return ladder[min(ticket.rung, len(ladder) - 1)]


def calendar_of(desk: Desk, ticket: Ticket) -> Calendar:
    """The working time its limits count: every minute for what is urgent."""
    if ticket.urgent or rule_of(desk, ticket).every_minute:
        return EVERY_MINUTE
    return calendars.calendar_for(desk.session, ticket.area_id, desk.zone)


def meter_of(ticket: Ticket) -> Meter:
    """Its clock: the present limit, what of it is used, and since when it runs."""
    return Meter(
        timedelta(minutes=ticket.clock_limit),
        timedelta(minutes=ticket.clock_used),
        ticket.clock_since,
    )


def due_at(desk: Desk, ticket: Ticket) -> datetime | None:
    """Until when the present step is to be done; None while the clock stands or there is none."""
    if not ticket.clock_limit or ticket.status not in tickets.UNDER_WAY:
        return None
    return _at_share(desk, ticket, 1.0)


def start_clock(desk: Desk, ticket: Ticket, minutes: int) -> None:
    """A new limit begins now."""
    ticket.clock_limit, ticket.clock_used, ticket.clock_since = minutes, 0.0, desk.now
    ticket.warned = 0
    plan(desk, ticket)


def plan(desk: Desk, ticket: Ticket) -> None:
    """Set when something falls due next, and when the step is due, from the state as it is."""
    ticket.next_at = next_moment(desk, ticket)
    ticket.due_at = due_at(desk, ticket)
    desk.session.flush()


def stands_in_queue(ticket: Ticket) -> bool:
    """Whether it is in the alarmed queue (待派单): nobody serves there, and every admin knows."""
    return ticket.status == Status.WAITING and ticket.owner_id is None


def next_moment(desk: Desk, ticket: Ticket) -> datetime | None:
    """When something falls due next, from the state as it is; None when nothing will."""
    if stands_in_queue(ticket):
        return desk.now + AGAIN
    if ticket.status == Status.RESOLVED:
        asked = ticket.asked_at or ticket.resolved_at or desk.now
        remind, lapse = rule_of(desk, ticket).follow_up
        wanted = asked + timedelta(hours=lapse if ticket.reminded_at else remind)
        return by_day(max(wanted, desk.now), desk.zone)  # nobody is asked in the night
    if ticket.status not in tickets.UNDER_WAY or not ticket.clock_limit:
        return None
    if ticket.clock_since is None:
        paused = tickets.last_event(desk.session, ticket.id, ["paused"])
        return (paused.at if paused else desk.now) + LONGEST_WAIT
    share = next_share(desk, ticket)
    if share is None:
        return None
    return _at_share(desk, ticket, share / 100)


def _at_share(desk: Desk, ticket: Ticket, share: float) -> datetime | None:
    """When this share is used up. A calendar without working time must not stop a ticket."""
    meter = meter_of(ticket)
    try:
        return meter.at_share(calendar_of(desk, ticket), share)
    except NoWorkingTime:
        return meter.at_share(EVERY_MINUTE, share)


def next_share(desk: Desk, ticket: Ticket) -> int | None:
    """The next share (percent) of its limit at which something happens; None after the last."""
    shares = sorted({*rule_of(desk, ticket).warn, 100, TWICE})
    return next((share for share in shares if share > ticket.warned), None)


def share_reached(desk: Desk, ticket: Ticket) -> int | None:
    """The highest share (percent) that is used up by now and was not dealt with; None for none.

    After a time in which the program did not run, one warning says it all.
    """
    shares = sorted({*rule_of(desk, ticket).warn, 100, TWICE})
    passed = [share for share in shares if share > ticket.warned]
    reached = [
        share
        for share in passed
        if (at := _at_share(desk, ticket, share / 100)) is not None and at <= desk.now
    ]
    return reached[-1] if reached else None


def hand_to(
    desk: Desk, ticket: Ticket, one: Serving, cause: str, *, version: int | None = None
) -> None:
    """Make somebody answer for the ticket; they are to claim it within their rung's limit.

    Raises TicketChanged when it moved on since `version`.
    """
    rule = rule_of(desk, ticket)
    rung = rule.rung_of(one.role)
    tickets.advance(
        desk.session,
        ticket,
        ticket.version if version is None else version,
        status=Status.WAITING,
        owner_id=one.person_id,
        rung=ticket.rung if rung is None else rung,
        alarmed_at=None,
        resolved_at=None,
        closed_at=None,
        asked_at=None,
        reminded_at=None,
        master_id=None,
    )
    tickets.add_party(desk.session, ticket, one.person_id, one.role, desk.now)
    tickets.begin_stage(desk.session, ticket, rung_of(desk, ticket).level, cause, desk.now)
    start_clock(desk, ticket, rung_of(desk, ticket).claim)
    if ticket.response_due_at is None:
        ticket.response_due_at = due_at(desk, ticket)


def leave_in_queue(desk: Desk, ticket: Ticket) -> None:
    """Nobody serves there: it waits without an owner, and is offered again from time to time."""
    tickets.advance(
        desk.session, ticket, ticket.version, status=Status.WAITING, owner_id=None,
        alarmed_at=desk.now, clock_limit=0, clock_used=0.0, clock_since=None, warned=0,
        resolved_at=None, asked_at=None, reminded_at=None, closed_at=None, master_id=None,
    )  # fmt: skip
    tickets.begin_stage(desk.session, ticket, "", "alarmed", desk.now)
    plan(desk, ticket)


def claim(desk: Desk, ticket: Ticket, person_id: int, role: Role | str, version: int) -> None:
    """A person takes it on, in one of its roles. Raises TicketChanged for who comes second."""
    rung = rule_of(desk, ticket).rung_of(role)
    tickets.advance(
        desk.session,
        ticket,
        version,
        status=Status.CLAIMED,
        owner_id=person_id,
        claimed_at=desk.now,
        rung=ticket.rung if rung is None else rung,
        alarmed_at=None,
    )
    tickets.record(desk.session, ticket, "claimed", person_id, desk.now)
    tickets.begin_stage(desk.session, ticket, rung_of(desk, ticket).level, "claimed", desk.now)
    responded(desk, ticket)
    start_clock(desk, ticket, rung_of(desk, ticket).solve)


def responded(desk: Desk, ticket: Ticket) -> None:
    """A person answered for the first time: what the response rate counts."""
    if ticket.responded_at is None:
        ticket.responded_at = desk.now


def resolve(
    desk: Desk,
    ticket: Ticket,
    person_id: int,
    result: dict[str, Any],
    origin: Origin | None = None,
) -> list[Ticket]:
    """The worker's word that it is done; from now on the resident's is waited for. What was joined
    to it is done with it, each for itself from here on: those tickets.

    Raises TicketChanged when the worker does not have it any more.
    """
    while True:  # somebody may join at this moment; they are then among those carried
        if ticket.status != Status.CLAIMED or ticket.owner_id != person_id:
            raise tickets.TicketChanged
        used = meter_of(ticket).pause(calendar_of(desk, ticket), desk.now).used
        try:
            _say_done(desk, ticket, person_id, result, origin, clock_used=used.total_seconds() / 60)
            break
        except tickets.TicketChanged:
            continue
    tickets.end_stage(desk.session, ticket.id, desk.now)
    done = []
    for one in joining.carried(desk.session, ticket.id):
        shared = {name: getattr(ticket, name) for name in SHARED}
        try:
            _say_done(desk, one, person_id, result, origin, **shared)
        except tickets.TicketChanged:  # taken apart, or taken back
            continue
        roles = {p.person_id: p.role for p in tickets.parties(desk.session, ticket.id)}
        tickets.add_party(desk.session, one, person_id, roles.get(person_id, ""), desk.now)
        done.append(one)
    return done


SHARED = ("owner_id", "rung", "claimed_at", "answered_at", "responded_at", "response_due_at")
"""What a joined ticket has from the one that carried it, when both are done."""


def _say_done(
    desk: Desk,
    ticket: Ticket,
    person_id: int,
    result: dict[str, Any],
    origin: Origin | None,
    **more: Any,
) -> None:
    tickets.advance(
        desk.session,
        ticket,
        ticket.version,
        status=Status.RESOLVED,
        resolved_at=desk.now,
        asked_at=desk.now,
        reminded_at=None,
        clock_since=None,
        **more,
    )
    tickets.record(
        desk.session,
        ticket,
        "resolved",
        person_id,
        desk.now,
        text=result["text"],
        media=result["media"],
        origin=origin,
    )
    plan(desk, ticket)


def undo(desk: Desk, ticket: Ticket, person_id: int) -> list[Ticket]:
    """The worker takes back that it is done: it goes on as if it had not been said, and the time
    since then counts. What was done with it is carried by it again: those tickets.

    Raises TicketChanged when somebody has answered meanwhile.
    """
    done_at = ticket.resolved_at
    with_it = [
        one
        for one in tickets.joined(desk.session, ticket.id)
        if one.status == Status.RESOLVED and one.resolved_at == done_at
    ]
    plainly = {"resolved_at": None, "asked_at": None, "reminded_at": None}
    tickets.advance(
        desk.session, ticket, ticket.version, status=Status.CLAIMED, clock_since=done_at, **plainly
    )
    tickets.record(desk.session, ticket, "undone", person_id, desk.now)
    tickets.begin_stage(desk.session, ticket, rung_of(desk, ticket).level, "undone", desk.now)
    plan(desk, ticket)
    for one in with_it:
        tickets.advance(
            desk.session, one, one.version, status=Status.JOINED, owner_id=None, next_at=None,
            **plainly,
        )  # fmt: skip
        tickets.record(desk.session, one, "undone", person_id, desk.now)
    return with_it


def make_urgent(desk: Desk, ticket: Ticket) -> None:
    """From now on every minute counts; what was used so far stays used."""
    if ticket.clock_since is not None:
        meter = meter_of(ticket).pause(calendar_of(desk, ticket), desk.now)
        ticket.clock_used = meter.used.total_seconds() / 60
        ticket.clock_since = desk.now
    ticket.urgent = True
    tickets.record(desk.session, ticket, "made_urgent", None, desk.now)
    plan(desk, ticket)


def end(desk: Desk, ticket: Ticket, status: Status, version: int) -> None:
    """It is over: solved, lapsed or withdrawn. Raises TicketChanged."""
    tickets.advance(
        desk.session, ticket, version, status=status, closed_at=desk.now, next_at=None,
        due_at=None, alarmed_at=None, clock_since=None,
    )  # fmt: skip
    tickets.end_stage(desk.session, ticket.id, desk.now)


def pause(desk: Desk, ticket: Ticket, person_id: int) -> None:
    """The clock stands while the resident is waited for."""
    meter = meter_of(ticket).pause(calendar_of(desk, ticket), desk.now)
    tickets.record(desk.session, ticket, "paused", person_id, desk.now)
    ticket.clock_used, ticket.clock_since = meter.used.total_seconds() / 60, None
    plan(desk, ticket)


def until_the_end_of(desk: Desk, ticket: Ticket, day: date) -> int:
    """The limit (minutes) with which the present step is due when this day's work ends."""
    midnight = datetime.combine(day + timedelta(days=1), time(), desk.zone)
    return int(meter_of(ticket).spent(calendar_of(desk, ticket), midnight).total_seconds() / 60)


def extend(desk: Desk, ticket: Ticket, day: date) -> None:
    """More time, until this day's work ends. That a limit was passed before stays written down.

    Raises TicketChanged when somebody changed it meanwhile.
    """
    limit = until_the_end_of(desk, ticket, day)
    spent = meter_of(ticket).spent(calendar_of(desk, ticket), desk.now).total_seconds() / 60
    warned = [one for one in rule_of(desk, ticket).warn if one * limit <= 100 * spent]
    tickets.advance(
        desk.session, ticket, ticket.version, clock_limit=limit, warned=max(warned, default=0)
    )
    tickets.begin_stage(desk.session, ticket, rung_of(desk, ticket).level, "extended", desk.now)
    plan(desk, ticket)


def resume(desk: Desk, ticket: Ticket) -> None:
    """The resident answered, or was waited for long enough: the clock goes on."""
    if ticket.status in tickets.UNDER_WAY and ticket.clock_limit and ticket.clock_since is None:
        ticket.clock_since = desk.now
        tickets.record(desk.session, ticket, "resumed", None, desk.now)
        plan(desk, ticket)


def wait_for_the_answer(desk: Desk, ticket: Ticket) -> None:
    """Whoever is asked whether it is solved spoke, and was asked again just now."""
    ticket.asked_at, ticket.reminded_at = desk.now, None
    plan(desk, ticket)


def reopen_here(desk: Desk, ticket: Ticket) -> None:
    """Not solved, and nobody stands above: whoever had it has it again."""
    tickets.advance(
        desk.session, ticket, ticket.version, status=Status.CLAIMED, resolved_at=None,
        closed_at=None, asked_at=None, reminded_at=None, master_id=None,
    )  # fmt: skip
    tickets.begin_stage(desk.session, ticket, rung_of(desk, ticket).level, "reopened", desk.now)
    start_clock(desk, ticket, rung_of(desk, ticket).solve)
