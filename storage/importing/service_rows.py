"""Importing services: one row each, as `service_cells` reads them; and the list as it stands.

A service that the list does not mention stays. One that is wanted no more is switched off (停用),
never taken away: its tickets and figures need it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from storage import audit, rules
from storage.importing.reading import Row, headings
from storage.importing.report import Bad, BadRow, Item, Outcome
from storage.importing.service_cells import FIELDS, LONGEST, amended, blank, written
from storage.names import bare
from storage.rules import BadRule, Service
from storage.services import kinds


class ServiceRows:
    """Checks and applies the rows of a services list."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._known = rules.current(session)
        self._seen: dict[str, int] = {}

    def check(self, row: Row) -> Service:
        """The rule that a row says, whole but for what other rows say. Raises Bad."""
        service = self._meant(row.text("code", 32), row.needed("label", LONGEST["label"]))
        if service.key in self._seen:
            raise Bad("row_twice", first=self._seen[service.key])
        self._seen[service.key] = row.number
        cells = {field: row.text(field) for field in FIELDS if row.has(field)}
        try:
            service = amended(service, cells)
            rules.check(service, kinds())
        except BadRule as bad:
            raise Bad(bad.reason_key, **bad.facts) from bad
        return service

    def _meant(self, code: str, label: str) -> Service:
        """The service of a code, else of a name, else a new one."""
        if code and code not in self._known:
            raise Bad("service_unknown", value=code)
        if code:
            return self._known[code]
        for service in self._known.values():
            if bare(service.label) == bare(label):
                return service
        key = rules.new_key(label, self._known)
        return blank(key, like=self._known["request"])

    def check_together(self, items: list[Item[Service]]) -> list[BadRow]:
        """Names and opening words must be one service's alone."""
        together = {**self._known, **{item.content.key: item.content for item in items}}
        bad = []
        for item in items:
            try:
                rules.check(item.content, kinds(), together)
            except BadRule as error:
                bad.append(BadRow(item.row_number, error.reason_key, error.facts))
        return bad

    def apply(self, items: list[Item[Service]]) -> Iterator[Outcome]:
        """Write the rules down, each a new version where it says something new."""
        for item in items:
            known = self._known.get(item.content.key)
            made = rules.change(self._session, item.content, self._now, by=None)
            if known is not None and made.version == known.version:
                yield "unchanged"
                continue
            subject = f"service:{made.key}@{made.version}"
            audit.note(self._session, self._now, None, "service", subject)
            yield "added" if known is None else "changed"


def service_lines(session: Session) -> list[list[str]]:
    """The services as they stand, as the lines of a list that can be imported again."""
    columns = headings("services")
    lines = [columns]
    for service in rules.current(session).values():
        cells = {field: written(service, field) for field in FIELDS}
        lines.append([service.key, *(cells[field] for field in FIELDS)])
    return lines
