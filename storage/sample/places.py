"""The places of the sample county: one of most kinds in each community, a station in the compounds.

Nothing here is drawn by lot: the same county has the same places.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from math import cos, pi, sin
from typing import Any

from sqlalchemy import Connection, insert, select

from storage.areas import Level
from storage.names import DATA
from storage.places import Place, PlaceDay
from storage.points import Point
from storage.sample.plan import Row, Rows, ScaleName

TURN = pi * (3 - 5**0.5)
"""The golden angle: points laid out by it lie evenly around their middle."""


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((DATA / "places" / "sample.toml").read_text("utf-8"))


def fill(connection: Connection, rows: Rows, scale: ScaleName, now: datetime) -> int:
    """Add the places of a sample whose areas are in, and a week of menus; how many places."""
    made = list(_places(rows, scale))
    connection.execute(insert(Place), made)
    canteens = connection.scalars(
        select(Place.id).where(Place.kind == "canteen").order_by(Place.id)
    ).all()
    days = int(_file()["scales"][scale]["menus"])
    dishes: list[str] = _file()["menus"]["dishes"]
    menus = [
        {
            "place_id": place_id,
            "day": (now + timedelta(days=day)).date(),
            "text": dishes[(number + day) % len(dishes)],
            "set_by": None,
            "set_at": now,
        }
        for number, place_id in enumerate(canteens)
        for day in range(days)
    ]
    if menus:
        connection.execute(insert(PlaceDay), menus)
    return len(made)


def _places(rows: Rows, scale: ScaleName) -> Iterator[Row]:
    stations = int(_file()["scales"][scale]["stations"])
    towns = [row for row in rows.areas if row["level"] == Level.COMMUNITY]
    compounds = [row for row in rows.areas if row["level"] == Level.COMPOUND]
    middles = {town["id"]: _middle(number) for number, town in enumerate(towns)}
    for kind in _file()["kinds"]:
        if "every" not in kind:
            for number, compound in enumerate(compounds[:stations]):
                point = _around(middles[compound["parent_id"]], number)
                yield _place(kind, compound, point, number)
            continue
        for number, town in enumerate(towns):
            if number % int(kind["every"]) == 0:
                yield _place(kind, town, middles[town["id"]], number)


def _middle(number: int) -> Point:
    ground = _file()["ground"]
    down, right = divmod(number, int(ground["row"]))
    return (
        ground["latitude"] - down * ground["apart"],
        ground["longitude"] + right * ground["apart"],
    )


def _around(middle: Point, number: int) -> Point:
    away = _file()["ground"]["around"] * (0.4 + 0.6 * (number % 15) / 15)
    return middle[0] + away * sin(number * TURN), middle[1] + away * cos(number * TURN)


def _place(kind: dict[str, Any], area: Row, point: Point, number: int) -> Row:
    names = {"place": area["name"], "short": _short(area)}
    kinds = [one["kind"] for one in _file()["kinds"]]
    return {
        "kind": kind["kind"],
        "name": kind["name"].format(**names),
        "area_id": area["id"],
        "address": kind["address"].format(**names),
        "what": kind["what"],
        "hours": kind["hours"],
        "contact": kind["contact"],
        # 199 0 is given to nobody; 1990 8 is not used by the sample's people and shops.
        "phone": f"19908{kinds.index(kind['kind']):02d}{number:04d}",
        "latitude": round(point[0], 6),
        "longitude": round(point[1], 6),
        "active": True,
    }


def _short(area: Row) -> str:
    """莲花池 for 莲花池社区: the key by which a community is told from the others."""
    return str(area["name_key"]) if area["level"] == Level.COMMUNITY else str(area["name"])
