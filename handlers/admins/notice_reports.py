"""What a notice's ledger is made into on another thread: receipts by area, and visiting lists.

Both are jobs (`storage.report_jobs`): {"report": "notice", "notice": id, "view": "picture",
"workbook" or "visiting"}; a visiting list has "buildings" and "since" besides.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.admins import notice_replies
from handlers.admins.notice_audience import in_words
from handlers.admins.notice_replies import ALL
from handlers.staff.figures import Answer
from handlers.talk import Desk, Do
from storage import areas, audit, permissions, visits
from storage.areas import Level
from storage.names import digits
from storage.notices import figures, replies
from storage.notices.audience import Audience
from storage.notices.figures import Tally
from storage.notices.tables import UNREACHED, Notice, ReceiptState

FAILED_BY = ("file", "cut", "ours", "refused")
"""Why a receipt is failed."""
VIEWS = ("picture", "workbook", "visiting")


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a notice in one area."""

    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Trouble:
    """What did not go as it should in one building; `why` as `storage.notices.figures` says it."""

    name: str
    why: str
    number: int


@dataclass(frozen=True, slots=True)
class ReceiptsView:
    """Receipts as they are drawn and written. rows: the areas right below; buildings: all of them,
    each named with its compound. troubles: what did not go as it should, by building. told: of the
    unreached, who was visited since the lists went."""

    number: int
    text: str
    whom: str
    state: str
    at: datetime
    started: datetime
    wants_ack: bool
    staff: bool
    corrected: bool
    total: Tally
    rows: list[Row]
    buildings: list[Row]
    told: int | None
    troubles: list[Trouble]
    replies: list[notice_replies.Answer]

    @property
    def failed_by(self) -> list[tuple[str, int]]:
        """Why it failed, and how often; the most frequent first."""
        found = Counter[str]()
        for one in self.troubles:
            if one.why in FAILED_BY:
                found[one.why] += one.number
        return found.most_common()

    @property
    def unreached(self) -> int:
        """Whom no channel reached."""
        return sum(self.total[state] for state in UNREACHED)


@dataclass(frozen=True, slots=True)
class Building:
    """A building of a visiting list, and the doors to knock at."""

    name: str
    doors: list[str]


def compose(desk: Desk, person_id: int, what: dict[str, Any]) -> tuple[Answer, ReceiptsView | None]:
    """The answer to a job, and what its picture or workbook is made of; only reads. What the reader
    may not see (any more) is refused."""
    notice = desk.session.get(Notice, what["notice"])
    if notice is None or not _may(desk, person_id, notice, what):
        return Answer("desk/not_allowed"), None
    if what["view"] == "visiting":
        return _visiting(desk, notice, what), None
    found = view(desk, notice)
    facts = {"r": found, "view": what["view"]}
    if what["view"] == "workbook":
        return Answer("notice/workbook", facts), found
    args = {"notice": notice.id, "view": "workbook"}
    table = Do("notice_receipts", args, desk.word("figure.workbook"))
    return Answer("notice/receipts", facts, [table]), found


def _may(desk: Desk, person_id: int, notice: Notice, what: dict[str, Any]) -> bool:
    def allowed(row: str, area_id: int) -> bool:
        return permissions.allows_in(desk.session, row, person_id, area_id, desk.now)

    if what["view"] == "visiting":
        return all(allowed("visiting", building) for building in what["buildings"])
    return allowed("notice_receipts", notice.area_id)


def send(desk: Desk, person_id: int, what: dict[str, Any]) -> bool:
    """Before a job's answer goes out: whether the person may still have it. Doors, and a table that
    leaves the chat, are written down."""
    notice = desk.session.get(Notice, what["notice"])
    if notice is None or not _may(desk, person_id, notice, what):
        return False
    about = f"notice:{notice.id}"
    if what["view"] == "visiting":
        for building in what["buildings"]:
            audit.note(
                desk.session, desk.now, person_id, "visiting", f"area:{building}", reason=about
            )
    elif what["view"] == "workbook":
        audit.note(desk.session, desk.now, person_id, "export_receipts", about)
    return True


def _visiting(desk: Desk, notice: Notice, what: dict[str, Any]) -> Answer:
    since = datetime.fromisoformat(what["since"]) if what["since"] else None
    homes: dict[int, list[int]] = {}
    for building in what["buildings"]:
        path = areas.get(desk.session, building).path
        homes[building] = [
            one.household_id for one in figures.unreached(desk.session, notice.id, path, since)
        ]
    written = visits.doors(desk.session, [one for some in homes.values() for one in some])
    titles = areas.titles(desk.session, [areas.get(desk.session, one) for one in homes])
    found = [
        Building(titles[building], sorted((written[one] for one in some), key=_as_counted))
        for building, some in homes.items()
        if some
    ]
    found.sort(key=lambda one: areas.natural(one.name))
    facts = {
        "number": notice.id,
        "text": notice.text,
        "buildings": found,
        "total": sum(len(one.doors) for one in found),
        "stopped": notice.state == "cancelled",
    }
    return Answer("notice/visiting", facts)


def _as_counted(door: str) -> tuple[tuple[int, str], ...]:
    return areas.natural(digits(door))


def view(desk: Desk, notice: Notice) -> ReceiptsView:
    """The receipts of a notice."""
    chosen = Audience.from_json(notice.audience)
    tallies = {
        building: tally
        for building, tally in figures.by_building(desk.session, notice.id).items()
        if building is not None
    }
    base = areas.get(desk.session, notice.area_id)
    if len(chosen.areas) == 1:
        base = areas.get(desk.session, chosen.areas[0])
    rows = {}
    if tallies and base.level != Level.BUILDING:
        rows = figures.by_area(desk.session, notice.id, len(base.lineage))
    told = None
    if notice.listed_at is not None:
        told = figures.told_at_the_door(desk.session, notice.id, notice.listed_at)
    return ReceiptsView(
        number=notice.id,
        text=notice.text,
        whom=in_words(desk, chosen),
        state=notice.state,
        at=desk.now,
        started=notice.frozen_at or notice.starts_at,
        wants_ack=notice.wants_ack,
        staff=bool(chosen.roles),
        corrected=notice.text_version > 1,
        total=figures.tally(desk.session, notice.id),
        rows=_named(desk, rows),
        buildings=_named(desk, tallies),
        told=told,
        troubles=_troubles(desk, notice, in_words(desk, chosen)),
        replies=notice_replies.gathered(desk, replies.of(desk.session, notice.id, ALL)),
    )


def _troubles(desk: Desk, notice: Notice, staff: str) -> list[Trouble]:
    found = figures.troubles(desk.session, notice.id)
    ids = {one.building_id for one in found if one.building_id is not None}
    titles = areas.titles(desk.session, [areas.get(desk.session, one) for one in ids])
    rows = [
        Trouble(titles[one.building_id] if one.building_id else staff, one.why, one.number)
        for one in found
    ]
    return sorted(rows, key=lambda row: areas.natural(row.name))


def _named(desk: Desk, tallies: dict[int, Tally]) -> list[Row]:
    titles = areas.titles(desk.session, [areas.get(desk.session, one) for one in tallies])
    rows = [Row(titles[area_id], tally) for area_id, tally in tallies.items()]
    return sorted(rows, key=lambda row: areas.natural(row.name))


def share(tally: Tally, number: int) -> float | None:
    """A number as a share of those it was sent to; None where it was sent to nobody."""
    sent = tally[ReceiptState.SENT]
    return number / sent if sent else None
