"""Filing a matter, whatever its service: what, which kind, where, confirm; then a number, and the
worker has the card. The service's rule says which of the questions there are.

what ──danger──▶ emergency.py
what ▶ (service, if unclear) ▶ (where they live, once) ▶ kind ──none of these──▶ kind from all
            ┌───────────────────────────────────────────────┘
            └▶ where ──elsewhere──▶ place ▶ the service's own questions ▶ confirm ▶ ticket
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.matching import number_in
from handlers.questions import (
    Confirm,
    Json,
    Missed,
    Option,
    Pick,
    Prompt,
    Reading,
    Story,
    agreement,
    says_nothing,
)
from handlers.registry import conversation
from handlers.relay import origin, point
from handlers.residents import emergency
from handlers.residents.arrival import Arrival, agrees, ask_home_first
from handlers.residents.behalf import for_whom, say_filed, tell_whose_it_is, whose
from handlers.residents.blame import may_blame
from handlers.residents.danger import show_whom_to_call
from handlers.residents.kinds import WhichKind
from handlers.residents.me_too import ask_same, join_or_not
from handlers.residents.more_matters import offer_apart
from handlers.residents.own_questions import Asked, ask_own
from handlers.residents.services import COMPLAINT, REQUEST, on_offer, suggest_services
from handlers.residents.where import (
    BUILDING,
    ELSEWHERE,
    HOME,
    NAMED,
    area_of,
    ask_where,
    home_building,
    other_place,
    where_in_words,
)
from handlers.routing import offer, would_get
from handlers.talk import Said, Talk
from storage import areas, kin, tickets
from storage.areas import Area
from storage.base import vault_in
from storage.meaning import classify
from storage.meaning.leaving import leaves
from storage.names import bare
from storage.posts import Role
from storage.rules import ALL_KINDS, Service
from storage.services import OTHER, Kind, kinds, likely
from storage.tickets import Ticket

ALL = "all"
THEIRS, OWN = "theirs", "own"


class Matter(Story):
    """What it is about; a bare number, or 提交, was meant for a button that is gone, and tells
    nothing. Nor do marks, thanks and a hum, and 没有 and 不说了 are no matter. thing: the one word
    that it began with, in front of what is said of it (灯, and then 坏)."""

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        if self.facts.get("thing") and not draft:
            return Prompt("thing", self.facts)
        if self.facts.get("writes_for") and not draft:
            return Prompt("writes", self.facts)
        return super().prompt(talk, draft)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        thing = self.facts.get("thing", "")
        whole = said
        if thing and not draft and thing not in said.text:
            whole = replace(said, text=f"{thing}{said.text}")
        if said.media or said.location:
            return super().read(whole, picked, talk, draft)
        empty = says_nothing(said.text, talk) or agreement(said.text, talk) is not None
        button = bare(said.text) in talk.words("heard.buttons")
        gone = empty or button or leaves(said.text, nothing_else=True)
        if gone or number_in(said.text) is not None:
            return Missed()
        return super().read(whole, picked, talk, draft)


@conversation("request", own=True)
def raise_request(talk: Talk) -> None:
    """From the first word to the ticket number. `talk.args` may name the service (its key), what
    was asked before (as `Asked`), and the roles that are to get it first."""
    offered = on_offer(talk)
    named = offered.get(talk.answered("service") or talk.args.get("service", REQUEST))
    begun = named or offered[REQUEST]
    label = "" if begun.key == REQUEST else begun.label
    thing = talk.args.get("thing", "")
    question = Matter(
        "request/what", opening=begun.opening, service=label, thing=thing,
        writes_for=_called(talk, *written) if (written := _written_for(talk, "")) else "",
    )  # fmt: skip
    what = talk.ask("what", question)
    cries = emergency.cries(talk, what["text"])
    if cries and not talk.args.get("for"):
        emergency.begin(talk, what, service=named.key if named else "")
        return
    show_whom_to_call(talk, what["text"])
    service = ask_service(talk, offered, what)
    if service.about_worker:
        talk.begin(COMPLAINT, answers={"what": what})
        return
    arrival = for_whom(talk)
    if arrival is None and at_whose_home(talk, what):
        talk.begin("on_behalf", answers={"what": what, **_known(talk, what)}, told=True)
        return
    if arrival is not None:
        pass  # somebody else's door
    elif talk.person.home_id is None:
        arrival = ask_home_first(talk)
        if arrival is None:
            return
    elif talk.person.consented_at is None and not agrees(talk):
        return
    if cries and arrival is not None:
        file_at_their_door(talk, offered[REQUEST], what, arrival)
        return
    kind = ask_kind(talk, service, what)
    named_place = None if arrival else other_place(talk, what["text"])
    where, place = HOME, ""
    if arrival and arrival.place:
        where, place = ELSEWHERE, arrival.place
    elif service.asks_where:
        where, place = ask_where(talk, arrival, named_place)
    meaning = classify(what["text"])
    area = area_of(talk, arrival, where, named_place)
    same = ask_same(talk, service, kind.key if kind else None, area, place, what["text"])
    asked = [] if meaning.dangers or same else ask_own(talk, service, what)
    asked = [*talk.args.get("asked", []), *asked]
    summary = {
        "service": "" if service.key == REQUEST else service.label,
        "privacy": service.privacy,
        "what": what,
        "kind": kind.label if kind else "",
        "where": where_in_words(talk, arrival, where, place, named_place)
        if service.asks_where
        else "",
        "asked": asked,
        "urgent": meaning.urgent,
        "seen_by": _seen_by(talk, service, kind, area, what["text"]),
    }
    if same is None and not talk.ask(
        "confirm", Confirm("request/confirm", yes="file", no="drop", summary=True, **summary)
    ):
        talk.say("request/dropped")
        return
    ticket = file_request(talk, service, what, kind, where, place, asked, arrival, same, at=area)
    if same is None and not talk.args.get("for"):
        offer_apart(talk, ticket, what["text"])


def file_at_their_door(
    talk: Talk, service: Service, what: dict[str, Any], arrival: Arrival
) -> None:
    """Danger at somebody else's door, which is known by now: filed as it is, nothing more asked."""
    kind = kinds().get(emergency.kind_of(what["text"]))
    where = ELSEWHERE if arrival.place else HOME
    file_request(talk, service, what, kind, where, arrival.place, [], arrival)


def _seen_by(talk: Talk, service: Service, kind: Kind | None, area: Area, text: str) -> str:
    """Who will read words that may complain of one of those who serve here: it is said to whom
    they go. Empty for other words."""
    if not may_blame(talk, text, []):
        return ""
    key = kind.key if kind else None
    return would_get(talk, service, talk.person.id, area.id, kind=key)


def at_whose_home(talk: Talk, what: dict[str, Any]) -> bool:
    """Whether it is at the home of one of the family (我妈家灯坏了) or of a neighbour
    (隔壁王婆婆家水管爆了), as they say when asked."""
    theirs, near = kin.whose_home(what["text"]), kin.next_door(what["text"])
    written = _written_for(talk, what["text"])
    if theirs is None and not written and (not near or near == talk.person.name):
        return False
    name = _called(talk, theirs.called, True) if theirs else near
    name = _called(talk, *written) if written else name
    options = [
        Option(THEIRS, talk.word("behalf.their_home").format(kin=name)),
        Option(OWN, talk.word("behalf.own_home")),
    ]
    return bool(talk.ask("whose", Pick("request/whose", options, name=name)) == THEIRS)


def _written_for(talk: Talk, text: str) -> tuple[str, bool] | None:
    """For whom the speaker only holds the phone, and whether that is one of the family."""
    said: dict[str, Any] | None = talk.args.get("writes_for")
    if said is not None:
        return said["who"], said["of_family"]
    found = kin.written_for(text)
    return (found.who, found.of_family) if found else None


def _called(talk: Talk, who: str, of_family: bool) -> str:
    return talk.word("behalf.yours").format(kin=who) if of_family else who


def _known(talk: Talk, what: dict[str, Any]) -> dict[str, str]:
    """What whose matter it is is called, as far as it was said: 王婆婆 of 隔壁王婆婆."""
    written = _written_for(talk, what["text"])
    if written and written[1]:
        return {"name": written[0]}
    name = kin.name_in(written[0] if written else kin.next_door(what["text"]))
    return {"name": name} if name and kin.named(name) is None else {}


def ask_service(talk: Talk, offered: dict[str, Service], what: dict[str, Any]) -> Service:
    """Which service it is: the one it was begun as; asked where the words speak for another than
    微诉求, and when 修改 says so."""
    named = talk.args.get("service")
    written = kin.written_for(what["text"])
    told = written.rest if written else what["text"]  # 帮我妈写 is no 代办
    meant = [] if named else [key for key in suggest_services(told) if key in offered]
    unclear = bool(meant) and meant[0] != REQUEST
    everything = [Option(one.key, one.label) for one in offered.values()]
    choices = everything
    if unclear:
        few = [offered[key] for key in dict.fromkeys([*meant[:3], REQUEST])]
        choices = [Option(one.key, one.label) for one in few]
        choices.append(Option(ALL, talk.word("choice.none_of_these")))
    question = Pick(
        "request/service",
        choices,
        [*everything, Option(ALL, talk.word("choice.none_of_these"))],
        guess=unclear and len(meant) == 1,
        only=choices[0].label if unclear and len(meant) == 1 else "",
    )
    picked = talk.ask("service", question, assume=None if unclear else named or REQUEST)
    if picked == ALL:
        picked = talk.ask("any-service", Pick("request/service", everything, only=""))
    return offered[picked]


def ask_kind(talk: Talk, service: Service, what: dict[str, Any]) -> Kind | None:
    """The kind, suggested from the words, always said by the person; None where the service asks
    for none. The list without suggestions is short; the other kinds are understood when typed."""
    known = kinds()
    usable = known if service.kinds == ALL_KINDS else {key: known[key] for key in service.kinds}
    if not usable:
        return None
    meaning = classify(what["text"])
    if meaning.dangers and meaning.category in usable:
        return usable[meaning.category]  # every question less counts; the summary shows the kind
    everything = [Option(kind.key, kind.label) for kind in usable.values()]
    offered = [Option(kind.key, kind.label) for kind in usable.values() if kind.offered]
    guesses = [Option(k.key, k.label) for k in likely(what["text"]) if k.key in usable]
    picked = ALL
    named = talk.answered("any-kind") is not None and talk.answered("kind") is None
    if guesses and not named:
        only = guesses[0].label if len(guesses) == 1 else ""
        rest = Option(ALL, talk.word("choice.none_of_these"))
        question = WhichKind(
            "request/kind", [*guesses, rest], everything, guess=bool(only), only=only
        )
        picked = talk.ask("kind", question)
    if picked == ALL:
        unsure = usable[OTHER].label if OTHER in usable else ""
        every = WhichKind("request/any_kind", offered or everything, everything, unsure=unsure)
        picked = talk.ask("any-kind", every)
    return usable.get(picked)


def file_request(
    talk: Talk,
    service: Service,
    what: dict[str, Any],
    kind: Kind | None,
    where: str,
    place: str,
    asked: Asked,
    arrival: Arrival | None,
    same: Ticket | None = None,
    detail: dict[str, Any] | None = None,
    at: Area | None = None,
) -> Ticket:
    """Everything that filing does, in the transaction of the message that confirmed it.

    same: the ticket that it is to be joined to. detail: what else is kept with the first event.
    at: the place, where it is neither the home nor around it.
    """
    filer = whose(talk, arrival)
    unlisted = bool(arrival and arrival.place)
    building = arrival.building if arrival else home_building(talk)
    home_id = filer.home_id
    if arrival and unlisted:
        home_id = building.id
    elif arrival:
        home_id = areas.household(
            talk.session, vault_in(talk.session), building, arrival.door
        ).id  # as it was said: what we know of another is not given away
    assert home_id is not None  # settled above
    behalf = filer.id != talk.person.id
    area_id = home_id if where == HOME else building.id
    if where == NAMED and at is not None:
        area_id = at.id
    elif where not in (HOME, BUILDING) and not unlisted:
        area_id = building.lineage[-2]
    ticket = tickets.open_ticket(
        talk.session,
        service=service,
        kind=kind.key if kind else None,
        text=what["text"],
        media=what["media"],
        place=place,
        location=point(what),
        filer_id=filer.id,
        reporter_id=talk.person.id if behalf else None,
        area_id=area_id,
        urgent=classify(what["text"]).urgent,
        now=talk.now,
        detail={
            **(detail or {}),
            **({"asked": asked} if asked else {}),
            **({"for": arrival.name} if behalf and arrival else {}),
        },
        origin=origin(talk, talk.came_in("what"), place=_place_came_in(talk) if place else {}),
    )
    joined = same is not None and join_or_not(talk, ticket, same)
    first = [Role(role) for role in talk.args.get("first", ())]
    reached = [] if joined else offer(talk, ticket, first)
    if behalf:
        tell_whose_it_is(talk, ticket)
    if behalf and not joined:
        say_filed(talk, ticket, reached)
    elif not joined:
        talk.say("request/opened", ticket=ticket.id, number=ticket.id, receivers=reached)
    return ticket


def _place_came_in(talk: Talk) -> dict[str, str]:
    """The message that named a place elsewhere: asked for, or said at once."""
    return talk.came_in("place") or talk.came_in("where")
