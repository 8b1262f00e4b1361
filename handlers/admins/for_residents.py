"""What an admin does for a resident who asks at the counter: erase them, stop or resume notices,
write down a new number. By name and door, with a reason, in the log; who was spoken for is told.
"""

from __future__ import annotations

from typing import Any

from handlers.erasing import ask_to_agree, place_and_door, who_agrees
from handlers.permits import may_somewhere
from handlers.questions import (
    Answered,
    Confirm,
    Json,
    Missed,
    Option,
    Partly,
    Phone,
    Pick,
    Prompt,
    Question,
    Reading,
)
from handlers.registry import action, conversation
from handlers.relay import threads
from handlers.residents import own_data
from handlers.talk import Do, Said, Talk
from handlers.views import name_of
from storage import areas, audit, erasing, people, permissions
from storage.names import bare
from storage.people import Person
from storage.phones import first_number, masked

RIGHT = "for_resident"
WHAT = ("keep", "resume", "stop", "phone", "erase")
WHY = ("counter", "phone", "family", "letter")
MOST = 6
"""People of one name among whom is chosen."""
LONGEST = 24


class Resident(Question[int]):
    """Somebody of the speaker's area, by name (and door), or by number."""

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        if not draft:
            return Prompt(facts=self.facts)
        options = [Option(one, _label(talk, one)) for one in draft]
        return Prompt("which", {"n": len(options), **self.facts}, options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        found = residents(talk, said.text)
        if draft and not found:
            found = [one for one in draft if bare(said.text) in bare(_label(talk, one))]
        if len(found) == 1:
            return Answered(found[0])
        return Partly(found, self.prompt(talk, found)) if found else Missed()

    def holds(self, stored: Json, talk: Talk) -> bool:
        return _theirs(talk, talk.session.get(Person, stored))

    def words(self, stored: Json, talk: Talk) -> str:
        return name_of(talk.session, stored)


def residents(talk: Talk, text: str) -> list[int]:
    """Those of this name within the speaker's area, at the door that stands behind it if one
    does; or whose number it is."""
    name, *behind = text.split() or [""]
    number = first_number(text)
    found = people.called(talk.session, number or name)
    fitting = [one for one in found if _theirs(talk, one)]
    where = bare("".join(behind))
    if where and not number:
        fitting = [one for one in fitting if where in bare(place_and_door(talk, one))]
    return [one.id for one in fitting[:MOST]]


def _theirs(talk: Talk, person: Person | None) -> bool:
    if person is None or person.erased_at is not None or person.home_id is None:
        return False
    return permissions.allows_in(talk.session, RIGHT, talk.person.id, person.home_id, talk.now)


def _label(talk: Talk, person_id: int) -> str:
    person = talk.session.get_one(Person, person_id)
    phone = masked(person.phone) if person.phone else ""
    return " ".join(one for one in (person.name, place_and_door(talk, person), phone) if one)


def asked_for(talk: Talk, text: str) -> bool:
    """Whether an admin asks for it of somebody (王桂英换号了, 删除王桂英的信息); 我换号了 is of
    oneself."""
    said = bare(text)
    what = next((one for one in WHAT if _heard(talk, one, said)), "")
    if not what or len(said) > LONGEST or said.startswith(talk.word("people.oneself")):
        return False
    if not may_somewhere(talk, RIGHT) or threads(talk):
        return False
    found = residents(talk, _name_in(talk, what, text))
    if not found and what == "erase":
        return False  # 把这条删了 speaks of something else
    answers = {"what": what, **({"who": found[0]} if len(found) == 1 else {})}
    talk.begin(RIGHT, answers=answers, words=text)
    return True


def _heard(talk: Talk, what: str, said: str) -> bool:
    words = talk.words(f"for_resident.heard.{what}")
    return any(word in said for word in words)


def _name_in(talk: Talk, what: str, text: str) -> str:
    """What is left of the sentence: a name, and perhaps a door behind it."""
    number = first_number(text) or ""
    left = text.replace(number, " ") if number else text
    taken = f"{talk.word(f'for_resident.heard.{what}')} {talk.word('people.around')}".split()
    for word in sorted(taken, key=len, reverse=True):
        left = left.replace(word, " ")
    return " ".join(left.split())


@conversation(RIGHT, own=True)
def for_resident(talk: Talk) -> None:
    """One card: who, what, why; then it is done, written down, and told."""
    if not may_somewhere(talk, RIGHT):
        talk.refuse("desk/not_allowed")
        return
    labels = [Option(one, talk.word(f"for_resident.{one}")) for one in reversed(WHAT)]
    what = talk.ask("what", Pick("admins/resident_what", labels))
    person = talk.session.get_one(Person, talk.ask("who", Resident("admins/resident_who")))
    if what == "keep" and erasing.asked(talk.session, person.id) is None:
        talk.say("admins/erase_kept", done=False, name=person.name)
        return
    if what == "erase" and not erasing.may_be(talk.session, person, talk.now):
        talk.say("admins/resident_staff", name=person.name)
        return
    phone = _new_number(talk, person) if what == "phone" else ""
    if phone is None:
        talk.say("admins/resident_not")
        return
    reasons = [Option(one, talk.word(f"for_resident.why.{one}")) for one in WHY]
    why = talk.ask("why", Pick("admins/resident_why", reasons))
    facts = _facts(talk, person, what, phone)
    question = Confirm(
        "admins/resident_sure", yes="for_them", no="for_them_not", summary=True,
        why=talk.word(f"for_resident.why.{why}"), **facts,
    )  # fmt: skip
    if not talk.ask("sure", question):
        talk.say("admins/resident_not")
        return
    _do(talk, person, what, phone)
    audit.note(
        talk.session, talk.now, talk.person.id, f"for_resident_{what}", f"person:{person.id}",
        talk.word(f"for_resident.why.{why}"),
    )  # fmt: skip


def _new_number(talk: Talk, person: Person) -> str | None:
    """The number that is to be written down; None where it stays as it is."""
    said = first_number(talk.args.get("words", ""))
    given = {"phone": said, "proven": False} if said else None
    answer = talk.ask("phone", Phone("admins/resident_phone", name=person.name), assume=given)
    return str(answer["phone"]) if answer else None


def _facts(talk: Talk, person: Person, what: str, phone: str) -> dict[str, Any]:
    others = who_agrees(talk, person) if what == "erase" else []
    return {
        "name": person.name,
        "place": place_and_door(talk, person),
        "old": masked(person.phone) if person.phone else "",
        "what": what,
        "phone": masked(phone),
        "numbers": erasing.not_done(talk.session, person.id) if what == "erase" else [],
        "second": [name_of(talk.session, one) for one in others if one != talk.person.id],
    }


def _do(talk: Talk, person: Person, what: str, phone: str) -> None:
    """Do it, and tell who was spoken for; of a new number the one they are reached by."""
    options: list[Do] = []
    at, asked = None, []
    if what == "erase":
        at = erasing.ask(talk.session, person.id, talk.now, by=talk.person.id)
        asked = [] if erasing.is_agreed(talk.session, person.id) else ask_to_agree(talk, person)
        options = [Do("keep_me")]
    elif what == "keep":
        erasing.take_back(talk.session, person.id)
    elif what == "stop":
        own_data.stop(talk, person)
        options = [Do("resume_notices")]
    elif what == "resume":
        person.notices_stopped_at = None
        options = [Do("stop_notices")]
    else:
        people.set_phone(talk.session, person, phone, proven=False)
    talk.session.flush()
    shown: dict[str, Any] = {"what": what, "phone": masked(phone), "at": at, "by": talk.person.name}
    if what == "keep":
        told = talk.tell(person.id, "own/keep_me")
    else:
        told = talk.tell(person.id, "own/by_admin", options=options, **shown)
    talk.say("admins/resident_done", name=person.name, told=told, asked=asked, **shown)


def _named(talk: Talk, person_id: int, right: str) -> Person | None:
    """The person of a button, if the speaker may do that where they live."""
    person = talk.session.get(Person, person_id)
    if person is not None and person.erased_at is None:
        county = areas.county(talk.session)
        place = person.home_id or (county.id if county else 0)
        if permissions.allows_in(talk.session, right, talk.person.id, place, talk.now):
            return person
    talk.refuse("desk/not_allowed")
    return None


@action("agree_erasing")
def agree(talk: Talk, person: int) -> None:
    """A second admin looked at it and agrees."""
    found = _named(talk, person, "agree_erasing")
    if found is None:
        return
    own = erasing.asked_by(talk.session, person) == talk.person.id
    done = erasing.agree(talk.session, person, talk.person.id, talk.now)
    if done:
        audit.note(talk.session, talk.now, talk.person.id, "agree_erasing", f"person:{person}")
    at = erasing.asked(talk.session, person)
    talk.say("admins/erase_agreed", done=done, own=own, at=at)


@action("keep_resident")
def keep(talk: Talk, person: int) -> None:
    """A second admin does not agree, or the first thought better of it: nothing is erased."""
    found = _named(talk, person, "keep_resident")
    if found is None:
        return
    by = erasing.asked_by(talk.session, person)
    done = by is not None and erasing.take_back(talk.session, person)
    if done:
        audit.note(talk.session, talk.now, talk.person.id, "erase_kept", f"person:{person}")
        if by is not None and by != talk.person.id:
            talk.tell(by, "admins/erase_kept", staff=True, done=True, name=found.name)
        talk.tell(person, "own/keep_me")
    talk.say("admins/erase_kept", done=done, name=found.name)
