"""Erasing knows every column in which words of people stand: a new one is thought of first."""

from __future__ import annotations

import storage.tables  # noqa: F401  # fills the metadata
from storage.base import Base, Sealed, SealedJson

FORGOTTEN = """
bookings.about conversations.state entry_reports.words exchange_listings.reason
exchange_listings.text households.door households.householder households.phone inbox.payload
media.name media.ref mediation_answers.words mediation_sides.name mediation_sides.phone
mediations.subject notice_replies.text outbox.payload papers.name people.phone preferences.value
ticket_events.detail ticket_events.text ticket_ratings.remark tickets.place tickets.text
visits.told
"""
"""What `storage.erasing` empties or deletes of who is erased."""
STAYS = """
mediation_agreements.blame mediation_agreements.facts mediation_agreements.how
mediation_agreements.points mediation_agreements.until mediation_meetings.place
ticket_exclusions.reason
"""
"""The other side's as well, or an admin's own account of the figures."""


def test_every_sealed_column_is_erased_or_stays_for_a_reason() -> None:
    sealed = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed | SealedJson)
    }
    assert sealed == {*FORGOTTEN.split(), *STAYS.split()}
