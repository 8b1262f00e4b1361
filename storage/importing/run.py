"""Running an import: read, check every row, and only then write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.orm import Session

from storage.importing.area_rows import AreaRows
from storage.importing.calendar_rows import CalendarRows
from storage.importing.directory_rows import DirectoryRows
from storage.importing.guide_rows import FaqRows, GuideRows
from storage.importing.household_rows import HouseholdRows
from storage.importing.place_rows import PlaceRows
from storage.importing.post_rows import PostRows
from storage.importing.reading import Row, Table, read
from storage.importing.report import Bad, BadRow, Item, Kind, Outcome, Progress, Report
from storage.importing.rota_rows import RotaRows
from storage.importing.service_rows import ServiceRows


class _Rows(Protocol):
    """What each kind of list brings: `check` reads, only `apply` writes."""

    def check(self, row: Row) -> Any: ...

    def check_together(self, items: list[Item[Any]]) -> list[BadRow]: ...

    def apply(self, items: list[Item[Any]]) -> Iterator[Outcome]: ...


_KINDS: dict[Kind, Callable[[Session, datetime], _Rows]] = {
    "areas": AreaRows,
    "posts": PostRows,
    "households": HouseholdRows,
    "directory": DirectoryRows,
    "calendar": CalendarRows,
    "services": ServiceRows,
    "guides": GuideRows,
    "faqs": FaqRows,
    "places": PlaceRows,
    "rota": RotaRows,
}


def import_file(
    session: Session,
    kind: Kind,
    path: Path,
    *,
    dry_run: bool,
    skip_bad: bool,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Bring a list (.xlsx or .csv) into the database; the same list twice changes nothing.

    Nothing at all is written when any row is bad, unless `skip_bad` leaves those out. A dry run
    writes nothing and counts as if it had. A column the list lacks leaves what is known alone; an
    empty cell of a column it has empties it. progress: told how many of how many steps are done (a
    good row is two: checked, written). Never raises for what is in the file.
    """
    table = read(kind, path)
    if table.bad:
        return _refused(table, table.bad)
    steps = 2 * len(table.rows)
    rows = _KINDS[kind](session, now)
    good: list[Item[Any]] = []
    bad: list[BadRow] = []
    for number, row in enumerate(table.rows, 1):
        try:
            good.append(Item(row.number, rows.check(row)))
        except Bad as error:
            bad.append(BadRow(row.number, error.reason, error.facts))
        progress(number, steps)
    bad = sorted(bad + rows.check_together(good), key=lambda one: one.row_number)
    refused = {one.row_number for one in bad}
    good = [item for item in good if item.row_number not in refused]
    if bad and not skip_bad:
        return _refused(table, bad)
    counts: Counter[Outcome] = Counter()
    savepoint = session.begin_nested()
    for number, outcome in enumerate(rows.apply(good), 1):
        counts[outcome] += 1
        progress(len(table.rows) + number, steps)
    session.flush()
    if dry_run:
        savepoint.rollback()
        session.expire_all()
    else:
        savepoint.commit()
    progress(steps, steps)
    return Report(
        rows=len(table.rows),
        added=counts["added"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        bad=bad,
        unknown_columns=table.unknown_columns,
        imported=not dry_run,
    )


def _refused(table: Table, bad: list[BadRow]) -> Report:
    return Report(len(table.rows), bad=bad, unknown_columns=table.unknown_columns, refused=True)
