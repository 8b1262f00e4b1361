"""供需对接 of the sample: a few listings of its residents."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from storage import areas, exchange
from storage.areas import Level
from storage.exchange import Side, State
from storage.names import DATA


@cache
def _file() -> list[dict[str, Any]]:
    content = tomllib.loads((DATA / "exchange" / "sample.toml").read_text("utf-8"))
    listings: list[dict[str, Any]] = content["listings"]
    return listings


def add_listings(session: Session, residents: list[dict[str, Any]], now: datetime) -> None:
    """Write them down. residents: the rows of people who live somewhere, in order."""
    for one in _file():
        person = residents[one["resident"] % len(residents)]
        lineage = [
            areas.get(session, area) for area in areas.get(session, person["home_id"]).lineage
        ]
        compound = next(area for area in lineage if area.level == Level.COMPOUND)
        listing = exchange.put_up(
            session, person_id=person["id"], side=Side(one["side"]), text=one["text"],
            area_id=compound.id, now=now,
        )  # fmt: skip
        listing.state = State(one["state"]).value
    session.flush()
