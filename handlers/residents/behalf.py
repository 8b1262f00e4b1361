"""代报: a 党员, a worker or a family member files for somebody, most often an elder.

(what, if it was told) ▶ who ▶ do they know? ──no──▶ told by now? (what was said waits)
                                 └─yes─▶ where they live ▶ phone (may be skipped)
                                           ▶ what anybody is asked who files

The matter is theirs: they hear of it, may disown it, and are asked at the end. Who files it learns
nothing of them that they did not say themselves.
"""

from __future__ import annotations

from typing import Any

from handlers import joining
from handlers.area_questions import Door, PickArea, door_said
from handlers.matching import number_in
from handlers.mediation.outcome import call_off
from handlers.permits import entitled, parties_who_may_get
from handlers.questions import (
    Answered,
    Confirm,
    Json,
    Missed,
    Option,
    Phone,
    Pick,
    Prompt,
    Reading,
    Story,
)
from handlers.registry import action, conversation
from handlers.residents.arrival import (
    MOST_IN_DOOR,
    Arrival,
    Name,
    OwnWords,
    ask_building,
    no_door,
    settle,
)
from handlers.staff.cards import refresh_cards
from handlers.talk import Do, Said, Talk
from handlers.views import called, role_in
from storage import areas, audit, elders, kin, posts, tickets
from storage.areas import Area, Level
from storage.base import vault_in
from storage.names import bare
from storage.people import Person
from storage.tickets import Ticket, TicketChanged

SAME, ELSEWHERE = "same", "elsewhere"
TOLD, DROPPED = "told", "dropped"
MOST_DOORS = 8


class TheirPhone(Phone):
    """Somebody else's number: typed, and no button for one's own."""

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        skip = Option("", talk.word("choice.skip"))
        return Prompt(facts=self.facts, options=[skip])


@action("open_on_behalf")
def open_on_behalf(talk: Talk) -> None:
    """The button 代报."""
    talk.begin("on_behalf")


@action("behalf_with")
def with_what_was_said(talk: Talk, story: dict[str, Any]) -> None:
    """The same, begun with words that are there already."""
    talk.begin("on_behalf", answers={"what": story}, told=True)


@conversation("on_behalf", own=True)
def on_behalf(talk: Talk) -> None:
    """For whom; then the filing talk, with that person's door in place of the speaker's."""
    if areas.county(talk.session) is None:
        talk.say("arrival/no_county")
        return
    story = ask_what(talk)
    said = talk.ask("name", Name("behalf/name"))
    theirs = kin.named(said)
    name = talk.word("behalf.yours").format(kin=theirs.called) if theirs else said
    they = talk.word("behalf.she" if _is_she(said) else "behalf.he")
    if not _they_know(talk, name, they):
        talk.say("request/dropped")
        return
    home = ask_their_door(talk, name)
    if home is None:
        talk.say("arrival/no_county")
        return
    building, door, place = home
    phone = talk.ask("phone", TheirPhone("behalf/phone", name=name, they=they)) or {}
    known_as = said
    if theirs:
        known_as = talk.word("behalf.kin_of").format(name=talk.person.name, kin=theirs.called)
    whom = {
        "name": known_as,
        "called": name,
        "they": they,
        "building": building.id,
        "door": door or ("" if place else no_door(talk, known_as)),
        "place": place,
        "phone": phone.get("phone", ""),
    }
    talk.begin("request", answers={"what": story} if story else None, **{"for": whom})


def _is_she(said: str) -> bool:
    """Whether what somebody is called tells that she is a woman: 我妈, 张奶奶."""
    theirs = kin.named(said)
    return theirs.she if theirs else kin.is_she(said)


def ask_what(talk: Talk) -> dict[str, Json] | None:
    """What was told before it was known for whom; kept like any answer, so that it goes along to
    whoever helps. None where it is asked later."""
    story = talk.args.get("story")  # begun by an older program
    if not (story or talk.args.get("told")):
        return None
    return talk.ask("what", Story("request/what", opening="", service=""), assume=story)


def _they_know(talk: Talk, name: str, they: str) -> bool:
    """Whether that person knows of it. Where not yet, what was said waits until they do; False when
    it is given up."""
    woman = they == talk.word("behalf.she")
    yes, no = ("knows_her", "asks_her_first") if woman else ("knows", "asks_first")
    facts: dict[str, Any] = {"name": name, "they": they}
    if talk.ask("knows", Knows("behalf/knows", yes=yes, no=no, **facts)):
        return True
    options = [Option(one, talk.word(f"behalf.{one}")) for one in (TOLD, DROPPED)]
    return bool(talk.ask("told", Pick("behalf/ask_first", options, **facts)) == TOLD)


class Knows(Confirm):
    """Whether they know: 还没 is no answer to give it up by."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        text = bare(said.text)
        for value, key in ((False, "heard.does_not_know"), (True, "heard.knows")):
            if picked is None and text in talk.words(key):
                return Answered(value)
        return super().read(said, picked, talk, draft)


def ask_their_door(talk: Talk, name: str) -> tuple[Area, str, str] | None:
    """The building and the door: the speaker's own, one that they look after, or any by its name;
    and for a place that is in no list the words for it, with the nearest area that was found.

    None while the county has no buildings.
    """
    options = _near(talk)
    options.append(Option(ELSEWHERE, talk.word("behalf.elsewhere")))
    picked: str | int = ELSEWHERE
    if len(options) > 1:
        county = areas.county(talk.session)
        assert county is not None  # looked for before
        picked = talk.ask("home", Whose("behalf/where", options, county, name=name))
    door_of = talk.person.home_id if picked == SAME else picked
    start = areas.get(talk.session, door_of) if isinstance(door_of, int) else None
    if start is not None and start.level == Level.HOUSEHOLD:
        building = areas.get(talk.session, start.lineage[-2])
        return building, areas.door_of(talk.session, start), ""
    found = ask_building(talk, "behalf", start, unlisted=True, name=name)
    if found is None:
        return None
    if found.level != Level.BUILDING:
        return found, "", talk.ask("own-words", OwnWords("behalf/own_words", most=60, name=name))
    title = areas.title(talk.session, found)
    question = Door("behalf/door", most=MOST_IN_DOOR, building=title, name=name)
    return found, talk.ask("door", question, assume=door_said(talk, found)), ""


class Whose(Pick):
    """One of the doors at hand; a place by its name is an answer too."""

    def __init__(self, name: str, /, options: list[Option], county: Area, **facts: Json) -> None:
        super().__init__(name, options, **facts)
        self._by_name = PickArea(name, county, deepest=Level.BUILDING, **facts)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked is None and bare(said.text) in talk.words("heard.same_door"):
            same = any(option.value == SAME for option in self.options)
            return Answered(SAME) if same else Missed()
        reading = super().read(said, picked, talk, draft)
        if not isinstance(reading, Missed) or number_in(said.text) is not None:
            return reading
        return self._by_name.read(said, None, talk, draft)

    def holds(self, stored: Json, talk: Talk) -> bool:
        if super().holds(stored, talk):
            return True
        if not isinstance(stored, int) or not self._by_name.holds(stored, talk):
            return False
        return areas.get(talk.session, stored).level != Level.HOUSEHOLD

    def words(self, stored: Json, talk: Talk) -> str:
        if isinstance(stored, int) and not super().holds(stored, talk):
            return self._by_name.words(stored, talk)
        return super().words(stored, talk)


def _near(talk: Talk) -> list[Option]:
    """What can be picked at once: the speaker's own door, the doors and areas of their posts."""
    options: list[Option] = []
    home = areas.get(talk.session, talk.person.home_id) if talk.person.home_id else None
    if home is not None and home.level == Level.HOUSEHOLD:
        options.append(Option(SAME, talk.word("behalf.same")))
    looked = False
    for post in posts.posts_of(talk.session, talk.person.id, talk.now):
        area = areas.get(talk.session, post.area_id)
        if area.level == Level.COUNTY or (home is not None and area.id == home.id):
            continue
        title = areas.title(talk.session, area)
        if area.level == Level.HOUSEHOLD:
            looked = True
            title += areas.door_of(talk.session, area)
        option = Option(area.id, title)
        if option not in options and len(options) < MOST_DOORS:
            options.append(option)
    if looked and talk.answered("home") is None:
        audit.note(talk.session, talk.now, talk.person.id, "own_doors", "on_behalf")
    return options


def for_whom(talk: Talk) -> Arrival | None:
    """The name and door of the person for whom the speaker files; None when for themselves."""
    whom: dict[str, Any] | None = talk.args.get("for")
    if not whom:
        return None
    building = areas.get(talk.session, whom["building"])
    place = whom.get("place", "")
    return Arrival(building, whom["door"], whom["name"], whom["phone"], proven=False, place=place)


def whose(talk: Talk, arrival: Arrival | None) -> Person:
    """Whose matter is filed, at the moment of filing: the speaker, settled at their door if that
    was asked, or the person they file for."""
    if talk.args.get("for") and arrival is not None:
        home = None
        if not arrival.place:
            vault = vault_in(talk.session)
            home = areas.household(talk.session, vault, arrival.building, arrival.door)
        return elders.person_for(talk.session, home, arrival.name, arrival.phone, talk.now)
    if arrival is not None:
        settle(talk, arrival)
    talk.person.consented_at = talk.person.consented_at or talk.now
    return talk.person


def say_filed(talk: Talk, ticket: Ticket, receivers: list[str]) -> None:
    """Say to the speaker that it is filed, the same whether or not we know the person."""
    whom = talk.args["for"]
    talk.say(
        "behalf/filed", ticket=ticket.id, number=ticket.id, receivers=receivers,
        name=whom.get("called") or called(talk.session, ticket), urgent=ticket.urgent,
        they=whom.get("they") or talk.word("behalf.he"),
    )  # fmt: skip


def tell_whose_it_is(talk: Talk, ticket: Ticket) -> None:
    """Tell the person whose matter it is, if reachable, with a way to disown it."""
    talk.tell(
        ticket.filer_id,
        "behalf/told",
        ticket=ticket.id,
        options=[Do("not_mine", {"ticket": ticket.id})],
        number=ticket.id,
        reporter=talk.person.name,
        role=role_in(talk.session, ticket, talk.person.id),
        text=ticket.text,
    )


@action("not_mine")
def not_mine(talk: Talk, ticket: int) -> None:
    """这不是我要报的: it is withdrawn, and who filed it hears so."""
    found = entitled(talk, ticket, "not_mine")
    if found is None:
        return
    if found.reporter_id is None:
        talk.say("resident/over", number=ticket)
        return
    try:
        heir = joining.withdraw(talk, found)
    except TicketChanged:
        talk.say("resident/over", number=ticket)
        return
    tickets.record(talk.session, found, "disowned", talk.person.id, talk.now)
    call_off(talk, found)
    refresh_cards(talk, found)
    filer = called(talk.session, found)
    if heir is not None:
        joining.tell_of_heir(talk, found, heir)
    else:
        for party in parties_who_may_get(talk, found):
            talk.tell(
                party, "staff/disowned", staff=True, ticket=ticket, number=ticket, filer=filer
            )
    if not tickets.is_party(talk.session, ticket, found.reporter_id):
        talk.tell(found.reporter_id, "behalf/disowned", ticket=ticket, number=ticket, filer=filer)
    talk.say("behalf/not_mine", number=ticket)
