"""便民信息管理: who looks after the entries of a place sees which are wrong or old, and says so.

reported by three, or taken down ──▶ message with 核对无误 │ 改电话 │ 下架 ──▶ shown again, or not
"""

from __future__ import annotations

from handlers.permits import may_somewhere
from handlers.questions import Answered, Missed, Option, Prompt, Question, Reading
from handlers.registry import action, command, conversation
from handlers.talk import Desk, Do, Said, Talk
from storage import areas, audit, permissions, posts
from storage.areas import Area
from storage.directory import care
from storage.directory.care import Wanting
from storage.entries import Entry
from storage.phones import normal_phone
from storage.posts import Role

RIGHT = "entries"
"""The row of permissions.toml that says who looks after the entries of a place."""
PAGE = 8
"""Entries in one list; more do not fit on a phone's screen."""


def place_of(desk: Desk, entry: Entry) -> Area | None:
    """Where an entry is looked after: its area, or the county."""
    if entry.area_id is not None:
        return areas.get(desk.session, entry.area_id)
    return areas.county(desk.session)


def carers(desk: Desk, entry: Entry) -> list[int]:
    """Who is to look at an entry: the grid worker of its place, and the admins over it."""
    place = place_of(desk, entry)
    if place is None:
        return []
    worker = posts.serving(desk.session, Role.GRID_WORKER, place.id, desk.now)
    admins = posts.all_serving(desk.session, Role.ADMIN, place.id, desk.now)
    found = [*([worker] if worker else []), *admins]
    return list(dict.fromkeys(one.person_id for one in found))


def ask_to_look(desk: Desk, entry: Entry, people: int) -> None:
    """Tell whoever looks after it that so many people reported it and nobody is shown it now."""
    said = care.open_reports(desk.session, entry.id)
    for person_id in carers(desk, entry):
        desk.tell(
            person_id, "directory/look_at_it", staff=True, entry=entry, people=people,
            reasons=_reasons(desk, said), options=ways(entry),
        )  # fmt: skip


def _reasons(desk: Desk, said: list[care.EntryReport]) -> list[str]:
    return [one.words or desk.word(f"report_reason.{one.reason}") for one in said]


def ways(entry: Entry) -> list[Do]:
    """What may be done to an entry."""
    at = {"entry": entry.id, "stamp": care.stamp(entry)}
    return [Do("entry_right", at), Do("entry_phone", at), Do("entry_down", at)]


@command("entries")
def entries(talk: Talk) -> None:
    """便民信息管理: what wants looking at, of the speaker's own places."""
    _list(talk, 0)


@action("entries_page")
def entries_page(talk: Talk, page: int) -> None:
    """更多: the next ones."""
    _list(talk, page)


def _list(talk: Talk, page: int) -> None:
    found = _wanting(talk)
    shown = found[page * PAGE : (page + 1) * PAGE]
    options = [Do("entry", {"entry": one.entry.id}, one.entry.name) for one in shown]
    if len(found) > (page + 1) * PAGE:
        options.append(Do("entries_page", {"page": page + 1}, talk.word("do.more")))
    talk.say("directory/wanting", found=shown, total=len(found), first=page * PAGE, options=options)


def _wanting(talk: Talk) -> list[Wanting]:
    ids = permissions.areas_for(talk.session, RIGHT, talk.person.id, talk.now)
    own = [areas.get(talk.session, one) for one in ids]
    county = areas.county(talk.session)
    whole = county is not None and county.id in ids
    today = talk.now.astimezone(talk.zone).date()
    return care.wanting(talk.session, [one.path for one in own], whole, today)


def _mine(talk: Talk, entry: int) -> Entry | None:
    """The entry, if the speaker looks after its place; otherwise says that they may not."""
    found = care.held(talk.session, entry)
    place = place_of(talk, found) if found is not None else None
    if place is not None and may_somewhere(talk, RIGHT, place.id):
        return found
    talk.refuse("desk/not_allowed")
    return None


def _as_shown(talk: Talk, entry: int, stamp: str) -> Entry | None:
    """The same, if it stands as the button showed it; otherwise shows how it stands by now."""
    found = _mine(talk, entry)
    if found is not None and care.stamp(found) != stamp:
        _show(talk, found, changed=True)
        return None
    return found


@action("entry")
def show_entry(talk: Talk, entry: int) -> None:
    """One entry as it stands, what was said about it, and what may be done."""
    found = _mine(talk, entry)
    if found is not None:
        _show(talk, found)


def _show(talk: Talk, entry: Entry, *, changed: bool = False) -> None:
    today = talk.now.astimezone(talk.zone).date()
    said = care.open_reports(talk.session, entry.id)
    talk.say(
        "directory/entry", entry=entry, changed=changed, reasons=_reasons(talk, said),
        freshness=care.freshness(entry.verified_on, today), options=ways(entry),
    )  # fmt: skip


@action("entry_right")
def entry_right(talk: Talk, entry: int, stamp: str) -> None:
    """核对无误: it is right as it stands, and shown again."""
    found = _as_shown(talk, entry, stamp)
    if found is None:
        return
    told = _reporters(talk, found)
    care.verify(talk.session, found, talk.now.astimezone(talk.zone).date(), talk.now)
    _seen_to(talk, found, "entry_verified", told)
    talk.say("directory/verified", entry=found)


@action("entry_down")
def entry_down(talk: Talk, entry: int, stamp: str) -> None:
    """下架: it is shown to nobody; 核对无误 brings it back."""
    found = _as_shown(talk, entry, stamp)
    if found is None:
        return
    told = _reporters(talk, found)
    care.take_down(talk.session, found, talk.now)
    _seen_to(talk, found, "entry_down", told)
    at = {"entry": entry, "stamp": care.stamp(found)}
    again = Do("entry_right", at, talk.word("do.entry_back"))
    talk.say("directory/down", entry=found, options=[again])


@action("entry_phone")
def entry_phone(talk: Talk, entry: int, stamp: str) -> None:
    """改电话: asks for the right number."""
    if _as_shown(talk, entry, stamp) is not None:
        talk.begin("entry_phone", entry=entry)


class ServicePhone(Question[str]):
    """A number that a shop or an office may have."""

    def prompt(self, talk: Talk, draft: object) -> Prompt:
        return Prompt(facts=self.facts)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: object) -> Reading:
        number = normal_phone(said.text, services=True)
        return Answered(number) if number else Missed()


@conversation("entry_phone")
def change_the_phone(talk: Talk) -> None:
    """The new number; with it the entry is right, and shown again."""
    shown = care.find(talk.session, talk.args["entry"])
    name = shown.name if shown is not None else ""
    phone = talk.ask("phone", ServicePhone("directory/phone", name=name))
    found = _mine(talk, talk.args["entry"])
    if found is None:
        return
    told = _reporters(talk, found)
    today = talk.now.astimezone(talk.zone).date()
    if not care.change_phone(talk.session, found, phone, today, talk.now):
        talk.say("directory/phone_taken", entry=found, phone=phone)
        return
    _seen_to(talk, found, "entry_phone", told)
    talk.say("directory/verified", entry=found)


def _reporters(talk: Talk, entry: Entry) -> list[int]:
    """Who reported it since somebody last looked."""
    found = [one.person_id for one in care.open_reports(talk.session, entry.id)]
    return [one for one in dict.fromkeys(found) if one != talk.person.id]


def _seen_to(talk: Talk, entry: Entry, how: str, reporters: list[int]) -> None:
    """Write down what was done, and tell whoever had reported it what came of that."""
    audit.note(talk.session, talk.now, talk.person.id, how, f"entry:{entry.id}")
    for person_id in reporters:
        talk.tell(person_id, "directory/seen_to", entry=entry, how=how)
