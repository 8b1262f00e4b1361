"""What everybody may ask about what is kept of them: to see it, to change their number, to have no
more notices, to be erased.

Erasing is asked for, confirmed, and done `erasing.GRACE` later; until then one word takes it back.
"""

from __future__ import annotations

from handlers.permits import is_staff
from handlers.questions import Confirm, Phone
from handlers.registry import action, conversation
from handlers.residents.arrival import agrees
from handlers.residents.services import HUMAN
from handlers.residents.targets import way_to
from handlers.talk import Desk, Do, Talk
from storage import areas, audit, erasing, people, tickets
from storage.areas import Level
from storage.notices import ledger
from storage.people import Person
from storage.phones import first_number, masked

DOES = {
    "forget": "forget_me", "keep": "keep_me", "kept": "what_is_kept", "phone": "new_phone",
    "notices": "stop_notices", "resume_notices": "resume_notices", "no_notices": "no_notices",
}  # fmt: skip
"""The conversation for what is asked, by the keys of `about.toml`."""


@conversation("stop_notices")
def stop_notices(talk: Talk) -> None:
    """不要再给我发通知: at once, without anybody's leave; emergencies come all the same."""
    person = talk.person
    known = person.notices_stopped_at is not None
    stop(talk, person)
    talk.say("own/stopped", known=known, options=[Do("resume_notices")])


@action("stop_notices")
def stop_again(talk: Talk) -> None:
    """The button for it."""
    stop_notices(talk)


@conversation("resume_notices")
def resume_notices(talk: Talk) -> None:
    """又给我发通知."""
    resume(talk, talk.person)


@action("resume_notices")
def resume_again(talk: Talk) -> None:
    """The button for it."""
    resume(talk, talk.person)


@conversation("no_notices")
def no_notices(talk: Talk) -> None:
    """怎么收不到通知了: whether they said so themselves."""
    stopped = talk.person.notices_stopped_at
    known = talk.person.home_id is not None
    options = [Do("resume_notices")] if stopped else [] if known else [way_to(talk, "arrival")]
    talk.say("own/no_notices", stopped=stopped, known=known, options=options)


def resume(talk: Talk, person: Person) -> None:
    """Notices come again."""
    stopped = person.notices_stopped_at is not None
    person.notices_stopped_at = None
    talk.session.flush()
    talk.say("own/resumed", stopped=stopped)


def stop(desk: Desk, person: Person) -> None:
    """No ordinary notices for this person from now on, not even what waits to go out."""
    person.notices_stopped_at = person.notices_stopped_at or desk.now
    desk.session.flush()
    ledger.declined(desk.session, person)


@conversation("new_phone", own=True)
def new_phone(talk: Talk) -> None:
    """我换号码了: the new one takes the place of the old one."""
    if not agrees(talk):
        return
    person = talk.person
    old = masked(person.phone) if person.phone else ""
    said = first_number(talk.args.get("words", ""))
    given = {"phone": said, "proven": False} if said else None
    answer = talk.ask("phone", Phone("own/phone", old=old), assume=given)
    if not answer:
        talk.say("own/phone_kept", old=old)
        return
    people.set_phone(talk.session, person, answer["phone"], bool(answer["proven"]))
    talk.say("own/phone_changed", phone=masked(answer["phone"]), old=old)


@conversation("what_is_kept")
def what_is_kept(talk: Talk) -> None:
    """你们有我哪些信息: in words, masked where somebody may look over the shoulder."""
    person = talk.person
    home = areas.get(talk.session, person.home_id) if person.home_id is not None else None
    building = (
        areas.get(talk.session, home.lineage[-2])
        if home is not None and home.level == Level.HOUSEHOLD
        else home
    )
    found = tickets.of_filer(talk.session, person.id, open_only=False, limit=1000)
    talk.say(
        "own/kept",
        name=person.name,
        place=areas.title(talk.session, building) if building else "",
        door=bool(home is not None and areas.door_of(talk.session, home)),
        phone=masked(person.phone) if person.phone else "",
        matters=len(found),
        stopped=person.notices_stopped_at is not None,
        agreed=person.consented_at,
        erasing=erasing.asked(talk.session, person.id),
        options=[way_to(talk, name) for name in ("new_phone", "who_looked", "forget_me")],
    )


@conversation("forget_me", own=True)
def forget_me(talk: Talk) -> None:
    """删除我的信息: what goes, what stays and why; then a yes."""
    person = talk.person
    at = erasing.asked(talk.session, person.id)
    if at is not None:
        talk.say("own/forget_asked", at=at, known=True, options=[Do("keep_me")])
        return
    if is_staff(talk) or not erasing.may_be(talk.session, person, talk.now):
        talk.say("own/forget_staff", options=[way_to(talk, HUMAN)])
        return
    waiting = erasing.not_done(talk.session, person.id)
    question = Confirm("own/forget", yes="forget_me", no="forget_not", numbers=waiting)
    if not talk.ask("sure", question):
        talk.say("own/forget_not")
        return
    at = erasing.ask(talk.session, person.id, talk.now)
    audit.note(talk.session, talk.now, person.id, "erase_asked", f"person:{person.id}")
    talk.say("own/forget_asked", at=at, known=False, options=[Do("keep_me")])


@conversation("keep_me")
def keep_me(talk: Talk) -> None:
    """不删了."""
    kept(talk)


@action("keep_me")
def kept(talk: Talk) -> None:
    """不删了: nothing is erased."""
    person = talk.person
    if erasing.take_back(talk.session, person.id):
        audit.note(talk.session, talk.now, person.id, "erase_kept", f"person:{person.id}")
        talk.say("own/keep_me")
    else:
        talk.say("own/nothing_asked")
