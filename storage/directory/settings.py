"""The figures of `storage/data/directory/upkeep.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parents[1] / "data" / "directory" / "upkeep.toml"


@dataclass(frozen=True, slots=True)
class Upkeep:
    """How the directory is kept right; the file says what each figure is."""

    stale_after_days: int
    left_out_after_days: int
    reports_to_take_down: int
    ratings_shown_from: int
    ask_after_hours: int
    ask_until_days: int


@cache
def upkeep() -> Upkeep:
    """The figures, read once."""
    return Upkeep(**tomllib.loads(FILE.read_text("utf-8")))
