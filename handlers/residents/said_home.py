"""Where somebody lives, as far as they said it before it was asked."""

from __future__ import annotations

import re
from typing import Any

from handlers.talk import Talk
from storage import addresses, areas, mentions, preferences, tickets
from storage.areas import Area
from storage.meaning.spots import building_in
from storage.names import bare

OWN_PLACE = "own_place"
"""The preference with the words of who lives in no list."""
SHORTEST = 2
"""Characters of a place's name."""
LOOKED_AT = 5
"""The newest matters that may tell where who is in no list lives."""
_PART = re.compile(r"[\s,，。.;；!！?？、]+")


def said_home(talk: Talk) -> tuple[Area, str] | None:
    """The place that the story names as their home (我住莲花池花园2栋), and the door ("" for none);
    None where it names none, or only where something happened."""
    told: dict[str, Any] = talk.answered("what") or {}
    text = str(told.get("text", ""))
    leads = sorted(talk.words("heard.lives"), key=len, reverse=True)
    lead = next((one for one in leads if one in text), "")
    behind = _PART.split(text.partition(lead)[2].strip()) if lead else []
    if not behind or not bare(behind[0]):
        return None
    area = mentions.mentioned(talk.session, behind[0])
    if area is None or area.level == areas.Level.COMMUNITY:
        return None  # of a community the next question asks anyway
    return _with_its_door(area, behind[0])


def place_said(talk: Talk, text: str) -> tuple[Area, str] | None:
    """The compound or building that the words consist of, and the door ("" for none); None where
    they name none, or say more: who has two homes is moving to neither."""
    area = mentions.mentioned(talk.session, text)
    if area is None or area.level == areas.Level.COMMUNITY:
        return None
    compound = areas.get(talk.session, area.lineage[2])
    around = bare(text).partition(bare(compound.name))[0]
    known = sorted(talk.words("heard.moves_to"), key=len, reverse=True)
    for word in known:
        around = around.replace(word, "")
    if around or any(word in text for word in talk.words("heard.two_homes")):
        return None
    return _with_its_door(area, text)


def _with_its_door(area: Area, text: str) -> tuple[Area, str] | None:
    """A place and the door that `text` names in it ("" for none); None where it names a building
    of the compound that is in no list."""
    if area.level == areas.Level.COMPOUND and building_in(text):
        return None
    door = addresses.door_after(text) if area.level == areas.Level.BUILDING else ""
    return area, door if door[-1:].isdigit() else ""


def keep_place(talk: Talk, area: Area, place: str) -> None:
    """Keep where who is in no list lives, in their own words."""
    kept = {"area": area.id, "place": place}
    preferences.put(talk.session, talk.person.id, OWN_PLACE, kept, talk.now)


def may_name_a_place(talk: Talk, text: str) -> bool:
    """Whether the words may name a new home that is in no list (荷香苑1栋, 我搬到乡下去了); no
    second one beside the first."""
    said = bare(text)
    if any(word in text for word in talk.words("heard.two_homes")):
        return False
    leads = talk.words("heard.moves_away")
    lead = next((one for one in sorted(leads, key=len, reverse=True) if one in said), "")
    there = said.partition(lead)[2].rstrip(talk.word("heard.ends")) if lead else ""
    return len(there) >= SHORTEST or bool(building_in(text))


def known_place(talk: Talk) -> tuple[Area, str] | None:
    """Where who is in no list said that they live, in their own words; and the nearest
    area that was found."""
    if talk.person.home_id is not None or talk.person.consented_at is None:
        return None
    kept = preferences.get(talk.session, talk.person.id, OWN_PLACE)
    if kept:
        return areas.get(talk.session, kept["area"]), kept["place"]
    for one in tickets.of_filer(talk.session, talk.person.id, open_only=False, limit=LOOKED_AT):
        if one.filer_id == talk.person.id and one.place and not one.urgent:
            return areas.get(talk.session, one.area_id), one.place
    return None
