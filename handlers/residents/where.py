"""Where a matter is: one of the places around a home, as its label says or as people call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.matching import number_in
from handlers.questions import Answered, Json, Missed, Option, Pick, Reading, Text
from handlers.residents.arrival import Arrival
from storage import areas, mentions
from storage.areas import Area, Level, area_key
from storage.meaning.spots import building_in, spot_in
from storage.names import bare

if TYPE_CHECKING:
    from handlers.talk import Said, Talk

HOME, BUILDING, COMPOUND, ELSEWHERE = "home", "building", "compound", "elsewhere"
NAMED = "named"
"""Another compound or building, which the words told of."""


class Where(Pick):
    """A place by its label, or as people call it: 屋头, 楼道头, 3栋楼下面. What says more than the
    label is added to the matter; of a place elsewhere the answer is {"place": the words}."""

    def __init__(self, name: str, /, options: list[Option], building: Area, **facts: Any) -> None:
        super().__init__(name, options, **facts)
        self._building = building

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        reading = super().read(said, picked, talk, draft)
        if not isinstance(reading, Missed) or number_in(said.text) is not None or said.media:
            return reading
        for where in (HOME, BUILDING, COMPOUND, ELSEWHERE):
            if bare(said.text) in talk.words(f"heard.at_{where}"):
                return Answered(where)
        spot = spot_in(said.text)
        if not spot:
            return reading
        if own := self._names_own(said.text, talk):
            spot = COMPOUND if spot == ELSEWHERE else spot
        if spot == ELSEWHERE or own is False:
            return Answered({"place": said.text.strip()})
        return Answered(spot, telling=True)

    def _names_own(self, text: str, talk: Talk) -> bool | None:
        """Whether the building or compound that the words name is that of the home; None where
        they name none."""
        mentioned = mentions.mentioned(talk.session, text)
        if mentioned is not None:
            return mentioned.id in self._building.lineage
        number = building_in(text)
        if not number:
            return None
        key = area_key(Level.BUILDING, number)
        return areas.named(talk.session, self._building.lineage[-2], key) == self._building

    def holds(self, stored: Json, talk: Talk) -> bool:
        return isinstance(stored, dict) or super().holds(stored, talk)

    def words(self, stored: Json, talk: Talk) -> str:
        return str(stored["place"]) if isinstance(stored, dict) else super().words(stored, talk)


def other_place(talk: Talk, text: str) -> Area | None:
    """A compound or building that the words name though the speaker's home lies elsewhere."""
    named = mentions.mentioned(talk.session, text)
    if named is None or named.level not in (Level.COMPOUND, Level.BUILDING):
        return None
    home = home_building(talk)
    return None if home.path.startswith(named.path) else named


def area_of(talk: Talk, arrival: Arrival | None, where: str, named: Area | None = None) -> Area:
    """The building or the compound that the place lies in; `named` is the one of the words."""
    if where == NAMED and named is not None:
        return named
    if arrival and arrival.building.level != Level.BUILDING:
        return arrival.building
    building = arrival.building if arrival else home_building(talk)
    if where in (HOME, BUILDING):
        return building
    return areas.get(talk.session, building.lineage[-2])


def ask_where(talk: Talk, arrival: Arrival | None, named: Area | None) -> tuple[str, str]:
    """Which of the places around the home, and words for one that is none of them. Where the words
    name another place than the home (`named`), that stands first, and both are said."""
    building = arrival.building if arrival else home_building(talk)
    compound = areas.get(talk.session, building.lineage[-2])
    home = "where.home"
    if talk.args.get("for"):
        woman = talk.args["for"].get("they") == talk.word("behalf.she")
        home = "where.her_home" if woman else "where.their_home"
    options = [
        Option(HOME, talk.word(home)),
        Option(BUILDING, f"{areas.title(talk.session, building)}{talk.word('where.building')}"),
        Option(COMPOUND, f"{compound.name}{talk.word('where.compound')}"),
        Option(ELSEWHERE, talk.word("where.elsewhere")),
    ]
    facts: dict[str, Any] = {"named": "", "home": ""}
    if named is not None:
        title = areas.title(talk.session, named)
        facts = {"named": title, "home": areas.title(talk.session, building)}
        options.insert(0, Option(NAMED, title))
    where = talk.ask("where", Where("request/where", options, building, **facts))
    if isinstance(where, dict):
        return ELSEWHERE, where["place"]
    place = ""
    if where == ELSEWHERE:
        place = talk.ask("place", Text("request/place", most=100))
    return where, place


def home_building(talk: Talk) -> Area:
    """The building of the speaker's home."""
    assert talk.person.home_id is not None  # asked for before
    home = areas.get(talk.session, talk.person.home_id)
    return areas.get(talk.session, home.lineage[-2]) if home.level == Level.HOUSEHOLD else home


def where_in_words(
    talk: Talk, arrival: Arrival | None, where: str, place: str, named: Area | None
) -> str:
    """The place as the filer sees it: their own door in full."""
    if where == NAMED and named is not None:
        return areas.title(talk.session, named)
    building = arrival.building if arrival else home_building(talk)
    if where == ELSEWHERE:
        return place
    if where == COMPOUND:
        return areas.title(talk.session, areas.get(talk.session, building.lineage[-2]))
    title = areas.title(talk.session, building)
    if where == BUILDING:
        return title
    if arrival:
        return f"{title}{arrival.door}"
    assert talk.person.home_id is not None  # asked for before
    return f"{title}{areas.door_of(talk.session, areas.get(talk.session, talk.person.home_id))}"
