"""Danger, wherever it is told: the numbers, one question at most, and it is filed as urgent.

numbers ▶ where? ──a place, 打了, any words──▶ filed
            ├──我没事──▶ nothing is filed
            └──silence, their home is known──▶ filed at the home after `WAIT`

The consent that an arrival asks for is not asked here: the law lets data be used to protect a life.
Weariness of life and violence at home have talks of their own (`careful.py`) and never come here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from handlers import relay, routing
from handlers.matching import choose, number_in
from handlers.permits import is_staff
from handlers.questions import (
    Answered,
    Json,
    Missed,
    Option,
    Pick,
    Prompt,
    Question,
    Reading,
    Story,
    Text,
)
from handlers.registry import conversation, danger, duty
from handlers.relay import Words
from handlers.residents import blame
from handlers.residents.careful import added
from handlers.residents.danger import show_whom_to_call
from handlers.residents.services import COMPLAINT, REQUEST
from handlers.talk import Desk, Do, Said, Talk
from storage import appointments, areas, conversations, crisis, mentions, people, rules, tickets
from storage.areas import Area, Level
from storage.kin import told_for_another
from storage.meaning import classify, dangers, dangers_in
from storage.names import simplify
from storage.people import Account, Person
from storage.rules import Service
from storage.tickets import Ticket
from storage.understanding import understood
from storage.versions import Origin

DANGER = "danger"
"""The conversation, and the appointment at which it is filed though nobody answered."""
WAIT = timedelta(minutes=10)
"""How long somebody is left to call and to answer."""
LATELY = timedelta(hours=1)
"""How long after a danger was filed more words of danger belong to it."""
A_CRY = 40
"""From more characters on it is a tale, which breaks into nothing."""
OWN = frozenset(
    {"request", "meant", "arrival", "on_behalf", "directory", "guides", "places", "who"}
)
"""Talks in which a worker speaks for themselves; in their others they write about somebody's."""
SHOWS_THEM = frozenset({"request", "leave_word"})
"""Talks that show the numbers themselves when their story tells of danger."""
MORE_FITTING = frozenset({"safety", "security", "traffic"})
"""Services besides 微诉求 that a danger stays with when it was told there."""
HOME, BUILDING, COMPOUND, ELSEWHERE = "home", "building", "compound", "elsewhere"
FINE = "fine"
MOST_IN_PLACE = 100


def cries(talk: Talk, text: str) -> bool:
    """Whether `text` tells plainly of danger now, of a kind that has no careful talk. What may be
    a complaint about a worker is none: it must be asked first, or that worker would get it."""
    found = [one for one in dangers_in(text, plainly=True) if dangers()[one].life]
    if not set(found) - {crisis.SUICIDE} or crisis.signs_in(text) is not None:
        return False
    meant = understood(text)
    if COMPLAINT in (meant.acts, *meant.asks):
        return False
    return not blame.may_blame(talk, text, relay.threads(talk))


def begin(talk: Talk, told: Words, *, service: str = "", aside: bool = False) -> None:
    """Begin it with what was told. aside: something was under way and is kept."""
    talk.begin(
        DANGER, answers={"what": told}, service=service, aside=aside,
        since=talk.now.isoformat(), area=talk.place_so_far(),
    )  # fmt: skip


@danger
def break_in(talk: Talk, asked: Callable[[], Question[Any] | None]) -> bool:
    """Danger in the middle of another talk: begins this one, unless the open question takes a tale
    (then the numbers are shown and the tale is heard) or a worker is writing about somebody."""
    text = talk.said.text
    if talk.under_way == DANGER or len(text) > A_CRY or not _counts(talk, text):
        return False
    if is_staff(talk) and talk.under_way not in OWN:
        return False
    question = asked()
    if question is not None and question.tells:
        if talk.under_way not in SHOWS_THEM:
            show_whom_to_call(talk, text)
        return False
    if cries(talk, text):
        answer(talk, relay.said_as_story(talk))
    else:
        talk.lay_aside()
        talk.begin("request", answers={"what": relay.said_as_story(talk)})
    return True


def _counts(talk: Talk, text: str) -> bool:
    """Whether the numbers are to be shown whatever is under way."""
    money = any(not dangers()[one].life for one in dangers_in(text, plainly=True))
    return money or cries(talk, text)


def answer(talk: Talk, told: Words) -> None:
    """What was cried in the middle of something, or out of nowhere: to the danger that was filed a
    moment ago, else a new one."""
    filed = lately(talk)
    if filed is not None and filed.filer_id != talk.person.id and told_for_another(told["text"]):
        filed = None  # one filed for somebody is not about the next
    if filed is None:
        begin(talk, told, aside=bool(talk.so_far()))
        return
    show_whom_to_call(talk, told["text"])
    relay.to_workers(talk, filed, told)


def lately(talk: Talk) -> Ticket | None:
    """The speaker's own urgent matter that was filed a short while ago."""
    found = tickets.of_filer(talk.session, talk.person.id, open_only=True)
    fresh = [
        one
        for one in found
        if one.urgent and one.opened_at > talk.now - LATELY and one.privacy != rules.CONFIDENTIAL
    ]
    return fresh[0] if fresh else None


def has_called(talk: Talk) -> Ticket | None:
    """The matter that the words belong to, where they only tell of the call (打了, 打不通)."""
    said = talk.said.text.strip(" 。.!！~,，")
    return lately(talk) if said in talk.words("danger.called") else None


class Where(Question[dict[str, Any]]):
    """Where it is: one tap, or any words at all. {"pick": the place, or `FINE`; "story": what was
    said besides}. In danger nothing that is said is called wrong."""

    leaves = False
    takes_files = True

    def __init__(self, options: list[Option], **facts: Any) -> None:
        super().__init__("danger/where", **facts)
        self._options = options

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt("ask", self.facts, self._options, asks_location=not talk.person.home_id)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered({"pick": picked.value, "story": Story.empty()})
        if not (said.text or said.media or said.location):
            return Missed()
        index = choose(said.text, [one.label for one in self._options])
        if index is not None:
            return Answered({"pick": self._options[index].value, "story": Story.empty()})
        if number_in(said.text) is not None:
            return Missed()
        return Answered({"pick": self._meant(said, talk), "story": Story("").add(None, said)})

    def _meant(self, said: Said, talk: Talk) -> str:
        plain = simplify(said.text).strip(" 。.!！~,，")
        if plain in talk.words("danger.fine"):
            return FINE
        if any(word in plain for word in talk.words("danger.at_home")):
            return HOME
        somewhere = any(word in plain for word in talk.words("danger.places"))
        named = mentions.mentioned(talk.session, said.text) is not None
        return ELSEWHERE if somewhere or named or not talk.person.home_id else HOME

    def words(self, stored: Json, talk: Talk) -> str:
        return str(stored["story"]["text"])


@conversation(DANGER)
def in_danger(talk: Talk) -> None:
    """args: service (told there), aside (something else is kept), since, area (as far as it was
    said where they live)."""
    told = talk.ask("what", Story("request/what", opening="", service=""))
    show_whom_to_call(talk, told["text"], talk.args["area"])
    known = talk.person.home_id is not None
    waits = not is_staff(talk)  # a worker may have written of somebody's home
    if waits:
        appointments.enrol(talk.session, talk.person.id, DANGER, talk.now + WAIT)
    minutes = int(WAIT.total_seconds() // 60)
    found = talk.ask("where", Where(_options(talk), known=known, waits=waits, minutes=minutes))
    if found["pick"] == FINE:
        talk.say("danger/fine", options=_what_else(talk))
        return
    case = _Case(talk.person, talk.args, told, found["pick"], also=found["story"])
    if case.where == ELSEWHERE:
        case = _somewhere(talk, case)
    file_now(talk, case)


def _somewhere(talk: Talk, case: _Case) -> _Case:
    """With the words for the place: those that were just said, or asked for."""
    said = case.also
    if not (said["text"] or said["location"]):
        place = talk.ask("place", Text("request/place", most=MOST_IN_PLACE))
        return replace(case, place=place, place_from=talk.came_in("place"))
    if len(said["text"]) > MOST_IN_PLACE:
        return case
    only = {**said, "text": "", "from": {}}
    return replace(case, also=only, place=said["text"], place_from=said["from"])


def unclear(talk: Talk) -> bool:
    """Whether the words may mean a dying person or a gas pipe (没气了)."""
    said = talk.said.text.strip(" 。.!！~,，")
    return said in talk.words("danger.unclear")


@conversation("danger_or_not")
def which_of_the_two(talk: Talk) -> None:
    """A person, or a thing? Then the one talk or the other."""
    what = talk.ask("what", Story("request/what", opening="", service=""))
    options = [Option(one, talk.word(f"danger.unclear_{one}")) for one in ("person", "thing")]
    meant = talk.ask("which", Pick("danger/unclear", options))
    told = {**what, "text": talk.word(f"danger.meant_{meant}")}
    if meant == "person":
        begin(talk, told)
    else:
        talk.begin("request", answers={"what": told})


def _options(talk: Talk) -> list[Option]:
    """The places around the home; only 我没事 where that is not known."""
    fine = Option(FINE, talk.word("danger.button_fine"))
    if talk.person.home_id is None:
        return [fine]
    building, compound = _around(talk.session, talk.person.home_id)
    return [
        Option(HOME, talk.word("where.home")),
        Option(BUILDING, f"{areas.title(talk.session, building)}{talk.word('where.building')}"),
        Option(COMPOUND, f"{compound.name}{talk.word('where.compound')}"),
        Option(ELSEWHERE, talk.word("where.elsewhere")),
        fine,
    ]


def _around(session: Session, home_id: int) -> tuple[Area, Area]:
    """The building and the compound of a home."""
    home = areas.get(session, home_id)
    building = areas.get(session, home.lineage[-2]) if home.level == Level.HOUSEHOLD else home
    return building, areas.get(session, building.lineage[-2])


def _what_else(talk: Talk) -> list[Do]:
    """The way back to what was under way."""
    return [Do("resume")] if talk.args.get("aside") else []


@dataclass(frozen=True, slots=True)
class _Case:
    """A danger as it is to be filed. where: one of the places around the home, or elsewhere.

    also: what was said after the danger was told. place: the words for a place elsewhere, and
    place_from: the messages that they came in.
    """

    person: Person
    args: dict[str, Any]
    told: Words
    where: str
    also: Words = field(default_factory=Story.empty)
    place: str = ""
    place_from: Mapping[str, str] = field(default_factory=dict)


def with_a_person(talk: Talk) -> None:
    """转人工 in the middle of it: filed as it stands."""
    told = talk.answered("what") or Story.empty()
    where = HOME if talk.person.home_id else ELSEWHERE
    file_now(talk, _Case(talk.person, talk.args, told, where))


def file_now(talk: Talk, case: _Case) -> None:
    """File it, and say who has it."""
    ticket, reached = _file(talk, case, talk.account)
    if ticket is None:
        talk.say("desk/nobody")
        return
    _no_more_waiting(talk, talk.person.id)
    talk.say(
        "danger/filed", ticket=ticket.id, number=ticket.id, receivers=reached,
        admins=routing.admins_hear(talk, ticket), options=_what_else(talk),
    )  # fmt: skip


def _file(desk: Desk, case: _Case, account: Account) -> tuple[Ticket | None, list[str]]:
    """The urgent ticket and who has it; none while there is no county."""
    area_id = _area(desk, case)
    if area_id is None:
        return None, []
    service = _service(desk, case.args.get("service", ""))
    story = added(case.told, case.also)
    messages = story.get("from", {})
    ticket = tickets.open_ticket(
        desk.session,
        service=service,
        kind=kind_of(case.told["text"]) if service.kinds == rules.ALL_KINDS else None,
        text=story["text"] or desk.word("desk.asks_for_a_person"),
        media=story["media"],
        place=case.place,
        location=relay.point(story),
        filer_id=case.person.id,
        area_id=area_id,
        urgent=True,
        now=desk.now,
        origin=Origin(account.channel, account.chat, messages, place=case.place_from),
    )
    return ticket, routing.offer(desk, ticket)


def kind_of(text: str) -> str:
    """The kind that the words speak for, where dangers belong to it; else that of the danger: who
    asks to have a fall reported (帮我妈报) asks for no errand."""
    spoken = classify(text).category
    if spoken in {one.category for one in dangers().values()}:
        return spoken
    return next((dangers()[key].category for key in dangers_in(text)), spoken)


def _area(desk: Desk, case: _Case) -> int | None:
    """The home, what lies around it, or what was named; the county where nothing is known."""
    named = mentions.mentioned(desk.session, f"{case.told['text']} {case.place}")
    home_id = case.person.home_id
    if home_id is not None:
        building, compound = _around(desk.session, home_id)
        if case.where == ELSEWHERE:
            return named.id if named else compound.id
        return {BUILDING: building.id, COMPOUND: compound.id}.get(case.where, home_id)
    if named is not None:
        return named.id
    county = areas.county(desk.session)
    said: int | None = case.args.get("area")
    return said or (county.id if county else None)


def _service(desk: Desk, told_in: str) -> Service:
    """微诉求, unless it was told where danger belongs, or where only few may know of it."""
    known = rules.current(desk.session)
    one = known.get(told_in)
    if one is not None and (told_in in MORE_FITTING or one.privacy == rules.CONFIDENTIAL):
        return one
    return known[REQUEST]


def _due(session: Session, now: datetime) -> list[int]:
    return appointments.due(session, DANGER, now)


@duty(DANGER, _due)
def file_what_nobody_answered(desk: Desk, person_id: int) -> None:
    """They told of danger and said no more: it is filed at their home, or where that is not known
    with whoever is on duty for the county, and they are told."""
    _no_more_waiting(desk, person_id)
    person = desk.session.get(Person, person_id)
    if person is None:
        return
    where = HOME if person.home_id is not None else ELSEWHERE
    for account in people.accounts_of(desk.session, person_id):
        left = conversations.waiting_in(desk.session, account.id, DANGER, desk.now)
        if left is None:
            continue
        ends = datetime.fromisoformat(left["args"]["since"]) + WAIT
        if ends > desk.now:
            appointments.enrol(desk.session, person_id, DANGER, ends)
            continue
        conversations.end(desk.session, account.id, DANGER, desk.now)
        told = dict(left["answers"]).get("what") or Story.empty()
        ticket, reached = _file(desk, _Case(person, left["args"], told, where), account)
        if ticket is not None:
            desk.tell(
                person_id, "danger/filed_for_you", ticket=ticket.id, number=ticket.id,
                receivers=reached, admins=routing.admins_hear(desk, ticket),
                known=where == HOME,
                options=[Do("withdraw", {"ticket": ticket.id})], at_once=True,
            )  # fmt: skip


def _no_more_waiting(desk: Desk, person_id: int) -> None:
    appointment = appointments.of(desk.session, person_id, DANGER)
    if appointment is not None:
        appointments.drop(desk.session, appointment)
