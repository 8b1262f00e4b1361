"""代报: a 党员, a worker or a family member files for somebody, most often an elder.

who ▶ do they know? ──no──▶ (ask them first)
          └─yes─▶ where they live ▶ phone (may be skipped) ▶ what anybody is asked who files

The matter is theirs: they hear of it, may disown it, and are asked at the end. Who files it learns
nothing of them that they did not say themselves.
"""

from __future__ import annotations

from typing import Any

from handlers import joining
from handlers.mediation.outcome import call_off
from handlers.permits import entitled, parties_who_may_get
from handlers.questions import Confirm, Json, Option, Phone, Pick, Prompt
from handlers.registry import action, conversation
from handlers.relay import Words
from handlers.residents.arrival import (
    MOST_IN_DOOR,
    Arrival,
    Door,
    Name,
    ask_building,
    settle,
)
from handlers.staff.cards import refresh_cards
from handlers.talk import Do, Talk
from handlers.views import called, role_in
from storage import areas, audit, elders, posts, tickets
from storage.areas import Area, Level
from storage.base import vault_in
from storage.people import Person
from storage.tickets import Ticket, TicketChanged

SAME, ELSEWHERE = "same", "elsewhere"
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


@conversation("on_behalf")
def on_behalf(talk: Talk) -> None:
    """For whom; then the filing talk, with that person's door in place of the speaker's."""
    if areas.county(talk.session) is None:
        talk.say("arrival/no_county")
        return
    name = talk.ask("name", Name("behalf/name", most=20))
    if not talk.ask("knows", Confirm("behalf/knows", yes="knows", no="asks_first", name=name)):
        talk.say("behalf/ask_first", name=name)
        return
    home = ask_their_door(talk, name)
    if home is None:
        talk.say("arrival/no_county")
        return
    building, door = home
    phone = talk.ask("phone", TheirPhone("behalf/phone", name=name)) or {}
    whom = {
        "name": name,
        "building": building.id,
        "door": door,
        "phone": phone.get("phone", ""),
    }
    story: Words | None = talk.args.get("story")
    talk.begin("request", answers={"what": story} if story else None, **{"for": whom})


def ask_their_door(talk: Talk, name: str) -> tuple[Area, str] | None:
    """The building and the door: the speaker's own, one that they look after, or any by its name.

    None while the county has no buildings.
    """
    options, under = _near(talk)
    options.append(Option(ELSEWHERE, talk.word("behalf.elsewhere")))
    picked: str | int = ELSEWHERE
    if len(options) > 1:
        picked = talk.ask("home", Pick("behalf/where", options, name=name))
    door_of = talk.person.home_id if picked == SAME else picked
    if isinstance(door_of, int) and door_of not in under:
        household = areas.get(talk.session, door_of)
        building = areas.get(talk.session, household.lineage[-2])
        return building, areas.door_of(talk.session, household)
    start = under.get(picked) if isinstance(picked, int) else None
    found = ask_building(talk, "behalf", start, name=name)
    if found is None:
        return None
    title = areas.title(talk.session, found)
    door = talk.ask("door", Door("behalf/door", most=MOST_IN_DOOR, building=title, name=name))
    return found, door


def _near(talk: Talk) -> tuple[list[Option], dict[int, Area]]:
    """What can be picked at once: the speaker's own door, the doors and areas of their posts."""
    options: list[Option] = []
    under: dict[int, Area] = {}
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
        else:
            under[area.id] = area
        option = Option(area.id, title)
        if option not in options and len(options) < MOST_DOORS:
            options.append(option)
    if looked and talk.answered("home") is None:
        audit.note(talk.session, talk.now, talk.person.id, "own_doors", "on_behalf")
    return options, under


def for_whom(talk: Talk) -> Arrival | None:
    """The name and door of the person for whom the speaker files; None when for themselves."""
    whom: dict[str, Any] | None = talk.args.get("for")
    if not whom:
        return None
    building = areas.get(talk.session, whom["building"])
    return Arrival(building, whom["door"], whom["name"], whom["phone"], proven=False)


def whose(talk: Talk, arrival: Arrival | None) -> Person:
    """Whose matter is filed, at the moment of filing: the speaker, settled at their door if that
    was asked, or the person they file for."""
    if talk.args.get("for") and arrival is not None:
        home = areas.household(talk.session, vault_in(talk.session), arrival.building, arrival.door)
        return elders.person_for(talk.session, home, arrival.name, arrival.phone, talk.now)
    if arrival is not None:
        settle(talk, arrival)
    talk.person.consented_at = talk.person.consented_at or talk.now
    return talk.person


def say_filed(talk: Talk, ticket: Ticket, receivers: list[str]) -> None:
    """Say to the speaker that it is filed, the same whether or not we know the person."""
    talk.say(
        "behalf/filed", ticket=ticket.id, number=ticket.id,
        name=called(talk.session, ticket), receivers=receivers,
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
