"""The hour at which tests begin: daytime on a working day, whenever they really run."""

from __future__ import annotations

from datetime import UTC, datetime

A_MORNING = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
"""Wednesday, 11 March 2026, 10:00 in Beijing: nobody's quiet hours, nobody's holiday."""
