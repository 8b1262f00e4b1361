"""The rota (排班): who sits where and when, so that residents can come, and who is on duty now.

A row says it for an area and all beneath it: every week, one week of the month, a day of the month,
or one date. Times are those on the clock where people live.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, UniqueConstraint, false, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import areas
from storage.areas import Area
from storage.base import Base
from storage.post_tables import Role

FIRST_SLOT = timedelta(minutes=30)
"""What begins sooner than this is not offered any more: nobody could be there."""


class Duty(StrEnum):
    """What a row of the rota is: 律师进社区, 一区一警, 调解员值班, 两代表一委员接待日."""

    LAWYER = "lawyer"
    OFFICER = "officer"
    MEDIATOR = "mediator"
    DELEGATE = "delegate"


ROLE_OF: dict[str, Role] = {
    Duty.LAWYER: Role.LAWYER,
    Duty.OFFICER: Role.COMMUNITY_OFFICER,
    Duty.MEDIATOR: Role.MEDIATOR,
}
"""The post behind a duty; a delegate's is none of the program's, so no ticket goes to them."""


class RotaRow(Base):
    """Somebody is there at a place for some hours.

    title: what they are (县人大代表). weekday: 0 is Monday; nth: only that one of the month (1-5);
    month_day: that day of the month; day: that date alone. begins, ends: minutes of the day.
    slot: minutes of one talk that can be booked; 0 when none can.
    """

    __tablename__ = "rota"
    __table_args__ = (
        UniqueConstraint(
            "person_id", "duty", "area_id", "weekday", "nth", "month_day", "day", "begins",
            name="uq_rota_row",
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    duty: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(64), default="")
    weekday: Mapped[int] = mapped_column(default=-1)
    nth: Mapped[int] = mapped_column(default=0)
    month_day: Mapped[int] = mapped_column(default=0)
    day: Mapped[str] = mapped_column(String(10), default="")
    begins: Mapped[int]
    ends: Mapped[int]
    place: Mapped[str] = mapped_column(String(128), default="")
    slot: Mapped[int] = mapped_column(default=0)

    def is_on(self, day: date) -> bool:
        """Whether it holds on this day."""
        if self.day:
            return day.isoformat() == self.day
        if self.month_day:
            return day.day == self.month_day
        return day.weekday() == self.weekday and (
            not self.nth or (day.day - 1) // 7 + 1 == self.nth
        )

    def starts(self) -> list[int]:
        """The minutes of the day at which a talk can begin."""
        return list(range(self.begins, self.ends - self.slot + 1, self.slot)) if self.slot else []


@dataclass(frozen=True, slots=True)
class Sitting:
    """One day of a row of the rota."""

    row: RotaRow
    day: date


def moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """A minute of a day, as a moment."""
    return datetime.combine(day, time(0), zone) + timedelta(minutes=minute)


def of_place(session: Session, area_id: int, duties: Iterable[str] = tuple(Duty)) -> list[RotaRow]:
    """The rows that hold for an area: its own and those above it, nearest first."""
    lineage = areas.get(session, area_id).lineage
    rows = session.scalars(
        select(RotaRow).where(RotaRow.area_id.in_(lineage), RotaRow.duty.in_(list(duties)))
    )
    return sorted(rows, key=lambda row: (-lineage.index(row.area_id), row.begins, row.id))


def of_person(session: Session, person_id: int) -> list[RotaRow]:
    """All rows of a person."""
    rows = session.scalars(select(RotaRow).where(RotaRow.person_id == person_id))
    return sorted(rows, key=lambda row: (row.weekday, row.begins, row.id))


def around(session: Session, places: Sequence[Area]) -> list[RotaRow]:
    """The rows that hold for these areas, or for any area beneath them."""
    above = {one for place in places for one in place.lineage}
    beneath = or_(false(), *(Area.path.startswith(one.path, autoescape=True) for one in places))
    return list(
        session.scalars(
            select(RotaRow)
            .join(Area, Area.id == RotaRow.area_id)
            .where(or_(RotaRow.area_id.in_(above), beneath))
            .order_by(RotaRow.begins, RotaRow.id)
        )
    )


def on_duty(
    session: Session, area_id: int, roles: Iterable[Role], at: datetime, zone: ZoneInfo
) -> list[int]:
    """Who is on duty for an area in one of these roles at that moment; people's ids, the nearest
    area first."""
    wanted = set(roles)
    duties = [duty for duty, role in ROLE_OF.items() if role in wanted]
    if not duties:
        return []
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    found = [
        row.person_id
        for row in of_place(session, area_id, duties)
        if row.is_on(local.date()) and row.begins <= minute < row.ends
    ]
    return list(dict.fromkeys(found))


def sittings(rows: Iterable[RotaRow], first: date, days: int) -> Iterator[Sitting]:
    """What the rows come to from a day on, in order of time."""
    rows = list(rows)
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        yield from (Sitting(row, day) for row in sorted(rows, key=_begins) if row.is_on(day))


def _begins(row: RotaRow) -> tuple[int, int]:
    return row.begins, row.id
