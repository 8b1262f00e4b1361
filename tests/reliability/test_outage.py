"""One outage of the database, with people talking and a notice going out, all at the same time.

`make soak` does it with 33 seconds, and 600 recipients.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests.reliability.outages import Where, run_outage


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_nothing_is_lost_and_nothing_is_there_twice(
    database: str, record_property: Callable[[str, object], None]
) -> None:
    with ExitStack() as stack:
        figures = await run_outage(Where(database, stack, away=2.5), recipients=45)
    record_property("figures", str(figures))
    print(figures)
    assert figures.tickets >= 3
    assert figures.doubled == 0
