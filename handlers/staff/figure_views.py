"""Figures as templates, pictures and tables show them: plain values, as far as the reader may see.

What is here only reads, so that it can be made on another thread while messages are answered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from handlers.staff.spans import midnight
from handlers.talk import Desk
from handlers.views import kind_label, name_of
from storage import areas, exclusions, figures, permissions, roles, rules, tickets
from storage.areas import Level
from storage.figures import RATES, SHARES, Count, Counts, Report, RungFigure, Scope
from storage.posts import posts_of
from storage.rules import OPEN
from storage.tickets import Ticket

MOST_REASONS = 8
"""Excluded tickets named in a message; the workbook has all."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: a person, or (None) whoever has the machine. Such a one sees what is open."""

    person_id: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One rate or share. label: a word of words.toml; silent_share: None where none was asked."""

    key: str
    n: int
    top: int
    silent: int
    share: float | None
    silent_share: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One part of a comparison: what it is called, what it is (a child's id ...), its figures."""

    name: str
    key: int | str
    lines: dict[str, Line]
    opened: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """A ticket left out, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """A whole report. last_day: within it. hidden: excluded tickets that the reader may not see."""

    scope: Scope
    at: datetime
    place: str
    first_day: datetime
    last_day: datetime
    rates: list[Line]
    shares: list[Line]
    counts: dict[str, int]
    transfers_each: float | None
    rungs: list[RungFigure]
    areas: list[Row]
    services: list[Row]
    workers: list[Row]
    excluded: list[Excluded]
    hidden: int


def may_read(desk: Desk, reader: Reader, scope: Scope, action: str = "figures") -> bool:
    """Whether the reader may have the figures of a scope: their own, or of areas of their posts."""
    if reader.person_id is None:
        return True
    if scope.area_id is None:
        holds = permissions.holds_a_post(desk.session, reader.person_id, desk.now)
        return scope.worker == reader.person_id and holds and action == "figures"
    if scope.worker not in (None, reader.person_id):
        action = "figures_by_worker"
    return permissions.allows_in(desk.session, action, reader.person_id, scope.area_id, desk.now)


def may_list(desk: Desk, reader: Reader, ticket: Ticket) -> bool:
    """Whether a reader of figures may see that a ticket is among them: what is not open to see, or
    kept from them, only who has part in it."""
    if reader.person_id is None:
        return ticket.privacy == OPEN and ticket.about_id is None
    if permissions.is_kept_from(desk.session, reader.person_id, ticket, desk.now):
        return False
    return ticket.privacy == OPEN or may_open(desk, reader, ticket)


def may_open(desk: Desk, reader: Reader, ticket: Ticket) -> bool:
    """Whether the reader may see the ticket's card."""
    if reader.person_id is None:
        return False
    return permissions.allows(desk.session, "card", reader.person_id, ticket, desk.now)


def lines(counts: Counts, keys: tuple[str, ...] = (*RATES, *SHARES)) -> dict[str, Line]:
    """The rates and shares of some tickets, by key."""
    return {key: _line(key, counts[key]) for key in keys}


def _line(key: str, count: Count) -> Line:
    silent = count.silent_share(key)
    return Line(key, count.n, count.top, count.silent, count.share, silent)


def make(desk: Desk, reader: Reader, scope: Scope) -> tuple[Report, ReportView]:
    """The report of a scope, counted now, and how it is shown to the reader."""
    report = figures.report(desk.session, scope, desk.now)
    return report, view(desk, reader, report)


def view(desk: Desk, reader: Reader, report: Report) -> ReportView:
    """The report in plain values."""
    scope, whole = report.scope, report.whole
    found = lines(whole)
    shown, hidden = _excluded(desk, reader, scope)
    matters = whole["opened"].n
    people = may_read(desk, reader, scope, "figures_by_worker")
    return ReportView(
        scope=scope,
        at=desk.now,
        place=place_of(desk, scope),
        first_day=scope.since,
        last_day=scope.until - timedelta(microseconds=1),
        rates=[found[key] for key in RATES],
        shares=[found[key] for key in SHARES],
        counts={key: whole[key].n for key in (*figures.COUNTS, *figures.ASIDE)},
        transfers_each=whole.transfers / matters if matters else None,
        rungs=report.rungs,
        areas=area_rows(desk, report),
        services=service_rows(desk, report),
        workers=worker_rows(desk, report) if people else [],
        excluded=shown,
        hidden=hidden,
    )


def place_of(desk: Desk, scope: Scope) -> str:
    """What a report is about, in words: a place, a service, whose tickets."""
    known = rules.current(desk.session)
    parts = []
    if scope.area_id is not None:
        parts.append(areas.title(desk.session, areas.get(desk.session, scope.area_id)))
    elif scope.worker is None:
        county = areas.county(desk.session)
        parts.append(county.name if county else "")
    if scope.service is not None:
        parts.append(known[scope.service].label if scope.service in known else scope.service)
    if scope.worker is not None:
        parts.append(name_of(desk.session, scope.worker))
    return " · ".join(parts)


def _row(name: str, key: int | str, counts: Counts) -> Row:
    return Row(name, key, lines(counts), counts["opened"].n)


def area_rows(desk: Desk, report: Report) -> list[Row]:
    """By the areas right beneath; a place without a matter is left out, what lies in the area
    itself stands last."""
    root = report.scope.area_id
    if root is None:
        county = areas.county(desk.session)
        root = county.id if county else 0
    below = {a.id: a for a in areas.children(desk.session, root) if a.level != Level.HOUSEHOLD}
    titles = areas.titles(desk.session, below.values())
    rows = [_row(titles[key], key, report.by_area[key]) for key in below if key in report.by_area]
    rest = Counts()
    for key, counts in report.by_area.items():
        if key not in below:
            rest.add(counts)
    return [*rows, _row(desk.word("figure.here"), 0, rest)] if rest["opened"].n else rows


def service_rows(desk: Desk, report: Report) -> list[Row]:
    """By service, in the order the services stand in."""
    known = rules.current(desk.session)
    order = [key for key in known if key in report.by_service]
    order += sorted(set(report.by_service) - set(known))
    return [
        _row(known[key].label if key in known else key, key, report.by_service[key])
        for key in order
    ]


def worker_rows(desk: Desk, report: Report) -> list[Row]:
    """By whose they are, by name: no ranking. What nobody has stands last."""
    named = []
    for key, counts in report.by_worker.items():
        if key and counts["opened"].n + counts["joined"].n:
            held = posts_of(desk.session, key, desk.now)
            role = roles.label(held[0].role) if held else ""
            named.append((role, name_of(desk.session, key), key, counts))
    named.sort(key=lambda one: one[:3])
    rows = [_row(f"{role}{name}", key, counts) for role, name, key, counts in named]
    nobody = report.by_worker.get(0)
    if nobody is not None and nobody["opened"].n:
        rows.append(_row(desk.word("figure.nobody"), 0, nobody))
    return rows


def _excluded(desk: Desk, reader: Reader, scope: Scope) -> tuple[list[Excluded], int]:
    ids = figures.tickets(desk.session, scope, "excluded", "n", desk.now)
    shown = []
    for row in exclusions.in_force(desk.session, ids):
        ticket = desk.session.get_one(Ticket, row.ticket_id)
        if may_list(desk, reader, ticket):
            shown.append(Excluded(row.ticket_id, row.reason))
    return shown, len(ids) - len(shown)


@dataclass(frozen=True, slots=True)
class Listed:
    """A ticket in the list behind a figure. opens: the reader may see its card; only then is the
    building named, else the compound."""

    number: int
    what: str
    place: str
    status: str
    opened_at: datetime
    opens: bool


def listed(desk: Desk, reader: Reader, number: int) -> Listed | None:
    """The ticket for a list; None when it is only counted."""
    ticket = tickets.get(desk.session, number)
    if ticket is None or not may_list(desk, reader, ticket):
        return None
    opens = may_open(desk, reader, ticket)
    area = areas.get(desk.session, ticket.area_id)
    if not opens:
        area = _as_far_as_the_compound(desk, area)
    known = rules.current(desk.session)
    label = known[ticket.service].label if ticket.service in known else ticket.service
    return Listed(
        number,
        kind_label(ticket) or label,
        areas.title(desk.session, area),
        ticket.status,
        ticket.opened_at,
        opens,
    )


def _as_far_as_the_compound(desk: Desk, area: areas.Area) -> areas.Area:
    for step in reversed(area.lineage):
        here = areas.get(desk.session, step)
        if here.level not in (Level.BUILDING, Level.HOUSEHOLD):
            return here
    return area


def periods(desk: Desk, scope: Scope, most: int = 12) -> list[Row]:
    """The months of a scope that have begun, the newest `most`; of a scope within one month the
    five before too."""
    if len(list(figures.pieces(scope.since, scope.until, "month", desk.zone))) == 1:
        local = scope.since.astimezone(desk.zone)
        number = local.year * 12 + local.month - 1 - 5
        first = date(number // 12, number % 12 + 1, 1)
        scope = replace(scope, since=midnight(first, desk.zone))
    found = figures.by_period(desk.session, scope, "month", desk.now, desk.zone)
    begun = [(piece, counts) for piece, counts in found if piece.since <= desk.now]
    return [
        _row(f"{piece.since.astimezone(desk.zone):%Y-%m}", piece.since.isoformat(), counts)
        for piece, counts in begun[-most:]
    ]
