"""What a notice's ledger adds up to: in all, by area, and whom nobody reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from storage.areas import Area
from storage.notices.corrections import KEPT_THE_OLD
from storage.notices.tables import FILE_LOST, UNREACHED, Receipt, ReceiptState
from storage.visits import Visit


@dataclass(slots=True)
class Tally:
    """How many receipts stand where. Each counts in exactly one of the states; `uncertain`,
    `acknowledged` and `outdated` (a correction was not taken) say of how many of them that holds
    besides."""

    states: dict[ReceiptState, int] = field(default_factory=dict)
    uncertain: int = 0
    acknowledged: int = 0
    outdated: int = 0

    @property
    def all(self) -> int:
        """Everybody of the frozen audience."""
        return sum(self.states.values())

    @property
    def waiting(self) -> int:
        """Those whose turn has not come or who are being written to."""
        return self[ReceiptState.QUEUED] + self[ReceiptState.HANDED]

    def __getitem__(self, state: ReceiptState) -> int:
        return self.states.get(state, 0)

    def add(
        self, state: str, number: int, uncertain: int, acknowledged: int, outdated: int
    ) -> None:
        """Count `number` more in a state."""
        key = ReceiptState(state)
        self.states[key] = self.states.get(key, 0) + number
        self.uncertain += uncertain
        self.acknowledged += acknowledged
        self.outdated += outdated


_SUMS = (
    func.count(),
    func.sum(case((Receipt.uncertain, 1), else_=0)),
    func.sum(case((Receipt.acknowledged_at.is_not(None), 1), else_=0)),
    func.sum(case((KEPT_THE_OLD, 1), else_=0)),
)


def tally(session: Session, notice_id: int) -> Tally:
    """The whole notice."""
    found = Tally()
    rows = session.execute(
        select(Receipt.state, *_SUMS).where(Receipt.notice_id == notice_id).group_by(Receipt.state)
    )
    for state, *numbers in rows:
        found.add(state, *numbers)
    return found


def by_building(session: Session, notice_id: int) -> dict[int | None, Tally]:
    """The same for each building; under None the staff, who live nowhere in it."""
    found: dict[int | None, Tally] = {}
    rows = session.execute(
        select(Receipt.building_id, Receipt.state, *_SUMS)
        .where(Receipt.notice_id == notice_id)
        .group_by(Receipt.building_id, Receipt.state)
    )
    for building, state, *numbers in rows:
        found.setdefault(building, Tally()).add(state, *numbers)
    return found


def by_area(session: Session, notice_id: int, depth: int) -> dict[int, Tally]:
    """The same for each area so many steps below the county (1: communities, 2: compounds)."""
    buildings = by_building(session, notice_id)
    known = [building for building in buildings if building is not None]
    found: dict[int, Tally] = {}
    for start in range(0, len(known), 500):
        rows = session.execute(
            select(Area.id, Area.path).where(Area.id.in_(known[start : start + 500]))
        )
        for building, path in rows:
            lineage = [int(part) for part in path.split("/") if part]
            area = found.setdefault(lineage[min(depth, len(lineage) - 1)], Tally())
            one = buildings[building]
            for state, number in one.states.items():
                area.add(state, number, 0, 0, 0)
            area.uncertain += one.uncertain
            area.acknowledged += one.acknowledged
            area.outdated += one.outdated
    return found


@dataclass(frozen=True, slots=True)
class Unreached:
    """A household that no channel reached."""

    building_id: int
    household_id: int
    state: str


def unreached(
    session: Session, notice_id: int, path: str, since: datetime | None = None
) -> list[Unreached]:
    """The households under the area of this path that are to be told at the door, by building.

    since: only those of whom that is known since then.
    """
    building = aliased(Area)
    wanted = (
        select(Receipt.building_id, Receipt.household_id, Receipt.state)
        .join(building, building.id == Receipt.building_id)
        .where(
            Receipt.notice_id == notice_id,
            Receipt.household_id.is_not(None),
            Receipt.state.in_([state.value for state in UNREACHED]),
            building.path.startswith(path, autoescape=True),
        )
        .order_by(building.path, Receipt.household_id)
    )
    if since is not None:
        wanted = wanted.where(Receipt.settled_at > since)
    return [
        Unreached(building_id, household_id, state)
        for building_id, household_id, state in session.execute(wanted)
        if building_id is not None and household_id is not None
    ]


def unreached_by_building(
    session: Session, notice_id: int, since: datetime | None = None
) -> dict[int, int]:
    """How many households of each building no channel reached (since then)."""
    wanted = (
        select(Receipt.building_id, func.count())
        .where(
            Receipt.notice_id == notice_id,
            Receipt.building_id.is_not(None),
            Receipt.state.in_([state.value for state in UNREACHED]),
        )
        .group_by(Receipt.building_id)
    )
    if since is not None:
        wanted = wanted.where(Receipt.settled_at > since)
    return {building: number for building, number in session.execute(wanted) if building}


_NOT_READABLE = "not readable"
_TROUBLES = case(
    (and_(Receipt.state == ReceiptState.FAILED, Receipt.reason.startswith(FILE_LOST)), "file"),
    (and_(Receipt.state == ReceiptState.FAILED, Receipt.uncertain), "cut"),
    (
        and_(Receipt.state == ReceiptState.FAILED, Receipt.reason.startswith(_NOT_READABLE)),
        "ours",
    ),
    (Receipt.state == ReceiptState.FAILED, "refused"),
    (Receipt.state == ReceiptState.BLOCKED, "blocked"),
    (Receipt.state == ReceiptState.UNREACHABLE, None),
    (KEPT_THE_OLD, "outdated"),
    (and_(Receipt.state == ReceiptState.SENT, Receipt.uncertain), "twice"),
    (Receipt.uncertain, "perhaps"),
    else_=None,
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """How many households of a building (None: staff) have it not, or not for certain, and why.

    why: file (the words are there, a file is not) | cut | ours | refused | blocked | outdated (a
    correction was not taken) | twice (it may have come twice) | perhaps (it may have come).
    """

    building_id: int | None
    why: str
    number: int


def troubles(session: Session, notice_id: int) -> list[Trouble]:
    """What did not go as it should, and why, by building."""
    each = (
        select(Receipt.building_id, _TROUBLES.label("why"))
        .where(Receipt.notice_id == notice_id)
        .subquery()
    )
    rows = session.execute(
        select(each.c.building_id, each.c.why, func.count())
        .where(each.c.why.is_not(None))
        .group_by(each.c.building_id, each.c.why)
        .order_by(each.c.why)
    )
    return [Trouble(*row) for row in rows]


def sent_since(session: Session, notice_id: int, since: datetime) -> int:
    """How many were written to since then: how fast it goes."""
    wanted = select(func.count()).where(
        Receipt.notice_id == notice_id,
        Receipt.state == ReceiptState.SENT.value,
        Receipt.settled_at > since,
    )
    return session.scalar(wanted) or 0


def told_at_the_door(session: Session, notice_id: int, since: datetime) -> int:
    """How many of those whom no channel reached somebody of the county's side visited since."""
    visited = exists().where(Visit.household_id == Receipt.household_id, Visit.at >= since)
    wanted = select(func.count()).where(
        Receipt.notice_id == notice_id,
        Receipt.state.in_([state.value for state in UNREACHED]),
        visited,
    )
    return session.scalar(wanted) or 0
