"""What residents can ask for, and about what: services and kinds, read from `storage/data/`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from storage.meaning import OTHER, Kind, classify, kinds
from storage.posts import Role

__all__ = ["OTHER", "Kind", "Service", "kinds", "likely", "services"]

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Service:
    """One thing to ask for: who receives it first, and who else may when they are not there."""

    key: str
    first: tuple[Role, ...]
    ladder: tuple[Role, ...]


@cache
def services() -> dict[str, Service]:
    """All services by key."""
    content = tomllib.loads((DATA / "services.toml").read_text("utf-8"))
    return {
        key: Service(
            key, tuple(Role(r) for r in row["first"]), tuple(Role(r) for r in row["ladder"])
        )
        for key, row in content.items()
    }


def likely(text: str, most: int = 3) -> list[Kind]:
    """The kinds that `text` may be about, likeliest first; empty when nothing speaks for any."""
    guesses = classify(text).alternatives
    return [kinds()[key] for key, _ in guesses[:most]]
