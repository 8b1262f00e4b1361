"""A place as templates show it, and the link to a map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from handlers.talk import Talk
from storage import areas
from storage.areas import Level
from storage.directory.hours import open_now
from storage.places import Near, Place

MAP = "https://uri.amap.com/marker"
"""高德's link to a marked point, a page in any browser. Its parameters: position (longitude first),
name, coordinate (wgs84 for what phones measure, gaode for GCJ-02)."""


@dataclass(frozen=True, slots=True)
class PlaceView:
    """state: open, closed, or empty where the hours do not say. by_point: the distance is from
    where the person is, not from the middle of their compound. community: where it lies, for who
    lives elsewhere."""

    id: int
    name: str
    what: str
    hours: str
    state: str
    address: str
    contact: str
    phone: str
    closeness: str
    metres: int | None
    by_point: bool
    community: str


def view(talk: Talk, near: Near, *, by_point: bool = False) -> PlaceView:
    """A place as it is seen from somewhere."""
    place = near.place
    opened = open_now(place.hours, talk.now.astimezone(talk.zone))
    lineage = [
        areas.get(talk.session, part) for part in areas.get(talk.session, place.area_id).lineage
    ]
    community = next((area.name for area in lineage if area.level == Level.COMMUNITY), "")
    return PlaceView(
        id=place.id,
        name=place.name,
        what=place.what,
        hours=place.hours,
        state="" if opened is None else "open" if opened else "closed",
        address=place.address,
        contact=place.contact,
        phone=place.phone,
        closeness=near.closeness.value,
        metres=near.metres,
        by_point=by_point,
        community=community,
    )


def map_link(place: Place) -> str:
    """A link that shows the place on a map; empty where its point is not known."""
    if place.point is None:
        return ""
    latitude, longitude = place.point
    facts = {
        "position": f"{longitude:.5f},{latitude:.5f}",
        "coordinate": "wgs84",
        "name": place.name,
    }
    return f"{MAP}?{urlencode(facts, safe=',')}"


def calls_of(place: Place) -> list[tuple[str, str]]:
    """Whom to call there with one tap; nobody where no number is published."""
    return [(place.name, place.phone)] if place.phone else []


def day_word(talk: Talk, day: date) -> str:
    """今天, 明天; empty for any other day."""
    today = talk.now.astimezone(talk.zone).date()
    key = {today: "places.today", today + timedelta(days=1): "places.tomorrow"}.get(day)
    return talk.word(key) if key else ""
