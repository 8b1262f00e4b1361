"""常用语: a worker's own ready-made answers for each state, and those everybody begins with."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from storage import preferences

DEFAULTS = Path(__file__).parent / "data" / "quick_replies.toml"
KEY = "quick_replies"

STATES = ("waiting", "claimed", "resolve")
"""Before it is claimed, while it is worked on, when it is done."""
MOST = 6
LONGEST = 40
"""Characters: what a button on a phone shows."""


@cache
def defaults() -> dict[str, tuple[str, ...]]:
    """What everybody begins with, by state."""
    content = tomllib.loads(DEFAULTS.read_text("utf-8"))
    return {state: tuple(content[state]) for state in STATES}


def of(session: Session, person_id: int, state: str) -> list[str]:
    """A person's quick replies for a state; an empty list where they took all away."""
    own = preferences.get(session, person_id, KEY) or {}
    return list(own.get(state, defaults()[state]))


def put(
    session: Session, person_id: int, state: str, replies: Sequence[str] | None, now: datetime
) -> None:
    """Set them, each once and up to `MOST`; None goes back to what everybody begins with."""
    own = dict(preferences.get(session, person_id, KEY) or {})
    if replies is None:
        own.pop(state, None)
    else:
        own[state] = list(dict.fromkeys(one[:LONGEST] for one in replies))[:MOST]
    preferences.put(session, person_id, KEY, own or None, now)
