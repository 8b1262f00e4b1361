"""What falls due in one look is done in a fixed order.

It once followed the order in which modules happened to be imported: the ladder took a late ticket
away before the morning's briefing was counted, and no briefing came.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

import handlers


@pytest.mark.parametrize("first", ["handlers.timing"])
def test_it_does_not_depend_on_who_imported_what_first(first: str) -> None:
    program = f"import {first}, handlers; print(*handlers.load().duties)"
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    order = shown.stdout.split()
    assert order == list(handlers.load().duties)
    assert order.index("briefing") < order.index("tickets")
