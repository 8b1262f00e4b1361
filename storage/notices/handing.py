"""What the ledger and its corrections share of handing on: who, and how urgent it is."""

from __future__ import annotations

from dataclasses import dataclass

BROADCAST, EMERGENCY = 4, 2
"""Priorities in the outbox: behind every answer (0), the morning's (1) and reminders (3); what
cannot wait goes before reminders."""


@dataclass(frozen=True, slots=True)
class Handing:
    """One receipt that is about to get its outbox row."""

    receipt_id: int
    channel: str
    chat: str
