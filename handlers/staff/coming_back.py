"""销假: a leave that runs ends now; one that has not begun is asked about; the deputy hears it."""

from __future__ import annotations

from typing import Any

from handlers.permits import may_somewhere
from handlers.questions import Confirm
from handlers.registry import command, conversation
from handlers.staff.leave import whose
from handlers.staff.leave_days import told_of
from handlers.staff.meanwhile import say_meanwhile
from handlers.talk import Do, Talk
from handlers.views import name_of
from storage import absences, deputies, limbo


@command("back_to_work")
def back_to_work(talk: Talk) -> None:
    """销假: an admin without a leave of their own is asked whose."""
    if may_somewhere(talk, "leave_for") and not absences.coming(
        talk.session, talk.person.id, talk.now
    ):
        talk.begin("whose_leave_ends")
    else:
        _come_back(talk, talk.person.id)


@conversation("whose_leave_ends")
def whose_leave_ends(talk: Talk) -> None:
    """An admin says who is back."""
    _come_back(talk, whose(talk, "leave/whose_back"))


def back_of(talk: Talk, person_id: int) -> None:
    """Somebody is back, says who may write it down."""
    _come_back(talk, person_id)


def _come_back(talk: Talk, person_id: int) -> None:
    held = absences.coming(talk.session, person_id, talk.now)
    running = [one for one in held if one.since <= talk.now]
    if held and not running:
        talk.begin("call_off_leave", whose=person_id, leave=held[0].id)
        return
    began = [one.since for one in running]
    standing = {who for one in running for who in deputies.of_absence(talk.session, one)}
    for one in running:
        absences.end_one(talk.session, one, talk.now)
    name = _name(talk, person_id)
    limbo.knock(talk.session, talk.now)
    ahead = [one for one in held if one not in running]
    later = [told_of(talk, one) for one in ahead]
    talk.say(
        "leave/back", name=name, ended=bool(running), later=later,
        options=[Do("tasks")] if not name else [],
    )  # fmt: skip
    _tell_deputies(talk, person_id, standing, "leave/deputy_free")
    if not name and began:
        say_meanwhile(talk, min(began))
    if name and running:
        talk.tell(person_id, "leave/back", staff=True, name="", ended=True, later=[])


@conversation("call_off_leave")
def call_off_leave(talk: Talk) -> None:
    """A leave that has not begun: whether it is to be called off."""
    person_id, known = talk.args["whose"], talk.args["leave"]
    held = absences.coming(talk.session, person_id, talk.now)
    leave = next((one for one in held if one.id == known), None)
    if leave is None or leave.since <= talk.now:  # it began, or was called off, meanwhile
        _come_back(talk, person_id)
        return
    name = _name(talk, person_id)
    facts: dict[str, Any] = {"name": name, **told_of(talk, leave)}
    if not talk.ask("sure", Confirm("leave/call_off", yes="call_off", no="keep_leave", **facts)):
        talk.say("leave/kept", **facts)
        return
    standing = deputies.of_absence(talk.session, leave)
    absences.end_one(talk.session, leave, talk.now)
    limbo.knock(talk.session, talk.now)
    later = [told_of(talk, one) for one in held if one.id != known]
    talk.say("leave/called_off", later=later, **facts)
    _tell_deputies(talk, person_id, standing, "leave/deputy_not_needed", **facts)
    if name:
        spoken = {**facts, "name": "", "later": later}
        talk.tell(person_id, "leave/called_off", staff=True, **spoken)


def _name(talk: Talk, person_id: int) -> str:
    """Whose leave it is, as the speaker reads it: empty for their own."""
    return "" if person_id == talk.person.id else name_of(talk.session, person_id)


def _tell_deputies(
    talk: Talk, person_id: int, standing: set[int], template: str, /, **facts: Any
) -> None:
    """Tell whoever was to stand in for a person."""
    for deputy in standing - {talk.person.id}:
        who = name_of(talk.session, person_id)
        talk.tell(deputy, template, staff=True, **{**facts, "name": who})
